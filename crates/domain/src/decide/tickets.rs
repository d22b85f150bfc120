//! Tickets: as many as the lines say, issued when the order is placed, invalidated when it is taken back.
//!
//! A ticket keeps its id, number and barcode as long as its piece is in the order, through expiry and resume.
//! What was placed is never forgotten: a ticket whose piece is gone is invalidated.

use super::cart::invalid;
use super::checkout::is_email;
use super::draft::Draft;
use crate::catalog::{Form, Packaged};
use crate::channel::NumberFormat;
use crate::command::TicketChange;
use crate::decision::Focus;
use crate::event::EventKind;
use crate::order::{Answer, CheckIn, Response, Secret, Ticket, TicketStatus};
use crate::refusal::{Move, Refusal, Rule, Thing};
use crate::{AnswerId, EventId, FormId, IdKind, LineId, ResponseId, TicketId, TicketTypeId, limits};
use std::collections::{BTreeMap, BTreeSet};

/// Without `0`, `O`, `I` and `l`.
const BASE_58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const NUMBERS: NumberFormat = NumberFormat { prefix: "", alphabet: BASE_58, length: 24 };
const BARCODES: NumberFormat = NumberFormat { prefix: "", alphabet: NumberFormat::DIGITS, length: 16 };

type Kind = (LineId, EventId, TicketTypeId);

/// Makes tickets and forms match the lines.
///
/// # Errors
/// If the order would have more tickets than it may.
pub(super) fn sync(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let catalog = draft.context.catalog;
    if catalog.ticketing.events.is_empty() && draft.order.ticketing.tickets.is_empty() {
        return Ok(());
    }
    let mut wanted: BTreeMap<Kind, u64> = BTreeMap::new();
    for line in &draft.order.lines {
        let package = catalog.variant(line.variant).map_or(&[][..], |(_, variant)| &variant.package);
        for Packaged { event, ticket_type, quantity } in package {
            let count = u64::from(*quantity) * u64::from(line.quantity);
            *wanted.entry((line.id, *event, *ticket_type)).or_default() += count;
        }
    }
    if wanted.values().sum::<u64>() > limits::TICKETS as u64 {
        return Err(Refusal::TooMany(format!("tickets (at most {})", limits::TICKETS)));
    }
    drop_surplus(draft, &wanted);
    let mut there: BTreeMap<Kind, u64> = BTreeMap::new();
    for ticket in live(draft) {
        *there.entry(kind(ticket)).or_default() += 1;
    }
    for (kind, count) in wanted {
        for _ in there.get(&kind).copied().unwrap_or(0)..count {
            let ticket = draw(draft, kind);
            draft.order.ticketing.tickets.push(ticket);
        }
    }
    forms(draft);
    Ok(())
}

fn kind(ticket: &Ticket) -> Kind {
    (ticket.line, ticket.event, ticket.ticket_type)
}

fn live<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = &'a Ticket> {
    draft.order.ticketing.tickets.iter().filter(|ticket| counts(ticket))
}

fn counts(ticket: &Ticket) -> bool {
    !matches!(ticket.status, TicketStatus::Invalidated)
}

/// Those that nothing was said of yet go first, the newest before the older.
fn drop_surplus(draft: &mut Draft<'_>, wanted: &BTreeMap<Kind, u64>) {
    let mut left = wanted.clone();
    let mut ranked: Vec<(bool, TicketId, Kind)> =
        live(draft).map(|ticket| (ticket.name.is_none() && !ticket.keep, ticket.id, kind(ticket))).collect();
    ranked.sort_unstable();
    let mut surplus = BTreeSet::new();
    for (_, id, kind) in ranked {
        match left.get_mut(&kind).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => drop(surplus.insert(id)),
        }
    }
    if draft.order.is_placed() {
        let gone = draft.order.ticketing.tickets.iter_mut().filter(|ticket| surplus.contains(&ticket.id));
        gone.for_each(|ticket| ticket.status = TicketStatus::Invalidated);
    } else {
        draft.order.ticketing.tickets.retain(|ticket| !surplus.contains(&ticket.id));
    }
}

fn draw(draft: &Draft<'_>, (line, event, ticket_type): Kind) -> Ticket {
    let context = draft.context;
    let tickets = &draft.order.ticketing.tickets;
    let barcode = loop {
        let barcode = BARCODES.draw(context.entropy);
        if !tickets.iter().any(|ticket| ticket.event == event && ticket.barcode == barcode) {
            break barcode;
        }
    };
    let mut secret = [0u8; 16];
    context.entropy.fill(&mut secret);
    Ticket {
        id: TicketId::fresh(context.ids),
        number: NUMBERS.draw(context.entropy),
        barcode,
        secret: Secret(secret),
        line,
        event,
        ticket_type,
        status: if draft.order.is_placed() { TicketStatus::Valid } else { TicketStatus::Pending },
        name: None,
        email: None,
        keep: false,
        member_id: None,
        note: None,
        checked_in: None,
        dispatched_at: None,
        downloaded_at: None,
    }
}

/// One response for each form of the order's events. A response, and each answer in it, keeps its id as long as
/// its form is asked.
fn forms(draft: &mut Draft<'_>) {
    let context = draft.context;
    let rows = &context.catalog.ticketing;
    let events = draft.order.ticketing.events();
    let asked: BTreeSet<FormId> =
        events.iter().filter_map(|event| rows.events.get(event).and_then(|event| event.form)).collect();
    let forms: Vec<&Form> = asked.iter().filter_map(|id| rows.forms.get(id)).map(|form| &**form).collect();
    let responses = &mut draft.order.ticketing.responses;
    responses.retain(|response| forms.iter().any(|form| form.id == response.form));
    for form in forms {
        let position = responses.iter().position(|response| response.form == form.id).unwrap_or_else(|| {
            let id = ResponseId::fresh(context.ids);
            responses.push(Response { id, form: form.id, answers: Vec::new() });
            responses.len() - 1
        });
        let answers = &mut responses[position].answers;
        for field in form.asked() {
            if !answers.iter().any(|answer| answer.field == field.id) {
                let id = AnswerId(context.ids.take(IdKind::Answer, 1));
                answers.push(Answer { id, field: field.id, values: Vec::new() });
            }
        }
    }
}

/// The order is placed: its tickets let people in.
pub(super) fn issue(draft: &mut Draft<'_>) {
    for ticket in draft.order.ticketing.tickets.iter_mut().filter(|t| t.status == TicketStatus::Pending) {
        ticket.status = TicketStatus::Valid;
    }
}

/// The order is taken back: nobody comes in on it.
pub(super) fn invalidate_all(draft: &mut Draft<'_>) {
    draft.order.ticketing.tickets.iter_mut().for_each(|ticket| ticket.status = TicketStatus::Invalidated);
}

/// A canceled order is brought back: so are the tickets of its lines.
pub(super) fn revive(draft: &mut Draft<'_>) {
    let lines: BTreeSet<LineId> = draft.order.lines.iter().map(|line| line.id).collect();
    let tickets = draft.order.ticketing.tickets.iter_mut();
    for ticket in tickets.filter(|t| t.status == TicketStatus::Invalidated && lines.contains(&t.line)) {
        ticket.status = TicketStatus::Valid;
    }
}

/// Lets a holder in. A second time says when and by whom the first was.
pub(super) fn check_in(draft: &mut Draft<'_>, id: TicketId) -> Result<(), Refusal> {
    let check_in = CheckIn { at: draft.context.now, by: draft.context.actor.who };
    let ticket = draft.order.ticketing.ticket_mut(id).ok_or(Refusal::NotFound(Thing::Ticket))?;
    match (ticket.status, ticket.checked_in) {
        (TicketStatus::Redeemed, Some(before)) => return Err(Refusal::CheckedInAlready(before)),
        (status, _) if !status.admits() => return Err(Refusal::NoSuchMove(Move::CheckIn)),
        _ => {}
    }
    ticket.status = TicketStatus::Redeemed;
    ticket.checked_in = Some(check_in);
    draft.focus = Some(Focus::Ticket(id));
    draft.note(EventKind::TicketCheckedIn, Some(id.0), "in");
    Ok(())
}

/// A holder left and may come in again.
pub(super) fn check_out(draft: &mut Draft<'_>, id: TicketId) -> Result<(), Refusal> {
    let ticket = draft.order.ticketing.ticket_mut(id).ok_or(Refusal::NotFound(Thing::Ticket))?;
    if ticket.status != TicketStatus::Redeemed {
        return Err(Refusal::NoSuchMove(Move::CheckIn));
    }
    ticket.status = TicketStatus::Out;
    draft.focus = Some(Focus::Ticket(id));
    draft.note(EventKind::TicketCheckedIn, Some(id.0), "out");
    Ok(())
}

/// Changes one ticket of a placed order. Asking for what is so already changes nothing.
pub(super) fn edit(draft: &mut Draft<'_>, id: TicketId, change: TicketChange) -> Result<(), Refusal> {
    let now = draft.context.now;
    if !draft.order.is_placed() {
        return Err(Refusal::NotFound(Thing::Ticket));
    }
    let ticket = draft.order.ticketing.ticket_mut(id).ok_or(Refusal::NotFound(Thing::Ticket))?;
    let before = ticket.clone();
    match change {
        TicketChange::Email(email) => {
            if email.as_ref().is_some_and(|email| !is_email(email)) {
                return Err(invalid("email", Rule::Invalid));
            }
            ticket.email = email;
        }
        TicketChange::Note(note) => {
            if note.as_ref().is_some_and(|note| note.chars().count() > limits::LONG_TEXT) {
                return Err(invalid("note", Rule::TooLong { maximum: limits::LONG_TEXT }));
            }
            ticket.note = note;
        }
        TicketChange::Invalidate => ticket.status = TicketStatus::Invalidated,
        TicketChange::Transferred => ticket.status = TicketStatus::Transferred,
        TicketChange::Dispatched => ticket.dispatched_at = Some(now),
    }
    let changed = *ticket != before;
    draft.focus = Some(Focus::Ticket(id));
    if changed {
        draft.note(EventKind::TicketChanged, Some(id.0), "");
    }
    Ok(())
}

/// Notes when the files of tickets were first fetched. Asking again, or for tickets that are none, changes nothing.
pub(super) fn fetched(draft: &mut Draft<'_>, ids: &BTreeSet<TicketId>) -> Result<(), Refusal> {
    let now = draft.context.now;
    let tickets = draft.order.ticketing.tickets.iter_mut();
    let new = tickets.filter(|t| t.status.is_issued() && t.downloaded_at.is_none() && ids.contains(&t.id));
    let mut noted = Vec::new();
    for ticket in new {
        ticket.downloaded_at = Some(now);
        noted.push(ticket.id);
    }
    for id in noted {
        draft.note(EventKind::TicketChanged, Some(id.0), "");
    }
    Ok(())
}
