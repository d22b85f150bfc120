//! The APIs, the shared HTTP kit and the operator's endpoints.

pub mod apis;
pub mod kit;
pub mod ops;
pub mod server;
