//! Stores: in memory and SQLite, one conformance suite.
//!
//! Both keep the promises of the engine's `Store` port: a commit happens as a whole or not at all, every
//! condition on shared things (stock, coupons, credit, versions) is part of the write, and what was acknowledged
//! is durable (SQLite) or at least visible (memory). Nothing in here decides or prices anything.

mod audit;
mod codec;
mod columns;
mod counters;
mod levels;
mod memory;
mod rules;
mod sqlite;
mod tickets;

pub use columns::state_name;
pub use memory::MemoryStore;
pub use sqlite::{OpenError, SqliteStore, SqliteTarget, StoreStats, migrate};
