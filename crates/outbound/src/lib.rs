//! The far side: payment gateways behind the engine's ports.

pub mod gateways;
