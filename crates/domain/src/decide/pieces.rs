//! The pieces in shipments: adding, taking out, moving them, and moving one from state to state.
//!
//! Pieces of a placed order move stock at once; pieces of an unfinished one only say what will be taken. Pieces
//! that have left are never taken out, moved, or given back to stock here: they come back by a return.

use super::cart::{self, invalid};
use super::draft::Draft;
use super::shipments::NOT_FOUND;
use super::{holds, packages, shipments, stock};
use crate::command::TransferTo;
use crate::decision::Focus;
use crate::event::EventKind;
use crate::movement::{StockChange, StockPart};
use crate::order::{Shipment, ShipmentState, UnitRun, UnitState};
use crate::refusal::{Refusal, Rule, Thing};
use crate::{LineId, ShipmentId, StockLocationId, UnitId, VariantId, limits};
use std::collections::BTreeSet;

fn is_open(shipment: &Shipment) -> bool {
    matches!(shipment.state, ShipmentState::Ready | ShipmentState::Pending)
}

/// Whether any piece of the shipment is held under its line.
pub(super) fn held_from_cart(draft: &Draft<'_>, id: ShipmentId) -> bool {
    let runs = draft.order.shipment(id).map_or(&[][..], |shipment| &shipment.runs);
    let packed: BTreeSet<LineId> = runs.iter().map(|run| run.line).collect();
    draft.order.lines.iter().any(|line| !line.reserved.is_empty() && packed.contains(&line.id))
}

/// Staff puts pieces into a shipment: a line grows (or begins), and on a placed order stock is taken.
pub(super) fn add(
    draft: &mut Draft<'_>,
    id: ShipmentId,
    variant: VariantId,
    quantity: u32,
) -> Result<(), Refusal> {
    let context = draft.context;
    if quantity == 0 {
        return Err(invalid("quantity", Rule::AtLeast(1)));
    }
    let target = draft.order.shipment(id).ok_or(NOT_FOUND)?;
    if matches!(target.state, ShipmentState::Shipped | ShipmentState::Canceled) {
        return Err(Refusal::ShipmentMove("add".into()));
    }
    let (product, found) = context.catalog.variant(variant).ok_or(Refusal::NotFound(Thing::Variant))?;
    if product.deleted_at.is_some() || found.deleted_at.is_some() {
        return Err(Refusal::NotFound(Thing::Variant));
    }
    if !product.ships() {
        return Err(invalid("variant_id", Rule::NotIncluded));
    }
    let line =
        match draft.order.lines.iter_mut().find(|line| line.variant == variant && line.parent.is_none()) {
            Some(line) => {
                line.quantity = line.quantity.saturating_add(quantity);
                if line.quantity > limits::QUANTITY {
                    return Err(invalid("quantity", Rule::AtMost(i64::from(limits::QUANTITY))));
                }
                line.id
            }
            None => new_line(draft, variant, quantity)?,
        };
    cart::check_pieces(draft)?;
    let shipment = draft.order.shipment(id).ok_or(NOT_FOUND)?;
    let location = shipment.location;
    let state = supply_state(draft, variant, location, quantity)?;
    let run = packages::run(context, line, variant, quantity, state);
    push_run(draft, id, run);
    take_if_placed(draft, id, variant, location, quantity);
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), format!("{quantity} × variant {variant} added"));
    holds::sync(draft)?;
    draft.reprice()
}

fn new_line(draft: &mut Draft<'_>, variant: VariantId, quantity: u32) -> Result<LineId, Refusal> {
    let context = draft.context;
    let (_, found) = context.catalog.variant(variant).ok_or(Refusal::NotFound(Thing::Variant))?;
    if draft.order.lines.len() >= limits::LINES {
        return Err(Refusal::TooMany(format!("lines (at most {})", limits::LINES)));
    }
    let price = found.price_in(draft.order.currency).ok_or_else(|| invalid("price", Rule::NoPrice))?;
    if quantity > limits::QUANTITY {
        return Err(invalid("quantity", Rule::AtMost(i64::from(limits::QUANTITY))));
    }
    let line = crate::order::Line {
        id: LineId::fresh(context.ids),
        variant,
        option: String::new(),
        parent: None,
        quantity,
        price,
        reserved: Vec::new(),
        drawn: Vec::new(),
        customer_metadata: serde_json::Map::new(),
        admin_metadata: serde_json::Map::new(),
    };
    let id = line.id;
    draft.order.lines.push(line);
    draft.note(EventKind::LineAdded, Some(id.0), format!("{quantity} × variant {variant}"));
    Ok(id)
}

/// Whether a location has the pieces on hand or may backorder them.
fn supply_state(
    draft: &Draft<'_>,
    variant: VariantId,
    location: StockLocationId,
    quantity: u32,
) -> Result<UnitState, Refusal> {
    if !packages::tracked(draft.context.catalog, variant) {
        return Ok(UnitState::OnHand);
    }
    let level = draft.context.stock.of(variant).iter().find(|level| level.location == location);
    match level {
        Some(level) if level.available() >= i64::from(quantity) => Ok(UnitState::OnHand),
        Some(level) if level.backorderable => Ok(UnitState::Backordered),
        _ => Err(Refusal::InsufficientStock(vec![crate::refusal::Shortage {
            line: None,
            variant,
            requested: u64::from(quantity),
            available: level.map_or(0, |level| level.available().max(0).unsigned_abs()),
        }])),
    }
}

fn push_run(draft: &mut Draft<'_>, id: ShipmentId, run: UnitRun) {
    if let Some(shipment) = draft.order.shipment_mut(id) {
        shipment.runs.push(run);
    }
}

fn take_if_placed(
    draft: &mut Draft<'_>,
    id: ShipmentId,
    variant: VariantId,
    location: StockLocationId,
    units: u32,
) {
    if draft.order.is_placed() && packages::tracked(draft.context.catalog, variant) {
        draft.stock(StockPart::Shipment(id), variant, location, StockChange::Take { units });
    }
}

/// Staff takes pieces out of a shipment: the line shrinks, and on a placed order stock comes back.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    id: ShipmentId,
    variant: VariantId,
    quantity: u32,
) -> Result<(), Refusal> {
    let shipment = draft.order.shipment(id).ok_or(NOT_FOUND)?;
    if matches!(shipment.state, ShipmentState::Shipped | ShipmentState::Canceled) {
        return Err(Refusal::ShipmentShipped);
    }
    let taken = take_out(draft, id, |run| run.variant == variant, quantity);
    let removed: u32 = taken.iter().map(|run| run.count).sum();
    if removed == 0 {
        return Err(Refusal::NotFound(Thing::Variant));
    }
    for run in taken {
        if let Some(line) = draft.order.line_mut(run.line) {
            line.quantity -= run.count.min(line.quantity);
        }
    }
    for line in draft.order.lines.iter().filter(|line| line.quantity == 0).cloned().collect::<Vec<_>>() {
        holds::release_line(draft, &line);
        draft.note(EventKind::LineRemoved, Some(line.id.0), format!("variant {variant}"));
    }
    draft.order.lines.retain(|line| line.quantity > 0);
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), format!("{removed} × variant {variant} removed"));
    drop_if_empty(draft, id);
    holds::sync(draft)?;
    draft.reprice()
}

/// Pieces that are still here, or still to come: all that can be taken out of a shipment.
fn is_here(run: &UnitRun) -> bool {
    matches!(run.state, UnitState::OnHand | UnitState::Backordered)
}

/// Takes up to `quantity` matching pieces out of a shipment, giving stock of a placed order back.
fn take_out(
    draft: &mut Draft<'_>,
    id: ShipmentId,
    matches: impl Fn(&UnitRun) -> bool,
    quantity: u32,
) -> Vec<UnitRun> {
    let Some(shipment) = draft.order.shipment_mut(id) else { return Vec::new() };
    let location = shipment.location;
    let mut left = quantity;
    let mut taken = Vec::new();
    for run in shipment.runs.iter_mut().rev().filter(|run| is_here(run) && matches(run)) {
        let count = run.count.min(left);
        if count > 0 {
            run.count -= count;
            left -= count;
            let first = UnitId(run.first.0 + i64::from(run.count));
            taken.push(UnitRun { first, count, ..*run });
        }
    }
    shipment.runs.retain(|run| run.count > 0);
    if draft.order.is_placed() {
        for run in &taken {
            if packages::tracked(draft.context.catalog, run.variant) {
                let change = StockChange::Return { units: run.count };
                draft.stock(StockPart::Shipment(id), run.variant, location, change);
            }
        }
    }
    taken
}

fn drop_if_empty(draft: &mut Draft<'_>, id: ShipmentId) {
    draft.order.shipments.retain(|shipment| shipment.id != id || !shipment.runs.is_empty());
}

/// Pieces of a line that grew on a placed order: into a shipment that has the variant, else one whose location
/// can supply it, else a new one.
pub(super) fn supply_line(draft: &mut Draft<'_>, line: LineId, quantity: u32) -> Result<(), Refusal> {
    let Some(variant) = draft.order.line(line).map(|line| line.variant) else { return Ok(()) };
    let ships = draft.context.catalog.variant(variant).is_some_and(|(product, _)| product.ships());
    if !ships {
        return stock::take_more(draft, line, quantity);
    }
    let open = |shipment: &&Shipment| matches!(shipment.state, ShipmentState::Ready | ShipmentState::Pending);
    let can = |draft: &Draft<'_>, shipment: &Shipment| {
        supply_state(draft, variant, shipment.location, quantity).is_ok()
    };
    let shipments = &draft.order.shipments;
    let holds_it = |shipment: &&Shipment| shipment.runs.iter().any(|run| run.variant == variant);
    let found = shipments
        .iter()
        .filter(open)
        .find(|s| holds_it(s) && can(draft, s))
        .or_else(|| shipments.iter().filter(open).find(|s| can(draft, s)));
    let id = match found.map(|shipment| shipment.id) {
        Some(id) => id,
        None => {
            let (location, _) = stock::supplier(draft, variant, quantity).ok_or_else(|| {
                Refusal::InsufficientStock(vec![crate::refusal::Shortage {
                    line: Some(line),
                    variant,
                    requested: u64::from(quantity),
                    available: 0,
                }])
            })?;
            let shipment = packages::blank(draft.context, location);
            let id = shipment.id;
            draft.order.shipments.push(shipment);
            id
        }
    };
    let location = draft.order.shipment(id).ok_or(NOT_FOUND)?.location;
    let state = supply_state(draft, variant, location, quantity)?;
    let run = packages::run(draft.context, line, variant, quantity, state);
    push_run(draft, id, run);
    take_if_placed(draft, id, variant, location, quantity);
    if draft.order.shipment(id).is_some_and(|shipment| shipment.rates.is_empty()) {
        shipments::refresh_rates(draft, id);
    }
    Ok(())
}

/// Pieces of a line that shrank on a placed order, taken out of shipments that have not left.
pub(super) fn withdraw_line(draft: &mut Draft<'_>, line: LineId, quantity: u32) -> Result<(), Refusal> {
    let ships = draft.order.shipments.iter().flat_map(|shipment| &shipment.runs).any(|run| run.line == line);
    if !ships {
        stock::give_back(draft, line, quantity);
        return Ok(());
    }
    let mut left = quantity;
    let open: Vec<ShipmentId> = draft
        .order
        .shipments
        .iter()
        .filter(|shipment| matches!(shipment.state, ShipmentState::Ready | ShipmentState::Pending))
        .map(|shipment| shipment.id)
        .collect();
    for id in open {
        let taken = take_out(draft, id, |run| run.line == line, left);
        left -= taken.iter().map(|run| run.count).sum::<u32>();
        drop_if_empty(draft, id);
    }
    let packed = draft.order.shipments.iter().flat_map(|s| &s.runs).any(|run| run.line == line);
    if left > 0 && packed { Err(Refusal::ShipmentShipped) } else { Ok(()) }
}

pub(super) fn transfer(
    draft: &mut Draft<'_>,
    from: ShipmentId,
    variant: VariantId,
    quantity: u32,
    to: TransferTo,
) -> Result<(), Refusal> {
    let source = draft.order.shipment(from).ok_or(NOT_FOUND)?;
    let origin = source.location;
    if !is_open(source) {
        return Err(Refusal::ShipmentShipped);
    }
    let movable = source.runs.iter().filter(|run| run.variant == variant && is_here(run));
    let there: i64 = movable.map(|run| i64::from(run.count)).sum();
    if quantity == 0 || i64::from(quantity) > there {
        return Err(invalid("quantity", Rule::AtMost(there)));
    }
    if !draft.order.is_placed() && held_from_cart(draft, from) {
        return Err(Refusal::LocationLacksStock);
    }
    let target = match to {
        TransferTo::Shipment(id) => {
            let target = draft.order.shipment(id).ok_or(NOT_FOUND)?;
            if !is_open(target) {
                return Err(Refusal::ShipmentShipped);
            }
            id
        }
        TransferTo::Location(location) => {
            if !draft.context.catalog.stock_locations.contains_key(&location) {
                return Err(Refusal::NotFound(Thing::StockLocation));
            }
            if draft.order.shipments.len() >= limits::SHIPMENTS {
                return Err(Refusal::TooMany(format!("shipments (at most {})", limits::SHIPMENTS)));
            }
            let shipment = packages::blank(draft.context, location);
            let id = shipment.id;
            draft.order.shipments.push(shipment);
            id
        }
    };
    let location = draft.order.shipment(target).ok_or(NOT_FOUND)?.location;
    // Within one location nothing is taken that was not taken already: pieces stay what they are.
    let state = match location == origin {
        true => None,
        false => {
            Some(supply_state(draft, variant, location, quantity).map_err(|_| Refusal::LocationLacksStock)?)
        }
    };
    for run in take_out(draft, from, |run| run.variant == variant, quantity) {
        push_run(draft, target, UnitRun { state: state.unwrap_or(run.state), ..run });
    }
    take_if_placed(draft, target, variant, location, quantity);
    drop_if_empty(draft, from);
    shipments::refresh_rates(draft, target);
    draft.focus = Some(Focus::Shipment(target));
    draft.note(
        EventKind::ShipmentChanged,
        Some(target.0),
        format!("{quantity} × variant {variant} moved in"),
    );
    draft.reprice()
}

/// Moves one piece by the name of an event; its run is split around it.
pub(super) fn fire(draft: &mut Draft<'_>, unit: UnitId, event: &str) -> Result<(), Refusal> {
    if !draft.order.is_placed() {
        return Err(Refusal::UnitMove(event.to_owned()));
    }
    let holds = |run: &UnitRun| (run.first.0..run.first.0 + i64::from(run.count)).contains(&unit.0);
    let shipment = draft.order.shipments.iter_mut().find(|shipment| shipment.runs.iter().any(holds));
    let shipment = shipment.ok_or(Refusal::NotFound(Thing::Unit))?;
    let position = shipment.runs.iter().position(holds).ok_or(Refusal::NotFound(Thing::Unit))?;
    let run = shipment.runs[position];
    let state = match (event, run.state) {
        ("fill_backorder", UnitState::Backordered) => UnitState::OnHand,
        ("ship", UnitState::OnHand) => UnitState::Shipped,
        ("return", UnitState::Shipped) => UnitState::Returned,
        _ => return Err(Refusal::UnitMove(event.to_owned())),
    };
    let before = u32::try_from(unit.0 - run.first.0).unwrap_or(0);
    let parts = [
        UnitRun { count: before, ..run },
        UnitRun { first: unit, count: 1, state, ..run },
        UnitRun { first: UnitId(unit.0 + 1), count: run.count - before - 1, ..run },
    ];
    shipment.runs.splice(position..=position, parts.into_iter().filter(|part| part.count > 0));
    draft.note(EventKind::UnitsChanged, Some(unit.0), format!("{:?} → {state:?}", run.state));
    Ok(())
}
