//! Mails as such: what each is about, the letter it becomes, and the port to whoever words and sends it.
//!
//! Wording and sending are two steps, and what is sent is what was worded: a letter that somebody only wants to look at
//! is made by the same call, so it cannot differ from the one that leaves. Wording sends nothing and writes nothing.

use async_trait::async_trait;
use domain::TicketId;
use domain::catalog::{Catalog, same_email};
use domain::order::{Order, Ticket};
use std::sync::Arc;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// The order is placed.
    Confirmation,
    /// A ticket for whoever it is for.
    Ticket,
    Requested,
    Reserved,
    /// It may be checked out now, for some time.
    Offer,
    PaymentFailed,
    /// What is held will soon be there for others.
    Expiring,
    /// Six digits that prove an address.
    Code,
    /// The way back to an order, for who has lost it.
    Link,
}

impl MailKind {
    pub const ALL: [MailKind; 9] = [
        MailKind::Confirmation,
        MailKind::Ticket,
        MailKind::Requested,
        MailKind::Reserved,
        MailKind::Offer,
        MailKind::PaymentFailed,
        MailKind::Expiring,
        MailKind::Code,
        MailKind::Link,
    ];

    /// Its name in addresses, and of its templates.
    pub fn name(self) -> &'static str {
        match self {
            MailKind::Confirmation => "confirmation",
            MailKind::Ticket => "ticket",
            MailKind::Requested => "requested",
            MailKind::Reserved => "reserved",
            MailKind::Offer => "offer",
            MailKind::PaymentFailed => "payment_failed",
            MailKind::Expiring => "expiring",
            MailKind::Code => "code",
            MailKind::Link => "link",
        }
    }

    pub fn named(name: &str) -> Option<MailKind> {
        MailKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One mail, not worded yet.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds an address, and a code that opens an order
pub struct Mail {
    /// The same at every try.
    pub id: String,
    pub kind: MailKind,
    /// Empty where nobody has said an address yet.
    pub to: String,
    pub order: Arc<Order>,
    pub catalog: Arc<Catalog>,
    /// The tickets that go with it, by id.
    pub tickets: Vec<TicketId>,
    /// BCP 47; `None` is what the order says of its buyer.
    pub language: Option<String>,
    /// The six digits of a [`MailKind::Code`]; empty in every other mail.
    pub code: String,
}

/// The digits in a mail that nobody is sent.
const SAMPLE_CODE: &str = "123456";

impl Mail {
    /// A mail to the buyer.
    pub fn to_buyer(kind: MailKind, id: String, order: &Arc<Order>, catalog: &Arc<Catalog>) -> Mail {
        let tickets = if kind == MailKind::Confirmation { issued(order).collect() } else { Vec::new() };
        Mail {
            id,
            kind,
            to: order.email.clone().unwrap_or_default(),
            order: Arc::clone(order),
            catalog: Arc::clone(catalog),
            tickets,
            language: None,
            code: String::new(),
        }
    }

    /// The mail of a kind that an order would get as it is now, whether it is due or not. Its code is made up.
    pub fn sample(kind: MailKind, order: &Arc<Order>, catalog: &Arc<Catalog>) -> Mail {
        let mut mail = Mail::to_buyer(kind, "preview".to_owned(), order, catalog);
        match kind {
            MailKind::Ticket => {
                let another = order.ticketing.tickets.iter().find(|ticket| is_for_another(ticket, order));
                let id = another.map(|ticket| ticket.id).or_else(|| issued(order).next());
                mail.to = another.and_then(|ticket| ticket.email.clone()).unwrap_or(mail.to);
                mail.tickets = id.into_iter().collect();
            }
            MailKind::Code => SAMPLE_CODE.clone_into(&mut mail.code),
            _ => {}
        }
        mail
    }
}

fn issued(order: &Order) -> impl Iterator<Item = TicketId> {
    order.ticketing.tickets.iter().filter(|ticket| ticket.status.is_issued()).map(|ticket| ticket.id)
}

/// A ticket with an address that is not the buyer's.
pub(super) fn is_for_another(ticket: &Ticket, order: &Order) -> bool {
    ticket.email.is_some() && !same_email(ticket.email.as_deref(), order.email.as_deref())
}

/// A mail in words, as it leaves.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds an address and what is written to it
pub struct Letter {
    /// The same at every try; letters, digits, dots.
    pub id: String,
    /// `shop@example.com` or `Shop <shop@example.com>`; empty where the shop has none.
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
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

/// Why a mail could not be worded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// Its files could not be made at the moment.
    #[error("{0}")]
    Later(String),
    #[error("{0}")]
    Template(TemplateFault),
}

/// What is wrong with a template, for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {problem}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct TemplateFault {
    /// Name of the file: `offer.de.html`.
    pub file: String,
    /// From 1.
    pub line: Option<usize>,
    pub problem: String,
}

/// Why a letter did not leave. Reasons hold no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMailed {
    /// Perhaps later: nobody answered, or not well.
    #[error("{0}")]
    Later(String),
    /// This letter never: an address is none, or is refused.
    #[error("{0}")]
    Never(String),
}

/// Words and sends.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// The mail in words. Sends nothing.
    async fn write(&self, mail: &Mail) -> Result<Letter, NotWritten>;
    /// Sends what was worded. It may have arrived all the same if the answer is `Later`.
    async fn send(&self, letter: Letter) -> Result<(), NotMailed>;
}

/// Words a mail and sends it. A template that is wrong may be mended, so that is no end.
///
/// # Errors
/// [`NotMailed`].
pub async fn post(mailer: &dyn Mailer, mail: &Mail) -> Result<(), NotMailed> {
    let letter = mailer.write(mail).await.map_err(|error| NotMailed::Later(error.to_string()))?;
    mailer.send(letter).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_names() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::named(kind.name()), Some(kind));
        }
        assert_eq!(MailKind::named("order"), None, "a part of letters is no letter");
    }

    #[test]
    fn a_fault_says_where_it_is() {
        let fault = |line| TemplateFault { file: "offer.txt".into(), line, problem: "no such filter".into() };
        assert_eq!(fault(Some(3)).to_string(), "offer.txt, line 3: no such filter");
        assert_eq!(fault(None).to_string(), "offer.txt: no such filter");
    }
}
