//! The far side: payment gateways behind the engine's ports, what buyers take away, and who is told of orders.

pub mod gateways;
pub mod geo;
pub mod http;
pub mod mail;
pub mod providers;
pub mod tickets;
pub mod webhooks;
