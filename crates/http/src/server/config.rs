//! Choices of the operator about requests. What a merchant chooses about checkout is a channel's policy.

use super::Throttle;
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
}

impl Config {
    /// Requests a minute that one address may make where an API's contract bounds them.
    pub const REQUESTS_PER_MINUTE: u32 = 300;
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
        }
    }
}
