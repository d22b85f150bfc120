//! An order that is placed, as its buyer is shown it.

use super::{Lens, basket, choice, money, picture, time};
use domain::address::Address;
use domain::catalog::{TaxCalculator, TaxShown};
use domain::money::{Amount, Currency};
use domain::order::{Completion, Line, Order, Phase, ShipmentState};
use domain::price::{AdjustmentSource, LineSheet, ShipmentSheet};
use serde_json::{Value, json};

/// The order, with what was taken off and what was given for it.
pub fn completed(order: &Order, lens: &Lens<'_>) -> Value {
    let currency = order.currency;
    let lines: Vec<Value> = order.lines.iter().map(|line| item(line, order, lens)).collect();
    let delivery: Amount = order.sheet.shipments.iter().map(ShipmentSheet::total).sum();
    let interest: Amount = order
        .sheet
        .order
        .iter()
        .filter(|adjustment| adjustment.source == AdjustmentSource::Interest)
        .map(|adjustment| adjustment.amount)
        .sum();
    let receipt = order.receipt();
    let place = |place: &Option<Address>| place.as_ref().map(|known| address(known, lens));
    let mut shown = json!({
        "pk": order.id.0,
        "number": order.number,
        "status": status(order),
        "currency": super::currency(currency),
        "amount": money(order.total(), currency),
        "discount_amount": money(-basket::discount(order), currency),
        "shipping_amount": money(delivery, currency),
        "shipping_tax_rate": shipping_tax(order, lens),
        "installment_count": receipt.map_or(1, |receipt| receipt.installments),
        "installment_interest_amount": money(interest, currency),
        "created_date": time(order.completed_at.unwrap_or(order.created_at)),
        "orderitem_set": lines,
    });
    // The protocol has no word for money that is to go back either.
    if order.credit_owed().is_positive() {
        shown["credit_owed_amount"] = money(order.credit_owed(), currency).into();
    }
    // The protocol has no word for an address that is not there, so it is left out.
    for (name, known) in
        [("shipping_address", place(&order.ship_address)), ("billing_address", place(&order.bill_address))]
    {
        if let Some(known) = known {
            shown[name] = known;
        }
    }
    json!({ "order": shown, "campaigns": campaigns(order, currency), "rewards": [] })
}

/// Where the order stands. Whoever is to look at it first, has not approved it yet.
fn status(order: &Order) -> Value {
    match order.phase {
        Phase::Complete(Completion::Review) => choice("350", "Waiting for confirmation"),
        Phase::Canceled | Phase::Voided => choice("100", "Cancelled"),
        Phase::Returned => choice("600", "Returned"),
        _ if all_shipped(order) => choice("500", "Shipped"),
        _ => choice("400", "Approved"),
    }
}

fn all_shipped(order: &Order) -> bool {
    !order.shipments.is_empty()
        && order.shipments.iter().all(|shipment| shipment.state == ShipmentState::Shipped)
}

fn campaigns(order: &Order, currency: Currency) -> Vec<Value> {
    let mut named: Vec<(&str, Amount)> = Vec::new();
    for adjustment in order.sheet.adjustments().filter(|a| a.counts() && a.source.is_promotion()) {
        match named.iter_mut().find(|(label, _)| *label == adjustment.label) {
            Some((_, amount)) => *amount += adjustment.amount,
            None => named.push((&adjustment.label, adjustment.amount)),
        }
    }
    let shown = named.into_iter();
    shown.map(|(name, amount)| json!({ "name": name, "discount_amount": money(-amount, currency) })).collect()
}

fn item(line: &Line, order: &Order, lens: &Lens<'_>) -> Value {
    let currency = order.currency;
    let found = lens.catalog.variant(line.variant);
    let sheet = order.sheet.line(line.id);
    let off: Amount = sheet
        .map(|sheet| sheet.adjustments.iter().filter(|a| a.counts() && a.source.is_promotion()))
        .map_or(Amount::ZERO, |adjustments| adjustments.map(|adjustment| adjustment.amount).sum());
    let parcel = order.shipments.iter().find(|parcel| parcel.runs.iter().any(|run| run.line == line.id));
    let carrier = parcel.and_then(|parcel| parcel.selected_rate());
    let shipped = parcel.is_some_and(|parcel| parcel.state == ShipmentState::Shipped);
    let mut shown = json!({
        "pk": line.id.0,
        "product": {
            "pk": line.variant.0,
            "sku": found.map_or("", |(_, variant)| variant.sku.as_str()),
            "name": found.map_or("", |(product, _)| product.name.as_str()),
            "image": found.and_then(|(product, variant)| picture(product, variant)),
        },
        "status": if shipped { choice("500", "Shipped") } else { status(order) },
        "price": money(line.price, currency),
        "quantity": line.quantity,
        "discount_amount": money(-off, currency),
        "total_amount": money(sheet.map_or(Amount::ZERO, LineSheet::total), currency),
        "tracking_number": parcel.and_then(|parcel| parcel.tracking.as_deref()),
    });
    if let Some(rate) = carrier {
        shown["shipping_company"] = choice(&super::slug(&rate.name), &rate.name);
    }
    shown
}

/// Percent of tax inside what delivery costs.
fn shipping_tax(order: &Order, lens: &Lens<'_>) -> String {
    let method = order.shipments.iter().find_map(|shipment| shipment.selected_rate());
    let category = method
        .and_then(|rate| lens.catalog.shipping_methods.get(&rate.method))
        .and_then(|method| method.tax_category);
    let rate = lens.catalog.tax_rates.values().find(|rate| {
        rate.shown == TaxShown::Included
            && category.is_some_and(|category| rate.categories.contains(&category))
            && rate.period.contains(lens.now)
    });
    match rate.map(|rate| rate.calculator) {
        Some(TaxCalculator::Percent(rate)) => rate.percent_text(2),
        _ => "0.00".to_owned(),
    }
}

/// An address in the protocol's words. Places are known by name only and share the address's number.
pub fn address(address: &Address, lens: &Lens<'_>) -> Value {
    let fields = &address.fields;
    let (first, last) = fields.split_name();
    let kept = |key: &str| fields.extra.get(key).and_then(Value::as_str).unwrap_or_default();
    let country = fields.country.and_then(|id| lens.catalog.settings.geography.country(id));
    json!({
        "pk": address.id.0,
        "title": kept("address_title"),
        "first_name": first,
        "last_name": last,
        "phone_number": fields.phone.as_deref().unwrap_or_default(),
        "line": fields.address1,
        "postcode": fields.zipcode,
        "country": {
            "pk": country.map_or(0, |country| country.id.0),
            "name": country.map_or("", |country| country.name.as_str()),
            "code": country.map_or("", |country| country.alpha2.as_str()),
        },
        "city": {
            "pk": address.id.0,
            "name": fields.state_name.as_deref().unwrap_or_default(),
            "code": kept("city_code"),
        },
        "township": { "pk": address.id.0, "name": fields.city, "code": kept("town_code") },
        "district": {
            "pk": address.id.0,
            "name": fields.address2.as_deref().unwrap_or_default(),
            "code": kept("district_code"),
        },
        "company_name": fields.company,
        "tax_no": kept("tax_no"),
        "tax_office": kept("tax_office"),
        "notes": kept("notes"),
        "address_type": kept("address_type"),
    })
}
