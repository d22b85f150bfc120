//! Wait list and reservations.

use crate::office::*;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_sold_out_is_requested_and_denied() {
    let office = Office::open().await;
    let order = office.order(&[(WANTED, 1)]).await;
    assert_eq!(order["checkout_steps"], json!(["requested"]));
    assert_eq!(order["line_items"][0]["availability"], "request");
    let requested = office.next(&order).await.json(200);
    assert_eq!((requested["state"].as_str(), &requested["completed_at"]), (Some("requested"), &Value::Null));
    assert_eq!(requested["tickets"][0]["status"], "pending");
    let again = office.next(&order).await.json(400);
    assert_eq!(
        (again["type"].as_str(), codes(&again["errors"], "base")),
        (Some("checkout_not_allowed"), vec!["unmodifiable".to_owned()])
    );
    let edit = office.api().patch(&path(&order, ""), json!({"order": {"first_name": "Eve"}})).await;
    assert_eq!(edit.json(400)["type"], "cannot_modify");
    let short = office.staff().patch(&path(&order, "/approve"), json!({})).await.json(422);
    let line = order["line_items"][0]["id"].to_string();
    assert_eq!(
        codes(&short["errors"]["associations"]["line_items"][&line]["errors"], "quantity"),
        ["sold_out"]
    );
    let denied = office.staff().patch(&path(&order, "/deny"), json!({})).await.json(200);
    assert_eq!(denied["state"], "canceled");
}

#[tokio::test]
async fn who_waits_is_told_the_place_in_the_queue() {
    let office = Office::open().await;
    office.order(&[(LAST, 1)]).await;
    let place = |order: &Value| {
        let line = order["line_items"][0]["request_position"].as_u64();
        assert_eq!(order["request_position"].as_u64(), line, "{order}");
        line
    };
    let cart = office.order(&[(LAST, 1)]).await;
    assert_eq!(place(&cart), None);
    let first = office.next(&cart).await.json(200);
    assert_eq!((first["state"].as_str(), place(&first)), (Some("requested"), Some(1)));
    office.pass(1).await;
    let second = office.begun(&[(LAST, 1)]).await;
    assert_eq!(place(&second), Some(2));
    assert_eq!(place(&office.get(&second).await), Some(2));
    let listed = office.api().get("/orders?filter[state]=requested").await.json(200);
    let places: Vec<Option<u64>> = listed["data"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(places, [Some(2), Some(1)]);
    let only = office.api().get(&path(&second, "?fields=request_position")).await.json(200);
    assert_eq!(only, json!({"request_position": 2}));
    office.api().patch(&path(&first, "/cancel"), json!({})).await.json(200);
    assert_eq!(place(&office.get(&second).await), Some(1));
    assert_eq!(place(&office.get(&first).await), None);
}

#[tokio::test]
async fn what_is_not_on_sale_yet_is_reserved_until_it_is() {
    let office = Office::open().await;
    let order = office.order(&[(EARLY, 1)]).await;
    assert_eq!(order["checkout_steps"], json!(["reserved"]));
    assert_eq!(order["line_items"][0]["availability"], "reserve");
    let reserved = office.next(&order).await.json(200);
    assert_eq!((reserved["state"].as_str(), &reserved["expires_at"]), (Some("reserved"), &Value::Null));
    assert!(reserved["can_checkout_at"].is_string());
    assert_eq!(office.next(&order).await.json(400)["type"], "checkout_not_allowed");
    office.pass(SALE_IN + 1).await;
    let done = office.next(&order).await.json(200);
    assert_eq!(done["state"], "complete");
}

#[tokio::test]
async fn what_comes_back_is_offered_to_who_asked() {
    let office = Office::open().await;
    let holder = office.order(&[(LAST, 1)]).await;
    let asker = office.begun(&[(LAST, 1)]).await;
    assert_eq!(asker["state"], "requested");
    office.api().patch(&path(&holder, "/cancel"), json!({})).await.json(200);
    office.api().patch(&path(&asker, "/approve"), json!({})).await.json(403);
    let offered = office.staff().patch(&path(&asker, "/approve"), json!({})).await.json(200);
    assert_eq!(
        (offered["state"].as_str(), offered["tickets"][0]["status"].as_str()),
        (Some("complete"), Some("valid"))
    );
    assert!(offered["approver_id"].is_i64());
    let twice = office.staff().patch(&path(&asker, "/approve"), json!({})).await;
    assert_eq!(codes(&twice.json(422)["errors"], "state"), ["invalid_transition"]);
}
