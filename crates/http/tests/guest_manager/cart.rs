//! Beginning an order, and what is in it.

use crate::office::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_order_is_shown_whole() {
    let office = Office::open().await;
    let order = office
        .order_with(&[(FORMED, 2)], json!({"phone_number": "12068423456", "phone_number_country": "us"}))
        .await;
    for (key, value) in [
        ("state", json!("cart")),
        ("currency", json!("USD")),
        ("item_count", json!(2)),
        ("guest_checkout", json!(true)),
        ("first_name", json!("Ada")),
        ("email", json!("ada@example.com")),
        ("phone_number", json!("+12068423456")),
        ("phone_number_country", json!("US")),
        ("payment_state", Value::Null),
        ("completed_at", Value::Null),
        ("bill_address_id", Value::Null),
        ("total", json!({"decimal": "40.0", "amount": 4000, "formatted": "$40.00"})),
        ("promo_total", json!({"decimal": "0.0", "amount": 0, "formatted": "$0.00"})),
        ("checkout_steps", json!(["address", "form", "payment", "complete"])),
        ("checkout_customization_id", json!(1)),
        ("metadata", json!({})),
        ("version", json!(1)),
    ] {
        assert_eq!(order[key], value, "{key}");
    }
    let line = &order["line_items"][0];
    assert_eq!(line["subtotal"]["amount"], 4000);
    assert_eq!(line["amount"], line["subtotal"]);
    assert_eq!(
        (line["price"]["decimal"].as_str(), line["availability"].as_str()),
        (Some("20.0"), Some("selling"))
    );
    assert_eq!(line["ticket_ids"].as_array().unwrap().len(), 2);
    let ticket = &order["tickets"][0];
    assert_eq!(ticket["number"].as_str().unwrap().len(), 24);
    assert_eq!(ticket["barcode_id"].as_str().unwrap().len(), 16);
    assert_eq!((ticket["status"].as_str(), &ticket["links"]["pdf"]), (Some("pending"), &Value::Null));
    assert_eq!(order["responses"], order["form_responses"]);
    let answer = &order["responses"][0]["answers"][1];
    assert_eq!(answer["field"]["type"], "multiple_choice");
    assert_eq!(answer["field"]["options"][0]["id"], 784);
    assert_eq!(order["payment_methods"][0]["type"], "Gateway::Test");
    assert_eq!(order["payment_methods"][1]["type"], "Gateway::Manual");
    assert!(order["created_at"].as_str().unwrap().ends_with("000Z"));
    for link in ["cart", "checkout"] {
        let link = order["links"][link].as_str().unwrap();
        assert!(
            link.starts_with("http://127.0.0.1:") && link.contains(order["guest_token"].as_str().unwrap()),
            "{link}"
        );
    }
}

#[tokio::test]
async fn a_new_order_needs_guest_checkout_and_a_currency() {
    let office = Office::open().await;
    let post = async |body: Value| office.api().post("/orders", body).await;
    assert_eq!(post(json!({})).await.json(400)["type"], "parameter_missing");
    let standard = post(json!({"order": {"currency": "USD"}})).await.json(400);
    assert_eq!(standard["type"], "guest_checkout_required");
    let none = post(json!({"order": {"guest_checkout": true}})).await.json(422);
    assert_eq!(codes(&none["errors"], "currency"), ["blank"]);
    for currency in ["XXX1", "EUR"] {
        let other = post(json!({"order": {"guest_checkout": true, "currency": currency}})).await.json(422);
        assert_eq!(codes(&other["errors"], "currency"), ["inclusion"], "{currency}");
    }
    let unpermitted =
        post(json!({"order": {"guest_checkout": true, "currency": "USD", "total": 1, "state": "x"}}));
    let unpermitted = unpermitted.await.json(400);
    assert_eq!(unpermitted["type"], "unpermitted_parameters");
    assert_eq!(unpermitted["detail"]["params"], json!(["state", "total"]));
}

#[tokio::test]
async fn a_new_order_may_begin_its_checkout_at_once() {
    let office = Office::open().await;
    let mut order = buyer();
    order["currency"] = json!("USD");
    order["guest_checkout"] = json!(true);
    order["line_items"] = json!([{"variant_id": NAMED, "quantity": 1}]);
    let body = json!({"order": order, "transition_order": true});
    let begun = office.api().header("Idempotency-Key", "k").post("/orders", body.clone()).await.json(201);
    assert_eq!(begun["state"], "tickets");
    let again = office.api().header("Idempotency-Key", "k").post("/orders", body).await.json(201);
    assert_eq!((&again["id"], &again["version"]), (&begun["id"], &begun["version"]));
}

#[tokio::test]
async fn phone_numbers_need_their_country() {
    let office = Office::open().await;
    for (guest, attribute, code) in [
        (json!({"phone_number": "2068423456"}), "phone_number_country", "blank"),
        (json!({"phone_number": "none", "phone_number_country": "US"}), "phone_number", "invalid"),
        (
            json!({"phone_number": "2068423456", "phone_number_country": "ZZ"}),
            "phone_number_country",
            "inclusion",
        ),
        (json!({"email": "nobody"}), "email", "invalid"),
    ] {
        let refused = office.post(guest).await.json(422);
        assert_eq!(codes(&refused["errors"], attribute), [code]);
    }
}

#[tokio::test]
async fn lines_are_added_changed_and_removed() {
    let office = Office::open().await;
    let order = office.order(&[(NAMED, 1)]).await;
    let send = async |method: &str, rest: &str, body: Value| {
        office.api().raw(method, &path(&order, rest), "application/json", &body.to_string()).await
    };
    let named = json!({"variant_id": NAMED, "quantity": 2});
    let more = send("POST", "/line_items/add", named).await.json(200);
    assert_eq!((more["item_count"].as_i64(), more["tickets"].as_array().unwrap().len()), (Some(3), 3));
    let line = more["line_items"][0]["id"].as_i64().unwrap();
    let fewer =
        send("POST", "/line_items/remove", json!({"variant_id": NAMED, "quantity": 1})).await.json(200);
    assert_eq!(fewer["item_count"], 2);
    let below =
        send("POST", "/line_items/remove", json!({"variant_id": NAMED, "quantity": 3})).await.json(422);
    assert_eq!(
        (below["model"].as_str(), codes(&below["errors"], "quantity")),
        (Some("LineItem"), vec!["greater_than".to_owned()])
    );
    let set =
        send("PATCH", &format!("/line_items/{line}"), json!({"line_item": {"quantity": 4}})).await.json(200);
    assert_eq!(set["item_count"], 4);
    send("PATCH", &format!("/line_items/{line}"), json!({"line_item": {"quantity": -1}})).await.json(422);
    send("PATCH", &format!("/line_items/{line}"), json!({"line_item": {"price": 1}})).await.json(400);
    send("PATCH", "/line_items/424242", json!({"line_item": {"quantity": 1}})).await.json(404);
    let edit = json!({"order": {"line_items": [{"id": line, "quantity": 1}, {"variant_id": FREE}]}});
    let edited = send("PATCH", "", edit).await.json(200);
    assert_eq!(edited["line_items"].as_array().unwrap().len(), 2);
    let unknown =
        send("PATCH", "", json!({"order": {"line_items": [{"id": 424242, "quantity": 1}]}})).await.json(422);
    assert_eq!(
        codes(&unknown["errors"]["associations"]["line_items"]["424242"]["errors"], "id"),
        ["not_found"]
    );
    let gone = send("DELETE", &format!("/line_items/{line}"), Value::Null).await.json(200);
    assert_eq!(gone["line_items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_had_cannot_be_added() {
    let office = Office::open().await;
    let order = office.order(&[]).await;
    for (variant, quantity, attribute, code) in [
        (OFF, 1, "variant_id", "not_available"),
        (LATER, 1, "variant_id", "not_available"),
        (424_242, 1, "variant_id", "not_available"),
        (GONE, 1, "quantity", "sold_out"),
        (FEW, 6, "quantity", "sold_out"),
    ] {
        let body = json!({"variant_id": variant, "quantity": quantity});
        let refused = office.api().post(&path(&order, "/line_items/add"), body).await.json(422);
        let line = &refused["errors"]["associations"]["line_items"]["0"];
        assert_eq!(line["model"], "LineItem", "{refused}");
        assert_eq!(codes(&line["errors"], attribute), [code], "{variant}");
    }
    assert_eq!(office.get(&order).await["version"], order["version"]);
}

#[tokio::test]
async fn what_is_in_a_cart_is_there_for_nobody_else() {
    let office = Office::open().await;
    let first = office.order(&[(FEW, 3)]).await;
    let second = office.order(&[(FEW, 2)]).await;
    let refused = office.post(json!({"line_items": [{"variant_id": FEW, "quantity": 1}]})).await.json(422);
    let detail = &refused["errors"]["associations"]["line_items"]["0"]["errors"]["attributes"][0]["detail"];
    assert_eq!(*detail, json!({"requested": 1, "available": 0}));
    office.api().patch(&path(&second, "/cancel"), Value::Null).await.json(200);
    let third = office.order(&[(FEW, 2)]).await;
    assert_eq!((first["item_count"].as_i64(), third["item_count"].as_i64()), (Some(3), Some(2)));
}

#[tokio::test]
async fn fees_are_adjustments_of_their_line() {
    let office = Office::open().await;
    let order = office.order(&[(FEE, 2)]).await;
    let fee = &order["adjustments"][0];
    assert_eq!(
        (fee["source_type"].as_str(), fee["adjustable_type"].as_str(), fee["amount"]["amount"].as_i64()),
        (Some("ServiceFeeRate"), Some("LineItem"), Some(290))
    );
    assert_eq!(
        (order["adjustment_total"]["amount"].as_i64(), order["total"]["amount"].as_i64()),
        (Some(290), Some(3290))
    );
}

#[tokio::test]
async fn coupons_come_and_go() {
    let office = Office::open().await;
    let order = office.order(&[(FEE, 1)]).await;
    let apply = async |code: &str| {
        office.api().patch(&path(&order, "/apply_coupon_code"), json!({"coupon_code": code})).await
    };
    let applied = apply("TENOFF").await.json(200);
    assert_eq!(applied["promo_total"], json!({"decimal": "-1.5", "amount": -150, "formatted": "$-1.50"}));
    assert_eq!(applied["promotions"][0]["code"], "tenoff");
    for (code, expected) in [
        ("tenoff", "already_applied"),
        ("nothing", "not_found"),
        ("expired", "expired"),
        ("big100", "ineligible"),
    ] {
        let refused = apply(code).await.json(422);
        assert_eq!(codes(&refused["errors"], "coupon_code"), [expected], "{code}");
    }
    let without = office.api().delete(&path(&order, "/coupon_codes/tenoff")).await.json(200);
    assert_eq!(without["promo_total"]["amount"], 0);
}

#[tokio::test]
async fn a_version_that_is_stated_must_be_the_orders() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let edit = json!({"order": {"metadata": {"seat": "A1"}}});
    let stale =
        office.api().header("If-Match", "\"7\"").patch(&path(&order, ""), edit.clone()).await.json(412);
    assert_eq!(stale["type"], "stale_order");
    let edited = office.api().header("If-Match", "\"1\"").patch(&path(&order, ""), edit).await.json(200);
    assert_eq!((&edited["metadata"], edited["version"].as_i64()), (&json!({"seat": "A1"}), Some(2)));
}
