//! Events: what happened to an order, one line each, numbered without gaps.
//!
//! Events are the order's history and the outbox of everything that listens; both read the same rows.

use crate::Time;
use crate::channel::ChannelKey;
use crate::user::Who;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3 … within the order.
    pub sequence: u64,
    pub kind: EventKind,
    /// Id of the line, payment, shipment … it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<i64>,
    /// What changed, in a few words: `2 → 5`, `payment → confirm`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub change: String,
    pub at: Time,
    pub by: Who,
    pub via: ChannelKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    OrderCreated,
    OrderImported,
    OrderEdited,
    LineAdded,
    LineChanged,
    LineRemoved,
    CartEmptied,
    CodeApplied,
    CodeRemoved,
    AddressChanged,
    StepChanged,
    ShipmentsProposed,
    RateSelected,
    PaymentAdded,
    PaymentChanged,
    PaymentAttempted,
    PaymentSettled,
    PlacingBegun,
    PlacingFailed,
    OrderPlaced,
    OrderCanceled,
    OrderResumed,
    OrderExpired,
    ShipmentChanged,
    ShipmentShipped,
    UnitsChanged,
    ReturnAuthorized,
    ReturnCanceled,
    GoodsReturned,
    /// Went on the wait list.
    OrderRequested,
    OrderReserved,
    /// Stock was offered to an order on the wait list, or the sale of a reserved one began.
    OrderOffered,
    OrderAbandoned,
    OrderVoided,
    HoldProlonged,
    TicketChanged,
    TicketCheckedIn,
    /// Money of the order became credit.
    CreditGranted,
    /// Money that nothing here can send back is owed to the buyer: staff give it back.
    RefundOwed,
    /// The session of a checkout provider is of no use any more: the provider is to be told.
    ProviderLeft,
}
