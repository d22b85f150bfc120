//! Payments: named by number or id, added by buyers, moved by staff.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_payment_is_found_by_number_and_by_id() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "confirm").await;
    let payment = order.show().await["payments"][0].clone();
    let by_number =
        order.by.get(&order.path(&format!("/payments/{}", payment["number"].as_str().unwrap()))).await;
    let by_id = order.by.get(&order.path(&format!("/payments/{}", payment["id"]))).await;
    assert_eq!(by_number.json(200), by_id.json(200));
    order.by.get(&order.path("/payments/P0000000")).await.json(404);
    let list = order.by.get(&order.path("/payments")).await.json(200);
    assert_eq!((&list["count"], &list["payments"][0]["number"]), (&json!(1), &payment["number"]));
    let form = order.by.get(&order.path("/payments/new")).await.json(200);
    assert_eq!(form["payment_methods"][0], json!({"id": CARD, "name": "Credit Card", "description": ""}));
}

#[tokio::test]
async fn a_payment_needs_a_method_on_offer_and_its_source() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let add = |payment: Value| {
        let (by, path) = (order.by.clone(), order.path("/payments"));
        async move { by.post(&path, json!({ "payment": payment })).await }
    };
    assert_eq!(add(json!({"payment_method_id": 99, "amount": "1"})).await.json(404), not_found());
    assert_eq!(add(json!({"payment_method_id": INTERNAL, "amount": "1"})).await.json(404), not_found());
    let refused = add(json!({"payment_method_id": CARD, "amount": "1"})).await.json(422);
    assert_eq!(refused, json!({"error": INVALID, "errors": {"source": ["can't be blank"]}}));
    let missing = order.by.post(&order.path("/payments"), Value::Null).await.json(422);
    assert_eq!(missing, json!({"exception": "param is missing or the value is empty: payment"}));
    let added = add(json!({"payment_method_id": CHECK, "amount": "12.5"})).await.json(201);
    assert_eq!((&added["amount"], &added["state"]), (&json!("12.5"), &json!("checkout")));
}

#[tokio::test]
async fn staff_move_money_once() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let shown = order.show().await;
    let path = order.path(&format!("/payments/{}", shown["payments"][0]["number"].as_str().unwrap()));
    let act = |action: &str| {
        let (staff, path) = (admin(&shop), format!("{path}/{action}"));
        async move { staff.put(&path, Value::Null).await }
    };
    let edit = admin(&shop).put(&path, json!({"payment": {"amount": "5"}})).await.json(200);
    assert_eq!(edit["amount"], "5.0");
    assert_eq!(
        admin(&shop).put(&path, json!({"payment": {"amount": "five"}})).await.json(422)["error"],
        INVALID
    );
    for _ in 0..2 {
        assert_eq!(act("capture").await.json(200)["state"], "completed");
    }
    let refused = admin(&shop).put(&path, json!({"payment": {"amount": "1"}})).await.json(403);
    assert_eq!(refused, json!({"error": "This payment cannot be updated because it is completed."}));
    let limit = "This payment can only be credited up to 5.0. \
                 Please specify an amount less than or equal to this number.";
    assert_eq!(act("credit?amount=5.01").await.json(422), json!({ "error": limit }));
    act("credit?amount=2").await.json(200);
    assert_eq!(admin(&shop).get(&order.path("")).await.json(200)["payment_total"], "3.0");
    for amount in ["-1", "0", "1e3", "NaN"] {
        assert_eq!(act(&format!("credit?amount={amount}")).await.json(422)["error"], INVALID, "{amount}");
    }
}

#[tokio::test]
async fn a_void_is_a_void_twice_and_a_capture_no_more() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let number = order.show().await["payments"][0]["number"].as_str().unwrap().to_owned();
    let path = order.path(&format!("/payments/{number}"));
    for _ in 0..2 {
        let reply = admin(&shop).put(&format!("{path}/void"), Value::Null).await;
        assert_eq!(reply.json(200)["state"], "void");
    }
    assert_eq!(admin(&shop).put(&format!("{path}/capture"), Value::Null).await.json(422)["error"], INVALID);
}

#[tokio::test]
async fn a_gateways_refusal_is_told_in_its_words() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    order.pay(REFUSED_CARD).await.json(200);
    let number = order.show().await["payments"][0]["number"].as_str().unwrap().to_owned();
    let path = order.path(&format!("/payments/{number}/authorize"));
    let refused = admin(&shop).put(&path, Value::Null).await.json(422);
    assert_eq!(refused["error"], INVALID);
    assert!(refused["errors"]["base"][0].as_str().unwrap().contains("Forced failure"), "{refused}");
}

#[tokio::test]
async fn a_card_that_is_no_test_card_is_refused_when_it_is_entered() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let real = "4539578763621486";
    let reply = order.pay(real).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
    assert!(!reply.body.contains(real));
    let profile = order.pay(VISA).await.json(200);
    assert!(profile["payments"][0]["source"].get("gateway_customer_profile_id").is_none());
    let for_staff = admin(&shop).get(&order.path("")).await.json(200);
    assert!(for_staff["payments"][0]["source"].get("gateway_customer_profile_id").is_some());
}
