//! A line: so many pieces of one variant at one price.

use super::Drawn;
use crate::money::Amount;
use crate::{LineId, StockLocationId, VariantId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: LineId,
    pub variant: VariantId,
    /// Key of the price option; empty for the plain price.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub option: String,
    /// The line this one hangs on (add-ons, bundles).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<LineId>,
    /// At least 1.
    pub quantity: u32,
    /// Price of one piece in the order's currency; never below zero.
    pub price: Amount,
    /// Where this line's pieces come from, if not from shipments: held there from the cart on, and, for what
    /// ships nothing, taken there when the order was placed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<(StockLocationId, u32)>,
    /// What it has of pools, by pool: held from the cart on, taken when the order was placed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<Drawn>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
}
