//! Views: an order and its records as this API shows them. Pure functions of what they show.
//!
//! One shape everywhere: whatever an endpoint is about, an order is shown whole, with the helper of the step it
//! stands on. Money is an object of three, times have six digits.

mod address;
mod adjustment;
mod form;
mod helper;
mod line;
mod order;
mod payment;
mod ticket;
mod wire;

pub use form::kind as field_kind;
pub use order::{OrderView, order};
pub use payment::next_action;
pub use ticket::{TicketView, status as ticket_status, ticket};
pub use wire::{MoneyView, money, time};

use domain::Time;
use domain::catalog::{Catalog, StockView};
use domain::channel::Channel;

/// What is looked at beside an order to show it.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    pub catalog: &'a Catalog,
    /// Levels of the order's variants and their pools; of others perhaps not.
    pub stock: &'a StockView,
    /// This API's.
    pub channel: &'a Channel,
    pub now: Time,
    /// How callers reach the server, without a slash at the end.
    pub public_url: &'a str,
}

/// A number for whoever has an address or phone: the same in all orders. Nobody is written down for it.
fn contact_id(email: Option<&str>, phone: Option<&str>) -> Option<i64> {
    let said =
        |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
    let who = said(email).or_else(|| said(phone))?;
    let hash = who.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Below 2^52, so that JavaScript reads it exactly, and above the ids that accounts are counted with.
    i64::try_from((hash >> 13) | (1 << 50)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_whoever_has_the_address() {
        let one = contact_id(Some("A@b.c"), None);
        assert!(one.is_some_and(|id| (1..1 << 53).contains(&id)));
        assert_eq!(one, contact_id(Some(" a@B.c "), Some("+1")));
        assert_ne!(one, contact_id(Some("b@b.c"), None));
        assert_eq!(contact_id(None, Some(" ")), None);
    }
}
