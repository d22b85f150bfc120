//! What opens locked things: passwords, invitations, member numbers, memberships. What is open already is said, not
//! asked again.

use super::Read;
use crate::kit::Params;
use crate::pages::form::{Field, Group, Item, Question};
use crate::pages::look::Look;
use crate::pages::problems::Sent;
use domain::catalog::{Entry, Event};
use domain::command::StepData;
use domain::order::{Line, Ticket};
use domain::ticketing::access;
use domain::{EventId, LineId, TicketId};

fn events<'a>(look: &Look<'a>, locked: impl Fn(&Event) -> bool) -> Vec<&'a Event> {
    let ids = look.order.ticketing.events();
    ids.into_iter().filter_map(|id| look.event(id)).filter(|event| locked(event)).collect()
}

fn about(look: &Look<'_>, key: &str, name: &str, value: &str) -> String {
    look.lang().fill(key, &[(name, value)])
}

pub fn passwords(look: &Look<'_>) -> Question {
    let item = |event: &Event| {
        if access::password_given(look.order, event) {
            return Item::Said(about(look, "password.done", "event", &event.name));
        }
        let field = look.field(format!("password_{}", event.id), "password.label", "");
        let label = about(look, "password.label", "event", &event.name);
        Item::Field(Field { label, kind: "password", auto: "off", ..field })
    };
    Question {
        heading: look.say("password.heading").to_owned(),
        lead: look.say("password.lead").to_owned(),
        groups: vec![Group::plain(
            events(look, |event| event.password.is_some()).into_iter().map(item).collect(),
        )],
        button: look.say("go.unlock").to_owned(),
        ..Question::default()
    }
}

pub fn read_passwords(said: &Params, look: &Look<'_>) -> Read {
    let locked = events(look, |event| event.password.is_some() && !access::password_given(look.order, event));
    let given = |event: &&Event| {
        said.text(&format!("password_{}", event.id))
            .filter(|text| !text.is_empty())
            .map(|text| (event.id, text.to_owned()))
    };
    let each: Vec<(EventId, String)> = locked.iter().filter_map(given).collect();
    let sent = Sent { events: each.iter().map(|(event, _)| *event).collect(), ..Sent::default() };
    Read { sent, ..Read::plain(StepData::Passwords { each, any: None }) }
}

pub fn invitations(look: &Look<'_>) -> Question {
    let item = |event: &Event| {
        if access::is_invited(look.order, event, look.catalog, look.now) {
            return Item::Said(about(look, "invite.done", "event", &event.name));
        }
        let field = look.field(format!("invite_{}", event.id), "invite.label", "");
        let label = about(look, "invite.label", "event", &event.name);
        Item::Field(Field { label, auto: "off", ..field })
    };
    Question {
        heading: look.say("invite.heading").to_owned(),
        lead: look.say("invite.lead").to_owned(),
        groups: vec![Group::plain(
            events(look, |event| event.entry == Entry::InviteOnly).into_iter().map(item).collect(),
        )],
        ..Question::default()
    }
}

pub fn read_invitations(said: &Params, look: &Look<'_>) -> Read {
    let given = |event: &Event| {
        let code =
            said.text(&format!("invite_{}", event.id)).map(str::trim).filter(|code| !code.is_empty())?;
        Some((event.id, code.to_owned()))
    };
    let given: Vec<(EventId, String)> =
        events(look, |event| event.entry == Entry::InviteOnly).into_iter().filter_map(given).collect();
    let sent = Sent { events: given.iter().map(|(event, _)| *event).collect(), ..Sent::default() };
    Read { sent, ..Read::plain(StepData::Invitations(given)) }
}

fn member_tickets<'a>(look: &Look<'a>) -> Vec<(usize, &'a Ticket)> {
    let types = &look.catalog.ticketing.ticket_types;
    let asks = |ticket: &Ticket| types.get(&ticket.ticket_type).is_some_and(|row| row.member_id.is_some());
    let tickets = look.order.ticketing.tickets.iter().enumerate();
    tickets.map(|(at, ticket)| (at + 1, ticket)).filter(|(_, ticket)| asks(ticket)).collect()
}

pub fn members(look: &Look<'_>) -> Question {
    let item = |(nth, ticket): (usize, &Ticket)| {
        let kept = ticket.member_id.as_deref().unwrap_or_default();
        let field = look.field(format!("ticket_{}_member_id", ticket.id), "member.label", kept);
        let event = look.event(ticket.event).map(|event| event.name.clone());
        Item::Field(Field {
            label: look.lang().number("member.label", nth),
            auto: "off",
            help: event,
            ..field
        })
    };
    Question {
        heading: look.say("member.heading").to_owned(),
        lead: look.say("member.lead").to_owned(),
        groups: vec![Group::plain(member_tickets(look).into_iter().map(item).collect())],
        ..Question::default()
    }
}

pub fn read_members(said: &Params, look: &Look<'_>) -> Read {
    let name = |ticket: &Ticket| format!("ticket_{}_member_id", ticket.id);
    let tickets = member_tickets(look);
    let given = |ticket: &Ticket| (ticket.id, said.text(&name(ticket)).unwrap_or_default().trim().to_owned());
    let given: Vec<(TicketId, String)> = tickets.iter().map(|(_, ticket)| given(ticket)).collect();
    Read::rows(StepData::MemberIds(given), tickets.iter().map(|(_, ticket)| name(ticket)).collect())
}

fn member_lines<'a>(look: &Look<'a>) -> Vec<(&'a Line, String)> {
    let name = |line: &Line| look.catalog.variant(line.variant).map(|(product, _)| product.name.clone());
    let lines = look.order.lines.iter().filter(|line| !access::plans(line, look.catalog).is_empty());
    lines.map(|line| (line, name(line).unwrap_or_default())).collect()
}

pub fn memberships(look: &Look<'_>) -> Question {
    let item = |(line, name): (&Line, String)| {
        if access::is_member(look.order, line, look.catalog, look.now) {
            return Item::Said(about(look, "membership.done", "name", &name));
        }
        let plans = access::plans(line, look.catalog).iter();
        let plans = plans
            .filter_map(|id| look.catalog.ticketing.membership_plans.get(id))
            .map(|plan| plan.name.as_str());
        let plans = about(look, "membership.plans", "plans", &plans.collect::<Vec<_>>().join(", "));
        let field = look.field(format!("line_{}_membership", line.id), "membership.label", "");
        let label = about(look, "membership.label", "name", &name);
        Item::Field(Field { label, auto: "off", help: Some(plans), ..field })
    };
    Question {
        heading: look.say("membership.heading").to_owned(),
        lead: look.say("membership.lead").to_owned(),
        groups: vec![Group::plain(member_lines(look).into_iter().map(item).collect())],
        ..Question::default()
    }
}

pub fn read_memberships(said: &Params, look: &Look<'_>) -> Read {
    let name = |line: LineId| format!("line_{line}_membership");
    let given = |(line, _): (&Line, String)| {
        let number = said.text(&name(line.id)).map(str::trim).filter(|number| !number.is_empty())?;
        Some((line.id, number.to_owned()))
    };
    let given: Vec<(LineId, String)> = member_lines(look).into_iter().filter_map(given).collect();
    let rows = given.iter().map(|(line, _)| name(*line)).collect();
    Read::rows(StepData::Memberships(given), rows)
}
