//! Payments: adding them, what staff do with them, and what is never kept of a card.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_payment_is_added_with_the_open_amount_and_replaces_the_one_before() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let first = cart.pay(json!({"payment_method_id": CHECK})).await.json(201);
    assert_eq!((&first["amount"], &first["state"]), (&cart.show().await["total"], &json!("checkout")));
    assert_eq!((&first["source_type"], &first["source_id"]), (&Value::Null, &Value::Null));
    let given = json!({"payment_method_id": CARD, "amount": "$1,000.50", "source_attributes": card(VISA)});
    let second = cart.pay(given).await.json(201);
    assert_eq!((&second["amount"], &second["source_type"]), (&json!("1000.5"), &json!("Spree::CreditCard")));
    let listed = cart.guest.get(&cart.order("/payments")).await.json(200);
    let states: Vec<&Value> =
        listed["payments"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["invalid", "checkout"]);
    assert_eq!((&listed["count"], &listed["pages"]), (&json!(2), &json!(1)));
    let found =
        cart.guest.get(&cart.checkout(&format!("/payments?q[id_eq]={}", second["id"]))).await.json(200);
    assert_eq!(found["total_count"], 1);
}

#[tokio::test]
async fn what_is_missing_is_told_by_its_key() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let fields = |payment: Value| async { cart.pay(payment).await.json(422)["errors"].clone() };
    assert_eq!(fields(json!({"amount": "1"})).await, json!({"payment_method": ["can't be blank"]}));
    assert_eq!(fields(json!({"payment_method_id": CARD})).await, json!({"source": ["can't be blank"]}));
    let partial = json!({"payment_method_id": CARD, "source_attributes": {"name": "Ada"}});
    let messages = [
        "Card Number can't be blank",
        "Month is not a number",
        "Year is not a number",
        "Verification Value can't be blank",
    ];
    assert_eq!(fields(partial.clone()).await, json!({"Credit Card": messages}));
    let body = json!({"order": {"payments_attributes": [partial]}});
    let refused = cart.guest.put(&cart.checkout(""), body).await.json(422);
    assert_eq!(refused["errors"], json!({"payments.Credit Card": messages}));
    let body = json!({"order": {"payments_attributes": [{"payment_method_id": CARD}]}});
    let refused = cart.guest.put(&cart.checkout(""), body).await.json(422);
    assert_eq!(refused["errors"], json!({"payments.source": ["can't be blank"]}));
    for method in [json!(INTERNAL), json!(99), json!("check")] {
        assert_eq!(cart.pay(json!({"payment_method_id": method})).await.json(404), not_found());
    }
    assert_eq!(cart.show().await["payments"], json!([]));
}

#[tokio::test]
async fn real_cards_are_refused_wherever_they_turn_up() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let real = "4539578763621486";
    let by_card =
        cart.pay(json!({"payment_method_id": CARD, "source_attributes": card(real)})).await.json(422);
    assert_eq!(by_card["errors"], json!({"Credit Card": ["Card Number must be a test number"]}));
    let in_checkout = json!({"order": {"payments_attributes": [
        {"payment_method_id": CARD, "source_attributes": card(real)},
    ]}});
    let refused = cart.guest.put(&cart.checkout(""), in_checkout).await.json(422);
    assert_eq!(refused["errors"], json!({"payments.Credit Card": ["Card Number must be a test number"]}));
    let by_check =
        cart.pay(json!({"payment_method_id": CHECK, "source_attributes": card(real)})).await.json(422);
    assert!(by_check["errors"]["payment.source_attributes.number"].is_array(), "{by_check}");
    let note = json!({"order": {"special_instructions": format!("card {real}")}});
    let noted = cart.guest.put(&cart.order(""), note).await.json(422);
    assert!(noted["errors"]["order.special_instructions"].is_array(), "{noted}");
    let order = cart.show().await.to_string();
    assert!(!order.contains(real) && !order.contains("4111111111111111"));
}

#[tokio::test]
async fn staff_capture_and_void_and_the_order_follows() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    cart.pay(json!({"payment_method_id": CARD, "source_attributes": card(VISA)})).await.json(201);
    cart.next().await.json(200);
    let order = cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(200);
    let shipment = order["shipments"][0].clone();
    assert_eq!((&order["payment_state"], &shipment["state"]), (&json!("balance_due"), &json!("pending")));
    let payment = cart.order(&format!("/payments/{}", order["payments"][0]["id"]));
    let shown = cart.guest.get(&payment).await.json(200);
    assert_eq!((&shown["state"], &shown["avs_response"]), (&json!("pending"), &json!("D")));
    let captured = shop.admin().put(&format!("{payment}/capture"), Value::Null).await.json(200);
    assert_eq!(captured["state"], "completed");
    shop.admin().put(&format!("{payment}/capture"), Value::Null).await.json(200);
    let order = cart.show().await;
    assert_eq!((&order["payment_state"], &order["payment_total"]), (&json!("paid"), &order["total"]));
    assert_eq!(order["shipments"][0]["state"], "ready");
    let forbidden = shop.admin().put(&payment, json!({"payment": {"amount": "1"}})).await.json(403);
    assert_eq!(forbidden, json!({"error": "This payment cannot be updated because it is completed."}));
    let declined = shop.admin().put(&format!("{payment}/void"), Value::Null).await.json(422);
    assert_eq!(
        declined,
        json!({"error": INVALID, "errors": {"base": ["Bogus Gateway: Forced failure - void"]}})
    );
    shop.admin().put(&format!("{payment}/credit"), Value::Null).await.json(404);
}

#[tokio::test]
async fn a_form_for_a_payment_lists_methods() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let form = cart.guest.get(&cart.order("/payments/new")).await.json(200);
    assert_eq!(
        form["payment_methods"],
        json!([
            {"id": CARD, "name": "Credit Card", "description": ""},
            {"id": CHECK, "name": "Check", "description": ""},
        ])
    );
}
