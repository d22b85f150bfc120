//! The one price calculation: from what is on the order to every total, with the reason of each part.
//!
//! Pass order: unit prices → line promotions → shipping promotions → order promotions → taxes → service fees →
//! installment interest → totals.
//! Promotions come before taxes, so the tax base is the discounted amount. Shipping promotions are settled
//! before order promotions only so that the latter can be capped at what is really left to pay. `price` never
//! sees a channel: the same cart has the same sheet in every API. It is total: an amount out of bounds is
//! `TooLarge`, never a wrapped number. Once an order is placed its promotions are frozen.

mod calculators;
mod carried;
mod codes;
mod fees;
mod interest;
#[cfg(test)]
mod laws;
mod promotions;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod sheet;
mod shipping;
mod stacking;
mod taxes;
#[cfg(test)]
mod tests;
mod units;
mod working;

pub use codes::admits;
pub use promotions::{Silence, apply_code, automatic_promotions, is_active, standing, usage_left};
pub use rules::{first_failure, is_actionable};
pub use sheet::{Adjustment, AdjustmentSource, LineSheet, PriceSheet, ShipmentSheet, Totals};
pub use shipping::{Audience, Obstacle, Package, RateWorking, obstacle, rate_working, rates};
pub use taxes::{tax_on_rate, taxes_on_cost};
pub use units::unit_price;
pub use working::{Choice, Formula, Note, Place, Reason, Working};

use crate::catalog::Catalog;
use crate::money::{Amount, TooLarge};
use crate::order::{Order, OrderKind};
use crate::user::Buyer;
use crate::{AdjustmentId, IdKind, Ids, Time, limits};
use carried::Before;
use working::Notes;

/// Prices an order from its lines, shipments, addresses and applied promotions. The sheet it carries is read
/// only for what cannot be computed: manual adjustments, frozen promotions, and the ids of adjustments.
/// New adjustments have id 0 until `assign_ids`. A placed order is taxed by the rates of its completion.
pub fn price(order: &Order, catalog: &Catalog, buyer: &Buyer, now: Time) -> Result<PriceSheet, TooLarge> {
    calculate(order, catalog, buyer, now, &mut Notes::Unwanted)
}

/// The same calculation with its working: a note for each adjustment of the sheet, in no particular order.
pub fn worked(
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
) -> Result<(PriceSheet, Vec<Note>), TooLarge> {
    let mut notes = Notes::Taken(Vec::new());
    let sheet = calculate(order, catalog, buyer, now, &mut notes)?;
    let Notes::Taken(notes) = notes else { return Ok((sheet, Vec::new())) };
    Ok((sheet, notes))
}

fn calculate(
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
    notes: &mut Notes,
) -> Result<PriceSheet, TooLarge> {
    if order.lines.len() > limits::LINES || order.shipments.len() > limits::SHIPMENTS {
        return Err(TooLarge);
    }
    let before = Before::of(&order.sheet);
    let mut sheet = undiscounted(order, catalog, &before, notes)?;
    if order.is_placed() {
        before.keep_promotions(&mut sheet, bought(order), notes);
    } else {
        promotions::discount(&mut sheet, order, catalog, buyer, now, notes);
    }
    let untaxed = promotions::share_order_discounts(&mut sheet, catalog);
    taxes::add(&mut sheet, order, catalog, &untaxed, order.completed_at.unwrap_or(now), notes)?;
    fees::add(&mut sheet, order, catalog, &before, notes)?;
    interest::add(&mut sheet, order, notes)?;
    top_up(&mut sheet, order, notes)?;
    before.keep_ids(&mut sheet);
    sheet.totals = bounded_totals(&sheet)?;
    Ok(sheet)
}

/// Gives every adjustment that is new a fresh id, in sheet order and as one block.
pub fn assign_ids(sheet: &mut PriceSheet, ids: &dyn Ids) {
    let new = AdjustmentId::default();
    let count = sheet.adjustments().filter(|adjustment| adjustment.id == new).count();
    let Ok(count @ 1..) = u32::try_from(count) else { return };
    let first = ids.take(IdKind::Adjustment, count);
    for (id, adjustment) in (first..).zip(sheet.adjustments_mut().filter(|adjustment| adjustment.id == new)) {
        adjustment.id = AdjustmentId(id);
    }
}

/// Lines and shipments at their own prices, with the adjustments that are neither promotions nor taxes.
fn undiscounted(
    order: &Order,
    catalog: &Catalog,
    before: &Before<'_>,
    notes: &mut Notes,
) -> Result<PriceSheet, TooLarge> {
    let mut sheet = PriceSheet::default();
    for line in &order.lines {
        let amount = line.price.times(line.quantity)?;
        let mut adjustments = before.volume_price(order, line, amount, catalog, notes)?;
        adjustments.extend(before.manual_of_line(line.id)?);
        sheet.lines.push(LineSheet { line: line.id, amount, adjustments, order_share: Amount::ZERO });
    }
    for shipment in &order.shipments {
        let adjustments = before.manual_of_shipment(shipment.id)?;
        sheet.shipments.push(ShipmentSheet {
            shipment: shipment.id,
            amount: shipment.cost.bounded()?,
            adjustments,
        });
    }
    sheet.order = before.manual_of_order()?;
    Ok(sheet)
}

/// The credit that an order buys.
fn bought(order: &Order) -> Amount {
    match order.kind {
        OrderKind::TopUp { amount } => amount,
        OrderKind::Sale => Amount::ZERO,
    }
}

/// Credit that is bought costs what it is worth. It is not taxed, and only promotions for top-ups lower it.
fn top_up(sheet: &mut PriceSheet, order: &Order, notes: &mut Notes) -> Result<(), TooLarge> {
    let OrderKind::TopUp { amount } = order.kind else { return Ok(()) };
    let source = AdjustmentSource::TopUp;
    notes.take(Place::Order, &source, || Reason::Stated(amount));
    sheet.order.push(Adjustment {
        id: AdjustmentId::default(),
        source,
        label: String::from("Credit"),
        amount: amount.bounded()?,
        eligible: true,
        included: false,
    });
    Ok(())
}

/// The totals, after making sure that no sum in them can overflow.
fn bounded_totals(sheet: &PriceSheet) -> Result<Totals, TooLarge> {
    let parts = sheet.lines.iter().map(|line| line.amount).chain(sheet.shipments.iter().map(|s| s.amount));
    let parts = parts.chain(sheet.adjustments().map(|adjustment| adjustment.amount));
    let magnitude: u128 = parts.map(|amount| u128::from(amount.0.unsigned_abs())).sum();
    if magnitude > u128::from(i64::MAX.unsigned_abs()) {
        return Err(TooLarge);
    }
    let totals = sheet.sum();
    let all = [
        totals.item_total,
        totals.ship_total,
        totals.promo_total,
        totals.adjustment_total,
        totals.included_tax_total,
        totals.additional_tax_total,
        totals.total,
    ];
    for amount in all.into_iter().chain(sheet.lines.iter().map(LineSheet::total)) {
        amount.bounded()?;
    }
    Ok(totals)
}
