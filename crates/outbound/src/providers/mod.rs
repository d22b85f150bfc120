//! Checkout providers. Each is one file behind `engine::ports::CheckoutProvider`.
//!
//! A file here knows a provider's words for things and what it signs; what a checkout is it does not know.

pub mod akifast;

pub(crate) mod signature;
