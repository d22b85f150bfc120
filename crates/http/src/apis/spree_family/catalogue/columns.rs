//! What of a product, variant or stock item may be searched and sorted by, and the value of it.
//!
//! An association's attributes go by its name in front (`master_sku`, `variants_option_values_name`); of several
//! associated rows one suffices. What is not on a list here is ignored by the search. Both dialects search by a list's
//! first part, Spree by the second as well.

use crate::apis::spree_family::Dialect;
use crate::kit::filter_value::FieldValue;
use domain::catalog::{Catalog, Product, Variant};
use domain::{Time, VariantId};

/// What a kind of row may be searched and sorted by.
#[derive(Debug)]
pub struct Columns {
    both: &'static [&'static str],
    spree: &'static [&'static str],
}

impl Columns {
    pub fn of(&self, dialect: Dialect) -> Vec<&'static str> {
        let more = if dialect == Dialect::Spree { self.spree } else { &[] };
        [self.both, more].concat()
    }
}

pub const USER: Columns = Columns {
    both: &["id", "name", "email", "created_at", "addresses_id", "addresses_name", "spree_roles_name"],
    spree: &["updated_at"],
};

pub const STATE: Columns = Columns { both: &["id", "name", "country_id", "country_name"], spree: &["abbr"] };

const PRODUCT_BOTH: &[&str] = &[
    "id",
    "name",
    "slug",
    "master_id",
    "master_sku",
    "master_weight",
    "master_default_price_id",
    "master_default_price_amount",
    "variants_id",
    "variants_sku",
    "variants_weight",
    "variants_option_values_id",
    "variants_option_values_name",
    "variants_option_values_presentation",
    "variants_including_master_id",
    "variants_including_master_sku",
    "variants_including_master_weight",
    "variants_including_master_option_values_id",
    "variants_including_master_option_values_name",
    "variants_including_master_option_values_presentation",
    "option_values_id",
    "option_values_name",
    "option_values_presentation",
    "stores_id",
    "stores_name",
    "stores_url",
    "stores_code",
];

pub const PRODUCT: Columns = Columns {
    both: PRODUCT_BOTH,
    spree: &["description", "discontinue_on", "available_on", "created_at", "updated_at"],
};

/// A variant's own changes are its product's.
pub const VARIANT: Columns =
    Columns { both: VARIANT_BOTH, spree: &["product_description", "created_at", "updated_at"] };

const VARIANT_BOTH: &[&str] = &[
    "id",
    "weight",
    "sku",
    "product_id",
    "product_name",
    "product_slug",
    "option_values_id",
    "option_values_name",
    "option_values_presentation",
    "default_price_id",
    "default_price_amount",
    "prices_id",
    "prices_amount",
];

pub fn product<'a>(product: &'a Product, catalog: &'a Catalog, name: &str) -> Option<FieldValue<'a>> {
    let live = || product.variants.iter().filter(|variant| variant.deleted_at.is_none());
    if let Some(rest) = name.strip_prefix("variants_including_master_") {
        return any(std::iter::once(&product.master).chain(live()), product, catalog, rest);
    }
    if let Some(rest) = name.strip_prefix("variants_") {
        return any(live(), product, catalog, rest);
    }
    if let Some(rest) = name.strip_prefix("master_") {
        return variant(product, &product.master, catalog, rest);
    }
    if let Some(rest) = name.strip_prefix("stores_") {
        let values = catalog.storefronts.values().map(|store| match rest {
            "id" => FieldValue::Int(store.id.0),
            "name" => store.name.as_str().into(),
            "url" => store.url.as_str().into(),
            _ => store.code.as_str().into(),
        });
        return Some(FieldValue::Any(values.collect()));
    }
    Some(match name {
        "id" => FieldValue::Int(product.id.0),
        "name" => product.name.as_str().into(),
        "slug" => product.slug.as_str().into(),
        "description" => product.description.as_str().into(),
        "available_on" => moment(product.available_on),
        "discontinue_on" => moment(product.discontinue_on),
        "created_at" => moment(Some(product.created_at)),
        "updated_at" => moment(Some(product.updated_at)),
        _ => return any(live(), product, catalog, name),
    })
}

fn moment(time: Option<Time>) -> FieldValue<'static> {
    time.map_or(FieldValue::Null, |time| FieldValue::Time(time.0))
}

/// The values of several variants.
fn any<'a>(
    variants: impl Iterator<Item = &'a Variant>,
    product: &'a Product,
    catalog: &'a Catalog,
    name: &str,
) -> Option<FieldValue<'a>> {
    let mut values = Vec::new();
    for row in variants {
        match variant(product, row, catalog, name)? {
            FieldValue::Any(inner) => values.extend(inner),
            value => values.push(value),
        }
    }
    Some(FieldValue::Any(values))
}

pub fn variant<'a>(
    product: &'a Product,
    variant: &'a Variant,
    catalog: &'a Catalog,
    name: &str,
) -> Option<FieldValue<'a>> {
    if let Some(rest) = name.strip_prefix("option_values_") {
        let values = variant.options.iter().filter_map(|id| {
            let value =
                catalog.option_types.values().find_map(|kind| kind.values.iter().find(|v| v.id == *id))?;
            Some(match rest {
                "id" => FieldValue::Int(value.id.0),
                "name" => value.name.as_str().into(),
                _ => value.presentation.as_str().into(),
            })
        });
        return Some(FieldValue::Any(values.collect()));
    }
    Some(match name {
        "id" | "default_price_id" | "prices_id" => FieldValue::Int(variant.id.0),
        "sku" => variant.sku.as_str().into(),
        "weight" => FieldValue::Decimal { minor: i128::from(variant.measures.grams), scale: 3 },
        "product_id" => FieldValue::Int(product.id.0),
        "product_name" => product.name.as_str().into(),
        "product_slug" => product.slug.as_str().into(),
        "product_description" => product.description.as_str().into(),
        "created_at" => moment(Some(product.created_at)),
        "updated_at" => moment(Some(product.updated_at)),
        "default_price_amount" | "prices_amount" => {
            let currency = catalog.settings.currency;
            let scale = domain::money::exponent(currency);
            variant
                .price_in(currency)
                .map_or(FieldValue::Null, |amount| FieldValue::Decimal { minor: i128::from(amount.0), scale })
        }
        _ => return None,
    })
}

/// The same through an association that names a variant by id.
pub fn of_variant<'a>(id: VariantId, catalog: &'a Catalog, name: &str) -> Option<FieldValue<'a>> {
    let (product, row) = catalog.variant(id)?;
    variant(product, row, catalog, name)
}
