//! Many at once, through all APIs: one order, one charge, one use of a code, no piece sold twice. The gateway's own
//! ledger is the second witness.

use crate::front::*;
use crate::support::*;
use domain::command::Outcome;
use domain::order::GatewayAction;
use engine::ports::Store;
use serde_json::{Value, json};
use std::sync::Arc;

/// Does all deeds at once; the statuses, in order.
async fn at_once(front: &Front, deeds: Vec<(Api, Basket, Deed)>) -> Vec<u16> {
    let tasks: Vec<_> = deeds
        .into_iter()
        .map(|(api, order, deed)| {
            let front = front.clone();
            tokio::spawn(async move {
                let reply = front.act(api, &order, &deed).await;
                assert!(
                    reply.status < 500 || reply.status == 503,
                    "{api:?}: {} {}",
                    reply.status,
                    reply.body
                );
                reply.status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses
}

/// Waits until no payment is being made any more, and says which orders are placed.
async fn placed(front: &Front, orders: &[Basket]) -> Vec<bool> {
    let mut placed = Vec::new();
    for order in orders {
        for _ in 0..200 {
            if front.show(Api::GuestManager, order).await["state"] != "processing" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        placed.push(front.is_placed(order).await);
    }
    placed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_is_completed_once_through_whichever_api() {
    let front = Front::open().await;
    for _ in 0..5 {
        let order = front.basket(1).await;
        front.ready(&order).await;
        let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
        let deeds = (0..30).map(|at| (APIS[at % 3], order.clone(), APIS[at % 3].complete(&order)));
        let statuses = at_once(&front, deeds.collect()).await;
        assert!(statuses.contains(&200), "{statuses:?}");
        assert_eq!(placed(&front, std::slice::from_ref(&order)).await, [true]);
        assert_eq!(front.charged(&order), [total]);
        // And once more, later.
        let before = front.order(&order).await;
        for api in APIS {
            front.act(api, &order, &api.complete(&order)).await;
        }
        assert_eq!((front.charged(&order), front.order(&order).await), (vec![total], before));
    }
    front.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_is_good_once_is_used_once() {
    let front = Front::open().await;
    let mut orders = Vec::new();
    for at in 0..12 {
        let (order, api) = (front.basket(1).await, APIS[at % 3]);
        front.act(api, &order, &api.code(&order, &json!(SINGLE))).await.json(200);
        front.ready(&order).await;
        orders.push(order);
    }
    let deeds =
        (0..24).map(|at| (APIS[at % 2], orders[at % 12].clone(), APIS[at % 2].complete(&orders[at % 12])));
    at_once(&front, deeds.collect()).await;
    let placed = placed(&front, &orders).await;
    let mut reduced = 0;
    for (order, placed) in orders.iter().zip(&placed) {
        let shown = front.order(order).await;
        let charged = front.charged(order);
        match placed {
            true => assert_eq!(charged, [shown["totals"]["total"].as_i64().unwrap()]),
            false => assert_eq!(charged, [0; 0]),
        }
        reduced += usize::from(*placed && shown["totals"]["total"].as_i64() < Some(1500));
    }
    assert_eq!((reduced, placed.iter().filter(|placed| **placed).count()), (1, 1), "{placed:?}");
    front.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_pieces_are_sold_to_as_many_as_there_are() {
    let front = Front::open().await;
    let (variant, pieces) = LAST_PIECES;
    let mut orders = Vec::new();
    for _ in 0..12 {
        let order = front.basket_of(variant, 1).await;
        front.ready(&order).await;
        orders.push(order);
    }
    let deeds =
        (0..36).map(|at| (APIS[at % 3], orders[at % 12].clone(), APIS[at % 3].complete(&orders[at % 12])));
    at_once(&front, deeds.collect()).await;
    let placed = placed(&front, &orders).await;
    assert_eq!(placed.iter().filter(|placed| **placed).count(), pieces, "{placed:?}");
    for (order, placed) in orders.iter().zip(placed) {
        assert_eq!(front.charged(order).len(), usize::from(placed));
    }
    front.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pieces_added_at_once_are_all_there() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    let deeds = (0..24).map(|at| {
        let api = APIS[at % 3];
        (api, order.clone(), api.add(&order, r#""variant_id":1,"quantity":1"#))
    });
    let statuses = at_once(&front, deeds.collect()).await;
    let counted = statuses.iter().filter(|status| (200..300).contains(*status)).count();
    assert!(counted > 0, "{statuses:?}");
    assert_eq!(front.pieces(&order).await, 1 + i64::try_from(counted).unwrap(), "{statuses:?}");
    let lines = front.order(&order).await["lines"].as_array().unwrap().len();
    assert_eq!(lines, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_changed_while_it_is_paid_is_paid_or_not_changed() {
    let front = Front::open().await;
    for at in 0..9 {
        let (order, editor) = (front.basket(1).await, APIS[at % 3]);
        front.ready(&order).await;
        let other = APIS[(at + 1) % 3];
        let deeds = vec![
            (Api::Solidus, order.clone(), Api::Solidus.complete(&order)),
            (editor, order.clone(), editor.add(&order, r#""variant_id":2,"quantity":3"#)),
            (other, order.clone(), other.code(&order, &json!("tenoff"))),
            (editor, order.clone(), editor.set(&order, &front.line(&order).await, r#""quantity":9"#)),
        ];
        at_once(&front, deeds).await;
        let is_placed = placed(&front, std::slice::from_ref(&order)).await[0];
        let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
        match is_placed {
            true => assert_eq!(front.charged(&order), [total], "{editor:?}"),
            false => assert_eq!(front.charged(&order), [0; 0], "{editor:?}"),
        }
    }
    front.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancellation_and_a_completion_at_once_are_one_after_the_other() {
    let front = Front::open().await;
    for at in 0..6 {
        let order = front.basket(1).await;
        front.ready(&order).await;
        let cancel = match APIS[at % 3] {
            Api::GuestManager => Deed::new("PATCH", order.path("/cancel"), "{}".to_owned()),
            _ => Deed::new("PUT", order.path("/cancel"), String::new()),
        };
        let deeds = vec![
            (Api::Solidus, order.clone(), Api::Solidus.complete(&order)),
            (APIS[at % 3], order.clone(), cancel),
        ];
        at_once(&front, deeds).await;
        placed(&front, std::slice::from_ref(&order)).await;
        assert!(front.charged(&order).len() <= 1);
    }
    front.is_sound().await;
}

/// What the gateway did for an order, by kind, in cents.
fn done(front: &Front, order: &Basket, of: impl Fn(&GatewayAction) -> bool) -> i64 {
    let ledger = front.gateway.ledger().into_iter();
    let approved = |outcome: &Outcome| matches!(outcome, Outcome::Approved { .. });
    let mine = ledger.filter(|entry| entry.order_number == order.number && approved(&entry.outcome));
    mine.filter(|entry| of(&entry.action)).map(|entry| entry.money.amount.0).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn money_is_taken_once_and_never_more_of_it_given_back() {
    let front = Front::open().await;
    for _ in 0..3 {
        let order = front.basket(1).await;
        front.ready(&order).await;
        front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await.json(200);
        let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
        let payment = front.order(&order).await["payments"][0]["id"].clone();
        let all_at_once = async |action: &'static str, body: Value, apis: &[Api]| {
            let tasks: Vec<_> = (0..12)
                .map(|at| {
                    let staff = front.staff(apis[at % apis.len()]);
                    let (path, body) = (order.path(&format!("/payments/{payment}/{action}")), body.clone());
                    tokio::spawn(async move { staff.put(&path, body).await.status })
                })
                .collect();
            for task in tasks {
                let status = task.await.unwrap();
                assert!(status < 500, "{action}: {status}");
            }
        };
        all_at_once("capture", json!({}), &[Api::Solidus, Api::Spree]).await;
        assert_eq!(done(&front, &order, |action| matches!(action, GatewayAction::Capture)), total);
        let part = json!({"amount": "9.00"});
        all_at_once("credit", part, &[Api::Spree]).await;
        let back = done(&front, &order, |action| matches!(action, GatewayAction::Refund));
        assert!(back > 0 && back <= total, "{back} of {total}");
        for amount in ["-1", "0", "1000000", "\"NaN\"", "9223372036854775807", "1e3"] {
            let body = format!(r#"{{"amount":{amount}}}"#);
            let path = order.path(&format!("/payments/{payment}/credit"));
            let reply = front.staff(Api::Spree).raw("PUT", &path, "application/json", &body).await;
            refused(&reply, amount);
        }
        assert_eq!(done(&front, &order, |action| matches!(action, GatewayAction::Refund)), back);
    }
    front.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_cancelled_many_times_comes_back_once() {
    let front = Front::open().await;
    let store: Arc<dyn Store> = Arc::clone(front.engine.store());
    let left = async || {
        let stock = store.stock(&[MUG]).await.unwrap();
        format!("{stock:?}")
    };
    let before = left().await;
    let order = front.basket(3).await;
    front.ready(&order).await;
    front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await.json(200);
    assert_ne!(left().await, before);
    let tasks: Vec<_> = (0..12)
        .map(|at| {
            let (staff, path) = (front.staff(APIS[at % 3]), order.path("/cancel"));
            tokio::spawn(async move { staff.put(&path, json!({})).await.status })
        })
        .collect();
    for task in tasks {
        let status = task.await.unwrap();
        assert!(status < 500, "{status}");
    }
    assert_eq!(left().await, before);
    front.is_sound().await;
}
