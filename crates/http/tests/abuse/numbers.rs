//! Quantities and amounts that are no numbers, or none that an order can have: refused, and nothing changes.

use crate::front::*;
use crate::support::*;
use serde_json::json;

/// Written as JSON. `4294967297` is 1 to whoever cuts it to 32 bits, `18446744073709551617` to whoever cuts it to 64.
const NO_QUANTITIES: [&str; 22] = [
    "-1",
    "-2147483648",
    "\"-1\"",
    "1.5",
    "0.001",
    "1e-9",
    "1E400",
    "-0.5",
    "\"NaN\"",
    "\"Infinity\"",
    "\"0x10\"",
    "\"1e3\"",
    "\"٣\"",
    "\"１\"",
    "\"1;DROP TABLE orders\"",
    "2147483648",
    "4294967297",
    "9223372036854775808",
    "18446744073709551617",
    "true",
    "[1]",
    "{\"a\":1}",
];

#[tokio::test]
async fn quantities_are_whole_numbers_within_bounds_or_nothing_happens() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(2).await;
        let line = front.line(&order).await;
        front.act(api, &order, &api.add(&order, r#""variant_id":1,"quantity":1"#)).await;
        assert_eq!(front.pieces(&order).await, 3, "{api:?}: an honest request counts");
        let before = front.whole(&order).await;
        for quantity in NO_QUANTITIES {
            let of_variant = format!(r#""variant_id":2,"quantity":{quantity}"#);
            let of_line = format!(r#""quantity":{quantity}"#);
            for deed in [
                api.add(&order, &of_variant),
                api.set(&order, &line, &of_line),
                api.edit(&order, &format!(r#""line_items":[{{{of_variant}}}]"#)),
                api.edit(&order, &format!(r#""line_items":[{{"id":{line},{of_line}}}]"#)),
            ] {
                refused(&front.act(api, &order, &deed).await, &format!("{api:?} {deed:?}"));
            }
            assert_eq!(front.whole(&order).await, before, "{api:?} {quantity}");
        }
    }
}

#[tokio::test]
async fn nothing_of_something_takes_its_line_and_its_discount_away() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(2).await;
        front.act(api, &order, &api.code(&order, &json!("tenoff"))).await.json(200);
        assert_eq!(front.order(&order).await["totals"]["total"], 1800, "{api:?}");
        let line = front.line(&order).await;
        // Solidus answers 404, as there is no line left to show.
        front.act(api, &order, &api.set(&order, &line, r#""quantity":0"#)).await;
        let left = front.order(&order).await;
        assert_eq!((&left["lines"], &left["totals"]["total"]), (&json!([]), &json!(0)), "{api:?}: {left}");
    }
}

#[tokio::test]
async fn amounts_are_positive_and_exact_or_refused() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    front.ready(&order).await;
    let before = front.whole(&order).await;
    for api in [Api::Solidus, Api::Spree] {
        for amount in [
            "-1",
            "\"-0.01\"",
            "1E400",
            "\"NaN\"",
            "\"0x10\"",
            "\"٣\"",
            "9223372036854775808",
            "92233720368547758.08",
            "\"99999999999999999999999999\"",
            "[1]",
            "true",
        ] {
            let body = format!(r#"{{"payment":{{"payment_method_id":{CHECK},"amount":{amount}}}}}"#);
            let deed = Deed::new("POST", order.path("/payments"), body);
            refused(&front.act(api, &order, &deed).await, &format!("{api:?} {deed:?}"));
            assert_eq!(front.whole(&order).await, before, "{api:?} {amount}");
        }
    }
}

#[tokio::test]
async fn a_total_does_not_come_round_to_a_small_one() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        for quantity in [1_000_000_u32, i32::MAX as u32, u32::MAX] {
            let before = front.whole(&order).await;
            let lines: Vec<_> = (0..100)
                .map(|at| 1 + at % 2)
                .map(|variant| json!({"variant_id": variant, "quantity": quantity}))
                .collect();
            let lines = json!(lines).to_string();
            let reply = front.act(api, &order, &api.edit(&order, &format!(r#""line_items":{lines}"#))).await;
            refused(&reply, &format!("{api:?} {quantity}"));
            assert_eq!(front.whole(&order).await, before, "{api:?} {quantity}");
        }
    }
}
