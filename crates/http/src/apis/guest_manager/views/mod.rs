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
pub use payment::{method_type, method_view, next_action};
pub use ticket::{TicketView, status as ticket_status, ticket};
pub use wire::{MoneyView, money, time};

use domain::catalog::{Catalog, StockView};
use domain::channel::Channel;
use domain::user::Buyer;
use domain::{LineId, Time};

/// What is looked at beside an order to show it.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    pub catalog: &'a Catalog,
    /// Levels of the order's variants and their pools; of others perhaps not.
    pub stock: &'a StockView,
    /// This API's.
    pub channel: &'a Channel,
    /// Of the order; nobody where orders are listed.
    pub buyer: &'a Buyer,
    pub now: Time,
    /// Places of lines on the wait list; none of orders that do not wait.
    pub places: &'a [(LineId, u64)],
    /// How callers reach the server, without a slash at the end.
    pub public_url: &'a str,
}

/// The place that a line has in the queue of the wait list; 1 is served next. The whole order is served when its last
/// line is.
fn place(line: LineId, lens: &Lens<'_>) -> Option<u64> {
    lens.places.iter().find(|(known, _)| *known == line).map(|(_, place)| *place)
}
