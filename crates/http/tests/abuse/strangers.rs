//! Orders, lines, payments, addresses and shipments of other people: not told apart from what is not there.

use crate::front::*;
use crate::support::*;
use serde_json::{Value, json};

/// What an answer says, without the names that were asked for, and without what differs from request to request.
fn said(reply: &Reply, names: &[&str]) -> (u16, String) {
    let body = match serde_json::from_str::<Value>(&reply.body) {
        Ok(mut json) => {
            without_ids_and_times(&mut json);
            json.to_string()
        }
        Err(_) => reply.body.clone(),
    };
    (reply.status, names.iter().fold(body, |body, name| body.replace(name, "#")))
}

fn without_ids_and_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| {
                !matches!(key.as_str(), "id" | "request_id" | "version" | "number")
                    && !key.ends_with("_at")
                    && !key.ends_with("address_id")
            });
            map.values_mut().for_each(without_ids_and_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids_and_times),
        _ => {}
    }
}

fn deeds(api: Api, order: &Basket) -> Vec<Deed> {
    let at = |method, path: String, body: &str| Deed::new(method, path, body.to_owned());
    let number = &order.number;
    let mut deeds = vec![
        at("GET", order.path(""), ""),
        api.edit(order, r#""email":"eve@example.com""#),
        api.add(order, r#""variant_id":1,"quantity":1"#),
        api.code(order, &json!("tenoff")),
        api.complete(order),
        at("PUT", order.path("/cancel"), "{}"),
    ];
    match api {
        Api::GuestManager => deeds.extend([
            at("GET", order.path("/poll"), ""),
            at(
                "PATCH",
                format!("/checkout/{number}"),
                r#"{"order":{"state":"payment","payments":[{"payment_method_id":2}]}}"#,
            ),
            at("PATCH", format!("/checkout/{number}/resume"), "{}"),
        ]),
        _ => deeds.extend([
            at("GET", order.path("/payments"), ""),
            at("POST", order.path("/payments"), r#"{"payment":{"payment_method_id":2}}"#),
            at("GET", order.path("/payments/new"), ""),
            at("GET", order.path("/return_authorizations"), ""),
            at("PUT", order.path("/empty"), ""),
            at("PUT", format!("/checkouts/{number}"), r#"{"order":{"email":"eve@example.com"}}"#),
            at("PUT", format!("/checkouts/{number}/advance"), ""),
        ]),
    }
    deeds
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_there() {
    let front = Front::open().await;
    let (mine, theirs) = (front.basket(1).await, front.basket(1).await);
    front.ready(&theirs).await;
    let none = Basket { number: "R000000000".into(), ..theirs.clone() };
    let before = front.whole(&theirs).await;
    for api in APIS {
        for (deed, unknown) in deeds(api, &theirs).iter().zip(deeds(api, &none)) {
            for token in [&mine.token, "AAAAAAAAAAAAAAAAAAAAAA", "nonsense", "0"] {
                let reply = front.act_as(api, token, deed).await;
                refused(&reply, &format!("{api:?} {deed:?}"));
                let missing = front.act_as(api, token, &unknown).await;
                let names = [theirs.number.as_str(), none.number.as_str()];
                assert_eq!(said(&reply, &names), said(&missing, &names), "{api:?} {deed:?} {token}");
            }
            let reply = front.keyed(api).raw(deed.method, &deed.path, "application/json", &deed.body).await;
            refused(&reply, &format!("{api:?} {deed:?} by another account"));
            for secret in ["buyer@example.com", "Lovelace", "Pine St", theirs.token.as_str()] {
                assert!(!reply.body.contains(secret), "{api:?} {deed:?}: {}", reply.body);
            }
        }
    }
    assert_eq!(front.whole(&theirs).await, before);
    assert_eq!(front.charged(&theirs), [0; 0]);
}

#[tokio::test]
async fn parts_of_another_order_are_not_found_in_ones_own() {
    let front = Front::open().await;
    let (mine, theirs) = (front.basket(1).await, front.basket(1).await);
    front.ready(&mine).await;
    front.ready(&theirs).await;
    let shown = front.order(&theirs).await;
    let id = |value: &Value| value.to_string();
    let (line, payment) = (id(&shown["lines"][0]["id"]), id(&shown["payments"][0]["id"]));
    let (address, shipment) = (id(&shown["ship_address"]["id"]), id(&shown["shipments"][0]["id"]));
    let nothing = "999999999".to_owned();
    let (before, lines) = (front.whole(&theirs).await, front.order(&mine).await["lines"].clone());
    for api in APIS {
        let of_line = |line: &str| {
            vec![
                api.set(&mine, line, r#""quantity":7"#),
                Deed::new("DELETE", mine.path(&format!("/line_items/{line}")), String::new()),
                api.edit(&mine, &format!(r#""line_items":[{{"id":{line},"quantity":7}}]"#)),
            ]
        };
        let of_payment = |id: &str| {
            let at = |method, rest: &str| {
                Deed::new(method, mine.path(&format!("/payments/{id}{rest}")), "{}".into())
            };
            vec![
                at("GET", ""),
                at("PUT", ""),
                at("PUT", "/capture"),
                at("PUT", "/void"),
                at("PUT", "/purchase"),
            ]
        };
        let of_address = |id: &str| {
            let body = r#"{"address":{"city":"Elsewhere"}}"#.to_owned();
            vec![
                Deed::new("GET", mine.path(&format!("/addresses/{id}")), String::new()),
                Deed::new("PUT", mine.path(&format!("/addresses/{id}")), body),
            ]
        };
        let nested = |key: &str, id: &str| {
            let body = format!(r#""{key}":{{"id":{id},"city":"Elsewhere"}}"#);
            vec![api.edit(&mine, &body)]
        };
        let rates = |id: &str| {
            let body = format!(r#""shipments_attributes":[{{"id":{id},"selected_shipping_rate_id":1}}]"#);
            vec![api.edit(&mine, &body)]
        };
        let pairs = [
            (of_line(&line), of_line(&nothing), &line),
            (of_payment(&payment), of_payment(&nothing), &payment),
            (of_address(&address), of_address(&nothing), &address),
            (rates(&shipment), rates(&nothing), &shipment),
            (
                nested("ship_address_attributes", &address),
                nested("ship_address_attributes", &nothing),
                &address,
            ),
            (nested("bill_address", &address), nested("bill_address", &nothing), &address),
        ];
        for (foreign, unknown, name) in pairs {
            for (foreign, unknown) in foreign.into_iter().zip(unknown) {
                let one = front.act(api, &mine, &foreign).await;
                let other = front.act(api, &mine, &unknown).await;
                let names = [name.as_str(), nothing.as_str()];
                assert_eq!(said(&one, &names), said(&other, &names), "{api:?} {foreign:?}");
                assert!(!one.body.contains(&theirs.number), "{api:?} {foreign:?}: {}", one.body);
            }
        }
        assert_eq!(front.whole(&theirs).await, before, "{api:?}");
        assert_eq!(front.order(&mine).await["lines"], lines, "{api:?}");
    }
}

#[tokio::test]
async fn orders_without_an_account_are_nobodys() {
    let front = Front::open().await;
    let guest = front.basket(1).await;
    front.ready(&guest).await;
    for api in [Api::Solidus, Api::Spree] {
        for path in
            ["/orders/mine", "/orders/current", "/orders", "/shipments/mine", "/store_credit_events/mine"]
        {
            for caller in
                [front.keyed(api), front.nobody(api), front.nobody(api).token("AAAAAAAAAAAAAAAAAAAAAA")]
            {
                let reply = caller.get(path).await;
                assert!(reply.status < 500, "{api:?} {path}: {}", reply.body);
                for foreign in [guest.number.as_str(), "other@example.com", "admin@example.com"] {
                    assert!(!reply.body.contains(foreign), "{api:?} {path}: {}", reply.body);
                }
            }
        }
    }
    let office = front.keyed(Api::GuestManager).get("/orders").await;
    assert!(!office.json(200).to_string().contains(&guest.number));
}

#[tokio::test]
async fn a_shoppers_key_opens_nothing_of_the_staffs() {
    let front = Front::open().await;
    let catalog = format!("{:?}", front.engine.catalog());
    let users = front.engine.store().users().await.unwrap();
    for api in [Api::Solidus, Api::Spree] {
        for (method, path) in [
            ("GET", "/users/1003"),
            ("PUT", "/users/1003"),
            ("PUT", "/users/1001"),
            ("DELETE", "/users/1003"),
            ("POST", "/products"),
            ("PUT", "/products/1"),
            ("DELETE", "/products/1"),
            ("PUT", "/variants/1"),
            ("PUT", "/stock_locations/1"),
            ("POST", "/stock_locations/1/stock_items"),
            ("PUT", "/stock_locations/1/stock_items/1"),
            ("GET", "/stock_locations/1/stock_movements"),
            ("POST", "/zones"),
            ("PUT", "/zones/1"),
            ("POST", "/taxonomies"),
        ] {
            for caller in [front.keyed(api), front.nobody(api)] {
                let body = json!({
                    "user": {"email": "eve@example.com", "password": "letmein"},
                    "product": {"name": "Free", "price": "0", "shipping_category_id": 1},
                    "variant": {"price": "0"}, "stock_item": {"count_on_hand": 9, "variant_id": 1},
                    "stock_location": {"name": "Eve's"}, "zone": {"name": "Eve"}, "taxonomy": {"name": "Eve"},
                });
                let body = if method == "GET" { Value::Null } else { body };
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let reply = caller.raw(method, path, "application/json", &body).await;
                refused(&reply, &format!("{api:?} {method} {path}"));
                assert!(!reply.body.contains("other@example.com"), "{api:?} {method} {path}: {}", reply.body);
            }
        }
    }
    assert_eq!(format!("{:?}", front.engine.catalog()), catalog);
    assert_eq!(front.engine.store().users().await.unwrap(), users);
}

#[tokio::test]
async fn lists_hold_no_keys_and_no_passwords() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    front.ready(&order).await;
    front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await.json(200);
    for api in APIS {
        for path in [
            "/orders",
            "/users",
            "/payment_methods",
            "/config",
            "/stores",
            "/credit_cards",
            "/products",
            "/tickets",
        ] {
            let reply = front.staff(api).get(path).await;
            assert!(reply.status < 500, "{api:?} {path}: {}", reply.body);
            for secret in [
                ADMIN_KEY,
                CUSTOMER_KEY,
                OTHER_KEY,
                OFFICE_KEY,
                "password_hash",
                "api_key\":\"",
                "test:approve",
                VISA,
            ] {
                assert!(!reply.body.contains(secret), "{api:?} {path} tells {secret}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_personal_is_kept_by_caches() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    for api in APIS {
        for token in [order.token.as_str(), "AAAAAAAAAAAAAAAAAAAAAA"] {
            for deed in deeds(api, &order) {
                let reply = front.act_as(api, token, &deed).await;
                assert_eq!(reply.header("cache-control"), Some("no-store"), "{api:?} {deed:?}");
            }
        }
    }
}
