//! Tax categories and rates. Whether a tax is inside the price or on top of it is a property of the rate.

use crate::money::{Money, Rate};
use crate::{Period, TaxCategoryId, TaxRateId, ZoneId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCategory {
    pub id: TaxCategoryId,
    pub name: String,
    /// Used by products that name no category of their own; at most one.
    #[serde(default)]
    pub is_default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    pub id: TaxRateId,
    pub name: String,
    pub zone: ZoneId,
    pub categories: Vec<TaxCategoryId>,
    pub calculator: TaxCalculator,
    pub shown: TaxShown,
    #[serde(default)]
    pub level: TaxLevel,
    /// Appends the percentage to the label.
    #[serde(default)]
    pub rate_in_label: bool,
    #[serde(default)]
    pub period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxCalculator {
    Percent(Rate),
    /// A fixed amount per item.
    Flat(Money),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxShown {
    /// The price already contains it.
    Included,
    /// It is added to the price.
    Added,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum TaxLevel {
    /// Computed and rounded for each line and shipment.
    #[default]
    Item,
    /// Computed once over the sum of the matching lines.
    Order,
}
