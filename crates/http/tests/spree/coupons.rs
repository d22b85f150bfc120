//! Coupon codes: on their own, and in the middle of checkout.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_code_is_applied_once_and_removed_again() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let apply = |code: &str| {
        let (by, path) = (order.by.clone(), order.path("/apply_coupon_code"));
        let body = json!({ "coupon_code": code });
        async move { by.put(&path, body).await }
    };
    let applied = apply(" TenOff ").await.json(200);
    assert_eq!(
        applied,
        json!({
            "success": "The coupon code was successfully applied to your order.", "error": null, "successful": true,
            "status_code": "coupon_code_applied",
        })
    );
    assert_eq!(order.show().await["total"], "9.0");
    for (code, status_code, sentence) in [
        (
            "tenoff",
            json!("coupon_code_already_applied"),
            "The coupon code has already been applied to this order",
        ),
        ("expired", json!("coupon_code_expired"), "The coupon code is expired"),
        (
            "nope",
            json!("coupon_code_not_found"),
            "The coupon code you entered doesn't exist. Please try again.",
        ),
        ("big100", Value::Null, "This coupon code can't be applied to orders less than $100.00."),
    ] {
        let refused = apply(code).await.json(422);
        let expected =
            json!({"success": null, "error": sentence, "successful": false, "status_code": status_code});
        assert_eq!(refused, expected, "{code}");
    }
    let path = order.path("/remove_coupon_code");
    let removed = order.by.put(&path, json!({"coupon_code": "TENOFF"})).await.json(200);
    assert_eq!(
        (&removed["successful"], &removed["status_code"]),
        (&json!(true), &json!("adjustments_deleted"))
    );
    assert_eq!(order.show().await["total"], "10.0");
    let gone = order.by.put(&path, json!({"coupon_code": "TENOFF"})).await.json(404);
    assert_eq!((&gone["successful"], &gone["status_code"]), (&json!(false), &json!("coupon_code_not_found")));
}

#[tokio::test]
async fn a_token_is_enough_to_apply_a_code() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let by_token = nobody(&shop).token(&order.token);
    by_token.put(&order.path("/apply_coupon_code"), json!({"coupon_code": "tenoff"})).await.json(200);
}

#[tokio::test]
async fn a_refused_code_stops_the_step_and_nothing_else() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let body = json!({"order": {"coupon_code": "expired", "email": "kept@example.com"}});
    assert_eq!(order.put(body).await.json(422), json!({"error": "The coupon code is expired"}));
    let shown = order.show().await;
    assert_eq!((&shown["state"], &shown["email"]), (&json!("cart"), &json!("kept@example.com")));
    let shown = order.put(json!({"order": {"coupon_code": "tenoff"}})).await.json(200);
    assert_eq!((&shown["state"], &shown["total"]), (&json!("address"), &json!("9.0")));
    // The same code twice, and as anything but a text, is no second discount.
    order.put(json!({"order": {"coupon_code": ["tenoff", "tenoff"]}})).await.json(422);
    assert_eq!(order.show().await["total"], "9.0");
}
