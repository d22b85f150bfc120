//! Customers and staff: one table for accounts and guest contacts.
//!
//! Passwords and keys are stored as hashes only, made at the edge; the domain never sees the plain text.

use crate::address::{Address, AddressFields};
use crate::channel::ChannelKey;
use crate::money::{Amount, Currency};
use crate::movement::ClaimKey;
use crate::order::Card;
use crate::{AddressId, CountryId, CreditId, PromotionId, ProviderId, Time, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    /// Goes up with each change; 0 has never been stored.
    #[serde(default)]
    pub version: u64,
    /// Lower case; unique among accounts.
    pub email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The secret of an authenticator app, as base 32 text. No view of any API shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<String>,
    #[serde(default)]
    pub roles: Vec<String>,
    /// Known only from an order, without an account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_contact: bool,
    /// The address book; `bill_default` and `ship_default` point into it.
    #[serde(default)]
    pub addresses: Vec<Address>,
    #[serde(default)]
    pub bill_default: Option<AddressId>,
    #[serde(default)]
    pub ship_default: Option<AddressId>,
    /// What is held against, or in favour of, this payer.
    #[serde(default, skip_serializing_if = "PayerFlags::is_default")]
    pub flags: PayerFlags,
    /// Saved cards; the default one is last used first.
    #[serde(default)]
    pub wallet: Vec<SavedCard>,
    /// Who this is at checkout providers. A user of a provider is linked to one record at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<ExternalLink>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Somebody's name at a checkout provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalLink {
    pub provider: ProviderId,
    /// Their id there.
    pub user: String,
    pub linked_at: Time,
}

/// What rules of payment may ask of a payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PayerFlags {
    /// Pays with nothing.
    pub blocked: bool,
    pub email_verified: bool,
    /// 0 … 100, the higher the worse.
    pub risk: u8,
    pub chargebacks: u32,
}

impl PayerFlags {
    pub fn is_default(&self) -> bool {
        *self == PayerFlags::default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCard {
    /// Also the id of the wallet entry.
    #[serde(flatten)]
    pub card: Card,
    pub method: crate::PaymentMethodId,
    /// The name an import gave it, beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default)]
    pub is_default: bool,
    #[serde(default)]
    pub address: Option<AddressFields>,
}

impl SavedCard {
    /// Whether this is the same piece of plastic: its number is not known, all that is printed beside it is.
    pub fn is_same_card(&self, other: &SavedCard) -> bool {
        let (one, two) = (&self.card.details, &other.card.details);
        let same_print = (&one.brand, &one.last4, one.month, one.year, &one.name)
            == (&two.brand, &two.last4, two.month, two.year, &two.name);
        self.card.id == other.card.id || (self.method == other.method && same_print)
    }
}

impl User {
    /// Somebody known by nothing but an address, lower case: no account.
    pub fn contact(id: UserId, email: String, now: Time) -> User {
        User { version: 1, is_contact: true, ..User::account(id, email, now) }
    }

    /// A new account of which nothing is known but its address, and nothing is stored yet.
    pub fn account(id: UserId, email: String, now: Time) -> User {
        User {
            id,
            version: 0,
            email,
            password_hash: None,
            second_factor: None,
            roles: Vec::new(),
            is_contact: false,
            addresses: Vec::new(),
            bill_default: None,
            ship_default: None,
            wallet: Vec::new(),
            flags: Default::default(),
            links: Vec::new(),
            customer_metadata: Map::new(),
            admin_metadata: Map::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The role of an account that is a program's and nobody's: it has a key and no person.
    pub const PROGRAM: &'static str = "program";

    /// Whether nobody is behind this account but a program with its key.
    pub fn is_program(&self) -> bool {
        self.roles.iter().any(|role| role == User::PROGRAM)
    }

    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }

    pub fn address(&self, id: Option<AddressId>) -> Option<&Address> {
        self.addresses.iter().find(|address| Some(address.id) == id)
    }

    pub fn default_card(&self) -> Option<&SavedCard> {
        self.wallet.iter().find(|card| card.is_default)
    }

    /// Puts an address into the book (once) and returns the id it has there.
    pub fn remember(&mut self, address: &Address) -> AddressId {
        match self.addresses.iter().find(|known| known.fields == address.fields) {
            Some(known) => known.id,
            None => {
                self.addresses.push(address.clone());
                address.id
            }
        }
    }
}

/// Who somebody is to limits that count per buyer: the address, however it is spelled. `None` without one.
pub fn contact(email: Option<&str>) -> Option<String> {
    email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty())
}

/// What is known of the payer at this moment, read before a decision. Every condition taken from here is
/// repeated as a movement.
#[derive(Debug, Clone, Default)]
pub struct Buyer {
    pub user: Option<Arc<User>>,
    /// Orders this user has completed and not canceled.
    pub completed_orders: u32,
    /// Of those, how many carried a promotion.
    pub own_uses: BTreeMap<PromotionId, u32>,
    /// Completed, not canceled orders of anyone, other than the order at hand, that carry a promotion.
    pub all_uses: BTreeMap<PromotionId, u32>,
    /// The same by code.
    pub code_uses: BTreeMap<String, u32>,
    /// Units that other orders have claimed, of what was asked for.
    pub claims: BTreeMap<ClaimKey, u32>,
    /// By priority.
    pub credits: Vec<Credit>,
    pub country: Option<CountryId>,
    /// Who the buyer of a provider's notification is.
    pub known_as: KnownAs,
}

/// Who the buyer of a provider's notification is here, as found before the decision.
#[derive(Debug, Clone, Default)]
pub enum KnownAs {
    #[default]
    Nobody,
    /// The provider's user is linked to this record.
    Linked(Arc<User>),
    /// Only the address is the same.
    SameEmail(Arc<User>),
}

/// One grant of store credit, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub id: CreditId,
    pub user: UserId,
    pub currency: Currency,
    /// Granted, less used and held.
    pub available: Amount,
    #[serde(default)]
    pub memo: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub created_by: Option<String>,
    pub created_at: Time,
}

impl Buyer {
    pub fn available_credit(&self, currency: Currency) -> Amount {
        self.credits.iter().filter(|credit| credit.currency == currency).map(|credit| credit.available).sum()
    }

    pub fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().map(|user| user.id)
    }
}

/// Who asks, and through which channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub who: Who,
    pub via: ChannelKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Nobody we know; rights come from the order's secret.
    Guest,
    Customer(UserId),
    Admin(UserId),
    /// The program itself: sweeps, settlements.
    System,
}

impl Actor {
    pub fn is_admin(&self) -> bool {
        matches!(self.who, Who::Admin(_) | Who::System)
    }

    pub fn user(&self) -> Option<UserId> {
        match self.who {
            Who::Customer(id) | Who::Admin(id) => Some(id),
            Who::Guest | Who::System => None,
        }
    }
}
