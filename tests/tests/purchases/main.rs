//! Purchases of services and credit on the built program: every way a payment can go ends as it must, money that came
//! is an order or credit, once, whenever the server is killed, and credit is never spent twice.

#![allow(clippy::unwrap_used)] // helpers of tests

mod crash;
mod races;
mod scenarios;
mod town;
