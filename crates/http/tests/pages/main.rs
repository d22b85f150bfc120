//! The pages for buyers over real HTTP, by feature. Orders are bought through the Guest Manager API of a small box
//! office; its pages stand in front, with the printer that `cashwrap serve` uses.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of the APIs
#[path = "../guest_manager/office.rs"]
mod office;
#[allow(dead_code, unused_imports)]
#[path = "../solidus/support/mod.rs"]
mod support;

mod desk;
mod forms;
mod person;

mod abuse;
mod checkout;
mod files;
mod lost;
mod orders;
mod sign_in;
mod sums;
mod ways;
