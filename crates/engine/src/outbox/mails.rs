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
use super::letter::{Mail, MailKind, Mailer, NotMailed, is_for_another, post};
use crate::limits::{HOLD_WARNING_SECONDS, PAYMENT_FAILED_AFTER_SECONDS};
use async_trait::async_trait;
use domain::TicketId;
use domain::catalog::Catalog;
use domain::command::{Command, TicketChange};
use domain::event::EventKind;
use domain::order::Phase;
use std::sync::Arc;

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
        let (order, event, part) = (&parcel.order, &parcel.delivery.event, parcel.delivery.key.part);
        let id = format!("{}.{}.{part}", order.id, event.sequence);
        let mail = match part {
            BUYER if is_due(kind, parcel) => Mail::to_buyer(kind, id, order, &parcel.catalog),
            BUYER => return Delivered::Dropped,
            part => {
                let ticket = TicketId(part);
                let Some(to) = holder(ticket, parcel) else { return Delivered::Dropped };
                let tickets = vec![ticket];
                Mail { to, tickets, ..Mail::to_buyer(MailKind::Ticket, id, order, &parcel.catalog) }
            }
        };
        if mail.to.is_empty() {
            return Delivered::Dropped;
        }
        match post(&*self.mailer, &mail).await {
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

/// Whether what the mail to the buyer would say is still so.
fn is_due(kind: MailKind, parcel: &Parcel) -> bool {
    let order = &parcel.order;
    // Another payment was tried since: if that failed too, its own event says so.
    let tried_since = || order.payments.iter().any(|payment| payment.updated_at > parcel.delivery.event.at);
    match kind {
        MailKind::Confirmation => matches!(order.phase, Phase::Complete(_)),
        MailKind::Ticket | MailKind::Code | MailKind::Link => false,
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
    }
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
