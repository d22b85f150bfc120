//! Checkout: what each step takes, what stops it, and how it is said.

use crate::support::*;
use serde_json::{Value, json};

fn base(sentence: &str) -> Value {
    json!({"error": CANNOT_TRANSITION, "errors": {"base": [sentence]}})
}

#[tokio::test]
async fn every_guard_has_its_sentence() {
    let shop = Shop::open().await;
    let empty = shop.cart(&[]).await;
    let sentence = "There are no items for this order. Please add an item to the order to continue.";
    assert_eq!(empty.next().await.json(422), base(sentence));
    assert_eq!(empty.guest.put(&empty.checkout("/advance"), Value::Null).await.json(200)["state"], "cart");

    let cart = shop.order_in("address").await;
    let email = json!({"order": {"email": "a@example.com"}});
    assert_eq!(
        cart.guest.put(&cart.checkout(""), email).await.json(422),
        base("Valid shipping address required")
    );
    assert_eq!(cart.show().await["email"], "a@example.com");

    let cart = shop.order_in("address").await;
    let no_email = json!({"order": {"ship_address_attributes": address()}});
    let refused = cart.guest.put(&cart.checkout(""), no_email).await.json(422);
    assert_eq!(refused, json!({"error": CANNOT_TRANSITION, "errors": {"email": ["can't be blank"]}}));

    let cart = shop.order_in("address").await;
    let mut far = address();
    far["country_iso"] = json!("FR");
    let body = json!({"order": {"email": "a@example.com", "ship_address_attributes": far}});
    let sentence = "We are unable to calculate shipping rates for the selected items.";
    assert_eq!(cart.guest.put(&cart.checkout(""), body).await.json(422), base(sentence));

    let cart = shop.order_in("confirm").await;
    let refused = cart.next().await.json(422);
    let errors = json!({"state": ["cannot transition via \"next\""]});
    assert_eq!(refused, json!({"error": CANNOT_TRANSITION, "errors": errors}));
    cart.guest.put(&cart.checkout(""), Value::Null).await.json(422);
    assert_eq!(cart.show().await["state"], "confirm");
}

#[tokio::test]
async fn complete_needs_confirm_and_a_payment() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let refused = cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(422);
    assert_eq!(refused["errors"], json!({"state": ["cannot transition via \"complete\""]}));
    cart.walk_to("payment").await;
    cart.next().await.json(200);
    let refused = cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(422);
    assert_eq!(refused, base("No payment found"));
    assert_eq!(cart.show().await["state"], "confirm");
}

#[tokio::test]
async fn missing_stock_has_a_body_of_its_own() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(RARE, 4)]).await;
    cart.walk_to("address").await;
    let body = json!({"errors": ["Quantity is not available for items in your order"], "type": "insufficient_stock"});
    assert_eq!(cart.give_address().await.json(422), body);
    assert_eq!(cart.guest.put(&cart.checkout("/advance"), Value::Null).await.json(422), body);
}

#[tokio::test]
async fn the_expected_total_is_compared_as_a_number() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let refused = json!({"errors": {"expected_total": ["Expected total does not match actual total."]}});
    for wrong in [json!("11"), json!(9.99), json!("10.001"), json!("ten"), json!("1e1")] {
        let body = json!({"expected_total": wrong});
        assert_eq!(cart.guest.put(&cart.checkout("/next"), body).await.json(400), refused, "{wrong}");
    }
    for right in ["10.0000", "10", ""] {
        let cart = shop.cart(&[(MUG, 1)]).await;
        let body = json!({"expected_total": right});
        assert_eq!(cart.guest.put(&cart.checkout("/next"), body).await.json(200)["state"], "address");
    }
}

#[tokio::test]
async fn addresses_are_checked_by_field_and_merged() {
    let shop = Shop::open().await;
    let cart = shop.order_in("address").await;
    let mut bad = address();
    bad["address1"] = json!("");
    bad["zipcode"] = Value::Null;
    bad["state_name"] = json!("");
    let body = json!({"order": {"ship_address_attributes": bad}});
    let refused = cart.guest.patch(&cart.checkout(""), body).await.json(422);
    let errors = json!({
        "ship_address.address1": ["can't be blank"],
        "ship_address.zipcode": ["can't be blank"],
        "ship_address.state": ["can't be blank"],
    });
    assert_eq!(refused, json!({"error": INVALID, "errors": errors}));
    let body = json!({"order": {"ship_address_attributes": {"country_iso": "XX"}}});
    assert_eq!(cart.guest.patch(&cart.checkout(""), body).await.json(404), not_found());
    let body = json!({"order": {
        "email": "a@example.com", "use_billing": true, "bill_address_attributes": address(),
    }});
    let order = cart.guest.patch(&cart.checkout(""), body).await.json(200);
    assert_eq!(
        (&order["state"], &order["ship_address"]["name"]),
        (&json!("delivery"), &json!("Ada Lovelace"))
    );
    assert_eq!(order["ship_address"]["state_text"], "WA");
    cart.next().await.json(200);
    let back = json!({"state": "address", "order": {"ship_address_attributes": {"zipcode": "98102"}}});
    let order = cart.guest.patch(&cart.checkout(""), back).await.json(200);
    assert_eq!((&order["state"], &order["ship_address"]["zipcode"]), (&json!("delivery"), &json!("98102")));
}

#[tokio::test]
async fn each_state_takes_its_own_attributes_and_drops_the_others() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let lines = json!({"order": {"line_items": {"0": {"variant_id": MUG, "quantity": 7}}, "special_instructions": "x"}});
    let order = cart.guest.put(&cart.checkout(""), lines).await.json(200);
    assert_eq!((&order["state"], &order["total_quantity"]), (&json!("address"), &json!(1)));
    assert_eq!(order["special_instructions"], Value::Null);

    cart.give_address().await.json(200);
    let missing = cart.guest.put(&cart.checkout(""), Value::Null).await.json(422);
    assert_eq!(missing["missing_param"], "order");
    let flat = json!({"special_instructions": "unwrapped"});
    assert_eq!(cart.guest.put(&cart.checkout(""), flat).await.json(422)["missing_param"], "order");
    let shipment = cart.show().await["shipments"][0].clone();
    let rate = shipment["shipping_rates"][1]["id"].clone();
    let body = json!({"order": {
        "special_instructions": "Ring twice",
        "shipments_attributes": {"0": {"id": shipment["id"], "selected_shipping_rate_id": rate}},
    }});
    let order = cart.guest.put(&cart.checkout(""), body).await.json(200);
    assert_eq!((&order["state"], &order["special_instructions"]), (&json!("payment"), &json!("Ring twice")));
    assert_eq!(
        (&order["ship_total"], &order["shipments"][0]["selected_shipping_rate"]["id"]),
        (&json!("10.0"), &rate)
    );

    let body = json!({"order": {
        "payments_attributes": [{"payment_method_id": CARD.to_string(), "amount": "1.00", "source_attributes": card(VISA)}],
        "ship_address_attributes": {"zipcode": "HACKED"},
    }});
    let order = cart.guest.put(&cart.checkout(""), body).await.json(200);
    assert_eq!((&order["state"], &order["payments"][0]["amount"]), (&json!("confirm"), &order["total"]));
    assert_eq!(order["ship_address"]["zipcode"], "98101");
    assert_eq!(order["payments"][0]["source"]["last_digits"], "1111");
    assert!(!order.to_string().contains(VISA));
}

#[tokio::test]
async fn a_rate_of_nobody_is_refused_and_nothing_moves() {
    let shop = Shop::open().await;
    let cart = shop.order_in("delivery").await;
    let shipment = cart.show().await["shipments"][0]["id"].clone();
    let body =
        json!({"order": {"shipments_attributes": [{"id": shipment, "selected_shipping_rate_id": 99_999}]}});
    let refused = cart.guest.put(&cart.checkout(""), body).await.json(422);
    assert!(refused["errors"]["base"].is_array(), "{refused}");
    assert_eq!(cart.show().await["state"], "delivery");
}

#[tokio::test]
async fn only_earlier_steps_may_be_named() {
    let shop = Shop::open().await;
    let cart = shop.order_in("delivery").await;
    for state in ["payment", "confirm", "complete", "canceled", "nonsense"] {
        let reply = cart.guest.put(&cart.checkout("/next"), json!({"state": state})).await.json(422);
        assert_eq!(reply["error"], CANNOT_TRANSITION, "{state}");
    }
    assert_eq!(
        cart.guest.put(&cart.checkout("/next"), json!({"state": "shipping"})).await.json(200)["state"],
        "payment"
    );
}

#[tokio::test]
async fn a_free_order_has_no_payment_step() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(GIFT, 1)]).await;
    let steps = cart.show().await["checkout_steps"].clone();
    assert_eq!(steps, json!(["address", "delivery", "confirm", "complete"]));
    cart.next().await.json(200);
    let body = json!({"order": {"email": "a@example.com"}});
    assert_eq!(cart.guest.patch(&cart.checkout(""), body).await.json(200)["state"], "delivery");
    assert_eq!(cart.next().await.json(200)["state"], "confirm");
    let done = cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(200);
    assert_eq!((&done["state"], &done["payment_state"]), (&json!("complete"), &json!("paid")));
}

#[tokio::test]
async fn a_refused_card_sends_the_order_back_to_payment() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let pay = |number| json!({"payment_method_id": CARD, "source_attributes": card(number)});
    cart.pay(pay(REFUSED_CARD)).await.json(201);
    cart.next().await.json(200);
    let refused = cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(422);
    assert_eq!(refused, base("Bogus Gateway: Forced failure - authorize"));
    let order = cart.show().await;
    assert_eq!((&order["state"], &order["payments"][0]["state"]), (&json!("payment"), &json!("failed")));
    cart.pay(pay(VISA)).await.json(201);
    cart.next().await.json(200);
    assert_eq!(cart.guest.put(&cart.checkout("/complete"), Value::Null).await.json(200)["state"], "complete");
}
