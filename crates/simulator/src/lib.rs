//! Stand-ins for the far side: a checkout provider with its hosted page, and payment platforms with theirs.
//!
//! They speak over HTTP to whoever registers addresses with them and know nothing of Cashwrap: a shop of any make can
//! be tried against them. State is in memory, bounded, and gone with the process. They move no money.

pub mod checkout;
pub mod platforms;

mod caller;
mod clock;
mod decimal;
mod keep;
mod page;

pub use clock::Clock;

use axum::Router;
use caller::Caller;
use keep::Keep;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// What a stand-in is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// How browsers and shops reach the router, its base path included, without a slash at the end:
    /// `http://127.0.0.1:8080/simulator`.
    pub public_url: String,
    /// The bearer key that shops must show the checkout provider; empty takes any.
    pub provider_key: String,
    /// The same for the payment platforms.
    pub platform_key: String,
    /// Signs the provider's callbacks (Standard Webhooks headers). `None`: callbacks carry no signature.
    pub callback_secret: Option<String>,
    /// Makes the provider's `hash_data` an HMAC-SHA256 under this key; else it is a plain SHA-256.
    pub address_hash_key: Option<String>,
    /// Signs the platforms' webhooks (Standard Webhooks).
    pub webhook_secret: String,
    pub pace: Pace,
    /// What time it is: signatures and ends of payments follow it.
    pub clock: Clock,
}

/// How long things take, in real time.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Between two callbacks of the scenario `slow`.
    pub slow: Duration,
    /// After which an answer counts as lost.
    pub answer: Duration,
    /// Between an answer that got lost and the next try.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            slow: Duration::from_secs(2),
            answer: Duration::from_secs(15),
            retry: Duration::from_millis(200),
        }
    }
}

/// The key that the stand-ins take, and shops use, when nobody chose one.
pub const DEMO_KEY: &str = "simulator-demo-key";
/// The secret under which platforms sign when nobody chose one.
pub const DEMO_WEBHOOK_SECRET: &str = "whsec_c2ltdWxhdG9yLWRlbW8td2ViaG9vay1zZWNyZXQ=";

impl Options {
    /// Stand-ins with the published demo keys, reached at this address.
    pub fn demo(public_url: &str) -> Options {
        Options {
            public_url: public_url.trim_end_matches('/').to_owned(),
            provider_key: DEMO_KEY.to_owned(),
            platform_key: DEMO_KEY.to_owned(),
            callback_secret: None,
            address_hash_key: None,
            webhook_secret: DEMO_WEBHOOK_SECRET.to_owned(),
            pace: Pace::default(),
            clock: Clock::default(),
        }
    }
}

/// The client for calls to shops could not be made.
#[derive(Debug)]
pub struct NoClient(String);

impl std::fmt::Display for NoClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the simulator cannot make an HTTP client: {}", self.0)
    }
}

impl std::error::Error for NoClient {}

/// What all handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Sim {
    pub options: Arc<Options>,
    pub caller: Caller,
    pub sessions: Arc<Mutex<Keep<checkout::Session>>>,
    /// Tokens by the key that a shop began their session under.
    pub session_keys: Arc<Mutex<Keep<String>>>,
    pub payments: Arc<Mutex<platforms::Payments>>,
}

/// Everything, at paths without the base path: nest it, or serve it alone.
pub fn router(options: Options) -> Result<Router, NoClient> {
    let caller = Caller::new(options.pace.answer, options.clock.clone()).map_err(NoClient)?;
    let payments = platforms::Payments::new(options.clock.clone());
    let sim = Sim {
        options: Arc::new(options),
        caller,
        sessions: Arc::default(),
        session_keys: Arc::default(),
        payments: Arc::new(Mutex::new(payments)),
    };
    Ok(Router::new()
        .route("/", axum::routing::get(page::front))
        .merge(checkout::routes())
        .merge(platforms::routes())
        .with_state(sim))
}

impl Sim {
    /// An address of this router.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.options.public_url)
    }
}
