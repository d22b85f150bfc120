//! The pure rules of checkout: money, catalogue, price, plan, decide.
//!
//! Nothing in this crate reads a clock, draws randomness, does IO or awaits. Time, entropy and new ids are
//! arguments; the whole effect of a command is a value (`Decision`). There are no floats.

pub mod address;
pub mod card_number;
pub mod catalog;
pub mod channel;
pub mod command;
mod decide;
pub mod decision;
pub mod eligibility;
pub mod event;
pub mod explain;
pub mod fault;
mod ids;
pub mod limits;
pub mod money;
pub mod movement;
pub mod order;
pub mod plan;
pub mod price;
pub mod provider;
pub mod purchase;
pub mod refusal;
pub mod ticketing;
mod time;
pub mod user;

pub use decide::{decide, kept_from, offered_rates};
pub use ids::*;
pub use time::{Period, Time};
