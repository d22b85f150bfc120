//! Requests that no honest client sends: each ends in a refusal with a sentence, never in a 500.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn whatever_is_sent_the_answer_is_a_refusal_in_json() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let long = format!(r#"{{"order":{{"email":"{}"}}}}"#, "a".repeat(70_000));
    let cases = [
        (400, "application/json", "{"),
        (400, "application/json", r#"{"a":1,"a":2}"#),
        (400, "application/json", deep.as_str()),
        (400, "application/json", "{\"order\":\"\\u0000\"}"),
        (415, "text/plain", "order[email]=x"),
        (415, "application/json; charset=utf-16", "{}"),
        (422, "application/json", long.as_str()),
        (422, "application/json", r#"{"order":{"email":"not an address"}}"#),
        (404, "application/json", r#"{"order":{"line_items":[{"variant_id":{"a":1}}]}}"#),
        (422, "application/json", r#"{"order":{"line_items":[{"variant_id":1,"quantity":-1}]}}"#),
        (422, "application/json", r#"{"order":{"line_items":[{"variant_id":1,"quantity":1e9}]}}"#),
        (422, "application/json", r#"{"order":{"line_items":[{"variant_id":1,"quantity":99999999999999}]}}"#),
        (200, "application/json", r#"{"order":"text"}"#),
        (200, "application/json", r#"{"order":[1,2]}"#),
        (200, "application/json", r#"{"order":{"line_items":"x","bill_address":[1],"customer_metadata":7}}"#),
        (200, "application/json", "[1,2,3]"),
    ];
    for (status, content_type, body) in cases {
        let reply = cart.guest.raw("PUT", &cart.order(""), content_type, body).await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(reply.status, status, "{shown}: {}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{shown}");
        assert!(serde_json::from_str::<Value>(&reply.body).is_ok(), "{shown}");
    }
    assert_eq!(cart.show().await["total_quantity"], 1);
}

#[tokio::test]
async fn a_body_over_the_bound_is_413() {
    let shop = Shop::open().await;
    let body = format!(r#"{{"order":{{"email":"{}"}}}}"#, "a".repeat(2 * 1024 * 1024));
    let reply = shop.nobody().raw("POST", "/orders", "application/json", &body).await;
    reply.json(413);
    let packed = shop.nobody().header("Content-Encoding", "gzip");
    packed.post("/orders", json!({})).await.json(415);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_404_in_this_apis_words() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    for (method, path) in [
        ("GET", "/nothing".to_owned()),
        ("DELETE", "/orders".to_owned()),
        ("GET", cart.checkout("/next")),
        ("DELETE", cart.order("")),
    ] {
        assert_eq!(cart.guest.raw(method, &path, "", "").await.json(404), not_found(), "{method} {path}");
    }
}

#[tokio::test]
async fn paths_are_tidied_and_answers_are_kept_from_caches() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    for path in [".json", "/", ".json?x=1"] {
        cart.guest.get(&cart.order(path)).await.json(200);
    }
    let reply = cart.guest.header("X-Request-Id", "abc-1").get(&cart.order("")).await;
    assert_eq!(reply.header("x-request-id"), Some("abc-1"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let reply = cart.guest.header("X-Request-Id", "a b").get(&cart.order("")).await;
    assert_ne!(reply.header("x-request-id"), Some("a b"));
    assert!(reply.header("x-request-id").is_some());
}

#[tokio::test]
async fn actions_take_put_patch_and_post() {
    let shop = Shop::open().await;
    for method in ["PUT", "PATCH", "POST"] {
        let cart = shop.cart(&[(MUG, 1)]).await;
        let reply = cart.guest.raw(method, &cart.checkout("/next"), "", "").await;
        assert_eq!(reply.json(200)["state"], "address", "{method}");
    }
}
