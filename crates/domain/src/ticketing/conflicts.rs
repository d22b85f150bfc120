//! Events of one order that nobody can go to both: they overlap, or the merchant has put them into one group.

use crate::EventId;
use crate::catalog::{Catalog, ConflictPolicy};
use crate::order::Order;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The lower id first.
    pub events: (EventId, EventId),
    pub reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Overlap,
    Group,
}

/// What the checkout does about conflicts.
pub fn policy(order: &Order, catalog: &Catalog) -> ConflictPolicy {
    super::customization(order, catalog).map_or(ConflictPolicy::Off, |row| row.conflicts)
}

/// All conflicting pairs, accepted or not, by event id.
pub fn all(order: &Order, catalog: &Catalog) -> Vec<Conflict> {
    let events = order.ticketing.events();
    let rows: Vec<_> = events.iter().filter_map(|id| catalog.ticketing.events.get(id)).collect();
    let mut conflicts = Vec::new();
    for (position, one) in rows.iter().enumerate() {
        for other in &rows[position + 1..] {
            let reason = if one.overlaps(other) {
                Reason::Overlap
            } else if one.conflict_group.is_some() && one.conflict_group == other.conflict_group {
                Reason::Group
            } else {
                continue;
            };
            conflicts.push(Conflict { events: (one.id, other.id), reason });
        }
    }
    conflicts
}

/// The pairs that something has still to be done about.
pub fn open(order: &Order, catalog: &Catalog) -> Vec<Conflict> {
    let accepted = &order.ticketing.accepted_conflicts;
    match policy(order, catalog) {
        ConflictPolicy::Off => Vec::new(),
        ConflictPolicy::Block => all(order, catalog),
        ConflictPolicy::Warn => {
            all(order, catalog).into_iter().filter(|pair| !accepted.contains(&pair.events)).collect()
        }
    }
}
