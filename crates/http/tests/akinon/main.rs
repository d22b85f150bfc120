//! The checkout provider API over real HTTP, by feature. Every test opens its own small shop on an in-memory store, with a
//! provider that lives in the same process; every answer of the protocol's own endpoints is held against its schema.
#![allow(clippy::unwrap_used)]

mod browser;
mod rows;
mod schema;
mod shop;

mod accounts;
mod baskets;
mod completed;
mod flow;
mod fuzz;
mod left;
mod mounts;
mod providers;
mod refusals;
mod replays;
mod sessions;
mod signatures;
mod transport;
