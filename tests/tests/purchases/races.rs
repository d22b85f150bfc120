//! Many at once over HTTP: credit pays one of them.

use crate::town::Town;
use serde_json::json;
use std::sync::Barrier;

/// Checkouts at once.
const MANY: usize = 64;

#[test]
fn credit_for_one_checkout_pays_one_of_many() {
    let mut town = Town::open();
    let rich = "tok_rich";
    let before = town.balance(rich);
    // 200 at 3.00 each: more than half of what there is.
    let cost = 60_000;
    assert!(before >= cost && before < 2 * cost, "{before}");
    let body = json!({ "line_items": [{ "price_id": "price_isp_us_1m", "quantity": 200 }], "payment_method_id": "credit" });
    let start = Barrier::new(MANY);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..MANY)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    town.checkout(rich, &body)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let won: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(won[0].1["data"]["status"], "paid");
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, &answer["reason_code"]), (422, &json!("insufficient_credit")), "{answer:#}");
    }
    assert_eq!(town.balance(rich), before - cost);
    let (_, list) = town.ping("GET", "/private/user/order/search", rich, None);
    assert_eq!(list["total_count"], 1, "{list:#}");
    town.audit();
}

#[test]
fn one_key_sent_many_times_at_once_is_one_order() {
    let mut town = Town::open();
    let body = json!({ "line_items": [{ "price_id": "price_dc_us_1m", "quantity": 2 }], "payment_method_id": "credit" });
    let headers =
        [&crate::town::ping_headers("tok_rich")[..], &[("idempotency-key", "one-and-the-same")]].concat();
    let url = format!("{}/ping/1.0/private/user/checkout/create", town.root());
    let start = Barrier::new(MANY);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..MANY)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    crate::town::send("POST", &url, &headers, Some(body.to_string())).status
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    // Whoever comes while the first is at work is told to come again.
    assert!(
        statuses.contains(&201) && statuses.iter().all(|status| matches!(status, 201 | 409)),
        "{statuses:?}"
    );
    assert_eq!(town.balance("tok_rich"), 100_000 - 200);
    town.audit();
}
