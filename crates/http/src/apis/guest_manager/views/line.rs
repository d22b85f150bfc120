//! A line item.

use super::adjustment::{self, AdjustmentView};
use super::wire::{MoneyView, money};
use super::{Lens, place};
use domain::catalog::{Catalog, Product, Variant};
use domain::money::Amount;
use domain::order::{Line, Order};
use domain::ticketing::availability::{self, Standing};
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Serialize)]
pub struct LineView<'a> {
    id: i64,
    order_id: i64,
    name: String,
    description: &'a str,
    variant_id: i64,
    product_id: Option<i64>,
    event_id: Option<i64>,
    quantity: u32,
    currency: &'static str,
    bundle_item_id: Option<i64>,
    price: MoneyView,
    subtotal: MoneyView,
    amount: MoneyView,
    availability: &'static str,
    request_position: Option<u64>,
    adjustments: Vec<AdjustmentView<'a>>,
    ticket_ids: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a serde_json::Map<String, Value>>,
}

pub fn line<'a>(line: &'a Line, order: &'a Order, lens: &Lens<'a>) -> LineView<'a> {
    let sold = lens.catalog.variant(line.variant);
    let amount = order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount);
    let event = sold.and_then(|(product, variant)| {
        let issued = variant.package.first().map(|package| package.event);
        issued.or(product.sales.event)
    });
    let tickets = order.ticketing.tickets.iter().filter(|ticket| ticket.line == line.id);
    LineView {
        id: line.id.0,
        order_id: order.id.0,
        name: sold.map(|(product, variant)| name(product, variant, lens.catalog)).unwrap_or_default(),
        description: sold.map(|(product, _)| product.description.as_str()).unwrap_or_default(),
        variant_id: line.variant.0,
        product_id: sold.map(|(product, _)| product.id.0),
        event_id: event.map(|event| event.0),
        quantity: line.quantity,
        currency: order.currency.code(),
        bundle_item_id: line.parent.map(|parent| parent.0),
        price: money(line.price, order.currency),
        subtotal: money(amount, order.currency),
        amount: money(amount, order.currency),
        availability: word(availability::of_line(order, line, lens.catalog, lens.now)),
        request_position: place(line.id, lens),
        adjustments: adjustment::of_line(order, line.id),
        ticket_ids: tickets.map(|ticket| ticket.id.0).collect(),
        metadata: Some(&line.customer_metadata).filter(|metadata| !metadata.is_empty()),
    }
}

/// The product's name, with the options of the variant if it has any.
pub fn name(product: &Product, variant: &Variant, catalog: &Catalog) -> String {
    let value = |id| {
        let types = product.option_types.iter().filter_map(|id| catalog.option_types.get(id));
        types.flat_map(|kind| &kind.values).find(|value| value.id == id)
    };
    let options: Vec<&str> =
        variant.options.iter().filter_map(|id| value(*id)).map(|value| value.presentation.as_str()).collect();
    if options.is_empty() {
        product.name.clone()
    } else {
        format!("{} ({})", product.name, options.join(", "))
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Selling => "selling",
        Standing::Request => "request",
        Standing::Reserve => "reserve",
        Standing::SoldOut => "sold_out",
        Standing::Paused | Standing::NotYet | Standing::Closed => "not_available",
    }
}
