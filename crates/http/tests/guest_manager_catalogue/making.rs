//! Staff makes an event from nothing and changes it while people buy.

use crate::office::{self, Office, buyer};
use crate::support::Caller;
use crate::{change, make};
use serde_json::{Value, json};

/// An event with so many places, and a ticket for it at 10.00. The event, and the ticket's variant.
async fn event(staff: &Caller, capacity: i64) -> (Value, Value) {
    let times = json!({
        "name": "Gala", "starts_at": "2090-05-01T19:00:00Z", "ends_at": "2090-05-01T22:00:00Z",
        "timezone": "Europe/Lisbon", "published_at": "2020-01-01T00:00:00Z", "capacity": capacity,
    });
    let event = make(staff, "events", "event", times).await;
    let kind = json!({ "name": "Seat", "include_name": true, "require_name": true, "event_id": event["id"] });
    let kind = make(staff, "ticket_types", "ticket_type", kind).await;
    let product = json!({ "name": "Gala ticket", "kind": "registration", "event_id": event["id"] });
    let product = make(staff, "products", "product", product).await;
    let variant = json!({
        "product_id": product["id"],
        "is_master": true,
        "prices": [{ "currency": "USD", "amount": 1000 }],
        "package": [{ "event_id": event["id"], "ticket_type_id": kind["id"], "quantity": 1 }],
    });
    let variant = make(staff, "variants", "variant", variant).await;
    assert_eq!(variant["id"], product["variants"][0]["id"], "the master is there already");
    (event, variant)
}

async fn stock(office: &Office, event: &Value) -> (Value, Value) {
    let path = format!("/events/{}?include=registration_types.stock_item", event["id"]);
    let stock = &office.api().get(&path).await.json(200)["registration_types"][0]["stock_item"];
    (stock["status"].clone(), stock["available"].clone())
}

#[tokio::test]
async fn an_event_can_be_bought_as_soon_as_it_is_made() {
    let office = Office::open().await;
    let (event, variant) = event(&office.staff(), 3).await;
    assert_eq!(
        (&event["capacity"], &event["start"]["local"]),
        (&json!(3), &json!("2090-05-01T20:00:00.000000+01:00"))
    );
    assert_eq!(stock(&office, &event).await, (json!("selling"), json!(3)));
    let order = office.order(&[(variant["id"].as_i64().unwrap(), 2)]).await;
    assert_eq!(order["checkout_steps"], json!(["tickets", "address", "payment", "complete"]));
    assert_eq!((&order["total"]["amount"], order["tickets"].as_array().unwrap().len()), (&json!(2000), 2));
    assert_eq!(order["tickets"][0]["event_id"], event["id"]);
    assert_eq!(stock(&office, &event).await, (json!("selling"), json!(1)));
}

#[tokio::test]
async fn a_smaller_hall_sells_no_more_and_a_larger_one_again() {
    let office = Office::open().await;
    let staff = office.staff();
    let (event, variant) = event(&staff, 3).await;
    let id = variant["id"].as_i64().unwrap();
    office.order(&[(id, 2)]).await;
    let smaller = change(&staff, "events", "event", &event["id"], json!({ "capacity": 1 })).await;
    assert_eq!(smaller["capacity"], 1);
    assert_eq!(stock(&office, &event).await, (json!("sold_out"), json!(0)));
    let mut refused = buyer();
    refused["line_items"] = json!([{ "variant_id": id, "quantity": 1 }]);
    office.post(refused).await.json(422);

    let pool = &smaller["capacity_pool_id"];
    let pool = change(&staff, "pools", "pool", pool, json!({ "size": 10 })).await;
    assert_eq!((&pool["size"], &pool["available"]), (&json!(10), &json!(8)));
    assert_eq!(stock(&office, &event).await, (json!("selling"), json!(8)));
    change(&staff, "events", "event", &event["id"], json!({ "capacity": null })).await;
    assert_eq!(stock(&office, &event).await, (json!("selling"), Value::Null));
}

#[tokio::test]
async fn a_sale_is_paused_and_ended_by_its_variant() {
    let office = Office::open().await;
    let staff = office.staff();
    let (event, variant) = event(&staff, 3).await;
    let status = async |row: Value| {
        change(&staff, "variants", "variant", &variant["id"], row).await;
        stock(&office, &event).await.0
    };
    assert_eq!(status(json!({ "paused": true })).await, "paused");
    assert_eq!(status(json!({ "paused": false, "enabled": false })).await, "not_on_sale");
    assert_eq!(status(json!({ "enabled": true, "on_sale_at": "2089-01-01T00:00:00Z" })).await, "not_on_sale");
    change(&staff, "products", "product", &variant["product_id"], json!({ "can_reserve": true })).await;
    assert_eq!(stock(&office, &event).await.0, "reserve");
    assert_eq!(
        status(json!({ "on_sale_at": null, "end_sale_at": "2020-01-01T00:00:00Z" })).await,
        "not_on_sale"
    );
    assert_eq!(status(json!({ "end_sale_at": null })).await, "selling");
}

#[tokio::test]
async fn variants_beside_the_master_have_names_of_their_own() {
    let office = Office::open().await;
    let staff = office.staff();
    let (event, master) = event(&staff, 30).await;
    let balcony =
        json!({ "product_id": master["product_id"], "name": "Balcony", "prices": [{ "amount": 1500 }] });
    let balcony = make(&staff, "variants", "variant", balcony).await;
    assert_eq!((&balcony["name"], &balcony["is_master"]), (&json!("Balcony"), &json!(false)));
    assert_eq!(
        balcony["package"], master["package"],
        "the tickets are those of the master unless it says otherwise"
    );
    let path = format!("/events/{}?include=registration_types", event["id"]);
    let kinds = office.api().get(&path).await.json(200)["registration_types"].clone();
    assert_eq!((kinds.as_array().unwrap().len(), &kinds[1]["name"]), (2, &json!("Gala ticket – Balcony")));
    let order = office.order(&[(master["id"].as_i64().unwrap(), 1)]).await;
    assert_eq!(order["checkout_steps"][0], "customize");

    assert_eq!(staff.delete(&format!("/admin/variants/{}", balcony["id"])).await.status, 204);
    staff.get(&format!("/admin/variants/{}", balcony["id"])).await.json(404);
    let kinds = office.api().get(&path).await.json(200)["registration_types"].clone();
    assert_eq!(kinds.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn changes_act_on_open_carts_at_their_next_call() {
    let office = Office::open().await;
    let staff = office.staff();
    let order = office.begun(&[(office::NAMED, 1)]).await;
    change(&staff, "events", "event", &json!(office::NAMED), json!({ "password": "new" })).await;
    let seen = office.get(&order).await;
    assert_eq!(seen["checkout_steps"], json!(["tickets", "password", "address", "payment", "complete"]));
    change(
        &staff,
        "checkout_customizations",
        "checkout_customization",
        &json!(1),
        json!({ "confirm_order": true }),
    )
    .await;
    let steps = office.get(&order).await["checkout_steps"].clone();
    assert_eq!(steps.as_array().unwrap().iter().rev().nth(1), Some(&json!("confirm")), "{steps}");
}

#[tokio::test]
async fn the_published_ways_to_write_need_no_staff() {
    let office = Office::open().await;
    let writer = office.shown(office::WRITE_KEY);
    let event = json!({ "event": { "name": "Reading", "starts_at": "2090-01-01T10:00:00Z" } });
    let event = writer.post("/events", event).await.json(201);
    assert_eq!(event["end"]["utc"], "2090-01-01T12:00:00.000000Z", "an event without an end lasts two hours");
    let path = format!("/events/{}", event["id"]);
    let patched = writer.patch(&path, json!({ "event": { "invite_only": true } })).await.json(200);
    assert_eq!((&patched["invite_only"], &patched["name"]), (&json!(true), &json!("Reading")));

    let kind = json!({ "ticket_type": { "name": "Listener", "include_email": true } });
    let kind = writer.post(&format!("{path}/ticket_types"), kind).await.json(201);
    assert_eq!((&kind["event_id"], &kind["include_email"]), (&event["id"], &json!(true)));
    assert_eq!((&kind["require_email"], &kind["display_name"]), (&json!(false), &json!("Listener")));
    let add = json!({ "ticket_type_id": kind["id"] });
    let added = writer.post("/events/101/ticket_types/add", add).await.json(200);
    assert_eq!(added["event_id"], Value::Null, "it is for all events now");
    let one = format!("/ticket_types/{}", kind["id"]);
    let renamed = writer.patch(&one, json!({ "ticket_type": { "display_name": "Guest" } })).await.json(200);
    assert_eq!(renamed["display_name"], "Guest");
    assert_eq!(writer.delete(&one).await.status, 204);
    office.api().get(&one).await.json(404);
    let venue = writer
        .post("/venues", json!({ "venue": { "name": "Library", "country_code": "us" } }))
        .await
        .json(201);
    assert_eq!(venue["country_code"], "US");
    assert_eq!(office.api().get(&format!("/venues/{}", venue["id"])).await.json(200), venue);
}

#[tokio::test]
async fn a_write_with_a_key_happens_once() {
    let office = Office::open().await;
    let staff = office.staff().header("Idempotency-Key", "make-it");
    let body = json!({ "pool": { "name": "Hall", "size": 5 } });
    let first = staff.post("/admin/pools", body.clone()).await.json(201);
    let again = staff.post("/admin/pools", body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(201), first);
    let pools = office.staff().get("/admin/pools?filter[name]=Hall").await.json(200);
    assert_eq!(pools["meta"]["total"], 1);
}
