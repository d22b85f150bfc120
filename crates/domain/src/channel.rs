//! Channels: one mounted API (or the hosted pages) with its choices as data.
//!
//! The domain knows no protocol by name. A channel brings a `Flow` (which steps, when), a `Policy` (every choice
//! a merchant may make) and a number format; an order keeps the channel that began it as its origin.

use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The name a channel is known by in orders, events and the store file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelKey(pub Arc<str>);

impl ChannelKey {
    pub fn new(name: &str) -> ChannelKey {
        ChannelKey(name.into())
    }
}

#[derive(Debug, Clone)]
pub struct Channel {
    pub key: ChannelKey,
    pub currencies: Vec<Currency>,
    pub flow: Flow,
    pub policy: Policy,
    pub numbers: NumberFormat,
}

/// The steps an order can stand on, in no particular order; a `Flow` orders the ones it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Cart,
    Email,
    Register,
    OrderForm,
    Customize,
    AddOn,
    Attendees,
    Password,
    Invite,
    Member,
    Membership,
    Address,
    Delivery,
    Form,
    Conflict,
    Terms,
    Payment,
    Confirm,
}

/// A channel's ordered list of steps with their conditions, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow(pub Vec<FlowStep>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowStep {
    pub step: Step,
    pub when: When,
}

/// When a step is part of an order's checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// The total is above zero.
    SomethingToPay,
    /// Something ships.
    SomethingShips,
    /// The order asks for it: by the table of `ticketing::steps`, or because it has stood on it since its contents
    /// changed last.
    Needed,
    /// A live payment is by card, or the order stands on the step already.
    PaidByCard,
}

/// Every choice a merchant may make for a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub hold: Hold,
    pub stock_on_add: StockOnAdd,
    pub price_change: PriceChange,
    pub capture: Capture,
    pub cover: Cover,
    pub guests: Guests,
    pub bill_address: BillAddress,
    pub on_decline: OnDecline,
    /// Where a changed cart sends an order that is past its cart.
    pub restart: Restart,
    /// Saves a customer's addresses as the defaults when they are used.
    pub remember_addresses: bool,
    /// Whether leaving the payment step draws on the buyer's store credit.
    pub store_credit: UseStoreCredit,
    /// Whether the customer's default card is offered when the payment step is entered.
    pub default_card: DefaultCard,
    /// Goods leave only when the order is paid.
    pub ship_when: ShipWhen,
    pub tax_address: TaxAddress,
    /// How long a request waits for another one on the same order, in milliseconds.
    pub lock_wait_ms: u64,
    /// How long a request waits for a gateway, in milliseconds.
    pub gateway_wait_ms: u64,
    /// What `next` does on the last step before placing.
    pub next_at_end: NextAtEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    WhenPlacing,
    FromCart { minutes: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockOnAdd {
    Ignored,
    Checked,
    /// And again before every step of checkout.
    CheckedThroughout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceChange {
    /// A line keeps the price it was added at.
    Kept,
    /// Taken over when the order enters delivery.
    TakenOverAtDelivery,
    /// Taken over at every change until payment is sent.
    TakenOver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Money is taken when the order is placed.
    AtOnce,
    /// Authorised when the order is placed, captured by staff.
    Later,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    NotRequired,
    Required,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guests {
    Allowed,
    AccountsOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillAddress {
    Optional,
    Required,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDecline {
    /// Back to the payment step with the gateway's words.
    BackToPayment,
    /// The order stands where it stood, with the gateway's words.
    Stay,
    /// The order is placed all the same, unpaid.
    PlaceAnyway,
    /// The order is canceled. So is one whose buyer did not pay in time; what is paid later becomes credit.
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Shipments are dropped and the order returns to its first step.
    ToFirstStep,
    /// Shipments are dropped and the order falls back to its first open step.
    ToFirstOpen,
    /// The order stays where it is.
    Stay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseStoreCredit {
    WhenLeavingPayment,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultCard {
    Offered,
    NotOffered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipWhen {
    Paid,
    Placed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxAddress {
    Ship,
    Bill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAtEnd {
    Refused,
    /// Answers with the unchanged order.
    Lenient,
    /// Places the order; so does going on as far as possible.
    Places,
}

/// How a channel's order numbers look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFormat {
    pub prefix: &'static str,
    pub alphabet: &'static [u8],
    pub length: usize,
}

impl NumberFormat {
    pub const DIGITS: &'static [u8] = b"0123456789";
    pub const UPPER_ALPHANUMERIC: &'static [u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// Draws a number, never one that the card-number guard would take for a card.
    pub fn draw(&self, entropy: &dyn crate::Entropy) -> String {
        loop {
            let number = self.draw_any(entropy);
            if crate::card_number::never_a_card(&number) {
                return number;
            }
        }
    }

    /// Rejection sampling, so that every symbol is equally likely.
    fn draw_any(&self, entropy: &dyn crate::Entropy) -> String {
        let mut number = String::from(self.prefix);
        let fair = 256 - 256 % self.alphabet.len();
        let mut bytes = [0u8; 32];
        while number.len() < self.prefix.len() + self.length {
            entropy.fill(&mut bytes);
            for byte in bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair) {
                if number.len() < self.prefix.len() + self.length {
                    number.push(char::from(self.alphabet[byte % self.alphabet.len()]));
                }
            }
        }
        number
    }
}
