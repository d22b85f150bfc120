//! Checkout providers and the agreements their buyers accept.
//!
//! A provider is a service that takes a whole checkout over on pages of its own: address, delivery, agreements and
//! payment happen there, and it tells us what came of it. Which program speaks to it is its `kind`; addresses and
//! keys of the service are configuration of the process and never stand here.

use super::Channels;
use crate::{AgreementId, PaymentMethodId, ProviderId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutProvider {
    pub id: ProviderId,
    /// Unique, lower case; how it is named in configuration.
    pub slug: String,
    pub name: String,
    pub kind: ProviderKind,
    /// An absolute address of a picture.
    #[serde(default)]
    pub logo: Option<String>,
    pub active: bool,
    /// What its payments are recorded under; of the kind `MethodKind::External`.
    pub method: PaymentMethodId,
    #[serde(default)]
    pub proof: Proof,
    #[serde(default)]
    pub agreements: AgreementsShown,
    /// How long a session lives after the last call of the provider.
    pub session_minutes: u32,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

impl CheckoutProvider {
    /// Length of a session if the merchant says nothing.
    pub const SESSION_MINUTES: u32 = 60;
}

/// Which implementation speaks to a provider, by the name it is registered under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderKind(pub String);

/// What a provider's calls must prove themselves by, beside the session's own secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    #[default]
    Plain,
    /// A signature over the body.
    Signed,
}

/// Where buyers read the agreements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementsShown {
    /// The provider fetches them page by page; without that nothing is placed.
    #[default]
    ByPages,
    /// The provider shows them in a frame of its own.
    ByProvider,
}

/// A text the buyer accepts before paying. One row for each language of each version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    pub id: AgreementId,
    /// What kind of agreement it is: `info`, `sales`.
    pub code: String,
    /// Two letters, lower case: `en`, `tr`.
    pub language: String,
    /// What the buyer ticks.
    pub text: String,
    pub version: String,
    /// HTML with `{{placeholders}}`: see `provider::terms`.
    pub body: String,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}
