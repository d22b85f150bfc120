//! What platforms tell: signed, once, in whatever order it comes, too much, too little and too late.

use crate::goods::*;
use crate::platform::{Message, secret_of, signature};
use crate::shop::*;
use serde_json::{Value, json};

fn lines(quantity: i64) -> Value {
    with(items(&[(ISP, quantity)]), json!({ "payment_method_id": "stripe:card" }))
}

#[tokio::test]
async fn paid_makes_services_once() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    let paid = Message::new("evt_1", 1, "paid", 700, &shop.book.of(&number));
    for (again, word) in [(false, "settled"), (true, "seen"), (true, "seen")] {
        let body = shop.tell("stripe", &paid).await.json(200);
        assert_eq!(body["result"], word, "again: {again}");
    }
    let order = shop.order("ada", &number).await;
    assert_eq!((&order["status"], &order["payment"]["status"]), (&"paid".into(), &"paid".into()));
    assert_eq!(order["created_services"].as_array().unwrap().len(), 1);
    let other_id = Message { id: "evt_2".to_owned(), sequence: 2, ..paid };
    shop.tell("stripe", &other_id).await.json(200);
    assert_eq!(
        shop.order("ada", &number).await,
        order,
        "the same money under another name is the same money"
    );
    assert_eq!(shop.balance("ada").await, 0);
    shop.audit().await;
}

#[tokio::test]
async fn a_top_up_is_credited_once() {
    let shop = Shop::open().await;
    let body = with(top_up(2_500), json!({ "payment_method_id": "coinpayments:btc" }));
    let number = shop.waiting("ada", body).await;
    let asked = shop.book.of(&number);
    for id in ["evt_1", "evt_1", "evt_2"] {
        shop.tell("coinpayments", &Message::new(id, 1, "paid", 2_500, &asked)).await.json(200);
    }
    assert_eq!(shop.balance("ada").await, 2_500);
    let order = shop.order("ada", &number).await;
    assert_eq!(
        (&order["status"], &order["order_type"], &order["credit_balance_after"], &order["credit_granted"]),
        (&"paid".into(), &"top_up".into(), &2_500.into(), &2_500.into())
    );
    assert_eq!(order["created_services"], json!([]));
    shop.audit().await;
}

#[tokio::test]
async fn too_little_is_no_service_and_the_rest_completes_it() {
    let shop = Shop::open().await;
    let body = with(items(&[(RESIDENTIAL, 2)]), json!({ "payment_method_id": "bitpay:btc" }));
    let number = shop.waiting("ada", body).await;
    let asked = shop.book.of(&number);
    shop.tell("bitpay", &Message::new("evt_1", 1, "underpaid", 1_000, &asked)).await.json(200);
    let order = shop.order("ada", &number).await;
    assert_eq!((&order["status"], &order["payment"]["received"]), (&"underpaid".into(), &1_000.into()));
    assert_eq!(order["created_services"], json!([]));
    shop.tell("bitpay", &Message::new("evt_2", 2, "paid", 1_600, &asked)).await.json(200);
    assert_eq!(shop.order("ada", &number).await["status"], "paid");
    assert_eq!(shop.balance("ada").await, 0);
    shop.audit().await;
}

#[tokio::test]
async fn too_much_and_too_late_become_credit() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    shop.tell("stripe", &Message::new("evt_1", 1, "paid", 1_000, &shop.book.of(&number))).await.json(200);
    let order = shop.order("ada", &number).await;
    assert_eq!((&order["status"], &order["credit_granted"]), (&"paid".into(), &300.into()));
    assert_eq!(shop.balance("ada").await, 300);

    let body = with(lines(2), json!({ "apply_customer_credit": false }));
    let number = shop.waiting("ada", body).await;
    let asked = shop.book.of(&number);
    shop.tell("stripe", &Message::new("evt_2", 1, "expired", 0, &asked)).await.json(200);
    assert_eq!(shop.order("ada", &number).await["status"], "failed");
    shop.tell("stripe", &Message::new("evt_3", 2, "paid", 700, &asked)).await.json(200);
    let order = shop.order("ada", &number).await;
    assert_eq!(
        (&order["status"], &order["created_services"]),
        (&"failed".into(), &json!([])),
        "credit, not service"
    );
    assert_eq!(shop.balance("ada").await, 1_000);
    shop.audit().await;
}

#[tokio::test]
async fn events_may_come_in_any_order() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    let asked = shop.book.of(&number);
    shop.tell("stripe", &Message::new("evt_3", 3, "paid", 700, &asked)).await.json(200);
    for (id, sequence, status, received) in [("evt_1", 1, "underpaid", 300), ("evt_2", 2, "declined", 0)] {
        shop.tell("stripe", &Message::new(id, sequence, status, received, &asked)).await.json(200);
    }
    assert_eq!(shop.order("ada", &number).await["status"], "paid");
    assert_eq!(shop.balance("ada").await, 0);
    shop.audit().await;
}

#[tokio::test]
async fn forged_events_change_nothing() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    let paid = Message::new("evt_1", 1, "paid", 700, &shop.book.of(&number));
    let body = paid.body("stripe");
    let now = shop.engine.now().0.div_euclid(1_000);
    let good = signature(&secret_of("stripe"), "evt_1", now, &body);
    let send = async |headers: &[(&str, &str)], platform: &str, body: &str| {
        let caller = headers.iter().fold(shop.nobody(), |caller, (name, value)| caller.header(name, value));
        caller.raw("POST", &format!("/webhook/{platform}"), "application/json", body).await
    };
    let (at, old, ahead) = (now.to_string(), (now - 301).to_string(), (now + 301).to_string());
    let of_old = signature(&secret_of("stripe"), "evt_1", now - 301, &body);
    let of_ahead = signature(&secret_of("stripe"), "evt_1", now + 301, &body);
    let of_others = signature("guess", "evt_1", now, &body);
    let more = body.replace("700", "7000");
    for (id, at, signature, body) in [
        ("evt_1", &at, &of_others, &body),
        ("evt_2", &at, &good, &body),
        ("evt_1", &old, &good, &body),
        ("evt_1", &old, &of_old, &body),
        ("evt_1", &ahead, &of_ahead, &body),
        ("evt_1", &at, &good, &more),
        ("evt_1", &at, &String::new(), &body),
        ("evt_1", &at, &good[3..].to_owned(), &body),
    ] {
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", at.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        assert_eq!(refusal(&send(&headers, "stripe", body).await), (401, "signature_invalid".to_owned()));
    }
    assert_eq!(refusal(&send(&[], "stripe", &body).await).0, 401);
    let headers =
        [("webhook-id", "evt_1"), ("webhook-timestamp", at.as_str()), ("webhook-signature", good.as_str())];
    assert_eq!(refusal(&send(&headers, "bitpay", &body).await).0, 401, "each platform has its own secret");
    assert_eq!(refusal(&send(&headers, "nobody", &body).await).0, 404);
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");
    assert_eq!(send(&headers, "stripe", &body).await.status, 200);
    assert_eq!(shop.order("ada", &number).await["status"], "paid");
}

#[tokio::test]
async fn an_event_of_nobodys_order_is_kept_and_answered() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    let mut strange = Message::new("evt_1", 1, "paid", 700, &shop.book.of(&number));
    strange.order = "ord_aaaaaaaaaaaaaaaaaaaa".to_owned();
    for word in ["parked", "seen"] {
        assert_eq!(shop.tell("stripe", &strange).await.json(200)["result"], word);
    }
    let mut no_attempt = Message::new("evt_2", 1, "paid", 700, &shop.book.of(&number));
    no_attempt.attempt = "00000000-0000-4000-8000-000000000000".to_owned();
    assert_eq!(shop.tell("stripe", &no_attempt).await.json(200)["result"], "parked");
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");
}

#[tokio::test]
async fn a_platform_speaks_for_its_own_payments_in_their_currency() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", lines(2)).await;
    let asked = shop.book.of(&number);
    let rupiah = Message { currency: "idr", ..Message::new("evt_1", 1, "paid", 700, &asked) };
    assert_eq!(shop.tell("stripe", &rupiah).await.json(200)["result"], "parked");
    let elsewhere = Message::new("evt_2", 1, "paid", 700, &asked);
    assert_eq!(shop.tell("bitpay", &elsewhere).await.json(200)["result"], "parked");
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn signed_nonsense_is_refused() {
    let shop = Shop::open().await;
    let at = shop.engine.now().0.div_euclid(1_000);
    for body in ["{}", "[]", "x", "{\"id\":5}"] {
        let caller = shop
            .nobody()
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", &at.to_string())
            .header("webhook-signature", &signature(&secret_of("stripe"), "evt_1", at, body));
        let reply = caller.raw("POST", "/webhook/stripe", "application/json", body).await;
        assert_eq!(refusal(&reply), (400, "event_unreadable".to_owned()), "{body}");
    }
}
