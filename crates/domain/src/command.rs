//! Commands: everything anyone may ask of an order, in words that name no protocol.
//!
//! One request in any API becomes one command. An API decides *whether* a caller may send a command; what the
//! command does is decided here alone.

mod provider;
mod purchase;
mod walk;

pub use provider::*;
pub use purchase::*;
pub use walk::*;

use crate::address::AddressFields;
use crate::channel::Step;
use crate::money::{Amount, Currency};
use crate::order::{Card, CardDetails, PaymentState, SessionHash};
use crate::{
    AddressId, AttemptId, CardId, LineId, PaymentId, PaymentMethodId, ReturnId, ShipmentId, ShippingMethodId,
    ShippingRateId, StockLocationId, TicketId, Time, UnitId, UserId, VariantId,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begins an order. The only command on an order that does not exist yet.
    Create(Box<NewOrder>),
    /// Changes contents or data; an unfinished order past its cart restarts by its channel's policy.
    Edit(Box<OrderEdit>),
    /// Cart, code, credit and payment in one. Only on an order that does not exist yet.
    Purchase(Box<Purchase>),
    AddLine(NewLine),
    SetLine {
        line: LineId,
        edit: LineEdit,
    },
    RemoveLine(LineId),
    /// Removes lines, adjustments, shipments and applied promotions.
    Empty,
    ApplyCode(String),
    RemoveCode(String),
    /// Replaces one address of the order; `address` names the current one.
    SetAddress {
        address: AddressId,
        fields: Box<AddressFields>,
        id: AddressIdentity,
    },
    /// Checkout: perhaps back to a step, perhaps data for the current step, then a move.
    Proceed(Box<Proceed>),
    SelectRate {
        shipment: ShipmentId,
        choice: RateChoice,
    },
    AddPayment(Box<NewPayment>),
    EditPayment {
        payment: PaymentId,
        amount: Option<Amount>,
        metadata: Metadata,
    },
    /// Staff: authorise, capture, purchase or void one payment.
    Pay {
        payment: PaymentId,
        action: PayAction,
    },
    /// Gives captured money back; at most what is refundable.
    Refund {
        payment: PaymentId,
        amount: Amount,
    },
    /// The outcome of a gateway attempt. Return page, webhook, poller and worker all end here.
    Settle {
        payment: PaymentId,
        attempt: AttemptId,
        outcome: Outcome,
    },
    Cancel,
    /// Staff: an order that was placed for review needs none any more.
    Approve,
    Resume,
    /// The hold ran out: gives everything held back.
    Expire,
    CreateShipment {
        location: StockLocationId,
        variant: Option<(VariantId, u32)>,
    },
    EditShipment {
        shipment: ShipmentId,
        edit: Box<ShipmentEdit>,
    },
    ReadyShipment(ShipmentId),
    Ship(ShipmentId),
    AddToShipment {
        shipment: ShipmentId,
        variant: VariantId,
        quantity: u32,
    },
    RemoveFromShipment {
        shipment: ShipmentId,
        variant: VariantId,
        quantity: u32,
    },
    Transfer {
        from: ShipmentId,
        variant: VariantId,
        quantity: u32,
        to: TransferTo,
    },
    /// Moves one piece to another state by the name of the event (`ship`, `cancel`, `return`, `fill_backorder`).
    FireUnit {
        unit: UnitId,
        event: String,
    },
    AuthorizeReturn {
        location: StockLocationId,
        memo: Option<String>,
        units: Vec<UnitId>,
        metadata: Metadata,
    },
    EditReturn {
        id: ReturnId,
        memo: Option<String>,
        metadata: Metadata,
    },
    CancelReturn(ReturnId),
    /// Staff: forgets a permission that nothing came back under.
    RemoveReturn(ReturnId),
    ReceiveReturn {
        location: StockLocationId,
        units: Vec<UnitId>,
        metadata: Metadata,
    },
    /// Checkout step by step, over whatever steps the order needs: data for one of them, then a move.
    Walk(Box<Walk>),
    /// Takes what an expired order held once more, all of it or nothing.
    Reclaim,
    /// Prolongs the hold once more, if the checkout's choices allow it.
    Prolong,
    /// Offers stock to an order on the wait list: all its lines or nothing.
    Offer,
    /// Takes an order off the wait list.
    Deny,
    /// The sale of what is reserved has begun: the order may be checked out now. Asked too early, it does nothing.
    OpenSale,
    /// Gives an order up that was never placed.
    GiveUp,
    /// Nobody came back for an expired order. Asked too early, it does nothing.
    Abandon,
    /// Staff: takes a placed order back as if it had never been.
    Void,
    /// Lets the holder of a ticket in.
    CheckIn(TicketId),
    /// The holder of a ticket left and may come in again.
    CheckOut(TicketId),
    EditTicket {
        ticket: TicketId,
        change: TicketChange,
    },
    /// The files of these tickets were fetched; only the first time counts.
    TicketsFetched(BTreeSet<TicketId>),
    /// A step of a checkout that a provider takes over.
    Provider(Box<ProviderStep>),
}

/// Whether an address that is changed is another one then. Protocols disagree; nothing else depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressIdentity {
    New,
    Kept,
}

/// Metadata to replace; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    pub customer: Option<Map<String, Value>>,
    /// Staff only; APIs fill it for staff alone.
    pub admin: Option<Map<String, Value>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewOrder {
    pub customer: Option<UserId>,
    /// `None`: the store's.
    pub currency: Option<Currency>,
    pub edit: OrderEdit,
    pub payments: Vec<NewPayment>,
    /// Staff: brings an order in from elsewhere.
    pub import: Option<Import>,
}

/// What staff may state about an order that was placed elsewhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Import {
    pub number: Option<String>,
    pub created_at: Option<Time>,
    pub completed_at: Option<Time>,
    pub shipments: Option<Vec<ImportedShipment>>,
    pub payments: Vec<ImportedPayment>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ImportedShipment {
    pub tracking: Option<String>,
    pub cost: Amount,
    pub location: StockLocationId,
    pub method: ShippingMethodId,
    /// One entry a piece, or counted.
    pub units: Vec<(VariantId, u32)>,
    pub shipped_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ImportedPayment {
    pub method: PaymentMethodId,
    pub amount: Amount,
    pub state: PaymentState,
    pub card: Option<CardDetails>,
    pub created_at: Option<Time>,
}

/// Data of an order; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrderEdit {
    pub email: Option<String>,
    pub lines: Vec<LineChange>,
    pub bill_address: Option<AddressFields>,
    pub ship_address: Option<AddressFields>,
    /// Copies the bill address to the ship address.
    pub ship_to_bill: bool,
    /// Copies the ship address to the bill address.
    pub bill_to_ship: bool,
    pub instructions: Option<String>,
    pub metadata: Metadata,
    /// Staff: gives the order to an account and takes over its e-mail address.
    pub customer: Option<UserId>,
    /// Staff: the account's e-mail, read by the API together with `customer`.
    pub customer_email: Option<String>,
    /// Staff.
    pub number: Option<String>,
    pub shipments: Vec<(ShipmentId, ShipmentEdit)>,
    pub ticketing: Option<Box<TicketingEdit>>,
    /// Gives the basket to a browser session.
    pub session: Option<SessionHash>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LineChange {
    Add(NewLine),
    Set { line: LineId, edit: LineEdit },
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    pub variant: VariantId,
    /// Key of the price option; empty for the plain price.
    pub option: String,
    pub quantity: u32,
    /// Staff only.
    pub price: Option<Amount>,
    pub metadata: Metadata,
    pub merge: Merge,
}

/// Whether a line of the same variant and option takes the pieces in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    WithSame,
    /// A line of its own, as Solidus' order update makes it.
    Never,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineEdit {
    /// 0 removes the line.
    pub quantity: Option<u32>,
    /// Staff only.
    pub price: Option<Amount>,
    pub metadata: Metadata,
}

/// A step of checkout.
#[derive(Debug, Clone, PartialEq)]
pub struct Proceed {
    /// Sets the position first; only earlier or equal steps.
    pub back_to: Option<Step>,
    /// What the caller believes the total is. Checked before anything happens.
    pub expected_total: Option<Amount>,
    pub edit: OrderEdit,
    pub payments: Vec<NewPayment>,
    /// Rates to select.
    pub rates: Vec<(ShipmentId, ShippingRateId)>,
    /// A promotion code to apply before the move; if it is refused, so is the move.
    pub code: Option<String>,
    pub go: Go,
}

impl Proceed {
    /// Just a move.
    pub fn only(go: Go) -> Proceed {
        Proceed {
            back_to: None,
            expected_total: None,
            edit: OrderEdit::default(),
            payments: Vec::new(),
            rates: Vec::new(),
            code: None,
            go,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// One step.
    Next,
    /// As many steps as possible; places the order only where the channel's `next` does.
    Advance,
    /// Places the order, from the last step.
    Complete,
    Nowhere,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RateChoice {
    Rate(ShippingRateId),
    /// Replaces the shipment's rates by this method's.
    Method(ShippingMethodId),
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewPayment {
    pub method: PaymentMethodId,
    /// `None`: what is still to be paid.
    pub amount: Option<Amount>,
    pub source: NewSource,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NewSource {
    None,
    /// A new card, already turned into a token by the gateway's rules.
    Card(CardDetails),
    /// A saved card of the order's customer.
    Saved(CardId),
    /// A card of the order's customer that they gave on another order, for this method.
    Known(Box<Card>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayAction {
    Authorize,
    Capture,
    Purchase,
    Void,
}

/// What a gateway said about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Approved {
        reference: Option<String>,
        avs: Option<String>,
        profile: Option<String>,
    },
    /// A platform has this much, in all, for the attempt; the same word may come twice, or late.
    Received {
        amount: Amount,
        reference: Option<String>,
        /// What the buyer paid with, as far as the platform tells.
        card: Option<Box<CardDetails>>,
    },
    /// The gateway's words.
    Declined {
        message: String,
    },
    /// The buyer must act at this address; another outcome follows.
    ActionRequired {
        url: String,
    },
    /// No answer in time. Nothing is known, nothing is assumed.
    Unknown,
    /// Still no answer when what is held for it is wanted by others: the order goes on without it. Nothing is assumed.
    GivenUp,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShipmentEdit {
    pub tracking: Option<String>,
    pub location: Option<StockLocationId>,
    pub rate: Option<ShippingRateId>,
    pub instructions: Option<String>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferTo {
    Location(StockLocationId),
    Shipment(ShipmentId),
}
