//! Who is coming: a card for each ticket that asks for something.

use super::Read;
use crate::kit::Params;
use crate::pages::form::{Check, Field, Group, Item, Question};
use crate::pages::look::Look;
use domain::catalog::{Asked, TicketType};
use domain::command::{StepData, TicketEdit};
use domain::order::Ticket;

/// Tickets that ask for something, each with its place among all.
fn asked<'a>(look: &Look<'a>) -> Vec<(usize, &'a Ticket, &'a TicketType)> {
    let types = &look.catalog.ticketing.ticket_types;
    let tickets = look.order.ticketing.tickets.iter().enumerate();
    let rows = tickets.filter_map(|(at, ticket)| Some((at + 1, ticket, &**types.get(&ticket.ticket_type)?)));
    rows.filter(|(_, _, row)| row.name_asked.is_asked() || row.email_asked.is_asked()).collect()
}

pub fn ask(look: &Look<'_>) -> Question {
    let rows = asked(look);
    let of = look.order.ticketing.tickets.len();
    let buyer = look.order.ticketing.guest.full_name();
    let kept = look.said.and_then(|said| said.text("keep")).map_or_else(
        || rows.iter().find(|(_, ticket, _)| ticket.keep).map(|(_, ticket, _)| ticket.id.to_string()),
        |id| Some(id.to_owned()),
    );
    let ticked = |ticket: &Ticket| match look.said {
        Some(_) => look.ticked(&format!("ticket_{}_keep", ticket.id), false),
        None => kept.as_deref() == Some(&ticket.id.to_string()),
    };
    let group = |(nth, ticket, row): &(usize, &Ticket, &TicketType)| {
        let legend = match of {
            1 => look.lang().number("tickets.ticket", nth),
            _ => look.lang().fill("tickets.ticket_of", &[("n", &nth.to_string()), ("of", &of.to_string())]),
        };
        let event = look.event(ticket.event).map(|event| event.name.clone()).unwrap_or_default();
        let kind = row.display_name.as_deref().unwrap_or(&row.name);
        let mine = Check {
            name: format!("ticket_{}_keep", ticket.id),
            label: look.say("tickets.mine").to_owned(),
            detail: buyer.clone(),
            ticked: ticked(ticket),
            keeps: true,
        };
        Group {
            legend,
            about: [event.as_str(), kind]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            card: true,
            first: Some(mine),
            items: fields(look, ticket, row, &buyer),
            error: look
                .problem(&format!("ticket_{}_keep", ticket.id))
                .map(|text| (format!("ticket_{}_keep-error", ticket.id), text)),
            ..Group::default()
        }
    };
    Question {
        heading: look.say("tickets.heading").to_owned(),
        lead: look.say("tickets.lead").to_owned(),
        groups: rows.iter().map(group).collect(),
        ..Question::default()
    }
}

fn fields(look: &Look<'_>, ticket: &Ticket, row: &TicketType, buyer: &str) -> Vec<Item> {
    let mut fields = Vec::new();
    let typed =
        |text: &Option<String>| text.clone().filter(|text| !ticket.keep || text != buyer).unwrap_or_default();
    if row.name_asked.is_asked() {
        let name = look.field(format!("ticket_{}_name", ticket.id), "field.full_name", typed(&ticket.name));
        fields.push(Item::Field(Field { auto: "off", ..name }));
    }
    if row.email_asked.is_asked() {
        let email = look.field(format!("ticket_{}_email", ticket.id), "field.email", typed(&ticket.email));
        fields.push(Item::Field(Field {
            kind: "email",
            mode: "email",
            auto: "off",
            optional: row.email_asked != Asked::Required,
            help: Some(look.say("tickets.email_help").to_owned()),
            ..email
        }));
    }
    fields
}

/// Tickets that are given up for the buyer come before the one that is taken, so that the mark can move.
pub fn read(said: &Params, look: &Look<'_>) -> Read {
    let text = |name: String| said.text(&name).map(str::to_owned);
    let edit = |(_, ticket, _): (usize, &Ticket, &TicketType)| {
        let id = ticket.id;
        let keep = said.get(&format!("ticket_{id}_keep")).is_some_and(|value| !value.is_blank());
        TicketEdit {
            ticket: id,
            name: text(format!("ticket_{id}_name")).filter(|_| !keep),
            email: text(format!("ticket_{id}_email")).filter(|_| !keep),
            keep: Some(keep),
            member_id: None,
        }
    };
    let mut edits: Vec<TicketEdit> = asked(look).into_iter().map(edit).collect();
    edits.sort_by_key(|edit| edit.keep);
    Read::plain(StepData::Attendees(edits))
}
