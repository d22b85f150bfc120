//! The APIs, the pages for buyers, the shared HTTP kit and the operator's endpoints.

pub mod apis;
pub mod kit;
pub mod ops;
pub mod pages;
pub mod server;
