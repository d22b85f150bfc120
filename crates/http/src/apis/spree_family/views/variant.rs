//! Variants, small and big, with their option values and images.

use super::Lens;
use super::stock::{StockItemBrief, Supply, stock_items_of};
use crate::kit::format::{Decimal, Display, Thousandths, Timestamp, decimal, display, timestamp};
use domain::catalog::{Catalog, Image, OptionType, OptionValue, Product, Variant};
use domain::{ImageId, OptionTypeId, OptionValueId, ProductId, VariantId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct VariantSmall<'a> {
    id: VariantId,
    name: &'a str,
    sku: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gtin: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Option<&'a str>>,
    /// In kilograms.
    weight: Thousandths,
    /// In metres, like the other two.
    height: Option<Thousandths>,
    width: Option<Thousandths>,
    depth: Option<Thousandths>,
    is_master: bool,
    slug: &'a str,
    description: &'a str,
    track_inventory: bool,
    /// In the store's default currency; `null` if it has no price there.
    price: Option<Decimal>,
    display_price: Option<Display>,
    options_text: String,
    in_stock: bool,
    is_backorderable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_orderable: Option<bool>,
    /// Pieces not promised to anyone; `null` when stock is not tracked.
    total_on_hand: Option<i64>,
    is_destroyed: bool,
    option_values: Vec<OptionValueView<'a>>,
    images: Vec<ImageView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_price: Option<Option<Decimal>>,
}

/// A variant as it stands inside a line item.
#[derive(Debug, Serialize)]
pub struct LineVariant<'a> {
    #[serde(flatten)]
    small: VariantSmall<'a>,
    product_id: ProductId,
}

#[derive(Debug, Serialize)]
pub struct VariantBig<'a> {
    #[serde(flatten)]
    small: VariantSmall<'a>,
    /// Properties belong to products here, so a variant never has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_properties: Option<[(); 0]>,
    stock_items: Vec<StockItemBrief<'a>>,
}

#[derive(Debug, Serialize)]
pub struct OptionValueView<'a> {
    id: OptionValueId,
    name: &'a str,
    presentation: &'a str,
    option_type_name: &'a str,
    option_type_id: OptionTypeId,
    option_type_presentation: &'a str,
}

/// One stored picture; every size is the same address.
#[derive(Debug, Serialize)]
pub struct ImageView<'a> {
    id: ImageId,
    position: i64,
    attachment_content_type: Option<&'a str>,
    attachment_file_name: Option<&'a str>,
    r#type: &'static str,
    attachment_updated_at: Timestamp,
    attachment_width: Option<u32>,
    attachment_height: Option<u32>,
    alt: Option<&'a str>,
    viewable_type: &'static str,
    viewable_id: VariantId,
    mini_url: &'a str,
    small_url: &'a str,
    product_url: &'a str,
    large_url: &'a str,
}

pub fn variant_small<'a>(product: &'a Product, variant: &'a Variant, lens: &Lens<'a>) -> VariantSmall<'a> {
    let currency = lens.catalog.settings.currency;
    let price = variant.price_in(currency);
    let supply = Supply::of(variant, lens);
    let option_values = option_values(product, variant, lens.catalog);
    VariantSmall {
        id: variant.id,
        name: &product.name,
        sku: &variant.sku,
        gtin: lens.solidus(variant.gtin.as_deref()),
        condition: lens.solidus(variant.condition.as_deref()),
        weight: Thousandths(variant.measures.grams),
        height: variant.measures.height_mm.map(Thousandths),
        width: variant.measures.width_mm.map(Thousandths),
        depth: variant.measures.depth_mm.map(Thousandths),
        is_master: variant.is_master,
        slug: &product.slug,
        description: &product.description,
        track_inventory: variant.track_inventory,
        price: price.map(|price| decimal(price, currency)),
        display_price: price.map(|price| display(price, currency)),
        options_text: options_text(&option_values),
        in_stock: supply.in_stock(),
        is_backorderable: supply.backorderable,
        is_orderable: lens.spree(supply.in_stock() || supply.backorderable),
        total_on_hand: supply.on_hand,
        is_destroyed: variant.deleted_at.is_some() || product.deleted_at.is_some(),
        option_values,
        images: variant.images.iter().map(|one| image(one, product, variant)).collect(),
        cost_price: lens.for_staff(variant.cost_price.map(|cost| decimal(cost.amount, cost.currency))),
    }
}

/// The name a variant is known by, with its options where it has any: `Shirt (Size: S)`.
pub fn descriptive_name(id: VariantId, catalog: &Catalog) -> Option<String> {
    let (product, variant) = catalog.variant(id)?;
    let options = options_text(&option_values(product, variant, catalog));
    Some(if options.is_empty() { product.name.clone() } else { format!("{} ({options})", product.name) })
}

/// The variant of a line; `None` only if the catalogue has forgotten it altogether.
pub(super) fn line_variant<'a>(id: VariantId, lens: &Lens<'a>) -> Option<LineVariant<'a>> {
    let (product, variant) = lens.catalog.variant(id)?;
    Some(LineVariant { small: variant_small(product, variant, lens), product_id: product.id })
}

/// The small view of a variant by id.
pub(super) fn variant_by_id<'a>(id: VariantId, lens: &Lens<'a>) -> Option<VariantSmall<'a>> {
    let (product, variant) = lens.catalog.variant(id)?;
    Some(variant_small(product, variant, lens))
}

pub fn variant_big<'a>(product: &'a Product, variant: &'a Variant, lens: &Lens<'a>) -> VariantBig<'a> {
    VariantBig {
        small: variant_small(product, variant, lens),
        variant_properties: lens.solidus([]),
        stock_items: stock_items_of(variant.id, lens),
    }
}

pub fn image<'a>(image: &'a Image, product: &Product, of: &Variant) -> ImageView<'a> {
    ImageView {
        id: image.id,
        position: image.position,
        attachment_content_type: image.content_type.as_deref(),
        attachment_file_name: image.file_name.as_deref(),
        r#type: "Spree::Image",
        attachment_updated_at: timestamp(product.updated_at),
        attachment_width: None,
        attachment_height: None,
        alt: image.alt.as_deref(),
        viewable_type: "Spree::Variant",
        viewable_id: of.id,
        mini_url: &image.url,
        small_url: &image.url,
        product_url: &image.url,
        large_url: &image.url,
    }
}

pub(super) fn option_value_of<'a>(value: &'a OptionValue, of: &'a OptionType) -> OptionValueView<'a> {
    OptionValueView {
        id: value.id,
        name: &value.name,
        presentation: &value.presentation,
        option_type_name: &of.name,
        option_type_id: of.id,
        option_type_presentation: &of.presentation,
    }
}

/// A variant's values, by the position of their types. The product's own types are looked at first; a value of a
/// type the product has given up is still found among the others.
fn option_values<'a>(product: &Product, variant: &Variant, catalog: &'a Catalog) -> Vec<OptionValueView<'a>> {
    if variant.options.is_empty() {
        return Vec::new();
    }
    let named = |id: OptionValueId| {
        let own = product.option_types.iter().filter_map(|id| catalog.option_types.get(id));
        own.chain(catalog.option_types.values())
            .find_map(|of| of.values.iter().find(|value| value.id == id).map(|value| (of, value)))
    };
    let mut found: Vec<_> = variant.options.iter().filter_map(|id| named(*id)).collect();
    found.sort_by_key(|(of, _)| of.position);
    found.into_iter().map(|(of, value)| option_value_of(value, of)).collect()
}

/// `Size: Small, Color: Red`; from three on the last is joined by `, and `.
fn options_text(values: &[OptionValueView<'_>]) -> String {
    let mut text = String::new();
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            let last_of_many = values.len() > 2 && position + 1 == values.len();
            text.push_str(if last_of_many { ", and " } else { ", " });
        }
        text.push_str(value.option_type_presentation);
        text.push_str(": ");
        text.push_str(value.presentation);
    }
    text
}
