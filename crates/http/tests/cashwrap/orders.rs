//! The order whole.

use crate::ROOT;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_is_shown_in_the_domains_words() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(SHIRT, 2)]).await;
    cart.guest.post(&cart.order("/coupon_codes"), json!({ "coupon_code": "tenoff" })).await.json(200);
    cart.walk_to("payment").await;
    cart.pay(json!({ "payment_method_id": CARD, "source_attributes": card(VISA) })).await.json(201);
    cart.next().await.json(200);
    cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(200);
    let reply = cart.guest.at(ROOT).get(&format!("/orders/{}", cart.number)).await;
    let order = reply.json(200);
    assert_eq!(order["currency"], "USD");
    assert_eq!(order["exponent"], 2);
    assert_eq!((&order["origin"], &order["phase"]), (&json!("solidus"), &json!("complete")));
    assert_eq!(order["completion"], "normal");
    let line = &order["lines"][0];
    assert_eq!((&line["price"], &line["quantity"], &line["amount"]), (&json!(1999), &json!(2), &json!(3998)));
    assert_eq!(line["adjustments"][0]["source"], json!({ "kind": "promotion", "id": 1, "action": 1 }));
    assert_eq!(line["adjustments"][0]["amount"], -400);
    assert_eq!(line["adjustments"][1]["source"], json!({ "kind": "tax", "id": 1 }));
    assert_eq!(order["totals"]["items"], 3998);
    assert_eq!(order["totals"]["promotions"], -400);
    let shipping = order["totals"]["shipping"].as_i64().unwrap();
    let added = order["totals"]["adjustments"].as_i64().unwrap();
    assert_eq!(order["totals"]["total"], 3998 + shipping + added);
    assert_eq!(order["shipments"][0]["pieces"][0]["count"], 2);
    assert_eq!(order["ship_address"]["country"], "US");
    assert_eq!(order["ship_address"]["state"], "WA");
    assert_eq!(order["payments"][0]["method_key"], "credit-card");
    assert_eq!(order["payments"][0]["state"], "authorized");
    // The same order everywhere.
    let solidus = cart.show().await;
    assert_eq!((&order["id"], &order["number"]), (&solidus["id"], &solidus["number"]));
    assert_eq!(line["id"], solidus["line_items"][0]["id"]);
    assert_eq!(order["shipments"][0]["number"], solidus["shipments"][0]["number"]);
}

#[tokio::test]
async fn nothing_more_of_a_card_is_shown_than_brand_last_digits_and_expiry() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let mut source = card(VISA);
    source["name"] = json!("Grace Hopper");
    cart.pay(json!({ "payment_method_id": CARD, "source_attributes": source })).await.json(201);
    for caller in [cart.guest.clone(), shop.admin()] {
        let reply = caller.at(ROOT).get(&format!("/orders/{}", cart.number)).await;
        let card = reply.json(200)["payments"][0]["card"].clone();
        let keys: Vec<&String> = card.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["brand", "id", "last4", "month", "year"]);
        assert_eq!((&card["brand"], &card["last4"]), (&json!("visa"), &json!("1111")));
        for hidden in ["4111111111111111", "Grace Hopper", "profile"] {
            assert!(!reply.body.contains(hidden), "{hidden} in {}", reply.body);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    for (method, path) in [
        ("GET", "/nothing".to_owned()),
        ("DELETE", format!("/orders/{}", cart.number)),
        ("POST", format!("/orders/{}/explain", cart.number)),
    ] {
        let reply = cart.guest.at(ROOT).raw(method, &path, "application/json", "").await;
        crate::problem(&reply, 404, "no-such-path");
    }
}
