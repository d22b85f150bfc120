//! A provider of another make: that the port holds one proves little, that it holds two proves something.
//!
//! The imagined wallet has other field names, counts minor units, signs with a plain shared word and proves no address.

use super::{Listener, simulator};
use async_trait::async_trait;
use domain::money::{Amount, Currency, Money};
use domain::{LineId, OrderId, Time};
use engine::ports::{
    CheckoutProvider, HashedAddress, OpenedSession, ProviderDown, SessionItem, SignedHeaders, StartSession,
    Verified,
};
use outbound::providers::akifast::{Akifast, AkifastConfig};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub fn session(conversation: &str) -> StartSession {
    StartSession {
        order: OrderId(55),
        conversation: conversation.to_owned(),
        at: Time(1_767_261_600_000),
        money: Money::new(19_990, Currency::TRY),
        customer: None,
        items: vec![SessionItem {
            line: LineId(95),
            sku: "AKN-TS-001".to_owned(),
            name: "T-shirt".to_owned(),
            quantity: 1,
            unit_price: Amount(19_990),
            total: Amount(19_990),
        }],
    }
}

struct Wallet {
    base_url: String,
    word: String,
    client: reqwest::Client,
}

#[async_trait]
impl CheckoutProvider for Wallet {
    async fn start(&self, session: StartSession) -> Result<OpenedSession, ProviderDown> {
        let body = json!({
            "reference": session.conversation,
            "minor_units": session.money.amount.0,
            "goods": session.items.iter().map(|item| json!({"id": item.line.0, "count": item.quantity})).collect::<Vec<_>>(),
        });
        let down = |cause: reqwest::Error| ProviderDown(cause.to_string());
        let answer = self
            .client
            .post(format!("{}/v2/checkouts", self.base_url))
            .json(&body)
            .send()
            .await
            .map_err(down)?;
        let answer: Value = answer.json().await.map_err(down)?;
        let text =
            |key: &str| answer[key].as_str().map(str::to_owned).ok_or(ProviderDown(format!("no {key}")));
        Ok(OpenedSession { token: text("checkout")?, redirect_url: text("go_to")?, ends_at: None })
    }

    fn verify(&self, headers: &SignedHeaders, _body: &[u8], _now: Time) -> Verified {
        match &headers.signature {
            None => Verified::Absent,
            Some(word) if *word == self.word => Verified::Good,
            Some(_) => Verified::Bad,
        }
    }

    fn check_address(&self, _address: &HashedAddress) -> bool {
        true
    }

    async fn cancel(&self, token: &str) -> Result<(), ProviderDown> {
        let told = self.client.delete(format!("{}/v2/checkouts/{token}", self.base_url)).send().await;
        told.map(drop).map_err(|cause| ProviderDown(cause.to_string()))
    }
}

/// What a shop does with any provider.
async fn walk(provider: Arc<dyn CheckoutProvider>) -> OpenedSession {
    let opened = provider.start(session("conversation-1")).await.unwrap();
    assert!(opened.redirect_url.contains(&opened.token));
    assert_eq!(provider.verify(&SignedHeaders::default(), b"{}", Time(0)), Verified::Absent);
    let wrong = SignedHeaders { signature: Some("wrong".to_owned()), ..SignedHeaders::default() };
    assert_eq!(provider.verify(&wrong, b"{}", Time(0)), Verified::Bad);
    assert!(provider.check_address(&HashedAddress::default()));
    provider.cancel(&opened.token).await.unwrap();
    opened
}

#[tokio::test]
async fn two_makes_of_provider_behind_one_port() {
    let wallet = Listener::with(&[(200, r#"{"checkout": "w-1", "go_to": "https://wallet.example/w-1"}"#)]);
    let client = outbound::http::client(Duration::from_secs(5)).unwrap();
    let base_url = wallet.start().await;
    let opened = walk(Arc::new(Wallet { base_url, word: "word".to_owned(), client })).await;
    assert_eq!(opened.token, "w-1");
    let calls = wallet.calls();
    let sent: Value = serde_json::from_slice(&calls[0].2).unwrap();
    assert_eq!(
        sent,
        json!({"reference": "conversation-1", "minor_units": 19990, "goods": [{"id": 95, "count": 1}]})
    );
    assert_eq!(calls[1].0, "/v2/checkouts/w-1");

    let akifast = Akifast::new(AkifastConfig {
        base_url: simulator(|_| {}).await,
        api_key: simulator::DEMO_KEY.to_owned(),
        public_url: "http://shop.example".to_owned(),
        callback_secret: Some("secret".to_owned()),
        address_hash_key: None,
    });
    walk(Arc::new(akifast.unwrap())).await;
}
