//! The provider repeats itself, in a row and all at once.

use crate::shop::{NOTIFICATION, Shop};
use serde_json::{Value, json};

fn facts(thanks: &Value, order: &Value) -> (Value, Value, Value) {
    (
        order["order"]["number"].clone(),
        thanks["merchant_customer_id"].clone(),
        thanks["merchant_customer_akifast_date_joined"].clone(),
    )
}

#[tokio::test]
async fn the_same_notification_is_the_same_order() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let body = buyer.body(NOTIFICATION).await;
    let first = buyer.post(NOTIFICATION, &body).await.is(200);
    let again = buyer.post(NOTIFICATION, &body).await.is(200);
    assert_eq!(facts(&first, &buyer.order_of(&first).await), facts(&again, &buyer.order_of(&again).await));
    assert_eq!(first["merchant_customer_date_joined"], again["merchant_customer_date_joined"]);
    let refused = json!({"non_field_errors": ["This checkout is already completed."]});
    for (pointer, value) in [
        ("/transaction/total_paid_amount", json!(230.0)),
        ("/akifast_user/akinon_user_id", json!("somebody")),
        ("/basket/basket_items/0/quantity", json!(2)),
    ] {
        let mut other = body.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert_eq!(buyer.post(NOTIFICATION, &other).await.is(400), refused, "{pointer}");
    }
    let mut stranger = body.clone();
    stranger["conversation_id"] = json!("wrong");
    buyer.post(NOTIFICATION, &stranger).await.is(400);
}

#[tokio::test]
async fn a_refused_payment_may_be_tried_again() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    for _ in 0..3 {
        buyer.try_with(NOTIFICATION, |body| body["is_successful"] = json!(false)).await.is(400);
    }
    buyer.honest(NOTIFICATION).await;
}

#[tokio::test]
async fn ten_at_once_are_one_order() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let body = buyer.body(NOTIFICATION).await;
    let (server, path) = (shop.server(), crate::shop::path(NOTIFICATION));
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (server, path, body) = (server.clone(), path.clone(), body.clone());
            tokio::spawn(async move { server.post(&path, &body).await.is(200) })
        })
        .collect();
    let mut orders = Vec::new();
    for call in calls {
        let thanks = call.await.unwrap();
        orders.push(facts(&thanks, &buyer.order_of(&thanks).await));
    }
    orders.dedup();
    assert_eq!(orders.len(), 1);
    assert_eq!(shop.engine.audit().await.unwrap(), vec![]);
    let level = shop.engine.stock(&[domain::VariantId(crate::rows::SHIRT)]).await.unwrap();
    assert_eq!(level.of(domain::VariantId(crate::rows::SHIRT))[0].on_hand, 9_999);
}
