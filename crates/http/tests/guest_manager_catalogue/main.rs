//! The catalogue of the Guest Manager API over real HTTP: what everyone reads, and what staff makes. Every test
//! opens its own small box office.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of the other APIs
#[path = "../solidus/support/mod.rs"]
mod support;

#[allow(dead_code, unused_imports)] // and this one those of orders
#[path = "../guest_manager/office.rs"]
mod office;

mod keys;
mod making;
mod reading;
mod refusals;
mod tables;

use crate::support::Caller;
use serde_json::{Value, json};

/// Makes a row as staff and gives it back.
async fn make(staff: &Caller, plural: &str, singular: &str, row: Value) -> Value {
    staff.post(&format!("/admin/{plural}"), json!({ singular: row })).await.json(201)
}

/// Changes a row as staff.
async fn change(staff: &Caller, plural: &str, singular: &str, id: &Value, row: Value) -> Value {
    staff.patch(&format!("/admin/{plural}/{id}"), json!({ singular: row })).await.json(200)
}
