//! What a list of tickets means, for both stores.

use domain::order::{Order, Ticket, TicketStatus};
use engine::ports::TicketQuery;

/// A status as it stands in rows.
pub(crate) fn status_name(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Pending => "pending",
        TicketStatus::Valid => "valid",
        TicketStatus::Redeemed => "redeemed",
        TicketStatus::Out => "out",
        TicketStatus::Invalidated => "invalidated",
        TicketStatus::Transferred => "transferred",
    }
}

/// Whether tickets of orders that are not placed are asked for.
pub(crate) fn wants_pending(query: &TicketQuery) -> bool {
    query.statuses.as_ref().is_some_and(|statuses| statuses.contains(&TicketStatus::Pending))
}

/// Whether a ticket belongs into the list.
pub(crate) fn pass(query: &TicketQuery, order: &Order, ticket: &Ticket) -> bool {
    fn one_of<T: PartialEq>(wanted: &Option<Vec<T>>, value: &T) -> bool {
        wanted.as_ref().is_none_or(|wanted| wanted.contains(value))
    }
    let pending = ticket.status == TicketStatus::Pending && wants_pending(query);
    let email = domain::user::contact(ticket.email.as_deref());
    let has_email = |wanted: &Vec<String>| email.as_ref().is_some_and(|email| wanted.contains(email));
    (order.completed_at.is_some() || pending)
        && query.origin.as_ref().is_none_or(|origin| *origin == order.origin)
        && one_of(&query.orders, &order.id)
        && one_of(&query.events, &ticket.event)
        && one_of(&query.statuses, &ticket.status)
        && query.emails.as_ref().is_none_or(has_email)
        && one_of(&query.numbers, &ticket.number)
        && one_of(&query.barcodes, &ticket.barcode)
}
