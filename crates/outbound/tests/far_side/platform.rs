//! Payment platforms' client against the stand-in.

use super::{Listener, post, signed, simulator};
use domain::channel::ChannelKey;
use domain::command::Outcome;
use domain::money::{Amount, Currency, Money};
use domain::order::{GatewayAction, SaveCard, Secret};
use domain::{AttemptId, Time};
use engine::ports::{BadEvent, Found, Gateway, GatewayEvent, GatewayRequest};
use outbound::gateways::platform::{PlatformConfig, PlatformGateway};
use serde_json::{Value, json};

struct Desk {
    sim: String,
    shop: Listener,
    gateway: PlatformGateway,
}

fn config(base_url: &str, shop_url: &str) -> PlatformConfig {
    PlatformConfig {
        platform: "stripe".to_owned(),
        base_url: base_url.to_owned(),
        api_key: simulator::DEMO_KEY.to_owned(),
        webhook_secret: simulator::DEMO_WEBHOOK_SECRET.to_owned(),
        return_url: format!("{shop_url}/return/{{order}}?token={{token}}"),
        own_return_urls: Vec::new(),
        webhook_url: format!("{shop_url}/webhook"),
        waits_seconds: 3600,
    }
}

async fn desk() -> Desk {
    let shop = Listener::with(&[(200, "")]);
    let sim = simulator(|_| {}).await;
    let gateway = PlatformGateway::new(config(&sim, &shop.start().await)).unwrap();
    Desk { sim, shop, gateway }
}

fn request(attempt: &str, action: GatewayAction) -> GatewayRequest {
    GatewayRequest {
        attempt: AttemptId(attempt.to_owned()),
        action,
        money: Money::new(1_000, Currency::USD),
        token: String::new(),
        profile: None,
        reference: None,
        captured: Amount::ZERO,
        order_number: "ord_1".to_owned(),
        order_secret: Secret([7; 16]),
        order_origin: ChannelKey::new("ping"),
        method: "card".to_owned(),
        save: SaveCard::No,
    }
}

fn attempt(id: &str) -> AttemptId {
    AttemptId(id.to_owned())
}

fn url_of(outcome: Outcome) -> String {
    let Outcome::ActionRequired { url } = outcome else { panic!("{outcome:?}") };
    url
}

fn received(outcome: &Outcome) -> i64 {
    let Outcome::Received { amount, reference, .. } = outcome else { panic!("{outcome:?}") };
    assert!(reference.as_ref().is_some_and(|id| id.starts_with("pay_")));
    amount.0
}

impl Desk {
    async fn happen(&self, name: &str, scenario: &str) -> Value {
        post(&format!("{}/sim/payments/{name}/run", self.sim), json!({ "scenario": scenario })).await
    }

    /// What came to the shop so far, as events.
    fn events(&self) -> Vec<GatewayEvent> {
        let now = Time(jiff::Timestamp::now().as_millisecond());
        let read =
            |(_, headers, body): (String, _, Vec<u8>)| self.gateway.event(&signed(&headers), &body, now);
        self.shop.calls().into_iter().map(read).collect::<Result<_, _>>().unwrap()
    }
}

#[tokio::test]
async fn a_buyer_is_sent_away_and_the_money_is_found() {
    let desk = desk().await;
    assert_eq!(desk.gateway.find(&attempt("a1")).await, Found::Never);
    let outcome = desk.gateway.send(request("a1", GatewayAction::Purchase)).await;
    assert_eq!(
        desk.gateway.send(request("a1", GatewayAction::Purchase)).await,
        outcome,
        "asked twice, made once"
    );
    assert_eq!(desk.gateway.find(&attempt("a1")).await, Found::Known(outcome.clone()));
    let url = url_of(outcome);
    assert!(url.starts_with(&format!("{}/platforms/stripe/pay/pay_", desk.sim)), "{url}");
    // The buyer presses the button; the browser comes back with the order's secret.
    let client = outbound::http::client(std::time::Duration::from_secs(5)).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let back = client.post(&url).header("content-type", kind).body("press=pay").send().await.unwrap();
    let location = back.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.ends_with("/return/ord_1?token=BwcHBwcHBwcHBwcHBwcHBw"), "{location}");
    let Found::Known(found) = desk.gateway.find(&attempt("a1")).await else { panic!() };
    assert_eq!(received(&found), 1_000);
    let events = desk.events();
    assert_eq!((events.len(), &events[0].outcome), (1, &found));
    assert_eq!(
        (events[0].attempt.0.as_str(), events[0].order_number.as_str(), events[0].sequence),
        ("a1", "ord_1", 1)
    );
    let Outcome::Received { card: Some(card), .. } = &found else { panic!("{found:?}") };
    assert_eq!(
        (card.brand.as_str(), card.last4.as_str(), &card.profile),
        ("visa", "4242", &None),
        "not to be kept"
    );
}

#[tokio::test]
async fn saved_cards_are_charged_at_once() {
    let desk = desk().await;
    let with = |id: &str, token: &str| GatewayRequest {
        token: token.to_owned(),
        ..request(id, GatewayAction::Purchase)
    };
    assert_eq!(received(&desk.gateway.send(with("a1", "card_good")).await), 1_000);
    let declined = Outcome::Declined { message: "card_declined: Your payment was declined.".to_owned() };
    assert_eq!(desk.gateway.send(with("a2", "card_decline")).await, declined);
    assert_eq!(desk.gateway.find(&attempt("a2")).await, Found::Known(declined));
    assert!(url_of(desk.gateway.send(with("a3", "card_3ds")).await).contains("/pay/"));
    desk.happen("a3", "challenge").await;
    let Found::Known(confirmed) = desk.gateway.find(&attempt("a3")).await else { panic!() };
    assert_eq!(received(&confirmed), 1_000);
    // A card that is to be kept comes with what charges it again.
    let keep = GatewayRequest { save: SaveCard::Yes, ..request("a4", GatewayAction::Purchase) };
    desk.gateway.send(keep).await;
    desk.happen("a4", "pay").await;
    let Found::Known(Outcome::Received { card: Some(card), .. }) = desk.gateway.find(&attempt("a4")).await
    else {
        panic!()
    };
    let again = GatewayRequest { profile: card.profile, ..request("a5", GatewayAction::Purchase) };
    assert_eq!(received(&desk.gateway.send(again).await), 1_000);
    assert!(desk.gateway.tokenise("4242424242424242").is_err());
}

#[tokio::test]
async fn events_say_what_happened() {
    let words = |outcome: &Outcome| match outcome {
        Outcome::Received { amount, .. } => amount.0.to_string(),
        Outcome::Declined { message } => message.clone(),
        other => panic!("{other:?}"),
    };
    for (scenario, expected) in [
        ("pay", vec!["1: 1000"]),
        ("decline", vec!["1: card_declined: Your payment was declined."]),
        ("expire", vec!["1: expired: The payment was not made in time."]),
        ("cancel", vec!["1: canceled: The payment was cancelled."]),
        ("underpay", vec!["1: 900"]),
        ("overpay", vec!["1: 1100"]),
        ("duplicate", vec!["1: 1000", "1: 1000", "1: 1000"]),
        ("reordered", vec!["2: 1000", "1: 900"]),
        ("late", vec!["1: expired: The payment was not made in time.", "2: 1000"]),
    ] {
        let desk = desk().await;
        desk.gateway.send(request("a1", GatewayAction::Purchase)).await;
        desk.happen("ord_1", scenario).await;
        let events = desk.events();
        let told: Vec<String> =
            events.iter().map(|event| format!("{}: {}", event.sequence, words(&event.outcome))).collect();
        assert_eq!(told, expected, "{scenario}");
        let ids: std::collections::BTreeSet<&String> = events.iter().map(|event| &event.id).collect();
        assert_eq!(ids.len(), if scenario == "duplicate" { 1 } else { events.len() }, "{scenario}");
    }
}

#[tokio::test]
async fn only_the_platforms_own_calls_are_events() {
    let desk = desk().await;
    desk.gateway.send(request("a1", GatewayAction::Purchase)).await;
    desk.happen("a1", "pay").await;
    let (_, headers, body) = desk.shop.calls().remove(0);
    let headers = signed(&headers);
    let now = Time(jiff::Timestamp::now().as_millisecond());
    assert!(desk.gateway.event(&headers, &body, now).is_ok());
    let changed = String::from_utf8(body.clone()).unwrap().replace("1000", "9999").into_bytes();
    assert_eq!(desk.gateway.event(&headers, &changed, now), Err(BadEvent::Unsigned));
    assert_eq!(desk.gateway.event(&headers, &body, now.plus_minutes(6)), Err(BadEvent::Unsigned));
    assert_eq!(desk.gateway.event(&Default::default(), &body, now), Err(BadEvent::Unsigned));
    let no_secret = PlatformConfig { webhook_secret: String::new(), ..config(&desk.sim, "http://s") };
    assert_eq!(PlatformGateway::new(no_secret).unwrap().event(&headers, &body, now), Err(BadEvent::Unsigned));
    // Signed well, and not an event.
    let key = standardwebhooks::Webhook::new(simulator::DEMO_WEBHOOK_SECRET).unwrap();
    let at = now.0 / 1000;
    let odd = engine::ports::SignedHeaders {
        id: Some("e".to_owned()),
        timestamp: Some(at.to_string()),
        signature: Some(key.sign("e", at, b"{}").unwrap()),
    };
    assert!(matches!(desk.gateway.event(&odd, b"{}", now), Err(BadEvent::Malformed(_))));
}

#[tokio::test]
async fn giving_up_ends_what_can_be_ended() {
    let desk = desk().await;
    let canceled =
        || Found::Known(Outcome::Declined { message: "canceled: The payment was cancelled.".to_owned() });
    desk.gateway.send(request("a1", GatewayAction::Purchase)).await;
    assert_eq!(desk.gateway.give_up(&attempt("a1")).await, canceled());
    assert_eq!(desk.gateway.find(&attempt("a1")).await, canceled());
    desk.gateway.send(request("a2", GatewayAction::Purchase)).await;
    desk.happen("a2", "pay").await;
    let Found::Known(faster) = desk.gateway.give_up(&attempt("a2")).await else { panic!() };
    assert_eq!(received(&faster), 1_000, "the buyer was faster");
    // Too little came: what came is told first, the end when we end it.
    desk.gateway.send(request("a3", GatewayAction::Purchase)).await;
    desk.happen("a3", "underpay").await;
    let Found::Known(part) = desk.gateway.find(&attempt("a3")).await else { panic!() };
    assert_eq!(received(&part), 900);
    assert_eq!(desk.gateway.give_up(&attempt("a3")).await, canceled());
    assert_eq!(desk.gateway.find(&attempt("a3")).await, Found::Known(part), "it is still the buyer's money");
    assert_eq!(desk.gateway.give_up(&attempt("nobody")).await, Found::Never);
}

#[tokio::test]
async fn money_goes_back() {
    let desk = desk().await;
    desk.gateway.send(request("a1", GatewayAction::Purchase)).await;
    desk.happen("a1", "pay").await;
    let Found::Known(Outcome::Received { reference, .. }) = desk.gateway.find(&attempt("a1")).await else {
        panic!()
    };
    let follow = |id: &str, action, minor| GatewayRequest {
        money: Money::new(minor, Currency::USD),
        reference: reference.clone(),
        ..request(id, action)
    };
    let captured = desk.gateway.send(follow("c1", GatewayAction::Capture, 1_000)).await;
    assert_eq!(captured, Outcome::Approved { reference: reference.clone(), avs: None, profile: None });
    let refund = desk.gateway.send(follow("r1", GatewayAction::Refund, 400)).await;
    assert!(
        matches!(&refund, Outcome::Approved { reference: Some(id), .. } if id.starts_with("ref_")),
        "{refund:?}"
    );
    assert_eq!(desk.gateway.send(follow("r1", GatewayAction::Refund, 400)).await, refund);
    assert_eq!(desk.gateway.find(&attempt("r1")).await, Found::Known(refund));
    let too_much = desk.gateway.send(follow("r2", GatewayAction::Refund, 601)).await;
    assert!(matches!(too_much, Outcome::Declined { message } if message.starts_with("amount_too_large: ")));
    let unknown =
        GatewayRequest { reference: Some("pay_0".to_owned()), ..follow("r3", GatewayAction::Refund, 1) };
    assert!(matches!(desk.gateway.send(unknown).await, Outcome::Declined { .. }));
    let void = desk.gateway.send(follow("v1", GatewayAction::Void, 1_000)).await;
    assert!(matches!(void, Outcome::Declined { .. }), "part of it went back already");
}

#[tokio::test]
async fn silence_and_nonsense_are_unknown_and_then_down() {
    for answers in [[(500, "")], [(200, "<html>")], [(401, "{}")]] {
        let platform = Listener::with(&answers);
        let gateway = PlatformGateway::new(config(&platform.start().await, "http://s")).unwrap();
        assert!(gateway.is_up("stripe"));
        assert_eq!(gateway.send(request("a1", GatewayAction::Purchase)).await, Outcome::Unknown);
        assert_eq!(gateway.find(&attempt("a1")).await, Found::Unclear);
        assert!(gateway.is_up("stripe"), "two failures are no pattern");
        assert_eq!(gateway.give_up(&attempt("a1")).await, Found::Unclear);
        assert!(!gateway.is_up("stripe") && gateway.is_up("bitpay"));
    }
    let platform = Listener::with(&[(500, ""), (500, ""), (500, ""), (404, "")]);
    let gateway = PlatformGateway::new(config(&platform.start().await, "http://s")).unwrap();
    for _ in 0..3 {
        gateway.find(&attempt("a1")).await;
    }
    assert!(!gateway.is_up("stripe"));
    assert_eq!(gateway.find(&attempt("a1")).await, Found::Never);
    assert!(gateway.is_up("stripe"), "a good answer ends it");
}
