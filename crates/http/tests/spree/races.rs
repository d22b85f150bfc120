//! Requests at the same time: one order, one charge, no piece sold twice.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn two_requests_complete_an_order_once() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "confirm").await;
    let (one, other) = tokio::join!(order.put(Value::Null), order.put(Value::Null));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "{} {}", one.body, other.body);
    assert!([401, 409].contains(&statuses[1]), "{} {}", one.body, other.body);
    let shown = order.show().await;
    assert_eq!((&shown["state"], shown["payments"].as_array().unwrap().len()), (&json!("complete"), 1));
}

#[tokio::test]
async fn the_last_pieces_are_sold_once() {
    let shop = Shop::open().await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let order = Order::of(customer(&shop), &[(RARE, 2)]).await;
        order.walk_to("confirm").await;
        orders.push(order);
    }
    let (one, other) = tokio::join!(orders[0].put(Value::Null), orders[1].put(Value::Null));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} {}", one.body, other.body);
    let refused = if one.status == 422 { one } else { other };
    assert_eq!(refused.json(422), json!({"error": "An item in your cart has become unavailable."}));
}

#[tokio::test]
async fn an_item_added_meanwhile_is_paid_or_refused() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "confirm").await;
    let path = order.path("/line_items");
    let line = json!({"line_item": {"variant_id": SHIRT, "quantity": 1}});
    let (done, added) = tokio::join!(order.put(Value::Null), order.by.post(&path, line));
    let shown = order.show().await;
    let paid: f64 = shown["payments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["state"] == "pending")
        .map(|p| p["amount"].as_str().unwrap().parse::<f64>().unwrap())
        .sum();
    let total: f64 = shown["total"].as_str().unwrap().parse().unwrap();
    match shown["state"].as_str().unwrap() {
        "complete" => assert!((paid - total).abs() < 0.001, "{} {}", done.body, added.body),
        "address" => assert!(paid == 0.0 && added.status == 201, "{} {}", done.body, added.body),
        other => panic!("{other}: {} {}", done.body, added.body),
    }
}

#[tokio::test]
async fn a_request_with_a_key_happens_once() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let once = order.by.header("Idempotency-Key", "a");
    let line = json!({"line_item": {"variant_id": MUG, "quantity": 1}});
    let first = once.post(&order.path("/line_items"), line.clone()).await.json(201);
    assert_eq!(once.post(&order.path("/line_items"), line).await.json(201), first);
    assert_eq!(order.show().await["total_quantity"], 2);
    let other = json!({"line_item": {"variant_id": MUG, "quantity": 5}});
    once.post(&order.path("/line_items"), other).await.json(422);
}
