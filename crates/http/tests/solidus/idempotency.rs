//! `Idempotency-Key`: the same request again is the same answer, another request under the same key is refused.

use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn a_retry_gets_the_first_answer_and_does_nothing() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let once = cart.guest.header("Idempotency-Key", "k-1");
    let add = json!({"line_item": {"variant_id": MUG, "quantity": 2}});
    let first = once.post(&cart.order("/line_items"), add.clone()).await.json(201);
    assert_eq!(once.post(&cart.order("/line_items"), add).await.json(201), first);
    assert_eq!(cart.show().await["total_quantity"], 2);
    let other = json!({"line_item": {"variant_id": MUG, "quantity": 3}});
    let refused = once.post(&cart.order("/line_items"), other).await.json(422);
    assert_eq!(refused, json!({"error": "Idempotency key was used with another request."}));
}

#[tokio::test]
async fn an_order_is_begun_once_and_other_callers_keys_are_their_own() {
    let shop = Shop::open().await;
    let begin = |caller: Caller| async move {
        let caller = caller.header("Idempotency-Key", "new-order");
        caller.post("/orders", json!({"order": {}})).await.json(201)["number"].clone()
    };
    let first = begin(shop.customer()).await;
    assert_eq!(begin(shop.customer()).await, first);
    assert_ne!(begin(shop.other()).await, first);
}

#[tokio::test]
async fn a_header_sent_twice_is_refused() {
    let shop = Shop::open().await;
    let twice = shop.customer().header("Idempotency-Key", "a").header("idempotency-key", "a");
    twice.post("/orders", json!({})).await.json(400);
}

#[tokio::test]
async fn one_key_on_two_orders_is_two_requests() {
    let shop = Shop::open().await;
    let add = json!({"line_item": {"variant_id": MUG, "quantity": 1}});
    let body = || async {
        let order = shop.customer().post("/orders", json!({})).await.json(201);
        let path = format!("/orders/{}/line_items", order["number"].as_str().unwrap());
        shop.customer().header("Idempotency-Key", "same").post(&path, add.clone()).await.json(201)
    };
    let (first, second) = (body().await, body().await);
    assert_ne!(first["id"], second["id"]);
}
