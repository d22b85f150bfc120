//! What `decide` is given, and what it answers: the whole effect of a command as a value.

use crate::catalog::{Catalog, StockView};
use crate::channel::Channel;
use crate::event::Event;
use crate::money::Amount;
use crate::movement::Movement;
use crate::order::Order;
use crate::refusal::Refusal;
use crate::user::{Actor, Buyer, User};
use crate::{AddressId, Entropy, Ids, LineId, PaymentId, ReturnId, ShipmentId, TicketId, Time};

/// Everything a decision may look at. It holds no clock and no randomness of its own.
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Context<'a> {
    pub catalog: &'a Catalog,
    /// The channel that asks: steps, moves, refusals.
    pub via: &'a Channel,
    /// The channel that began the order: everything else.
    pub origin: &'a Channel,
    pub actor: &'a Actor,
    pub buyer: &'a Buyer,
    pub stock: &'a StockView,
    pub now: Time,
    pub ids: &'a dyn Ids,
    pub entropy: &'a dyn Entropy,
}

/// The effect of a command: to be committed as a whole, or not at all.
#[derive(Debug, Clone)]
pub struct Decision {
    pub order: Order,
    pub events: Vec<Event>,
    pub movements: Vec<Movement>,
    /// The customer's record, if it changes with the order (address book, wallet).
    pub user: Option<User>,
    /// Set when part of the command was done and kept, and then something was refused.
    pub refusal: Option<Refusal>,
    /// The thing the command was about, for the answer.
    pub focus: Option<Focus>,
    /// The total before, if prices and promotions were taken anew without being asked for (an expired order was
    /// taken up) and it is another one now.
    pub repriced: Option<Amount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Line(LineId),
    Payment(PaymentId),
    Shipment(ShipmentId),
    Address(AddressId),
    Return(ReturnId),
    Ticket(TicketId),
}
