//! Every scenario of the simulator: what it does with the money, what becomes of the order, of the stock, of the basket.

use crate::buyer::{ADDRESS, Buyer, INDEX, SHIRT, Session, completed, number_in};
use crate::town::Town;
use serde_json::{Value, json};

const TWO: u32 = 2;

/// What was answered to the calls of one step, in order.
fn answers<'a>(transcript: &'a Value, step: &str) -> Vec<(u64, &'a Value)> {
    let calls = transcript["calls"].as_array().unwrap().iter().filter(|call| call["step"] == step);
    calls.map(|call| (call["status"].as_u64().unwrap_or(0), &call["answer"])).collect()
}

/// Whether the transcript's money is there as one order: in the completed page, for staff, in the stock.
fn is_one_order(town: &Town, transcript: &Value, before: Before<'_>) -> String {
    assert_eq!(transcript["money"]["state"], "kept", "{transcript:#}");
    let link = transcript["browser_goes_to"].as_str().unwrap();
    let number = number_in(link);
    let shown = completed(link);
    assert_eq!((&shown["number"], &shown["status"]["value"]), (&json!(number), &json!("400")));
    assert_eq!(shown["amount"], transcript["money"]["amount"]);
    let order = town.staff(&format!("/solidus/api/orders/{number}"));
    let amount = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    assert_eq!(amount(&order["total"]), amount(&transcript["money"]["amount"]));
    assert_eq!(amount(&order["payment_total"]), amount(&order["total"]));
    let states = ["state", "payment_state", "shipment_state"].map(|key| order[key].as_str().unwrap());
    assert_eq!(states, ["complete", "paid", "ready"]);
    assert_eq!(order["payments"].as_array().unwrap().len(), 1);
    assert_eq!(town.orders(), before.orders + 1);
    assert_eq!(before.witness.stock(), before.stock - i64::from(TWO));
    number
}

/// Whether there is no order, and the basket is as it was.
fn is_no_order(town: &Town, buyer: &Buyer<'_>, before: Before<'_>) {
    assert_eq!(town.orders(), before.orders);
    assert_eq!(before.witness.stock(), before.stock);
    assert_eq!(buyer.items(), [(SHIRT, u64::from(TWO))]);
}

/// What there was before a scenario.
#[derive(Clone, Copy)]
struct Before<'a> {
    orders: u64,
    stock: i64,
    /// Somebody with a shirt in the basket, who sees how many there are.
    witness: &'a Buyer<'a>,
}

fn now<'a>(town: &Town, witness: &'a Buyer<'a>) -> Before<'a> {
    Before { orders: town.orders(), stock: witness.stock(), witness }
}

fn begin(town: &Town) -> (Buyer<'_>, Session) {
    Buyer::at_provider(town, &[(SHIRT, TWO)])
}

#[test]
fn a_good_payment_is_one_order() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    for (scenario, notifications) in [
        ("happy", 1),
        ("installments_6", 1),
        ("replay_notification", 2),
        ("parallel_notification", 10),
        ("lost_reply", 2),
        ("slow", 1),
    ] {
        let before = now(&town, &witness);
        let (_, session) = begin(&town);
        let transcript = town.run(&session.token, &json!({ "scenario": scenario }));
        let number = is_one_order(&town, &transcript, before);
        let told = answers(&transcript, "notification");
        assert_eq!(told.len(), notifications, "{scenario}");
        for (status, answer) in told {
            assert_eq!(status, 200, "{scenario}: {answer}");
            assert_eq!(number_in(answer["return_url"].as_str().unwrap()), number, "{scenario}");
        }
    }
    town.kill_shop();
    town.audit();
}

#[test]
fn calls_that_are_refused_change_nothing_for_the_good_ones_after_them() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    let wrong = json!({ "session_token": ["Verification failed, please try again"] });
    let early = json!({ "non_field_errors": [format!("Please complete the previous step: {ADDRESS}.")] });
    for (scenario, step, expected) in [
        ("wrong_token", "address", &wrong),
        ("wrong_token", "agreement info", &wrong),
        ("out_of_order", "agreement info", &early),
        ("out_of_order", "notification", &early),
    ] {
        let before = now(&town, &witness);
        let (_, session) = begin(&town);
        let transcript = town.run(&session.token, &json!({ "scenario": scenario }));
        is_one_order(&town, &transcript, before);
        assert_eq!(answers(&transcript, step)[0], (400, expected), "{scenario}");
    }
}

#[test]
fn a_payment_that_is_refused_goes_back_and_may_be_tried_again() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    for (scenario, money, field, sentence) in [
        ("decline", "none", "is_successful", "Transaction failed. Please try again."),
        ("no_agreement", "refunded", "agreements", "You must accept agreement to continue."),
        ("wrong_conversation", "refunded", "conversation_id", "Verification failed, please try again"),
        ("basket_snapshot_tampered", "refunded", "basket", "Basket has changed, please try again."),
        ("underpaid", "refunded", "non_field_errors", "Paid amount does not match order total."),
    ] {
        let before = now(&town, &witness);
        let (buyer, session) = begin(&town);
        let transcript = town.run(&session.token, &json!({ "scenario": scenario }));
        assert_eq!(transcript["money"]["state"], money, "{scenario}: {transcript:#}");
        let refused = json!({ field: [sentence] });
        assert_eq!(answers(&transcript, "notification"), [(400, &refused)], "{scenario}");
        assert_eq!(
            transcript["browser_goes_to"],
            format!("{}/orders/checkout-provider-cancel/", town.shop_url)
        );
        is_no_order(&town, &buyer, before);
        let corrected = town.run(&session.token, &json!({ "scenario": "happy" }));
        is_one_order(&town, &corrected, before);
    }
}

#[test]
fn who_leaves_keeps_the_basket_and_nothing_else() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    let before = now(&town, &witness);
    let (buyer, session) = begin(&town);
    let left = town.run(&session.token, &json!({ "scenario": "cancel", "cookie": buyer.cookie() }));
    assert_eq!(left["money"]["state"], "none");
    let (status, _) = answers(&left, "cancel (the browser)")[0];
    assert_eq!((status, &left["calls"][1]["location"]), (302, &json!("/basket/")));
    is_no_order(&town, &buyer, before);
    let (page, pre_order) = buyer.checkout();
    assert_eq!((page.as_str(), &pre_order["is_redirected"]), (INDEX, &json!(false)));
    // The session that was left is of no use to anybody.
    let late = town.run(&session.token, &json!({ "scenario": "happy" }));
    assert_eq!(late["money"]["state"], "none", "{late:#}");
    is_no_order(&town, &buyer, before);
    // Leaving again, and without a cookie, ends at the same place.
    for who in [buyer.cookie(), String::new()] {
        let again = town.run(&session.token, &json!({ "scenario": "cancel", "cookie": who }));
        assert_eq!(again["calls"][1]["location"], "/basket/");
    }
    let session = buyer.select();
    is_one_order(&town, &town.run(&session.token, &json!({ "scenario": "happy" })), before);
}
