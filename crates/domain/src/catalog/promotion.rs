//! Promotions: who may have them (rules), what they do (actions), how they combine (stacking). All data.

use super::Channels;
use crate::money::{Money, Rate};
use crate::{OptionValueId, Period, ProductId, PromotionId, TaxonId, UserId, VariantId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    pub id: PromotionId,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Trimmed and lower case; a promotion without codes applies by itself if `automatic`.
    #[serde(default)]
    pub codes: Vec<String>,
    #[serde(default)]
    pub automatic: bool,
    #[serde(default)]
    pub period: Period,
    /// Completed, not canceled orders that may carry it.
    #[serde(default)]
    pub usage_limit: Option<u32>,
    /// The same for each code by itself.
    #[serde(default)]
    pub per_code_limit: Option<u32>,
    /// All must hold.
    #[serde(default)]
    pub rules: Vec<PromotionRule>,
    pub actions: Vec<PromotionAction>,
    #[serde(default)]
    pub stacking: Stacking,
    /// An order-level discount lowers the tax base only if this says so; line-level ones always do.
    #[serde(default)]
    pub before_tax: bool,
    /// Also takes something off credit that is bought, and then off all of it: the buyer gets the whole credit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub top_ups: bool,
    #[serde(default)]
    pub advertise: bool,
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

/// How promotions on the same line or shipment combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Of all such promotions the single best counts (tie: the higher id); the others stay visible, ineligible.
    #[default]
    BestPerItem,
    /// Lanes are applied in order `Pre`, `Default`, `Post`: the best within a lane, on the amount the lane
    /// before left over.
    LanePre,
    LaneDefault,
    LanePost,
    /// Counts alone: if it is the best for an item, no lane discount stands beside it.
    Exclusive,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionAction {
    /// Unique in the store; the `source_id` of the adjustments it makes.
    pub id: i64,
    #[serde(flatten)]
    pub kind: PromotionActionKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionActionKind {
    /// One adjustment of the whole order, at most goods + shipping.
    AdjustOrder(PromotionCalculator),
    /// One adjustment for each line the rules name, at most the line's amount.
    AdjustLines(PromotionCalculator),
    /// For every full group of `size` pieces of a line.
    AdjustGroups { size: u32, calculator: PromotionCalculator },
    /// The cost of each shipment.
    FreeShipping,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionCalculator {
    Flat(Money),
    /// A share of the order's goods (order actions) or of the line (line actions).
    Percent(Rate),
    /// `first + additional × (n − 1)`, n capped at `max_items` unless that is 0.
    Flexible {
        first: Money,
        additional: Money,
        max_items: u32,
    },
    /// The share of the highest tier whose threshold the goods total reaches; below all of them `base`.
    TieredPercent {
        base: Rate,
        tiers: Vec<(Money, Rate)>,
    },
    /// The amount of the highest tier whose threshold the line's or order's amount reaches.
    TieredFlat {
        base: Money,
        tiers: Vec<(Money, Money)>,
    },
    /// A fixed sum split over the lines in proportion to their amounts, exact to the unit.
    Distributed(Money),
    /// A share of all lines together, rounded once and split like a fixed sum.
    DistributedPercent(Rate),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionRule {
    /// The goods total (before discounts) compared with an amount.
    ItemTotal {
        compare: Compare,
        amount: Money,
    },
    Products {
        products: Vec<ProductId>,
        matching: Matching,
    },
    Taxons {
        taxons: Vec<TaxonId>,
        matching: Matching,
    },
    OptionValues(Vec<OptionValueId>),
    /// One of these is in the cart; only they are touched.
    Variants(Vec<VariantId>),
    Users(Vec<UserId>),
    Roles(Vec<String>),
    LoggedIn,
    FirstOrder,
    OncePerUser,
    /// The buyer's n-th completed order.
    NthOrder(u32),
    /// At least this many applicable pieces.
    MinimumQuantity(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    Above,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    #[default]
    Any,
    All,
    /// None of the listed may be in the cart.
    None,
}
