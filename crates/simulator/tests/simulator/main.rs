//! The stand-ins over HTTP, against a shop that is a stand-in too.

#![allow(clippy::unwrap_used)] // helpers of tests may panic like tests

mod checkout;
mod platforms;
mod shop;
