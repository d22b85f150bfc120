//! The time an order has, what happens when it is over, and how it goes on.

use crate::office::*;
use serde_json::{Value, json};

async fn resume(office: &Office, order: &Value) -> crate::support::Reply {
    office.api().patch(&format!("/checkout/{}/resume", order["number"].as_str().unwrap()), json!({})).await
}

#[tokio::test]
async fn an_order_expires_by_the_clock_and_is_taken_up_again() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let early = resume(&office, &order).await.json(422);
    assert_eq!(codes(&early["errors"], "state"), ["invalid_transition"]);
    assert_eq!(early["errors"]["attributes"][0]["detail"], json!({"event": "resume", "state": "tickets"}));
    office.pass(901).await;
    let expired = office.get(&order).await;
    assert_eq!(expired["state"], "expired");
    assert_eq!(expired["tickets"], order["tickets"]);
    let back = resume(&office, &order).await.json(200);
    assert_eq!(back["state"], "tickets");
    assert!(back.get("detail").is_none());
    assert_ne!(back["expires_at"], order["expires_at"]);
}

#[tokio::test]
async fn any_call_takes_an_expired_order_up_first() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    office.pass(901).await;
    let kept = json!({"tickets": [{"id": order["tickets"][0]["id"], "keep": true}]});
    let moved = office.give(&order, "tickets", kept).await.json(200);
    assert_eq!(moved["state"], "address");
}

#[tokio::test]
async fn what_others_have_taken_meanwhile_cannot_be_taken_up() {
    let office = Office::open().await;
    let order = office.order(&[(FEW, 3)]).await;
    office.pass(901).await;
    office.order(&[(FEW, 4)]).await;
    let refused = resume(&office, &order).await.json(400);
    assert_eq!((refused["type"].as_str(), &refused["error"]), (Some("checkout_not_allowed"), &json!(true)));
    assert_eq!(refused["errors"], refused["detail"]["errors"]);
    assert_eq!(codes(&refused["errors"], "base"), ["sold_out"]);
    let line = order["line_items"][0]["id"].to_string();
    let row = &refused["errors"]["associations"]["line_items"][&line]["errors"]["attributes"][0];
    assert_eq!(
        (row["code"].as_str(), &row["detail"]),
        (Some("sold_out"), &json!({"requested": 3, "available": 1}))
    );
    assert_eq!(office.next(&order).await.json(400)["type"], "checkout_not_allowed");
    assert_eq!(office.get(&order).await["state"], "expired");
}

#[tokio::test]
async fn a_smaller_cart_is_the_way_out() {
    let office = Office::open().await;
    let order = office.order(&[(FEW, 3)]).await;
    office.pass(901).await;
    office.order(&[(FEW, 4)]).await;
    let line = format!("/line_items/{}", order["line_items"][0]["id"]);
    let less = async |quantity: u32| {
        office.api().patch(&path(&order, &line), json!({"line_item": {"quantity": quantity}})).await
    };
    assert_eq!(less(2).await.json(400)["type"], "checkout_not_allowed");
    assert_eq!(office.get(&order).await["item_count"], 2, "the reduction is kept");
    let back = less(1).await.json(200);
    assert_eq!((back["state"].as_str(), back["item_count"].as_i64()), (Some("cart"), Some(1)));
}

#[tokio::test]
async fn the_hold_is_prolonged_once() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let extend = async || office.api().patch(&format!("/checkout/{}/extend", order["id"]), json!({})).await;
    let longer = extend().await.json(200);
    assert!(longer["expires_at"].as_str() > order["expires_at"].as_str());
    let refused = extend().await.json(422);
    assert_eq!(codes(&refused["errors"], "state"), ["invalid_transition"]);
    office.pass(901).await;
    assert_eq!(office.get(&order).await["state"], "cart");
}

#[tokio::test]
async fn what_is_complete_or_given_up_is_not_taken_up() {
    let office = Office::open().await;
    let done = office.complete().await;
    let refused = resume(&office, &done).await.json(422);
    assert_eq!(refused["errors"]["attributes"][0]["detail"]["state"], "complete");
    let order = office.order(&[(NAMED, 1)]).await;
    let canceled = office.api().patch(&path(&order, "/cancel"), json!({})).await.json(200);
    assert_eq!((canceled["state"].as_str(), &canceled["completed_at"]), (Some("canceled"), &Value::Null));
    resume(&office, &order).await.json(422);
    let next = office.next(&order).await.json(400);
    assert_eq!(
        (next["type"].as_str(), codes(&next["errors"], "base")),
        (Some("checkout_not_allowed"), vec!["unmodifiable".to_owned()])
    );
    let add =
        office.api().post(&path(&order, "/line_items/add"), json!({"variant_id": FREE, "quantity": 1})).await;
    assert_eq!(add.json(400)["type"], "cannot_modify");
    let edit = office.api().patch(&path(&order, ""), json!({"order": {"first_name": "Eve"}})).await;
    assert_eq!(edit.json(400)["type"], "cannot_modify");
    assert_eq!(office.get(&order).await["state"], "canceled");
}

#[tokio::test]
async fn prices_that_changed_meanwhile_are_said() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pass(901).await;
    office.price(FEE, 2000).await;
    let back = resume(&office, &order).await.json(200);
    assert_eq!((back["state"].as_str(), back["total"]["amount"].as_i64()), (Some("payment"), Some(2160)));
    assert_eq!(back["detail"]["price_changed"], true);
    assert_eq!(back["detail"]["total_before"], order["total"]);
}

#[tokio::test]
async fn a_payment_for_another_price_is_not_made_and_the_price_is_said() {
    let office = Office::open().await;
    let order = office.at_payment(FEE).await;
    office.pass(901).await;
    office.price(FEE, 2000).await;
    let refused = office.pay(&order, "tok_ok").await.json(422);
    assert_eq!(codes(&refused["errors"], "total"), ["invalid"]);
    assert_eq!(refused["detail"]["price_changed"], true);
    assert_eq!(refused["detail"]["total_before"], order["total"]);
    let kept = office.get(&order).await;
    assert_eq!(refused["detail"]["total"], kept["total"]);
    assert_eq!((kept["state"].as_str(), kept["total"]["amount"].as_i64()), (Some("payment"), Some(2160)));
    office.pay(&order, "tok_ok").await.json(200);
}
