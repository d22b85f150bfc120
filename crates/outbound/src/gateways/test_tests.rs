//! The test gateway against the behaviour that is documented for it.

use super::*;
use domain::money::{Amount, Currency};
use domain::order::{SaveCard, Secret};

fn quick() -> TestGateway {
    TestGateway::new(Timing {
        token: Duration::from_millis(5),
        slow: Duration::from_millis(20),
        late: Duration::from_millis(40),
        silence: Duration::from_millis(10),
        ..Timing::default()
    })
}

fn request(attempt: &str, action: GatewayAction, token: &str) -> GatewayRequest {
    GatewayRequest {
        attempt: AttemptId(attempt.to_owned()),
        action,
        money: Money::new(1_999, Currency::USD),
        token: token.to_owned(),
        profile: None,
        reference: None,
        captured: Amount::ZERO,
        order_number: "R1".to_owned(),
        order_secret: Secret([0; 16]),
        order_origin: domain::channel::ChannelKey::new("pages"),
        method: String::new(),
        save: SaveCard::No,
    }
}

fn charge(attempt: &str, token: &str) -> GatewayRequest {
    request(attempt, GatewayAction::Purchase, token)
}

fn message(outcome: Outcome) -> String {
    match outcome {
        Outcome::Declined { message } => message,
        other => panic!("not declined: {other:?}"),
    }
}

fn is_approved(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Approved { .. })
}

#[test]
fn published_numbers_become_tokens() {
    let gateway = quick();
    for number in ACCEPTED {
        assert_eq!(gateway.tokenise(number).map(|card| card.token).as_deref(), Ok(APPROVE), "{number}");
    }
    let grouped = gateway.tokenise("4111 1111-1111 1111").expect("published");
    assert_eq!((grouped.brand.as_str(), grouped.last4.as_str()), ("visa", "1111"));
    let refused = gateway.tokenise("4000000000000002").expect("published");
    assert_eq!((refused.token.as_str(), refused.last4.as_str()), (DECLINE, "0002"));
}

#[test]
fn a_real_number_is_refused_and_any_other_text_declines() {
    let gateway = quick();
    assert_eq!(gateway.tokenise("4242 4242 4242 4242"), Err(TokenError::RealCard));
    for (text, last4) in
        [("4242424242424241", "4241"), ("hello world", "orld"), ("7", "7"), ("", ""), ("ééééé", "éééé")]
    {
        let card = gateway.tokenise(text).expect("no card number");
        assert_eq!((card.token.as_str(), card.last4.as_str()), (DECLINE, last4), "{text}");
    }
}

#[tokio::test]
async fn authorising_and_buying_differ_in_the_address_check() {
    let gateway = quick();
    for (action, letter) in [(GatewayAction::Authorize, "D"), (GatewayAction::Purchase, "M")] {
        let outcome = gateway.send(request(letter, action, APPROVE)).await;
        let Outcome::Approved { reference, avs, profile } = outcome else {
            panic!("not approved: {outcome:?}")
        };
        assert_eq!((reference.as_deref(), avs.as_deref()), (Some("12345"), Some(letter)));
        let profile = profile.expect("a new card gets a profile");
        let digits = profile.strip_prefix("BGS-").expect("begins like a profile");
        assert!(digits.len() < 13 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{profile}");
    }
}

#[tokio::test]
async fn refusals_name_what_was_asked() {
    let gateway = quick();
    let forced = |what: &str| format!("Bogus Gateway: Forced failure - {what}");
    assert_eq!(
        message(gateway.send(request("a", GatewayAction::Authorize, DECLINE)).await),
        forced("authorize")
    );
    assert_eq!(
        message(gateway.send(request("b", GatewayAction::Purchase, DECLINE)).await),
        forced("purchase")
    );
    assert_eq!(message(gateway.send(request("c", GatewayAction::Capture, APPROVE)).await), forced("capture"));
    let captured = GatewayRequest { captured: Amount(5), ..request("d", GatewayAction::Void, APPROVE) };
    assert_eq!(message(gateway.send(captured).await), forced("void"));
}

#[tokio::test]
async fn an_authorisation_can_be_captured_or_voided() {
    let gateway = quick();
    let known = |attempt, action| GatewayRequest {
        reference: Some("12345".to_owned()),
        ..request(attempt, action, DECLINE)
    };
    assert!(is_approved(&gateway.send(known("a", GatewayAction::Capture)).await));
    assert!(is_approved(&gateway.send(known("b", GatewayAction::Void)).await));
}

#[tokio::test]
async fn a_saved_profile_is_accepted_whatever_the_token() {
    let saved = GatewayRequest { profile: Some("BGS-77".to_owned()), ..charge("a", DECLINE) };
    assert!(is_approved(&quick().send(saved).await));
}

#[tokio::test]
async fn the_same_key_is_charged_once() {
    let gateway = quick();
    let (one, two) =
        tokio::join!(gateway.send(charge("a", "tok_visa")), gateway.send(charge("a", "tok_visa")));
    assert_eq!(one, two);
    let ledger = gateway.ledger();
    assert_eq!((ledger.len(), ledger[0].sent), (1, 2));
    assert_eq!(gateway.charges("R1").len(), 1);
    assert_eq!(gateway.find(&AttemptId("b".to_owned())).await, Found::Never);
}

#[tokio::test]
async fn tokens_do_what_their_words_say() {
    let gateway = quick();
    assert!(is_approved(&gateway.send(charge("ok", "tok_anything")).await));
    assert!(is_approved(&gateway.send(charge("slow", "tok_slow")).await));
    assert!(message(gateway.send(charge("no", "tok_fail")).await).ends_with("purchase"));
    assert!(message(gateway.send(charge("none", "")).await).ends_with("purchase"));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_can_be_found() {
    let gateway = quick();
    let request = charge("a", "test:timeout-after");
    assert_eq!(gateway.send(request.clone()).await, Outcome::Unknown);
    let Found::Known(outcome) = gateway.find(&request.attempt).await else { panic!("not found") };
    assert!(is_approved(&outcome));
}

#[tokio::test]
async fn silence_lasts_until_it_is_given_up() {
    let gateway = quick();
    let request = charge("a", "test:timeout");
    assert_eq!(gateway.send(request.clone()).await, Outcome::Unknown);
    assert_eq!(gateway.find(&request.attempt).await, Found::Known(Outcome::Unknown));
    let ended = gateway.give_up(&request.attempt).await;
    assert!(matches!(ended, Found::Known(Outcome::Declined { .. })), "{ended:?}");
    assert_eq!(gateway.find(&request.attempt).await, ended);
    assert_eq!(gateway.charges("R1"), []);
}

#[tokio::test]
async fn a_lost_request_never_arrived_and_can_be_sent_again() {
    let gateway = quick();
    let request = charge("a", "test:timeout-before");
    assert_eq!(gateway.send(request.clone()).await, Outcome::Unknown);
    assert_eq!(gateway.find(&request.attempt).await, Found::Never);
    assert!(is_approved(&gateway.send(request).await));
    assert_eq!(gateway.charges("R1").len(), 1);
}

#[tokio::test]
async fn a_late_success_is_unclear_first() {
    let gateway = quick();
    let request = charge("a", "test:late");
    assert_eq!(gateway.send(request.clone()).await, Outcome::Unknown);
    assert_eq!(gateway.find(&request.attempt).await, Found::Unclear);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(matches!(gateway.find(&request.attempt).await, Found::Known(outcome) if is_approved(&outcome)));
}

#[tokio::test]
async fn an_action_ends_by_the_buyer_or_by_giving_up() {
    let gateway = quick();
    let (one, two) = (charge("a", "test:action"), charge("b", "test:action"));
    let Outcome::ActionRequired { url } = gateway.send(one.clone()).await else { panic!("no action") };
    assert_eq!(url, "/simulator/payments/a");
    assert!(gateway.act(&one.attempt, Accepts::Yes).is_some_and(|outcome| is_approved(&outcome)));
    assert_eq!(gateway.act(&one.attempt, Accepts::No), None, "it is over");
    gateway.send(two.clone()).await;
    assert!(matches!(gateway.give_up(&two.attempt).await, Found::Known(Outcome::Declined { .. })));
    assert_eq!(gateway.act(&two.attempt, Accepts::Yes), None, "it cannot succeed any more");
}
