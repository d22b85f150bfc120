//! The Solidus API over real HTTP, by feature. Every test opens its own small shop on an in-memory store.
#![allow(clippy::unwrap_used)]

mod support;

mod auth;
mod bad_input;
mod cart;
mod checkout;
mod coupons;
mod guide;
mod idempotency;
mod lists;
mod payments;
mod pipeline;
mod placing;
mod shipments;
