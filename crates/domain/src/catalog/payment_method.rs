//! Payment methods: what a merchant offers, and what stands behind each.

use super::Channels;
use crate::PaymentMethodId;
use crate::channel::Capture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// What the provider behind it was told by staff.
    #[serde(default, skip_serializing_if = "ProviderConfig::is_empty")]
    pub config: ProviderConfig,
}

/// Keys and settings of a provider by their names. Values may be secrets: nothing shows them, `Debug` neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct ProviderConfig(pub BTreeMap<String, String>);

impl ProviderConfig {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one key that is made for browsers to see.
    pub fn tokenize_key(&self) -> Option<&str> {
        self.0.get("tokenize_key").map(String::as_str)
    }
}

impl std::fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
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
    /// Money that a checkout provider takes on its own pages. Never chosen by a buyer.
    External,
    /// One way of paying through a platform that buyers are sent to.
    Platform(Platform),
}

/// A way of paying through a payment platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Who talks to it; several platforms may share one.
    pub gateway: GatewayKind,
    /// Its key in rules: `stripe`, `bitpay`.
    pub platform: String,
    /// What the platform calls this way of paying: `card`, `btc`.
    pub method: String,
    pub flow: PayFlow,
    #[serde(default)]
    pub saving: Saving,
    #[serde(default)]
    pub renewal: Renewal,
}

/// How money is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayFlow {
    /// The buyer is sent to the platform.
    Redirect,
    /// At once.
    Capture,
}

/// Whether what was paid with can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Saving {
    Supported,
    #[default]
    NotSupported,
}

/// Who pays what renews the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// The platform charges again.
    #[default]
    Automatic,
    /// It pays the first time only.
    Manual,
}

/// Which gateway a method talks to, by the name it is registered under (`test`, later `stripe`, …).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GatewayKind(pub String);
