//! Shipments after they are proposed: choosing rates, changing data, sending them off. What is in them: `pieces`.

use super::cart::invalid;
use super::draft::{Draft, set_metadata};
use super::{packages, pieces};
use crate::command::{RateChoice, ShipmentEdit};
use crate::decision::Focus;
use crate::event::EventKind;
use crate::money::Amount;
use crate::order::{ShipmentState, ShippingRate, UnitState};
use crate::price::Audience;
use crate::refusal::{Refusal, Rule, Thing};
use crate::{ShipmentId, StockLocationId, VariantId, limits};

pub(super) const NOT_FOUND: Refusal = Refusal::NotFound(Thing::Shipment);

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
        pieces::add(draft, id, variant, quantity)?;
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
    // Pieces that are held from the cart on are held where they are.
    if edit.location.is_some() && !placed && pieces::held_from_cart(draft, id) {
        return Err(invalid("stock_location_id", Rule::NotAvailable));
    }
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
    // Pieces that left before, and came back perhaps, stay what they are.
    let leaving = shipment.runs.iter_mut().filter(|run| run.state == UnitState::OnHand);
    leaving.for_each(|run| run.state = UnitState::Shipped);
    draft.note(EventKind::ShipmentShipped, Some(id.0), "");
    Ok(())
}

/// Offers rates anew, keeping the selected method if it is still offered.
pub(super) fn refresh_rates(draft: &mut Draft<'_>, id: ShipmentId) {
    let Some(shipment) = draft.order.shipment(id).cloned() else { return };
    let placed = draft.order.is_placed();
    let selected = shipment.selected_rate().map(|rate| rate.method);
    let rates = packages::rates(draft, &shipment, Audience::Buyers);
    let choice =
        rates.iter().find(|rate| Some(rate.method) == selected).or_else(|| rates.first()).map(|rate| rate.id);
    if let Some(shipment) = draft.order.shipment_mut(id) {
        shipment.rates = rates;
        if !choice.is_some_and(|choice| shipment.select(choice)) && !placed {
            shipment.cost = Amount::ZERO;
        }
    }
}

/// What follows when the address of an unfinished order changes: other methods, other costs.
pub(super) fn refresh_all_rates(draft: &mut Draft<'_>) {
    if draft.order.is_placed() {
        return;
    }
    let ids: Vec<ShipmentId> = draft.order.shipments.iter().map(|shipment| shipment.id).collect();
    ids.into_iter().for_each(|id| refresh_rates(draft, id));
}
