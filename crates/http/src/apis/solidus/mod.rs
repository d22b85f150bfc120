//! The Solidus API: orders, checkouts and the catalogue around them, in that protocol's words.
//!
//! Views are pure functions of what they show; positions are named in `state` only.

pub mod state;
pub mod views;
