//! Use cases and ports: execute, quote, write, settle, sweep.
//!
//! `Engine::execute` turns one command into one durable commit and an answer. Conditions are checked by the
//! commit itself; a failed condition means: read again and decide again. Nothing here knows HTTP or SQL.

mod after;
mod ask;
mod before;
mod cart;
mod clock;
mod contacts;
mod engine;
mod entropy;
mod execute;
mod file;
mod ids;
pub mod limits;
mod locks;
mod notice;
pub mod outbox;
pub mod ports;
mod preview;
mod provider;
mod quote;
mod round;
mod secret;
mod settle;
#[cfg(test)]
mod testing;
mod waitlist;
mod worker;
mod write;

pub use ask::{Answer, Ask, Done, Once, Replayed, Reply, Target, Trouble, Writer};
pub use cart::PricedCart;
pub use clock::{ShiftClock, SystemClock};
pub use engine::{Engine, Parts};
pub use entropy::{OsEntropy, SeededEntropy};
pub use file::{File, FileKey, NoFileKey, NotKept, Picture};
pub use ids::{Draw, IdBlocks, ScratchIds};
pub use locks::{KeyedGuard, KeyedLocks};
pub use notice::Noticed;
pub use preview::{Preview, Previewed, Question};
pub use quote::{NoQuote, Quote};
pub use worker::Sweep;
pub use write::{Desk, WriteScope, Written};
