//! Movements: conditional changes outside the order, each with its undo.
//!
//! A decision lists them; the store applies them in the same commit, or refuses the whole commit naming the one
//! that failed. The condition is in the write itself, never in an earlier read.

use crate::money::{Amount, Money};
use crate::order::GrantReason;
use crate::{
    CreditId, EventId, InvitationId, LineId, MembershipId, OrderId, ProductId, PromotionId, ShipmentId,
    StockLocationId, Time, UserId, VariantId,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    Stock(StockMovement),
    Coupon(CouponMovement),
    Credit(CreditMovement),
    Claim(ClaimMovement),
    Grant(CreditGrant),
}

/// A change to one stock level for one part of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockMovement {
    pub order: OrderId,
    /// What of the order it belongs to. A hold is keyed by (order, part, variant, location): taking or
    /// releasing it twice does nothing the second time.
    pub part: StockPart,
    pub variant: VariantId,
    pub location: StockLocationId,
    pub change: StockChange,
    pub turn: Turn,
}

/// Whether what takes stock leaves alone what the wait list is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It is this order's turn, or nobody is served before others: every free unit may be taken.
    #[default]
    Ahead,
    /// Units that orders wait for (`ClaimKey::Wait`) are not free.
    Behind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockPart {
    Line(LineId),
    Shipment(ShipmentId),
}

/// `units` is always above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockChange {
    /// Sets the part's hold to `units`: `held += units` less what it held, if that much more is available or the
    /// level is backorderable. Undo: `Release`.
    Hold { units: u32, until: Time },
    /// Gives a hold back; nothing if there is none.
    Release,
    /// Turns a hold into a sale (`held −= units`, `on_hand −= units`). If the hold has run out and was given
    /// back, takes the units as `Take` does. Undo: `Return`.
    TakeHeld { units: u32 },
    /// `on_hand −= units` if available ≥ units or the level is backorderable. Undo: `Return`.
    Take { units: u32 },
    /// `on_hand += units`; a place without a stock item gets one that takes no backorders.
    Return { units: u32 },
}

/// A use of a promotion by an order. Uses are counted over claims; a claim is keyed by (promotion, order).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponMovement {
    pub order: OrderId,
    pub promotion: PromotionId,
    pub code: Option<String>,
    pub user: Option<UserId>,
    pub change: CouponChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponChange {
    /// Counts this order, if fewer than `limit` (and fewer than `code_limit` with this code, and none of this
    /// user if `once_per_user`) are counted. Claiming again for the same order changes nothing.
    Claim { limit: Option<u32>, code_limit: Option<u32>, once_per_user: bool },
    /// Gives the use back, once.
    Release,
}

/// A change to a grant of store credit for one payment. Keyed by (credit, order, payment).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditMovement {
    pub order: OrderId,
    pub payment: crate::PaymentId,
    pub credit: CreditId,
    pub change: CreditChange,
}

/// Money of an order becomes credit of its customer. Keyed by (order, number): granting again does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditGrant {
    pub order: OrderId,
    /// 1, 2, 3 … within the order.
    pub number: u32,
    pub credit: CreditId,
    pub user: UserId,
    pub money: Money,
    pub reason: GrantReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditChange {
    /// Sets aside, if that much is available.
    Hold(Amount),
    /// Spends what was set aside.
    Capture(Amount),
    /// Gives back what was set aside.
    Release(Amount),
    /// Gives back what was spent.
    Refund(Amount),
}

/// Uses of one thing that are counted across orders. Coupons stay apart: they count by code and by user too.
/// A claim is keyed by (key, order): claiming again changes nothing, releasing twice is releasing once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimMovement {
    pub order: OrderId,
    pub key: ClaimKey,
    pub change: ClaimChange,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKey {
    /// Tickets bought on an invitation.
    Invitation(InvitationId),
    /// Pieces bought on a membership.
    Membership(MembershipId),
    /// A member id at an event: once.
    Member(EventId, String),
    /// Pieces of a product bought with one e-mail address.
    Contact(ProductId, String),
    /// Units of a variant or pool that an order on the wait list waits for.
    Wait(VariantId),
}

impl ClaimKey {
    /// The key as text: one for each key, the same in every store.
    pub fn name(&self) -> String {
        match self {
            ClaimKey::Invitation(id) => format!("invitation:{id}"),
            ClaimKey::Membership(id) => format!("membership:{id}"),
            ClaimKey::Member(event, id) => format!("member:{event}:{id}"),
            ClaimKey::Contact(product, email) => format!("contact:{product}:{email}"),
            ClaimKey::Wait(variant) => format!("wait:{variant}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimChange {
    /// Counts so many units for this order, if all orders together then stay within `limit`.
    Claim { units: u32, limit: Option<u32> },
    /// Gives them back, once.
    Release,
}
