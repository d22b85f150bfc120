//! Products as this API lists them: services, the ways to buy them, and how many are left.
//!
//! Stock of −1 is stock without an end. What a channel does not show, what is not visible and what was never priced in
//! the protocol's currency is left out by the caller, through `shown`.

use domain::Time;
use domain::catalog::{PriceOption, Product, Service, StockView as Levels, Tier, Tiers, Variant};
use domain::money::Currency;
use serde::Serialize;

/// Stock of what cannot run out.
const UNLIMITED: i64 = -1;

#[derive(Debug, Clone, Serialize)]
pub struct ProductView<'a> {
    pub product_id: String,
    product_name: &'a str,
    pub product_type: &'a str,
    product_protocol: Option<&'a str>,
    pub country_id: Option<String>,
    pub product_stock: i64,
    product_instock: bool,
    product_is_active: bool,
    pub product_is_available: bool,
    product_is_visible: bool,
    product_is_per_ip: bool,
    product_image: Option<&'a str>,
    product_description: &'a str,
    product_prices: Vec<PriceView<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct PriceView<'a> {
    price_id: &'a str,
    price_type: &'static str,
    price_amount: i64,
    price_per_unit_amount: i64,
    price_package_quantity: u32,
    price_is_subscription: bool,
    price_cycle_interval: Option<&'a str>,
    price_cycle_interval_count: Option<u32>,
    price_tier_type: Option<&'static str>,
    price_tiers: Vec<TierView>,
}

#[derive(Debug, Clone, Serialize)]
struct TierView {
    /// `null`: no end.
    price_tier_up_to: Option<u32>,
    price_tier_amount: i64,
}

/// The stock route's answer.
#[derive(Debug, Serialize)]
pub struct StockView<'a> {
    products: &'a [ProductView<'a>],
    product_groups: Vec<GroupView<'a>>,
}

#[derive(Debug, Serialize)]
struct GroupView<'a> {
    product_group_id: &'a str,
    product_group_name: &'a str,
    products: Vec<&'a ProductView<'a>>,
}

/// An entry of the catalogue that is keyed by product code.
#[derive(Debug, Serialize)]
pub struct CatalogEntry<'a> {
    country_id: Option<String>,
    product_cycle_options: Vec<String>,
    product_is_available: bool,
    product_is_per_ip: bool,
    product_name: &'a str,
    product_protocol: Option<&'a str>,
    product_stock: i64,
    product_type: &'a str,
}

/// A list in its envelope.
#[derive(Debug, Serialize)]
pub struct PageOf<'a, T> {
    pub data: &'a [T],
    pub item_count: usize,
    pub page: u64,
    pub per_page: u32,
    pub total_count: u64,
    pub message: &'static str,
}

impl ProductView<'_> {
    /// Whether there is a way to buy it at all.
    pub fn has_prices(&self) -> bool {
        !self.product_prices.is_empty()
    }
}

/// The protocol writes countries small.
pub fn country_id(service: &Service) -> Option<String> {
    service.country.map(|country| country.as_str().to_ascii_lowercase())
}

/// The code of a product: `isp_us` for `prod_isp_us`.
pub fn code_of(product: &Product) -> String {
    product.slug.replace('-', "_")
}

/// The options of a variant that can be named.
fn options(variant: &Variant) -> impl Iterator<Item = &PriceOption> {
    variant
        .prices
        .iter()
        .filter(|option| !option.key.is_empty() && !option.inactive && option.price.currency == Currency::USD)
}

fn sold(product: &Product) -> impl Iterator<Item = &Variant> {
    product.all_variants().filter(|variant| variant.deleted_at.is_none() && options(variant).next().is_some())
}

/// Pieces of a product that can be had, over all its variants.
fn stock_of(product: &Product, levels: &Levels) -> i64 {
    sold(product)
        .try_fold(0, |sum: i64, variant| match available(variant, levels) {
            UNLIMITED => None,
            pieces => Some(sum.saturating_add(pieces)),
        })
        .unwrap_or(UNLIMITED)
}

/// Pieces of a variant that can be had; −1 without an end.
pub fn available(variant: &Variant, levels: &Levels) -> i64 {
    let of_it = levels.of(variant.id);
    if !variant.track_inventory || of_it.iter().any(|level| level.backorderable) {
        return UNLIMITED;
    }
    of_it.iter().map(|level| level.available().max(0)).sum()
}

/// A service as a product of this API.
pub fn product<'a>(
    product: &'a Product,
    service: &'a Service,
    levels: &Levels,
    now: Time,
) -> ProductView<'a> {
    let stock = stock_of(product, levels);
    let is_active = product.is_available(now);
    ProductView {
        product_id: format!("prod_{}", code_of(product)),
        product_name: &product.name,
        product_type: &service.kind,
        product_protocol: service.protocol.as_deref(),
        country_id: country_id(service),
        product_stock: stock,
        product_instock: stock != 0,
        product_is_active: is_active,
        product_is_available: is_active && stock != 0,
        product_is_visible: true,
        product_is_per_ip: service.per_ip,
        product_image: product
            .all_variants()
            .flat_map(|variant| &variant.images)
            .map(|image| &*image.url)
            .next(),
        product_description: &product.description,
        product_prices: sold(product).flat_map(options).map(price).collect(),
    }
}

fn price(option: &PriceOption) -> PriceView<'_> {
    let (tier_type, tiers): (_, &[Tier]) = match &option.tiers {
        Tiers::None => (None, &[]),
        Tiers::Volume(tiers) => (Some("volume"), tiers),
        Tiers::Graduated(tiers) => (Some("graduated"), tiers),
    };
    let interval = option.interval.as_ref();
    PriceView {
        price_id: &option.key,
        price_type: if interval.is_some() { "recurring" } else { "one_time" },
        price_amount: option.price.amount.0,
        price_per_unit_amount: option.price.amount.0,
        price_package_quantity: 1,
        price_is_subscription: interval.is_some(),
        price_cycle_interval: interval.map(|interval| &*interval.unit),
        price_cycle_interval_count: interval.map(|interval| interval.count),
        price_tier_type: tier_type,
        price_tiers: tiers
            .iter()
            .map(|tier| TierView { price_tier_up_to: tier.up_to, price_tier_amount: tier.price.0 })
            .collect(),
    }
}

/// The ranges, in the order the protocol names them.
const RANGES: [(&str, &str); 3] = [
    ("datacenter", "Datacenter Proxies"),
    ("isp", "Static Residential ISP Proxies"),
    ("residential", "Residential Proxies"),
];

/// Products, and the same by range.
pub fn stock<'a>(products: &'a [ProductView<'a>]) -> StockView<'a> {
    let of = |kind: &str| products.iter().filter(|product| product.product_type == kind).collect::<Vec<_>>();
    let known = RANGES.iter().map(|(kind, name)| GroupView {
        product_group_id: kind,
        product_group_name: name,
        products: of(kind),
    });
    let is_known = |kind: &str| RANGES.iter().any(|(known, _)| *known == kind);
    let mut others: Vec<&str> =
        products.iter().map(|product| product.product_type).filter(|kind| !is_known(kind)).collect();
    others.sort_unstable();
    others.dedup();
    let others = others.into_iter().map(|kind| GroupView {
        product_group_id: kind,
        product_group_name: kind,
        products: of(kind),
    });
    let product_groups = known.chain(others).filter(|group| !group.products.is_empty()).collect();
    StockView { products, product_groups }
}

/// The catalogue's entry of a product.
pub fn catalog_entry<'a>(
    product: &'a Product,
    service: &'a Service,
    levels: &Levels,
    now: Time,
) -> CatalogEntry<'a> {
    let stock = stock_of(product, levels);
    let cycles = sold(product).flat_map(options).filter_map(|option| option.interval.as_ref());
    let mut cycles: Vec<String> = cycles.map(|cycle| format!("{}:{}", cycle.count, cycle.unit)).collect();
    cycles.dedup();
    CatalogEntry {
        country_id: country_id(service),
        product_cycle_options: cycles,
        product_is_available: product.is_available(now) && stock != 0,
        product_is_per_ip: service.per_ip,
        product_name: &product.name,
        product_protocol: service.protocol.as_deref(),
        product_stock: stock,
        product_type: &service.kind,
    }
}
