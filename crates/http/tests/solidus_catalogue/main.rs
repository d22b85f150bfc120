//! The catalogue of the Solidus API over real HTTP, by feature. Every test opens its own small shop.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of orders
#[path = "../solidus/support/mod.rs"]
mod support;

mod goods;
mod people;
mod pictures;
mod places;
mod stock;
mod taxonomy;
mod variants;
