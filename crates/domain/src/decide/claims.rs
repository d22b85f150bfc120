//! Uses that are counted across orders: invitations, memberships, member ids, pieces of a contact.
//!
//! Counted when placing begins, by the commit itself; what other orders have claimed is looked at before, so that
//! the refusal can say which of them is used up.

use super::draft::Draft;
use crate::fault::{Fault, Flaw, Spot};
use crate::movement::{ClaimChange, ClaimKey, ClaimMovement, Movement};
use crate::order::Order;
use crate::refusal::Refusal;
use crate::ticketing::access;

/// Whether everything the order counts against still has room for it.
pub(super) fn check(draft: &Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let order = &draft.order;
    let mut faults = Vec::new();
    for (key, units, limit) in access::claims(order, context.catalog, context.now) {
        let used = context.buyer.claims.get(&key).copied().unwrap_or(0);
        let current = u64::from(units) + u64::from(used);
        let Some(maximum) = limit.map(u64::from).filter(|limit| current > *limit) else { continue };
        let flaw = Flaw::AtMost { maximum, current, condition: None };
        faults.push(fault(order, &key, flaw, draft));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Faults(faults)) }
}

fn fault(order: &Order, key: &ClaimKey, flaw: Flaw, draft: &Draft<'_>) -> Fault {
    let catalog = draft.context.catalog;
    match key {
        ClaimKey::Invitation(_) => Fault::new(Spot::Invitation(0), "code", flaw),
        ClaimKey::Membership(id) => {
            let line = order.ticketing.access.memberships.iter().find(|(_, of)| of == id);
            let spot = line.map_or(Spot::Order, |(line, _)| Spot::Line(*line));
            Fault::new(spot, "membership", flaw)
        }
        ClaimKey::Member(event, id) => {
            let tickets = order.ticketing.tickets.iter();
            let of = tickets.into_iter().find(|t| t.event == *event && t.member_id.as_ref() == Some(id));
            let spot = of.map_or(Spot::Order, |ticket| Spot::Ticket(ticket.id));
            Fault::new(spot, "member_id", Flaw::Taken)
        }
        ClaimKey::Contact(product, _) => {
            let of = |line: &&crate::order::Line| {
                catalog.variant(line.variant).is_some_and(|(owner, _)| owner.id == *product)
            };
            let line = order.lines.iter().find(of).map_or(Spot::Order, |line| Spot::Line(line.id));
            Fault::new(line, "quantity", flaw)
        }
        // Waiting has no limit that could be reached.
        ClaimKey::Wait(_) => Fault::new(Spot::Order, "base", flaw),
    }
}

/// Counts the order; the commit fails if anything is used up meanwhile.
pub(super) fn claim(draft: &mut Draft<'_>) {
    let (catalog, now) = (draft.context.catalog, draft.context.now);
    let claims = access::claims(&draft.order, catalog, now);
    draft.order.ticketing.claimed = claims.iter().map(|(key, ..)| key.clone()).collect();
    for (key, units, limit) in claims {
        movement(draft, key, ClaimChange::Claim { units, limit });
    }
}

/// Gives back what was counted.
pub(super) fn release(draft: &mut Draft<'_>) {
    for key in std::mem::take(&mut draft.order.ticketing.claimed) {
        movement(draft, key, ClaimChange::Release);
    }
}

fn movement(draft: &mut Draft<'_>, key: ClaimKey, change: ClaimChange) {
    let order = draft.order.id;
    draft.movement(Movement::Claim(ClaimMovement { order, key, change }));
}
