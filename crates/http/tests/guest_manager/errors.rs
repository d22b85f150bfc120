//! The shapes of errors, and what a failed request leaves behind: nothing.

use crate::office::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_validation_error_is_a_tree_of_records() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let id = order["tickets"][0]["id"].clone();
    let refused =
        office.give(&order, "tickets", json!({"tickets": [{"id": id, "name": ""}]})).await.json(422);
    let blank = json!({
        "attribute": "name", "label": "Name", "name": null, "code": "blank", "message": "can't be blank",
        "detail": {},
    });
    let ticket = json!({
        "type": "validation_error", "message": "Name can't be blank", "model": "Ticket", "id": id,
        "errors": {"attributes": [blank], "associations": {}},
    });
    assert_eq!(
        refused,
        json!({
            "type": "validation_error", "message": "Name can't be blank", "model": "Order", "id": order["id"],
            "errors": {"attributes": [], "associations": {
                "tickets": {id.to_string(): ticket}, "form_responses": {}, "line_items": {},
            }},
        })
    );
    let after = office.get(&order).await;
    assert_eq!(after, order, "a request that fails changes nothing");
}

#[tokio::test]
async fn an_empty_order_cannot_be_checked_out() {
    let office = Office::open().await;
    let order = office.order(&[]).await;
    let refused = office.next(&order).await.json(400);
    assert_eq!(refused["type"], "checkout_not_allowed");
    assert_eq!(codes(&refused["errors"], "base"), ["empty"]);
    assert_eq!(refused["detail"]["type"], "validation_error");
}

#[tokio::test]
async fn the_first_thing_that_stops_a_checkout_answers() {
    let office = Office::open().await;
    let done = office.complete().await;
    let junk = json!({"payments": [{"nonsense": 1}]});
    assert_eq!(office.give(&done, "payment", junk.clone()).await.json(400)["type"], "order_complete");
    let empty = office.order(&[]).await;
    assert_eq!(office.give(&empty, "payment", junk.clone()).await.json(400)["type"], "checkout_not_allowed");
    let open = office.at_payment(FEE).await;
    assert_eq!(office.give(&open, "payment", junk).await.json(400)["type"], "unpermitted_parameters");
}

#[tokio::test]
async fn a_checkout_without_guests_is_not_for_this_api() {
    let office = Office::open().await;
    let mut order = buyer();
    order["checkout_customization_id"] = json!(NO_GUESTS);
    let refused = office.post(order).await.json(422);
    assert_eq!(codes(&refused["errors"], "guest_checkout"), ["not_enabled"]);
}

#[tokio::test]
async fn junk_is_refused_in_the_protocols_words() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let url = format!("/checkout/{}", order["id"]);
    for body in ["{", "[1,2]", "\"x\"", "{\"order\":5}", "{\"order\":[]}", "{\"order\":{\"state\":{}}}"] {
        let reply = office.api().raw("PATCH", &url, "application/json", body).await;
        assert!((400..500).contains(&reply.status), "{body}: {}", reply.status);
        assert!(reply.json(reply.status)["type"].is_string(), "{body}");
    }
    for tickets in
        [json!(5), json!("x"), json!([5]), json!({"a": 1}), json!([{"id": {}}]), json!([{"id": 1e30}])]
    {
        let reply = office.give(&order, "tickets", json!({"tickets": tickets})).await;
        assert_eq!(reply.json(422)["type"], "validation_error");
    }
    assert_eq!(office.get(&order).await["version"], order["version"]);
    let missing: Value = office.api().get("/orders/0").await.json(404);
    assert_eq!(missing["type"], "not_found");
}
