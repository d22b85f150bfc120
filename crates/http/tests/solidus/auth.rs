//! Who gets in, in which order credentials are looked at, and what each may do.

use crate::support::*;
use http_api::server::{Authentication, Config, GuestOrders};
use serde_json::{Value, json};

#[tokio::test]
async fn keys_are_asked_for_checked_and_echoed() {
    let shop = Shop::open().await;
    let no_key = json!({"error": "You must specify an API key."});
    assert_eq!(shop.nobody().get("/orders").await.json(401), no_key);
    let bad = json!({"error": "Invalid API key (fake_key) specified."});
    assert_eq!(shop.nobody().key("fake_key").get("/orders").await.json(401), bad);
    assert_eq!(shop.nobody().get("/orders?token=fake_key").await.json(401), bad);
    assert_eq!(
        shop.nobody().header("Authorization", "Token customer-key").get("/orders/mine").await.json(401),
        no_key
    );
    assert_eq!(shop.customer().get("/orders").await.json(401), unauthorized());
    shop.nobody().get("/orders/mine?token=customer-key").await.json(200);
    shop.admin().get("/orders").await.json(200);
}

#[tokio::test]
async fn an_order_is_seen_by_its_owner_staff_and_whoever_has_its_secret() {
    let shop = Shop::open().await;
    let order = shop.customer().post("/orders", json!({})).await.json(201);
    let path = format!("/orders/{}", order["number"].as_str().unwrap());
    let secret = order["token"].as_str().unwrap();
    assert_eq!(order["user_id"], 1002);
    assert_eq!(order["email"], "customer@example.com");
    for (caller, can_update) in [
        (shop.customer(), true),
        (shop.admin(), true),
        (shop.nobody().token(secret), false),
        (shop.other().token(secret), false),
        (shop.nobody().key("unknown").token(secret), false),
    ] {
        let seen = caller.get(&path).await.json(200);
        assert_eq!(seen["permissions"]["can_update"], can_update);
    }
    shop.nobody().get(&format!("{path}?order_token={secret}")).await.json(200);
    shop.nobody().token(&hex(secret)).get(&path).await.json(200);
    assert_eq!(shop.other().get(&path).await.json(401), unauthorized());
    for wrong in ["NOT_A_TOKEN", "AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(shop.nobody().token(wrong).get(&path).await.json(401), unauthorized());
        shop.customer().token(wrong).get(&path).await.json(200);
    }
}

fn hex(secret: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn unknown_orders_are_404_with_a_key_and_401_with_a_secret() {
    let shop = Shop::open().await;
    assert_eq!(shop.customer().get("/orders/R000000000").await.json(404), not_found());
    assert_eq!(shop.nobody().token("x").get("/orders/R000000000").await.json(401), unauthorized());
    assert_eq!(shop.customer().get("/orders/R000000000/payments").await.json(401), unauthorized());
}

#[tokio::test]
async fn a_secret_without_an_order_opens_nothing() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    for path in ["/orders/current", "/orders/mine", "/shipments/mine", "/orders"] {
        assert_eq!(cart.guest.get(path).await.json(401), unauthorized(), "{path}");
    }
    shop.customer().get("/orders/current").await.json(204);
}

#[tokio::test]
async fn a_shop_decides_whether_guests_begin_orders_and_whether_keys_are_needed() {
    let closed = Shop::with(Config { guest_orders: GuestOrders::Refused, ..Config::default() }).await;
    closed.nobody().post("/orders", json!({})).await.json(401);
    closed.customer().post("/orders", json!({})).await.json(201);
    let open = Config {
        guest_orders: GuestOrders::Refused,
        authentication: Authentication::Optional,
        ..Config::default()
    };
    let open = Shop::with(open).await;
    open.nobody().post("/orders", json!({})).await.json(201);
    assert_eq!(open.nobody().get("/orders").await.json(401), unauthorized());
    open.nobody().key("wrong").post("/orders", json!({})).await.json(401);
}

#[tokio::test]
async fn a_complete_order_is_closed_to_its_buyer_and_open_to_staff() {
    let shop = Shop::open().await;
    let cart = shop.order_in("complete").await;
    let line = cart.show().await["line_items"][0]["id"].clone();
    let tries = [
        ("PUT", cart.order("")),
        ("PUT", cart.order("/empty")),
        ("PUT", cart.order("/cancel")),
        ("PUT", cart.checkout("")),
        ("PUT", cart.checkout("/next")),
        ("PUT", cart.checkout("/complete")),
        ("POST", cart.order("/line_items")),
        ("DELETE", cart.order(&format!("/line_items/{line}"))),
        ("POST", cart.order("/coupon_codes")),
    ];
    for (method, path) in &tries {
        let reply = cart.guest.raw(method, path, "application/json", "{}").await;
        assert_eq!(reply.json(401), unauthorized(), "{method} {path}");
    }
    shop.admin().put(&cart.checkout("/complete"), Value::Null).await.json(422);
    shop.admin().put(&cart.checkout(""), json!({})).await.json(200);
    let canceled = shop.admin().put(&cart.order("/cancel"), Value::Null).await.json(200);
    assert_eq!((&canceled["state"], &canceled["canceler_id"]), (&json!("canceled"), &json!(1001)));
}

#[tokio::test]
async fn staff_work_is_refused_to_everyone_else() {
    let shop = Shop::open().await;
    let cart = shop.order_in("complete").await;
    let order = cart.show().await;
    let shipment = order["shipments"][0]["number"].as_str().unwrap();
    let payment = &order["payments"][0]["id"];
    let paths = [
        ("PUT", format!("/shipments/{shipment}")),
        ("PUT", format!("/shipments/{shipment}/ready")),
        ("PUT", format!("/shipments/{shipment}/ship")),
        ("PUT", format!("/shipments/{shipment}/add")),
        ("PUT", format!("/shipments/{shipment}/remove")),
        ("POST", "/shipments".to_owned()),
        ("POST", "/shipments/transfer_to_location".to_owned()),
        ("PUT", cart.order(&format!("/payments/{payment}"))),
        ("PUT", cart.order(&format!("/payments/{payment}/capture"))),
        ("GET", cart.order("/return_authorizations")),
        ("POST", cart.order("/customer_returns")),
    ];
    for (method, path) in &paths {
        for caller in [shop.customer(), cart.guest.clone()] {
            let reply = caller.raw(method, path, "application/json", "{}").await;
            assert_eq!(reply.json(401), unauthorized(), "{method} {path}");
        }
    }
}
