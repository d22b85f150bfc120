//! The engine over a store in memory and the test gateway: keys, locks, gateways, crashes, sweeps.
//!
//! Judged by the store's own audit and by the gateway's ledger, which is the second witness: it counts charges
//! by key and knows nothing of orders.

mod box_office_rows;
// The box office of the domain's tests, on the same small shop.
#[path = "../../../crates/domain/tests/box_office/mod.rs"]
mod box_office;
// The provider of the domain's tests.
#[path = "../../../crates/domain/tests/hosted/mod.rs"]
mod hosted;
mod hosted_checkout;
mod once;
mod outbox;
mod placing;
mod purchases;
mod rig;
mod shared_things;
// The small shop of the domain's tests: one catalogue, not two that drift apart.
#[path = "../../../crates/domain/tests/common/mod.rs"]
mod shop;
mod sweeps;

use shop as common;
