//! Shipping rates, with the taxes a buyer would pay on each.

use super::super::Dialect;
use super::Lens;
use crate::kit::format::{Decimal, decimal, display};
use domain::catalog::TaxShown;
use domain::money::{Amount, Currency};
use domain::order::{Order, ShippingRate};
use domain::price::{Adjustment, AdjustmentSource, taxes_on_cost};
use domain::{ShippingMethodId, ShippingRateId};
use serde::{Serialize, Serializer};
use std::fmt;

/// A rate as it stands inside a shipment.
#[derive(Debug, Serialize)]
pub struct RateView<'a> {
    id: ShippingRateId,
    name: &'a str,
    cost: Decimal,
    selected: bool,
    shipping_method_id: ShippingMethodId,
    shipping_method_code: Option<&'a str>,
    display_cost: DisplayCost<'a>,
}

/// A rate that was asked for and not kept: it has no id.
#[derive(Debug, Serialize)]
pub struct EstimatedRate<'a> {
    name: &'a str,
    cost: Decimal,
    shipping_method_id: ShippingMethodId,
    shipping_method_code: Option<&'a str>,
    display_cost: DisplayCost<'a>,
}

pub fn rate<'a>(rate: &'a ShippingRate, order: &Order, lens: &Lens<'a>) -> RateView<'a> {
    RateView {
        id: rate.id,
        name: &rate.name,
        cost: decimal(rate.cost, order.currency),
        selected: rate.selected,
        shipping_method_id: rate.method,
        shipping_method_code: code(rate.method, lens),
        display_cost: DisplayCost::of(rate, order, lens),
    }
}

pub fn estimated_rate<'a>(rate: &'a ShippingRate, order: &Order, lens: &Lens<'a>) -> EstimatedRate<'a> {
    EstimatedRate {
        name: &rate.name,
        cost: decimal(rate.cost, order.currency),
        shipping_method_id: rate.method,
        shipping_method_code: code(rate.method, lens),
        display_cost: DisplayCost::of(rate, order, lens),
    }
}

fn code<'a>(method: ShippingMethodId, lens: &Lens<'a>) -> Option<&'a str> {
    lens.catalog.shipping_methods.get(&method)?.code.as_deref()
}

/// A cost, in Solidus with the taxes on it: `$5.00`, `$5.00 (+ $0.25 North America)`, `$5.00 (incl. $0.24 VAT)`.
#[derive(Debug)]
struct DisplayCost<'a> {
    cost: Amount,
    currency: Currency,
    taxes: Vec<CostTax<'a>>,
}

#[derive(Debug)]
struct CostTax<'a> {
    shown: TaxShown,
    amount: Amount,
    name: &'a str,
}

impl<'a> DisplayCost<'a> {
    fn of(rate: &ShippingRate, order: &Order, lens: &Lens<'a>) -> DisplayCost<'a> {
        let bare = rate.cost.is_zero() || lens.dialect == Dialect::Spree;
        let taxes = if bare { Vec::new() } else { taxes(rate, order, lens) };
        DisplayCost { cost: rate.cost, currency: order.currency, taxes }
    }
}

impl fmt::Display for DisplayCost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display(self.cost, self.currency).fmt(f)?;
        for (position, tax) in self.taxes.iter().enumerate() {
            f.write_str(if position == 0 { " (" } else { ", " })?;
            f.write_str(match tax.shown {
                TaxShown::Added => "+ ",
                TaxShown::Included => "incl. ",
            })?;
            write!(f, "{} {}", display(tax.amount, self.currency), tax.name)?;
        }
        if self.taxes.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl Serialize for DisplayCost<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The taxes on a cost, before any shipping discount. One that comes to nothing is left out.
fn taxes<'a>(rate: &ShippingRate, order: &Order, lens: &Lens<'a>) -> Vec<CostTax<'a>> {
    let Some(method) = lens.catalog.shipping_methods.get(&rate.method) else { return Vec::new() };
    let address = order.ship_address.as_ref().or(order.bill_address.as_ref()).map(|at| &at.fields);
    let at = order.completed_at.unwrap_or(lens.now);
    let found = taxes_on_cost(rate.cost, order.currency, method, address, lens.catalog, at);
    let named = |tax: Adjustment| {
        let AdjustmentSource::Tax(id) = tax.source else { return None };
        let name = &lens.catalog.tax_rates.get(&id)?.name;
        let shown = if tax.included { TaxShown::Included } else { TaxShown::Added };
        (!tax.amount.is_zero()).then_some(CostTax { shown, amount: tax.amount, name })
    };
    found.into_iter().filter_map(named).collect()
}
