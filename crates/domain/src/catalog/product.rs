//! Products, variants and their prices.
//!
//! A product owns its variants; the *master* variant stands for the product when it has no options. A variant
//! is bought through one of its `PriceOption`s; options of a variant share its stock.

use super::{Channels, CountryCode, Draw, Packaged, SaleRules, SaleWindow};
use crate::money::{Amount, Currency, Money};
use crate::{
    ImageId, OptionTypeId, OptionValueId, ProductId, PropertyId, ShippingCategoryId, TaxCategoryId, TaxonId,
    Time, VariantId,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    /// Unique among products that are not deleted; part of URLs.
    pub slug: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub available_on: Option<Time>,
    #[serde(default)]
    pub discontinue_on: Option<Time>,
    #[serde(default)]
    pub deleted_at: Option<Time>,
    /// `None`: the product ships nothing (services, tickets, downloads).
    #[serde(default)]
    pub shipping_category: Option<ShippingCategoryId>,
    /// `None`: the store's default tax category.
    #[serde(default)]
    pub tax_category: Option<TaxCategoryId>,
    #[serde(default)]
    pub meta_title: Option<String>,
    #[serde(default)]
    pub meta_description: Option<String>,
    #[serde(default)]
    pub meta_keywords: Option<String>,
    #[serde(default = "yes")]
    pub promotionable: bool,
    #[serde(default)]
    pub option_types: Vec<OptionTypeId>,
    #[serde(default)]
    pub properties: Vec<ProductProperty>,
    #[serde(default)]
    pub taxons: Vec<TaxonId>,
    pub master: Variant,
    /// Without the master, by position.
    #[serde(default)]
    pub variants: Vec<Variant>,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
    /// Who may have it and how much of it.
    #[serde(default, skip_serializing_if = "SaleRules::is_default")]
    pub sales: SaleRules,
    /// Set for what is rendered, not shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    pub created_at: Time,
    pub updated_at: Time,
}

fn yes() -> bool {
    true
}

/// What a product is of, if it is a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Services of different kinds are bought apart: `datacenter`, `isp`, `residential`.
    pub kind: String,
    /// Where it is rendered.
    #[serde(default)]
    pub country: Option<CountryCode>,
    /// `ipv4`, `ipv6`, `dual`.
    #[serde(default)]
    pub protocol: Option<String>,
    /// A piece is an address of its own.
    #[serde(default)]
    pub per_ip: bool,
    /// Sold, but not listed.
    #[serde(default)]
    pub hidden: bool,
}

impl Service {
    /// The kind of credit: it is bought as a top-up and never stands in a cart.
    pub const CREDIT: &str = "credit";
}

impl Product {
    /// On sale at `now`: available, not discontinued, not deleted, and with a price.
    pub fn is_available(&self, now: Time) -> bool {
        self.available_on.is_some_and(|from| from <= now)
            && self.discontinue_on.is_none_or(|until| now < until)
            && self.deleted_at.is_none()
            && (self.master.has_price() || self.variants.iter().any(Variant::has_price))
    }

    /// The master first, then the others.
    pub fn all_variants(&self) -> impl Iterator<Item = &Variant> {
        std::iter::once(&self.master).chain(&self.variants)
    }

    pub fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.all_variants().find(|variant| variant.id == id)
    }

    pub fn variant_mut(&mut self, id: VariantId) -> Option<&mut Variant> {
        std::iter::once(&mut self.master).chain(&mut self.variants).find(|variant| variant.id == id)
    }

    /// Whether there is anything to put in a parcel.
    pub fn ships(&self) -> bool {
        self.shipping_category.is_some()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Variant {
    pub id: VariantId,
    #[serde(default)]
    pub sku: String,
    #[serde(default)]
    pub gtin: Option<String>,
    #[serde(default)]
    pub condition: Option<String>,
    #[serde(default)]
    pub is_master: bool,
    #[serde(default)]
    pub position: i64,
    /// One value for each option type of the product.
    #[serde(default)]
    pub options: Vec<OptionValueId>,
    #[serde(default)]
    pub prices: Vec<PriceOption>,
    #[serde(default)]
    pub cost_price: Option<Money>,
    #[serde(default)]
    pub measures: Measures,
    #[serde(default = "yes")]
    pub track_inventory: bool,
    #[serde(default)]
    pub hold: HoldFrom,
    /// Overrides the product's.
    #[serde(default)]
    pub tax_category: Option<TaxCategoryId>,
    #[serde(default)]
    pub deleted_at: Option<Time>,
    #[serde(default)]
    pub images: Vec<Image>,
    /// When it is sold.
    #[serde(default, skip_serializing_if = "SaleWindow::is_default")]
    pub window: SaleWindow,
    /// What a piece takes from pools of capacity, beside its own stock. It is held from the cart, everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
    /// The tickets that a piece is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub package: Vec<Packaged>,
}

impl Variant {
    pub fn has_price(&self) -> bool {
        !self.prices.is_empty()
    }

    /// The option with this key and currency; the empty key is the plain price.
    pub fn price_option(&self, key: &str, currency: Currency) -> Option<&PriceOption> {
        self.prices.iter().find(|price| price.key == key && price.price.currency == currency)
    }

    /// The plain price in a currency.
    pub fn price_in(&self, currency: Currency) -> Option<Amount> {
        self.price_option("", currency).map(|price| price.price.amount)
    }

    /// Replaces the plain price in the currency of `price`.
    pub fn set_price(&mut self, price: Money) {
        match self.prices.iter_mut().find(|p| p.key.is_empty() && p.price.currency == price.currency) {
            Some(found) => found.price = price,
            None => self.prices.push(PriceOption::plain(price)),
        }
    }
}

/// From when a variant's stock is held for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum HoldFrom {
    /// As the order's channel says.
    #[default]
    Channel,
    /// From the cart on, in every channel (tickets).
    Cart,
}

/// One way to buy a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceOption {
    /// Unique in the store when not empty; empty is the plain price, at most one a currency.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Price of one piece; with tiers, of the first tier.
    pub price: Money,
    #[serde(default, skip_serializing_if = "Tiers::is_none")]
    pub tiers: Tiers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inactive: bool,
}

impl PriceOption {
    pub fn plain(price: Money) -> PriceOption {
        PriceOption { key: String::new(), price, tiers: Tiers::None, interval: None, inactive: false }
    }
}

/// How the unit price depends on the quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Tiers {
    #[default]
    None,
    /// The tier of the whole quantity prices every piece.
    Volume(Vec<Tier>),
    /// Each slice of the quantity has its own price.
    Graduated(Vec<Tier>),
}

impl Tiers {
    pub fn is_none(&self) -> bool {
        *self == Tiers::None
    }
}

/// Pieces up to and including `up_to` (`None`: no end) cost `price` each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub up_to: Option<u32>,
    pub price: Amount,
}

/// A billing cycle: every `count` `unit`s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub unit: String,
    pub count: u32,
}

/// Weight in grams; lengths in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Measures {
    #[serde(default)]
    pub grams: i64,
    #[serde(default)]
    pub height_mm: Option<i64>,
    #[serde(default)]
    pub width_mm: Option<i64>,
    #[serde(default)]
    pub depth_mm: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionType {
    pub id: OptionTypeId,
    pub name: String,
    pub presentation: String,
    #[serde(default)]
    pub position: i64,
    #[serde(default)]
    pub values: Vec<OptionValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionValue {
    pub id: OptionValueId,
    pub name: String,
    pub presentation: String,
    #[serde(default)]
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    pub id: PropertyId,
    pub name: String,
    pub presentation: String,
}

/// A property's value on one product. Its id is drawn from the counter of properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductProperty {
    pub id: PropertyId,
    pub property: PropertyId,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub id: ImageId,
    pub position: i64,
    pub url: String,
    #[serde(default)]
    pub alt: Option<String>,
    #[serde(default)]
    pub content_type: Option<String>,
    #[serde(default)]
    pub file_name: Option<String>,
}
