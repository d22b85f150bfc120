//! Mail: letters worded by templates, sent by SMTP or written into a folder. Trying again is the outbox's.
//!
//! A letter is plain text and HTML with what is attached. Its `Message-ID` is the same at every try, so that mail
//! programs show one. Addresses, passwords and what was written appear in no reason and no log.

mod templates;
mod transport;

pub use templates::{TemplateError, Templates};
pub use transport::{MailTo, NoPost, Post};

use serde_json::Value;

/// One letter to be worded and sent.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds an address and what is written to it
pub struct Letter {
    /// The same at every try; letters, digits, dots.
    pub id: String,
    /// Name of its templates: `confirmation` is `confirmation.txt` and `confirmation.html`.
    pub template: &'static str,
    /// `shop@example.com` or `Shop <shop@example.com>`.
    pub from: String,
    pub to: String,
    /// What the templates know.
    pub facts: Value,
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a letter.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // bytes
pub struct Attachment {
    pub name: String,
    /// `application/pdf`
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Why a letter did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Perhaps later: nobody answered, or not well.
    #[error("{0}")]
    Later(String),
    /// This letter never: an address is none, or is refused.
    #[error("{0}")]
    Never(String),
}
