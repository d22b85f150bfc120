//! `kill -9` around the money: whatever the platform has is an order or credit afterwards, once.

use crate::town::Town;
use serde_json::{Value, json};
use std::time::Duration;

const SERVICE: i64 = 700;
const TOP_UP: i64 = 1_000;

/// Alternately two services and a top-up.
fn body(turn: usize) -> (Value, i64) {
    if turn.is_multiple_of(2) {
        let items = json!([{ "price_id": "price_isp_us_1m", "quantity": 2 }]);
        let body = json!({ "line_items": items, "payment_method_id": "stripe:card", "apply_customer_credit": false });
        (body, SERVICE)
    } else {
        let body = json!({ "is_top_up": true, "top_up_amount": TOP_UP, "payment_method_id": "stripe:card" });
        (body, TOP_UP)
    }
}

/// What an order made of its money: what it sold, and what became credit.
fn worth(order: &Value) -> i64 {
    let sold = match (order["status"].as_str(), order["order_type"].as_str()) {
        (Some("paid"), Some("service")) => {
            assert_eq!(order["created_services"].as_array().unwrap().len(), 1, "{order:#}");
            SERVICE
        }
        _ => 0,
    };
    sold + order["credit_granted"].as_i64().unwrap()
}

#[test]
fn between_redirect_and_webhook() {
    let ada = "tok_ada";
    // Told again by the platform once the server is back, and never told again.
    for (turn, is_told) in [(0, true), (1, true), (2, false), (3, false)] {
        let mut town = Town::with(&[("CASHWRAP_TEST_MODE", "true")]);
        let (body, amount) = body(turn);
        let number = town.redirected(ada, &body);
        town.kill();
        assert_eq!(town.happens(&number, "pay"), [None], "nobody is there to hear it");
        town.start();
        assert_eq!(town.order(ada, &number)["status"], "awaiting_payment", "the money is not known yet");
        if is_told {
            assert_eq!(town.happens(&number, "duplicate"), [Some(200), Some(200), Some(200)]);
            assert_eq!(town.order(ada, &number)["status"], "paid");
        } else {
            town.minutes_pass(61);
        }
        let order = town.order(ada, &number);
        assert_eq!((worth(&order), town.received(&number)), (amount, amount), "turn {turn}: {order:#}");
        let credited = order["credit_granted"].as_i64().unwrap();
        assert_eq!(town.balance(ada), credited, "turn {turn}");
        town.audit();
    }
}

#[test]
fn during_a_storm_of_webhooks() {
    const ORDERS: usize = 12;
    let mut town = Town::open();
    let ada = "tok_ada";
    let mut balance = 0;
    for (round, pause) in [3, 25, 60, 120].into_iter().enumerate() {
        let numbers: Vec<String> = (0..ORDERS).map(|turn| town.redirected(ada, &body(turn).0)).collect();
        std::thread::scope(|scope| {
            // The stand-ins are a process of their own: they tell on while the server dies.
            let root = town.platforms_root();
            for number in &numbers {
                let url = format!("{root}/sim/payments/{number}/run");
                scope.spawn(move || {
                    crate::town::send("POST", &url, &[], Some("{\"scenario\":\"parallel\"}".to_owned()))
                });
            }
            std::thread::sleep(Duration::from_millis(pause));
            town.kill();
        });
        town.start();
        // A platform that was not answered tells again; what was taken already changes nothing.
        for number in &numbers {
            assert!(
                town.happens(number, "duplicate").iter().all(|status| *status == Some(200)),
                "round {round}"
            );
        }
        for (turn, number) in numbers.iter().enumerate() {
            let (_, amount) = body(turn);
            let order = town.order(ada, number);
            assert_eq!(order["status"], "paid", "round {round}, turn {turn}: {order:#}");
            assert_eq!(
                (worth(&order), town.received(number)),
                (amount, amount),
                "round {round}, turn {turn}"
            );
            balance += order["credit_granted"].as_i64().unwrap();
        }
        assert_eq!(town.balance(ada), balance, "round {round}");
    }
    assert_eq!(town.ledger(ada).len(), 4 * ORDERS / 2, "one row for each top-up");
    town.audit();
}
