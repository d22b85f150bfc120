//! Shipping rates, with the taxes a buyer would pay on each.

use super::Lens;
use crate::kit::format::{Decimal, decimal, display};
use domain::address::Address;
use domain::catalog::{TaxCalculator, TaxLevel, TaxRate, TaxShown};
use domain::channel::TaxAddress;
use domain::money::{Amount, Currency, Rate};
use domain::order::{Order, ShippingRate};
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

/// A cost and the taxes on it: `$5.00`, `$5.00 (+ $0.25 North America)`, `$5.00 (incl. $0.24 VAT)`.
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
        let taxes = if rate.cost.is_zero() { Vec::new() } else { taxes(rate, order, lens) };
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

/// What each tax rate makes of a cost, before any shipping discount. A tax that comes to nothing is left out.
fn taxes<'a>(rate: &ShippingRate, order: &Order, lens: &Lens<'a>) -> Vec<CostTax<'a>> {
    let category = lens.catalog.shipping_methods.get(&rate.method).and_then(|method| method.tax_category);
    let (Some(category), Some(address)) = (category, tax_address(order, lens)) else { return Vec::new() };
    let at = order.completed_at.unwrap_or(lens.now);
    let applies = |tax: &TaxRate| {
        tax.level == TaxLevel::Item
            && tax.categories.contains(&category)
            && tax.period.contains(at)
            && lens
                .catalog
                .zones
                .get(&tax.zone)
                .is_some_and(|zone| zone.contains(address.fields.country, address.fields.state))
    };
    let applying: Vec<&TaxRate> =
        lens.catalog.tax_rates.values().map(|tax| &**tax).filter(|tax| applies(tax)).collect();
    let included: i64 = applying.iter().filter_map(|tax| included_share(tax)).map(|share| share.0).sum();
    let amount = |tax: &TaxRate| match (tax.calculator, tax.shown) {
        (TaxCalculator::Percent(share), TaxShown::Added) => share.of(rate.cost),
        (TaxCalculator::Percent(share), TaxShown::Included) => share.included_in(rate.cost, Rate(included)),
        (TaxCalculator::Flat(money), _) => money.amount_in(order.currency).unwrap_or(Amount::ZERO),
    };
    applying
        .into_iter()
        .map(|tax| CostTax { shown: tax.shown, amount: amount(tax), name: &tax.name })
        .filter(|tax| !tax.amount.is_zero())
        .collect()
}

fn included_share(tax: &TaxRate) -> Option<Rate> {
    match (tax.calculator, tax.shown) {
        (TaxCalculator::Percent(share), TaxShown::Included) => Some(share),
        _ => None,
    }
}

/// The address the order's own channel taxes by.
fn tax_address<'o>(order: &'o Order, lens: &Lens<'_>) -> Option<&'o Address> {
    let channel = lens.catalog.settings.channel(&order.origin).unwrap_or(lens.channel);
    match channel.policy.tax_address {
        TaxAddress::Ship => order.ship_address.as_ref(),
        TaxAddress::Bill => order.bill_address.as_ref(),
    }
}
