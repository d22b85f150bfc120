//! Sessions that come to nothing: the provider hears of it, whoever is down meanwhile, and once.

use crate::rows::SHIRT;
use crate::shop::{ADDRESS, NOTIFICATION, SELECTION, SHIPPING, Shop};
use domain::command::Command;
use domain::order::Order;
use domain::user::{Actor, Who};
use engine::ports::OrderKey;
use engine::{Ask, Reply, Sweep, Target};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn told(shop: &Shop) -> Vec<String> {
    shop.provider.cancelled.lock().unwrap().clone()
}

async fn order(shop: &Shop, basket: i64) -> Arc<Order> {
    let found = shop.engine.order(&OrderKey::Id(domain::OrderId(basket))).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn nobody_came_back_and_the_provider_is_told_even_if_it_was_down() {
    let shop = Shop::open().await;
    let buyer = shop.before(SHIPPING).await;
    let token = buyer.session().0;
    shop.clock.advance_seconds(59 * 60);
    shop.engine.sweep(Sweep::Expire).await;
    shop.outbox.sweep().await;
    assert!(told(&shop).is_empty(), "the session is still open");
    shop.clock.advance_seconds(90);
    shop.provider.is_down.store(true, Ordering::Relaxed);
    shop.engine.sweep(Sweep::Expire).await;
    assert_eq!(shop.outbox.sweep().await, 1, "tried");
    assert!(told(&shop).is_empty());
    assert_eq!(order(&shop, buyer.basket).await.left_sessions.len(), 1, "and remembered");
    shop.provider.is_down.store(false, Ordering::Relaxed);
    shop.clock.advance_seconds(60);
    shop.outbox.sweep().await;
    assert_eq!(told(&shop), [token]);
    assert!(order(&shop, buyer.basket).await.left_sessions.is_empty());
    shop.clock.advance_seconds(24 * 3_600);
    shop.engine.sweep(Sweep::Expire).await;
    shop.outbox.sweep().await;
    assert_eq!(told(&shop).len(), 1, "once");
    // For the provider it is over, for the buyer it is not.
    let body = buyer.body(SHIPPING).await;
    assert_eq!(
        buyer.post(SHIPPING, &body).await.is(400),
        json!({"error": ["Checkout session has expired."]})
    );
    buyer.honest(SELECTION).await;
    buyer.honest(ADDRESS).await;
}

#[tokio::test]
async fn another_session_ends_the_one_before_and_a_paid_one_is_never_ended() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let first = buyer.session().0;
    buyer.honest(SELECTION).await;
    shop.outbox.sweep().await;
    assert_eq!(told(&shop), [first]);
    buyer.walk_to(NOTIFICATION).await;
    buyer.honest(NOTIFICATION).await;
    shop.outbox.sweep().await;
    shop.clock.advance_seconds(2 * 3_600);
    shop.engine.sweep(Sweep::Expire).await;
    shop.outbox.sweep().await;
    // Walking there chose the provider once more.
    assert_eq!(told(&shop).len(), 2, "{:?}", told(&shop));
    assert!(!told(&shop).contains(&buyer.session().0));
}

#[tokio::test]
async fn an_order_that_staff_cancel_says_what_is_owed() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    buyer.walk_to(NOTIFICATION).await;
    let thanks = buyer.honest(NOTIFICATION).await;
    let shown = buyer.order_of(&thanks).await["order"].clone();
    assert_eq!(shown.get("credit_owed_amount"), None);
    let actor =
        Actor { who: Who::Admin(domain::UserId(1)), via: domain::channel::ChannelKey::new("solidus") };
    let target = Target::Order(domain::OrderId(buyer.basket));
    let ask = Ask::new(target, Command::Cancel, actor, |_| Reply::new(204, "", Vec::new()));
    assert_eq!(shop.engine.execute(ask).await.unwrap().status, 204);
    let shown = buyer.order_of(&thanks).await["order"].clone();
    assert_eq!(
        (&shown["status"]["label"], &shown["credit_owed_amount"]),
        (&json!("Cancelled"), &json!("229.80"))
    );
}
