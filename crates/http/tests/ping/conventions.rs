//! Envelopes, errors, ids, versions of the path, and methods.

use crate::goods::*;
use crate::shop::*;
use serde_json::json;

#[tokio::test]
async fn both_spellings_of_the_version_are_the_same_thing() {
    let shop = Shop::open().await;
    for root in ["/ping/1.0", "/ping/v1.0"] {
        let body = shop.customer("ada").at(root).post(CART, items(&[(ISP, 1)])).await.json(200);
        assert_eq!(body["data"]["total"], 350, "{root}");
    }
}

#[tokio::test]
async fn an_error_carries_the_id_of_its_request() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    let reply = ada.post(CART, json!({})).await;
    refusal(&reply);
    insta::assert_json_snapshot!("error", reply.json(400), { ".api_request_id" => "[id]" });
    let named = ada.header("X-Request-Id", "mine-1");
    let reply = named.post(CART, json!({})).await;
    assert_eq!(
        (reply.header("x-request-id"), &reply.json(400)["api_request_id"]),
        (Some("mine-1"), &"mine-1".into())
    );
    let fine = named.post(CART, items(&[(ISP, 1)])).await;
    assert_eq!((fine.status, fine.header("x-request-id")), (200, Some("mine-1")));
}

#[tokio::test]
async fn paths_and_methods_that_there_are_not() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    assert_eq!(refusal(&ada.get("/private/user/nothing").await), (404, "not_found".to_owned()));
    for (method, path) in [("GET", CART), ("DELETE", CHECKOUT), ("POST", STOCK)] {
        let reply = ada.raw(method, path, "application/json", "").await;
        assert_eq!(refusal(&reply), (405, "method_not_allowed".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn bodies_are_json_objects() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "5"),
        ("application/json", "null"),
        ("application/json", "{\"a\":1,\"a\":2}"),
        ("application/x-www-form-urlencoded", "is_top_up=true&top_up_amount=2500"),
        ("text/plain", "{}"),
    ] {
        let reply = ada.raw("POST", CART, kind, body).await;
        assert_eq!(refusal(&reply), (400, "invalid_json".to_owned()), "{kind} {body}");
    }
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let deep = format!("{{\"line_items\":{deep}}}");
    assert_eq!(refusal(&ada.raw("POST", CART, "application/json", &deep).await).0, 400);
    let unknown = with(items(&[(ISP, 1)]), json!({ "something": "else", "validate": true }));
    assert_eq!(quote(&ada, unknown).await["total"], 350, "unknown fields are ignored");
    let query =
        ada.post(&format!("{CART}?validate_payment_platform=true"), items(&[(ISP, 1)])).await.json(200);
    assert_eq!(query["data"]["payment_platform_validated"], false, "the query is no body");
}
