//! Stock as a decision sees it: what an order demands of which level, and the movements that take, hold, release
//! or return it. Every check made here on values that were read is repeated by the movement itself.

use super::cart::invalid;
use super::draft::Draft;
use super::packages::{active_locations, allocate, tracked};
use crate::catalog::HoldFrom;
use crate::channel::{Hold, StockOnAdd};
use crate::money::Amount;
use crate::movement::{StockChange, StockPart};
use crate::order::{Line, Order, ShipmentState, UnitState};
use crate::refusal::{Refusal, Rule, Shortage};
use crate::{LineId, StockLocationId, Time, VariantId, limits};
use std::collections::BTreeMap;

/// So many pieces of one level, for one part of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    pub part: StockPart,
    pub variant: VariantId,
    pub location: StockLocationId,
    pub units: u32,
}

/// What placing the order takes: by shipment for what ships from stock, by line for what is held from the cart
/// or ships nothing. Variants that are not tracked demand nothing.
pub(super) fn demands(draft: &Draft<'_>) -> Vec<Demand> {
    let mut demands: BTreeMap<(StockPart, VariantId, StockLocationId), u32> = BTreeMap::new();
    let order = &draft.order;
    let catalog = draft.context.catalog;
    for shipment in order.shipments.iter().filter(|shipment| shipment.state != ShipmentState::Canceled) {
        for run in shipment.runs.iter().filter(|run| run.state != UnitState::Canceled) {
            let held = order.line(run.line).is_some_and(|line| !line.reserved.is_empty());
            if !held && tracked(catalog, run.variant) {
                *demands
                    .entry((StockPart::Shipment(shipment.id), run.variant, shipment.location))
                    .or_default() += run.count;
            }
        }
    }
    for line in &order.lines {
        for (location, units) in line_parts(draft, line) {
            *demands.entry((StockPart::Line(line.id), line.variant, location)).or_default() += units;
        }
    }
    let demand = |((part, variant, location), units)| Demand { part, variant, location, units };
    demands.into_iter().map(demand).collect()
}

/// What a line demands by itself: its holds, or, if it ships nothing but is tracked, the level that has most.
fn line_parts(draft: &Draft<'_>, line: &Line) -> Vec<(StockLocationId, u32)> {
    if !line.reserved.is_empty() {
        return line.reserved.clone();
    }
    let catalog = draft.context.catalog;
    let ships = catalog.variant(line.variant).is_some_and(|(product, _)| product.ships());
    if ships || !tracked(catalog, line.variant) {
        return Vec::new();
    }
    let levels = draft.context.stock.of(line.variant);
    let fullest = levels.iter().max_by_key(|level| (level.available(), std::cmp::Reverse(level.location)));
    fullest.map(|level| (level.location, line.quantity)).into_iter().collect()
}

/// Whether everything the order demands can be supplied now.
///
/// # Errors
/// `InsufficientStock` naming each variant that is short.
pub(super) fn check_all(draft: &Draft<'_>) -> Result<(), Refusal> {
    let held = |variant, location| held_by(&draft.order, variant, location);
    let mut wanted: BTreeMap<(VariantId, StockLocationId), i64> = BTreeMap::new();
    for demand in demands(draft) {
        *wanted.entry((demand.variant, demand.location)).or_default() += i64::from(demand.units);
    }
    let mut short = Vec::new();
    for ((variant, location), units) in wanted {
        let level = draft.context.stock.of(variant).iter().find(|level| level.location == location);
        let free = level.map_or(0, |level| level.available()) + held(variant, location);
        if free < units && !level.is_some_and(|level| level.backorderable) {
            let requested = units.unsigned_abs();
            short.push(Shortage { line: None, variant, requested, available: free.max(0).unsigned_abs() });
        }
    }
    let no_levels = draft.order.lines.iter().filter(|line| is_gone(draft, line));
    short.extend(no_levels.map(|line| Shortage {
        line: Some(line.id),
        variant: line.variant,
        requested: u64::from(line.quantity),
        available: 0,
    }));
    if short.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(short)) }
}

/// A tracked variant that has no stock level anywhere (left), as deleted ones do.
fn is_gone(draft: &Draft<'_>, line: &Line) -> bool {
    tracked(draft.context.catalog, line.variant) && draft.context.stock.of(line.variant).is_empty()
}

fn held_by(order: &Order, variant: VariantId, location: StockLocationId) -> i64 {
    let lines = order.lines.iter().filter(|line| line.variant == variant);
    let held = lines.flat_map(|line| &line.reserved).filter(|(place, _)| *place == location);
    held.map(|(_, count)| i64::from(*count)).sum()
}

/// Holds what the order demands and does not hold yet, while a gateway works.
pub(super) fn hold_all(draft: &mut Draft<'_>, until: Time) {
    for demand in demands(draft) {
        if !is_cart_hold(&draft.order, &demand) {
            let change = StockChange::Hold { units: demand.units, until };
            draft.stock(demand.part, demand.variant, demand.location, change);
        }
    }
}

/// Takes what the order demands: held pieces out of their holds, the others straight from the level.
pub(super) fn take_all(draft: &mut Draft<'_>) {
    let placing = draft.order.phase == crate::order::Phase::Placing;
    for demand in demands(draft) {
        let units = demand.units;
        let held = placing || is_cart_hold(&draft.order, &demand);
        let change = if held { StockChange::TakeHeld { units } } else { StockChange::Take { units } };
        draft.stock(demand.part, demand.variant, demand.location, change);
    }
}

/// Remembers on the lines where a placed order's pieces came from, if not from shipments.
pub(super) fn note_reserved(draft: &mut Draft<'_>) {
    let demands = demands(draft);
    for line in &mut draft.order.lines {
        let ships = draft.context.catalog.variant(line.variant).is_some_and(|(product, _)| product.ships());
        let own = demands.iter().filter(|demand| !ships && demand.part == StockPart::Line(line.id));
        line.reserved = own.map(|demand| (demand.location, demand.units)).collect();
    }
}

/// Takes more pieces for a line of a placed order that ships nothing.
pub(super) fn take_more(draft: &mut Draft<'_>, id: LineId, units: u32) -> Result<(), Refusal> {
    let Some(line) = draft.order.line(id) else { return Ok(()) };
    let variant = line.variant;
    if !tracked(draft.context.catalog, variant) {
        return Ok(());
    }
    let Some((location, _)) = supplier(draft, variant, units) else {
        let requested = u64::from(units);
        return Err(Refusal::InsufficientStock(vec![Shortage { line: Some(id), variant, requested, available: 0 }]));
    };
    draft.stock(StockPart::Line(id), variant, location, StockChange::Take { units });
    if let Some(line) = draft.order.line_mut(id) {
        match line.reserved.iter_mut().find(|(place, _)| *place == location) {
            Some((_, taken)) => *taken += units,
            None => line.reserved.push((location, units)),
        }
    }
    Ok(())
}

/// Gives pieces of a line of a placed order that ships nothing back to where they came from.
pub(super) fn give_back(draft: &mut Draft<'_>, id: LineId, units: u32) {
    let Some(line) = draft.order.line_mut(id) else { return };
    let variant = line.variant;
    let mut left = units;
    let mut returned = Vec::new();
    for (location, taken) in line.reserved.iter_mut().rev() {
        let count = left.min(*taken);
        *taken -= count;
        left -= count;
        returned.push((*location, count));
    }
    line.reserved.retain(|(_, taken)| *taken > 0);
    for (location, units) in returned.into_iter().filter(|(_, units)| *units > 0) {
        draft.stock(StockPart::Line(id), variant, location, StockChange::Return { units });
    }
}

/// Gives back what was held for placing; holds from the cart stay.
pub(super) fn release_placing(draft: &mut Draft<'_>) {
    for demand in demands(draft) {
        if !is_cart_hold(&draft.order, &demand) {
            draft.stock(demand.part, demand.variant, demand.location, StockChange::Release);
        }
    }
}

/// Puts everything taken for the order back.
pub(super) fn return_all(draft: &mut Draft<'_>) {
    for demand in demands(draft) {
        let change = StockChange::Return { units: demand.units };
        draft.stock(demand.part, demand.variant, demand.location, change);
    }
}

fn is_cart_hold(order: &Order, demand: &Demand) -> bool {
    match demand.part {
        StockPart::Line(line) => order.line(line).is_some_and(|line| !line.reserved.is_empty()),
        StockPart::Shipment(_) => false,
    }
}

/// Whether stock of this line is held from the cart on; for how many minutes.
fn cart_hold_minutes(draft: &Draft<'_>, line: &Line) -> Option<u32> {
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

/// On adding: refuses at once what could not be supplied, where the channel or the variant asks for it.
pub(super) fn check_on_add(draft: &Draft<'_>, line: &Line, already: u32) -> Result<(), Refusal> {
    let must = cart_hold_minutes(draft, line).is_some()
        || draft.context.via.policy.stock_on_add == StockOnAdd::Checked;
    if !must || draft.order.is_placed() {
        return Ok(());
    }
    let own: u32 = line.reserved.iter().map(|(_, count)| *count).sum();
    let wanted =
        Line { reserved: Vec::new(), quantity: line.quantity.saturating_sub(own.min(already)), ..line.clone() };
    let (_, missing) = allocate(draft.context, &wanted, &mut BTreeMap::new());
    if missing > 0 { Err(invalid("quantity", Rule::NotAvailable)) } else { Ok(()) }
}

/// Makes holds match the cart: a line whose count differs from what is held gives its hold back and takes a
/// new one, in one commit.
pub(super) fn sync_cart_holds(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.is_placed() {
        return Ok(());
    }
    let mut promised = BTreeMap::new();
    for position in 0..draft.order.lines.len() {
        let line = draft.order.lines[position].clone();
        let Some(minutes) = cart_hold_minutes(draft, &line) else { continue };
        let held: u32 = line.reserved.iter().map(|(_, count)| *count).sum();
        let lost = draft.order.expires_at.is_some_and(|until| until <= draft.context.now);
        if held == line.quantity && !lost {
            continue;
        }
        for (location, count) in &line.reserved {
            // What is given back here can be taken again in the same commit.
            *promised.entry((line.variant, *location)).or_insert(0i64) -= i64::from(*count);
        }
        release_line(draft, &line);
        let wanted = Line { reserved: Vec::new(), ..line.clone() };
        let (parts, missing) = allocate(draft.context, &wanted, &mut promised);
        if missing > 0 {
            return Err(invalid("quantity", Rule::NotAvailable));
        }
        let until = match draft.order.expires_at {
            Some(until) if !lost => until,
            _ => draft.context.now.plus_minutes(i64::from(minutes)),
        };
        draft.order.expires_at = Some(until);
        for (location, _, units) in &parts {
            draft.stock(
                StockPart::Line(line.id),
                line.variant,
                *location,
                StockChange::Hold { units: *units, until },
            );
        }
        draft.order.lines[position].reserved =
            parts.into_iter().map(|(place, _, count)| (place, count)).collect();
    }
    if draft.order.lines.iter().all(|line| line.reserved.is_empty()) {
        draft.order.expires_at = None;
    }
    Ok(())
}

/// Gives back what a line holds from the cart.
pub(super) fn release_line(draft: &mut Draft<'_>, line: &Line) {
    for (location, _) in &line.reserved {
        draft.stock(StockPart::Line(line.id), line.variant, *location, StockChange::Release);
    }
}

/// Takes over today's catalogue prices of all lines.
pub(super) fn take_over_prices(draft: &mut Draft<'_>) {
    let currency = draft.order.currency;
    for line in &mut draft.order.lines {
        let Some((_, variant)) = draft.context.catalog.variant(line.variant) else { continue };
        if let Some(option) = variant.price_option(&line.option, currency) {
            line.price = crate::price::unit_price(option, line.quantity).max(Amount::ZERO);
        }
    }
}

/// When a hold for placing runs out.
pub(super) fn placing_until(now: Time) -> Time {
    now.plus_minutes(limits::PLACING_HOLD_MINUTES)
}

/// A location that can supply so many pieces of a variant: by stock on hand, else by backorder, else one that
/// stocks it at all.
pub(super) fn supplier(
    draft: &Draft<'_>,
    variant: VariantId,
    units: u32,
) -> Option<(StockLocationId, UnitState)> {
    let context = draft.context;
    let locations: Vec<StockLocationId> = active_locations(context).collect();
    if !tracked(context.catalog, variant) {
        return locations.first().map(|location| (*location, UnitState::OnHand));
    }
    let levels: Vec<_> =
        context.stock.of(variant).iter().filter(|level| locations.contains(&level.location)).collect();
    let enough = levels.iter().find(|level| level.available() >= i64::from(units));
    let backorder = levels.iter().find(|level| level.backorderable);
    enough
        .map(|level| (level.location, UnitState::OnHand))
        .or_else(|| backorder.map(|level| (level.location, UnitState::Backordered)))
}
