//! The two dialects, and what differs between them. Everything that is not on this page, and not a key of a view that
//! is marked as one dialect's, is the same in both.
//!
//! | | Solidus | Spree |
//! | --- | --- | --- |
//! | API key | `Authorization: Bearer` or `token` | `X-Spree-Token` (or the other two) |
//! | beginning an order | guests may | needs a key |
//! | a record only staff may touch | 401 | 404 where Spree looks it up among the caller's own |
//! | somebody's unknown order, at its payments | 401 | 404 |
//! | attributes in checkout | by state | the same in every state |
//! | `payment_methods` of an order | always | in `payment` only |
//! | names of people | `name` | `firstname` and `lastname` |
//! | ids of payments in paths | the id | the number, or the id |
//! | a missing parameter | three keys | `exception` alone |
//! | an address that is edited | is a new one | stays the same one |
//! | stock that ran out during checkout | `insufficient_stock` | a sentence |
//!
//! What differs in products, stock, places and people is on a page of its own, `catalogue/dialect.rs`.
//!
//! The choices of checkout itself (steps, what happens after the last one, when stock is looked at) are `channel`'s.

use super::channel;
use super::refuse::Refused;
use crate::server::Incoming;
use domain::channel::Channel;
use domain::command::AddressIdentity;
use serde_json::{Value, json};

/// Which of the two APIs is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Solidus,
    Spree,
}

impl Dialect {
    /// The channel's key.
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Solidus => "solidus",
            Dialect::Spree => "spree",
        }
    }

    /// The channel as a stock installation has it.
    pub fn channel(self) -> Channel {
        channel::stock(self)
    }

    /// The API key in the headers. `Authorization` counts only if it begins with `Bearer `.
    pub fn key_in_headers(self, request: &Incoming) -> Option<&str> {
        let bearer =
            || request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
        match self {
            Dialect::Solidus => bearer(),
            Dialect::Spree => request.header("x-spree-token").filter(|key| !key.is_empty()).or_else(bearer),
        }
    }

    /// Whether an order may be begun without a key, if the shop lets guests do that.
    pub fn has_guest_orders(self) -> bool {
        self == Dialect::Solidus
    }

    /// What becomes of the id of an address that is edited.
    pub fn edited_address(self) -> AddressIdentity {
        match self {
            Dialect::Solidus => AddressIdentity::New,
            Dialect::Spree => AddressIdentity::Kept,
        }
    }

    /// What callers hear who are not staff, of a record that only staff may touch: Spree looks it up among those the
    /// caller may touch, and finds none.
    pub fn not_for_you(self) -> Refused {
        match self {
            Dialect::Solidus => Refused::not_permitted(),
            Dialect::Spree => Refused::not_found(),
        }
    }

    /// What is said of an order that does not exist when its payments are asked for.
    pub fn no_order_of_payments(self) -> Refused {
        self.not_for_you()
    }

    /// The body that names a parameter which had to be there.
    pub fn missing_param(self, name: &str) -> Value {
        match self {
            Dialect::Solidus => {
                let sentence = format!("param is missing or the value is empty or invalid: {name}");
                json!({ "exception": sentence, "error": sentence, "missing_param": name })
            }
            Dialect::Spree => {
                json!({ "exception": format!("param is missing or the value is empty: {name}") })
            }
        }
    }
}
