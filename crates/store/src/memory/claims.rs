//! Claims in memory, and the names tickets are found by.

use super::state::State;
use domain::OrderId;
use domain::movement::{ClaimChange, ClaimKey, ClaimMovement};
use engine::ports::{CommitError, OrderPut};
use std::collections::BTreeMap;

/// Units one order has claimed, and the limit they were counted under.
#[derive(Clone, Copy)]
pub(super) struct Claimed {
    pub units: u32,
    pub limit: Option<u32>,
}

fn of_key<'a>(state: &'a State, key: &'a ClaimKey) -> impl Iterator<Item = (OrderId, Claimed)> + 'a {
    let range = (key.clone(), OrderId(i64::MIN))..=(key.clone(), OrderId(i64::MAX));
    state.claimed.range(range).map(|((_, order), claimed)| (*order, *claimed))
}

pub(super) fn apply(state: &mut State, movement: &ClaimMovement) -> Result<(), CommitError> {
    let of_order = (movement.key.clone(), movement.order);
    match movement.change {
        ClaimChange::Claim { units, limit } => {
            if state.claimed.contains_key(&of_order) {
                return Ok(());
            }
            let used: u64 = of_key(state, &movement.key).map(|(_, claimed)| u64::from(claimed.units)).sum();
            if limit.is_some_and(|limit| used + u64::from(units) > u64::from(limit)) {
                return Err(CommitError::Claimed(movement.key.clone()));
            }
            state.claimed.insert(of_order, Claimed { units, limit });
        }
        ClaimChange::Release => drop(state.claimed.remove(&of_order)),
    }
    Ok(())
}

/// Units that all orders have claimed.
pub(super) fn used(state: &State, key: &ClaimKey) -> i64 {
    of_key(state, key).map(|(_, claimed)| i64::from(claimed.units)).sum()
}

/// Units that other orders have claimed.
pub(super) fn of_others(state: &State, keys: &[ClaimKey], except: OrderId) -> BTreeMap<ClaimKey, u32> {
    let mut found = BTreeMap::new();
    for key in keys {
        let others = of_key(state, key).filter(|(order, _)| *order != except);
        let used = others.fold(0u32, |sum, (_, claimed)| sum.saturating_add(claimed.units));
        if used > 0 {
            found.insert(key.clone(), used);
        }
    }
    found
}

/// Writes the names of new tickets and forgets those of tickets that are gone.
pub(super) fn name_tickets(state: &mut State, put: &OrderPut) -> Result<(), CommitError> {
    for id in &put.gone_tickets {
        if let Some(name) = state.tickets.remove(id) {
            state.ticket_numbers.remove(&name.number);
            state.barcodes.remove(&(name.event, name.barcode));
        }
    }
    for ticket in &put.new_tickets {
        let barcode = (ticket.event, ticket.barcode.clone());
        let taken = state.tickets.contains_key(&ticket.id)
            || state.ticket_numbers.contains_key(&ticket.number)
            || state.barcodes.contains_key(&barcode);
        if taken {
            return Err(CommitError::NumberTaken);
        }
        state.tickets.insert(ticket.id, ticket.clone());
        state.ticket_numbers.insert(ticket.number.clone(), put.order.id);
        state.barcodes.insert(barcode, put.order.id);
    }
    Ok(())
}
