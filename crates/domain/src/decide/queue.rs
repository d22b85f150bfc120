//! Joining and leaving the queue of the wait list: what an order waits for is claimed as long as it waits.
//!
//! Only what is short is claimed. A place of an event that has plenty is not kept from others because somebody
//! waits for its sold-out front row. Nor is anything kept for who asks for more than the pool has in all: that order
//! waits until the pool grows, and nobody waits behind it. (A pool of size 0 has not been opened yet.)

use super::draft::Draft;
use super::packages::tracked;
use super::pools;
use crate::VariantId;
use crate::movement::{ClaimChange, ClaimKey, ClaimMovement, Movement};
use crate::order::Drawn;
use std::collections::BTreeMap;

/// The order goes to the end of the queue for what its waiting lines are short of.
pub(super) fn join(draft: &mut Draft<'_>) {
    let catalog = draft.context.catalog;
    let mut queued: BTreeMap<VariantId, u32> = BTreeMap::new();
    let waiting = &draft.order.ticketing.waiting;
    for line in draft.order.lines.iter().filter(|line| waiting.contains(&line.id)) {
        let mut wanted = pools::draws(catalog, line);
        if tracked(catalog, line.variant) {
            wanted.push(Drawn { pool: line.variant, units: line.quantity });
        }
        let is_short = |drawn: &&Drawn| free(draft, drawn.pool) < i64::from(drawn.units);
        let short: Vec<Drawn> = wanted.iter().filter(is_short).copied().collect();
        // All of it may have come back meanwhile: the next offer finds it, and nobody else takes it before.
        for drawn in if short.is_empty() { wanted } else { short } {
            let units = queued.entry(drawn.pool).or_default();
            *units = units.saturating_add(drawn.units);
        }
    }
    queued.retain(|pool, units| {
        let size = catalog.ticketing.pools.get(pool).and_then(|pool| pool.size);
        size.is_none_or(|size| size == 0 || *units <= size)
    });
    for (variant, units) in &queued {
        claim(draft, *variant, ClaimChange::Claim { units: *units, limit: None });
    }
    let queued = queued.into_iter().map(|(pool, units)| Drawn { pool, units });
    draft.order.ticketing.queued = queued.collect();
}

fn free(draft: &Draft<'_>, variant: VariantId) -> i64 {
    draft.context.stock.of(variant).iter().map(|level| level.available().max(0)).sum()
}

/// The order waits no more, for whatever reason.
pub(super) fn leave(draft: &mut Draft<'_>) {
    for drawn in std::mem::take(&mut draft.order.ticketing.queued) {
        claim(draft, drawn.pool, ClaimChange::Release);
    }
}

fn claim(draft: &mut Draft<'_>, variant: VariantId, change: ClaimChange) {
    let (order, key) = (draft.order.id, ClaimKey::Wait(variant));
    draft.movement(Movement::Claim(ClaimMovement { order, key, change }));
}
