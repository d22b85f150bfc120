//! Mail: letters worded by templates, sent by SMTP or written into a folder. Trying again is the outbox's.
//!
//! A letter is plain text and HTML with what is attached. Its `Message-ID` is the same at every try, so that mail
//! programs show one. Addresses, passwords and what was written appear in no reason and no log.

mod templates;
mod transport;

pub use templates::{TemplateError, Templates, Worded};
pub use transport::{MailTo, NoPost, Post};
