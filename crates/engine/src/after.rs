//! What follows from a decision beside the order itself: gateway calls, jobs, names that lead to the order.

use crate::limits;
use crate::ports::{GatewayRequest, JobChange, Queue, TicketMark, TicketName};
use crate::round::{Call, Work};
use domain::command::Command;
use domain::money::Money;
use domain::order::{AttemptState, Order, PaymentState, Phase, Ticket, TicketStatus};
use domain::refusal::Refusal;
use domain::{PaymentId, TicketId, Time, UnitId};
use std::collections::{HashMap, HashSet};

/// Attempts that are new on the order, in the order of its payments.
pub(crate) fn calls(before: Option<&Order>, after: &Order) -> Vec<Call> {
    let known = |payment: PaymentId| before.and_then(|before| before.payment(payment)?.attempt.as_ref());
    let fresh = after.payments.iter().filter(|payment| {
        payment.attempt.as_ref().is_some_and(|attempt| {
            attempt.state == AttemptState::Initiated
                && known(payment.id).is_none_or(|known| known.id != attempt.id)
        })
    });
    fresh.filter_map(|payment| call(after, payment.id)).collect()
}

/// The open attempt of a payment, as the gateway is asked about it.
pub(crate) fn call(order: &Order, payment: PaymentId) -> Option<Call> {
    let payment = order.payment(payment)?;
    let attempt = payment.attempt.as_ref()?;
    let card = payment.card().map(|card| &card.details);
    let request = GatewayRequest {
        attempt: attempt.id.clone(),
        action: attempt.action,
        money: Money { amount: attempt.amount, currency: order.currency },
        token: card.map(|card| card.token.clone()).unwrap_or_default(),
        profile: card.and_then(|card| card.profile.clone()),
        reference: payment.authorization.clone(),
        captured: payment.captured,
        order_number: order.number.clone(),
        order_secret: order.secret,
        order_origin: order.origin.clone(),
        // Known to who asks: it is the catalogue's.
        method: String::new(),
        save: payment.sent().map(|sent| sent.save).unwrap_or_default(),
    };
    Some(Call { payment: payment.id, method: payment.method, request })
}

/// A settlement that changed nothing was made by somebody else before: what did they find?
pub(crate) fn settled_before(work: &Work<'_>, order: &Order) -> Option<Refusal> {
    let Command::Settle { payment, .. } = &work.command else { return None };
    let payment = order.payment(*payment).filter(|payment| payment.state == PaymentState::Failed)?;
    (!order.is_placed()).then(|| Refusal::Declined(payment.message.clone().unwrap_or_default()))
}

/// Numbers and first pieces that lead to the order from now on.
pub(crate) fn new_shipments(before: Option<&Order>, after: &Order) -> Vec<(String, Vec<i64>)> {
    let old = before.map(|before| before.shipments.as_slice()).unwrap_or_default();
    let numbers: HashSet<&str> = old.iter().map(|shipment| shipment.number.as_str()).collect();
    let firsts: HashSet<UnitId> =
        old.iter().flat_map(|shipment| &shipment.runs).map(|run| run.first).collect();
    let mut new = Vec::new();
    for shipment in &after.shipments {
        let runs = shipment.runs.iter().map(|run| run.first).filter(|first| !firsts.contains(first));
        let runs: Vec<i64> = runs.map(|first| first.0).collect();
        if !runs.is_empty() || !numbers.contains(shipment.number.as_str()) {
            new.push((shipment.number.clone(), runs));
        }
    }
    new
}

/// What has to be looked at later because of this change.
pub(crate) fn jobs(before: Option<&Order>, after: &Order, now: Time) -> Vec<JobChange> {
    let key = after.id.0;
    let mut jobs = Vec::new();
    if after.asks_gateway() {
        let due_at = now.plus_seconds(limits::SETTLE_AFTER_SECONDS);
        jobs.push(JobChange::Put { queue: Queue::Settle, key, due_at });
    } else if before.is_some_and(Order::asks_gateway) {
        jobs.push(JobChange::Done { queue: Queue::Settle, key });
    }
    let was_due = before.and_then(due);
    match due(after) {
        Some(due_at) if was_due != Some(due_at) => {
            jobs.push(JobChange::Put { queue: Queue::Expire, key, due_at });
        }
        None if was_due.is_some() => jobs.push(JobChange::Done { queue: Queue::Expire, key }),
        _ => {}
    }
    jobs
}

/// When something happens to an order by itself: its hold runs out, its sale begins, nobody comes back, to us or to a
/// checkout provider.
pub(crate) fn due(order: &Order) -> Option<Time> {
    let own = match order.phase {
        Phase::Reserved => order.ticketing.can_checkout_at,
        Phase::Expired => order.ticketing.abandon_at,
        _ => order.expires_at,
    };
    own.into_iter().chain(order.session_lapses_at()).min()
}

/// Names that lead to the order from now on.
pub(crate) fn new_tickets(before: Option<&Order>, after: &Order) -> Vec<TicketName> {
    let old = ticket_ids(before);
    let tickets = after.ticketing.tickets.iter().filter(|ticket| !old.contains(&ticket.id));
    let name = |ticket: &Ticket| TicketName {
        id: ticket.id,
        number: ticket.number.clone(),
        event: ticket.event,
        barcode: ticket.barcode.clone(),
    };
    tickets.map(name).collect()
}

/// Tickets that the order has no more.
pub(crate) fn gone_tickets(before: Option<&Order>, after: &Order) -> Vec<TicketId> {
    let new = ticket_ids(Some(after));
    ticket_ids(before).into_iter().filter(|id| !new.contains(id)).collect()
}

/// Tickets whose marks are not those they had; what is new had none.
pub(crate) fn changed_tickets(before: Option<&Order>, after: &Order) -> Vec<TicketMark> {
    let old = before.map(|before| before.ticketing.tickets.as_slice()).unwrap_or_default();
    if old == after.ticketing.tickets {
        return Vec::new();
    }
    let none = |id| TicketMark { id, status: TicketStatus::Pending, email: None };
    let old: HashMap<TicketId, TicketMark> = old.iter().map(|ticket| (ticket.id, mark(ticket))).collect();
    let marks = after.ticketing.tickets.iter().map(mark);
    marks.filter(|mark| *mark != old.get(&mark.id).cloned().unwrap_or_else(|| none(mark.id))).collect()
}

fn mark(ticket: &Ticket) -> TicketMark {
    TicketMark { id: ticket.id, status: ticket.status, email: domain::user::contact(ticket.email.as_deref()) }
}

fn ticket_ids(order: Option<&Order>) -> HashSet<TicketId> {
    let tickets = order.map(|order| order.ticketing.tickets.as_slice()).unwrap_or_default();
    tickets.iter().map(|ticket| ticket.id).collect()
}
