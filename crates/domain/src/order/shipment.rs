//! Shipments: what leaves one stock location together, at which rate.
//!
//! Pieces are counted in runs, so that a line of 5 000 costs what a line of 1 costs; APIs that show one object
//! per piece expand a run on reading.

use crate::money::Amount;
use crate::{LineId, ShipmentId, ShippingMethodId, ShippingRateId, StockLocationId, Time, UnitId, VariantId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    pub id: ShipmentId,
    /// `H` and eleven digits.
    pub number: String,
    pub location: StockLocationId,
    /// Cost of the selected rate.
    pub cost: Amount,
    /// By cost, cheapest first.
    #[serde(default)]
    pub rates: Vec<ShippingRate>,
    pub state: ShipmentState,
    #[serde(default)]
    pub runs: Vec<UnitRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentState {
    /// The order is not complete, not paid, or something in it is backordered.
    Pending,
    Ready,
    Shipped,
    Canceled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingRate {
    pub id: ShippingRateId,
    pub method: ShippingMethodId,
    /// The method's name when the rate was made.
    pub name: String,
    pub cost: Amount,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub selected: bool,
}

/// `count` pieces of one line in one state, with the consecutive ids `first..first + count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRun {
    pub first: UnitId,
    pub count: u32,
    pub line: LineId,
    pub variant: VariantId,
    pub state: UnitState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    OnHand,
    Backordered,
    Shipped,
    Returned,
    Canceled,
}

impl Shipment {
    pub fn selected_rate(&self) -> Option<&ShippingRate> {
        self.rates.iter().find(|rate| rate.selected)
    }

    /// Selects one rate and takes over its cost. Returns false if there is no such rate.
    pub fn select(&mut self, id: ShippingRateId) -> bool {
        let Some(cost) = self.rates.iter().find(|rate| rate.id == id).map(|rate| rate.cost) else {
            return false;
        };
        for rate in &mut self.rates {
            rate.selected = rate.id == id;
        }
        self.cost = cost;
        true
    }

    /// Pieces in a state.
    pub fn count(&self, state: UnitState) -> u32 {
        let runs = self.runs.iter().filter(|run| run.state == state);
        runs.fold(0, |sum, run| sum.saturating_add(run.count))
    }
}
