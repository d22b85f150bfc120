//! What must change in a database so that it holds the rows of a file.
//!
//! The file says how its own rows look. Kept from the database: creation times, what was deleted through an API,
//! and what an API added to a row (variants of a product, values of an option type, keys of a payment provider). Equal rows are not written.

use domain::catalog::{Catalog, Entity, OptionType, PaymentMethod, Product, Storefront, Variant};
use domain::{Time, VariantId};
use std::collections::BTreeSet;

/// The rows to write, and the variants among them that are new.
#[derive(Debug, Default)]
pub struct Changes {
    pub rows: Vec<Entity>,
    pub new_variants: BTreeSet<VariantId>,
}

/// Compares the rows of a file with the catalogue.
pub fn changes(catalog: &Catalog, rows: Vec<Entity>, now: Time) -> Changes {
    let mut changes = Changes::default();
    for row in rows {
        if let Entity::Product(product) = &row {
            let new = product.all_variants().filter(|variant| catalog.variant(variant.id).is_none());
            changes.new_variants.extend(new.map(|variant| variant.id));
        }
        changes.rows.extend(change(catalog, row, now));
    }
    changes
}

/// The row to write, if it differs from the one there.
fn change(catalog: &Catalog, row: Entity, now: Time) -> Option<Entity> {
    macro_rules! differs {
        ($table:ident, $new:expr) => {
            catalog.$table.get(&$new.id).is_none_or(|old| **old != $new)
        };
    }
    let differs = match &row {
        Entity::Product(new) => {
            return match catalog.products.get(&new.id) {
                Some(old) => merge_product(old, (**new).clone(), now).map(Entity::from),
                None => Some(row),
            };
        }
        Entity::OptionType(new) => {
            let merged = match catalog.option_types.get(&new.id) {
                Some(old) => merge_options(old, (**new).clone()),
                None => (**new).clone(),
            };
            return differs!(option_types, merged).then(|| Entity::from(merged));
        }
        Entity::Property(new) => differs!(properties, **new),
        Entity::Taxonomy(new) => differs!(taxonomies, **new),
        Entity::Taxon(new) => differs!(taxons, **new),
        Entity::StockLocation(new) => differs!(stock_locations, **new),
        Entity::Zone(new) => differs!(zones, **new),
        Entity::TaxCategory(new) => differs!(tax_categories, **new),
        Entity::TaxRate(new) => differs!(tax_rates, **new),
        Entity::ShippingCategory(new) => differs!(shipping_categories, **new),
        Entity::ShippingMethod(new) => differs!(shipping_methods, **new),
        Entity::Promotion(new) => differs!(promotions, **new),
        Entity::PaymentMethod(new) => {
            let config = catalog.payment_methods.get(&new.id).map(|old| old.config.clone());
            let merged = PaymentMethod { config: config.unwrap_or_default(), ..(**new).clone() };
            return differs!(payment_methods, merged).then(|| Entity::from(merged));
        }
        Entity::Storefront(new) => {
            let multi_currency = catalog.storefronts.get(&new.id).and_then(|old| old.multi_currency);
            let merged = Storefront { multi_currency, ..(**new).clone() };
            return differs!(storefronts, merged).then(|| Entity::from(merged));
        }
        Entity::Webhook(new) => differs!(webhooks, **new),
        Entity::PaymentRules(new) => *catalog.payment_rules != **new,
        Entity::CheckoutProvider(new) => differs!(checkout_providers, **new),
        Entity::Agreement(new) => differs!(agreements, **new),
        other => catalog.ticketing.stored(other).as_ref() != Some(other),
    };
    differs.then_some(row)
}

fn merge_product(old: &Product, mut new: Product, now: Time) -> Option<Product> {
    new.created_at = old.created_at;
    new.updated_at = old.updated_at;
    new.deleted_at = old.deleted_at;
    for variant in std::iter::once(&mut new.master).chain(&mut new.variants) {
        if let Some(before) = old.variant(variant.id) {
            variant.deleted_at = before.deleted_at;
        }
    }
    let added = old.variants.iter().filter(|variant| new.variant(variant.id).is_none()).cloned();
    let added: Vec<_> = added.collect();
    new.variants.extend(added);
    // Another SKU makes another variant; placed orders still name the old one.
    if new.variant(old.master.id).is_none() {
        let deleted_at = old.master.deleted_at.or(Some(now));
        new.variants.push(Variant { is_master: false, deleted_at, ..old.master.clone() });
    }
    if new == *old {
        return None;
    }
    new.updated_at = now;
    Some(new)
}

fn merge_options(old: &OptionType, mut new: OptionType) -> OptionType {
    let missing = old.values.iter().filter(|value| !new.values.iter().any(|known| known.id == value.id));
    let missing: Vec<_> = missing.cloned().collect();
    new.values.extend(missing);
    new
}
