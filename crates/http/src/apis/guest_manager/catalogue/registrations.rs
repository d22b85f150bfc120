//! What is sold for an event: registration types with price and stock. A registration type is a variant of a
//! product that is listed under the event; its `variant_id` is what orders are built from.

use crate::apis::guest_manager::views::{money, time};
use domain::Time;
use domain::catalog::{Catalog, Event, Product, StockView, Variant};
use domain::channel::ChannelKey;
use domain::ticketing::availability::{self, Standing};
use domain::{EventId, VariantId};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The channel whose goods are shown here.
pub fn channel() -> ChannelKey {
    ChannelKey::new(crate::apis::guest_manager::channel::NAME)
}

/// What is on sale in this channel, by the event it is listed under.
pub fn by_event(catalog: &Catalog, now: Time) -> BTreeMap<EventId, Vec<&Product>> {
    let mut all: BTreeMap<EventId, Vec<&Product>> = BTreeMap::new();
    let channel = channel();
    for product in catalog.products.values().filter(|product| shown(product, &channel, now)) {
        if let Some(event) = product.sales.event {
            all.entry(event).or_default().push(product);
        }
    }
    all
}

/// Whether a product is listed at all.
pub fn shown(product: &Product, channel: &ChannelKey, now: Time) -> bool {
    product.channels.show(channel) && product.is_available(now)
}

/// The variants of a product that can be priced, the master first.
pub fn variants(product: &Product) -> impl Iterator<Item = &Variant> {
    product.all_variants().filter(|variant| variant.deleted_at.is_none() && variant.has_price())
}

/// Everything whose level tells what is left of these products.
pub fn stocked<'a>(catalog: &Catalog, products: impl IntoIterator<Item = &'a Product>) -> Vec<VariantId> {
    let ids = products.into_iter().flat_map(|product| variants(product).map(|variant| variant.id));
    availability::stock_of(catalog, ids)
}

/// The registration types of an event.
pub fn of_event(event: &Event, products: &[&Product], look: &Look<'_>) -> Vec<Json> {
    let rows = products.iter().flat_map(|product| variants(product).map(move |variant| (*product, variant)));
    rows.map(|(product, variant)| look.registration(event.id, product, variant)).collect()
}

/// What a view looks at.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations)] // a catalogue is too long to print
pub struct Look<'a> {
    pub catalog: &'a Catalog,
    pub stock: &'a StockView,
    pub now: Time,
}

impl Look<'_> {
    fn registration(&self, event: EventId, product: &Product, variant: &Variant) -> Json {
        let sales = &product.sales;
        let ticket_types: Vec<_> = variant.package.iter().map(|each| each.ticket_type).collect();
        json!({
            "id": variant.id,
            "variant_id": variant.id,
            "event_id": event,
            "product_id": product.id,
            "name": self.name(product, variant),
            "description": product.description,
            "is_master": variant.is_master,
            "ticket_type_ids": ticket_types,
            "can_request": sales.can_request,
            "can_reserve": sales.can_reserve,
            "requires_shipping": product.ships(),
            "requires_membership": !sales.membership_plans.is_empty(),
            "on_sale_at": variant.window.on_sale_at.map(time),
            "end_sale_at": variant.window.end_sale_at.map(time),
            "min_per_order": sales.min_per_order,
            "max_per_order": sales.max_per_order,
            "max_per_contact": sales.max_per_contact,
            "prices": self.prices(variant),
            "stock_item": self.stock_item(product, variant),
        })
    }

    /// The product's name, and of a variant beside the master what it is.
    pub fn name(&self, product: &Product, variant: &Variant) -> String {
        let words = options(self.catalog, variant);
        if words.is_empty() { product.name.clone() } else { format!("{} – {words}", product.name) }
    }

    /// The plain prices, one a currency.
    pub fn prices(&self, variant: &Variant) -> Vec<Json> {
        let plain = variant.prices.iter().filter(|price| price.key.is_empty() && !price.inactive);
        let view = |price: &domain::catalog::PriceOption| {
            let currency = price.price.currency;
            let mut view = json!(money(price.price.amount, currency));
            view["currency"] = json!(currency.code());
            view["default"] = json!(currency == super::write::default_currency(self.catalog));
            view
        };
        plain.map(view).collect()
    }

    /// How many there are, and whether they can be had. `available` is null where there is no end of them.
    pub fn stock_item(&self, product: &Product, variant: &Variant) -> Json {
        let free = availability::free(self.catalog, variant, self.stock);
        let standing = availability::of_variant(product, variant, 1, free, self.now);
        let own = self.stock.of(variant.id).first().map(|level| level.item);
        let pool = variant.draws.first().and_then(|draw| self.catalog.ticketing.pools.get(&draw.pool));
        let item = own.or(pool.map(|pool| pool.item));
        json!({ "id": item.map_or(variant.id.0, |item| item.0), "status": word(standing), "available": free })
    }
}

/// The option values of a variant.
pub fn options(catalog: &Catalog, variant: &Variant) -> String {
    let values = catalog.option_types.values().flat_map(|kind| &kind.values);
    let words =
        values.filter(|value| variant.options.contains(&value.id)).map(|value| value.presentation.as_str());
    words.collect::<Vec<_>>().join(", ")
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Selling => "selling",
        Standing::Request => "request",
        Standing::Reserve => "reserve",
        Standing::SoldOut => "sold_out",
        Standing::Paused => "paused",
        Standing::NotYet | Standing::Closed => "not_on_sale",
    }
}
