//! Mails: who is written to because of an event, and about what.
//!
//! | event | mail |
//! | --- | --- |
//! | the order is placed | to the buyer with all tickets; to each holder with an address of their own, that ticket |
//! | it went on the wait list, or is reserved | to the buyer |
//! | it was offered its goods, or its sale began | to the buyer, with the way back to the checkout |
//! | a hold began | to the buyer, shortly before it ends, with the way back to the checkout |
//! | a payment failed | to the buyer, unless it was made after all within ten minutes |
//!
//! Never words a mail: that is the mailer's.

use super::courier::{Addressee, Courier, Delivered, Happening, Parcel};
use crate::limits::{HOLD_WARNING_SECONDS, PAYMENT_FAILED_AFTER_SECONDS};
use async_trait::async_trait;
use domain::TicketId;
use domain::catalog::{Catalog, same_email};
use domain::command::{Command, TicketChange};
use domain::event::EventKind;
use domain::order::{Order, Phase, Ticket};
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
}

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The same at every try.
    pub id: String,
    pub kind: MailKind,
    pub to: String,
    pub order: Arc<Order>,
    pub catalog: Arc<Catalog>,
    /// The tickets that go with it, by id.
    pub tickets: Vec<TicketId>,
}

/// Why a mail did not leave. Reasons hold no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMailed {
    Later(String),
    /// The address or the mail itself is refused.
    Never(String),
}

/// Words and sends.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), NotMailed>;
}

/// The courier of mails.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds a trait object
pub struct Mails {
    mailer: Arc<dyn Mailer>,
}

const TARGET: &str = "mail";
/// Of its own, so that a mail that waits for ten minutes keeps no other waiting.
const LATER: &str = "mail/payment";
/// For the same reason.
const WARNING: &str = "mail/expiring";
/// The part of an order that is for the buyer; tickets have their own ids.
const BUYER: i64 = 0;

impl Mails {
    pub fn new(mailer: Arc<dyn Mailer>) -> Mails {
        Mails { mailer }
    }
}

fn kind_of(kind: EventKind) -> Option<MailKind> {
    match kind {
        EventKind::OrderPlaced => Some(MailKind::Confirmation),
        EventKind::OrderRequested => Some(MailKind::Requested),
        EventKind::OrderReserved => Some(MailKind::Reserved),
        EventKind::OrderOffered => Some(MailKind::Offer),
        EventKind::PlacingFailed => Some(MailKind::PaymentFailed),
        // A hold begins with the first line, and anew when an order that ran out is taken up again.
        EventKind::LineAdded | EventKind::OrderResumed => Some(MailKind::Expiring),
        _ => None,
    }
}

#[async_trait]
impl Courier for Mails {
    fn listens(&self, kind: EventKind, _: &Catalog) -> bool {
        kind_of(kind).is_some()
    }

    fn addressees(&self, happening: Happening<'_>) -> Vec<Addressee> {
        let (Some(kind), order) = (kind_of(happening.event.kind), happening.order) else { return Vec::new() };
        let to =
            |part, target: &str, after_seconds| Addressee { target: target.to_owned(), part, after_seconds };
        if kind == MailKind::Expiring {
            // Who orders is often said later.
            return warned_after(happening).map(|after| to(BUYER, WARNING, after)).into_iter().collect();
        }
        let mut all = Vec::new();
        if order.email.is_some() {
            all.push(match kind {
                MailKind::PaymentFailed => to(BUYER, LATER, PAYMENT_FAILED_AFTER_SECONDS),
                _ => to(BUYER, TARGET, 0),
            });
        }
        if kind == MailKind::Confirmation {
            let others = order.ticketing.tickets.iter().filter(|ticket| is_for_another(ticket, order));
            all.extend(others.map(|ticket| to(ticket.id.0, TARGET, 0)));
        }
        all
    }

    fn serves(&self, target: &str) -> bool {
        matches!(target, TARGET | LATER | WARNING)
    }

    async fn deliver(&self, parcel: &Parcel) -> Delivered {
        let Some(kind) = kind_of(parcel.delivery.event.kind) else { return Delivered::Dropped };
        let order = &parcel.order;
        let addressed = match parcel.delivery.key.part {
            BUYER => to_buyer(kind, parcel).map(|to| (kind, to, tickets_of_buyer(kind, order))),
            part => holder(TicketId(part), parcel).map(|to| (MailKind::Ticket, to, vec![TicketId(part)])),
        };
        let Some((kind, to, tickets)) = addressed else { return Delivered::Dropped };
        let event = &parcel.delivery.event;
        let mail = Mail {
            id: format!("{}.{}.{}", order.id, event.sequence, parcel.delivery.key.part),
            kind,
            to,
            order: Arc::clone(order),
            catalog: Arc::clone(&parcel.catalog),
            tickets,
        };
        match self.mailer.send(&mail).await {
            Ok(()) => Delivered::DoneAnd(dispatched(&mail)),
            Err(NotMailed::Later(reason)) => Delivered::Later(reason),
            Err(NotMailed::Never(reason)) => Delivered::Never(reason),
        }
    }
}

/// How long after an event its buyer is told that the hold which it began is about to end: once for each hold, and
/// not at all for other lines than the first.
fn warned_after(happening: Happening<'_>) -> Option<i64> {
    let Happening { event, order, .. } = happening;
    let first = order.lines.first().map(|line| line.id.0);
    let begins = event.kind != EventKind::LineAdded || (first.is_some() && event.subject == first);
    let end = order.expires_at.filter(|_| begins)?;
    let lasts = (end.0 - event.at.0) / 1_000;
    (lasts > 0).then(|| lasts - HOLD_WARNING_SECONDS.min(lasts / 3))
}

/// A ticket with an address that is not the buyer's.
fn is_for_another(ticket: &Ticket, order: &Order) -> bool {
    ticket.email.is_some() && !same_email(ticket.email.as_deref(), order.email.as_deref())
}

/// The buyer's address, if what the mail would say is still so.
fn to_buyer(kind: MailKind, parcel: &Parcel) -> Option<String> {
    let order = &parcel.order;
    // Another payment was tried since: if that failed too, its own event says so.
    let tried_since = || order.payments.iter().any(|payment| payment.updated_at > parcel.delivery.event.at);
    let still = match kind {
        MailKind::Confirmation => matches!(order.phase, Phase::Complete(_)),
        MailKind::Ticket => false,
        MailKind::Requested => order.phase == Phase::Requested,
        MailKind::Reserved => order.phase == Phase::Reserved,
        // A payment under way is one that may yet fail.
        MailKind::Offer => matches!(order.phase, Phase::Cart | Phase::Checkout | Phase::Placing),
        MailKind::PaymentFailed => matches!(order.phase, Phase::Cart | Phase::Checkout) && !tried_since(),
        // A hold that was made longer meanwhile is not about to end, and its buyer was there to do so.
        MailKind::Expiring => {
            let left = order.expires_at.map(|end| (end.0 - parcel.now.0) / 1_000);
            let soon = left.is_some_and(|left| (1..=2 * HOLD_WARNING_SECONDS).contains(&left));
            matches!(order.phase, Phase::Cart | Phase::Checkout) && soon
        }
    };
    order.email.clone().filter(|_| still)
}

/// The buyer gets all tickets, those of others too.
fn tickets_of_buyer(kind: MailKind, order: &Order) -> Vec<TicketId> {
    if kind != MailKind::Confirmation {
        return Vec::new();
    }
    let issued = order.ticketing.tickets.iter().filter(|ticket| ticket.status.is_issued());
    issued.map(|ticket| ticket.id).collect()
}

/// The address of a ticket's holder, unless the ticket is void or was sent already.
fn holder(id: TicketId, parcel: &Parcel) -> Option<String> {
    let ticket = parcel.order.ticketing.ticket(id).filter(|ticket| ticket.status.is_issued())?;
    let was_sent = ticket.dispatched_at.is_some_and(|at| at >= parcel.delivery.event.at);
    ticket.email.clone().filter(|_| !was_sent)
}

/// Tickets that have now reached whom they are for.
fn dispatched(mail: &Mail) -> Vec<Command> {
    let order = &mail.order;
    let reached = mail.tickets.iter().filter(|id| {
        let ticket = order.ticketing.ticket(**id);
        ticket.is_some_and(|ticket| mail.kind == MailKind::Ticket || !is_for_another(ticket, order))
    });
    reached.map(|id| Command::EditTicket { ticket: *id, change: TicketChange::Dispatched }).collect()
}
