//! What a store file says, as values with ids: catalogue rows, first stock, people, and choices per channel.

use domain::catalog::Entity;
use domain::channel::{
    BillAddress, Capture, Channel, Cover, Guests, Hold, NextAtEnd, OnDecline, PriceChange, Restart,
    StockOnAdd,
};
use domain::channel::{ShipWhen, TaxAddress};
use domain::money::{Currency, Money};
use domain::order::Card;
use domain::user::PayerFlags;
use domain::{PaymentMethodId, StockLocationId, UserId, VariantId};
use std::collections::BTreeMap;

/// A store file, read without a fault.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreFile {
    pub shop: Shop,
    /// In the order in which rows may refer to one another.
    pub entities: Vec<Entity>,
    /// Counts only for variants the database does not have yet.
    pub stock: Vec<FirstStock>,
    pub people: Vec<Person>,
    pub applications: Vec<Application>,
}

/// What is configured and never stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Shop {
    pub currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub default_country: String,
    /// Nothing in it is real, and its keys are known to everyone.
    pub throwaway: bool,
    pub channels: BTreeMap<String, ChannelChoices>,
}

/// What a new variant starts with at one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstStock {
    pub variant: VariantId,
    pub location: StockLocationId,
    pub on_hand: i64,
    pub backorderable: bool,
}

/// An account of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    /// Lower case.
    pub email: String,
    pub roles: Vec<String>,
    /// SHA-256 of each of the person's API keys.
    pub keys: Vec<[u8; 32]>,
    /// Granted when the account is made, never again.
    pub credits: Vec<Grant>,
    pub flags: PayerFlags,
    /// As `argon2` writes it.
    pub password_hash: Option<String>,
    /// Of an authenticator app, in base 32.
    pub second_factor: Option<String>,
    pub cards: Vec<FileCard>,
}

/// A saved card of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCard {
    pub key: String,
    pub method: PaymentMethodId,
    pub card: Card,
    pub is_default: bool,
}

/// An application that may call for its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub name: String,
    /// SHA-256 of `public:private`.
    pub key: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub money: Money,
    pub memo: Option<String>,
    pub category: Option<String>,
}

/// The merchant's own choices for one channel; what is absent stays as the channel has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChannelChoices {
    pub currencies: Option<Vec<Currency>>,
    pub hold: Option<Hold>,
    pub stock_on_add: Option<StockOnAdd>,
    pub price_change: Option<PriceChange>,
    pub capture: Option<Capture>,
    pub cover: Option<Cover>,
    pub guests: Option<Guests>,
    pub bill_address: Option<BillAddress>,
    pub ship_when: Option<ShipWhen>,
    pub tax_address: Option<TaxAddress>,
    pub next_at_end: Option<NextAtEnd>,
    pub on_decline: Option<OnDecline>,
    pub restart: Option<Restart>,
}

impl ChannelChoices {
    /// Puts the merchant's choices over a channel's own.
    pub fn apply(&self, channel: &mut Channel) {
        fn set<T: Clone>(place: &mut T, choice: &Option<T>) {
            if let Some(choice) = choice {
                *place = choice.clone();
            }
        }
        set(&mut channel.currencies, &self.currencies);
        let policy = &mut channel.policy;
        set(&mut policy.hold, &self.hold);
        set(&mut policy.stock_on_add, &self.stock_on_add);
        set(&mut policy.price_change, &self.price_change);
        set(&mut policy.capture, &self.capture);
        set(&mut policy.cover, &self.cover);
        set(&mut policy.guests, &self.guests);
        set(&mut policy.bill_address, &self.bill_address);
        set(&mut policy.ship_when, &self.ship_when);
        set(&mut policy.tax_address, &self.tax_address);
        set(&mut policy.next_at_end, &self.next_at_end);
        set(&mut policy.on_decline, &self.on_decline);
        set(&mut policy.restart, &self.restart);
    }
}
