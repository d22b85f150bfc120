//! Products with everything that hangs on them, and the option types they are made of.

use super::Lens;
use super::stock::Supply;
use super::taxon::{Below, TaxonView, Tree};
use super::variant::{OptionValueView, VariantSmall, option_value_of, variant_small};
use crate::kit::format::{Decimal, Display, Timestamp, decimal, display, timestamp};
use domain::catalog::{Catalog, OptionType, OptionValue, Product, ProductProperty};
use domain::{OptionTypeId, ProductId, PropertyId, ShippingCategoryId, TaxonId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct ProductView<'a> {
    id: ProductId,
    name: &'a str,
    description: &'a str,
    available_on: Option<Timestamp>,
    slug: &'a str,
    meta_description: Option<&'a str>,
    meta_keywords: Option<&'a str>,
    shipping_category_id: Option<ShippingCategoryId>,
    taxon_ids: &'a [TaxonId],
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_title: Option<Option<&'a str>>,
    /// No taxon comes before the others here.
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_taxon_id: Option<Option<TaxonId>>,
    /// Over all variants; `null` if the stock of any is not tracked.
    total_on_hand: Option<i64>,
    /// The master's, in the store's default currency.
    price: Option<Decimal>,
    display_price: Option<Display>,
    has_variants: bool,
    master: VariantSmall<'a>,
    variants: Vec<VariantSmall<'a>>,
    option_types: Vec<OptionTypeView<'a>>,
    product_properties: Vec<ProductPropertyView<'a>>,
    classifications: Vec<Classification<'a>>,
}

/// An option type as it stands inside a product.
#[derive(Debug, Serialize)]
pub struct OptionTypeView<'a> {
    id: OptionTypeId,
    name: &'a str,
    presentation: &'a str,
    position: i64,
}

/// An option type with its values.
#[derive(Debug, Serialize)]
pub struct OptionTypeShow<'a> {
    #[serde(flatten)]
    option_type: OptionTypeView<'a>,
    option_values: Vec<OptionValueView<'a>>,
}

#[derive(Debug, Serialize)]
pub struct ProductPropertyView<'a> {
    id: PropertyId,
    product_id: ProductId,
    property_id: PropertyId,
    value: &'a str,
    property_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Classification<'a> {
    taxon_id: TaxonId,
    position: usize,
    taxon: TaxonView<'a>,
}

pub fn product<'a>(product: &'a Product, lens: &Lens<'a>) -> ProductView<'a> {
    let currency = lens.catalog.settings.currency;
    let price = product.master.price_in(currency);
    let live = || product.variants.iter().filter(|variant| variant.deleted_at.is_none());
    let supplies =
        std::iter::once(&product.master).chain(live()).map(|variant| Supply::of(variant, lens).on_hand);
    ProductView {
        id: product.id,
        name: &product.name,
        description: &product.description,
        available_on: product.available_on.map(timestamp),
        slug: &product.slug,
        meta_description: product.meta_description.as_deref(),
        meta_keywords: product.meta_keywords.as_deref(),
        shipping_category_id: product.shipping_category,
        taxon_ids: &product.taxons,
        meta_title: lens.solidus(product.meta_title.as_deref()),
        primary_taxon_id: lens.solidus(None),
        total_on_hand: supplies.sum(),
        price: price.map(|price| decimal(price, currency)),
        display_price: price.map(|price| display(price, currency)),
        has_variants: live().next().is_some(),
        master: variant_small(product, &product.master, lens),
        variants: live().map(|variant| variant_small(product, variant, lens)).collect(),
        option_types: option_types(product, lens.catalog),
        product_properties: product
            .properties
            .iter()
            .map(|property| product_property(property, product, lens.catalog))
            .collect(),
        classifications: classifications(product, lens),
    }
}

fn option_types<'a>(product: &Product, catalog: &'a Catalog) -> Vec<OptionTypeView<'a>> {
    let types = product.option_types.iter().filter_map(|id| catalog.option_types.get(id));
    types.map(|of| option_type_brief(of)).collect()
}

fn classifications<'a>(product: &Product, lens: &Lens<'a>) -> Vec<Classification<'a>> {
    if product.taxons.is_empty() {
        return Vec::new();
    }
    let tree = Tree::of(lens.catalog);
    let taxons = product.taxons.iter().filter_map(|id| lens.catalog.taxons.get(id));
    let place = |taxon: TaxonId| lens.catalog.products_in(taxon).iter().position(|id| *id == product.id);
    taxons
        .map(|taxon| Classification {
            taxon_id: taxon.id,
            // A deleted product has no place among the others.
            position: place(taxon.id).map_or(1, |place| place + 1),
            taxon: tree.view(taxon, lens, Below::All),
        })
        .collect()
}

fn option_type_brief(of: &OptionType) -> OptionTypeView<'_> {
    OptionTypeView { id: of.id, name: &of.name, presentation: &of.presentation, position: of.position }
}

pub fn option_type(of: &OptionType) -> OptionTypeShow<'_> {
    OptionTypeShow {
        option_type: option_type_brief(of),
        option_values: of.values.iter().map(|value| option_value(value, of)).collect(),
    }
}

pub fn option_value<'a>(value: &'a OptionValue, of: &'a OptionType) -> OptionValueView<'a> {
    option_value_of(value, of)
}

pub fn product_property<'a>(
    property: &'a ProductProperty,
    product: &Product,
    catalog: &'a Catalog,
) -> ProductPropertyView<'a> {
    ProductPropertyView {
        id: property.id,
        product_id: product.id,
        property_id: property.property,
        value: &property.value,
        property_name: catalog.properties.get(&property.property).map(|named| named.name.as_str()),
    }
}
