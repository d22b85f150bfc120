//! Two pages of a storefront that is not ours: the order a checkout provider has finished, and the basket it came from.
//!
//! They show what is there and ask nothing. A basket's number is not shown before it is an order's.

use super::lang::Lang;
use super::money::Money;
use super::{Shell, answer};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::AddressFields;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Completion, Order, Phase};
use domain::price::{LineSheet, ShipmentSheet};

#[derive(Template)]
#[template(path = "completed.html")]
struct Receipt<'a> {
    shell: Shell<'a>,
    heading: &'a str,
    lead: String,
    /// Where it goes, line by line.
    address: Vec<String>,
    lines: Vec<Row>,
    sums: Vec<Row>,
    total: Option<String>,
    done: bool,
}

/// A name and an amount.
struct Row {
    quantity: Option<u32>,
    name: String,
    amount: String,
}

/// An order that is placed.
pub fn completed(order: &Order, catalog: &Catalog, lang: Lang) -> Response {
    let (heading, lead) = match order.phase {
        Phase::Canceled | Phase::Voided => ("completed.cancelled", "completed.cancelled_lead"),
        Phase::Returned => ("completed.returned", "completed.returned_lead"),
        Phase::Complete(Completion::Review) => ("completed.thanks", "completed.review_lead"),
        _ => ("completed.thanks", "completed.thanks_lead"),
    };
    let heading = lang.say(heading);
    let shell = Shell { lang, order: Some(&order.number), ..Shell::new(catalog, heading) };
    send(&Receipt {
        shell,
        heading,
        lead: lang.with(lead, "number", &order.number),
        address: order.ship_address.as_ref().map(|known| address(&known.fields, catalog)).unwrap_or_default(),
        lines: lines(order, catalog, lang),
        sums: sums(order, lang),
        total: Some(amount(order.total(), order, lang)),
        done: matches!(order.phase, Phase::Complete(_)),
    })
}

/// Line by line, as it is written on a parcel.
fn address(fields: &AddressFields, catalog: &Catalog) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let country = fields.country.and_then(|id| catalog.settings.geography.country(id));
    let parts = [
        fields.name.clone(),
        text(&fields.company),
        fields.address1.clone(),
        text(&fields.address2),
        format!("{} {}", fields.zipcode, fields.city).trim().to_owned(),
        text(&fields.state_name),
        country.map(|country| country.name.clone()).unwrap_or_default(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// A basket, if there is one.
pub fn basket(order: Option<&Order>, catalog: &Catalog, lang: Lang) -> Response {
    let heading = lang.say("completed.basket");
    let order = order.filter(|order| !order.lines.is_empty());
    let lead = if order.is_some() { "completed.basket_lead" } else { "completed.basket_empty" };
    send(&Receipt {
        shell: Shell { lang, ..Shell::new(catalog, heading) },
        heading,
        lead: lang.say(lead).to_owned(),
        address: Vec::new(),
        lines: order.map(|order| lines(order, catalog, lang)).unwrap_or_default(),
        sums: Vec::new(),
        total: order.map(|order| amount(goods(order), order, lang)),
        done: false,
    })
}

fn send(page: &Receipt<'_>) -> Response {
    // No other site shows it in a frame.
    answer::private(answer::page(StatusCode::OK, page, &[String::new()]))
}

fn lines(order: &Order, catalog: &Catalog, lang: Lang) -> Vec<Row> {
    let row = |line: &domain::order::Line| Row {
        quantity: Some(line.quantity),
        name: catalog.variant(line.variant).map_or(String::new(), |(product, _)| product.name.clone()),
        amount: amount(order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount), order, lang),
    };
    order.lines.iter().map(row).collect()
}

/// Everything between the goods and the total, alike things in one row: what is taken off, delivery, the rest.
fn sums(order: &Order, lang: Lang) -> Vec<Row> {
    let sheet = &order.sheet;
    let mut named: Vec<(&str, Amount)> = Vec::new();
    let mut add = |label, amount: Amount| match named.iter_mut().find(|(known, _)| *known == label) {
        Some((_, sum)) => *sum += amount,
        None => named.push((label, amount)),
    };
    for adjustment in sheet.lines.iter().flat_map(|line| &line.adjustments).filter(|one| one.counts()) {
        add(&adjustment.label, adjustment.amount);
    }
    let carried_by = order.shipments.iter().find_map(|shipment| shipment.selected_rate());
    if !sheet.shipments.is_empty() {
        let name = carried_by.map_or(lang.say("completed.delivery"), |rate| rate.name.as_str());
        add(name, sheet.shipments.iter().map(ShipmentSheet::total).sum());
    }
    for adjustment in sheet.order.iter().filter(|one| one.counts()) {
        add(&adjustment.label, adjustment.amount);
    }
    let row = |(name, sum): (&str, Amount)| Row {
        quantity: None,
        name: name.to_owned(),
        amount: amount(sum, order, lang),
    };
    named.into_iter().map(row).collect()
}

fn goods(order: &Order) -> Amount {
    let lines: Amount = order.sheet.lines.iter().map(LineSheet::total).sum();
    let whole = order.sheet.order.iter().filter(|adjustment| adjustment.counts());
    lines + whole.map(|adjustment| adjustment.amount).sum()
}

fn amount(amount: Amount, order: &Order, lang: Lang) -> String {
    Money { amount, currency: order.currency, lang }.to_string()
}
