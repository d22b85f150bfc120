//! Choices of the operator about requests. What a merchant chooses about checkout is a channel's policy.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Config {
    /// Whether callers of the shop APIs must show a key.
    pub authentication: Authentication,
    /// Whether an order may be begun without a key even where authentication is required.
    pub guest_orders: GuestOrders,
    /// After this long a request is answered as too slow. Above every wait inside (lock, gateway).
    pub request_timeout: Duration,
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
        }
    }
}
