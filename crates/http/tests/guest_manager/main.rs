//! The Guest Manager API over real HTTP, by feature. Every test opens its own small box office on an in-memory
//! store.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of the other APIs
#[path = "../solidus/support/mod.rs"]
mod support;

mod office;

mod access;
mod cart;
mod contacts;
mod door;
mod errors;
mod lists;
mod payments;
mod steps;
mod timer;
mod transport;
mod waitlist;
