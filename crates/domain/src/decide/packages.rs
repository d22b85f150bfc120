//! Packages: which pieces leave from where, together, at which rates.
//!
//! Pieces on hand are taken location by location in id order; what is left comes from locations where the
//! variant is backorderable. One package per location, split by shipping category and by on hand or
//! backordered. The cheapest rate is selected.

use super::draft::Draft;
use crate::catalog::Catalog;
use crate::decision::Context;
use crate::event::EventKind;
use crate::money::Amount;
use crate::order::{Line, Shipment, ShipmentState, ShippingRate, UnitRun, UnitState};
use crate::price::{self, Audience, Package};
use crate::refusal::{Refusal, Shortage};
use crate::{
    IdKind, ShipmentId, ShippingCategoryId, ShippingRateId, StockLocationId, UnitId, VariantId, limits,
};
use serde_json::Map;
use std::collections::BTreeMap;

/// What goes into one package, before it has a number: pieces by line.
type Contents = Vec<(crate::LineId, VariantId, u32)>;
/// Location, shipping category, on hand or backordered.
type PackageKey = (StockLocationId, ShippingCategoryId, UnitState);

/// What becomes of a package that no method carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unrated {
    Refused,
    /// It waits for an address.
    Kept,
}

/// Replaces all shipments by freshly proposed ones.
///
/// # Errors
/// `InsufficientStock` with the old shipments kept; `NoShippingRates` with all shipments gone.
pub(super) fn propose(draft: &mut Draft<'_>, unrated: Unrated) -> Result<(), Refusal> {
    let packages = pack(draft)?;
    if packages.len() > limits::SHIPMENTS {
        return Err(Refusal::TooMany(format!("shipments (at most {})", limits::SHIPMENTS)));
    }
    let mut shipments = Vec::with_capacity(packages.len());
    for ((location, _, state), contents) in packages {
        let mut shipment = blank(draft.context, location);
        shipment.runs = contents
            .iter()
            .map(|(line, variant, count)| run(draft.context, *line, *variant, *count, state))
            .collect();
        shipment.rates = rates(draft, &shipment, Audience::Buyers);
        match shipment.rates.first().map(|rate| rate.id) {
            Some(cheapest) => drop(shipment.select(cheapest)),
            None if unrated == Unrated::Kept => {}
            None => {
                draft.order.shipments.clear();
                draft.reprice()?;
                return Err(Refusal::NoShippingRates);
            }
        }
        shipments.push(shipment);
    }
    draft.note(EventKind::ShipmentsProposed, None, format!("{}", shipments.len()));
    draft.order.shipments = shipments;
    Ok(())
}

/// The same without stock: every piece is owed, by the place that has its variant.
///
/// # Errors
/// `InsufficientStock`, if no place could send anything.
pub(super) fn propose_owed(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let places: Vec<StockLocationId> = active_locations(context).collect();
    let mut packages: BTreeMap<PackageKey, Contents> = BTreeMap::new();
    for line in &draft.order.lines {
        let Some(category) = shipping_category(context.catalog, line.variant) else { continue };
        let mut stocked = context.stock.of(line.variant).iter().map(|level| level.location);
        let place = stocked.find(|place| places.contains(place)).or(places.first().copied());
        let place = place.ok_or_else(|| Refusal::InsufficientStock(Vec::new()))?;
        let key = (place, category, UnitState::Backordered);
        packages.entry(key).or_default().push((line.id, line.variant, line.quantity));
    }
    let shipments = packages.into_iter().map(|((location, _, state), contents)| {
        let mut shipment = blank(context, location);
        let runs = contents.iter();
        shipment.runs =
            runs.map(|(line, variant, count)| run(context, *line, *variant, *count, state)).collect();
        shipment.rates = rates(draft, &shipment, Audience::Buyers);
        shipment
    });
    let shipments: Vec<Shipment> = shipments.collect();
    draft.note(EventKind::ShipmentsProposed, None, format!("{}", shipments.len()));
    draft.order.shipments = shipments;
    Ok(())
}

/// Distributes every line that ships over locations.
fn pack(draft: &Draft<'_>) -> Result<BTreeMap<PackageKey, Contents>, Refusal> {
    let context = draft.context;
    let mut promised: BTreeMap<(VariantId, StockLocationId), i64> = BTreeMap::new();
    let mut packages: BTreeMap<PackageKey, Contents> = BTreeMap::new();
    let mut short = Vec::new();
    for line in &draft.order.lines {
        let Some(category) = shipping_category(context.catalog, line.variant) else { continue };
        let (parts, missing) = allocate(context, line, &mut promised);
        if missing > 0 {
            short.push(Shortage {
                line: Some(line.id),
                variant: line.variant,
                requested: u64::from(line.quantity),
                available: u64::from(line.quantity - missing),
            });
        }
        for (location, state, count) in parts {
            packages.entry((location, category, state)).or_default().push((line.id, line.variant, count));
        }
    }
    if short.is_empty() { Ok(packages) } else { Err(Refusal::InsufficientStock(short)) }
}

/// Where the pieces of one line come from, and how many come from nowhere. `promised` counts what lines before
/// this one were given.
pub(super) fn allocate(
    context: &Context<'_>,
    line: &Line,
    promised: &mut BTreeMap<(VariantId, StockLocationId), i64>,
) -> (Vec<(StockLocationId, UnitState, u32)>, u32) {
    let mut left = line.quantity;
    let mut parts = Vec::new();
    for (location, count) in &line.reserved {
        let count = (*count).min(left);
        left -= count;
        // A hold may stand on backorder too: of the pieces there, its own are counted as held.
        let level = context.stock.of(line.variant).iter().find(|level| level.location == *location);
        let there = level.map_or(0, |level| level.available().saturating_add(i64::from(count)).max(0));
        let on_hand = count.min(u32::try_from(there).unwrap_or(u32::MAX));
        let split = [(UnitState::OnHand, on_hand), (UnitState::Backordered, count - on_hand)];
        parts.extend(split.into_iter().filter(|(_, n)| *n > 0).map(|(state, n)| (*location, state, n)));
    }
    let locations: Vec<StockLocationId> = active_locations(context).collect();
    if !tracked(context.catalog, line.variant) {
        if let (Some(first), true) = (locations.first(), left > 0) {
            parts.push((*first, UnitState::OnHand, left));
            left = 0;
        }
        return (parts, left);
    }
    let levels = context.stock.of(line.variant);
    for level in levels.iter().filter(|level| locations.contains(&level.location)) {
        let given = promised.entry((line.variant, level.location)).or_default();
        let free = u32::try_from((level.available() - *given).max(0)).unwrap_or(u32::MAX);
        let count = free.min(left);
        if count > 0 {
            *given += i64::from(count);
            left -= count;
            parts.push((level.location, UnitState::OnHand, count));
        }
    }
    let backorder = levels.iter().find(|level| level.backorderable && locations.contains(&level.location));
    if let (Some(level), true) = (backorder, left > 0) {
        parts.push((level.location, UnitState::Backordered, left));
        left = 0;
    }
    (parts, left)
}

/// Active locations that the asking channel shows, in id order.
pub(super) fn active_locations<'a>(context: &Context<'a>) -> impl Iterator<Item = StockLocationId> + use<'a> {
    let (catalog, via) = (context.catalog, context.via);
    catalog
        .stock_locations
        .values()
        .filter(move |location| location.active && location.channels.show(&via.key))
        .map(|location| location.id)
}

pub(super) fn tracked(catalog: &Catalog, variant: VariantId) -> bool {
    catalog.variant(variant).is_some_and(|(_, variant)| variant.track_inventory)
}

fn shipping_category(catalog: &Catalog, variant: VariantId) -> Option<ShippingCategoryId> {
    catalog.variant(variant).and_then(|(product, _)| product.shipping_category)
}

/// An empty, pending shipment at a location.
pub(super) fn blank(context: &Context<'_>, location: StockLocationId) -> Shipment {
    Shipment {
        id: ShipmentId::fresh(context.ids),
        number: shipment_number(context),
        location,
        cost: Amount::ZERO,
        rates: Vec::new(),
        state: ShipmentState::Pending,
        runs: Vec::new(),
        tracking: None,
        instructions: None,
        shipped_at: None,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
    }
}

/// A run of `count` new pieces.
pub(super) fn run(
    context: &Context<'_>,
    line: crate::LineId,
    variant: VariantId,
    count: u32,
    state: UnitState,
) -> UnitRun {
    UnitRun { first: UnitId(context.ids.take(IdKind::Unit, count)), count, line, variant, state }
}

/// `H` and eleven digits.
pub(super) fn shipment_number(context: &Context<'_>) -> String {
    use crate::channel::NumberFormat;
    NumberFormat { prefix: "H", alphabet: NumberFormat::DIGITS, length: 11 }.draw(context.entropy)
}

/// The rates offered for a shipment now, cheapest first, none selected.
pub(super) fn rates(draft: &Draft<'_>, shipment: &Shipment, audience: Audience) -> Vec<ShippingRate> {
    let context = draft.context;
    offered(&draft.order, shipment, audience, context.catalog, &context.via.key)
        .into_iter()
        .map(|(method, name, cost)| ShippingRate {
            id: ShippingRateId::fresh(context.ids),
            method,
            name,
            cost,
            selected: false,
        })
        .collect()
}

/// The methods that would carry a shipment of an order now, with name and cost, cheapest first.
pub fn offered(
    order: &crate::order::Order,
    shipment: &Shipment,
    audience: Audience,
    catalog: &Catalog,
    channel: &crate::channel::ChannelKey,
) -> Vec<(crate::ShippingMethodId, String, Amount)> {
    let contents = contents(order, shipment);
    let address = order.ship_address.as_ref().map(|address| &address.fields);
    let package = Package { location: shipment.location, contents: &contents };
    price::rates(&package, address, order.currency, catalog, audience, channel)
}

/// What keeps a method from carrying a shipment of an order now, and what it would cost where it has a price; `None`
/// where nothing keeps it, or the order has no address to send to.
pub fn kept_from(
    order: &crate::order::Order,
    shipment: &Shipment,
    method: &crate::catalog::ShippingMethod,
    catalog: &Catalog,
) -> Option<(price::Obstacle, Option<Amount>)> {
    let contents = contents(order, shipment);
    let package = Package { location: shipment.location, contents: &contents };
    let address = &order.ship_address.as_ref()?.fields;
    let obstacle = price::obstacle(&package, method, address, order.currency, catalog)?;
    let cost = price::rate_working(&package, method, order.currency, catalog).map(|working| working.cost);
    Some((obstacle, cost))
}

/// What calculators of shipping see in a shipment: variant, pieces, and the price of one piece.
pub fn contents(order: &crate::order::Order, shipment: &Shipment) -> Vec<(VariantId, u32, Amount)> {
    let prices: BTreeMap<crate::LineId, Amount> =
        order.lines.iter().map(|line| (line.id, line.price)).collect();
    let price_of = |line| prices.get(&line).copied().unwrap_or_default();
    shipment.runs.iter().map(|run| (run.variant, run.count, price_of(run.line))).collect()
}
