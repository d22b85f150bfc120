//! The port to checkout providers: services that take a whole checkout over on pages of their own.
//!
//! What an implementation needs to know of its service (address, keys, where its calls go) it brings itself; it knows
//! nothing of orders but what it is told.

use async_trait::async_trait;
use domain::money::{Amount, Money};
use domain::{LineId, OrderId, Time, UserId};

/// What a checkout provider is told to open a session for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartSession {
    pub order: OrderId,
    /// Our own word, which the provider repeats; also the key under which asking twice is asking once.
    pub conversation: String,
    pub at: Time,
    /// The goods after discounts, without delivery.
    pub money: Money,
    /// `None` for guests.
    pub customer: Option<SessionCustomer>,
    pub items: Vec<SessionItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCustomer {
    pub id: UserId,
    pub email: String,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionItem {
    pub line: LineId,
    pub sku: String,
    pub name: String,
    pub quantity: u32,
    pub unit_price: Amount,
    pub total: Amount,
}

/// A session as the provider opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    pub token: String,
    pub redirect_url: String,
    /// If the provider said so.
    pub ends_at: Option<Time>,
}

/// The provider did not answer in time, or not what was expected. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the checkout provider is not available: {0}")]
pub struct ProviderDown(pub String);

/// The headers of a signed call, as they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedHeaders {
    pub id: Option<String>,
    pub timestamp: Option<String>,
    pub signature: Option<String>,
}

/// What the signature of a call is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// No signature, or no key to check it with.
    Absent,
    Good,
    Bad,
}

/// The parts of an address that a provider vouches for, as they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HashedAddress {
    pub name: String,
    pub surname: String,
    pub phone: String,
    pub line: String,
    pub country: String,
    pub city: String,
    pub town: String,
    pub district: String,
    /// The proof that came with them.
    pub hash: String,
}

/// A service that takes a whole checkout over: one implementation for each kind of provider.
#[async_trait]
pub trait CheckoutProvider: Send + Sync {
    /// Opens a session. Its secrets and its hosted page come back.
    async fn start(&self, session: StartSession) -> Result<OpenedSession, ProviderDown>;
    /// Looks at the signature of a call that came in.
    fn verify(&self, headers: &SignedHeaders, body: &[u8], now: Time) -> Verified;
    /// Whether the proof belongs to the address; true if there is no key to check it with.
    fn check_address(&self, address: &HashedAddress) -> bool;
    /// Tells the provider that a session is of no use any more. One that it does not know is over already.
    async fn cancel(&self, token: &str) -> Result<(), ProviderDown>;
}
