//! Four tickets from the cart to the door, over HTTP, on the built program and a database file: names, a form, a card, the
//! files, and the codes in them as a scanner reads them.

#![allow(clippy::unwrap_used)] // helpers of tests

#[allow(dead_code)] // each test needs a part of it
mod program;

use program::{KEY, Program};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The Paper Fair of the sample store, which asks for a name on each ticket, and what is sold for it.
const EVENT: i64 = 3;
const ADMISSION: i64 = 1003;
/// The form of another event of the sample store.
const FORM: i64 = 1;
const NAMES: [&str; 4] = ["Ada Quist", "Bo Lindahl", "Çelik Ömer", "Dagny O'Hara"];

#[test]
fn four_tickets_go_from_the_cart_to_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Program::start(&folder.path().join("shop.db"));
    let form = json!({ "event": { "form_id": FORM } });
    shop.staff("PATCH", &format!("/admin/events/{EVENT}"), Some(&form)).json(200);

    let order = buy(&shop);
    let numbers: Vec<&str> =
        tickets(&order).iter().map(|ticket| ticket["number"].as_str().unwrap()).collect();
    let holders: Vec<&str> = tickets(&order).iter().map(|ticket| ticket["name"].as_str().unwrap()).collect();
    assert_eq!(holders, NAMES);
    assert!(tickets(&order).iter().all(|ticket| ticket["status"] == "valid"), "{order:#}");
    assert_eq!(order["responses"][0]["answers"][0]["value"], "My notebooks");

    // A file for each ticket, and one with all of them, which the order's page links to.
    for (place, ticket) in tickets(&order).iter().enumerate() {
        let file = fetch(&shop, ticket["links"]["pdf"].as_str().unwrap());
        assert_eq!(codes(&file), [numbers[place]], "ticket {place} in its own file");
        let text = words(&file);
        assert!(text.contains(NAMES[place]) && text.contains("Paper Fair"), "{text}");
    }
    let page = String::from_utf8(fetch(&shop, order["links"]["checkout"].as_str().unwrap())).unwrap();
    let whole = page.split('"').find(|word| word.starts_with("/tickets/order/") && word.ends_with(".pdf"));
    let scanned = codes(&fetch(&shop, &format!("{}{}", shop.root, whole.expect("a link to all tickets"))));
    assert_eq!(scanned, numbers, "the file of the order has a page for each ticket");

    for number in &scanned {
        at_the_door(&shop, number);
    }
    let after = shop.ask("GET", &format!("/orders/{}", order["id"]), None).json(200);
    assert!(tickets(&after).iter().all(|ticket| ticket["status"] == "redeemed"), "{after:#}");
    assert!(tickets(&after).iter().all(|ticket| ticket["downloaded_at"].is_string()), "{after:#}");
}

/// The order, paid.
fn buy(shop: &Program) -> Value {
    let cart = json!({ "order": {
        "currency": "USD", "guest_checkout": true, "email": "ada@example.com",
        "first_name": "Ada", "last_name": "Quist",
        "line_items": [{ "variant_id": ADMISSION, "quantity": NAMES.len() }],
    } });
    let order = shop.ask("POST", "/orders", Some(&cart)).json(201);
    assert_eq!(order["checkout_steps"], json!(["tickets", "address", "form", "payment", "complete"]));
    let path = format!("/checkout/{}", order["id"]);
    let order = shop.ask("PATCH", &format!("{path}/next"), None).json(200);
    let give = |state: &str, mut data: Value| {
        data["state"] = json!(state);
        let order = shop.ask("PATCH", &path, Some(&json!({ "order": data }))).json(200);
        assert_ne!(order["state"], state, "the step is done");
        order
    };
    let named = tickets(&order).iter().zip(NAMES);
    let named = named.map(|(ticket, name)| json!({ "id": ticket["id"], "name": name }));
    give("tickets", json!({ "tickets": named.collect::<Vec<_>>() }));
    let address = json!({
        "first_name": "Ada", "last_name": "Quist", "address1": "500 Pine Street", "city": "Seattle",
        "zipcode": "98101", "state_code": "WA", "country_code": "US",
    });
    let order = give("address", json!({ "bill_address": address }));
    let response = &order["responses"][0];
    let answers = response["answers"].as_array().unwrap().iter().map(|answer| {
        let option = answer.pointer("/field/options/0/id");
        json!({ "id": answer["id"], "value": option.map_or(json!("My notebooks"), |id| json!(id.to_string())) })
    });
    let answers: Vec<Value> = answers.collect();
    give("form", json!({ "responses": [{ "id": response["id"], "answers": answers }] }));
    let source =
        json!({ "brand": "visa", "last_four": "1111", "token": "tok_sale", "cardholder_name": "Ada Quist" });
    let order = give("payment", json!({ "payments": [{ "payment_method_id": 1, "source": source }] }));
    assert_eq!(order["state"], "processing");
    paid(shop, &order)
}

/// The order once the gateway has answered.
fn paid(shop: &Program, order: &Value) -> Value {
    let token = order["guest_token"].as_str().unwrap();
    for _ in 0..100 {
        let seen =
            shop.ask("GET", &format!("/orders/{}/poll?guest_token={token}", order["id"]), None).json(200);
        if seen["state"] != "processing" {
            assert_eq!(
                (&seen["state"], &seen["payment_state"]),
                (&json!("complete"), &json!("paid")),
                "{seen:#}"
            );
            return seen;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the gateway has not answered within 5 s");
}

/// Several doors scan a code at the same moment: one lets its holder in, the others say when that was, and by whom.
fn at_the_door(shop: &Program, number: &str) {
    let path = format!("/tickets/{number}/check_in");
    let answers: Vec<(u16, Value)> = std::thread::scope(|doors| {
        let door = || {
            let answer = shop.ask("POST", &path, None);
            (answer.status, answer.json(answer.status))
        };
        let doors: Vec<_> = (0..3).map(|_| doors.spawn(door)).collect();
        doors.into_iter().map(|door| door.join().unwrap()).collect()
    });
    let admitted: Vec<&Value> =
        answers.iter().filter(|(status, _)| *status == 200).map(|(_, body)| body).collect();
    assert_eq!(admitted.len(), 1, "{number} admits once: {answers:?}");
    assert_eq!(admitted[0]["status"], "redeemed");
    for (status, body) in answers.iter().filter(|(status, _)| *status != 200) {
        let said = &body["errors"]["attributes"][0];
        assert_eq!((*status, &said["code"]), (422, &json!("invalid_transition")), "{body:#}");
        assert_eq!(said["detail"]["checkin_at"], admitted[0]["checkin_at"]);
        assert!(said["detail"]["checked_in_by"].is_i64(), "{body:#}");
    }
}

fn tickets(order: &Value) -> &Vec<Value> {
    order["tickets"].as_array().unwrap()
}

/// What is at an address, which must be there.
fn fetch(shop: &Program, address: &str) -> Vec<u8> {
    let path = address.strip_prefix(&shop.root).expect("an address of this server");
    let answer = shop.try_ask("GET", path, KEY, None).expect("the server answers");
    assert_eq!(answer.status, 200, "{address}");
    answer.bytes
}

/// The codes on the pages of a file, as a scanner reads them from pictures of the pages. Each page has one.
fn codes(file: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.pdf"), file).unwrap();
    run("pdftoppm", &["-r", "150", "-png", "t.pdf", "page"], folder.path());
    let pictures = std::fs::read_dir(folder.path()).unwrap();
    let pictures = pictures.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pictures: BTreeSet<String> = pictures.filter(|name| name.ends_with(".png")).collect();
    let scan = |name: &String| run("zbarimg", &["--quiet", "--raw", name], folder.path()).trim().to_owned();
    pictures.iter().map(scan).collect()
}

/// The words of a file.
fn words(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.pdf"), file).unwrap();
    let text = run("pdftotext", &["-enc", "UTF-8", "t.pdf", "-"], folder.path());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run(program: &str, args: &[&str], at: &Path) -> String {
    let ran = Command::new(program).args(args).current_dir(at).output();
    let ran = ran.unwrap_or_else(|error| panic!("{program}, which scripts/test installs: {error}"));
    assert!(ran.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}
