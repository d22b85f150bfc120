//! Choices of the operator about requests. What a merchant chooses about checkout is a channel's policy.

use super::{Shelf, Throttle};
use engine::outbox::Mailer;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Config {
    /// Whether callers of the shop APIs must show a key.
    pub authentication: Authentication,
    /// Whether an order may be begun without a key even where authentication is required.
    pub guest_orders: GuestOrders,
    /// After this long a request is answered as too slow. Above every wait inside (lock, gateway).
    pub request_timeout: Duration,
    /// How callers reach the server, without a slash at the end; empty if nobody said. Links begin with it.
    pub public_url: String,
    /// Bounds requests of one address, in the APIs whose contract has such a bound.
    pub throttle: Arc<Throttle>,
    /// How long a signed link of a completed order opens it, in seconds.
    pub completed_order_seconds: u64,
    /// What all routers of this process may answer alike for a while.
    pub shelf: Arc<Shelf>,
    /// Words mails, for staff who want to look at one. Nothing is sent through it.
    pub letters: Option<Letters>,
}

/// Who words mails.
#[derive(Clone)]
pub struct Letters(pub Arc<dyn Mailer>);

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters(…)")
    }
}

impl Config {
    /// Requests a minute that one address may make where an API's contract bounds them.
    pub const REQUESTS_PER_MINUTE: u32 = 300;

    /// A day.
    pub const COMPLETED_ORDER_SECONDS: u64 = 24 * 60 * 60;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    Required,
    Optional,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestOrders {
    Allowed,
    Refused,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            authentication: Authentication::Required,
            guest_orders: GuestOrders::Allowed,
            request_timeout: Duration::from_secs(30),
            public_url: String::new(),
            throttle: Arc::new(Throttle::per_minute(Config::REQUESTS_PER_MINUTE)),
            completed_order_seconds: Config::COMPLETED_ORDER_SECONDS,
            shelf: Arc::default(),
            letters: None,
        }
    }
}
