//! Card numbers and security codes at the door of the built program: every way of every API by which something can be
//! written refuses them, and afterwards they are in no database file, no log beside it and nothing the program said.
//!
//! The ways are those that the program's own API documents list, so a new one is tried without being added here. What
//! may hold a card number is what the test gateway takes: published test numbers, of which four digits are kept.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "purchases/town.rs"]
#[allow(dead_code)] // the processes of the purchases' tests, of which a part is needed
mod town;

use serde_json::{Value, json};
use town::{ADMIN, Reply, Town, ping_headers, send};

/// Passes Luhn, and is published nowhere.
const NUMBER: &str = "4539578763621486";
/// A published test number.
const TEST_NUMBER: &str = "4111111111111111";
const SECURITY_CODE: &str = "7391";

const SPELLINGS: [&str; 9] = [
    NUMBER,
    "4539 5787 6362 1486",
    "4539-5787-6362-1486",
    "4539.5787.6362.1486",
    "4539/5787/6362/1486",
    "pan_4539_5787_6362_1486",
    "my card: 4539578763621486, thanks",
    "４５３９５７８７６３６２１４８６",
    "٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦",
];

/// Places in a body, some of them known to one API or another and some to none.
const PLACES: [&str; 42] = [
    "email",
    "note",
    "metadata.deep.0.note",
    "order.email",
    "order.special_instructions",
    "order.customer_metadata.note",
    "order.admin_metadata.note",
    "order.metadata.note",
    "order.coupon_code",
    "order.first_name",
    "order.last_name",
    "order.bill_address.name",
    "order.bill_address.address1",
    "order.ship_address.company",
    "order.line_items.0.note",
    "order.line_items.0.options.engraving",
    "order.payments.0.source.token",
    "order.payments_attributes.0.source_attributes.name",
    "order.tickets.0.name",
    "order.answers.0.value",
    "line_item.options.note",
    "coupon_code",
    "payment.source_attributes.gateway_payment_profile_id",
    "user.email",
    "user.password",
    "product.name",
    "product.description",
    "variant.cost_price",
    "address.city",
    "data.attributes.note",
    "reason",
    "customer_email_address",
    "customer_password",
    "promotional_code",
    "payment_method_id",
    "saved_card_id",
    "payment_validation_token",
    "success_url",
    "line_items.0.price_id",
    "line_items.0.service_fulfillment_filter.city",
    "voucher_code",
    "command.apply_code",
];

const SECURITY_NAMES: [&str; 6] = ["cvv", "CVC", "cvv2", "security_code", "verification_value", "cardCode"];

/// An API: the name of its document, where it is, and who asks.
struct Door {
    api: &'static str,
    root: &'static str,
    headers: Vec<(&'static str, String)>,
}

fn doors() -> Vec<Door> {
    let bearer = || vec![("authorization", format!("Bearer {ADMIN}"))];
    let token = "a1B2".repeat(16);
    let application = ping_headers("tok_ada").map(|(name, value)| (name, value.to_owned()));
    // Browsers show the token of the shop's pages, which is any text they were given once.
    let browser = vec![("cookie", format!("csrftoken={token}")), ("x-csrftoken", token)];
    vec![
        Door { api: "solidus", root: "/solidus/api", headers: bearer() },
        Door { api: "spree", root: "/spree/api/v1", headers: vec![("x-spree-token", ADMIN.to_owned())] },
        Door { api: "guest_manager", root: "/guest-manager/api/public/v2", headers: bearer() },
        Door { api: "ping", root: "/ping/1.0", headers: application.to_vec() },
        Door { api: "akinon", root: "/akinon", headers: browser },
        Door { api: "cashwrap", root: "/cashwrap/v1", headers: bearer() },
    ]
}

impl Door {
    fn send(&self, town: &Town, method: &str, path: &str, body: String) -> Reply {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(method, &format!("{}{}{path}", town.root(), self.root), &headers, Some(body))
    }

    /// Every method and path that changes something, by the API's document.
    fn ways(&self, town: &Town) -> Vec<(String, String)> {
        let url = format!("{}/docs/{}/openapi.json", town.root(), self.api);
        let document = send("GET", &url, &[], None).json();
        let paths = document["paths"].as_object().unwrap();
        let mut ways = Vec::new();
        for (path, methods) in paths {
            for method in methods.as_object().unwrap().keys() {
                if matches!(method.as_str(), "post" | "put" | "patch" | "delete") {
                    ways.push((method.to_uppercase(), path.clone()));
                }
            }
        }
        assert!(!ways.is_empty(), "{}", self.api);
        ways
    }
}

/// A path with an order where one is named, and the first of everything else.
fn filled(path: &str, order: &str) -> String {
    path.split('/')
        .map(|part| match part {
            "{order_id}" | "{order_key}" | "{number}" => order,
            "{platform}" => "stripe",
            part if part.starts_with('{') => "1",
            part => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// A body with a value at a dotted place; 0 is the first place of a list.
fn at(place: &str, value: Value) -> Value {
    place.rsplit('.').fold(value, |below, step| match step {
        "0" => json!([below]),
        name => json!({ name: below }),
    })
}

/// Digits of any script as ASCII, without what may stand between groups of them.
fn digits_together(text: &str) -> String {
    text.replace("%20", "")
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '.' | '+' | '/' | '_'))
        .map(|letter| match letter {
            '\u{ff10}'..='\u{ff19}' => ascii(letter, '\u{ff10}'),
            '\u{0660}'..='\u{0669}' => ascii(letter, '\u{0660}'),
            other => other,
        })
        .collect()
}

/// The digit that comes as far after 0 as this one after its script's.
fn ascii(digit: char, zero: char) -> char {
    char::from_digit(u32::from(digit) - u32::from(zero), 10).unwrap()
}

#[test]
fn digits_of_other_scripts_are_found() {
    for spelling in SPELLINGS {
        assert!(digits_together(spelling).contains(NUMBER), "{spelling}: {}", digits_together(spelling));
    }
}

fn holds(text: &str) -> bool {
    digits_together(text).contains(NUMBER)
}

fn holds_code(text: &str) -> bool {
    [format!("\"{SECURITY_CODE}\""), format!(":{SECURITY_CODE}"), format!("={SECURITY_CODE}")]
        .iter()
        .any(|written| text.contains(written))
}

/// Everything the program left behind: database, write-ahead log, what it said.
fn left_behind(town: &Town) -> Vec<(String, String)> {
    let folder = town.log().parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<(String, String)> = files
        .filter(|path| path.is_file())
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        })
        .collect();
    for needed in ["shop.db", "shop.db-wal", "server.log"] {
        let found = files.iter().find(|(name, _)| name == needed);
        assert!(found.is_some_and(|(_, text)| !text.is_empty()), "{needed} is looked at");
    }
    files
}

fn clean(town: &Town, mark: &str) {
    let files = left_behind(town);
    assert!(files.iter().any(|(_, text)| text.contains(mark)), "what was kept is found");
    for (name, text) in &files {
        assert!(!holds(text), "{name} holds the number");
        assert!(!holds_code(text), "{name} holds the security code");
    }
}

fn town() -> Town {
    // Throttles are off in test mode: these are many requests.
    Town::with(&[("CASHWRAP_LOG", "debug"), ("RUST_LOG", "debug"), ("CASHWRAP_TEST_MODE", "true")])
}

/// A cart through Solidus: its number and token. Its note is what the search is tried on.
fn cart(town: &Town, mark: &str) -> (String, String) {
    let door = &doors()[0];
    let body = json!({ "order": { "special_instructions": mark, "line_items": [{ "variant_id": 6, "quantity": 1 }] } });
    let created = door.send(town, "POST", "/orders", body.to_string());
    assert_eq!(created.status, 201, "{created:?}");
    let order = created.json();
    let text = |key: &str| order[key].as_str().unwrap_or_else(|| panic!("{order:#}")).to_owned();
    (text("number"), text("token"))
}

/// Whether an answer says that it is about a card.
fn says_card(reply: &Reply) -> bool {
    reply.text.to_lowercase().contains("card")
}

#[test]
fn every_way_in_refuses_card_numbers_and_keeps_none() {
    let mark = "the note that is kept";
    let mut tried = 0;
    for door in doors() {
        let town = town();
        let (number, _) = cart(&town, mark);
        for (turn, (method, path)) in door.ways(&town).into_iter().enumerate() {
            // What a platform did not sign is not read, nor what comes without keys that nobody has in the sample store.
            let unread = door.api == "ping" && (path.starts_with("/webhook") || path.starts_with("/public"));
            let path = filled(&path, &number);
            for (more, spelling) in SPELLINGS.into_iter().enumerate() {
                let place = PLACES[(turn + more * 5) % PLACES.len()];
                let body = at(place, json!(spelling)).to_string();
                let reply = door.send(&town, &method, &path, body);
                let said = format!("{} {method} {path}, {place}: {spelling}: {reply:?}", door.api);
                assert!((400..500).contains(&reply.status), "{said}");
                assert!(unread || says_card(&reply), "{said}");
                assert!(!holds(&reply.text), "{said}");
                tried += 1;
            }
        }
        clean(&town, mark);
    }
    assert!(tried > 1_500, "{tried}");
}

#[test]
fn every_place_of_a_body_is_looked_at() {
    let mark = "another note that is kept";
    let ways: [(&str, &str, &str); 10] = [
        ("solidus", "POST", "/orders"),
        ("solidus", "PATCH", "/checkouts/{number}"),
        ("spree", "POST", "/checkouts"),
        ("spree", "PUT", "/checkouts/{number}"),
        ("guest_manager", "POST", "/orders"),
        ("guest_manager", "PATCH", "/checkout/{number}"),
        ("ping", "POST", "/private/user/cart/calculate"),
        ("ping", "POST", "/private/user/checkout/create"),
        ("akinon", "POST", "/baskets/basket/"),
        ("cashwrap", "POST", "/orders/{number}/preview"),
    ];
    let numbers = [json!(NUMBER), json!(4_539_578_763_621_486_u64), json!(4.539_578_763_621_486e15)];
    let doors = doors();
    for (api, method, path) in ways {
        let town = town();
        let (order, _) = cart(&town, mark);
        let path = filled(path, &order);
        let door = doors.iter().find(|door| door.api == api).unwrap();
        let refused = |body: Value| {
            let reply = door.send(&town, method, &path, body.to_string());
            let said = format!("{api} {method} {path} {body}: {reply:?}");
            assert!((400..500).contains(&reply.status) && says_card(&reply), "{said}");
            assert!(!holds(&reply.text) && !holds_code(&reply.text), "{said}");
        };
        for place in PLACES {
            numbers.iter().for_each(|number| refused(at(place, number.clone())));
            // The name of a field is a place too.
            refused(at(&format!("{place}.{NUMBER}"), json!("x")));
        }
        for name in SECURITY_NAMES {
            refused(json!({ name: SECURITY_CODE }));
            refused(json!({ "order": { "metadata": { name: 7391 } } }));
        }
        clean(&town, mark);
    }
}

#[test]
fn addresses_headers_forms_and_files() {
    let town = town();
    let mark = "a third note that is kept";
    let (number, token) = cart(&town, mark);
    for door in doors() {
        for path in
            [format!("/orders/{NUMBER}"), format!("/{NUMBER}"), "/orders?note=4539+5787+6362+1486".to_owned()]
        {
            for method in ["GET", "POST", "DELETE"] {
                let reply = door.send(&town, method, &path, String::new());
                assert!(reply.status < 500 && !holds(&reply.text), "{} {method} {path}: {reply:?}", door.api);
            }
        }
        for name in ["x-request-id", "idempotency-key", "user-agent", "referer", "authorization", "cookie"] {
            let url = format!("{}{}/orders/{number}", town.root(), door.root);
            let reply = send("GET", &url, &[(name, NUMBER)], None);
            assert!(reply.status < 500 && !holds(&reply.text), "{} {name}: {reply:?}", door.api);
        }
    }
    let url = format!("{}/solidus/api/checkouts/{number}", town.root());
    let bearer = format!("Bearer {ADMIN}");
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n")
    };
    for (kind, body) in [
        ("application/x-www-form-urlencoded", format!("order[special_instructions]={NUMBER}")),
        ("application/x-www-form-urlencoded", "order[email]=4539+5787+6362+1486".to_owned()),
        ("application/x-www-form-urlencoded", "order[email]=%34%35%33%39578763621486".to_owned()),
        ("application/x-www-form-urlencoded", format!("order[metadata][{NUMBER}]=1")),
        ("multipart/form-data; boundary=b", part("order[special_instructions]", NUMBER)),
        ("multipart/form-data; boundary=b", part(&format!("order[{NUMBER}]"), "x")),
    ] {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let reply = send("PATCH", &url, &headers, Some(body.clone()));
        assert!((400..500).contains(&reply.status) && says_card(&reply), "{body}: {reply:?}");
        assert!(!holds(&reply.text), "{body}: {reply:?}");
    }
    pages(&town, &number, &token);
    clean(&town, mark);
}

/// What people type into the checkout's own pages: a page with the sentence, and without the number.
fn pages(town: &Town, number: &str, token: &str) {
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "en")];
    for page in ["email", "address", "delivery", "payment", "confirm", "attendees", "questions"] {
        for field in ["email", "ship.name", "ship.address1", "note", "method", "do", "code"] {
            let url = format!("{}/cart/checkout/{number}/{page}", town.root());
            for spelled in [NUMBER, "4539+5787+6362+1486", "4539-5787-6362-1486"] {
                let body = format!("guest_token={token}&{field}={spelled}");
                let reply = send("POST", &url, &form, Some(body));
                assert!(reply.status < 500, "{page} {field}: {reply:?}");
                assert!(!holds(&reply.text), "{page} {field}: {reply:?}");
                assert!(reply.location.is_none_or(|location| !holds(&location)), "{page} {field}");
            }
        }
    }
    let body = format!("guest_token={token}&do=go&email={NUMBER}");
    let reply = send("POST", &format!("{}/cart/checkout/{number}/address", town.root()), &form, Some(body));
    assert!(reply.status == 422 && reply.text.contains("This looks like a card number."), "{reply:?}");
}

#[test]
fn of_a_published_test_number_four_digits_are_kept() {
    let town = town();
    let mark = "the last note that is kept";
    let (number, _) = cart(&town, mark);
    let door = &doors()[0];
    let source = json!({ "number": TEST_NUMBER, "month": "12", "year": "2034", "name": "Ada",
                         "verification_value": SECURITY_CODE });
    let body =
        json!({ "payment": { "payment_method_id": 1, "amount": "5.00", "source_attributes": source } });
    let paid = door.send(&town, "POST", &format!("/orders/{number}/payments"), body.to_string());
    assert_eq!(paid.status, 201, "{paid:?}");
    assert!(!paid.text.contains(TEST_NUMBER), "{paid:?}");
    let shown = door.send(&town, "GET", &format!("/orders/{number}"), String::new());
    assert!(shown.text.contains("\"1111\"") && !shown.text.contains(TEST_NUMBER), "{shown:?}");
    for (name, text) in left_behind(&town) {
        assert!(!digits_together(&text).contains(TEST_NUMBER), "{name}");
    }
    clean(&town, mark);
}
