//! Invitations and memberships: what lets a buyer have what others may not. How often one was used is a row of
//! the store (`ClaimKey`), never in here.

use crate::{EventId, InvitationId, MembershipId, MembershipPlanId, Time};
use serde::{Deserialize, Serialize};

/// Lets whoever has its code buy for an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub event: EventId,
    pub code: String,
    /// Whom it is for: an order with this address needs no code.
    #[serde(default)]
    pub email: Option<String>,
    /// Tickets in all orders together.
    #[serde(default)]
    pub max_tickets: Option<u32>,
    #[serde(default)]
    pub expires_at: Option<Time>,
}

impl Invitation {
    pub fn is_open(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipPlan {
    pub id: MembershipPlanId,
    pub name: String,
}

/// One member's membership of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub id: MembershipId,
    pub plan: MembershipPlanId,
    /// Unique; compared trimmed and without case.
    pub number: String,
    #[serde(default)]
    pub email: Option<String>,
    /// Only the order of its own e-mail address may use it.
    #[serde(default)]
    pub bound: bool,
    #[serde(default)]
    pub starts_at: Option<Time>,
    #[serde(default)]
    pub ends_at: Option<Time>,
    /// Pieces bought with it in all orders together.
    #[serde(default)]
    pub max_uses: Option<u32>,
    #[serde(default)]
    pub canceled: bool,
}

impl Membership {
    /// Whether it counts at a time.
    pub fn is_active(&self, at: Time) -> bool {
        !self.canceled
            && self.starts_at.is_none_or(|start| start <= at)
            && self.ends_at.is_none_or(|end| at <= end)
    }

    /// Whether an order with this e-mail address may use it.
    pub fn is_for(&self, email: Option<&str>) -> bool {
        !self.bound || same_email(self.email.as_deref(), email)
    }
}

/// Addresses compare without case; nothing is no address.
pub fn same_email(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.trim().eq_ignore_ascii_case(other.trim()))
}
