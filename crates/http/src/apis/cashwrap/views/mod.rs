//! What this API shows, as plain values: amounts are whole minor units of the order's currency, times RFC 3339 in
//! UTC, states the domain's own names.
//!
//! Views are pure functions of what they show. No view holds a secret that the caller has not shown or does not own,
//! and none holds more of a card than brand, last four digits and expiry.

mod explain;
mod order;
mod parts;
mod preview;

pub use explain::{ExplainView, explain};
pub use order::{OrderView, order};
pub use parts::{EventView, event};
pub use preview::{PreviewView, preview};

use super::refusal::{about, name};
use crate::kit::format::timestamp;
use crate::server::Credentials;
use domain::Time;
use domain::catalog::Catalog;
use domain::order::Order;

/// Through whose eyes something is shown.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    pub catalog: &'a Catalog,
    pub caller: &'a Credentials,
}

impl Lens<'_> {
    pub fn is_staff(&self) -> bool {
        self.caller.is_admin()
    }

    /// Whose order it is: the account that has it, or whoever shows its secret.
    pub fn is_buyer(&self, order: &Order) -> bool {
        self.caller.owns(order) || self.caller.knows(order)
    }
}

fn time(at: Time) -> String {
    timestamp(at).to_string()
}
