//! One PUT is: take in what is given, then one step, or say why not.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

const NO_RATES: &str = "We are unable to calculate shipping rates for the selected items.";

#[tokio::test]
async fn every_guard_has_its_sentence() {
    let shop = Shop::open().await;
    let empty = Order::of(customer(&shop), &[]).await;
    let no_items = "There are no items for this order. Please add an item to the order to continue.";
    assert_eq!(empty.put(Value::Null).await.json(422), stuck(no_items));
    assert_eq!(empty.member("next").await.json(422), stuck(no_items));

    let order = Order::at(&shop, "address").await;
    assert_eq!(order.put(Value::Null).await.json(422), stuck(NO_RATES));
    let mut far = home();
    (far["country_id"], far["state_name"]) = (json!(250), json!("Île-de-France"));
    let body = json!({"order": {"ship_address_attributes": far, "email": "far@example.com"}});
    assert_eq!(order.put(body).await.json(422), stuck(NO_RATES));
    let shown = order.show().await;
    assert_eq!((&shown["state"], &shown["shipments"]), (&json!("address"), &json!([])));
    assert_eq!(
        (&shown["email"], &shown["ship_address"]["country_id"]),
        (&json!("far@example.com"), &json!(250))
    );

    let order = Order::at(&shop, "payment").await;
    assert_eq!(order.member("next").await.json(422), stuck("No payment found"));
    assert_eq!(order.put(json!({"order": {}})).await.json(422), stuck("No payment found"));
    assert_eq!(order.show().await["state"], "payment");
}

#[tokio::test]
async fn a_bill_address_is_not_needed_and_may_be_copied() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "address").await;
    let shown = order.put(json!({"order": {"ship_address_attributes": home()}})).await.json(200);
    assert_eq!((&shown["state"], &shown["bill_address"]), (&json!("delivery"), &Value::Null));

    let order = Order::at(&shop, "address").await;
    let body = json!({"order": {"bill_address": home(), "use_billing": "1"}});
    let shown = order.put(body).await.json(200);
    assert_eq!((&shown["state"], &shown["ship_address"]["firstname"]), (&json!("delivery"), &json!("Ada")));
}

#[tokio::test]
async fn addresses_are_faulted_by_field_and_both_at_once() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "address").await;
    let (mut bill, mut ship) = (home(), home());
    (bill["firstname"], bill["phone"]) = (json!(""), json!(""));
    (ship["lastname"], ship["city"], ship["state_name"]) = (json!(" "), json!(""), json!(""));
    let body = json!({"order": {"bill_address_attributes": bill, "ship_address_attributes": ship}});
    let blank = json!(["can't be blank"]);
    let errors = json!({
        "bill_address.firstname": blank, "bill_address.phone": blank,
        "ship_address.lastname": blank, "ship_address.city": blank, "ship_address.state": blank,
    });
    assert_eq!(order.put(body).await.json(422), json!({"error": INVALID, "errors": errors}));
    assert_eq!(order.show().await["state"], "address");
}

#[tokio::test]
async fn the_same_attributes_count_in_every_state() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "delivery").await;
    let body = json!({"order": {
        "email": "late@example.com", "special_instructions": "Ring twice", "line_items": {"0": {"quantity": 9}},
        "payments_attributes": [{"payment_method_id": CHECK, "amount": "0.01"}], "user_id": 1001, "unknown": 1,
    }});
    let shown = order.put(body).await.json(200);
    assert_eq!((&shown["state"], &shown["email"]), (&json!("payment"), &json!("late@example.com")));
    assert_eq!(shown["special_instructions"], "Ring twice");
    assert_eq!((&shown["total_quantity"], &shown["user_id"]), (&json!(1), &json!(1002)));
    assert_eq!(shown["payments"][0]["amount"], shown["total"]);
    let kept = order.put(json!({"order": {"email": null, "special_instructions": null}})).await.json(200);
    assert_eq!((&kept["state"], &kept["email"]), (&json!("complete"), &json!("late@example.com")));
}

#[tokio::test]
async fn without_a_card_there_is_no_confirm() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let by_check = json!({"order": {"payments_attributes": [{"payment_method_id": CHECK}]}});
    let shown = order.put(by_check).await.json(200);
    assert_eq!((&shown["state"], &shown["payments"][0]["source"]), (&json!("complete"), &Value::Null));
    assert_eq!(shown["checkout_steps"], json!(["address", "delivery", "payment", "complete"]));

    let free = Order::of(customer(&shop), &[(GIFT, 1)]).await;
    free.put(Value::Null).await.json(200);
    assert_eq!(free.put(Value::Null).await.json(200)["state"], "delivery");
    assert_eq!(free.put(Value::Null).await.json(200)["state"], "complete");
}

#[tokio::test]
async fn a_refused_card_leaves_the_order_where_it_is() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    assert_eq!(order.pay(REFUSED_CARD).await.json(200)["state"], "confirm");
    let refused = order.put(Value::Null).await.json(422);
    assert_eq!(refused["error"], CANNOT_TRANSITION);
    assert!(refused["errors"]["base"][0].as_str().unwrap().starts_with("Bogus Gateway: Forced failure"));
    let shown = order.show().await;
    assert_eq!((&shown["state"], &shown["payments"][0]["state"]), (&json!("confirm"), &json!("failed")));
    assert_eq!(order.put(Value::Null).await.json(422), stuck("No payment found"));
    let rescue = json!({
        "state": "payment", "order": {"payments_attributes": [{"payment_method_id": CARD}]},
        "payment_source": {CARD.to_string(): card(VISA)},
    });
    assert_eq!(order.put(rescue).await.json(200)["state"], "confirm");
    assert_eq!(order.put(Value::Null).await.json(200)["state"], "complete");
}

#[tokio::test]
async fn an_incomplete_card_is_told_by_field() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let body = json!({
        "order": {"payments_attributes": [{"payment_method_id": CARD}]},
        "payment_source": {CARD.to_string(): {"name": "Ada"}},
    });
    let messages = json!([
        "Number can't be blank",
        "Month is not a number",
        "Year is not a number",
        "Verification Value can't be blank",
    ]);
    let refused = order.put(body).await.json(422);
    assert_eq!(refused, json!({"error": INVALID, "errors": {"payments.Credit Card": messages}}));
    let unknown = json!({"order": {"payments_attributes": [{"payment_method_id": 99}]}});
    assert_eq!(order.put(unknown).await.json(404), not_found());
}

#[tokio::test]
async fn a_card_given_on_another_order_can_be_used_again() {
    let shop = Shop::open().await;
    let first = Order::at(&shop, "confirm").await.show().await;
    let card = &first["credit_cards"][0]["id"];
    let second = Order::at(&shop, "payment").await;
    let shown = second.put(json!({"order": {"existing_card": card}})).await.json(200);
    assert_eq!((&shown["state"], &shown["payments"][0]["source"]["id"]), (&json!("confirm"), card));
    assert_eq!(shown["payments"][0]["amount"], shown["total"]);
    assert_eq!(second.put(Value::Null).await.json(200)["state"], "complete");

    let stranger = Order::of(keyed(&shop, OTHER_KEY), &[(MUG, 1)]).await;
    stranger.walk_to("payment").await;
    let refused = stranger.put(json!({"order": {"existing_card": card}})).await;
    assert_eq!(refused.json(422)["errors"], json!({"base": ["Invalid credit card."]}));
    stranger.put(json!({"order": {"existing_card": 999_999}})).await.json(404);
    assert_eq!(stranger.show().await["state"], "payment");
}

#[tokio::test]
async fn an_item_that_ran_out_stops_every_call() {
    let shop = Shop::open().await;
    let order = Order::of(customer(&shop), &[(RARE, 3)]).await;
    let left = json!({"stock_item": {"count_on_hand": 1, "force": true}});
    admin(&shop).put("/stock_items/3", left).await.json(200);
    let gone = json!({"error": "An item in your cart has become unavailable."});
    assert_eq!(order.put(Value::Null).await.json(422), gone);
    assert_eq!(order.member("next").await.json(422), gone);
    assert_eq!(order.member("advance").await.json(422), gone);
    assert_eq!(order.show().await["state"], "cart");
}

#[tokio::test]
async fn state_goes_back_first_and_never_forward() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "confirm").await;
    assert_eq!(order.put(json!({"state": "delivery"})).await.json(200)["state"], "payment");
    let order = Order::at(&shop, "address").await;
    for state in ["payment", "confirm", "complete", "canceled", "nonsense"] {
        let refused = order.put(json!({"state": state})).await.json(422);
        assert_eq!(refused["error"], CANNOT_TRANSITION, "{state}");
    }
    assert_eq!(order.show().await["state"], "address");
}

#[tokio::test]
async fn advance_goes_as_far_as_it_can_and_never_complains() {
    let shop = Shop::open().await;
    let empty = Order::of(customer(&shop), &[]).await;
    assert_eq!(empty.member("advance").await.json(200)["state"], "cart");
    let order = Order::at(&shop, "cart").await;
    assert_eq!(order.member("advance").await.json(200)["state"], "address");
    order.give_address().await.json(200);
    assert_eq!(order.member("advance").await.json(200)["state"], "payment");
    order.pay(REFUSED_CARD).await.json(200);
    let stays = order.member("advance").await.json(200);
    assert_eq!((&stays["state"], &stays["completed_at"]), (&json!("confirm"), &Value::Null));
    order
        .put(json!({"state": "payment", "order": {"payments_attributes": {
            "payment_method_id": CARD, "source_attributes": card(VISA),
        }}}))
        .await
        .json(200);
    assert_eq!(order.member("advance").await.json(200)["state"], "complete");
}

#[tokio::test]
async fn a_changed_cart_starts_again_at_the_address() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let line = json!({"line_item": {"variant_id": SHIRT}});
    order.by.post(&order.path("/line_items"), line).await.json(201);
    let shown = order.show().await;
    assert_eq!((&shown["state"], &shown["shipments"]), (&json!("address"), &json!([])));
    assert_eq!(shown["ship_total"], "0.0");
    order.by.put(&order.path("/empty"), Value::Null).await.json(204);
    assert_eq!(order.show().await["line_items"], json!([]));
}
