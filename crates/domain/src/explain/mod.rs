//! Why the total is what it is: every adjustment and every shipping cost of an order with its working.
//!
//! Nothing is computed here. The price calculation is run again on the order as it stands, and each stored
//! adjustment is put beside the note that the calculation made of it; an adjustment that the calculation would not
//! make again says so. Words are in `words`. Never changes an order and never guesses at a reason.

pub mod owed;
pub mod words;

use crate::catalog::Catalog;
use crate::decide::package_contents;
use crate::money::{Amount, TooLarge};
use crate::order::{AppliedPromotion, Order, Shipment};
use crate::price::{
    self, Adjustment, AdjustmentSource, Note, Package, Place, PriceSheet, RateWorking, Reason, Silence,
};
use crate::user::Buyer;
use crate::{ShipmentId, ShippingMethodId, Time};

/// An order's figures with their reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// In the order of the sheet: lines, shipments, order.
    pub adjustments: Vec<Explained>,
    pub shipping: Vec<ShippingCost>,
    pub promotions: Vec<Standing>,
    /// The total as the next change of the order would make it.
    pub total_now: Amount,
}

/// One adjustment as it is stored, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub place: Place,
    pub adjustment: Adjustment,
    pub because: Because,
}

/// How the stored amount and the rules of this moment stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The rules make it of the order as it stands.
    Current(Reason),
    /// Fixed when the order was placed; this is what made it then.
    Frozen(Reason),
    /// Fixed when the order was placed, by a rule that would make something else today.
    FrozenUnexplained,
    /// The rules were changed since the order was: this is what they would make of it now, if anything.
    Outdated(Option<Reason>),
}

/// What a shipment costs and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingCost {
    pub shipment: ShipmentId,
    pub method: Option<ShippingMethodId>,
    /// As stored.
    pub cost: Amount,
    /// What the method's calculator makes of the shipment; `None` if there is none or it has no price for it. Its
    /// cost may differ from the stored one: a rate keeps its cost until rates are made anew.
    pub working: Option<RateWorking>,
}

/// A promotion on the order, and why it does not count if it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub applied: AppliedPromotion,
    /// `None`: it counts, or is fixed because the order is placed.
    pub silence: Option<Silence>,
}

/// Explains an order at a time; the buyer's record is the one a decision would see.
///
/// # Errors
/// `TooLarge` if the order cannot be priced at all any more.
pub fn explain(order: &Order, catalog: &Catalog, buyer: &Buyer, now: Time) -> Result<Explanation, TooLarge> {
    let now_made = price::worked(order, catalog, buyer, now)?;
    let then_made = price::worked(order, catalog, buyer, order.updated_at)?;
    let placed_made = match order.completed_at {
        Some(at) => price::worked(&unplaced(order), catalog, buyer, at).ok(),
        None => None,
    };
    let because = |place: Place, adjustment: &Adjustment| match &adjustment.source {
        AdjustmentSource::Manual | AdjustmentSource::Cancellation => {
            Because::Current(Reason::Stated(adjustment.amount))
        }
        _ => found(order, [&then_made, &now_made], placed_made.as_ref(), place, adjustment),
    };
    let adjustments = places(&order.sheet).map(|(place, adjustment)| Explained {
        place,
        adjustment: adjustment.clone(),
        because: because(place, adjustment),
    });
    Ok(Explanation {
        adjustments: adjustments.collect(),
        shipping: order.shipments.iter().map(|shipment| shipping(order, shipment, catalog)).collect(),
        promotions: order
            .promotions
            .iter()
            .map(|applied| standing(applied, order, catalog, buyer, now))
            .collect(),
        total_now: now_made.0.totals.total,
    })
}

type Made = (PriceSheet, Vec<Note>);

/// The order as it was a moment before it was placed, as far as prices go.
fn unplaced(order: &Order) -> Order {
    Order { completed_at: None, ..order.clone() }
}

fn found(
    order: &Order,
    made: [&Made; 2],
    placed: Option<&Made>,
    place: Place,
    adjustment: &Adjustment,
) -> Because {
    let note = |made: &Made| {
        let note = made.1.iter().find(|note| note.place == place && note.source == adjustment.source)?;
        Some(note.reason.clone())
    };
    let fits = |reason: &Reason| reason.amount() == adjustment.amount;
    let was_fixed = order.is_placed()
        && (adjustment.source.is_promotion()
            || adjustment.source.is_fee()
            || adjustment.source == AdjustmentSource::VolumePrice);
    if was_fixed {
        let then = placed.and_then(note).filter(fits);
        return then.map_or(Because::FrozenUnexplained, Because::Frozen);
    }
    let mut reasons = made.into_iter().filter_map(note);
    match reasons.find(fits) {
        Some(reason) => Because::Current(reason),
        None => Because::Outdated(note(made[1])),
    }
}

/// Every adjustment of a sheet with what it adjusts.
pub fn places(sheet: &PriceSheet) -> impl Iterator<Item = (Place, &Adjustment)> {
    let lines = sheet.lines.iter().flat_map(|line| {
        let place = Place::Line(line.line);
        line.adjustments.iter().map(move |adjustment| (place, adjustment))
    });
    let shipments = sheet.shipments.iter().flat_map(|shipment| {
        let place = Place::Shipment(shipment.shipment);
        shipment.adjustments.iter().map(move |adjustment| (place, adjustment))
    });
    lines.chain(shipments).chain(sheet.order.iter().map(|adjustment| (Place::Order, adjustment)))
}

fn shipping(order: &Order, shipment: &Shipment, catalog: &Catalog) -> ShippingCost {
    let method = shipment.selected_rate().map(|rate| rate.method);
    let working = method.and_then(|id| {
        let contents = package_contents(order, shipment);
        let package = Package { location: shipment.location, contents: &contents };
        price::rate_working(&package, catalog.shipping_methods.get(&id)?, order.currency, catalog)
    });
    ShippingCost { shipment: shipment.id, method, cost: shipment.cost, working }
}

fn standing(
    applied: &AppliedPromotion,
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
) -> Standing {
    let silence = match order.is_placed() {
        true => None,
        false => price::standing(applied, order, catalog, buyer, now).err(),
    };
    Standing { applied: applied.clone(), silence }
}
