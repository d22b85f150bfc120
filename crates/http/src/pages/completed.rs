//! Two pages of a storefront that is not ours: the order a checkout provider has finished, and the basket it came from.
//!
//! They show what is there and ask nothing. A basket's number is not shown before it is an order's.

use super::{Shell, answer};
use crate::kit::format::display;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Completion, Order, Phase};
use domain::price::{Adjustment, LineSheet, ShipmentSheet};

#[derive(Template)]
#[template(path = "completed.html")]
struct Receipt<'a> {
    shell: Shell<'a>,
    heading: &'static str,
    lead: String,
    /// Where it goes, line by line.
    address: Vec<&'a str>,
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
pub fn completed(order: &Order, catalog: &Catalog) -> Response {
    let (heading, lead) = match order.phase {
        Phase::Canceled | Phase::Voided => ("Your order was cancelled", "What you paid goes back to you."),
        Phase::Returned => ("Your order was returned", "What you paid goes back to you."),
        Phase::Complete(Completion::Review) => {
            ("Thank you for your order", "It is paid, and the shop is about to confirm it.")
        }
        _ => ("Thank you for your order", "It is paid, and the shop is preparing it."),
    };
    let mut shell = Shell::new(catalog, heading);
    shell.order = Some(&order.number);
    let fields = order.ship_address.as_ref().map(|address| &address.fields);
    let address = fields.map(|fields| {
        let state = fields.state_name.as_deref().unwrap_or_default();
        let parts = [fields.name.as_str(), &fields.address1, &fields.zipcode, &fields.city, state];
        parts.into_iter().filter(|part| !part.is_empty()).collect()
    });
    send(&Receipt {
        shell,
        heading,
        lead: lead.to_owned(),
        address: address.unwrap_or_default(),
        lines: lines(order, catalog),
        sums: sums(order),
        total: Some(amount(order.total(), order)),
        done: matches!(order.phase, Phase::Complete(_)),
    })
}

/// A basket, if there is one.
pub fn basket(order: Option<&Order>, catalog: &Catalog) -> Response {
    let heading = "Your basket";
    let order = order.filter(|order| !order.lines.is_empty());
    let lead = if order.is_some() { "Nothing has been ordered yet." } else { "Your basket is empty." };
    send(&Receipt {
        shell: Shell::new(catalog, heading),
        heading,
        lead: lead.to_owned(),
        address: Vec::new(),
        lines: order.map(|order| lines(order, catalog)).unwrap_or_default(),
        sums: Vec::new(),
        total: order.map(|order| amount(goods(order), order)),
        done: false,
    })
}

fn send(page: &Receipt<'_>) -> Response {
    // No other site shows it in a frame.
    answer::private(answer::page(StatusCode::OK, page, &[String::new()]))
}

fn lines(order: &Order, catalog: &Catalog) -> Vec<Row> {
    let row = |line: &domain::order::Line| Row {
        quantity: Some(line.quantity),
        name: catalog.variant(line.variant).map_or(String::new(), |(product, _)| product.name.clone()),
        amount: amount(order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount), order),
    };
    order.lines.iter().map(row).collect()
}

/// Everything between the goods and the total, alike things in one row.
fn sums(order: &Order) -> Vec<Row> {
    let sheet = &order.sheet;
    let mut named: Vec<(&str, Amount)> = Vec::new();
    let of_lines = sheet.lines.iter().flat_map(|line| &line.adjustments);
    let mut add = |label, amount: Amount| match named.iter_mut().find(|(known, _)| *known == label) {
        Some((_, sum)) => *sum += amount,
        None => named.push((label, amount)),
    };
    for adjustment in of_lines.chain(&sheet.order).filter(|adjustment| Adjustment::counts(adjustment)) {
        add(&adjustment.label, adjustment.amount);
    }
    if !sheet.shipments.is_empty() {
        add("Delivery", sheet.shipments.iter().map(ShipmentSheet::total).sum());
    }
    let row = |(name, sum): (&str, Amount)| Row {
        quantity: None,
        name: name.to_owned(),
        amount: amount(sum, order),
    };
    named.into_iter().map(row).collect()
}

fn goods(order: &Order) -> Amount {
    let lines: Amount = order.sheet.lines.iter().map(LineSheet::total).sum();
    let whole = order.sheet.order.iter().filter(|adjustment| adjustment.counts());
    lines + whole.map(|adjustment| adjustment.amount).sum()
}

fn amount(amount: Amount, order: &Order) -> String {
    display(amount, order.currency).to_string()
}
