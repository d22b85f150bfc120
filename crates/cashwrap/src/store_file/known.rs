//! What a database knows already: ids by name, creation times, and blocks of ids for what is new.
//!
//! The names here are the ones the readers use; a row the merchant renamed through an API counts as another row
//! unless the file gives its id.

use super::events::{invitation_key, membership_key};
use super::names::{Needed, Numbers};
use super::options::value_key;
use super::providers::agreement_key;
use super::sales::pool_key;
use super::{image_key, tax_rate_key, variant_key};
use domain::catalog::{Catalog, Product, Ticketing, Variant};
use domain::user::User;
use domain::{IdKind, ProductId, Time};
use engine::ports::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Ids of all rows by name, and when each product was made.
pub fn known(catalog: &Catalog, users: &[Arc<User>]) -> (Numbers, BTreeMap<ProductId, Time>) {
    let mut numbers = Numbers::default();
    for zone in catalog.zones.values() {
        numbers.know(IdKind::Zone, &zone.name, zone.id.0);
        for member in &zone.members {
            numbers.know(IdKind::ZoneMember, &format!("{}/{:?}", zone.name, member.place), member.id);
        }
    }
    for row in catalog.tax_categories.values() {
        numbers.know(IdKind::TaxCategory, &row.name, row.id.0);
    }
    for row in catalog.tax_rates.values() {
        numbers.know(IdKind::TaxRate, &tax_rate_key(&row.name, row.period), row.id.0);
    }
    for row in catalog.shipping_categories.values() {
        numbers.know(IdKind::ShippingCategory, &row.name, row.id.0);
    }
    for row in catalog.shipping_methods.values() {
        numbers.know(IdKind::ShippingMethod, &row.name, row.id.0);
    }
    for row in catalog.stock_locations.values() {
        numbers.know(IdKind::StockLocation, &row.name, row.id.0);
    }
    for row in catalog.taxonomies.values() {
        numbers.know(IdKind::Taxonomy, &row.name, row.id.0);
    }
    for row in catalog.taxons.values() {
        numbers.know(IdKind::Taxon, &row.permalink, row.id.0);
    }
    for row in catalog.promotions.values() {
        numbers.know(IdKind::Promotion, &row.name, row.id.0);
    }
    for row in catalog.payment_methods.values() {
        numbers.know(IdKind::PaymentMethod, &row.key, row.id.0);
    }
    for row in catalog.checkout_providers.values() {
        numbers.know(IdKind::Provider, &row.slug, row.id.0);
    }
    for row in catalog.agreements.values() {
        numbers.know(IdKind::Agreement, &agreement_key(&row.code, &row.language), row.id.0);
    }
    for row in catalog.storefronts.values() {
        numbers.know(IdKind::Storefront, &row.code, row.id.0);
    }
    for row in catalog.webhooks.values() {
        numbers.know(IdKind::Webhook, &row.url, row.id.0);
    }
    for user in users {
        numbers.know(IdKind::User, &user.email, user.id.0);
        for saved in &user.wallet {
            if let Some(key) = &saved.key {
                numbers.know(IdKind::Card, key, saved.card.id.0);
            }
        }
    }
    know_goods(catalog, &mut numbers);
    know_ticketing(&catalog.ticketing, &mut numbers);
    let created = catalog.products.values().map(|product| (product.id, product.created_at)).collect();
    (numbers, created)
}

fn know_goods(catalog: &Catalog, numbers: &mut Numbers) {
    let mut words = BTreeMap::new();
    for row in catalog.option_types.values() {
        numbers.know(IdKind::OptionType, &row.name, row.id.0);
        for value in &row.values {
            numbers.know(IdKind::OptionValue, &value_key(&row.name, &value.name), value.id.0);
            words.insert(value.id, value.name.as_str());
        }
    }
    for row in catalog.properties.values() {
        numbers.know(IdKind::Property, &row.name, row.id.0);
    }
    // Living products last: they win over deleted ones of the same name.
    let (living, deleted): (Vec<&Product>, Vec<&Product>) =
        catalog.products.values().map(|product| &**product).partition(|product| product.deleted_at.is_none());
    for product in deleted.into_iter().chain(living) {
        numbers.know(IdKind::Product, &product.slug, product.id.0);
        for property in &product.properties {
            if let Some(of) = catalog.properties.get(&property.property) {
                let key = format!("{}/{}", product.id, of.name);
                numbers.know(IdKind::Property, &key, property.id.0);
            }
        }
        // The master last: it wins over a variant that has neither SKU nor options.
        for variant in product.variants.iter().chain([&product.master]) {
            know_variant(product, variant, &words, numbers);
        }
    }
}

fn know_ticketing(rows: &Ticketing, numbers: &mut Numbers) {
    rows.venues.values().for_each(|row| numbers.know(IdKind::Venue, &row.name, row.id.0));
    rows.categories.values().for_each(|row| numbers.know(IdKind::EventCategory, &row.name, row.id.0));
    rows.events.values().for_each(|row| numbers.know(IdKind::Event, &row.slug, row.id.0));
    rows.ticket_types.values().for_each(|row| numbers.know(IdKind::TicketType, &row.name, row.id.0));
    rows.membership_plans.values().for_each(|row| numbers.know(IdKind::MembershipPlan, &row.name, row.id.0));
    rows.service_fees.values().for_each(|row| numbers.know(IdKind::ServiceFee, &row.name, row.id.0));
    rows.customizations.values().for_each(|row| numbers.know(IdKind::Customization, &row.name, row.id.0));
    for row in rows.memberships.values() {
        numbers.know(IdKind::Membership, &membership_key(&row.number), row.id.0);
    }
    for row in rows.invitations.values() {
        numbers.know(IdKind::Invitation, &invitation_key(row.event, &row.code), row.id.0);
    }
    for row in rows.pools.values() {
        let key = pool_key(&row.name);
        numbers.know(IdKind::Variant, &key, row.id.0);
        numbers.know(IdKind::StockItem, &key, row.item.0);
    }
    for form in rows.forms.values() {
        numbers.know(IdKind::Form, &form.name, form.id.0);
        for field in &form.fields {
            let key = format!("{}/{}", form.name, field.label);
            numbers.know(IdKind::FormField, &key, field.id.0);
            for option in &field.options {
                numbers.know(IdKind::FormOption, &format!("{key}/{}", option.name), option.id.0);
            }
        }
    }
    for form in rows.order_forms.values() {
        numbers.know(IdKind::OrderForm, &form.name, form.id.0);
        for condition in &form.conditions {
            let key = format!("{}/{}", form.name, condition.label);
            numbers.know(IdKind::Condition, &key, condition.id.0);
        }
    }
}

fn know_variant(
    product: &Product,
    variant: &Variant,
    words: &BTreeMap<domain::OptionValueId, &str>,
    numbers: &mut Numbers,
) {
    let options: Vec<&str> = variant.options.iter().filter_map(|id| words.get(id).copied()).collect();
    let key = variant_key(&variant.sku, &product.slug, &options.join("/"));
    numbers.know(IdKind::Variant, &key, variant.id.0);
    for image in &variant.images {
        numbers.know(IdKind::Image, &image_key(&key, image.position), image.id.0);
    }
}

/// Reserves what a reading needed, durably, so that no id is ever given to two rows, by a file or by an API.
pub async fn reserve(store: &dyn Store, needed: &Needed, numbers: &mut Numbers) -> Result<(), StoreError> {
    for kind in needed.kinds() {
        let given = needed.given.get(&kind).cloned().unwrap_or_default();
        let drawn = needed.drawn.get(&kind).copied().unwrap_or(0);
        // Given ids may lie inside the block and are left out of the draw, so the block is longer by as many.
        let count = drawn + given.len() as i64;
        let first = store.id_block(kind, count.max(1)).await?;
        numbers.reserve(kind, first, &given);
        let end = first + count.max(1);
        if let Some(beyond) = given.last().filter(|largest| **largest >= end) {
            store.id_block(kind, beyond - end + 1).await?;
        }
    }
    Ok(())
}
