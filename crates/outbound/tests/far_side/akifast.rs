//! Akifast's client against the stand-in.

use super::{Listener, post, signed, simulator};
use crate::wallet::session;
use domain::Time;
use engine::ports::{CheckoutProvider, HashedAddress, ProviderDown, Verified};
use outbound::providers::akifast::{Akifast, AkifastConfig};
use serde_json::{Value, json};

fn akifast(base_url: &str, public_url: &str) -> Akifast {
    Akifast::new(AkifastConfig {
        base_url: base_url.to_owned(),
        api_key: simulator::DEMO_KEY.to_owned(),
        public_url: public_url.to_owned(),
        callback_secret: Some("agreed".to_owned()),
        address_hash_key: Some("hash-key".to_owned()),
    })
    .unwrap()
}

async fn sessions(sim: &str) -> Value {
    let client = outbound::http::client(std::time::Duration::from_secs(5)).unwrap();
    client.get(format!("{sim}/sim/sessions?basket_id=55")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_session_is_opened_once_for_a_conversation() {
    let sim = simulator(|_| {}).await;
    let provider = akifast(&sim, "http://shop.example");
    let opened = provider.start(session("conversation-1")).await.unwrap();
    assert_eq!(opened.redirect_url, format!("{sim}/pay/{}", opened.token));
    let hour = opened.ends_at.unwrap().0 - jiff::Timestamp::now().as_millisecond();
    assert!((3_590_000..=3_600_000).contains(&hour), "{hour}");
    assert_eq!(provider.start(session("conversation-1")).await.unwrap(), opened, "asked twice, opened once");
    let other = provider.start(session("conversation-2")).await.unwrap();
    assert_ne!(other.token, opened.token);
    let listed = sessions(&sim).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["conversation_id"], "conversation-1");
    let request = &listed[1]["request"];
    assert_eq!(request["order_id"], "CP-55");
    assert_eq!(
        request["notification_url"],
        "http://shop.example/orders/checkout-provider/?page=CheckoutProviderNotificationPage"
    );
    provider.cancel(&opened.token).await.unwrap();
    assert!(provider.cancel("../../not/a/token").await.is_ok(), "a token that is none ends nothing");
    let listed = sessions(&sim).await;
    assert_eq!((&listed[1]["status"], &listed[0]["status"]), (&json!("cancelled"), &json!("open")));
}

#[tokio::test]
async fn signatures_and_address_proofs_of_the_stand_in_hold() {
    let shop = Listener::with(&[
        (200, r#"{"shipping_options": [{"key": 1, "name": "S", "shipping_amount": "29.90"}]}"#),
        (200, r#"{"agreements": [{"code": "info", "text": "I"}]}"#),
        (200, r#"{"agreement_body": "<p>"}"#),
        (200, r#"{"return_url": "http://shop.example/thanks"}"#),
    ]);
    let shop_url = shop.start().await;
    let sim = simulator(|options| {
        options.callback_secret = Some("agreed".to_owned());
        options.address_hash_key = Some("hash-key".to_owned());
    })
    .await;
    let provider = akifast(&sim, &shop_url);
    let token = provider.start(session("conversation-1")).await.unwrap().token;
    let run = post(&format!("{sim}/sim/{token}/run"), json!({"scenario": "happy"})).await;
    assert_eq!(run["money"]["state"], "kept", "{run:#}");
    let calls = shop.calls();
    assert_eq!(calls.len(), 4);
    let now = Time(jiff::Timestamp::now().as_millisecond());
    for (url, headers, body) in &calls {
        assert_eq!(provider.verify(&signed(headers), body, now), Verified::Good, "{url}");
        assert_eq!(provider.verify(&signed(headers), body, now.plus_minutes(6)), Verified::Bad, "{url}");
    }
    let body: Value = serde_json::from_slice(&calls[0].2).unwrap();
    let address = &body["shipping_address"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let proven = HashedAddress {
        name: text(&address["name"]),
        surname: text(&address["surname"]),
        phone: text(&address["phone_number"]),
        line: text(&address["line"]),
        country: text(&address["country"]["code"]),
        city: text(&address["city"]["code"]),
        town: text(&address["town"]["code"]),
        district: text(&address["district"]["code"]),
        hash: text(&address["hash_data"]),
    };
    assert!(provider.check_address(&proven));
    assert!(!provider.check_address(&HashedAddress { line: "elsewhere".to_owned(), ..proven }));
}

const OPENED: &str = r#"{"token": "t", "payment_url": "https://pay.example/t"}"#;

async fn start_with(answers: &[(u16, &'static str)]) -> (Result<String, ProviderDown>, usize) {
    let listener = Listener::with(answers);
    let provider = akifast(&listener.start().await, "http://shop.example");
    let opened = provider.start(session("conversation-1")).await;
    (opened.map(|opened| opened.redirect_url), listener.calls().len())
}

#[tokio::test]
async fn a_stumble_is_asked_again_once() {
    let url = Ok("https://pay.example/t".to_owned());
    assert_eq!(start_with(&[(201, OPENED)]).await, (url.clone(), 1));
    assert_eq!(start_with(&[(500, ""), (200, OPENED)]).await, (url, 2));
    let down = |cause: &str| Err(ProviderDown(cause.to_owned()));
    assert_eq!(
        start_with(&[(503, ""), (500, ""), (200, OPENED)]).await,
        (down("it answered with status 500"), 2)
    );
    assert_eq!(start_with(&[(400, OPENED)]).await, (down("it answered with status 400"), 1));
    assert_eq!(start_with(&[(302, OPENED)]).await, (down("it answered with status 302"), 1));
    assert_eq!(
        start_with(&[(200, "<html>")]).await,
        (down("its answer is not the one that was agreed on"), 1)
    );
}

#[tokio::test]
async fn both_tries_carry_key_and_bearer() {
    let listener = Listener::with(&[(500, ""), (200, OPENED)]);
    let provider = akifast(&listener.start().await, "http://shop.example");
    provider.start(session("conversation-1")).await.unwrap();
    let calls = listener.calls();
    assert_eq!(calls[0].2, calls[1].2);
    for (url, headers, _) in calls {
        assert_eq!(url, "/processor/payment-sessions");
        assert_eq!(headers["authorization"], format!("Bearer {}", simulator::DEMO_KEY));
        assert_eq!(headers["idempotency-key"], "conversation-1");
    }
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_both_down() {
    // A port that was free a moment ago.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(akifast(&format!("http://{gone}"), "http://s").start(session("c")).await.is_err());
    // Accepts and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = akifast(&format!("http://{}", silent.local_addr().unwrap()), "http://s");
    let begun = std::time::Instant::now();
    assert!(provider.start(session("c")).await.is_err());
    let waited = begun.elapsed().as_secs_f64();
    assert!((4.5..8.0).contains(&waited), "one silence of five seconds, not {waited}");
}
