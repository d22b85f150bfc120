//! The steps of a provider checkout, as the provider's calls and the shopper's browser ask for them.
//!
//! Secrets come in as they were given; the domain compares them. What is only form (types, lengths, patterns) is
//! the API's to check.

use crate::address::AddressFields;
use crate::money::{Amount, Rate};
use crate::order::{BasketItem, ThreeD};
use crate::{ProviderId, ShippingMethodId, Time};

#[derive(Debug, Clone, PartialEq)]
pub enum ProviderStep {
    /// Lists the providers. Repeating it voids nothing.
    Begin,
    /// The provider has opened a session for this basket.
    Select(StartedSession),
    /// The buyer chose addresses: what does delivery cost?
    Addresses { token: String, addresses: GivenAddresses },
    /// Which agreements are there?
    ListTerms { conversation: String, language: Option<String> },
    /// One agreement is shown, for a way of delivery.
    ShowTerms {
        token: String,
        method: ShippingMethodId,
        code: String,
        email: String,
        addresses: GivenAddresses,
    },
    /// The provider has the money, or says that it has not.
    Notify(Box<Notification>),
    /// The buyer gave up, or nobody came back. On a placed order it does nothing.
    Leave,
    /// The provider knows that the session which ended with this event is over.
    Told { event: u64 },
}

/// A session as the provider opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedSession {
    pub provider: ProviderId,
    pub token: String,
    /// Our own word, which the provider repeats.
    pub conversation: String,
    pub redirect_url: String,
    /// If the provider said when its session ends.
    pub ends_at: Option<Time>,
}

/// Addresses of a call; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GivenAddresses {
    pub ship: Option<ProvenAddress>,
    pub bill: Option<ProvenAddress>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ProvenAddress {
    pub fields: AddressFields,
    /// The provider's proof of the data.
    pub hash: String,
    /// SHA-256 of the data the proof is of.
    pub content: [u8; 32],
}

#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    pub conversation: String,
    pub paid: Paid,
    pub agreed: Agreed,
    pub basket: Vec<BasketItem>,
    pub method: ShippingMethodId,
    pub addresses: GivenAddresses,
    pub total_paid: Amount,
    pub interest: Amount,
    pub interest_rate: Option<Rate>,
    /// From 1.
    pub installments: u8,
    pub three_d: ThreeD,
    pub system: String,
    pub bins: Vec<String>,
    pub raw: String,
    pub user: ExternalUser,
    /// `LostRace::No` unless the engine says otherwise.
    pub lost_race: LostRace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    Yes,
    No,
}

/// The buyer as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalUser {
    pub id: String,
    /// Lower case.
    pub email: String,
}

/// Whether all checks of this notification had passed once and only the commit was too late. Set by the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LostRace {
    #[default]
    No,
    Yes,
}
