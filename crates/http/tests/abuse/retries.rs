//! `Idempotency-Key` in the hands of others: many at once, other bodies, other callers, other APIs.

use crate::front::*;
use crate::support::*;
use engine::ports::OrderQuery;
use serde_json::json;

fn with_key(front: &Front, api: Api, order: &Basket, deed: &Deed, key: &str) -> (Caller, Deed) {
    let (caller, path) = front.proof(api, &order.token, &deed.path);
    (caller.header("Idempotency-Key", key), Deed { path, ..deed.clone() })
}

async fn send((caller, deed): (Caller, Deed)) -> Reply {
    caller.raw(deed.method, &deed.path, "application/json", &deed.body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_are_one() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let deed = api.add(&order, r#""variant_id":2,"quantity":1"#);
        let all: Vec<_> =
            (0..50).map(|_| tokio::spawn(send(with_key(&front, api, &order, &deed, "fifty")))).collect();
        let mut answers = Vec::new();
        for one in all {
            let reply = one.await.unwrap();
            match reply.status {
                200 | 201 => answers.push(reply.body),
                status => assert!([409, 503].contains(&status), "{api:?}: {status} {}", reply.body),
            }
        }
        assert!(!answers.is_empty(), "{api:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{api:?}");
        assert_eq!(front.pieces(&order).await, 2, "{api:?}");
        let later = send(with_key(&front, api, &order, &deed, "fifty")).await;
        assert_eq!(later.body, answers[0], "{api:?}");
    }
}

#[tokio::test]
async fn another_request_under_a_used_key_is_refused_and_does_nothing() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let first = api.add(&order, r#""variant_id":2,"quantity":1"#);
        send(with_key(&front, api, &order, &first, "used")).await;
        assert_eq!(front.pieces(&order).await, 2, "{api:?}");
        let before = front.whole(&order).await;
        let body = first.body.replace("\"quantity\":1", "\"quantity\":2");
        for other in
            [Deed { body, ..first.clone() }, Deed { path: format!("{}?x=1", first.path), ..first.clone() }]
        {
            refused(
                &send(with_key(&front, api, &order, &other, "used")).await,
                &format!("{api:?} {other:?}"),
            );
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
}

#[tokio::test]
async fn a_key_means_nothing_in_another_api() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    for (at, api) in (1..).zip(APIS) {
        let deed = api.add(&order, r#""variant_id":2,"quantity":1"#);
        let reply = send(with_key(&front, api, &order, &deed, "shared")).await;
        assert!((200..300).contains(&reply.status), "{api:?}: {}", reply.body);
        assert_eq!(front.pieces(&order).await, 1 + at, "{api:?}");
    }
}

#[tokio::test]
async fn a_strangers_key_does_not_open_an_order() {
    let front = Front::open().await;
    // Of these APIs only this one lets guests begin orders without any key.
    let begin = async |key: &str| {
        let guest = front.nobody(Api::Solidus).header("Idempotency-Key", key);
        guest.post("/orders", json!({"order": {}})).await
    };
    for key in ["1", "order", "2026-11-21"] {
        let (mine, theirs) = (begin(key).await, begin(key).await);
        refused(&mine, key);
        refused(&theirs, key);
    }
    // Nobody guesses this one; whoever sends it again is who sent it.
    let secret = "5f1c2f0e-8f0a-4b68-9f9c-0d9a2a7c1f10";
    let first = begin(secret).await.json(201);
    assert_eq!(begin(secret).await.json(201), first);
    for (key, other) in [(CUSTOMER_KEY, OTHER_KEY), (CUSTOMER_KEY, ADMIN_KEY)] {
        let begin = async |by: &str| {
            let caller = front.nobody(Api::Spree).header("X-Spree-Token", by).header("Idempotency-Key", "1");
            caller.post("/orders", json!({})).await.json(201)
        };
        assert_ne!(begin(key).await["number"], begin(other).await["number"]);
    }
}

#[tokio::test]
async fn a_key_that_is_sent_twice_is_refused_in_either_case() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        let deed = api.add(&order, r#""variant_id":2,"quantity":1"#);
        let (caller, deed) = with_key(&front, api, &order, &deed, "a");
        let twice = send((caller.header("idempotency-KEY", "b"), deed)).await;
        assert_eq!(twice.status, 400, "{api:?}: {}", twice.body);
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
}

#[tokio::test]
async fn a_refusal_before_any_effect_can_be_put_right_under_a_new_key() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let wrong = api.add(&order, r#""variant_id":2,"quantity":-1"#);
        let first = send(with_key(&front, api, &order, &wrong, "first")).await;
        refused(&first, &format!("{api:?}"));
        let again = send(with_key(&front, api, &order, &wrong, "first")).await;
        assert_eq!(again.status, first.status, "{api:?}");
        let right = api.add(&order, r#""variant_id":2,"quantity":1"#);
        send(with_key(&front, api, &order, &right, "second")).await;
        assert_eq!(front.pieces(&order).await, 2, "{api:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_that_is_begun_forty_times_under_one_key_is_begun_once() {
    for api in APIS {
        let front = Front::open().await;
        let body = json!({"order": {
            "currency": "USD", "guest_checkout": true, "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace",
            "line_items": [{"variant_id": MUG, "quantity": 1}],
        }});
        let all: Vec<_> = (0..40)
            .map(|_| {
                let (caller, body) = (front.keyed(api).header("Idempotency-Key", "begin"), body.clone());
                tokio::spawn(async move { caller.post("/orders", body).await })
            })
            .collect();
        let mut begun = 0;
        for one in all {
            let reply = one.await.unwrap();
            assert!([201, 409, 503].contains(&reply.status), "{api:?}: {} {}", reply.status, reply.body);
            begun += usize::from(reply.status == 201);
        }
        assert!(begun > 0, "{api:?}");
        let query = OrderQuery { limit: 100, ..OrderQuery::default() };
        assert_eq!(front.engine.store().orders(&query).await.unwrap().rows.len(), 1, "{api:?}");
    }
}
