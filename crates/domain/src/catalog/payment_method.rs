//! Payment methods: what a merchant offers, and what stands behind each.

use super::Channels;
use crate::PaymentMethodId;
use crate::channel::Capture;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: PaymentMethodId,
    /// Stable name used by rules and configuration: `credit-card`, `check`.
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub kind: MethodKind,
    #[serde(default = "yes")]
    pub active: bool,
    #[serde(default = "yes")]
    pub for_buyers: bool,
    #[serde(default = "yes")]
    pub for_staff: bool,
    /// `None`: as the channel says.
    #[serde(default)]
    pub capture: Option<Capture>,
    #[serde(default)]
    pub position: i64,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// Cards through a gateway.
    Card(GatewayKind),
    /// Money that comes outside the system: checks, bank transfers, cash.
    Manual,
    /// The buyer's own credit with the shop.
    StoreCredit,
}

/// Which gateway a method talks to, by the name it is registered under (`test`, later `stripe`, …).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GatewayKind(pub String);
