//! The six requests of the guide: each is one `PUT`, and with each the order goes one step.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

async fn walk(root: &'static str) {
    let shop = Shop::open().await;
    let by = customer(&shop).at(root);
    let order = by.post("/checkouts", Value::Null).await.json(201);
    assert_eq!((&order["state"], &order["line_items"]), (&json!("cart"), &json!([])));
    assert_eq!(order["checkout_steps"], json!(["address", "delivery", "complete"]));
    let number = order["number"].as_str().unwrap().to_owned();
    let put = |body: Value| {
        let (by, path) = (by.clone(), format!("/checkouts/{number}"));
        async move { by.put(&path, body).await.json(200) }
    };

    let line = json!({"line_item": {"variant_id": MUG, "quantity": 2}});
    by.post(&format!("/orders/{number}/line_items"), line).await.json(201);
    assert_eq!(put(Value::Null).await["state"], "address");

    let home = home();
    let addresses = json!({"order": {"bill_address_attributes": home, "ship_address_attributes": home}});
    by.put(&format!("/orders/{number}"), addresses).await.json(200);
    let order = put(Value::Null).await;
    assert_eq!(order["state"], "delivery");
    assert_eq!(order["shipments"][0]["shipping_rates"][0]["selected"], true);
    assert!(order.get("payment_methods").is_none());

    let order = put(Value::Null).await;
    assert_eq!(order["state"], "payment");
    let offered = json!([
        {"id": CARD, "name": "Credit Card", "method_type": "gateway"},
        {"id": CHECK, "name": "Check", "method_type": "check"},
    ]);
    assert_eq!(order["payment_methods"], offered);
    assert_eq!(order["checkout_steps"], json!(["address", "delivery", "payment", "complete"]));

    let payment =
        json!({"payment_method_id": CARD, "amount": order["total"], "source_attributes": card(VISA)});
    by.post(&format!("/orders/{number}/payments"), json!({"payment": payment})).await.json(201);
    let order = put(Value::Null).await;
    assert_eq!(order["state"], "confirm");
    assert_eq!(order["checkout_steps"], json!(["address", "delivery", "payment", "confirm", "complete"]));

    let order = put(Value::Null).await;
    assert_eq!((&order["state"], &order["payment_state"]), (&json!("complete"), &json!("balance_due")));
    assert!(order["completed_at"].is_string());
    assert_eq!(order["payments"][0]["state"], "pending");
}

#[tokio::test]
async fn the_guide_is_walked_below_the_version() {
    walk(V1).await;
}

#[tokio::test]
async fn the_guide_is_walked_without_a_version() {
    walk(UNVERSIONED).await;
}

#[tokio::test]
async fn a_checkout_can_be_looked_at() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "address").await;
    let shown = order.by.get(&format!("/checkouts/{}.json", order.number)).await.json(200);
    assert_eq!(shown, order.show().await);
}
