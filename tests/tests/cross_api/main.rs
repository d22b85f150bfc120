//! The promise that APIs agree: one cart with promotions, tax, two parcels and store credit, bought through each API
//! in turn and half through one and half through another, ends in the same order.
//!
//! Every run has a server and a database of its own, so that even ids would have to be the same. What may differ is
//! who said it: channel, step, time and id.

#![allow(clippy::unwrap_used)] // helpers of tests

mod browser;
#[path = "../../../crates/http/tests/pages/forms.rs"]
mod forms;
mod pages;
mod server;
mod shopper;
mod tickets;

use serde_json::{Value, json};
use server::Server;
use shopper::{Api, Part, Shopper};

/// Buys the cart: each part of the checkout through the API that `through` names for it.
fn buy(through: impl Fn(Part) -> Api) -> Outcome {
    let server = Server::start();
    let mut shopper = Shopper::new(&server);
    for part in Part::ALL {
        shopper.go(through(part), part);
    }
    Outcome::of(&server, shopper.number())
}

/// What an order came to, without what may differ.
#[derive(Debug, PartialEq)]
struct Outcome {
    sheet: Value,
    parcels: Value,
    payments: Value,
    events: Vec<String>,
    movements: Vec<Value>,
}

impl Outcome {
    fn of(server: &Server, number: &str) -> Outcome {
        let order = server.staff(&format!("/cashwrap/v1/orders/{number}"));
        assert_eq!(order["phase"], "complete", "{order:#}");
        let events = server.staff(&format!("/cashwrap/v1/orders/{number}/events?limit=100"));
        let movements = server.staff("/solidus/api/stock_locations/1/stock_movements?per_page=100");
        let annex = server.staff("/solidus/api/stock_locations/2/stock_movements?per_page=100");
        let of = |list: &Value, keys: &[&str]| pick(list, keys);
        Outcome {
            sheet: json!({
                "totals": order["totals"],
                "lines": of(&order["lines"], &["variant", "quantity", "price", "adjustments"]),
                "order": of(&order["adjustments"], &["source", "label", "amount", "eligible"]),
            }),
            parcels: of(&order["shipments"], &["location", "cost", "state", "adjustments"]),
            payments: of(&order["payments"], &["method", "amount", "state"]),
            events: history(&events),
            movements: [movements, annex].iter().flat_map(moved).collect(),
        }
    }
}

/// These keys of each member of a list; of what is listed below them, no ids.
fn pick(list: &Value, keys: &[&str]) -> Value {
    let members = list.as_array().unwrap_or_else(|| panic!("no list: {list:#}"));
    let one = |member: &Value| {
        let picked = keys.iter().map(|key| ((*key).to_owned(), without_ids(&member[*key])));
        Value::Object(picked.collect())
    };
    Value::Array(members.iter().map(one).collect())
}

fn without_ids(value: &Value) -> Value {
    match value {
        Value::Array(members) => Value::Array(members.iter().map(without_ids).collect()),
        Value::Object(map) if map.contains_key("amount") => {
            let rest = map.iter().filter(|(key, _)| *key != "id");
            Value::Object(rest.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

/// What happened, in order: steps are the business of each API.
fn history(events: &Value) -> Vec<String> {
    let events = events["events"].as_array().unwrap_or_else(|| panic!("no events: {events:#}"));
    let told = events.iter().filter(|event| event["kind"] != "step_changed");
    told.map(|event| {
        format!("{} {}", event["kind"].as_str().unwrap(), event["change"].as_str().unwrap_or(""))
    })
    .collect()
}

fn moved(movements: &Value) -> Vec<Value> {
    let movements = movements["stock_movements"].as_array().unwrap_or_else(|| panic!("{movements:#}"));
    let mut all: Vec<Value> =
        movements.iter().map(|one| json!([one["quantity"], one["stock_item_id"]])).collect();
    all.sort_by_key(Value::to_string);
    all
}

#[test]
fn one_cart_is_one_order_whoever_sells_it() {
    let solidus = buy(|_| Api::Solidus);
    // Goods 37.05 + 31.98, less 3.71, 3.20 and 5.00; parcels 22.05 + 5.00; tax 2.96 + 2.55 + 1.96 + 0.44.
    assert_eq!(solidus.sheet["totals"]["total"], 9_208, "as computed by hand: {:#}", solidus.sheet);
    let spree = buy(|_| Api::Spree);
    assert_eq!(solidus, spree);
}

#[test]
fn an_order_may_change_apis_at_every_part() {
    let whole = buy(|_| Api::Solidus);
    for part in Part::ALL.into_iter().skip(1) {
        let (first, second) = (Api::Solidus, Api::Spree);
        let over = buy(|this| if this < part { first } else { second });
        assert_eq!(whole, over, "begun by {first:?}, from {part:?} on by {second:?}");
        let back = buy(|this| if this < part { second } else { first });
        assert_eq!(whole, back, "begun by {second:?}, from {part:?} on by {first:?}");
    }
}
