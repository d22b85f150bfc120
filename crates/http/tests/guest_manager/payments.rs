//! Payments by token: in the background, one way or the other; and what must not be sent.

use crate::office::*;
use crate::support::CHECK;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_payment_is_processed_in_the_background() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    let sent = office.pay(&order, "tok_visa_ok").await.json(200);
    assert_eq!((sent["state"].as_str(), &sent["locked"]), (Some("processing"), &json!(true)));
    let poll = office.api().get(&path(&order, "/poll")).await.json(200);
    assert_eq!(poll, json!({"state": "processing"}));
    let busy = office.pay(&order, "tok_visa_ok").await.json(400);
    assert_eq!(busy["type"], "order_processing");
    let done = office.settled(&order).await;
    assert_eq!((done["state"].as_str(), done["payment_state"].as_str()), (Some("complete"), Some("paid")));
    assert!(done["completed_at"].is_string());
    let payment = &done["payments"][0];
    assert_eq!(
        (payment["state"].as_str(), payment["amount"]["amount"].as_i64()),
        (Some("completed"), Some(1645))
    );
    assert_eq!(payment["source"], json!({"brand": "visa", "last_four": "4680", "cardholder_name": "Ada"}));
    assert_eq!(done["tickets"][0]["status"], "valid");
    assert!(done["tickets"][0]["links"]["pdf"].as_str().unwrap().ends_with(".pdf"));
    assert!(!done.to_string().contains("tok_visa_ok"));
    let late = office.pay(&order, "tok_visa_ok").await.json(400);
    assert_eq!(late["type"], "order_complete");
}

#[tokio::test]
async fn a_refused_card_leads_back_to_the_payment() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pay(&order, "tok_decline").await.json(200);
    let refused = office.settled(&order).await;
    assert_eq!(
        (refused["state"].as_str(), refused["payment_state"].as_str()),
        (Some("payment"), Some("failed"))
    );
    assert_eq!(refused["payments"][0]["state"], "failed");
    assert!(refused["payments"][0]["reason"].is_string());
    assert_eq!(refused["completed_at"], Value::Null);
    office.pay(&order, "tok_ok").await.json(200);
    let done = office.settled(&order).await;
    assert_eq!((done["state"].as_str(), done["payments"].as_array().unwrap().len()), (Some("complete"), 2));
}

#[tokio::test]
async fn a_buyer_may_have_to_act() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pay(&order, "tok_action").await.json(200);
    let mut poll = Value::Null;
    for _ in 0..50 {
        poll = office.api().get(&path(&order, "/poll")).await.json(200);
        if poll.get("next_action").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        (poll["state"].as_str(), poll["next_action"]["type"].as_str()),
        (Some("processing"), Some("redirect"))
    );
    let shown = office.get(&order).await;
    assert_eq!(shown["payments"][0]["state"], "requires_action");
}

/// The buyer never comes back: after ten minutes the payment is given up, and the order is where it was.
#[tokio::test]
async fn a_payment_that_nobody_makes_leads_back_to_the_payment() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pass(14 * 60).await;
    office.pay(&order, "tok_action").await.json(200);
    office.engine.idle(Duration::from_secs(10)).await;
    office.pass(9 * 60).await;
    office.sweep().await;
    assert_eq!(office.get(&order).await["state"], "processing", "its own time is over, but it is frozen");
    office.pass(61).await;
    office.sweep().await;
    let back = office.get(&order).await;
    assert_eq!((back["state"].as_str(), back["payment_state"].as_str()), (Some("payment"), Some("failed")));
    assert_eq!(back["line_items"][0]["availability"], "selling");
    office.pass(4 * 60).await;
    office.pay(&order, "tok_ok").await.json(200);
    assert_eq!(office.settled(&order).await["state"], "complete");
    let left = office.at_payment(FEE).await;
    office.pay(&left, "tok_action").await.json(200);
    office.engine.idle(Duration::from_secs(10)).await;
    office.pass(10 * 60 + 1).await;
    office.sweep().await;
    assert_eq!(office.get(&left).await["state"], "payment");
    office.pass(5 * 60 + 1).await;
    assert_eq!(office.get(&left).await["state"], "expired");
}

/// The gateway never says a word: the order waits ten minutes, then the charge is ended and nothing was taken.
#[tokio::test]
async fn a_gateway_that_never_answers_leads_back_to_the_payment() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pay(&order, "tok_timeout").await.json(200);
    office.engine.idle(Duration::from_secs(10)).await;
    office.pass(9 * 60).await;
    office.sweep().await;
    assert_eq!(office.get(&order).await["state"], "processing");
    office.pass(61).await;
    office.sweep().await;
    let back = office.get(&order).await;
    assert_eq!((back["state"].as_str(), back["payment_state"].as_str()), (Some("payment"), Some("failed")));
    assert_eq!(back["payments"][0]["state"], "failed");
    assert_eq!(office.bank.charges(order["number"].as_str().unwrap()), [], "nothing was charged");
    office.pay(&order, "tok_ok").await.json(200);
    assert_eq!(office.settled(&order).await["state"], "complete");
    assert_eq!(office.bank.charges(order["number"].as_str().unwrap()).len(), 1);
}

#[tokio::test]
async fn money_by_hand_completes_the_order_unpaid() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    let given = json!({"payments": [{"payment_method_id": CHECK}]});
    let done = office.give(&order, "payment", given).await.json(200);
    assert_eq!(
        (done["state"].as_str(), done["payment_state"].as_str()),
        (Some("complete"), Some("balance_due"))
    );
    assert_eq!(done["payments"][0]["state"], "pending");
}

#[tokio::test]
async fn card_numbers_are_refused_and_the_security_code_is_forgotten() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    for source in [
        json!({"number": "4111111111111111"}),
        json!({"token": "4111 1111 1111 1111"}),
        json!({"token": "tok", "card_number": "x"}),
        json!({"token": "tok", "cvv": "4111111111111111"}),
        json!({"token": "tok", "cardholder_name": "000000000000"}),
    ] {
        let payment = json!({"payment_method_id": 1, "source": source});
        let reply = office.give(&order, "payment", json!({"payments": [payment]})).await;
        let refused = reply.json(422);
        let row = &refused["errors"]["associations"]["payments"]["0"];
        assert_eq!(codes(&row["errors"], "source"), ["invalid"], "{refused}");
        assert!(!reply.body.contains("4111"));
    }
    assert_eq!(office.get(&order).await["version"], order["version"]);
}

#[tokio::test]
async fn payments_are_named_by_what_is_wrong_with_them() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    for (payment, attribute, code) in [
        (json!({"source": {"token": "x"}}), "payment_method_id", "blank"),
        (json!({"payment_method_id": 99, "source": {"token": "x"}}), "payment_method_id", "inclusion"),
        (json!({"payment_method_id": 3}), "payment_method_id", "inclusion"),
        (json!({"payment_method_id": 1}), "source", "blank"),
        (json!({"payment_method_id": 1, "source": {}}), "token", "blank"),
        (json!({"payment_method_id": 1, "source": {"token": "x"}, "amount": "17.00"}), "amount", "invalid"),
        (json!({"payment_method_id": 1, "source": {"token": "x"}, "amount": "1.00"}), "amount", "invalid"),
        (json!({"payment_method_id": 1, "source": {"token": "x"}, "amount": "much"}), "amount", "invalid"),
    ] {
        let refused = office.give(&order, "payment", json!({"payments": [payment]})).await.json(422);
        let row = &refused["errors"]["associations"]["payments"]["0"];
        assert_eq!(codes(&row["errors"], attribute), [code], "{refused}");
    }
    let none = office.give(&order, "payment", json!({})).await.json(422);
    assert_eq!(codes(&none["errors"], "payments"), ["blank"]);
}

#[tokio::test]
async fn several_payments_together_pay() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    let part = |amount: &str| {
        let mut payment = by_card("tok_ok");
        payment["amount"] = json!(amount);
        payment
    };
    office.give(&order, "payment", json!({"payments": [part("10.00"), part("6.45")]})).await.json(200);
    let done = office.settled(&order).await;
    assert_eq!(
        (done["state"].as_str(), done["payment_total"]["amount"].as_i64()),
        (Some("complete"), Some(1645))
    );
}
