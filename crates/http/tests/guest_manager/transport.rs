//! What holds for every request: paths, methods, formats, the throttle, keys that make a request happen once.

use crate::office::*;
use http_api::server::{Config, Throttle};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn both_roots_serve_and_others_do_not() {
    let office = Office::open().await;
    let at = async |root: &'static str, path: &str| office.api().at(root).get(path).await;
    at("/guest-manager/api/public", "/orders").await.json(200);
    at("/guest-manager/api/public/v2", "/orders/").await.json(200);
    let old = at("/guest-manager/api/public/v1", "/orders").await.json(404);
    assert_eq!(old["type"], "routing_error");
    assert_eq!(at("/guest-manager/api/public/v2", "/nowhere").await.json(404)["type"], "routing_error");
    assert_eq!(office.api().delete("/orders").await.json(405)["type"], "routing_error");
}

#[tokio::test]
async fn only_json_is_served() {
    let office = Office::open().await;
    let asking = |accept: &str| office.api().header("Accept", accept);
    let refused = asking("application/xml").get("/orders").await.json(406);
    assert_eq!(refused["type"], "not_acceptable");
    asking("text/html, application/json;q=0.9").get("/orders").await.json(200);
    asking("*/*").get("/orders").await.json(200);
    office.api().get("/orders?format=xml").await.json(406);
}

#[tokio::test]
async fn an_address_may_ask_only_so_often() {
    let config = Config { throttle: Arc::new(Throttle::per_minute(3)), ..Config::default() };
    let office = Office::with(config).await;
    for _ in 0..3 {
        office.api().get("/orders").await.json(200);
    }
    let reply = office.api().get("/orders").await;
    assert_eq!(reply.json(429)["type"], "rate_limit_exceeded");
    let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
}

#[tokio::test]
async fn a_request_with_a_key_happens_once() {
    let office = Office::open().await;
    let order = office.order(&[(NAMED, 1)]).await;
    let add = async |quantity: u32| {
        let body = json!({"variant_id": NAMED, "quantity": quantity});
        office.api().header("Idempotency-Key", "add-1").post(&path(&order, "/line_items/add"), body).await
    };
    let first = add(1).await.json(200);
    let second = add(1).await.json(200);
    assert_eq!(first, second);
    assert_eq!(office.get(&order).await["item_count"], 2);
    let other = add(2).await.json(422);
    assert_eq!(codes(&other["errors"], "idempotency_key"), ["idempotency_mismatch"]);
}

#[tokio::test]
async fn two_submissions_of_one_step_move_once() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let submit = || {
        let caller = office.api();
        let body = json!({"order": {"state": "tickets", "tickets": [{"id": order["tickets"][0]["id"], "keep": true}]}});
        let url = format!("/checkout/{}", order["id"]);
        tokio::spawn(async move { caller.patch(&url, body).await.status })
    };
    let (one, other) = (submit(), submit());
    let mut statuses = [one.await.unwrap(), other.await.unwrap()];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert_eq!(office.get(&order).await["state"], "address");
}

#[tokio::test]
async fn pieces_taken_out_at_the_same_time_are_all_taken_out() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 20)]).await;
    let remove = || {
        let (caller, url) = (office.api(), path(&order, "/line_items/remove"));
        let body = json!({"variant_id": FREE, "quantity": 1});
        tokio::spawn(async move { caller.post(&url, body).await.status })
    };
    let removals: Vec<_> = (0..12).map(|_| remove()).collect();
    for removal in removals {
        assert_eq!(removal.await.unwrap(), 200);
    }
    let left = office.get(&order).await;
    assert_eq!((left["item_count"].as_i64(), left["tickets"].as_array().unwrap().len()), (Some(8), 8));
}

#[tokio::test]
async fn links_begin_where_the_server_is_reached() {
    let config = Config {
        public_url: "https://shop.example".into(),
        throttle: Arc::new(Throttle::off()),
        ..Config::default()
    };
    let office = Office::with(config).await;
    let order = office.order(&[(FREE, 1)]).await;
    let link = order["links"]["checkout"].as_str().unwrap();
    assert!(link.starts_with("https://shop.example/cart/checkout/GM"), "{link}");
}
