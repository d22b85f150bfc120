//! Who may do what, and in which words everyone else hears no: 401 for what is forbidden, 404 for records that are
//! looked up among the caller's own.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn keys_are_asked_for_and_echoed() {
    let shop = Shop::open().await;
    let none = nobody(&shop).post("/orders", Value::Null).await.json(401);
    assert_eq!(none, json!({"error": "You must specify an API key."}));
    let wrong = keyed(&shop, "wrong").get("/orders/mine").await.json(401);
    assert_eq!(wrong, json!({"error": "Invalid API key (wrong) specified."}));
    nobody(&shop).get(&format!("/orders/mine?token={CUSTOMER_KEY}")).await.json(200);
    nobody(&shop).key(CUSTOMER_KEY).get("/orders/mine").await.json(200);
    nobody(&shop).get("/countries").await.json(200);
}

#[tokio::test]
async fn an_order_is_its_owners_and_whoever_has_its_token() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "address").await;
    let by_token = nobody(&shop).token(&order.token);
    by_token.get(&order.path("")).await.json(200);
    nobody(&shop).get(&format!("{}?order_token={}", order.path(""), order.token)).await.json(200);
    // A wrong token in the owner's hand does no harm.
    order.by.token("wrong").get(&order.path("")).await.json(200);
    by_token.get(&format!("/products?order_id={}", order.number)).await.json(200);

    for caller in
        [nobody(&shop).token("wrong"), keyed(&shop, OTHER_KEY), keyed(&shop, OTHER_KEY).token("wrong")]
    {
        for (method, path) in [
            ("GET", order.path("")),
            ("PUT", order.path("")),
            ("PUT", format!("/checkouts/{}", order.number)),
            ("PUT", format!("/checkouts/{}/next", order.number)),
            ("PUT", format!("/checkouts/{}/advance", order.number)),
            ("PUT", order.path("/empty")),
            ("PUT", order.path("/apply_coupon_code")),
            ("GET", order.path("/payments")),
            ("POST", order.path("/line_items")),
        ] {
            assert_eq!(caller.raw(method, &path, "", "").await.json(401), unauthorized(), "{method} {path}");
        }
    }
    assert_eq!(
        nobody(&shop).put(&order.path("/apply_coupon_code"), Value::Null).await.json(401),
        unauthorized()
    );
    assert_eq!(customer(&shop).get("/orders/R000000000").await.json(404), not_found());
    assert_eq!(customer(&shop).get("/orders/R000000000/payments").await.json(404), not_found());
}

#[tokio::test]
async fn what_only_staff_may_do_is_401_or_404() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let shown = order.show().await;
    let payment = shown["payments"][0]["number"].as_str().unwrap();
    let shipment = shown["shipments"][0]["number"].as_str().unwrap();
    for (method, path) in [
        ("GET", "/orders".to_owned()),
        ("PUT", order.path("/cancel")),
        ("PUT", order.path("/approve")),
        ("PUT", order.path(&format!("/payments/{payment}"))),
        ("PUT", order.path(&format!("/payments/{payment}/capture"))),
        ("PUT", order.path(&format!("/payments/{payment}/credit"))),
        ("GET", order.path("/return_authorizations")),
        ("GET", order.path("/return_authorizations/new")),
        ("POST", order.path("/return_authorizations")),
        ("POST", "/shipments".to_owned()),
        // It is complete: nobody but staff changes it any more.
        ("PUT", order.path("")),
        ("PUT", format!("/checkouts/{}", order.number)),
        ("POST", order.path("/line_items")),
    ] {
        assert_eq!(order.by.raw(method, &path, "", "").await.json(401), unauthorized(), "{method} {path}");
    }
    for (method, path) in [
        ("PUT", format!("/shipments/{shipment}")),
        ("PUT", format!("/shipments/{shipment}/ready")),
        ("PUT", format!("/shipments/{shipment}/ship")),
        ("PUT", format!("/shipments/{shipment}/add")),
        ("PUT", format!("/shipments/{shipment}/remove")),
        ("PUT", order.path("/return_authorizations/1")),
        ("DELETE", order.path("/return_authorizations/1")),
    ] {
        assert_eq!(order.by.raw(method, &path, "", "").await.json(404), not_found(), "{method} {path}");
    }
    let stranger = keyed(&shop, OTHER_KEY);
    stranger.delete(&order.path("/return_authorizations/1")).await.json(401);
    assert_eq!(shown["permissions"], json!({"can_update": false}));
    let for_staff = admin(&shop).get(&order.path("")).await.json(200);
    assert_eq!(for_staff["permissions"], json!({"can_update": true}));
    assert_eq!(
        admin(&shop).put(&format!("/checkouts/{}", order.number), Value::Null).await.json(200),
        for_staff
    );
}
