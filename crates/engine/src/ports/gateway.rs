//! Gateways: what one is asked, what it answers, and what it tells by itself.
//!
//! The attempt's id is the idempotency key of everything: asking twice does it once.

use super::*;

/// What a gateway is asked. `attempt` is the idempotency key: asking twice does it once.
#[derive(Debug, Clone)]
pub struct GatewayRequest {
    pub attempt: AttemptId,
    pub action: GatewayAction,
    pub money: Money,
    /// The card's token.
    pub token: String,
    pub profile: Option<String>,
    /// Reference of the authorisation or sale that a capture, void or refund is about.
    pub reference: Option<String>,
    /// What was captured so far: a gateway that cannot void a sale refuses.
    pub captured: Amount,
    pub order_number: String,
    /// What proves a buyer who comes back from the gateway's pages.
    pub order_secret: Secret,
    /// Where the order began: that decides to which page such a buyer comes back.
    pub order_origin: ChannelKey,
    /// What the payment platform calls this way of paying (`card`, `btc`); empty for plain card gateways.
    pub method: String,
    /// Whether the buyer wants what they pay with to be usable again.
    pub save: SaveCard,
}

/// What a gateway says by itself, in a call that it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayEvent {
    /// The gateway's own id of it: told twice, it is the same.
    pub id: String,
    /// Counts the events of one attempt: a lower one that comes later is old.
    pub sequence: u32,
    pub attempt: AttemptId,
    pub order_number: String,
    pub outcome: Outcome,
}

/// A call that is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// Signed by nobody we know, too old, or from a gateway that never calls.
    #[error("the signature is missing or wrong")]
    Unsigned,
    /// Signed well, but nothing we can read.
    #[error("the event cannot be read: {0}")]
    Malformed(String),
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Known(Outcome),
    /// The gateway has never heard of it: it may be sent again.
    Never,
    /// The gateway cannot tell yet.
    Unclear,
}

/// A card number as the gateway's token. What does not fit is refused before anything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenised {
    pub token: String,
    pub brand: String,
    pub last4: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Looks like a real card number; the test gateway takes published test numbers only.
    RealCard,
}

#[async_trait]
pub trait Gateway: Send + Sync {
    async fn send(&self, request: GatewayRequest) -> Outcome;
    async fn find(&self, attempt: &AttemptId) -> Found;
    /// Ends an attempt that waits for the buyer, so that it cannot succeed any more, and answers what it came to
    /// (also if it was faster). `Unclear`: this gateway cannot end it; it is asked again later.
    async fn give_up(&self, attempt: &AttemptId) -> Found {
        self.find(attempt).await
    }
    /// Turns what a buyer typed as card number into a token. The number is looked at and forgotten.
    fn tokenise(&self, number: &str) -> Result<Tokenised, TokenError>;
    /// Whether cards paid here can be saved and used again.
    fn saves_cards(&self) -> bool;
    /// Whether a platform that it speaks for answers, as far as was noticed lately. Never asks.
    fn is_up(&self, _platform: &str) -> bool {
        true
    }
    /// Reads a call that claims to come from the gateway, its signature first.
    fn event(&self, _headers: &SignedHeaders, _body: &[u8], _now: Time) -> Result<GatewayEvent, BadEvent> {
        Err(BadEvent::Unsigned)
    }
}
