//! The Ping Proxies checkout flow over real HTTP, by feature. Every test opens its own small shop of services on an
//! in-memory store, with payment platforms that do as they are told and sign what they say.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)] // the client also serves the tests of the other APIs
#[path = "../solidus/support/client.rs"]
mod client;
mod goods;
mod platform;
mod shop;

mod abuse;
mod checkout;
mod codes;
mod conventions;
mod door;
mod methods;
mod orders;
mod public;
mod quotes;
mod races;
mod stock;
mod webhooks;
