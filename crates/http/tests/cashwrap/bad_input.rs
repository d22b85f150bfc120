//! Bodies that cannot be meant: unknown fields, wrong kinds, too much of anything, card data.

use crate::support::*;
use crate::{ROOT, preview, problem};
use serde_json::{Value, json};

#[tokio::test]
async fn fields_that_are_not_known_or_of_the_wrong_kind_are_refused_by_name() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let path = format!("/orders/{}/preview", cart.number);
    for (body, field, rule) in [
        (json!({}), "command", "missing"),
        (json!({ "commands": [] }), "commands", "blank"),
        (json!({ "command": "cancel", "commands": ["cancel"] }), "command", "invalid"),
        (json!({ "command": "cancel", "dry_run": true }), "dry_run", "unknown"),
        (json!({ "command": "settle" }), "command", "unknown"),
        (json!({ "command": { "expire": {} } }), "command", "unknown"),
        (json!({ "command": { "create": {} } }), "command", "unknown"),
        (
            json!({ "command": { "add_line": { "variant": 1, "quantity": 1, "total": 0 } } }),
            "command.add_line.total",
            "unknown",
        ),
        (
            json!({ "commands": ["empty", { "edit": { "ship_address": { "planet": "Mars" } } }] }),
            "commands.1.edit.ship_address.planet",
            "unknown",
        ),
        (json!({ "command": { "add_line": { "variant": 1 } } }), "command.add_line.quantity", "missing"),
        (json!({ "command": { "remove_line": { "line": "one" } } }), "command.remove_line.line", "invalid"),
        (json!({ "command": { "proceed": { "go": "away" } } }), "command.proceed.go", "unknown"),
        (
            json!({ "command": { "edit": { "bill_address": { "country": "XX" } } } }),
            "command.edit.bill_address.country",
            "must_exist",
        ),
        (
            json!({ "command": { "proceed": { "go": "next", "expected_total": i64::MAX } } }),
            "command.proceed.expected_total",
            "too_large",
        ),
        (json!({ "command": { "select_rate": { "shipment": 1 } } }), "command.select_rate.rate", "invalid"),
    ] {
        let reply = cart.guest.at(ROOT).post(&path, body.clone()).await;
        let found = problem(&reply, 422, "invalid-request");
        let error = &found["errors"][0];
        let found = (error["field"].as_str().unwrap(), error["rule"].as_str().unwrap());
        assert_eq!(found, (field, rule), "{body}: {}", reply.body);
    }
}

#[tokio::test]
async fn quantities_are_whole_and_not_below_one() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    for quantity in [json!(-1), json!(1.5), json!("1e3"), json!(4_294_967_296_u64), json!(null), json!("٣")]
    {
        let command = json!([{ "add_line": { "variant": MUG, "quantity": quantity } }]);
        let body = problem(&preview(&cart.guest, &cart.number, command).await, 422, "invalid-request");
        assert_eq!(body["errors"][0]["field"], "commands.0.add_line.quantity");
    }
    for quantity in [json!(0), json!(u32::MAX)] {
        let command = json!([{ "add_line": { "variant": MUG, "quantity": quantity } }]);
        let seen = preview(&cart.guest, &cart.number, command).await.json(200);
        assert_eq!(seen["outcomes"][0]["outcome"], "refused", "{seen}");
        assert_eq!(seen["outcomes"][0]["totals"]["total"], 1000);
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let path = format!("/orders/{}/preview", cart.number);
    let guest = cart.guest.at(ROOT);
    let many = vec![json!("cancel"); 21];
    let body = problem(&preview(&guest, &cart.number, json!(many)).await, 422, "invalid-request");
    assert_eq!(body["errors"][0]["rule"], "too_many");
    let long = "x".repeat(3 * 1024 * 1024);
    problem(&guest.raw("POST", &path, "application/json", &long).await, 413, "too-large");
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    problem(&guest.raw("POST", &path, "application/json", &deep).await, 400, "unreadable");
    problem(&guest.raw("POST", &path, "application/json", "{").await, 400, "unreadable");
    let twice = r#"{"command":"cancel","command":"empty"}"#;
    problem(&guest.raw("POST", &path, "application/json", twice).await, 400, "unreadable");
    problem(&guest.raw("POST", &path, "text/plain", "cancel").await, 415, "unsupported-type");
    problem(
        &guest.raw("POST", &path, "application/x-www-form-urlencoded", "command=cancel").await,
        415,
        "unsupported-type",
    );
}

#[tokio::test]
async fn card_data_is_refused_wherever_it_stands_and_never_repeated() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let path = format!("/orders/{}/preview", cart.number);
    let place = |edit: Value| json!({ "command": { "edit": edit } });
    for (body, field) in [
        (place(json!({ "instructions": format!("card {VISA}") })), "command.edit.instructions"),
        (
            json!({ "command": { "add_payment": { "method": CARD, "number": VISA } } }),
            "command.add_payment.number",
        ),
        (
            json!({ "command": { "add_payment": { "method": CARD, "cvv": "123" } } }),
            "command.add_payment.cvv",
        ),
    ] {
        let reply = cart.guest.at(ROOT).post(&path, body).await;
        let found = problem(&reply, 422, "invalid-request");
        assert_eq!(
            (&found["errors"][0]["field"], &found["errors"][0]["rule"]),
            (&json!(field), &json!("card_data"))
        );
        assert!(!reply.body.contains(VISA));
    }
}
