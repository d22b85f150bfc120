//! The same API at two roots, and nothing else in its way.

use crate::rows::SHIRT;
use crate::shop::{INDEX, SELECTION, Shop, add, path};
use serde_json::json;

#[tokio::test]
async fn both_roots_lead_to_the_same_basket() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let prefixed = buyer.browser.at("/akinon");
    assert_eq!(add(&prefixed, SHIRT, 1).await.is(201)["basket"]["pk"], buyer.basket);
    prefixed.post(&path(INDEX), &json!({"basket_id": buyer.basket})).await.is(200);
    buyer.honest(SELECTION).await;
    // Addresses that are handed out know no prefix.
    let reply = prefixed.get("/orders/checkout-provider-cancel/").await;
    assert_eq!(reply.header("location"), Some("/basket/"));
}

#[tokio::test]
async fn the_root_hides_no_other_api() {
    let shop = Shop::open().await;
    let nobody = shop.server();
    for (path, status) in [
        ("/solidus/api/products", 200),
        ("/spree/api/v1/products", 200),
        ("/guest-manager/api/public/v2/orders", 401),
        ("/files/nothing", 404),
        ("/akinon/nothing", 404),
        ("/nothing", 404),
    ] {
        let reply = nobody.get(path).await;
        assert!(reply.status == status || reply.status == 401, "{path}: {} {}", reply.status, reply.body);
    }
    // Each answers an unknown path in its own words.
    let words = |path: &'static str| {
        let nobody = nobody.clone();
        async move { nobody.get(path).await.body }
    };
    assert_eq!(words("/akinon/nothing").await, "{\"detail\":\"Not found.\"}");
    assert_ne!(words("/solidus/api/nothing").await, words("/akinon/nothing").await);
}
