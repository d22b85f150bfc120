//! Holds from the cart on: which lines have them, for how long, and keeping them in step with the cart.
//!
//! All holds of an order run out together, at `expires_at`. Touching the cart does not prolong them; what ran
//! out is held anew, if it is still there, by whatever the buyer does next.

use super::cart::invalid;
use super::draft::Draft;
use super::packages::allocate;
use crate::catalog::HoldFrom;
use crate::channel::{Hold, StockOnAdd};
use crate::movement::{StockChange, StockPart};
use crate::order::{Line, Phase};
use crate::refusal::{Refusal, Rule};
use crate::{StockLocationId, VariantId};
use std::collections::BTreeMap;

/// Whether stock of this line is held from the cart on; for how many minutes.
pub(super) fn minutes(draft: &Draft<'_>, line: &Line) -> Option<u32> {
    /// For variants that ask for a hold in a channel that has none of its own.
    const OWN_MINUTES: u32 = 15;
    let (_, variant) = draft.context.catalog.variant(line.variant)?;
    match (draft.context.origin.policy.hold, variant.hold) {
        _ if !variant.track_inventory => None,
        (Hold::FromCart { minutes }, _) => Some(minutes),
        (Hold::WhenPlacing, HoldFrom::Cart) => Some(OWN_MINUTES),
        (Hold::WhenPlacing, HoldFrom::Channel) => None,
    }
}

/// The holds ran out; whether or not a sweep has passed, others may have the pieces now.
fn ran_out(draft: &Draft<'_>) -> bool {
    draft.order.expires_at.is_some_and(|until| until <= draft.context.now)
}

/// What the order's lines hold now, by level.
pub(super) fn own(draft: &Draft<'_>) -> BTreeMap<(VariantId, StockLocationId), i64> {
    let mut own = BTreeMap::new();
    if draft.order.is_placed() || ran_out(draft) {
        return own;
    }
    for line in &draft.order.lines {
        for (location, count) in &line.reserved {
            *own.entry((line.variant, *location)).or_insert(0) += i64::from(*count);
        }
    }
    own
}

/// On adding: refuses at once what could not be supplied, where the channel or the variant asks for it.
pub(super) fn check_on_add(draft: &Draft<'_>, line: &Line, already: u32) -> Result<(), Refusal> {
    let must = minutes(draft, line).is_some() || draft.context.via.policy.stock_on_add == StockOnAdd::Checked;
    if !must || draft.order.is_placed() {
        return Ok(());
    }
    let held = if ran_out(draft) { 0 } else { line.reserved.iter().map(|(_, count)| *count).sum() };
    let more = line.quantity.saturating_sub(held.min(already));
    let wanted = Line { reserved: Vec::new(), quantity: more, ..line.clone() };
    let (_, missing) = allocate(draft.context, &wanted, &mut BTreeMap::new());
    if missing > 0 { Err(invalid("quantity", Rule::NotAvailable)) } else { Ok(()) }
}

/// Makes holds match the cart: a line whose count differs from what is held gives its hold back and takes a
/// new one, in one commit. An expired cart is a cart again once it has its holds.
pub(super) fn sync(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.is_placed() {
        return Ok(());
    }
    let lost = ran_out(draft);
    let mut until = draft.order.expires_at.filter(|_| !lost);
    let mut promised = BTreeMap::new();
    for position in 0..draft.order.lines.len() {
        let line = draft.order.lines[position].clone();
        let Some(minutes) = minutes(draft, &line) else { continue };
        let held: u64 = line.reserved.iter().map(|(_, count)| u64::from(*count)).sum();
        if held == u64::from(line.quantity) && !lost {
            continue;
        }
        if !lost {
            for (location, count) in &line.reserved {
                // What is given back here can be taken again in the same commit.
                *promised.entry((line.variant, *location)).or_insert(0i64) -= i64::from(*count);
            }
        }
        release_line(draft, &line);
        draft.order.lines[position].reserved.clear();
        let wanted = Line { reserved: Vec::new(), ..line.clone() };
        let (parts, missing) = allocate(draft.context, &wanted, &mut promised);
        if missing > 0 {
            return Err(invalid("quantity", Rule::NotAvailable));
        }
        let until = *until.get_or_insert_with(|| draft.context.now.plus_minutes(i64::from(minutes)));
        let mut places: BTreeMap<StockLocationId, u32> = BTreeMap::new();
        for (location, _, count) in parts {
            *places.entry(location).or_default() += count;
        }
        for (location, units) in &places {
            let change = StockChange::Hold { units: *units, until };
            draft.stock(StockPart::Line(line.id), line.variant, *location, change);
        }
        draft.order.lines[position].reserved = places.into_iter().collect();
    }
    let holds = draft.order.lines.iter().any(|line| !line.reserved.is_empty());
    draft.order.expires_at = until.filter(|_| holds);
    if draft.order.phase == Phase::Expired {
        draft.order.phase = Phase::Cart;
    }
    Ok(())
}

/// Gives back what a line holds from the cart.
pub(super) fn release_line(draft: &mut Draft<'_>, line: &Line) {
    for (location, _) in &line.reserved {
        draft.stock(StockPart::Line(line.id), line.variant, *location, StockChange::Release);
    }
}

/// Gives back everything that any line holds.
pub(super) fn release_all(draft: &mut Draft<'_>) {
    for line in draft.order.lines.clone() {
        release_line(draft, &line);
    }
    draft.order.lines.iter_mut().for_each(|line| line.reserved.clear());
    draft.order.expires_at = None;
}
