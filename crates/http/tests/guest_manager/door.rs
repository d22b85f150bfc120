//! Tickets at the door, and what happens to them before.

use crate::office::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_ticket_lets_in_once_however_many_doors_ask() {
    let office = Office::open().await;
    let order = office.complete().await;
    let ticket = order["tickets"][0].clone();
    let door = |name: String| {
        let caller = office.api();
        tokio::spawn(async move { caller.post(&format!("/tickets/{name}/check_in"), json!({})).await.status })
    };
    let number = ticket["number"].as_str().unwrap();
    let doors: Vec<_> = (0..8)
        .map(|place| door(if place % 2 == 0 { number.to_owned() } else { ticket["id"].to_string() }))
        .collect();
    let mut statuses = Vec::new();
    for door in doors {
        statuses.push(door.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422, 422, 422, 422, 422, 422]);
    let again = office.api().post(&format!("/tickets/{number}/check_in"), json!({})).await.json(422);
    assert_eq!(
        (again["model"].as_str(), codes(&again["errors"], "status")),
        (Some("Ticket"), vec!["invalid_transition".to_owned()])
    );
    let detail = &again["errors"]["attributes"][0]["detail"];
    assert!(detail["checkin_at"].is_string());
    assert_eq!(detail["checked_in_by"], 2001);
    let shown = office.api().get(&format!("/tickets/{}", ticket["id"])).await.json(200);
    assert_eq!((shown["status"].as_str(), &shown["checkin_at"]), (Some("redeemed"), &detail["checkin_at"]));
    let out = office.api().post(&format!("/tickets/{number}/check_out"), json!({})).await.json(200);
    assert_eq!(out["status"], "out");
    office.api().post(&format!("/tickets/{number}/check_in"), json!({})).await.json(200);
}

#[tokio::test]
async fn barcodes_belong_to_an_event() {
    let office = Office::open().await;
    let order = office.complete().await;
    let ticket = &order["tickets"][0];
    let url = format!("/tickets/{}/check_in", ticket["barcode_id"].as_str().unwrap());
    assert_eq!(office.api().post(&url, json!({})).await.json(404)["type"], "not_found");
    office.api().post(&url, json!({"event_id": NAMED})).await.json(404);
    office.api().post(&url, json!({"event_id": FREE})).await.json(200);
}

#[tokio::test]
async fn what_is_not_sold_or_was_taken_back_lets_nobody_in() {
    let office = Office::open().await;
    let cart = office.order(&[(NAMED, 1)]).await;
    let door = async |ticket: &Value| {
        office.api().post(&format!("/tickets/{}/check_in", ticket["id"]), json!({})).await
    };
    let refused = door(&cart["tickets"][0]).await.json(422);
    assert_eq!(codes(&refused["errors"], "state"), ["invalid_transition"]);
    let order = office.complete().await;
    let ticket = &order["tickets"][0];
    let void = office.api().patch(&format!("/tickets/{}/void", ticket["id"]), json!({})).await.json(200);
    assert_eq!(void["status"], "invalidated");
    door(ticket).await.json(422);
    assert_eq!(office.get(&order).await["state"], "complete");
}

#[tokio::test]
async fn tickets_are_sent_to_another_address() {
    let office = Office::open().await;
    let order = office.complete().await;
    let url = format!("/tickets/{}/email", order["tickets"][0]["id"]);
    let sent = office.api().patch(&url, json!({"ticket": {"email": "new@example.com"}})).await.json(200);
    assert_eq!(sent["email"], "new@example.com");
    let wrong = office.api().patch(&url, json!({"email": "nobody"})).await.json(422);
    assert_eq!(
        (wrong["model"].as_str(), codes(&wrong["errors"], "email")),
        (Some("Ticket"), vec!["invalid".to_owned()])
    );
    office.api().patch(&url, json!({})).await.json(400);
    office.api().patch("/tickets/424242/email", json!({"email": "a@b.co"})).await.json(404);
}

#[tokio::test]
async fn staff_take_a_placed_order_back() {
    let office = Office::open().await;
    let order = office.complete().await;
    let buyer = office.api().patch(&path(&order, "/cancel"), json!({})).await.json(400);
    assert_eq!(buyer["type"], "cannot_modify");
    let canceled = office.staff().patch(&path(&order, "/cancel"), json!({})).await.json(200);
    assert_eq!((canceled["state"].as_str(), &canceled["completed_at"]), (Some("canceled"), &Value::Null));
    assert_eq!(canceled["tickets"][0]["status"], "invalidated");
}
