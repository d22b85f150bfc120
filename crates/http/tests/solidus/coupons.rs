//! Coupon codes: one body for yes and no.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn codes_are_applied_once_and_removed_once() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 2)]).await;
    let codes = cart.order("/coupon_codes");
    let give = |code: Value| json!({"coupon_code": code});
    let applied = cart.guest.post(&codes, give(json!(" TenOff "))).await.json(200);
    insta::assert_json_snapshot!("code_applied", applied);
    assert_eq!(cart.show().await["adjustment_total"], "-2.0");
    let again = cart.guest.post(&codes, give(json!("tenoff"))).await.json(422);
    insta::assert_json_snapshot!("code_already_applied", again);
    let removed = cart.guest.delete(&cart.order("/coupon_codes/TENOFF")).await.json(200);
    insta::assert_json_snapshot!("code_removed", removed);
    let absent = cart.guest.delete(&cart.order("/coupon_codes/tenoff")).await.json(422);
    assert_eq!(absent["status_code"], "coupon_code_not_present");
    assert_eq!(cart.show().await["adjustment_total"], "0.0");
}

#[tokio::test]
async fn each_refusal_has_its_code_and_sentence() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 2)]).await;
    for (code, status, sentence) in [
        ("expired", "coupon_code_expired", "The coupon code is expired"),
        ("nope", "coupon_code_not_found", "The coupon code you entered doesn't exist. Please try again."),
        ("big100", "item_total_less_than", "This coupon code can't be applied to orders less than $100.00."),
    ] {
        let refused =
            cart.guest.post(&cart.order("/coupon_codes"), json!({"coupon_code": code})).await.json(422);
        let expected =
            json!({"success": null, "error": sentence, "successful": false, "status_code": status});
        assert_eq!(refused, expected);
    }
    let blank = cart.guest.post(&cart.order("/coupon_codes"), json!({})).await.json(422);
    assert_eq!(blank, json!({"success": null, "error": null, "successful": false, "status_code": null}));
}

#[tokio::test]
async fn older_clients_and_the_guide_use_other_paths() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 2)]).await;
    let give = json!({"coupon_code": "tenoff"});
    cart.guest.put(&cart.order("/apply_coupon_code"), give.clone()).await.json(200);
    cart.guest.delete(&cart.checkout("/coupon_codes/tenoff")).await.json(200);
    cart.guest.post(&cart.checkout("/coupon_codes"), give).await.json(200);
}
