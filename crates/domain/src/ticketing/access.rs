//! What opens locked things for an order: passwords, invitations, memberships, member ids.
//!
//! Looked at anew each time, so that a changed password or an expired invitation locks an order again. How much
//! of an invitation or membership is left across orders is a row: see `claims`.

use crate::catalog::{Catalog, Entry, Event, Invitation, Membership, ProductKind, same_email};
use crate::movement::ClaimKey;
use crate::order::{Line, Order, Ticket};
use crate::{EventId, MembershipPlanId, TicketId, Time};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The event's password was given, and it is still the password.
pub fn password_given(order: &Order, event: &Event) -> bool {
    event.seal().is_none_or(|seal| order.ticketing.access.passwords.contains(&(event.id, seal)))
}

/// Tickets of an order for an event.
pub fn tickets_for(order: &Order, event: EventId) -> u32 {
    let tickets = order.ticketing.tickets.iter().filter(|ticket| ticket.event == event);
    u32::try_from(tickets.count()).unwrap_or(u32::MAX)
}

/// The invitation an order goes to an event with: the one it named, else one to its own e-mail address.
pub fn invitation<'a>(
    order: &Order,
    event: EventId,
    catalog: &'a Catalog,
    now: Time,
) -> Option<&'a Arc<Invitation>> {
    let rows = &catalog.ticketing;
    let fits = |row: &&Arc<Invitation>| {
        let enough = row.max_tickets.is_none_or(|most| tickets_for(order, event) <= most);
        row.event == event && row.is_open(now) && enough
    };
    let named = order.ticketing.access.invitations.iter().find(|(of, _)| *of == event);
    let named = named.and_then(|(_, id)| rows.invitations.get(id)).filter(fits);
    named.or_else(|| {
        let email = order.email.as_deref();
        rows.invitations_to(event).filter(fits).find(|row| same_email(row.email.as_deref(), email))
    })
}

/// Whether an order may go on with an event's invitation.
pub fn is_invited(order: &Order, event: &Event, catalog: &Catalog, now: Time) -> bool {
    event.entry == Entry::Open || invitation(order, event.id, catalog, now).is_some()
}

/// When a line's membership has to count: when its event begins, else now.
fn counts_at(line: &Line, catalog: &Catalog, now: Time) -> Time {
    let package = catalog.variant(line.variant).and_then(|(_, variant)| variant.package.first());
    let event = package.and_then(|package| catalog.ticketing.events.get(&package.event));
    event.map_or(now, |event| event.starts_at)
}

/// Whether a membership opens a line: a plan it asks for, active, and for this buyer.
pub fn opens(order: &Order, line: &Line, membership: &Membership, catalog: &Catalog, now: Time) -> bool {
    plans(line, catalog).contains(&membership.plan)
        && membership.is_active(counts_at(line, catalog, now))
        && membership.is_for(order.email.as_deref())
}

/// The plans of which a line needs one; empty: none is needed.
pub fn plans<'a>(line: &Line, catalog: &'a Catalog) -> &'a [MembershipPlanId] {
    catalog.variant(line.variant).map_or(&[], |(product, _)| &product.sales.membership_plans)
}

/// The membership a line was opened with, if it still opens it.
pub fn membership<'a>(
    order: &Order,
    line: &Line,
    catalog: &'a Catalog,
    now: Time,
) -> Option<&'a Arc<Membership>> {
    let named = order.ticketing.access.memberships.iter().find(|(of, _)| *of == line.id);
    let row = named.and_then(|(_, id)| catalog.ticketing.memberships.get(id))?;
    opens(order, line, row, catalog, now).then_some(row)
}

/// Whether a line needs no membership, has one, or buys one in the same order.
pub fn is_member(order: &Order, line: &Line, catalog: &Catalog, now: Time) -> bool {
    let plans = plans(line, catalog);
    plans.is_empty() || membership(order, line, catalog, now).is_some() || buys_one_of(order, plans, catalog)
}

fn buys_one_of(order: &Order, plans: &[MembershipPlanId], catalog: &Catalog) -> bool {
    super::goods(order, catalog).any(|(_, product, _)| {
        matches!(product.sales.kind, ProductKind::Membership(Some(plan)) if plans.contains(&plan))
    })
}

/// Whether a ticket's member id is there and right: of the form, in the list, and on no other ticket of the
/// order for the same event.
pub fn member_id_fits(order: &Order, ticket: &Ticket, catalog: &Catalog) -> bool {
    let rule = catalog.ticketing.ticket_types.get(&ticket.ticket_type).and_then(|row| row.member_id.as_ref());
    match (rule, &ticket.member_id) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(rule), Some(id)) => rule.allows(id) && twin(order, ticket.id, ticket.event, id).is_none(),
    }
}

/// Another ticket of the order that has a member id at an event already.
pub fn twin(order: &Order, ticket: TicketId, event: EventId, id: &str) -> Option<TicketId> {
    let others = order.ticketing.tickets.iter().filter(|other| other.id != ticket && other.event == event);
    others.into_iter().find(|other| other.member_id.as_deref() == Some(id)).map(|other| other.id)
}

/// What an order counts against when it is placed: key, units, and the limit of all orders together.
pub fn claims(order: &Order, catalog: &Catalog, now: Time) -> Vec<(ClaimKey, u32, Option<u32>)> {
    let mut claims: Vec<(ClaimKey, u32, Option<u32>)> = Vec::new();
    let mut add = |key: ClaimKey, units: u32, limit: Option<u32>| match claims.iter_mut().find(|c| c.0 == key)
    {
        Some(claim) => claim.1 = claim.1.saturating_add(units),
        None => claims.push((key, units, limit)),
    };
    for event in order.ticketing.events() {
        let invite_only =
            catalog.ticketing.events.get(&event).is_some_and(|row| row.entry == Entry::InviteOnly);
        if let Some(row) = invitation(order, event, catalog, now).filter(|_| invite_only) {
            add(ClaimKey::Invitation(row.id), tickets_for(order, event), row.max_tickets);
        }
    }
    let mut members = BTreeSet::new();
    for ticket in &order.ticketing.tickets {
        if let Some(id) = &ticket.member_id
            && members.insert((ticket.event, id))
        {
            add(ClaimKey::Member(ticket.event, id.clone()), 1, Some(1));
        }
    }
    for (line, product, _) in super::goods(order, catalog) {
        if let Some(row) = membership(order, line, catalog, now) {
            add(ClaimKey::Membership(row.id), line.quantity, row.max_uses);
        }
        let who = crate::user::contact(order.email.as_deref());
        if let (Some(most), Some(who)) = (product.sales.max_per_contact, who) {
            add(ClaimKey::Contact(product.id, who), line.quantity, Some(most));
        }
    }
    claims
}
