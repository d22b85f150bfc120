//! Shipping categories and methods.

use super::Channels;
use crate::money::{Currency, Money, Rate};
use crate::{ShippingCategoryId, ShippingMethodId, StockLocationId, TaxCategoryId, ZoneId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingCategory {
    pub id: ShippingCategoryId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingMethod {
    pub id: ShippingMethodId,
    pub name: String,
    #[serde(default)]
    pub code: Option<String>,
    pub zones: Vec<ZoneId>,
    /// A package is served only if *all* categories in it are listed here.
    pub categories: Vec<ShippingCategoryId>,
    pub calculator: ShippingCalculator,
    /// Taxes the cost of shipping.
    #[serde(default)]
    pub tax_category: Option<TaxCategoryId>,
    /// Empty: every stock location.
    #[serde(default)]
    pub locations: Vec<StockLocationId>,
    /// Offered to buyers; otherwise staff only.
    #[serde(default = "yes")]
    pub for_buyers: bool,
    /// `:tracking` stands for the tracking number.
    #[serde(default)]
    pub tracking_url: Option<String>,
    /// `None`: nobody promises anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit: Option<TransitDays>,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

/// How long a parcel is under way once it was ordered, in business days, Monday to Friday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitDays {
    pub least: u16,
    /// Not below `least`.
    pub most: u16,
}

impl TransitDays {
    /// The longest that anybody may promise: a year.
    pub const MOST: u16 = 366;
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShippingCalculator {
    /// One price for a package.
    Flat(Money),
    /// A price for each piece.
    PerItem(Money),
    /// A share of the goods' value in the package.
    Percent(Rate),
    /// The first piece costs `first`, the others `additional`. With `max_items` n > 0 the first price returns
    /// at every n-th piece.
    Flexible { first: Money, additional: Money, max_items: u32 },
    /// `normal` below `minimal` goods value, `discount` from there on.
    PriceSack { minimal: Money, normal: Money, discount: Money },
    /// The first bucket whose `up_to_grams` holds the package's weight; no bucket, no rate.
    ByWeight(Vec<(i64, Money)>),
    /// The first bucket whose `up to` goods value holds the package's; no bucket, no rate.
    ByPrice(Vec<(Money, Money)>),
}

impl ShippingCalculator {
    /// The currency the calculator works in; `None` works in any.
    pub fn currency(&self) -> Option<Currency> {
        match self {
            ShippingCalculator::Flat(money) | ShippingCalculator::PerItem(money) => Some(money.currency),
            ShippingCalculator::Percent(_) => None,
            ShippingCalculator::Flexible { first, .. } => Some(first.currency),
            ShippingCalculator::PriceSack { minimal, .. } => Some(minimal.currency),
            ShippingCalculator::ByWeight(buckets) => buckets.first().map(|(_, price)| price.currency),
            ShippingCalculator::ByPrice(buckets) => buckets.first().map(|(_, price)| price.currency),
        }
    }
}
