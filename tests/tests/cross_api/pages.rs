//! A buyer is handed over: an order begun in any API that lets others edit it is finished in the pages, and a payment that
//! needs its buyer leads to the platform's page and back to the order, whichever way it ends there.

use crate::browser::Browser;
use crate::server::{Server, Simulator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const STAFF: &str = "sample-admin-key";
const SHOP: &str = "sample-api-key";
const MUG: i64 = 1;

const BERLIN: [(&str, &str); 5] = [
    ("ship_country", "DE"),
    ("ship_name", "Ada Lovelace"),
    ("ship_address1", "Unter den Linden 1"),
    ("ship_city", "Berlin"),
    ("ship_zipcode", "10117"),
];

const ADA: [(&str, &str); 3] =
    [("email", "ada@example.com"), ("first_name", "Ada"), ("last_name", "Lovelace")];

fn store() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/handover.toml")
}

#[track_caller]
fn made(server: &Server, path: &str, key: &str, body: &Value) -> Value {
    let (status, answer) = server.ask("POST", path, key, Some(body));
    assert!((200..300).contains(&status), "{path}: {status} {answer:#}");
    answer
}

/// A mug in a cart of Solidus or Spree; the link to its page.
fn begun(server: &Server, root: &str) -> String {
    let lines = json!({ "order": { "line_items": [{ "variant_id": MUG, "quantity": 1 }] } });
    link(server, &made(server, &format!("{root}/orders"), STAFF, &lines))
}

/// The page of an order as Solidus and Spree tell it; their contracts have no place for the link itself.
fn link(server: &Server, order: &Value) -> String {
    let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
    server.url(&format!("/cart/checkout/{number}?guest_token={token}"))
}

/// From wherever the checkout stands to the payment step.
fn to_payment(person: &mut Browser) {
    for _ in 0..5 {
        match person.at() {
            "cart" => person.go_on(&ADA),
            "address" => person.go_on(&BERLIN),
            "delivery" => person.go_on(&[]),
            _ => break,
        }
    }
    assert_eq!(person.at(), "payment", "{} {}", person.url, person.page);
    person.sees(&["Pay $17.35"]);
}

fn finish(server: &Server, link: &str) -> Value {
    let mut person = Browser::new();
    person.open(link);
    assert_eq!(person.status, 200, "{link}: {}", person.page);
    to_payment(&mut person);
    person.go_on(&[("method", "2")]);
    person.sees(&["Your order is on its way to you", "Still to pay $17.35"]);
    let number = person.at().to_owned();
    let (status, order) = server.ask("GET", &format!("/cashwrap/v1/orders/{number}"), STAFF, None);
    assert_eq!((status, &order["phase"]), (200, &json!("complete")), "{order:#}");
    order
}

#[test]
fn a_cart_of_solidus_or_spree_is_finished_in_the_pages() {
    let server = Server::on(&store());
    for root in ["/solidus/api", "/spree/api/v1"] {
        let order = finish(&server, &begun(&server, root));
        let number = order["number"].as_str().unwrap();
        let (status, seen) = server.ask("GET", &format!("{root}/orders/{number}"), STAFF, None);
        assert_eq!((status, &seen["state"], &seen["total"]), (200, &json!("complete"), &json!("17.35")));
        assert_eq!(seen["email"], "ada@example.com");
    }
}

#[test]
fn an_order_is_taken_over_in_the_middle_of_its_checkout() {
    let server = Server::on(&store());
    for root in ["/solidus/api", "/spree/api/v1"] {
        let lines = json!({ "order": { "email": "ada@example.com",
            "line_items": [{ "variant_id": MUG, "quantity": 1 }] } });
        let order = made(&server, &format!("{root}/orders"), STAFF, &lines);
        let next = format!("{root}/checkouts/{}/next", order["number"].as_str().unwrap());
        let (status, moved) = server.ask("PUT", &next, STAFF, Some(&json!({})));
        assert_eq!((status, &moved["state"]), (200, &json!("address")), "{moved:#}");
        let mut person = Browser::new();
        person.open(&link(&server, &order));
        assert_eq!(person.at(), "address", "the buyer goes on where the API stands");
        finish(&server, &link(&server, &order));
    }
}

#[test]
fn an_order_of_guest_manager_carries_the_link_to_its_page() {
    let server = Server::on(&store());
    let body = json!({ "order": { "currency": "USD", "guest_checkout": true, "first_name": "Ada",
        "last_name": "Lovelace", "email": "ada@example.com",
        "line_items": [{ "variant_id": MUG, "quantity": 1 }] } });
    let order = made(&server, "/guest-manager/api/public/v2/orders", SHOP, &body);
    for link in ["cart", "checkout"] {
        let mut person = Browser::new();
        person.open(order["links"][link].as_str().unwrap());
        person.sees(&["Mug", "$12.35"]);
    }
    finish(&server, order["links"]["checkout"].as_str().unwrap());
}

#[test]
fn a_basket_of_akinon_is_finished_in_the_pages() {
    let server = Server::on(&store());
    let basket = server.basket(MUG);
    // Akinon's contract has no place for the order's secret: staff hand the buyer over.
    let (status, list) = server.ask("GET", "/solidus/api/orders", STAFF, None);
    assert_eq!(status, 200, "{list:#}");
    let of = |order: &&Value| order["id"] == basket["basket"]["pk"];
    let row = list["orders"].as_array().unwrap().iter().find(of).unwrap_or_else(|| panic!("{list:#}"));
    let number = row["number"].as_str().unwrap();
    let (_, order) = server.ask("GET", &format!("/solidus/api/orders/{number}"), STAFF, None);
    assert_eq!(order["channel"], "akinon");
    finish(&server, &link(&server, &order));
}

/// At the platform's page, with an order begun in Spree; and the number of that.
fn at_platform(server: &Server) -> (Browser, String) {
    let mut person = Browser::new();
    person.open(&begun(server, "/spree/api/v1"));
    to_payment(&mut person);
    person.go_on(&[("method", "1")]);
    person.sees(&["Taking you to your bank", "Pay in another way"]);
    let number = person.url.split('/').nth(5).unwrap().to_owned();
    person.follow("Continue to the bank");
    assert!(person.url.contains("/platforms/stripe/pay/"), "{}", person.url);
    person.sees(&["17.35"]);
    (person, number)
}

#[test]
fn a_payment_goes_through_the_platforms_page_and_back() {
    let simulator = Simulator::start();
    let server = Server::with_platforms(&store(), &simulator);
    let (mut person, number) = at_platform(&server);
    person.send("press=pay");
    assert_eq!(person.at(), number);
    assert!(person.url.starts_with(&server.url("/cart/checkout/")), "back at the order: {}", person.url);
    assert!(!person.url.contains("guest_token"), "the secret is out of the address again");
    person.sees(&["Your order is on its way to you", "Paid $17.35"]);
}

#[test]
fn whoever_turns_back_or_is_declined_chooses_again() {
    let simulator = Simulator::start();
    let server = Server::with_platforms(&store(), &simulator);
    for press in ["decline", "cancel"] {
        let (mut person, _) = at_platform(&server);
        person.send(&format!("press={press}"));
        assert!(person.url.starts_with(&server.url("/cart/checkout/")), "{press}: {}", person.url);
        assert_eq!(person.at(), "payment", "{press}");
        person.sees(&["Your payment was", "Pay $17.35"]);
        person.go_on(&[("method", "2")]);
        person.sees(&["Your order is on its way to you"]);
    }
}

#[test]
fn the_way_back_by_the_browsers_own_button_ends_nothing() {
    let simulator = Simulator::start();
    let server = Server::with_platforms(&store(), &simulator);
    let (mut person, number) = at_platform(&server);
    let pay = person.url.clone();
    person.open(&server.url(&format!("/cart/checkout/{number}/return")));
    person.sees(&["Taking you to your bank"]);
    person.open(&pay);
    person.send("press=pay");
    person.sees(&["Paid $17.35"]);
}
