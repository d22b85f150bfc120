//! A product of a Shopify product file as rows of the catalogue.
//!
//! The product is found again by its handle and a variant by its SKU (without one: by its options), so reading a
//! file twice changes nothing. Not taken over, because the catalogue has no place for it: vendor, tags and the
//! struck-through price. Gift cards are means of payment and are left out by the callers.

use super::fault::quoted;
use super::names::Names;
use super::options::Options;
use super::{FirstStock, image_key, variant_key};
use crate::shopify::{InventoryPolicy, ShopProduct, ShopStatus, ShopVariant};
use domain::catalog::{Channels, Image, Measures, PriceOption, Product, Variant};
use domain::money::{Currency, Money};
use domain::{
    IdKind, ImageId, ProductId, ShippingCategoryId, StockLocationId, TaxCategoryId, TaxonId, Time, VariantId,
};
use std::collections::BTreeMap;

/// What the product file does not say.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub currency: Currency,
    pub shipping_category: Option<ShippingCategoryId>,
    /// For taxable goods; `None`: the store's default.
    pub tax_category: Option<TaxCategoryId>,
    /// For goods marked as not taxable.
    pub untaxed_category: Option<TaxCategoryId>,
    /// Where the pieces are.
    pub location: StockLocationId,
    /// Taxons by name in lower case: a product's type that is one of them puts it there.
    pub taxons: BTreeMap<String, TaxonId>,
    pub channels: Channels,
}

/// A product and what its variants start with.
#[derive(Debug, Clone)]
pub struct Mapped {
    pub product: Product,
    pub stock: Vec<FirstStock>,
}

/// Turns one product of the file into rows. An error is a sentence: its handle or one of its SKUs belongs to another
/// product of the same store.
pub fn map(
    shop: &ShopProduct,
    mapping: &Mapping,
    names: &mut Names,
    options: &mut Options,
    created_at: impl FnOnce(ProductId) -> Time,
) -> Result<Mapped, String> {
    let slug = shop.handle.to_lowercase();
    if names.id(IdKind::Product, &slug).is_some() {
        return Err(format!("the store has another product with the handle {}", quoted(&slug)));
    }
    let id = ProductId(names.part(IdKind::Product, &slug));
    let created_at = created_at(id);
    let option_types = match has_no_choice(shop) {
        true => Vec::new(),
        false => shop.option_names.iter().map(|name| options.option_type(names, name)).collect(),
    };
    let (made, stock) = variants(shop, &slug, mapping, names, options)?;
    let (master, variants) = family(shop, &slug, names, made);
    let on_sale = shop.published && shop.status == ShopStatus::Active;
    let product = Product {
        id,
        name: shop.title.clone(),
        slug,
        description: shop.body_html.clone(),
        available_on: on_sale.then_some(created_at),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: mapping
            .shipping_category
            .filter(|_| shop.variants.iter().any(|v| v.requires_shipping)),
        tax_category: mapping.tax_category,
        meta_title: shop.seo_title.clone(),
        meta_description: shop.seo_description.clone(),
        meta_keywords: None,
        promotionable: true,
        option_types,
        properties: Vec::new(),
        taxons: shop
            .product_type
            .iter()
            .filter_map(|t| mapping.taxons.get(&t.to_lowercase()).copied())
            .collect(),
        master,
        variants,
        channels: mapping.channels.clone(),
        sales: Default::default(),
        service: None,
        created_at,
        updated_at: created_at,
    };
    Ok(Mapped { product, stock })
}

/// The variants of the file's rows, and what they start with.
fn variants(
    shop: &ShopProduct,
    slug: &str,
    mapping: &Mapping,
    names: &mut Names,
    options: &mut Options,
) -> Result<(Vec<Variant>, Vec<FirstStock>), String> {
    let plain = has_no_choice(shop);
    let (mut made, mut stock) = (Vec::new(), Vec::new());
    for (position, row) in shop.variants.iter().enumerate() {
        let words = if plain { String::new() } else { row.option_values.join("/") };
        let sku = row.sku.clone().unwrap_or_default();
        let key = variant_key(&sku, slug, &words);
        if names.id(IdKind::Variant, &key).is_some() {
            return Err(format!("the store has another variant with the SKU {}", quoted(&sku)));
        }
        let id = VariantId(names.part(IdKind::Variant, &key));
        let mut variant = variant(row, id, mapping);
        // Of a product without choices the gallery has the picture too.
        let own_image = row.image_src.iter().filter(|_| !plain);
        if !plain {
            let pairs = shop.option_names.iter().zip(&row.option_values);
            variant.options = pairs.map(|(name, value)| options.value(names, name, value)).collect();
            variant.position = position as i64 + 1;
        }
        variant.images.extend(own_image.map(|src| image(names, &key, src, 1, None)));
        let backorderable = row.inventory_policy == InventoryPolicy::Continue;
        // Untracked stock never moves, so below zero means nothing there.
        let on_hand = if backorderable { row.inventory_qty } else { row.inventory_qty.max(0) };
        stock.push(FirstStock { variant: id, location: mapping.location, on_hand, backorderable });
        made.push(variant);
    }
    Ok((made, stock))
}

/// The master with the gallery, and the other variants: without choices the only row is the master.
fn family(
    shop: &ShopProduct,
    slug: &str,
    names: &mut Names,
    mut made: Vec<Variant>,
) -> (Variant, Vec<Variant>) {
    let (mut master, variants) = match has_no_choice(shop) {
        true => (made.pop().unwrap_or_default(), Vec::new()),
        false => {
            let id = VariantId(names.part(IdKind::Variant, &variant_key("", slug, "")));
            let prices = made.first().map(|first| first.prices.clone()).unwrap_or_default();
            (Variant { id, prices, track_inventory: true, ..Variant::default() }, made)
        }
    };
    master.is_master = true;
    let key = variant_key(&master.sku, slug, "");
    let pictures = shop.images.iter().enumerate().map(|(position, picture)| {
        image(names, &key, &picture.src, position as i64 + 1, picture.alt.clone())
    });
    master.images = pictures.collect();
    (master, variants)
}

/// One variant, and Shopify's stand-in for "no options" or none at all.
fn has_no_choice(shop: &ShopProduct) -> bool {
    let stand_in = |row: &ShopVariant| row.option_values.iter().all(|value| value == "Default Title");
    matches!(&shop.variants[..], [only] if stand_in(only))
}

fn variant(row: &ShopVariant, id: VariantId, mapping: &Mapping) -> Variant {
    Variant {
        id,
        sku: row.sku.clone().unwrap_or_default(),
        gtin: row.barcode.clone(),
        prices: vec![PriceOption::plain(Money::new(row.price_minor, mapping.currency))],
        measures: Measures { grams: row.grams, ..Measures::default() },
        track_inventory: row.inventory_tracked,
        tax_category: mapping.untaxed_category.filter(|_| !row.taxable),
        ..Variant::default()
    }
}

fn image(names: &mut Names, variant: &str, src: &str, position: i64, alt: Option<String>) -> Image {
    let id = ImageId(names.part(IdKind::Image, &image_key(variant, position)));
    Image { id, position, url: src.to_owned(), alt, content_type: None, file_name: None }
}
