//! Reading a provider checkout: who is offered, what delivery may be chosen, which agreements there are.
//!
//! Nothing here changes an order. What a step does is decided in `decide::provider`.

pub mod terms;

use crate::ShippingMethodId;
use crate::catalog::{Agreement, Catalog, CheckoutProvider};
use crate::channel::ChannelKey;
use crate::money::Amount;
use crate::order::{BasketItem, Order, Snapped};
use crate::price::ShipmentSheet;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use terms::render;

/// Providers that may be chosen in a channel, by id.
pub fn providers<'a>(catalog: &'a Catalog, via: &ChannelKey) -> Vec<&'a Arc<CheckoutProvider>> {
    let rows = catalog.checkout_providers.values();
    rows.filter(|row| row.active && row.channels.show(via)).collect()
}

/// The agreements of a channel, one for each code: in the language asked for, else in English, else in any.
pub fn agreements<'a>(
    catalog: &'a Catalog,
    via: &ChannelKey,
    language: Option<&str>,
) -> Vec<&'a Arc<Agreement>> {
    let fit = |row: &Agreement| match row.language.as_str() {
        spoken if Some(spoken) == language => 2,
        "en" => 1,
        _ => 0,
    };
    let mut best: BTreeMap<&str, &'a Arc<Agreement>> = BTreeMap::new();
    for row in catalog.agreements.values().filter(|row| row.channels.show(via)) {
        let known = best.entry(row.code.as_str()).or_insert(row);
        if fit(row) > fit(known) {
            *known = row;
        }
    }
    best.into_values().collect()
}

/// The agreement of this code, chosen the same way.
pub fn agreement<'a>(
    catalog: &'a Catalog,
    via: &ChannelKey,
    language: Option<&str>,
    code: &str,
) -> Option<&'a Arc<Agreement>> {
    agreements(catalog, via, language).into_iter().find(|row| row.code == code)
}

/// A way of delivery for the whole order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOffer {
    pub method: ShippingMethodId,
    pub name: String,
    /// Over all parcels.
    pub cost: Amount,
}

/// The methods that carry every parcel of the order, cheapest first. Empty before an address is known.
pub fn offers(order: &Order) -> Vec<DeliveryOffer> {
    let Some((first, others)) = order.shipments.split_first() else { return Vec::new() };
    let mut offers: Vec<DeliveryOffer> = Vec::new();
    for rate in &first.rates {
        let same = |shipment: &crate::order::Shipment| {
            shipment.rates.iter().find(|other| other.method == rate.method).map(|other| other.cost)
        };
        let rest: Option<Vec<Amount>> = others.iter().map(same).collect();
        if let Some(rest) = rest {
            let cost = rest.into_iter().fold(rate.cost, |sum, cost| sum + cost);
            offers.push(DeliveryOffer { method: rate.method, name: rate.name.clone(), cost });
        }
    }
    offers.sort_by_key(|offer| (offer.cost, offer.method));
    offers
}

/// The order's contents as both sides compare them.
pub fn basket(order: &Order, catalog: &Catalog) -> Vec<BasketItem> {
    snapped(order, catalog).into_iter().map(|snapped| snapped.item).collect()
}

/// The order's contents as the provider is told of them.
pub fn snapped(order: &Order, catalog: &Catalog) -> Vec<Snapped> {
    let snap = |line: &crate::order::Line| {
        let found = catalog.variant(line.variant);
        let sku = found.map(|(_, variant)| variant.sku.clone()).unwrap_or_default();
        let name = found.map(|(product, _)| product.name.clone()).unwrap_or_default();
        Snapped { item: BasketItem { line: line.id, sku, quantity: line.quantity }, name, price: line.price }
    };
    order.lines.iter().map(snap).collect()
}

/// What the goods cost after discounts, without delivery and without interest.
pub fn goods_total(order: &Order) -> Amount {
    let delivery: Amount = order.sheet.shipments.iter().map(ShipmentSheet::total).sum();
    order.total() - delivery - order.receipt().map_or(Amount::ZERO, |receipt| receipt.interest)
}
