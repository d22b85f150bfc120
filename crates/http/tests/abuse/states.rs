//! Steps left out, steps taken again, changes after the last one; codes twice and more than everything off.

use crate::front::*;
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn no_step_is_left_out() {
    let front = Front::open().await;
    let empty = {
        let order = front.basket(1).await;
        let line = front.line(&order).await;
        front.act(Api::Solidus, &order, &Api::Solidus.set(&order, &line, r#""quantity":0"#)).await;
        order
    };
    for order in [empty, front.basket(1).await] {
        let before = front.whole(&order).await;
        let reply = front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await;
        refused(&reply, "complete");
        assert_eq!(front.whole(&order).await, before);
        for api in APIS {
            for _ in 0..8 {
                front.act(api, &order, &api.complete(&order)).await;
            }
            let states = r#""state":"complete","completed_at":"2020-01-01""#;
            front.act(api, &order, &api.edit(&order, states)).await;
            assert_eq!((front.is_placed(&order).await, front.charged(&order)), (false, vec![]), "{api:?}");
        }
    }
}

#[tokio::test]
async fn an_order_that_is_placed_stays_as_it_was_paid() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    front.ready(&order).await;
    front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await.json(200);
    let line = front.line(&order).await;
    let before = front.whole(&order).await;
    let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
    for api in APIS {
        for deed in [
            api.complete(&order),
            api.add(&order, r#""variant_id":1,"quantity":1"#),
            api.set(&order, &line, r#""quantity":9"#),
            Deed::new("DELETE", order.path(&format!("/line_items/{line}")), String::new()),
            api.code(&order, &json!("tenoff")),
            api.edit(&order, r#""email":"other@example.com""#),
            api.edit(
                &order,
                r#""ship_address_attributes":{"city":"Elsewhere"},"ship_address":{"city":"Elsewhere"}"#,
            ),
            Deed::new("PUT", order.path("/empty"), String::new()),
            Deed::new("PATCH", format!("/checkout/{}/resume", order.number), String::new()),
        ] {
            refused(&front.act(api, &order, &deed).await, &format!("{api:?} {deed:?}"));
            assert_eq!(front.whole(&order).await, before, "{api:?} {deed:?}");
        }
    }
    assert_eq!(front.charged(&order), [total]);
}

#[tokio::test]
async fn a_code_counts_once_however_it_is_spelled() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        for code in [
            json!("tenoff"),
            json!("TENOFF"),
            json!(" tenoff "),
            json!("TenOff\t"),
            json!("ｔｅｎｏｆｆ"),
            json!("tenoff,tenoff"),
        ] {
            for api in [api, APIS[0]] {
                let reply = front.act(api, &order, &api.code(&order, &code)).await;
                assert!(reply.status < 500, "{api:?} {code}: {}", reply.body);
            }
            let total = &front.order(&order).await["totals"]["total"];
            assert_eq!(*total, 900, "{api:?} {code}");
        }
        let before = front.whole(&order).await;
        for code in [
            json!(["tenoff", "tenoff"]),
            json!({"0": "tenoff"}),
            json!(null),
            json!(""),
            json!("x".repeat(10_000)),
        ] {
            refused(&front.act(api, &order, &api.code(&order, &code)).await, &format!("{api:?} {code}"));
            assert_eq!(front.whole(&order).await, before, "{api:?} {code}");
        }
    }
}

#[tokio::test]
async fn never_more_than_everything_is_taken_off() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        for code in [WHOLE, "tenoff", SINGLE] {
            front.act(api, &order, &api.code(&order, &json!(code))).await;
        }
        let shown = front.order(&order).await;
        assert_eq!(shown["totals"]["total"], 0, "{api:?}: {shown}");
        let tax = shown["totals"]["tax"].as_i64().unwrap_or_default();
        assert!(tax >= 0, "{api:?}");
    }
}

#[tokio::test]
async fn what_needed_no_payment_needs_one_as_soon_as_it_costs_something() {
    for api in APIS {
        let front = Front::open().await;
        let order = front.basket_of(GIFT, 1).await;
        front.ready(&order).await;
        let reply = front.act(api, &order, &api.add(&order, r#""variant_id":1,"quantity":1"#)).await;
        assert!((200..300).contains(&reply.status), "{api:?}: {}", reply.body);
        for _ in 0..6 {
            for by in APIS {
                front.act(by, &order, &by.complete(&order)).await;
            }
        }
        let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
        assert!(total >= 1000, "{api:?}");
        if front.is_placed(&order).await {
            let shown = front.show(Api::Solidus, &order).await;
            assert_eq!(shown["payment_state"], "balance_due", "{api:?}: placed for nothing");
        }
    }
}

#[tokio::test]
async fn a_code_that_is_no_longer_good_is_not_silently_dropped_at_the_last_move() {
    for api in [Api::Solidus, Api::Spree] {
        let front = Front::open().await;
        let (first, second) = (front.basket(1).await, front.basket(1).await);
        for order in [&first, &second] {
            front.act(api, order, &api.code(order, &json!(SINGLE))).await.json(200);
            front.ready(order).await;
        }
        front.act(api, &first, &api.complete(&first)).await.json(200);
        refused(&front.act(api, &second, &api.complete(&second)).await, &format!("{api:?}"));
        assert_eq!((front.is_placed(&second).await, front.charged(&second)), (false, vec![]), "{api:?}");
    }
}
