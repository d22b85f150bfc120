//! The list of providers and how old it may be.

use crate::rows;
use crate::shop::{INDEX, SELECTION, Shop};
use domain::catalog::{CheckoutProvider, Entity};
use engine::ports::{Commit, EntityChange};
use serde_json::{Value, json};

async fn put(shop: &Shop, row: CheckoutProvider) {
    let entities = vec![EntityChange::Put(Entity::from(row))];
    shop.engine.store().commit(Commit { entities, ..Commit::default() }).await.unwrap();
}

fn pks(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn active_providers_are_listed_for_anyone() {
    let shop = Shop::open().await;
    let reply = shop.server().get("/orders/checkout-provider-list/").await;
    assert_eq!(reply.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(
        reply.is(200),
        json!([
            {"pk": 1, "name": "Akifast", "slug": "akifast", "logo": null, "is_active": true},
            {"pk": 3, "name": "Signing", "slug": "signing", "logo": null, "is_active": true},
        ])
    );
}

#[tokio::test]
async fn a_list_may_be_some_minutes_old_but_a_choice_may_not() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(rows::SHIRT, 1)]).await;
    let list = async || pks(&shop.server().get("/orders/checkout-provider-list/").await.is(200));
    assert_eq!(list().await, [1, 3]);
    put(&shop, CheckoutProvider { active: false, ..rows::provider(rows::AKIFAST, "akifast", "Akifast") })
        .await;
    assert_eq!(list().await, [1, 3], "for a while the list is what it was");
    assert_eq!(
        pks(&buyer.honest(INDEX).await["checkout_providers"]),
        [3],
        "who chooses sees what can be chosen"
    );
    let refused = buyer.try_with(SELECTION, |_| ()).await.is(400);
    assert_eq!(refused, json!({"checkout_provider": ["Invalid pk \"1\" - object does not exist."]}));
    for _ in 0..4 {
        shop.clock.advance_seconds(120);
        list().await;
    }
    assert_eq!(list().await, [3], "eight minutes are more than all tiers together");
    // At the other root, another router has a nearest tier of its own.
    assert_eq!(pks(&shop.server().at("/akinon").get("/orders/checkout-provider-list/").await.is(200)), [3]);
}

#[tokio::test]
async fn only_an_active_provider_is_chosen() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(rows::SHIRT, 1)]).await;
    for pk in [json!(rows::PASSIVE), json!(9)] {
        let refused = buyer.try_with(SELECTION, |body| body["checkout_provider"] = pk.clone()).await.is(400);
        let words = format!("Invalid pk \"{pk}\" - object does not exist.");
        assert_eq!(refused, json!({"checkout_provider": [words]}));
    }
}

#[tokio::test]
async fn a_provider_that_is_down_changes_nothing() {
    let shop = Shop::open().await;
    let buyer = shop.before(SELECTION).await;
    shop.provider.is_down.store(true, std::sync::atomic::Ordering::Relaxed);
    let refused = buyer.try_with(SELECTION, |_| ()).await.is(400);
    assert_eq!(refused, json!({"error": ["Checkout provider is not available, please try again."]}));
    shop.provider.is_down.store(false, std::sync::atomic::Ordering::Relaxed);
    buyer.honest(SELECTION).await;
}
