//! A preview leaves no row, burns no id, holds no stock and asks no gateway.

use crate::support::*;
use crate::{ROOT, preview};
use async_trait::async_trait;
use domain::AttemptId;
use domain::command::Outcome;
use engine::ports::{Found, Gateway, GatewayRequest, TokenError, Tokenised};
use http_api::server::Config;
use outbound::gateways::test::TestGateway;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The test gateway, and how often it was asked anything.
#[derive(Default)]
struct Counting {
    inner: TestGateway,
    asked: AtomicUsize,
}

#[async_trait]
impl Gateway for Counting {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.send(request).await
    }

    async fn find(&self, attempt: &AttemptId) -> Found {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.find(attempt).await
    }

    fn tokenise(&self, number: &str) -> Result<Tokenised, TokenError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.tokenise(number)
    }

    fn saves_cards(&self) -> bool {
        self.inner.saves_cards()
    }
}

#[tokio::test]
async fn no_row_no_hold_and_no_question_to_a_gateway() {
    let gateway = Arc::new(Counting::default());
    let shop = Shop::with_gateway(Config::default(), gateway.clone()).await;
    let cart = shop.cart(&[(RARE, 3)]).await;
    cart.guest.post(&cart.order("/coupon_codes"), json!({ "coupon_code": "tenoff" })).await.json(200);
    cart.walk_to("payment").await;
    let before = kept(&shop, &cart).await;
    let commands = json!([
        { "add_payment": { "method": CARD } },
        { "proceed": { "go": "next" } },
        { "proceed": { "go": "complete" } },
    ]);
    for _ in 0..3 {
        let seen = preview(&cart.guest, &cart.number, commands.clone()).await.json(200);
        assert_eq!(seen["order"]["phase"], "placing", "{seen}");
    }
    for command in
        [json!("empty"), json!("cancel"), json!({ "add_line": { "variant": SHIRT, "quantity": 7 } })]
    {
        preview(&shop.admin(), &cart.number, json!([command])).await.json(200);
    }
    assert_eq!(gateway.asked.load(Ordering::SeqCst), 0);
    assert_eq!(kept(&shop, &cart).await, before);
    assert_eq!(shop.engine.audit().await.unwrap(), []);
    // The goods are still there for whoever places an order in earnest.
    cart.walk_to("complete").await;
}

/// Everything that is kept of an order, and the stock of what is in it.
async fn kept(shop: &Shop, cart: &Cart) -> (Value, Value, String) {
    let path = format!("/orders/{}", cart.number);
    let order = shop.admin().at(ROOT).get(&path).await.json(200);
    let events = shop.admin().at(ROOT).get(&format!("{path}/events?limit=500")).await.json(200);
    (order, events, format!("{:?}", shop.engine.stock(&[RARE]).await.unwrap()))
}

#[tokio::test]
async fn no_id_is_burned() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let first = cart.show().await["line_items"][0]["id"].as_i64().unwrap();
    for _ in 0..10 {
        let commands = json!([{ "add_line": { "variant": SHIRT, "quantity": 1 } }]);
        preview(&cart.guest, &cart.number, commands).await.json(200);
    }
    let body = json!({ "line_item": { "variant_id": SHIRT, "quantity": 1 } });
    let next = cart.guest.post(&cart.order("/line_items"), body).await.json(201);
    assert_eq!(next["id"], first + 1);
}
