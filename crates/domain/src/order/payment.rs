//! Payments of an order, and the attempts made on them at a gateway.
//!
//! No card number or security code ever gets in here: a card is a gateway's token, four digits and an expiry.
//! A gateway is asked in two commits: the attempt is written first, the call is made, the outcome is written
//! second. While `attempt` is set, the answer is not known.

use crate::money::Amount;
use crate::{AttemptId, CardId, CreditId, PaymentId, PaymentMethodId, ProviderId, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    /// `P` and seven characters.
    pub number: String,
    pub method: PaymentMethodId,
    pub source: Source,
    pub amount: Amount,
    pub state: PaymentState,
    /// The gateway's reference of the authorisation or sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// Result of the address verification, one letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avs: Option<String>,
    #[serde(default)]
    pub captured: Amount,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// An attempt that the order waits for no more, and of which nobody knows what became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_aside: Option<Attempt>,
    /// The gateway's words of the last refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub customer_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub admin_metadata: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// States of a payment. `Stored` is not sent yet (a manual payment waits here for its money).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    Stored,
    /// A gateway was asked; also when its answer is overdue and unknown.
    Processing,
    ActionRequired,
    Authorized,
    Captured,
    Failed,
    Void,
    /// Replaced by a later payment before it was sent.
    Replaced,
}

impl PaymentState {
    /// Counts towards paying for the order, now or later.
    pub fn is_live(self) -> bool {
        !matches!(self, PaymentState::Failed | PaymentState::Void | PaymentState::Replaced)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nothing to keep: checks, transfers.
    None,
    Card(Box<Card>),
    StoreCredit(CreditId),
    /// Taken by a checkout provider; given back by hand.
    External(Box<External>),
    /// The buyer is sent to a payment platform.
    Platform(Box<Sent>),
}

/// A buyer sent to a payment platform, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Sent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<String>,
    #[serde(default)]
    pub save: SaveCard,
    /// The attempt that the platform knows: money that comes for it later is still this payment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptId>,
    /// All that has come in so far; what went back as refunds is not taken off.
    #[serde(default)]
    pub received: Amount,
    /// What the buyer paid with, as the platform tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_with: Option<CardDetails>,
}

/// Whether the buyer wants to use the card again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SaveCard {
    Yes,
    #[default]
    No,
}

/// What is known of money that a provider took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    pub provider: ProviderId,
    /// The bank or payment system.
    pub system: String,
    /// First six to eight digits of each card.
    #[serde(default)]
    pub bins: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub id: CardId,
    #[serde(flatten)]
    pub details: CardDetails,
}

/// What is kept of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CardDetails {
    /// `visa`, `master`, `american_express`, …; empty when unknown.
    #[serde(default)]
    pub brand: String,
    #[serde(default)]
    pub last4: String,
    pub month: u8,
    pub year: u16,
    #[serde(default)]
    pub name: String,
    /// The gateway's token for the card; what it means is the gateway's business.
    #[serde(default)]
    pub token: String,
    /// The gateway's reusable customer profile; a card with one can be saved for later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub action: GatewayAction,
    pub amount: Amount,
    pub state: AttemptState,
    pub started_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayAction {
    Authorize,
    /// Authorise and capture in one.
    Purchase,
    Capture,
    Void,
    Refund,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Written, perhaps sent: after a crash nobody knows, so the gateway is asked by the attempt's id.
    Initiated,
    /// Sent without an answer in time. Never assumed to have failed.
    Unknown,
    /// The buyer has to do something at this address first.
    ActionRequired { url: String },
    /// Some of it has come. The buyer may still pay the rest, at this address if the platform has one.
    Underpaid { received: Amount, url: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub attempt: AttemptId,
    pub amount: Amount,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Payment {
    pub fn refunded(&self) -> Amount {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Captured less refunded, in completed payments.
    pub fn net_captured(&self) -> Amount {
        if self.state == PaymentState::Captured { self.captured - self.refunded() } else { Amount::ZERO }
    }

    /// What this payment covers of the total: the money received, before that the amount it is for.
    pub fn covers(&self) -> Amount {
        match self.state {
            PaymentState::Captured => self.net_captured(),
            state if state.is_live() => self.amount,
            _ => Amount::ZERO,
        }
    }

    /// What a refund may still take back.
    pub fn refundable(&self) -> Amount {
        let in_flight = match &self.attempt {
            Some(attempt) if attempt.action == GatewayAction::Refund => attempt.amount,
            _ => Amount::ZERO,
        };
        self.net_captured() - in_flight
    }

    /// Whether a gateway is asked to move this payment's money.
    pub fn is_at_gateway(&self) -> bool {
        matches!(self.source, Source::Card(_) | Source::Platform(_))
    }

    /// What is known of a buyer who was sent to a platform.
    pub fn sent(&self) -> Option<&Sent> {
        match &self.source {
            Source::Platform(sent) => Some(sent),
            _ => None,
        }
    }

    pub fn card(&self) -> Option<&Card> {
        match &self.source {
            Source::Card(card) => Some(card),
            _ => None,
        }
    }

    pub fn is_store_credit(&self) -> bool {
        matches!(self.source, Source::StoreCredit(_))
    }
}
