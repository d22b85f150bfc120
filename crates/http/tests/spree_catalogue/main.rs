//! The catalogue of the Spree API over real HTTP, by feature: what differs from its sibling, and one walk through each
//! resource. Every test opens its own small shop.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)] // orders are walked through checkout in the tests of orders
#[path = "../spree/buyer.rs"]
mod buyer;
#[allow(dead_code, unused_imports)] // the harness also serves the tests of the other APIs
#[path = "../solidus/support/mod.rs"]
mod support;

mod after_sale;
mod goods;
mod people;
mod pictures;
mod places;
mod search;
mod shop;
mod stock;
mod taxonomy;
mod variants;
