//! What the engine is asked, and what it answers: values without a protocol.
//!
//! An API brings a command and a function that turns an `Answer` into bytes. The bytes are made before the
//! commit, so that a saved reply and the change it tells of become durable together.

use crate::ports::{OnceKey, StoreError};
use domain::catalog::{Catalog, StockView};
use domain::command::Command;
use domain::decision::Focus;
use domain::money::Amount;
use domain::order::Order;
use domain::refusal::Refusal;
use domain::user::{Actor, Buyer};
use domain::{OrderId, Time};
use std::sync::Arc;

/// Which order a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    New,
    Order(OrderId),
}

/// One request. `answer` may be called more than once (a round that lost a race), and only the last result is
/// sent; it must not do anything but write.
#[allow(missing_debug_implementations)] // holds a function
pub struct Ask {
    pub target: Target,
    pub command: Command,
    pub actor: Actor,
    pub once: Option<Once>,
    /// The version the client believes in. Another one is refused, and never tried again.
    pub expected_version: Option<u64>,
    pub answer: Writer,
}

/// Turns an answer into the bytes of one API. It is shared, because a request that the client gave up is still
/// carried out and its reply still saved.
pub type Writer = Arc<dyn Fn(&Answer<'_>) -> Reply + Send + Sync>;

impl Ask {
    pub fn new(
        target: Target,
        command: Command,
        actor: Actor,
        answer: impl Fn(&Answer<'_>) -> Reply + Send + Sync + 'static,
    ) -> Ask {
        Ask { target, command, actor, once: None, expected_version: None, answer: Arc::new(answer) }
    }

    /// A request that must happen once.
    #[must_use]
    pub fn once(mut self, once: Option<Once>) -> Ask {
        self.once = once;
        self
    }

    #[must_use]
    pub fn expecting(mut self, version: Option<u64>) -> Ask {
        self.expected_version = version;
        self
    }
}

/// The client's idempotency key, and which body it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    pub key: OnceKey,
    /// SHA-256 of the request body.
    pub fingerprint: [u8; 32],
}

/// What is to be written to the client.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub result: Result<Done<'a>, &'a Refusal>,
    /// The order as it is kept now, refused or not; `None` if there is none.
    pub order: Option<&'a Order>,
    pub catalog: &'a Catalog,
    /// Levels of the order's variants, read before the change.
    pub stock: &'a StockView,
    pub buyer: &'a Buyer,
    pub now: Time,
    /// The total before, if prices were taken anew by themselves (an expired order was taken up) and it changed.
    pub repriced: Option<Amount>,
}

/// The command was carried out.
#[derive(Debug, Clone, Copy)]
pub struct Done<'a> {
    pub order: &'a Order,
    /// The line, payment, shipment … the command was about.
    pub focus: Option<Focus>,
}

/// A finished answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    /// Further headers. They are not kept for a replay.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub replayed: Replayed,
}

/// Whether a reply was made now or kept from an earlier request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replayed {
    #[default]
    No,
    Yes,
}

impl Reply {
    pub fn new(status: u16, content_type: impl Into<String>, body: Vec<u8>) -> Reply {
        Reply { status, content_type: content_type.into(), body, ..Reply::default() }
    }

    /// Whether this is the last word on the request. "Not now", "not you" and "not this version" may become
    /// something else under the same key.
    pub fn is_final(&self) -> bool {
        self.status < 500 && !matches!(self.status, 401 | 409 | 412 | 429)
    }
}

/// Why there is no answer to the command. Each API has its own words for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("somebody else is changing this")]
    Busy { order: Option<OrderId> },
    /// The gateway has not answered in time. It is still being asked; nothing is lost.
    #[error("the payment's outcome is not known yet")]
    Overdue { order: OrderId },
    #[error("no such order")]
    NotFound,
    #[error("the order has version {actual}")]
    VersionMismatch { actual: u64 },
    #[error("the key was used with another request")]
    OnceMismatch,
    #[error("the first request with this key is still running")]
    OnceInProgress,
    /// Nothing was done; later it may be.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Unavailable(error.0)
    }
}
