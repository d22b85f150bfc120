//! Taxes: one adjustment for each rate on each thing it applies to.
//!
//! A rate applies where its zone contains the order's address (ship address, else bill address), its period
//! holds, and its categories include the thing's. Without an address nothing is taxed. The base is the amount
//! after discounts. Each tax is rounded half up by itself:
//!
//! ```text
//! added    = base × rate
//! included = base × rate ÷ (1 + all included rates of the thing)
//! ```

use super::working::{Formula, Notes, Place, Reason};
use super::{Adjustment, AdjustmentSource, PriceSheet};
use crate::address::AddressFields;
use crate::catalog::{Catalog, ShippingMethod, TaxCalculator, TaxLevel, TaxRate, TaxShown};
use crate::money::{Amount, Currency, Rate, TooLarge};
use crate::order::Order;
use crate::{AdjustmentId, TaxCategoryId, Time};
use std::collections::BTreeMap;

/// Above any tax, below any overflow: 1 000 000 %.
const HIGHEST: i64 = 10_000 * Rate::WHOLE.0;

/// Adds the tax adjustments of lines, shipments and the order. `untaxed` is each line's part of the order
/// discounts that lower the tax base (≤ 0).
pub(super) fn add(
    sheet: &mut PriceSheet,
    order: &Order,
    catalog: &Catalog,
    untaxed: &[Amount],
    at: Time,
    notes: &mut Notes,
) -> Result<(), TooLarge> {
    let Some(address) = order.ship_address.as_ref().or(order.bill_address.as_ref()) else { return Ok(()) };
    let rates = RatesInForce::at(&address.fields, catalog, at);
    let mut taxed_lines = Vec::with_capacity(sheet.lines.len());
    for ((line, on_order), untaxed) in sheet.lines.iter_mut().zip(&order.lines).zip(untaxed) {
        let base = (line.total_before_tax() + *untaxed).max(Amount::ZERO);
        let category = catalog.tax_category_of(on_order.variant);
        let taxes = rates.on_item(category, base, order.currency)?;
        line.adjustments.extend(noted(taxes, Place::Line(line.line), notes));
        taxed_lines.push((category, base));
    }
    for (shipment, on_order) in sheet.shipments.iter_mut().zip(&order.shipments) {
        let method = on_order.selected_rate().and_then(|rate| catalog.shipping_methods.get(&rate.method));
        let base = shipment.total_before_tax().max(Amount::ZERO);
        let category = method.and_then(|method| method.tax_category);
        let taxes = rates.on_item(category, base, order.currency)?;
        shipment.adjustments.extend(noted(taxes, Place::Shipment(shipment.shipment), notes));
    }
    let taxes = rates.on_order(&taxed_lines, order.currency)?;
    sheet.order.extend(noted(taxes, Place::Order, notes));
    Ok(())
}

/// A tax and what it is the sum of.
type Made = (Adjustment, Vec<Formula>);

/// The adjustments; why they have their amounts goes into the notes.
fn noted(made: Vec<Made>, place: Place, notes: &mut Notes) -> impl Iterator<Item = Adjustment> {
    made.into_iter().map(move |(tax, parts)| {
        notes.take(place, &tax.source, || Reason::Tax { parts });
        tax
    })
}

/// What taxes a shipping rate would bring: label, amount, and whether the cost already contains it.
pub fn tax_on_rate(
    cost: Amount,
    currency: Currency,
    method: &ShippingMethod,
    address: Option<&AddressFields>,
    catalog: &Catalog,
    now: Time,
) -> Vec<(String, Amount, bool)> {
    let taxes = taxes_on_cost(cost, currency, method, address, catalog, now);
    taxes.into_iter().map(|tax| (tax.label, tax.amount, tax.included)).collect()
}

/// The same as adjustments, which name the tax rate each comes from.
pub fn taxes_on_cost(
    cost: Amount,
    currency: Currency,
    method: &ShippingMethod,
    address: Option<&AddressFields>,
    catalog: &Catalog,
    now: Time,
) -> Vec<Adjustment> {
    let Some(address) = address else { return Vec::new() };
    let rates = RatesInForce::at(address, catalog, now);
    let taxes = rates.on_item(method.tax_category, cost.max(Amount::ZERO), currency).unwrap_or_default();
    taxes.into_iter().map(|(tax, _)| tax).collect()
}

/// The rates that apply at a place and time, by id.
struct RatesInForce<'a>(Vec<&'a TaxRate>);

impl<'a> RatesInForce<'a> {
    fn at(address: &AddressFields, catalog: &'a Catalog, at: Time) -> RatesInForce<'a> {
        let here = |rate: &&TaxRate| {
            let zone = catalog.zones.get(&rate.zone);
            zone.is_some_and(|zone| zone.contains(address.country, address.state)) && rate.period.contains(at)
        };
        RatesInForce(catalog.tax_rates.values().map(|rate| &**rate).filter(here).collect())
    }

    fn of(&self, category: Option<TaxCategoryId>) -> impl Iterator<Item = &'a TaxRate> {
        self.0.iter().copied().filter(move |rate| category.is_some_and(|id| rate.categories.contains(&id)))
    }

    /// The sum of all included rates of a category, of both levels: they are all inside the price.
    fn included(&self, category: Option<TaxCategoryId>) -> Rate {
        let included = self.of(category).filter(|rate| rate.shown == TaxShown::Included);
        let parts = included.map(|rate| match rate.calculator {
            TaxCalculator::Percent(rate) => sane(rate).0,
            TaxCalculator::Flat(_) => 0,
        });
        Rate(parts.fold(0, |sum: i64, part| sum.saturating_add(part).min(HIGHEST)))
    }

    fn on_item(
        &self,
        category: Option<TaxCategoryId>,
        base: Amount,
        currency: Currency,
    ) -> Result<Vec<Made>, TooLarge> {
        let included = self.included(category);
        let rates = self.of(category).filter(|rate| rate.level == TaxLevel::Item);
        let taxes = rates.filter_map(|rate| Some((rate, tax(rate, base, included, currency)?)));
        taxes.map(|(rate, formula)| Ok((adjustment(rate, formula.amount())?, vec![formula]))).collect()
    }

    /// Order-level rates: once over the sum of the lines they apply to. An included rate is taken out of the
    /// lines that share the same included rates together.
    fn on_order(
        &self,
        lines: &[(Option<TaxCategoryId>, Amount)],
        currency: Currency,
    ) -> Result<Vec<Made>, TooLarge> {
        let mut taxes = Vec::new();
        for rate in self.0.iter().filter(|rate| rate.level == TaxLevel::Order) {
            let mut bases: BTreeMap<Rate, Amount> = BTreeMap::new();
            for (category, base) in
                lines.iter().filter(|(c, _)| c.is_some_and(|c| rate.categories.contains(&c)))
            {
                let is_inside =
                    rate.shown == TaxShown::Included && matches!(rate.calculator, TaxCalculator::Percent(_));
                let included = if is_inside { self.included(*category) } else { Rate(0) };
                *bases.entry(included).or_default() += *base;
            }
            let parts: Vec<Formula> =
                bases.iter().filter_map(|(included, base)| tax(rate, *base, *included, currency)).collect();
            if !parts.is_empty() {
                let mut sum = Amount::ZERO;
                for part in &parts {
                    sum = (sum + part.amount().bounded()?).bounded()?;
                }
                taxes.push((adjustment(rate, sum)?, parts));
            }
        }
        Ok(taxes)
    }
}

/// The tax on one base; `None` if the rate is a fee in another currency.
fn tax(rate: &TaxRate, base: Amount, included: Rate, currency: Currency) -> Option<Formula> {
    match (rate.calculator, rate.shown) {
        (TaxCalculator::Percent(share), TaxShown::Added) => Some(Formula::Share { rate: sane(share), base }),
        (TaxCalculator::Percent(share), TaxShown::Included) => {
            Some(Formula::IncludedShare { rate: sane(share), base, all: included })
        }
        (TaxCalculator::Flat(fee), shown) => {
            let given = fee.amount_in(currency).filter(|fee| *fee >= Amount::ZERO)?;
            Some(match shown {
                TaxShown::Added => Formula::Given(given),
                TaxShown::Included => Formula::AtMost { given, most: base },
            })
        }
    }
}

/// A rate that arithmetic survives, whatever the catalogue says.
fn sane(rate: Rate) -> Rate {
    Rate(rate.0.clamp(0, HIGHEST))
}

fn adjustment(rate: &TaxRate, amount: Amount) -> Result<Adjustment, TooLarge> {
    Ok(Adjustment {
        id: AdjustmentId::default(),
        source: AdjustmentSource::Tax(rate.id),
        label: label(rate),
        amount: amount.bounded()?,
        eligible: true,
        included: rate.shown == TaxShown::Included,
    })
}

/// `North America`, `North America 5.000%`, `VAT 20.000% (Included in Price)`.
fn label(rate: &TaxRate) -> String {
    let mut label = rate.name.clone();
    if let (true, TaxCalculator::Percent(share)) = (rate.rate_in_label, rate.calculator) {
        label.push_str(&format!(" {}%", share.percent_text(3)));
    }
    if rate.shown == TaxShown::Included {
        label.push_str(" (Included in Price)");
    }
    label
}
