//! The promise of provider checkouts: money that a provider took is an order or goes back, whatever happens on the way.
//!
//! The shop is the built program on a database file, the provider the simulator as a process of its own, and they speak over
//! HTTP. Orders are looked at as staff see them through another API, and as the buyer sees them behind the signed link.

#![allow(clippy::unwrap_used)] // helpers of tests

mod buyer;
mod changes;
mod everywhere;
mod far_side;
mod kills;
mod scenarios;
mod town;
