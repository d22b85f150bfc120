//! How things are sold: windows, pools of capacity, packages of tickets, add-ons, service fees, and the choices
//! of a checkout that a merchant makes.
//!
//! A pool is stock that no product owns: its id is drawn from the variants' counter, its level, holds and
//! movements are ordinary stock rows at `StockLocationId::NOWHERE`, so `sold + held ≤ size` is kept by the same
//! conditional write that keeps any stock. A pool without a size has a level that nobody reaches.

use crate::money::{Money, Rate};
use crate::{
    CustomizationId, EventId, MembershipPlanId, ProductId, ServiceFeeId, StockItemId, TicketTypeId, Time,
    VariantId,
};
use serde::{Deserialize, Serialize};

/// Capacity that variants draw on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// From the variants' counter: no variant has it.
    pub id: VariantId,
    /// Its stock item, at `StockLocationId::NOWHERE`.
    pub item: StockItemId,
    pub name: String,
    /// `None`: as many as are asked for.
    #[serde(default)]
    pub size: Option<u32>,
}

impl Pool {
    /// What a pool without a size is counted from.
    pub const ENDLESS: i64 = 1_000_000_000;

    /// Units there are, sold and unsold.
    pub fn units(&self) -> i64 {
        self.size.map_or(Pool::ENDLESS, i64::from)
    }
}

/// One piece of a variant takes `units` from a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    pub pool: VariantId,
    pub units: u32,
}

/// One piece of a variant is so many tickets of a type for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packaged {
    pub event: EventId,
    pub ticket_type: TicketTypeId,
    pub quantity: u32,
}

/// When a variant is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct SaleWindow {
    #[serde(default)]
    pub switch: Switch,
    #[serde(default)]
    pub on_sale_at: Option<Time>,
    #[serde(default)]
    pub end_sale_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    #[default]
    On,
    Paused,
    Off,
}

impl SaleWindow {
    pub fn is_default(&self) -> bool {
        *self == SaleWindow::default()
    }
}

/// What a product is, who may have it, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct SaleRules {
    pub kind: ProductKind,
    /// The event it is listed under.
    pub event: Option<EventId>,
    /// Sold out: may be asked for on a wait list.
    pub can_request: bool,
    /// Not on sale yet: may be reserved until it is.
    pub can_reserve: bool,
    /// One of these plans is needed to buy it; empty: none is.
    pub membership_plans: Vec<MembershipPlanId>,
    pub min_per_order: Option<u32>,
    pub max_per_order: Option<u32>,
    /// Pieces in all completed orders of one e-mail address.
    pub max_per_contact: Option<u32>,
    pub addons: Vec<AddOn>,
}

impl SaleRules {
    pub fn is_default(&self) -> bool {
        *self == SaleRules::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    #[default]
    Merchandise,
    Registration,
    /// Buying it makes a member of the plan.
    Membership(Option<MembershipPlanId>),
}

/// A product offered with another: at least and at most so many for each piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddOn {
    pub product: ProductId,
    #[serde(default)]
    pub min: u32,
    #[serde(default)]
    pub max: Option<u32>,
}

/// A fee on each piece: a fixed sum, and a share of what the piece costs after discounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFee {
    pub id: ServiceFeeId,
    pub name: String,
    /// Counts only in its own currency; a fee with a fixed sum in another currency is not taken at all.
    #[serde(default)]
    pub flat: Option<Money>,
    #[serde(default)]
    pub percent: Rate,
    #[serde(default)]
    pub scope: FeeScope,
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// What a fee is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum FeeScope {
    #[default]
    Everything,
    Products(Vec<ProductId>),
    Variants(Vec<VariantId>),
}

/// The choices of one checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customization {
    pub id: CustomizationId,
    #[serde(default)]
    pub name: String,
    /// Of orders that name none.
    #[serde(default)]
    pub is_default: bool,
    #[serde(default = "yes")]
    pub guest_checkout: bool,
    /// Asks for a billing address even if nothing is to be paid.
    #[serde(default)]
    pub require_billing_address: bool,
    /// Asks to look at the order before it is placed.
    #[serde(default)]
    pub confirm_order: bool,
    pub hold_minutes: u32,
    pub max_extensions: u32,
    /// Hours after which an expired order is given up; `None`: never.
    #[serde(default)]
    pub abandon_after_hours: Option<u32>,
    /// How long an offer from the wait list, or a reservation whose sale has begun, is kept.
    pub offer_hours: u32,
    /// Offers returned stock to the wait list, first come, first served.
    #[serde(default)]
    pub auto_offer: bool,
    #[serde(default)]
    pub conflicts: ConflictPolicy,
    /// Origins that may show the checkout in a frame; empty: any.
    #[serde(default)]
    pub embed_origins: Vec<String>,
    #[serde(default)]
    pub logo: Option<String>,
    #[serde(default)]
    pub colour: Option<String>,
    #[serde(default)]
    pub terms_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imprint_url: Option<String>,
    /// The e-mail address for questions about an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What becomes of two events in one order that nobody can go to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ConflictPolicy {
    #[default]
    Off,
    Warn,
    Block,
}

impl Default for Customization {
    fn default() -> Customization {
        Customization {
            id: CustomizationId(0),
            name: String::new(),
            is_default: false,
            guest_checkout: true,
            require_billing_address: false,
            confirm_order: false,
            hold_minutes: 15,
            max_extensions: 1,
            abandon_after_hours: None,
            offer_hours: 24,
            auto_offer: false,
            conflicts: ConflictPolicy::Off,
            embed_origins: Vec::new(),
            logo: None,
            colour: None,
            terms_url: None,
            privacy_url: None,
            imprint_url: None,
            contact: None,
        }
    }
}
