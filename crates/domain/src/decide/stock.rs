//! Stock as a decision sees it: what an order demands of which level, and the movements that take, hold, release
//! or return it. Every check made here on values that were read is repeated by the movement itself.
//!
//! Pieces of lines that ship are demanded by their shipments, all others by their line. Where a line's pieces
//! come from is decided once and then written on the line (`reserved`), so that what is given back is exactly
//! what was taken, wherever stock has moved meanwhile.

use super::draft::Draft;
use super::packages::{active_locations, allocate, tracked};
use super::{holds, pools};
use crate::decision::Context;
use crate::money::Amount;
use crate::movement::{StockChange, StockPart};
use crate::order::{Line, Order, Phase, ShipmentState, Supply, UnitRun, UnitState};
use crate::refusal::{Refusal, Shortage};
use crate::{LineId, StockLocationId, Time, UnitId, VariantId, limits};
use std::collections::{BTreeMap, BTreeSet};

/// So many pieces of one level, for one part of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Demand {
    part: StockPart,
    variant: VariantId,
    location: StockLocationId,
    units: u32,
    /// Held under its line already (from the cart on, or since placing began).
    held: bool,
}

/// What is written on the order: by shipment for what ships, by line for what ships nothing and has its place.
/// Variants that are not tracked demand nothing.
fn recorded(draft: &Draft<'_>) -> Vec<Demand> {
    let catalog = draft.context.catalog;
    let order = &draft.order;
    let held: BTreeSet<LineId> =
        order.lines.iter().filter(|line| !line.reserved.is_empty()).map(|line| line.id).collect();
    let mut units: BTreeMap<(StockPart, VariantId, StockLocationId, bool), u32> = BTreeMap::new();
    for shipment in order.shipments.iter().filter(|shipment| shipment.state != ShipmentState::Canceled) {
        for run in shipment.runs.iter().filter(|run| run.state != UnitState::Canceled) {
            if tracked(catalog, run.variant) {
                let part = StockPart::Shipment(shipment.id);
                let held = held.contains(&run.line);
                let units = units.entry((part, run.variant, shipment.location, held)).or_default();
                *units = units.saturating_add(run.count);
            }
        }
    }
    for line in order.lines.iter().filter(|line| !ships(draft, line)) {
        for (location, count) in &line.reserved {
            *units.entry((StockPart::Line(line.id), line.variant, *location, true)).or_default() += count;
        }
    }
    let demand = |((part, variant, location, held), units)| Demand { part, variant, location, units, held };
    units.into_iter().map(demand).collect()
}

/// What lines that ship nothing would be given, as far as nothing is written on them yet.
fn allocated(draft: &Draft<'_>) -> (Vec<Demand>, Vec<Shortage>) {
    let (mut demands, mut short) = (Vec::new(), Vec::new());
    let mut promised = BTreeMap::new();
    for line in draft.order.lines.iter().filter(|line| line.reserved.is_empty() && !ships(draft, line)) {
        let variant = line.variant;
        if !tracked(draft.context.catalog, variant) {
            continue;
        }
        let (parts, missing) = allocate(draft.context, line, &mut promised);
        if missing > 0 {
            let available = u64::from(line.quantity - missing);
            let requested = u64::from(line.quantity);
            short.push(Shortage { line: Some(line.id), variant, requested, available });
        }
        // On hand and backordered pieces of one place are one demand.
        let mut places: BTreeMap<StockLocationId, u32> = BTreeMap::new();
        for (location, _, count) in parts {
            *places.entry(location).or_default() += count;
        }
        let part = StockPart::Line(line.id);
        demands.extend(places.into_iter().map(|(location, units)| Demand {
            part,
            variant,
            location,
            units,
            held: false,
        }));
    }
    (demands, short)
}

fn ships(draft: &Draft<'_>, line: &Line) -> bool {
    draft.context.catalog.variant(line.variant).is_some_and(|(product, _)| product.ships())
}

/// Whether everything the order demands can be supplied now.
///
/// # Errors
/// `InsufficientStock` naming each variant that is short.
pub(super) fn check_all(draft: &Draft<'_>) -> Result<(), Refusal> {
    let (allocated, mut short) = allocated(draft);
    let mut wanted: BTreeMap<(VariantId, StockLocationId), i64> = BTreeMap::new();
    for demand in recorded(draft).into_iter().chain(allocated) {
        *wanted.entry((demand.variant, demand.location)).or_default() += i64::from(demand.units);
    }
    let own = holds::own(draft);
    for ((variant, location), units) in wanted {
        let level = draft.context.stock.of(variant).iter().find(|level| level.location == location);
        let held = own.get(&(variant, location)).copied().unwrap_or(0);
        let free = level.map_or(0, |level| level.available()) + held;
        if free < units && !level.is_some_and(|level| level.backorderable) {
            let requested = units.unsigned_abs();
            short.push(Shortage { line: None, variant, requested, available: free.max(0).unsigned_abs() });
        }
    }
    let gone = draft.order.lines.iter().filter(|line| is_gone(draft, line));
    short.extend(gone.map(|line| Shortage {
        line: Some(line.id),
        variant: line.variant,
        requested: u64::from(line.quantity),
        available: 0,
    }));
    short.extend(pools::shortages(draft));
    if short.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(short)) }
}

/// Whether what the order holds while a gateway works is still there to be taken: staff may have corrected a level,
/// or made a pool smaller, meanwhile.
///
/// # Errors
/// `InsufficientStock` naming each variant or pool that is short.
pub(super) fn check_held(draft: &Draft<'_>) -> Result<(), Refusal> {
    let mut wanted: BTreeMap<(VariantId, StockLocationId), i64> = BTreeMap::new();
    for demand in recorded(draft) {
        *wanted.entry((demand.variant, demand.location)).or_default() += i64::from(demand.units);
    }
    for drawn in draft.order.lines.iter().flat_map(|line| &line.drawn) {
        *wanted.entry((drawn.pool, StockLocationId::NOWHERE)).or_default() += i64::from(drawn.units);
    }
    let short = wanted.into_iter().filter_map(|((variant, location), units)| {
        let level = draft.context.stock.of(variant).iter().find(|level| level.location == location);
        let there = level.map_or(0, |level| level.on_hand);
        let enough = there >= units || level.is_some_and(|level| level.backorderable);
        let (requested, available) = (units.unsigned_abs(), there.max(0).unsigned_abs());
        (!enough).then_some(Shortage { line: None, variant, requested, available })
    });
    let short: Vec<Shortage> = short.collect();
    if short.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(short)) }
}

/// Whether every line can be supplied now, also before anything is packed.
///
/// # Errors
/// `InsufficientStock` naming each variant that is short.
pub(super) fn check_lines(draft: &Draft<'_>) -> Result<(), Refusal> {
    if !draft.order.shipments.is_empty() {
        return check_all(draft);
    }
    let mut promised = BTreeMap::new();
    let mut short = Vec::new();
    let unheld = |line: &&Line| line.reserved.is_empty() && tracked(draft.context.catalog, line.variant);
    for line in draft.order.lines.iter().filter(unheld) {
        let (_, missing) = allocate(draft.context, line, &mut promised);
        if missing > 0 {
            let (line, variant, requested) = (line.id, line.variant, u64::from(line.quantity));
            let available = requested.saturating_sub(u64::from(missing));
            short.push(Shortage { line: Some(line), variant, requested, available });
        }
    }
    if short.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(short)) }
}

/// Lines of an order that is only thought of that could not be supplied now.
pub(crate) fn missing_pieces(order: &Order, context: &Context<'_>) -> Vec<Shortage> {
    let mut promised = BTreeMap::new();
    let mut short = Vec::new();
    for line in order.lines.iter().filter(|line| tracked(context.catalog, line.variant)) {
        let (_, missing) = allocate(context, line, &mut promised);
        if missing > 0 {
            let (line, variant, requested) = (line.id, line.variant, u64::from(line.quantity));
            let available = requested.saturating_sub(u64::from(missing));
            short.push(Shortage { line: Some(line), variant, requested, available });
        }
    }
    short
}

/// A tracked variant that has no stock level anywhere (left), as deleted ones do.
fn is_gone(draft: &Draft<'_>, line: &Line) -> bool {
    tracked(draft.context.catalog, line.variant) && draft.context.stock.of(line.variant).is_empty()
}

/// Holds what the order demands while a gateway works, and writes on lines where theirs is held. What is held
/// from the cart stays held as it is, or is held anew together with the rest if everything `ran_out`.
pub(super) fn hold_all(draft: &mut Draft<'_>, until: Time, ran_out: bool) {
    let (allocated, _) = allocated(draft);
    for demand in recorded(draft).iter().chain(&allocated).filter(|demand| !demand.held) {
        let change = StockChange::Hold { units: demand.units, until };
        draft.stock(demand.part, demand.variant, demand.location, change);
    }
    if ran_out {
        holds::hold_again(draft, until);
    }
    write_places(draft, &allocated);
}

/// Takes what the order demands: held pieces out of their holds, the others straight from the level.
pub(super) fn take_all(draft: &mut Draft<'_>) {
    let placing = draft.order.phase == Phase::Placing;
    let (allocated, _) = allocated(draft);
    let demands = recorded(draft);
    // Shipments are what stock is accounted for by from now on: their lines' holds make room for them.
    for line in draft.order.lines.clone() {
        if ships(draft, &line) {
            holds::release_places(draft, &line);
        }
    }
    for demand in demands.iter().chain(&allocated) {
        let units = demand.units;
        let held = match demand.part {
            StockPart::Line(_) => demand.held,
            StockPart::Shipment(_) => placing && !demand.held,
        };
        let change = if held { StockChange::TakeHeld { units } } else { StockChange::Take { units } };
        draft.stock(demand.part, demand.variant, demand.location, change);
    }
    write_places(draft, &allocated);
    pools::take_all(draft);
    let catalog = draft.context.catalog;
    let in_parcels = |line: &&mut Line| catalog.variant(line.variant).is_some_and(|(p, _)| p.ships());
    draft.order.lines.iter_mut().filter(in_parcels).for_each(|line| line.reserved.clear());
}

fn write_places(draft: &mut Draft<'_>, allocated: &[Demand]) {
    let mut places: BTreeMap<LineId, Vec<(StockLocationId, u32)>> = BTreeMap::new();
    for demand in allocated {
        if let StockPart::Line(line) = demand.part {
            places.entry(line).or_default().push((demand.location, demand.units));
        }
    }
    for line in &mut draft.order.lines {
        if let Some(places) = places.remove(&line.id) {
            line.reserved = places;
        }
    }
}

/// Gives back what was held for placing; what is held from the cart stays held.
pub(super) fn release_placing(draft: &mut Draft<'_>) {
    for demand in recorded(draft).into_iter().filter(|demand| !demand.held) {
        draft.stock(demand.part, demand.variant, demand.location, StockChange::Release);
    }
    for position in 0..draft.order.lines.len() {
        let line = draft.order.lines[position].clone();
        if holds::minutes(draft, &line).is_none() {
            holds::release_places(draft, &line);
            draft.order.lines[position].reserved.clear();
        }
    }
}

/// Puts everything taken for the order back.
pub(super) fn return_all(draft: &mut Draft<'_>) {
    if draft.order.supply == Supply::Owed {
        draft.order.supply = Supply::Taken;
        return;
    }
    for demand in recorded(draft) {
        let change = StockChange::Return { units: demand.units };
        draft.stock(demand.part, demand.variant, demand.location, change);
    }
    draft.order.lines.iter_mut().for_each(|line| line.reserved.clear());
    pools::return_all(draft);
}

/// Says anew which pieces of the order's shipments are on hand and which have to be waited for.
pub(super) fn look_again(draft: &mut Draft<'_>) {
    let context = draft.context;
    let mut free: BTreeMap<(VariantId, StockLocationId), i64> = BTreeMap::new();
    for shipment in &mut draft.order.shipments {
        let location = shipment.location;
        let mut runs = Vec::with_capacity(shipment.runs.len());
        for run in &shipment.runs {
            let there = free.entry((run.variant, location)).or_insert_with(|| {
                let levels = context.stock.of(run.variant).iter();
                levels.filter(|level| level.location == location).map(|level| level.available().max(0)).sum()
            });
            let on_hand = if tracked(context.catalog, run.variant) {
                run.count.min(u32::try_from(*there).unwrap_or(u32::MAX))
            } else {
                run.count
            };
            *there -= i64::from(on_hand);
            let rest = UnitId(run.first.0 + i64::from(on_hand));
            let parts = [
                UnitRun { count: on_hand, state: UnitState::OnHand, ..*run },
                UnitRun { first: rest, count: run.count - on_hand, state: UnitState::Backordered, ..*run },
            ];
            runs.extend(parts.into_iter().filter(|part| part.count > 0));
        }
        shipment.runs = runs;
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
        return Err(Refusal::InsufficientStock(vec![Shortage {
            line: Some(id),
            variant,
            requested,
            available: 0,
        }]));
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

/// When what is held for placing runs out: with what the order holds from the cart, else after a fixed time.
/// One clock for the whole order, or half of it could be lost unseen.
pub(super) fn placing_until(draft: &Draft<'_>) -> Time {
    let now = draft.context.now;
    let from_cart = draft.order.lines.iter().any(|line| !line.reserved.is_empty() || !line.drawn.is_empty());
    let cart_end = draft.order.expires_at.filter(|until| from_cart && *until > now);
    cart_end.unwrap_or_else(|| now.plus_minutes(limits::PLACING_HOLD_MINUTES))
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
