//! Keys, permissions and secrets.

use crate::office::*;
use crate::support::{ADMIN_KEY, CUSTOMER_KEY, MUG};
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_needs_a_known_key() {
    let office = Office::open().await;
    let none = office.nobody().get("/orders").await.json(401);
    assert_eq!(none["type"], "unauthorized");
    office.shown("wrong").get("/orders").await.json(401);
    office.nobody().header("Authorization", &format!("Basic {KEY}")).get("/orders").await.json(401);
    office.nobody().header("Authorization", &format!("Bearer {KEY}")).get("/orders").await.json(200);
    office.api().get("/orders").await.json(200);
}

#[tokio::test]
async fn a_key_may_read_or_write_or_both() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    office.shown(READ_KEY).get(&path(&order, "")).await.json(200);
    let refused = office.shown(READ_KEY).patch(&path(&order, "/cancel"), json!({})).await.json(403);
    assert_eq!(refused["type"], "forbidden");
    office.shown(WRITE_KEY).get(&path(&order, "")).await.json(403);
    office.shown(CUSTOMER_KEY).get(&path(&order, "")).await.json(403);
    office.shown(WRITE_KEY).patch(&path(&order, "/approve"), json!({})).await.json(403);
    office.shown(ADMIN_KEY).get(&path(&order, "")).await.json(200);
}

#[tokio::test]
async fn a_secret_that_is_sent_must_be_the_orders() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let token = order["guest_token"].as_str().unwrap();
    assert_eq!(token.len(), 32);
    let other = other_secret();
    for (body, status) in [
        (json!({"guest_token": token}), 200),
        (json!({"order": {"guest_token": token}}), 200),
        (json!({"guest_token": other}), 403),
        (json!({"order": {"guest_token": other}}), 403),
        (json!({"guest_token": token, "order": {"guest_token": "nonsense"}}), 403),
    ] {
        office.api().raw("GET", &path(&order, ""), "application/json", &body.to_string()).await.json(status);
    }
    office.api().get(&path(&order, &format!("?guest_token={other}"))).await.json(403);
}

#[tokio::test]
async fn an_order_of_another_api_is_found_by_its_secret_alone() {
    let office = Office::open().await;
    let lines = json!({"order": {"line_items": [{"variant_id": MUG, "quantity": 1}]}});
    let solidus = office.nobody().at("/solidus/api").post("/orders", lines).await.json(201);
    let (number, token) = (solidus["number"].as_str().unwrap(), solidus["token"].as_str().unwrap());
    let missing = office.api().get(&format!("/orders/{number}")).await.json(404);
    assert_eq!(missing["type"], "not_found");
    assert_eq!(missing["detail"], json!({"id": number, "model": "Order", "primary_key": "id"}));
    office.api().get(&format!("/orders/{number}?guest_token={}", other_secret())).await.json(404);
    let found = office.api().get(&format!("/orders/{number}?guest_token={token}")).await.json(200);
    assert_eq!(found["number"], *number);
    assert_eq!(found["expires_at"], Value::Null);
    let hex = found["guest_token"].as_str().unwrap();
    office.api().get(&format!("/orders/{}?guest_token={hex}", solidus["id"])).await.json(200);
}

#[tokio::test]
async fn an_order_goes_by_its_id_or_its_number() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let number = order["number"].as_str().unwrap();
    assert!(number.starts_with("GM") && number.len() == 14, "{number}");
    let found = office.api().get(&format!("/orders/{number}/")).await.json(200);
    assert_eq!(found["id"], order["id"]);
    let moved = office.api().post(&format!("/checkout/{number}/next"), json!({})).await.json(200);
    assert_eq!(moved["state"], "complete");
}
