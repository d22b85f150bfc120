//! From parameters to the domain's values: which attributes a caller may set, and what each means.
//!
//! What is not permitted or not known is dropped without a word. Nothing here decides whether a value is allowed;
//! it only refuses what cannot be said in the domain's types at all.

mod address;
mod checkout;
mod line;
mod order;
mod payment;
mod search;

pub use address::address;
pub use checkout::{checkout_edit, permitted_rates, place_sources};
pub use line::{line_edit, new_line};
pub use order::{import, new_order, order_edit};
pub use payment::{Payments, card_paths, lenient_amount};
pub use search::order_query;

use super::Dialect;
use super::refuse::{About, Refused, field_errors};
use crate::kit::{Map, Value};
use domain::command::Metadata;
use domain::refusal::{FieldError, Rule};

/// One field is wrong. What a reader finds by itself is told alike in both dialects.
pub fn invalid(about: About, field: &str, rule: Rule) -> Refused {
    Refused::invalid(field_errors(&[FieldError::new(field, rule)], about, Dialect::Solidus))
}

/// The member `name` or its twin `name_attributes`.
pub fn nested<'a>(map: &'a Map, name: &str) -> Option<&'a Value> {
    map.get(&format!("{name}_attributes")).or_else(|| map.get(name)).filter(|value| **value != Value::Null)
}

/// Text that was given; `null` clears, which the domain writes as an empty text.
pub fn text(map: &Map, key: &str) -> Option<String> {
    match map.get(key)? {
        Value::Null => Some(String::new()),
        value => value.text().map(str::to_owned),
    }
}

/// Metadata, for staff also theirs. Anything but an object is dropped.
pub fn metadata(map: &Map, admin: bool) -> Metadata {
    let object = |key: &str| match map.get(key)?.to_json() {
        serde_json::Value::Object(object) => Some(object),
        _ => None,
    };
    Metadata {
        customer: object("customer_metadata"),
        admin: admin.then(|| object("admin_metadata")).flatten(),
    }
}
