//! Use cases and ports: execute, quote, sweep, settle.
//!
//! `Engine::execute` turns one command into one durable commit and an answer. Conditions are checked by the
//! commit itself; a failed condition means: read again and decide again. Nothing here knows HTTP or SQL.

pub mod ports;
