//! Stock locations, and stock levels as a value read before a decision.
//!
//! Levels are rows of the store. What a decision reads here may be stale by the time it commits; every
//! condition is therefore repeated by the movement that carries it out.

use super::Channels;
use crate::{CountryId, StateId, StockItemId, StockLocationId, VariantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLocation {
    pub id: StockLocationId,
    pub name: String,
    #[serde(default)]
    pub address1: Option<String>,
    #[serde(default)]
    pub address2: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub zipcode: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub state: Option<StateId>,
    #[serde(default)]
    pub state_name: Option<String>,
    #[serde(default)]
    pub country: Option<CountryId>,
    pub active: bool,
    /// New variants get a stock item here.
    #[serde(default)]
    pub propagate_all_variants: bool,
    #[serde(default)]
    pub backorderable_default: bool,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

/// One stock item: a variant at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    pub item: StockItemId,
    pub variant: VariantId,
    pub location: StockLocationId,
    /// Pieces there; below zero only if backorderable.
    pub on_hand: i64,
    /// Pieces promised to orders that are not complete.
    pub held: i64,
    pub backorderable: bool,
}

impl StockLevel {
    /// On hand and not promised to anyone.
    pub fn available(&self) -> i64 {
        self.on_hand - self.held
    }
}

/// The levels a decision may look at, by variant, each list in location order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockView(pub BTreeMap<VariantId, Vec<StockLevel>>);

impl StockView {
    pub fn of(&self, variant: VariantId) -> &[StockLevel] {
        self.0.get(&variant).map_or(&[], Vec::as_slice)
    }
}
