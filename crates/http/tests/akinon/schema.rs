//! The protocol's schema, and which part of it an answer must satisfy.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(include_str!("schema.json")).unwrap())
}

/// Holds a value against a part of the schema; every fault is named.
#[track_caller]
pub fn holds(name: &'static str, value: &Value) {
    static READY: OnceLock<Mutex<HashMap<&'static str, &'static Validator>>> = OnceLock::new();
    let ready = READY.get_or_init(Mutex::default);
    let validator = *ready.lock().unwrap().entry(name).or_insert_with(|| Box::leak(Box::new(build(name))));
    let faults: Vec<String> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}\n{value:#}");
}

fn build(name: &str) -> Validator {
    let mut schema = document().clone();
    assert!(schema["$defs"].get(name).is_some(), "no such part: {name}");
    schema["$ref"] = json!(format!("#/$defs/{name}"));
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("decimal", is_decimal)
        .with_format("uri", |text: &str| text.split_once("://").is_some_and(|(_, rest)| !rest.is_empty()))
        .with_format("date-time", is_time)
        .build(&schema)
        .unwrap()
}

fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    text.split_once('.').map_or_else(|| digits(text), |(whole, rest)| digits(whole) && digits(rest))
}

fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z')
}

/// Which part an answer of this path and status must satisfy; none for what the protocol leaves to the shop.
pub fn part(path: &str, status: u16) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let path = path.strip_prefix("/akinon").unwrap_or(path);
    match (path, status) {
        ("/orders/checkout-provider", 200) => Some("CheckoutProviderPageResponse"),
        ("/orders/checkout-provider", 400) => Some("CheckoutProviderErrorResponse"),
        ("/orders/checkout-provider-list", 200) => Some("CheckoutProviderList"),
        (path, status) if path.starts_with("/orders/checkout-provider-completed/") => match status {
            200 => Some("CompletedOrderResponse"),
            404 => Some("ValidationErrorResponse"),
            _ => None,
        },
        // Baskets and accounts say what is wrong in the same shapes.
        (_, 400) => Some("CheckoutProviderErrorResponse"),
        _ => None,
    }
}

#[test]
fn a_fault_of_an_answer_is_found() {
    let wrong = std::panic::catch_unwind(|| holds("CheckoutProviderErrorResponse", &json!({"a": []})));
    assert!(wrong.is_err(), "an empty list satisfies both shapes and so neither");
    let wrong = std::panic::catch_unwind(|| holds("OrderDetail", &json!({"amount": "1,5"})));
    assert!(wrong.is_err(), "formats are looked at");
    holds("CheckoutProviderErrorResponse", &json!({"a": ["b"], "c": [{}]}));
}
