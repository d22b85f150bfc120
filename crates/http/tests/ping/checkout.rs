//! Stage four: a cart becomes an order. Each way of paying, each refusal, and what is held meanwhile.

use crate::goods::*;
use crate::shop::*;
use serde_json::{Value, json};

fn by(method: &str, body: Value) -> Value {
    with(body, json!({ "payment_method_id": method }))
}

#[tokio::test]
async fn a_redirect_sends_the_buyer_to_the_platform() {
    let shop = Shop::open().await;
    let body = with(by("stripe:card", items(&[(ISP, 5)])), json!({ "promotional_code": "HALFOFF" }));
    let body = with(body, json!({ "success_url": "https://app.example/done", "expected_total": 375 }));
    let placed = shop.customer("some").post(CHECKOUT, body).await.json(201);
    let data = &placed["data"];
    let number = data["order_id"].as_str().unwrap();
    assert_eq!((number.len(), &number[..4]), (24, "ord_"));
    assert_eq!(data["confirmation_url"], format!("https://shop.example/ping/1.0{ORDER}{number}"));
    assert_eq!(data["redirect_url"], format!("https://pay.example/{number}"));
    insta::assert_json_snapshot!("redirect", data, {
        ".order_id" => "[id]", ".redirect_url" => "[url]", ".confirmation_url" => "[url]", ".payment_id" => "[id]",
        ".expires_at" => "[time]", ".quote.quote_id" => "[id]", ".quote.quote_expires_at" => "[time]",
    });
    let asked = shop.book.of(number);
    assert_eq!((asked.amount, asked.method.as_str()), (375, "card"));
    assert_eq!(shop.balance("some").await, 0, "credit is held");
    shop.audit().await;
}

#[tokio::test]
async fn credit_pays_at_once() {
    let shop = Shop::open().await;
    let placed = shop.customer("rich").post(CHECKOUT, by("credit", items(&[(ISP, 2)]))).await.json(201);
    let data = &placed["data"];
    assert_eq!(
        (&data["status"], &data["flow"], &data["redirect_url"], &data["amount"], &data["credit_applied"]),
        (&"paid".into(), &"capture".into(), &Value::Null, &0.into(), &700.into())
    );
    assert_eq!(shop.balance("rich").await, 99_300);
    assert_eq!(shop.book.len(), 0);
    shop.audit().await;
}

#[tokio::test]
async fn a_saved_card_is_charged_at_once() {
    let shop = Shop::open().await;
    let apart = with(by("stripe:card", items(&[(ISP, 2)])), json!({ "saved_card_id": "card_ada_visa" }));
    for body in [by("stripe:saved_card:card_ada_visa", items(&[(ISP, 2)])), apart] {
        let placed = shop.customer("ada").post(CHECKOUT, body).await.json(201);
        assert_eq!((&placed["data"]["status"], &placed["data"]["flow"]), (&"paid".into(), &"capture".into()));
        let order = shop.order("ada", placed["data"]["order_id"].as_str().unwrap()).await;
        assert_eq!(
            (&order["payment"]["last4"], &order["payment"]["status"]),
            (&"4242".into(), &"paid".into())
        );
        assert_eq!(order["created_services"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_card_that_wants_to_see_its_owner_redirects() {
    let shop = Shop::open().await;
    let body = by("stripe:saved_card:card_ada_3ds", items(&[(ISP, 2)]));
    let placed = shop.customer("ada").post(CHECKOUT, body).await.json(201);
    let data = &placed["data"];
    assert_eq!((&data["status"], &data["flow"]), (&"awaiting_payment".into(), &"redirect".into()));
    assert!(data["redirect_url"].as_str().unwrap().starts_with("https://pay.example/"));
}

#[tokio::test]
async fn a_slow_card_is_processing_after_two_seconds_and_paid_later() {
    let shop = Shop::open().await;
    let body = by("stripe:saved_card:card_ada_slow", items(&[(ISP, 2)]));
    let placed = shop.customer("ada").post(CHECKOUT, body).await.json(201);
    assert_eq!(
        (&placed["data"]["status"], &placed["data"]["flow"]),
        (&"processing".into(), &"capture".into())
    );
    shop.settled().await;
    let order = shop.order("ada", placed["data"]["order_id"].as_str().unwrap()).await;
    assert_eq!(order["status"], "paid");
}

#[tokio::test]
async fn a_declined_card_orders_nothing_and_gives_everything_back() {
    let shop = Shop::open().await;
    let body = by("stripe:saved_card:card_ada_poor", items(&[(SCARCE, 3)]));
    let reply = shop.customer("ada").post(CHECKOUT, body).await;
    assert_eq!(refusal(&reply), (422, "payment_declined".to_owned()));
    assert_eq!(reply.json(422)["decline_code"], "insufficient_funds");
    assert!(!reply.body.contains("No money there"), "the platform's prose is not passed on");
    let quote = quote(&shop.customer("ada"), items(&[(SCARCE, 3)])).await;
    assert_eq!(quote["is_valid"], true, "the goods are there again");
    let orders = shop.customer("ada").get("/private/user/order/search").await.json(200);
    assert_eq!((&orders["total_count"], &orders["data"][0]["status"]), (&1.into(), &"failed".into()));
    shop.audit().await;
}

#[tokio::test]
async fn a_top_up_is_paid_at_a_platform() {
    let shop = Shop::open().await;
    let placed = shop.customer("ada").post(CHECKOUT, by("coinpayments:btc", top_up(2_500))).await.json(201);
    assert_eq!(
        (&placed["data"]["order_type"], &placed["data"]["status"], &placed["data"]["amount"]),
        (&"top_up".into(), &"awaiting_payment".into(), &2_500.into())
    );
    assert_eq!(shop.book.of(placed["data"]["order_id"].as_str().unwrap()).method, "btc");
}

#[tokio::test]
async fn a_way_of_paying_may_be_refused() {
    let shop = Shop::open().await;
    let two = items(&[(ISP, 2)]);
    for (name, ip, body, status, code) in [
        ("ada", "8.8.8.8", two.clone(), 400, "payment_method_required"),
        ("ada", "8.8.8.8", by("stripe:cash", two.clone()), 422, "unknown_payment_method"),
        ("ada", "8.8.8.8", by("check", two.clone()), 422, "unknown_payment_method"),
        ("ada", "8.8.8.8", by("bitpay:saved_card:card_ada_visa", two.clone()), 422, "unknown_payment_method"),
        ("ada", "8.8.8.8", by("stripe:saved_card:card_nobody", two.clone()), 404, "not_found"),
        ("rich", "8.8.8.8", by("stripe:saved_card:card_ada_visa", two.clone()), 404, "not_found"),
        (
            "rich",
            "8.8.8.8",
            with(by("stripe:card", two.clone()), json!({ "saved_card_id": "card_ada_visa" })),
            404,
            "not_found",
        ),
        (
            "ada",
            "8.8.8.8",
            by("stripe:saved_card:card_ada_old", two.clone()),
            422,
            "payment_method_not_allowed",
        ),
        ("ada", "36.72.0.1", by("bitpay:btc", two.clone()), 422, "payment_method_not_allowed"),
        ("ada", "5.160.0.1", by("stripe:card", two.clone()), 422, "payment_method_not_allowed"),
        ("blocked", "8.8.8.8", by("stripe:card", two.clone()), 422, "payment_method_not_allowed"),
        ("ada", "8.8.8.8", by("credit", two.clone()), 422, "payment_method_not_allowed"),
        ("rich", "8.8.8.8", by("credit", top_up(2_500)), 422, "payment_method_not_allowed"),
        ("rich", "8.8.8.8", by("stripe:card", two.clone()), 422, "payment_method_not_allowed"),
    ] {
        let reply = shop.customer_at(name, ip).post(CHECKOUT, body.clone()).await;
        assert_eq!(refusal(&reply), (status, code.to_owned()), "{name} {ip} {body}");
    }
    assert_eq!(shop.book.len(), 0, "no platform was asked");
    assert_eq!(shop.balance("rich").await, 100_000);
    shop.audit().await;
}

#[tokio::test]
async fn what_no_quote_is_made_of_is_not_bought_either() {
    let shop = Shop::open().await;
    let two = items(&[(ISP, 2)]);
    for (name, ip, body, status, code) in [
        ("ada", "8.8.8.8", by("stripe:card", items(&[(SCARCE, 4)])), 409, "insufficient_stock"),
        (
            "ada",
            "8.8.8.8",
            with(by("stripe:card", two.clone()), json!({ "expected_total": 699 })),
            409,
            "price_changed",
        ),
        (
            "ada",
            "8.8.8.8",
            with(by("stripe:card", two.clone()), json!({ "success_url": "javascript:alert(1)" })),
            400,
            "invalid_url",
        ),
        (
            "ada",
            "8.8.8.8",
            by("stripe:card", items(&[(ISP, 1), (DATACENTER, 1)])),
            422,
            "multiple_service_types",
        ),
        ("ada", "8.8.8.8", by("stripe:card", items(&[("price_nowhere", 1)])), 422, "price_not_found"),
        ("ada", "8.8.8.8", by("stripe:card", items(&[("price_credit", 1)])), 422, "use_top_up"),
        (
            "ada",
            "8.8.8.8",
            by("stripe:card", items(&[(DATACENTER, 1), (DATACENTER_YEAR, 1)])),
            422,
            "mixed_billing_cycles",
        ),
        ("ada", "8.8.8.8", by("stripe:card", top_up(499)), 422, "top_up_amount_out_of_range"),
        ("ada", "8.8.8.8", by("stripe:card", json!({})), 400, "line_items_or_top_up_required"),
        (
            "ada",
            "8.8.8.8",
            by("stripe:card", with(two.clone(), top_up(2_500))),
            400,
            "line_items_or_top_up_required",
        ),
        (
            "ada",
            "8.8.8.8",
            with(by("stripe:card", two.clone()), json!({ "currency": "eur" })),
            422,
            "currency_not_supported",
        ),
    ] {
        let reply = shop.customer_at(name, ip).post(CHECKOUT, body.clone()).await;
        assert_eq!(refusal(&reply), (status, code.to_owned()), "{name} {ip} {body}");
    }
    assert_eq!(shop.book.len(), 0, "no platform was asked");
    assert_eq!(shop.balance("rich").await, 100_000);
    shop.audit().await;
}

#[tokio::test]
async fn a_method_is_refused_with_the_words_of_the_cart_route() {
    let shop = Shop::open().await;
    let caller = shop.customer_at("ada", "36.72.0.1");
    let judged = validated(&caller, items(&[(RESIDENTIAL, 1)])).await;
    for id in ["bitpay:btc", "coinpayments:eth", "paypal:wallet", "stripe:saved_card:card_ada_old"] {
        let listed = row(&judged["disallowed_payment_methods"], id).unwrap();
        let refused = caller.post(CHECKOUT, by(id, items(&[(RESIDENTIAL, 1)]))).await.json(422);
        for key in ["reason_code", "reason", "reason_codes"] {
            assert_eq!(refused[key], listed[key], "{id} {key}");
        }
    }
}

#[tokio::test]
async fn what_was_allowed_can_be_bought_with_its_token() {
    let shop = Shop::open().await;
    let body = with(items(&[(RESIDENTIAL, 2)]), json!({ "promotional_code": "HALFOFF" }));
    let judged = validated(&shop.customer("some"), body.clone()).await;
    let more = json!({
        "payment_validation_token": judged["payment_validation_token"],
        "expected_total": judged["total_after_applied_credit"],
    });
    for method in judged["allowed_payment_methods"].as_array().unwrap() {
        let id = method["payment_method_id"].as_str().unwrap();
        let shop = Shop::open().await;
        let placed = shop.customer("some").post(CHECKOUT, with(by(id, body.clone()), more.clone())).await;
        assert_eq!(placed.status, 201, "{id} {}", placed.body);
    }
}

#[tokio::test]
async fn the_same_key_buys_once() {
    let shop = Shop::open().await;
    let rich = shop.customer("rich").header("Idempotency-Key", "one");
    let body = by("credit", items(&[(ISP, 2)]));
    let first = rich.post(CHECKOUT, body.clone()).await;
    let again = rich.post(CHECKOUT, body.clone()).await;
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(shop.balance("rich").await, 99_300);
    let other = rich.post(CHECKOUT, by("credit", items(&[(ISP, 3)]))).await;
    assert_eq!(refusal(&other), (422, "idempotency_key_reused".to_owned()));
    let somebody = shop.customer("some").header("Idempotency-Key", "one");
    let theirs = somebody.post(CHECKOUT, by("credit", items(&[(DATACENTER, 1)]))).await;
    assert_eq!(theirs.status, 201, "another customer's key is another key: {}", theirs.body);
    shop.clock.advance_seconds(24 * 3_600 + 1);
    let late = rich.post(CHECKOUT, body).await;
    assert_eq!((late.status, late.header("idempotent-replayed")), (201, None));
}

#[tokio::test]
async fn a_kept_refusal_is_told_again_with_the_id_of_its_own_request() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada").header("Idempotency-Key", "poor");
    let body = by("stripe:saved_card:card_ada_poor", items(&[(ISP, 2)]));
    let (first, again) = (ada.post(CHECKOUT, body.clone()).await, ada.post(CHECKOUT, body).await);
    assert_eq!(
        (refusal(&first), refusal(&again)),
        ((422, "payment_declined".into()), (422, "payment_declined".into()))
    );
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    assert_eq!(shop.book.len(), 1, "the card was asked once");
}

#[tokio::test]
async fn wishes_and_codes_stay_with_the_order() {
    let shop = Shop::open().await;
    let wish = json!({ "city": "Seattle" });
    let body = json!({
        "line_items": [{ "price_id": ISP, "quantity": 4, "service_fulfillment_filter": wish }],
        "promotional_code": "halfoff", "payment_method_id": "credit",
    });
    let placed = shop.customer("rich").post(CHECKOUT, body).await.json(201);
    let order = shop.order("rich", placed["data"]["order_id"].as_str().unwrap()).await;
    assert_eq!(order["line_items"][0]["service_fulfillment_filter"], wish);
    assert_eq!((&order["promotional_code"], &order["discount"]), (&"HALFOFF".into(), &700.into()));
}
