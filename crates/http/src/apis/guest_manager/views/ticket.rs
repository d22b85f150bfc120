//! A ticket: whose it is, what it is worth at the door, and what is still asked about its holder.

use super::Lens;
use super::wire::{TimeView, time};
use crate::pages::links;
use domain::TicketId;
use domain::channel::Step;
use domain::order::{Order, Phase, Ticket, TicketStatus};
use domain::plan::Requirement;
use domain::ticketing::steps;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct TicketView<'a> {
    id: i64,
    number: &'a str,
    status: &'static str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    barcode_id: &'a str,
    note: Option<&'a str>,
    event_id: i64,
    ticket_type_id: i64,
    event_ticket_type_id: i64,
    list_id: Option<i64>,
    contact_id: Option<i64>,
    dispatched_at: Option<TimeView>,
    downloaded_at: Option<TimeView>,
    checkin_at: Option<TimeView>,
    source_type: &'static str,
    source_id: i64,
    links: Links,
    keep: bool,
    member_id: Option<&'a str>,
    requires: Requires,
    seat: Option<()>,
}

#[derive(Debug, Serialize)]
struct Links {
    pdf: Option<String>,
    wallet: Option<String>,
}

/// What the steps of the order still ask about a holder.
#[derive(Debug, Serialize)]
struct Requires {
    name: bool,
    email: bool,
    member_id: bool,
}

pub fn ticket<'a>(ticket: &'a Ticket, order: &Order, lens: &Lens<'_>) -> TicketView<'a> {
    let open = Open::of(order, lens);
    one(ticket, order, lens, &open)
}

/// The tickets of an order, by id.
pub fn tickets<'a>(order: &'a Order, lens: &Lens<'_>) -> Vec<TicketView<'a>> {
    let open = Open::of(order, lens);
    let mut tickets: Vec<&Ticket> = order.ticketing.tickets.iter().collect();
    tickets.sort_by_key(|ticket| ticket.id);
    tickets.into_iter().map(|ticket| one(ticket, order, lens, &open)).collect()
}

/// The open requirements about attendees.
struct Open(Vec<Requirement>);

impl Open {
    fn of(order: &Order, lens: &Lens<'_>) -> Open {
        if !order.phase.is_unfinished() || order.phase == Phase::Placing {
            return Open(Vec::new());
        }
        let at = |step| steps::open(step, order, lens.catalog, lens.now);
        Open([Step::Attendees, Step::Member].into_iter().flat_map(at).collect())
    }

    fn about(&self, id: TicketId) -> Requires {
        Requires {
            name: self.0.contains(&Requirement::AttendeeName(id)),
            email: self.0.contains(&Requirement::AttendeeEmail(id)),
            member_id: self.0.contains(&Requirement::MemberId(id)),
        }
    }
}

fn one<'a>(ticket: &'a Ticket, order: &Order, lens: &Lens<'_>, open: &Open) -> TicketView<'a> {
    let issued = ticket.status != TicketStatus::Pending;
    let holder = if ticket.keep { order.email.as_deref() } else { ticket.email.as_deref() };
    TicketView {
        id: ticket.id.0,
        number: &ticket.number,
        status: status(ticket.status),
        name: ticket.name.as_deref(),
        email: ticket.email.as_deref(),
        barcode_id: &ticket.barcode,
        note: ticket.note.as_deref(),
        event_id: ticket.event.0,
        ticket_type_id: ticket.ticket_type.0,
        event_ticket_type_id: ticket.ticket_type.0,
        list_id: None,
        contact_id: order.ticketing.contact(holder).map(|user| user.0),
        dispatched_at: ticket.dispatched_at.map(time),
        downloaded_at: ticket.downloaded_at.map(time),
        checkin_at: ticket.checked_in.map(|check_in| time(check_in.at)),
        source_type: "line_item",
        source_id: ticket.line.0,
        links: Links { pdf: issued.then(|| links::ticket(lens.public_url, ticket)), wallet: None },
        keep: ticket.keep,
        member_id: ticket.member_id.as_deref(),
        requires: open.about(ticket.id),
        seat: None,
    }
}

pub fn status(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Pending => "pending",
        TicketStatus::Valid => "valid",
        TicketStatus::Redeemed => "redeemed",
        TicketStatus::Out => "out",
        TicketStatus::Invalidated => "invalidated",
        TicketStatus::Transferred => "transferred",
    }
}
