//! What is wrong with a request before its fields are.

use crate::browser::Browser;
use crate::rows::SHIRT;
use crate::shop::{INDEX, Shop, path};
use http_api::server::{Config, Throttle};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn methods_that_are_not_served_are_named_with_those_that_are() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    for (method, path, allow) in [
        ("GET", "/orders/checkout-provider/", "POST"),
        ("PUT", "/orders/checkout-provider/", "POST"),
        ("DELETE", "/orders/checkout-provider-list/", "GET,HEAD"),
        ("POST", "/orders/checkout-provider-cancel/", "GET,HEAD"),
    ] {
        let reply = browser.send(method, path, "", "").await;
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
        assert_eq!(reply.is(405), json!({"detail": format!("Method \"{method}\" not allowed.")}));
    }
    assert_eq!(browser.get("/orders/nothing/").await.is(404), json!({"detail": "Not found."}));
}

#[tokio::test]
async fn bodies_are_json_objects_of_a_bounded_size() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let send = async |kind: &str, body: &str| buyer.browser.send("POST", &path(INDEX), kind, body).await;
    for kind in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ] {
        let detail = format!("Unsupported media type \"{}\" in request.", kind.split(';').next().unwrap());
        assert_eq!(send(kind, "{}").await.is(415), json!({"detail": detail}));
    }
    for body in ["{", "[1]", "5", "null", "{\"a\":1,\"a\":2}", "{\"basket_id\": NaN}"] {
        let reply = send("application/json", body).await.is(400);
        let said = reply["non_field_errors"][0].as_str().unwrap_or_default();
        assert!(said.starts_with("JSON parse error - "), "{body}: {reply}");
    }
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(256 * 1024));
    let reply = send("application/json", &large).await;
    assert!(reply.is(413)["detail"].is_string());
    send("application/json", &format!("{{\"basket_id\": {}, \"_json\": 1}}", buyer.basket)).await.is(200);
}

#[tokio::test]
async fn too_many_requests_wait() {
    let config = Config { throttle: Arc::new(Throttle::per_minute(3)), ..Config::default() };
    let shop = Shop::with(config).await;
    let browser = Browser::new(shop.address);
    for _ in 0..3 {
        assert_eq!(browser.get("/baskets/basket/").await.status, 200);
    }
    let reply = browser.get("/baskets/basket/").await;
    let seconds = reply.header("retry-after").unwrap().to_owned();
    let detail = reply.is(429)["detail"].as_str().unwrap().to_owned();
    assert_eq!(detail, format!("Request was throttled. Expected available in {seconds} seconds."));
}

#[tokio::test]
async fn a_repeated_write_with_a_key_happens_once() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    let keyed = browser.with("Idempotency-Key", "5f1c2f0e8f0a4b689f9c0d9a2a7c1f10");
    let body = json!({"product": SHIRT, "quantity": 1});
    let first = keyed.post("/baskets/basket/", &body).await.is(201);
    let again = keyed.post("/baskets/basket/", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.is(201), first);
    let other = keyed.post("/baskets/basket/", &json!({"product": SHIRT, "quantity": 2})).await;
    assert_eq!(other.is(400), json!({"error": ["Idempotency key was used with another request."]}));
}
