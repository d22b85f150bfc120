//! While a gateway works: nothing else may change the order, everyone may look at it.

use crate::support::*;
use async_trait::async_trait;
use domain::AttemptId;
use domain::command::Outcome;
use engine::ports::{Found, Gateway, GatewayRequest, TokenError, Tokenised};
use http_api::server::Config;
use outbound::gateways::test::TestGateway;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Answers when it is told to.
struct Patient {
    inner: TestGateway,
    go: Semaphore,
    asked: Semaphore,
}

#[async_trait]
impl Gateway for Patient {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        self.asked.add_permits(1);
        self.go.acquire().await.unwrap().forget();
        self.inner.send(request).await
    }

    async fn find(&self, attempt: &AttemptId) -> Found {
        self.inner.find(attempt).await
    }

    fn tokenise(&self, number: &str) -> Result<Tokenised, TokenError> {
        self.inner.tokenise(number)
    }

    fn saves_cards(&self) -> bool {
        self.inner.saves_cards()
    }
}

#[tokio::test]
async fn changes_are_refused_with_409_until_the_gateway_has_answered() {
    let gateway =
        Arc::new(Patient { inner: TestGateway::default(), go: Semaphore::new(0), asked: Semaphore::new(0) });
    let shop = Shop::with_gateway(Config::default(), Arc::clone(&gateway) as Arc<dyn Gateway>).await;
    let cart = shop.order_in("payment").await;
    cart.pay(json!({"payment_method_id": CARD, "source_attributes": card(VISA)})).await.json(201);
    cart.next().await.json(200);
    let (guest, complete) = (cart.guest.clone(), cart.checkout("/complete"));
    let placing = tokio::spawn(async move { guest.put(&complete, Value::Null).await });
    gateway.asked.acquire().await.unwrap().forget();

    let order = cart.show().await;
    assert_eq!((&order["state"], &order["payments"][0]["state"]), (&json!("confirm"), &json!("processing")));
    let line = json!({"line_item": {"variant_id": MUG}});
    for reply in [
        cart.guest.post(&cart.order("/line_items"), line).await,
        cart.next().await,
        cart.guest.put(&cart.checkout("/complete"), Value::Null).await,
        cart.pay(json!({"payment_method_id": CHECK})).await,
        shop.admin().put(&cart.order("/empty"), Value::Null).await,
    ] {
        assert_eq!(reply.status, 409, "{}", reply.body);
        assert_eq!(reply.body, format!("Could not obtain lock on order {}", order["id"]));
        assert_eq!(reply.header("retry-after"), Some("2"));
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    gateway.go.add_permits(1);
    assert_eq!(placing.await.unwrap().json(200)["state"], "complete");
    assert_eq!(gateway.inner.ledger().len(), 1, "asked once");
}

#[tokio::test]
async fn two_orders_for_the_last_pieces_and_one_gets_them() {
    let shop = Shop::open().await;
    let (one, two) = (shop.cart(&[(RARE, 2)]).await, shop.cart(&[(RARE, 2)]).await);
    for cart in [&one, &two] {
        cart.walk_to("confirm").await;
    }
    let (first, second) = (one.checkout("/complete"), two.checkout("/complete"));
    let (first, second) =
        tokio::join!(one.guest.put(&first, Value::Null), two.guest.put(&second, Value::Null));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let loser = if first.status == 422 { first } else { second };
    assert_eq!(loser.json(422)["type"], "insufficient_stock");
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}
