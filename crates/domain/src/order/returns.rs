//! Returns: the permission to send goods back, and what came back.

use crate::money::Amount;
use crate::{LineId, ReturnId, StockLocationId, Time, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAuthorization {
    pub id: ReturnId,
    /// `RA` and nine digits.
    pub number: String,
    pub state: ReturnState,
    pub location: StockLocationId,
    #[serde(default)]
    pub memo: Option<String>,
    #[serde(default)]
    pub items: Vec<ReturnItem>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    Authorized,
    Canceled,
}

/// One shipped piece that may come back, and what it was worth: its share of the line's total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnItem {
    pub unit: UnitId,
    pub line: LineId,
    pub amount: Amount,
    #[serde(default)]
    pub received: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerReturn {
    pub id: ReturnId,
    /// `CR` and nine digits.
    pub number: String,
    pub location: StockLocationId,
    pub items: Vec<ReturnItem>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
}
