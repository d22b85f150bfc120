//! The far side: payment gateways behind the engine's ports, and what buyers take away.

pub mod gateways;
pub mod tickets;
