//! A ticket order, begun and completed through the Guest Manager API, is an order to every other API too.

use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const KEY: &str = "sample-api-key";
const ADMIN: &str = "sample-admin-key";
/// Admission to a concert, for 15.00.
const SEAT: i64 = 1002;

fn must(server: &Server, method: &str, path: &str, body: &Value) -> Value {
    let path = format!("/guest-manager/api/public/v2{path}");
    let (status, answer) = server.ask(method, &path, KEY, Some(body));
    assert!((200..300).contains(&status), "{method} {path} {body}: {status} {answer:#}");
    answer
}

/// Two seats, paid by card.
fn two_seats(server: &Server) -> Value {
    let order = must(
        server,
        "POST",
        "/orders",
        &json!({ "order": {
        "currency": "USD", "guest_checkout": true, "line_items": [{ "variant_id": SEAT, "quantity": 2 }],
        "first_name": "Robin", "last_name": "Reader", "email": "robin@example.com",
    } }),
    );
    let checkout = format!("/checkout/{}", order["id"]);
    must(server, "PATCH", &format!("{checkout}/next"), &json!({}));
    must(
        server,
        "PATCH",
        &checkout,
        &json!({ "order": { "state": "address", "bill_address": {
        "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101", "state_code": "WA", "country_code": "US",
    } } }),
    );
    let source = json!({ "brand": "visa", "last_four": "1111", "token": "tok_ok", "cardholder_name": "R" });
    must(
        server,
        "PATCH",
        &checkout,
        &json!({ "order": { "state": "payment", "payments": [
        { "payment_method_id": 1, "source": source },
    ] } }),
    );
    let poll = format!("/orders/{}/poll?guest_token={}", order["id"], order["guest_token"].as_str().unwrap());
    for _ in 0..200 {
        let answer = must(server, "GET", &poll, &json!({}));
        if answer["state"] != "processing" {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("the payment was not answered within 5 s");
}

#[test]
fn a_ticket_order_is_read_by_every_api() {
    let server = Server::on(Path::new("sample"));
    let order = two_seats(&server);
    assert_eq!(order["state"], "complete", "{order:#}");
    assert_eq!(order["total"]["amount"], 3_000);
    let number = order["number"].as_str().unwrap();
    for root in ["/solidus/api", "/spree/api/v1"] {
        let (status, same) = server.ask("GET", &format!("{root}/orders/{number}"), ADMIN, None);
        assert_eq!(status, 200, "{root}: {same:#}");
        assert_eq!(
            (&same["state"], &same["total"], &same["payment_state"], &same["channel"]),
            (&json!("complete"), &json!("30.0"), &json!("paid"), &json!("guest_manager")),
            "{root}: {same:#}"
        );
        assert_eq!(same["id"], order["id"], "one id in every API");
        assert_eq!(same["shipments"], json!([]), "tickets go into no parcel");
    }
    let (status, whole) = server.ask("GET", &format!("/cashwrap/v1/orders/{number}/explain"), ADMIN, None);
    assert_eq!(status, 200, "{whole:#}");
    let (_, events) =
        server.ask("GET", &format!("/cashwrap/v1/orders/{number}/events?limit=100"), ADMIN, None);
    let placed = events["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "order_placed");
    assert_eq!(placed.count(), 1, "{events:#}");
}

/// The one outcome of one command, looked at through our own API.
fn foreseen(server: &Server, number: &str, command: &Value) -> Value {
    let path = format!("/cashwrap/v1/orders/{number}/preview");
    let (status, seen) = server.ask("POST", &path, ADMIN, Some(&json!({ "command": command })));
    assert_eq!(status, 200, "{seen:#}");
    seen["outcomes"][0].clone()
}

#[test]
fn steps_and_tickets_are_previewed_as_they_come() {
    let server = Server::on(Path::new("sample"));
    let cart = must(
        &server,
        "POST",
        "/orders",
        &json!({ "order": {
        "currency": "USD", "guest_checkout": true, "line_items": [{ "variant_id": SEAT, "quantity": 1 }],
    } }),
    );
    let number = cart["number"].as_str().unwrap();
    let blank = foreseen(&server, number, &json!({ "walk": {} }));
    assert_eq!(blank["outcome"], "refused", "{blank:#}");
    let guest = json!({ "email": "robin@example.com", "first_name": "Robin", "last_name": "Reader" });
    let begun = foreseen(&server, number, &json!({ "walk": { "guest": guest } }));
    assert_eq!((&begun["outcome"], &begun["step"]), (&json!("done"), &json!("address")), "{begun:#}");
    assert_eq!(
        must(&server, "GET", &format!("/orders/{number}"), &Value::Null)["state"],
        "cart",
        "it was a look"
    );
    let gone = foreseen(&server, number, &json!("give_up"));
    assert_eq!(gone["outcome"], "done", "{gone:#}");

    let placed = two_seats(&server);
    let number = placed["number"].as_str().unwrap();
    let ticket = placed["tickets"][0]["id"].clone();
    for _ in 0..2 {
        let admitted = foreseen(&server, number, &json!({ "check_in": { "ticket": ticket } }));
        assert_eq!(admitted["outcome"], "done", "a look admits nobody: {admitted:#}");
    }
    let void = foreseen(&server, number, &json!("void"));
    assert_eq!((&void["outcome"], &void["phase"]), (&json!("done"), &json!("voided")), "{void:#}");
}
