//! Shipments after they are proposed: choosing rates, moving pieces, sending them off.
//!
//! Pieces of a placed order move stock at once; pieces of an unfinished one only say what will be taken.

use super::cart::invalid;
use super::draft::{Draft, set_metadata};
use super::{packages, stock};
use crate::command::{RateChoice, ShipmentEdit, TransferTo};
use crate::decision::Focus;
use crate::event::EventKind;
use crate::movement::{StockChange, StockPart};
use crate::order::{Shipment, ShipmentState, ShippingRate, UnitRun, UnitState};
use crate::price::Audience;
use crate::refusal::{Refusal, Rule, Thing};
use crate::{LineId, ShipmentId, ShippingRateId, StockLocationId, UnitId, VariantId, limits};

const NOT_FOUND: Refusal = Refusal::NotFound(Thing::Shipment);

/// Selects a rate of the shipment, or replaces its rates by one method's.
pub(super) fn select_rate(draft: &mut Draft<'_>, id: ShipmentId, choice: &RateChoice) -> Result<(), Refusal> {
    let shipment = draft.order.shipment(id).ok_or(NOT_FOUND)?.clone();
    match choice {
        RateChoice::Rate(rate) => {
            let found = draft.order.shipment_mut(id).is_some_and(|shipment| shipment.select(*rate));
            if !found {
                return Err(Refusal::NotFound(Thing::ShippingRate));
            }
        }
        RateChoice::Method(method) => {
            let audience = if draft.context.actor.is_admin() { Audience::Staff } else { Audience::Buyers };
            if !draft.context.catalog.shipping_methods.contains_key(method) {
                return Err(Refusal::NotFound(Thing::ShippingMethod));
            }
            let offered = packages::rates(draft, &shipment, audience);
            let rate =
                offered.into_iter().find(|rate| rate.method == *method).ok_or(Refusal::MethodNotOffered)?;
            let kept = shipment.rates.iter().find(|old| old.method == *method).map(|old| old.id);
            let rate = ShippingRate { id: kept.unwrap_or(rate.id), selected: true, ..rate };
            if let Some(shipment) = draft.order.shipment_mut(id) {
                shipment.cost = rate.cost;
                shipment.rates = vec![rate];
            }
        }
    }
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::RateSelected, Some(id.0), format!("{choice:?}"));
    draft.reprice()
}

pub(super) fn create(
    draft: &mut Draft<'_>,
    location: StockLocationId,
    variant: Option<(VariantId, u32)>,
) -> Result<(), Refusal> {
    if !draft.context.catalog.stock_locations.contains_key(&location) {
        return Err(Refusal::NotFound(Thing::StockLocation));
    }
    if draft.order.shipments.len() >= limits::SHIPMENTS {
        return Err(Refusal::TooMany(format!("shipments (at most {})", limits::SHIPMENTS)));
    }
    let shipment = packages::blank(draft.context, location);
    let id = shipment.id;
    draft.order.shipments.push(shipment);
    if let Some((variant, quantity)) = variant {
        add_pieces(draft, id, variant, quantity)?;
    }
    refresh_rates(draft, id);
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), "created");
    draft.reprice()
}

pub(super) fn edit(draft: &mut Draft<'_>, id: ShipmentId, edit: ShipmentEdit) -> Result<(), Refusal> {
    let locations = &draft.context.catalog.stock_locations;
    if edit.location.is_some_and(|location| !locations.contains_key(&location)) {
        return Err(Refusal::NotFound(Thing::StockLocation));
    }
    let placed = draft.order.is_placed();
    let shipment = draft.order.shipment_mut(id).ok_or(NOT_FOUND)?;
    for (field, text) in [("tracking", &edit.tracking), ("special_instructions", &edit.instructions)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > limits::LONG_TEXT) {
            return Err(invalid(field, Rule::TooLong { maximum: limits::LONG_TEXT }));
        }
    }
    if edit.tracking.is_some() {
        shipment.tracking = edit.tracking;
    }
    if edit.instructions.is_some() {
        shipment.instructions = edit.instructions;
    }
    // Stock of a placed order has left its location already; moving it is a transfer.
    if let (Some(location), false) = (edit.location, placed) {
        shipment.location = location;
    }
    set_metadata(&mut shipment.customer_metadata, &mut shipment.admin_metadata, edit.metadata)?;
    if let Some(rate) = edit.rate
        && !shipment.select(rate)
    {
        return Err(invalid("selected_shipping_rate_id", Rule::MustExist));
    }
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), "");
    draft.reprice()
}

pub(super) fn ready(draft: &mut Draft<'_>, id: ShipmentId) -> Result<(), Refusal> {
    draft.refresh_shipments();
    draft.focus = Some(Focus::Shipment(id));
    match draft.order.shipment(id).ok_or(NOT_FOUND)?.state {
        ShipmentState::Ready => Ok(()),
        _ => Err(Refusal::ShipmentNotReady),
    }
}

pub(super) fn ship(draft: &mut Draft<'_>, id: ShipmentId) -> Result<(), Refusal> {
    draft.refresh_shipments();
    let now = draft.context.now;
    draft.focus = Some(Focus::Shipment(id));
    let shipment = draft.order.shipment_mut(id).ok_or(NOT_FOUND)?;
    match shipment.state {
        ShipmentState::Shipped => return Ok(()),
        ShipmentState::Pending => return Err(Refusal::ShipmentMove("ship".into())),
        ShipmentState::Ready | ShipmentState::Canceled => {}
    }
    shipment.state = ShipmentState::Shipped;
    shipment.shipped_at = Some(now);
    shipment.runs.iter_mut().for_each(|run| run.state = UnitState::Shipped);
    draft.note(EventKind::ShipmentShipped, Some(id.0), "");
    Ok(())
}

/// Staff puts pieces into a shipment: a line grows (or begins), and on a placed order stock is taken.
pub(super) fn add_pieces(
    draft: &mut Draft<'_>,
    id: ShipmentId,
    variant: VariantId,
    quantity: u32,
) -> Result<(), Refusal> {
    let context = draft.context;
    if quantity == 0 {
        return Err(invalid("quantity", Rule::AtLeast(1)));
    }
    draft.order.shipment(id).ok_or(NOT_FOUND)?;
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
    let shipment = draft.order.shipment(id).ok_or(NOT_FOUND)?;
    let location = shipment.location;
    let state = supply_state(draft, variant, location, quantity)?;
    let run = packages::run(context, line, variant, quantity, state);
    push_run(draft, id, run);
    take_if_placed(draft, id, variant, location, quantity);
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), format!("{quantity} × variant {variant} added"));
    draft.reprice()
}

fn new_line(draft: &mut Draft<'_>, variant: VariantId, quantity: u32) -> Result<LineId, Refusal> {
    let context = draft.context;
    let (_, found) = context.catalog.variant(variant).ok_or(Refusal::NotFound(Thing::Variant))?;
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
pub(super) fn remove_pieces(
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
    draft.order.lines.retain(|line| line.quantity > 0);
    draft.focus = Some(Focus::Shipment(id));
    draft.note(EventKind::ShipmentChanged, Some(id.0), format!("{removed} × variant {variant} removed"));
    drop_if_empty(draft, id);
    draft.reprice()
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
    for run in shipment.runs.iter_mut().rev().filter(|run| matches(run)) {
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
        refresh_rates(draft, id);
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

/// Offers rates anew, keeping the selected method if it is still offered.
fn refresh_rates(draft: &mut Draft<'_>, id: ShipmentId) {
    let Some(shipment) = draft.order.shipment(id).cloned() else { return };
    let selected = shipment.selected_rate().map(|rate| rate.method);
    let rates = packages::rates(draft, &shipment, Audience::Buyers);
    let choice =
        rates.iter().find(|rate| Some(rate.method) == selected).or_else(|| rates.first()).map(|rate| rate.id);
    if let Some(shipment) = draft.order.shipment_mut(id) {
        shipment.rates = rates;
        shipment.select(choice.unwrap_or(ShippingRateId(0)));
    }
}

pub(super) fn transfer(
    draft: &mut Draft<'_>,
    from: ShipmentId,
    variant: VariantId,
    quantity: u32,
    to: TransferTo,
) -> Result<(), Refusal> {
    let source = draft.order.shipment(from).ok_or(NOT_FOUND)?;
    if matches!(source.state, ShipmentState::Shipped | ShipmentState::Canceled) {
        return Err(Refusal::ShipmentShipped);
    }
    let there: u32 = source.runs.iter().filter(|run| run.variant == variant).map(|run| run.count).sum();
    if quantity == 0 || quantity > there {
        return Err(invalid("quantity", Rule::AtMost(i64::from(there))));
    }
    let target = match to {
        TransferTo::Shipment(id) => draft.order.shipment(id).ok_or(NOT_FOUND)?.id,
        TransferTo::Location(location) => {
            if !draft.context.catalog.stock_locations.contains_key(&location) {
                return Err(Refusal::NotFound(Thing::StockLocation));
            }
            let shipment = packages::blank(draft.context, location);
            let id = shipment.id;
            draft.order.shipments.push(shipment);
            id
        }
    };
    let location = draft.order.shipment(target).ok_or(NOT_FOUND)?.location;
    let state = supply_state(draft, variant, location, quantity).map_err(|_| Refusal::LocationLacksStock)?;
    for run in take_out(draft, from, |run| run.variant == variant, quantity) {
        push_run(draft, target, UnitRun { state, ..run });
    }
    take_if_placed(draft, target, variant, location, quantity);
    drop_if_empty(draft, from);
    refresh_rates(draft, target);
    draft.focus = Some(Focus::Shipment(target));
    draft.note(
        EventKind::ShipmentChanged,
        Some(target.0),
        format!("{quantity} × variant {variant} moved in"),
    );
    draft.reprice()
}

/// Moves one piece by the name of an event; its run is split around it.
pub(super) fn fire_unit(draft: &mut Draft<'_>, unit: UnitId, event: &str) -> Result<(), Refusal> {
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
