//! Requests that no honest client sends: each ends in a refusal with a sentence, and nothing changes.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn numbers_are_exact_or_refused() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    for quantity in
        ["-1", "1.5", "1e3", "1e-9", "99999999999999999999", "2147483648", "\"-1\"", "\"1.5\"", "\"0x10\""]
    {
        let body = format!(r#"{{"line_item":{{"variant_id":1,"quantity":{quantity}}}}}"#);
        let reply = order.by.raw("POST", &order.path("/line_items"), "application/json", &body).await;
        assert_eq!(reply.json(422)["error"], INVALID, "{quantity}");
    }
    for quantity in ["NaN", "1E400", "٣"] {
        let body = json!({"line_item": {"variant_id": MUG, "quantity": quantity}});
        assert_eq!(order.by.post(&order.path("/line_items"), body).await.status, 422, "{quantity}");
    }
    let id = order.show().await["line_items"][0]["id"].clone();
    let path = order.path(&format!("/line_items/{id}"));
    order.by.put(&path, json!({"line_item": {"quantity": -3}})).await.json(422);
    assert_eq!(order.show().await["total"], "10.0");
}

#[tokio::test]
async fn prices_totals_and_owners_are_not_the_buyers_to_say() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let before = order.show().await;
    let id = &before["line_items"][0]["id"];
    let body = json!({"order": {
        "total": "0.01", "item_total": "0", "state": "complete", "completed_at": "2020-01-01", "user_id": 1001,
        "number": "R1", "currency": "TRY", "channel": "x", "adjustment_total": "-9",
        "payments_attributes": [{"payment_method": "Check", "state": "completed", "amount": "10"}],
        "adjustments_attributes": [{"label": "mine", "amount": "-9"}],
        "line_items": [{"id": id, "quantity": 1, "price": "0.01"}],
    }});
    let after = order.by.put(&order.path(""), body).await.json(200);
    for key in [
        "total",
        "state",
        "user_id",
        "number",
        "currency",
        "channel",
        "completed_at",
        "payments",
        "adjustments",
    ] {
        assert_eq!(after[key], before[key], "{key}");
    }
    let stranger = Order::of(keyed(&shop, OTHER_KEY), &[(SHIRT, 1)]).await;
    let path = stranger.path(&format!("/line_items/{id}"));
    stranger.by.put(&path, json!({"line_item": {"quantity": 9}})).await.json(404);
    stranger.by.delete(&path).await.json(404);
    assert_eq!(order.show().await["total_quantity"], 1);
}

#[tokio::test]
async fn what_is_not_sold_is_not_there() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    for variant in
        [json!(FUTURE), json!(0), json!(-1), json!("1 or 1=1"), json!({"a": 1}), json!([1]), json!(9e99)]
    {
        let body = json!({"line_item": {"variant_id": variant, "quantity": 1}});
        assert_eq!(order.by.post(&order.path("/line_items"), body).await.json(404), not_found(), "{variant}");
    }
}

#[tokio::test]
async fn floods_and_depths_are_bounded() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let deep = format!("order{}=1", "[a]".repeat(200));
    let many = "order[x][]=1&".repeat(100_000);
    let long = format!("order[email]={}", "a".repeat(70_000));
    let json_deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    for (content_type, body) in [
        (FORM, deep.as_str()),
        (FORM, many.as_str()),
        (FORM, long.as_str()),
        (FORM, "order=1&order[email]=x"),
        (FORM, "order[email]=%ff"),
        ("application/json", json_deep.as_str()),
        ("application/json", "{"),
    ] {
        let reply = order.by.raw("PUT", &order.path(""), content_type, body).await;
        let shown: String = body.chars().take(40).collect();
        assert!((400..=422).contains(&reply.status), "{shown}: {} {}", reply.status, reply.body);
        assert!(
            serde_json::from_str::<Value>(&reply.body).unwrap()["error"].is_string(),
            "{shown}: {}",
            reply.body
        );
    }
    let query = format!("{}?{}", order.path(""), "order[x][]=1&".repeat(10_000));
    assert!((400..=431).contains(&order.by.raw("PUT", &query, "", "").await.status));
    let lines: Vec<Value> = (0..6_000).map(|_| json!({"variant_id": MUG, "quantity": 1_000_000})).collect();
    let reply = order.by.put(&order.path(""), json!({"order": {"line_items": lines}})).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
    assert_eq!(order.show().await["total_quantity"], 1);
}

#[tokio::test]
async fn card_numbers_are_refused_wherever_they_are() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let real = "4539578763621486";
    for body in [
        json!({"order": {"special_instructions": real}}),
        json!({"order": {"email": format!("{real}@example.com")}}),
        json!({"order": {"payments_attributes": [{"payment_method_id": CHECK, "source_attributes": {"number": real}}]}}),
        json!({"payment_source": {CHECK.to_string(): {"number": real}}}),
        json!({"order": {"ship_address_attributes": {"address2": real}}}),
        json!({"order": {"cvv": "123"}}),
    ] {
        let reply = order.put(body.clone()).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.body);
        assert!(!reply.body.contains(real), "{body}");
    }
    assert_eq!(order.show().await["state"], "payment");
    // The code that confirms a saved card is dropped unread.
    let body =
        json!({"cvc_confirm": "123", "order": {"payments_attributes": [{"payment_method_id": CHECK}]}});
    order.put(body).await.json(200);
}

#[tokio::test]
async fn ids_of_others_are_not_told_apart_from_none() {
    let shop = Shop::open().await;
    let mine = Order::at(&shop, "delivery").await;
    let theirs = Order::of(keyed(&shop, OTHER_KEY), &[(MUG, 1)]).await;
    theirs.walk_to("delivery").await;
    let shown = theirs.show().await;
    let address = &shown["ship_address"]["id"];
    assert_eq!(
        mine.by.get(&mine.path(&format!("/addresses/{address}"))).await.json(401),
        mine.by.get(&mine.path("/addresses/999999999")).await.json(401)
    );
    let (shipment, rate) = (&shown["shipments"][0]["id"], &shown["shipments"][0]["shipping_rates"][1]["id"]);
    let body =
        json!({"order": {"shipments_attributes": [{"id": shipment, "selected_shipping_rate_id": rate}]}});
    mine.put(body).await.json(422);
    assert_eq!(theirs.show().await["ship_total"], "5.0");
    assert_eq!(mine.show().await["state"], "delivery");
}
