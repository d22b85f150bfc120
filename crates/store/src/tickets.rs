//! What a list of tickets means, for both stores.

use domain::order::{Order, Ticket, TicketStatus};
use engine::ports::{Direction, TicketColumn, TicketQuery};
use std::cmp::Ordering;

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

/// How two tickets stand to each other in the column that was asked for; equal where none was.
pub(crate) fn compare(query: &TicketQuery, one: (&Order, &Ticket), other: (&Order, &Ticket)) -> Ordering {
    let Some((column, direction)) = query.sort else { return Ordering::Equal };
    let email = |ticket: &Ticket| domain::user::contact(ticket.email.as_deref());
    let ((order, ticket), (next_order, next)) = (one, other);
    let found = match column {
        TicketColumn::Id => ticket.id.cmp(&next.id),
        TicketColumn::Order => order.id.cmp(&next_order.id),
        TicketColumn::Event => ticket.event.cmp(&next.event),
        TicketColumn::Number => ticket.number.cmp(&next.number),
        TicketColumn::Barcode => ticket.barcode.cmp(&next.barcode),
        TicketColumn::Status => status_name(ticket.status).cmp(status_name(next.status)),
        TicketColumn::Email => email(ticket).cmp(&email(next)),
    };
    match direction {
        Direction::Ascending => found,
        Direction::Descending => found.reverse(),
    }
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
