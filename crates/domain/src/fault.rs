//! Faults: what is wrong with which record of an order, so that an API can show it beside that record.
//!
//! A refusal made of faults names every one of them, not only the first. Words are found by the API that asked;
//! `Flaw::code` is the domain's own name of the kind.

use crate::channel::Step;
use crate::money::Amount;
use crate::{AnswerId, ConditionId, EventId, LineId, ResponseId, TicketId};
use serde::{Deserialize, Serialize};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub at: Spot,
    /// `name`, `email`, `quantity`, `value`, `base` … of the record.
    pub attribute: String,
    pub flaw: Flaw,
}

/// The record a fault is in. Records that are new are named by their place in the request, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    Order,
    Line(LineId),
    Ticket(TicketId),
    Response(ResponseId),
    Answer(ResponseId, AnswerId),
    BillAddress,
    ShipAddress,
    AddOn(usize),
    Payment(usize),
    /// A password given for an event, by place; or the event that still needs one.
    Password(usize),
    Invitation(usize),
    MemberId(usize),
    Membership(usize),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    Blank,
    Invalid,
    NotFound,
    Taken,
    /// Not one of those that may be chosen.
    Inclusion,
    TooLong {
        maximum: usize,
    },
    Expired,
    /// A merchant has switched it off.
    NotEnabled,
    /// Not sold now, and not to be had in another way.
    NotAvailable,
    SoldOut {
        requested: u64,
        available: u64,
    },
    /// Stock does not fit in some other way.
    InvalidInventory,
    AtMost {
        maximum: u64,
        current: u64,
        condition: Option<ConditionId>,
    },
    AtLeast {
        minimum: u64,
        current: u64,
        condition: Option<ConditionId>,
    },
    /// Must be greater than this.
    GreaterThan(i64),
    CountryMismatch,
    CurrencyMismatch,
    /// Does not match what the caller believes.
    Mismatch {
        actual: Amount,
    },
    /// The order has no lines.
    Empty,
    /// The order is in a phase that refuses every change.
    Unmodifiable,
    /// The event does not exist from where the order is.
    InvalidTransition,
    /// Two events that nobody can go to both.
    Conflict(EventId, EventId),
    /// Its step has to be confirmed.
    Unconfirmed(Step),
}

impl Fault {
    pub fn new(at: Spot, attribute: &str, flaw: Flaw) -> Fault {
        Fault { at, attribute: attribute.to_owned(), flaw }
    }
}

impl Flaw {
    /// The kind's name: one word for each way to be wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Flaw::Blank | Flaw::Unconfirmed(_) => "blank",
            Flaw::Invalid | Flaw::Mismatch { .. } | Flaw::Conflict(..) => "invalid",
            Flaw::NotFound => "not_found",
            Flaw::Taken => "taken",
            Flaw::Inclusion => "inclusion",
            Flaw::TooLong { .. } => "too_long",
            Flaw::Expired => "expired",
            Flaw::NotEnabled => "not_enabled",
            Flaw::NotAvailable => "not_available",
            Flaw::SoldOut { .. } => "sold_out",
            Flaw::InvalidInventory => "invalid_inventory",
            Flaw::AtMost { .. } => "max_quantity",
            Flaw::AtLeast { .. } => "min_quantity",
            Flaw::GreaterThan(_) => "greater_than",
            Flaw::CountryMismatch => "country_mismatch",
            Flaw::CurrencyMismatch => "currency_mismatch",
            Flaw::Empty => "empty",
            Flaw::Unmodifiable => "unmodifiable",
            Flaw::InvalidTransition => "invalid_transition",
        }
    }
}
