//! The Spree API over real HTTP, by feature. Every test opens its own small shop on an in-memory store.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of the other APIs
#[path = "../solidus/support/mod.rs"]
mod support;

mod buyer;

mod abuse;
mod auth;
mod checkout;
mod coupons;
mod encodings;
mod guide;
mod orders;
mod other_apis;
mod payments;
mod races;
mod shipments;
