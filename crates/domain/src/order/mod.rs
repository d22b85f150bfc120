//! The order: one aggregate for carts, checkouts and placed orders, whichever API began it.
//!
//! What belongs to one order is in here; what must be atomic across orders (stock, credit, coupon uses) is a
//! row of the store, reached through movements. Steps and open requirements are never stored: see `plan`.

mod derived;
mod line;
mod payment;
mod provider;
mod returns;
mod shipment;
mod ticketing;

pub use derived::{OrderPaymentState, OrderShipmentState};
pub use line::Line;
pub use payment::{
    Attempt, AttemptState, Card, CardDetails, External, GatewayAction, Payment, PaymentState, Refund,
    SaveCard, Sent, Source,
};
pub use provider::{
    AddressProof, BasketItem, LeftSession, ProviderCheckout, ProviderSecret, ProviderSession, Receipt,
    SessionHash, ShownTerms, Snapped, Stage, Supply, ThreeD,
};
pub use returns::{CustomerReturn, ReturnAuthorization, ReturnItem, ReturnState};
pub use shipment::{Shipment, ShipmentState, ShippingRate, UnitRun, UnitState};
pub use ticketing::{
    Access, Answer, CheckIn, CheckoutMode, Drawn, Guest, Response, SignIn, Ticket, TicketStatus, Ticketing,
};

use crate::address::Address;
use crate::channel::{ChannelKey, Step};
use crate::money::{Amount, Currency};
use crate::price::PriceSheet;
use crate::{OrderId, PaymentId, PromotionId, ShipmentId, Time, UserId, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    /// Unique in the store, given at creation, the same in every API.
    pub number: String,
    pub secret: Secret,
    /// Goes up by one with each commit; 0 has never been stored.
    pub version: u64,
    #[serde(default)]
    pub kind: OrderKind,
    pub origin: ChannelKey,
    pub currency: Currency,
    pub phase: Phase,
    /// The step of the last move; meaningful in `Checkout` and `Placing`.
    pub at: Step,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default)]
    pub lines: Vec<Line>,
    #[serde(default)]
    pub shipments: Vec<Shipment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_address: Option<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<AppliedPromotion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<ReturnAuthorization>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_returns: Vec<CustomerReturn>,
    /// The last computed prices. Always equal to `price` of this order while it is unfinished.
    pub sheet: PriceSheet,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceler: Option<UserId>,
    /// When what is held for an unfinished order is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Number of events so far; the next event has this number plus one.
    #[serde(default)]
    pub event_count: u64,
    /// Tickets, answers and access; empty for most orders.
    #[serde(default, skip_serializing_if = "Ticketing::is_empty")]
    pub ticketing: Ticketing,
    /// The browser session that owns an unfinished order of a channel with sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionHash>,
    /// A checkout that a provider takes over, or took over to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Box<ProviderCheckout>>,
    /// Sessions of providers that are over, until the provider was told so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_sessions: Vec<LeftSession>,
    #[serde(default, skip_serializing_if = "Supply::is_taken")]
    pub supply: Supply,
    /// Credit that came of this order's money, in the order in which it was granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Granted>,
}

/// The order's one secret: whoever knows it acts as the buyer of this order.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub [u8; 16]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    #[default]
    Sale,
    /// Credit is bought: no lines, never paid with credit.
    TopUp { amount: Amount },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Cart,
    Checkout,
    /// A gateway is at work; nothing else may change the order.
    Placing,
    Complete(Completion),
    Requested,
    Reserved,
    Expired,
    Canceled,
    Voided,
    Abandoned,
    Returned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    Normal,
    Review,
    Resumed,
    AwaitingReturn,
}

impl Phase {
    /// May still become an order: cart, checkout, or expired with its contents kept.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Phase::Cart | Phase::Checkout | Phase::Placing | Phase::Expired | Phase::Abandoned)
    }
}

/// Money of an order that became its customer's credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    pub credit: crate::CreditId,
    pub payment: PaymentId,
    pub amount: Amount,
    pub reason: GrantReason,
    pub at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantReason {
    /// It was bought.
    TopUp,
    /// More was paid than was asked for.
    Surplus,
    /// It was paid when the order was over, or its goods were gone.
    Late,
    /// Too little was paid, and no more came.
    Underpaid,
}

impl GrantReason {
    /// For the ledger and its readers.
    pub fn memo(self) -> &'static str {
        match self {
            GrantReason::TopUp => "Top-up",
            GrantReason::Surplus => "Surplus of a payment",
            GrantReason::Late => "Payment for an order that was over",
            GrantReason::Underpaid => "Part payment",
        }
    }
}

/// A promotion on an order, found by code or applied by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPromotion {
    pub promotion: PromotionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Order {
    pub fn is_placed(&self) -> bool {
        self.completed_at.is_some()
    }

    /// The session of a provider that has taken the checkout over.
    pub fn provider_session(&self) -> Option<&ProviderSession> {
        self.provider.as_ref()?.session.as_ref()
    }

    /// What a provider said when it had the money for this order.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.provider_session()?.receipt.as_ref()
    }

    /// Money that is to go back to the buyer: all that came for an order which is over, else what is more than its total.
    pub fn credit_owed(&self) -> Amount {
        match self.phase {
            Phase::Complete(_) | Phase::Returned => (-self.outstanding()).max(Amount::ZERO),
            Phase::Canceled | Phase::Voided | Phase::Expired | Phase::Abandoned => self.payment_total(),
            Phase::Cart | Phase::Checkout | Phase::Placing | Phase::Requested | Phase::Reserved => {
                Amount::ZERO
            }
        }
    }

    /// When the session of a provider that has the checkout now runs out; `None` once that was noticed.
    pub fn session_lapses_at(&self) -> Option<Time> {
        let session = self.provider_session().filter(|session| session.stage < Stage::Paid)?;
        let is_open = self.phase.is_unfinished() && session.lapsed_at.is_none();
        is_open.then(|| session.ends_at.map_or(session.expires_at, |end| end.min(session.expires_at)))
    }

    /// Whether checkout has come to this step and no further.
    pub fn stands_on(&self, step: Step) -> bool {
        matches!(self.phase, Phase::Checkout | Phase::Placing) && self.at == step
    }

    pub fn line(&self, id: crate::LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    pub fn line_mut(&mut self, id: crate::LineId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    pub fn shipment(&self, id: ShipmentId) -> Option<&Shipment> {
        self.shipments.iter().find(|shipment| shipment.id == id)
    }

    pub fn shipment_mut(&mut self, id: ShipmentId) -> Option<&mut Shipment> {
        self.shipments.iter_mut().find(|shipment| shipment.id == id)
    }

    pub fn payment(&self, id: PaymentId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id == id)
    }

    pub fn payment_mut(&mut self, id: PaymentId) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| payment.id == id)
    }

    /// Pieces over all lines.
    pub fn total_quantity(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }

    pub fn total(&self) -> Amount {
        self.sheet.totals.total
    }

    /// Money received: captured less refunded.
    pub fn payment_total(&self) -> Amount {
        self.payments.iter().map(Payment::net_captured).sum()
    }

    /// What is still to be paid; negative when too much was.
    pub fn outstanding(&self) -> Amount {
        if self.phase == Phase::Canceled {
            -self.payment_total()
        } else {
            self.total() - self.payment_total()
        }
    }

    /// From when on an open attempt is not waited for any more: its gateway is asked to end it. What is held from the
    /// cart is kept from others meanwhile, so there it is soon; elsewhere it is when the hold for placing ends. `None`:
    /// nothing is held for it.
    pub fn gives_up_at(&self, attempt: &Attempt) -> Option<Time> {
        match self.ticketing.frozen_until {
            Some(_) => Some(attempt.started_at.plus_minutes(limits::PROCESSING_MINUTES)),
            None => self.expires_at,
        }
    }

    /// A gateway has been asked and has not answered yet.
    pub fn awaits_gateway(&self) -> bool {
        self.payments.iter().any(|payment| payment.attempt.is_some())
    }

    /// A gateway is to be asked what became of something, whether or not the order waits for it.
    pub fn asks_gateway(&self) -> bool {
        self.awaits_gateway() || self.payments.iter().any(|payment| payment.put_aside.is_some())
    }
}

impl Order {
    /// Store credit has been allocated: its payments say how much of it applies.
    pub(crate) fn counts_allocated_credit(&self) -> bool {
        self.is_placed()
            || self.phase == Phase::Placing
            || (self.phase == Phase::Checkout && self.at == Step::Confirm)
    }

    /// Store credit that pays for this order: what its live store-credit payments hold once it can be placed,
    /// before that the least of total and the buyer's available credit.
    pub fn applicable_credit(&self, buyer: &crate::user::Buyer) -> Amount {
        if self.counts_allocated_credit() {
            let live = self.payments.iter().filter(|p| p.is_store_credit() && p.state.is_live());
            return live.map(|payment| payment.amount).sum();
        }
        match self.customer {
            Some(customer) if buyer.user_id() == Some(customer) => {
                buyer.available_credit(self.currency).min(self.total()).max(Amount::ZERO)
            }
            _ => Amount::ZERO,
        }
    }
}
