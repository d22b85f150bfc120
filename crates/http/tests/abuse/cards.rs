//! Card numbers and security codes in any place of any request: refused, and afterwards in no answer, no stored
//! document, no event and no log.

use crate::front::*;
use crate::logs::Log;
use crate::support::*;
use serde_json::{Value, json};

/// Passes Luhn, and is published nowhere.
const NUMBER: &str = "4539578763621486";
const SPELLINGS: [&str; 10] = [
    NUMBER,
    "4539 5787 6362 1486",
    "4539-5787-6362-1486",
    "4539.5787.6362.1486",
    "4539/5787/6362/1486",
    "pan_4539_5787_6362_1486",
    "4539 / 5787 / 6362 / 1486",
    "my card: 4539578763621486, thanks",
    "４５３９５７８７６３６２１４８６",
    "٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦",
];

/// Whether the digits stand in the text, however they are grouped.
fn holds(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '+' | '/' | '_')).collect();
    digits.contains(NUMBER) || text.replace("%20", "").contains(NUMBER)
}

/// Bodies with something at every place where a text may stand.
fn bodies(api: Api, value: &Value) -> Vec<Value> {
    let mut all = vec![
        json!({"order": {"email": value}}),
        json!({"order": {"special_instructions": value}}),
        json!({"order": {"metadata": {"note": value}}}),
        json!({"order": {"customer_metadata": {"a": [{"b": value}]}}}),
        json!({"order": {"first_name": value, "last_name": "x"}}),
        json!({"order": {"coupon_code": value}}),
        json!({"order": {"line_items": [{"variant_id": 1, "quantity": 1, "note": value}]}}),
        json!({"order": {"bill_address": {"name": value, "address1": value}}}),
        json!({"order": {"ship_address_attributes": {"company": value, "firstname": value}}}),
        json!({"order": {"payments": [{"payment_method_id": CARD, "source": {"token": value}}]}}),
        json!({"order": {"payments_attributes": [{"payment_method_id": CHECK, "source_attributes": {"number": value}}]}}),
        json!({"number": value}),
        json!({"coupon_code": value}),
        json!([value]),
        json!({"guest_token": value}),
    ];
    if let Some(text) = value.as_str() {
        all.push(json!({"order": {"metadata": {text: "x"}}}));
    }
    if api == Api::GuestManager {
        all.push(json!({"order": {"payments": [{"source": {"token": "tok_ok", "cardholder_name": value}}]}}));
    }
    all
}

#[tokio::test]
async fn a_card_number_is_refused_wherever_it_stands_and_kept_nowhere() {
    let log = Log::listen();
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        let spelled = SPELLINGS.map(|text| json!(text));
        let numbers = [json!(4_539_578_763_621_486_u64), json!(4.539_578_763_621_486e15)];
        for value in spelled.iter().chain(&numbers) {
            for body in bodies(api, value) {
                for path in [order.path(""), order.path("/line_items"), order.path("/apply_coupon_code")] {
                    let method = if path.ends_with("_items") { "POST" } else { "PATCH" };
                    let reply = front.act(api, &order, &Deed::new(method, path, body.to_string())).await;
                    refused(&reply, &format!("{api:?} {body}"));
                    assert!(!holds(&reply.body), "{api:?} {body}: {}", reply.body);
                }
            }
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
    assert!(!holds(&front.stored().await));
    assert!(!log.text().is_empty(), "the witness hears the server");
    assert!(!holds(&log.text()), "{}", log.text());
}

#[tokio::test]
async fn paths_queries_and_headers_with_a_card_number_are_never_repeated() {
    let log = Log::listen();
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        for path in [
            format!("/orders/{NUMBER}"),
            format!("/orders/{}/line_items/{NUMBER}", order.number),
            format!("/orders?q[email_eq]={NUMBER}"),
            "/orders?note=4539+5787+6362+1486".to_owned(),
            format!("/{NUMBER}"),
            format!("/checkout/{NUMBER}"),
        ] {
            for method in ["GET", "PATCH", "DELETE"] {
                let deed = Deed::new(method, path.clone(), String::new());
                let reply = front.act(api, &order, &deed).await;
                refused(&reply, &format!("{api:?} {deed:?}"));
                assert!(!holds(&reply.body), "{api:?} {deed:?}: {}", reply.body);
            }
        }
        for header in [
            "X-Request-Id",
            "Idempotency-Key",
            "User-Agent",
            "Authorization",
            "X-Spree-Token",
            "X-Spree-Order-Token",
            "If-Match",
            "Accept",
            "Referer",
            "Cookie",
        ] {
            for value in [NUMBER.to_owned(), format!("Bearer {NUMBER}"), format!("Token {NUMBER}")] {
                for caller in [front.nobody(api), front.keyed(api)] {
                    let reply = caller.header(header, &value).get(&order.path("")).await;
                    assert!(reply.status < 500, "{api:?} {header}: {}", reply.body);
                    assert!(!holds(&format!("{reply:?}")), "{api:?} {header}: {value}: {reply:?}");
                }
            }
        }
    }
    let order = front.basket(1).await;
    let own = front.nobody(Api::Solidus).at("/cashwrap/v1");
    for reply in [
        own.key(NUMBER).get(&order.path("")).await,
        own.key(ADMIN_KEY).get(&format!("/orders/{NUMBER}")).await,
        own.key(ADMIN_KEY).get(&order.path(&format!("/events?after={NUMBER}"))).await,
        own.token(&order.token)
            .post(&order.path("/preview"), json!({"command": {"apply_code": NUMBER}}))
            .await,
        own.token(&order.token).post(&order.path("/preview"), json!({NUMBER: 1})).await,
    ] {
        refused(&reply, "/cashwrap/v1");
        assert!(!holds(&format!("{reply:?}")), "{reply:?}");
    }
    assert!(!holds(&front.stored().await));
    assert!(!holds(&log.text()), "{}", log.text());
}

#[tokio::test]
async fn forms_and_files_hold_no_card_number_either() {
    let front = Front::open().await;
    let multipart = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n")
    };
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        for (content_type, body) in [
            ("application/x-www-form-urlencoded", format!("order[special_instructions]={NUMBER}")),
            ("application/x-www-form-urlencoded", "order[email]=4539+5787+6362+1486".to_owned()),
            ("application/x-www-form-urlencoded", "order[email]=%34%35%33%39578763621486".to_owned()),
            ("application/x-www-form-urlencoded", format!("order[metadata][{NUMBER}]=1")),
            ("multipart/form-data; boundary=b", multipart("order[special_instructions]", NUMBER)),
            ("multipart/form-data; boundary=b", multipart(&format!("order[{NUMBER}]"), "x")),
        ] {
            let answer = front.body(api, &order, content_type, body.as_bytes()).await;
            assert!((400..500).contains(&answer.status), "{api:?} {body}: {}", answer.text);
            assert!(!holds(&answer.text), "{api:?} {body}: {}", answer.text);
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
    assert!(!holds(&front.stored().await));
}

#[tokio::test]
async fn a_security_code_is_kept_nowhere() {
    let log = Log::listen();
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        front.ready(&order).await;
        let before = front.whole(&order).await;
        for name in ["cvv", "CVC", "cvv2", "security_code", "verification_value", "cardCode"] {
            for body in [
                json!({"order": {name: "7391"}}),
                json!({"order": {"metadata": {name: 7391}}}),
                json!({name: "7391"}),
                json!({"payment": {"payment_method_id": CHECK, "source_attributes": {name: "7391"}}}),
            ] {
                let reply =
                    front.act(api, &order, &Deed::new("PATCH", order.path(""), body.to_string())).await;
                refused(&reply, &format!("{api:?} {body}"));
                assert!(!reply.body.contains("7391"), "{api:?} {body}: {}", reply.body);
            }
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
    // Where a gateway takes one, it is given to nobody else.
    let order = front.basket(1).await;
    let mut source = card(VISA);
    source["verification_value"] = json!("7391");
    front.ready(&order).await;
    let body = json!({"payment": {"payment_method_id": CARD, "source_attributes": source}}).to_string();
    let paid = front.act(Api::Solidus, &order, &Deed::new("POST", order.path("/payments"), body)).await;
    paid.json(201);
    front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await;
    assert!(!front.charged(&order).is_empty());
    for kept in [front.stored().await, log.text(), front.whole(&order).await] {
        assert!(!kept.contains(VISA) && !kept.contains("\"7391\""));
    }
}
