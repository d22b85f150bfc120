//! Many at once: credit, stock and money are there once.

use crate::goods::*;
use crate::platform::Message;
use crate::shop::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many of each status came back.
async fn all_at_once(shop: &Arc<Shop>, name: &str, bodies: Vec<serde_json::Value>) -> BTreeMap<u16, usize> {
    let tasks: Vec<_> = bodies
        .into_iter()
        .map(|body| {
            let caller = shop.customer(name);
            tokio::spawn(async move { caller.post(CHECKOUT, body).await.status })
        })
        .collect();
    let mut statuses = BTreeMap::new();
    for task in tasks {
        *statuses.entry(task.await.unwrap()).or_default() += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn credit_is_spent_once_however_many_try() {
    let shop = Arc::new(Shop::open().await);
    let body = with(items(&[(ISP, 1)]), json!({ "payment_method_id": "credit" }));
    let statuses = all_at_once(&shop, "some", vec![body; 64]).await;
    assert_eq!(statuses.get(&201), Some(&1), "500 pays for 350 once: {statuses:?}");
    assert_eq!(shop.balance("some").await, 150);
    shop.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn credit_that_is_held_is_held_once() {
    let shop = Arc::new(Shop::open().await);
    let body = with(items(&[(ISP, 2)]), json!({ "payment_method_id": "stripe:card" }));
    let statuses = all_at_once(&shop, "some", vec![body; 64]).await;
    let placed = *statuses.get(&201).unwrap_or(&0);
    assert!(placed >= 1, "{statuses:?}");
    assert_eq!(shop.balance("some").await, 0);
    let orders = shop.customer("some").get("/private/user/order/search?per_page=100").await.json(200);
    let applied: i64 = orders["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["credit_applied"].as_i64().unwrap())
        .sum();
    assert_eq!(applied, 500);
    shop.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_three_are_sold_to_three() {
    let shop = Arc::new(Shop::open().await);
    let body = with(items(&[(SCARCE, 1)]), json!({ "payment_method_id": "credit" }));
    let statuses = all_at_once(&shop, "rich", vec![body; 24]).await;
    assert_eq!(statuses.get(&201), Some(&3), "{statuses:?}");
    assert_eq!(shop.balance("rich").await, 100_000 - 3 * 350);
    shop.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_at_once_buys_once() {
    let shop = Arc::new(Shop::open().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let caller = shop.customer("rich").header("Idempotency-Key", "same");
            let body = with(items(&[(ISP, 2)]), json!({ "payment_method_id": "credit" }));
            tokio::spawn(async move { caller.post(CHECKOUT, body).await })
        })
        .collect();
    let mut numbers = std::collections::BTreeSet::new();
    for task in tasks {
        let reply = task.await.unwrap();
        match reply.status {
            201 => drop(numbers.insert(reply.json(201)["data"]["order_id"].as_str().unwrap().to_owned())),
            _ => assert_eq!(refusal(&reply), (409, "request_in_progress".to_owned())),
        }
    }
    assert_eq!(numbers.len(), 1);
    assert_eq!(shop.balance("rich").await, 99_300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_payment_told_by_many_at_once_is_one_payment() {
    let shop = Arc::new(Shop::open().await);
    let body = with(top_up(2_500), json!({ "payment_method_id": "stripe:card" }));
    let number = shop.waiting("ada", body).await;
    let asked = shop.book.of(&number);
    let tasks: Vec<_> = (0..16)
        .map(|place| {
            let (shop, message) =
                (Arc::clone(&shop), Message::new(&format!("evt_{}", place % 4), 1, "paid", 2_500, &asked));
            tokio::spawn(async move { shop.tell("stripe", &message).await.status })
        })
        .collect();
    for task in tasks {
        let status = task.await.unwrap();
        assert!(matches!(status, 200 | 503), "{status}");
    }
    shop.tell("stripe", &Message::new("evt_9", 1, "paid", 2_500, &asked)).await.json(200);
    assert_eq!(shop.balance("ada").await, 2_500);
    shop.audit().await;
}
