//! Who may look at which order: staff, its owner and whoever has its token. To everyone else it does not exist.

use crate::support::*;
use crate::{ROOT, problem};
use serde_json::{Value, json};

const PATHS: [&str; 3] = ["", "/explain", "/events"];

#[tokio::test]
async fn staff_the_owner_and_whoever_has_the_token_may_look() {
    let shop = Shop::open().await;
    let order = shop.customer().post("/orders", json!({})).await.json(201);
    let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
    for rest in PATHS {
        let path = format!("/orders/{number}{rest}");
        for caller in [shop.admin(), shop.customer(), shop.nobody().token(token), shop.other().token(token)] {
            caller.at(ROOT).get(&path).await.json(200);
        }
        shop.nobody().at(ROOT).get(&format!("{path}?order_token={token}")).await.json(200);
        shop.nobody().at(ROOT).get(&format!("{path}?token=customer-key")).await.json(200);
    }
    let body = json!({ "command": "empty" });
    let path = format!("/orders/{number}/preview");
    shop.nobody().token(token).at(ROOT).post(&path, body).await.json(200);
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_told_apart_from_none() {
    let shop = Shop::open().await;
    let own = shop.customer().post("/orders", json!({})).await.json(201);
    let guest = shop.cart(&[(MUG, 1)]).await;
    let foreign_token = shop.cart(&[(MUG, 1)]).await.show().await["token"].as_str().unwrap().to_owned();
    let none = shop.admin().at(ROOT).get("/orders/R000000000").await;
    let none = problem(&none, 404, "not-found");
    for number in [own["number"].as_str().unwrap(), &guest.number] {
        for caller in [
            shop.other(),
            shop.nobody().token(&foreign_token),
            shop.nobody().token("AAAAAAAAAAAAAAAAAAAAAA"),
            shop.nobody().token("NOT_A_TOKEN"),
        ] {
            for rest in PATHS {
                let reply = caller.at(ROOT).get(&format!("/orders/{number}{rest}")).await;
                assert_eq!(problem(&reply, 404, "not-found"), none);
            }
            let body = json!({ "command": "cancel" });
            let reply = caller.at(ROOT).post(&format!("/orders/{number}/preview"), body).await;
            assert_eq!(problem(&reply, 404, "not-found"), none);
        }
    }
    // An account without orders is not the owner of orders without an account.
    let reply = shop.customer().at(ROOT).get(&format!("/orders/{}", guest.number)).await;
    assert_eq!(problem(&reply, 404, "not-found"), none);
}

#[tokio::test]
async fn nobody_hears_the_same_about_every_number() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let there = shop.nobody().at(ROOT).get(&format!("/orders/{}", cart.number)).await;
    let not_there = shop.nobody().at(ROOT).get("/orders/R000000000").await;
    assert_eq!(there.header("www-authenticate"), Some("Bearer"));
    assert_eq!(problem(&there, 401, "no-credentials"), problem(&not_there, 401, "no-credentials"));
    let unknown = shop.nobody().key("secret-but-wrong").at(ROOT);
    let reply = unknown.get(&format!("/orders/{}", cart.number)).await;
    problem(&reply, 401, "unknown-key");
    assert!(!reply.body.contains("secret-but-wrong"));
}

#[tokio::test]
async fn the_token_is_shown_to_the_buyer_and_inner_notes_to_staff() {
    let shop = Shop::open().await;
    let order = shop.customer().post("/orders", json!({})).await.json(201);
    let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
    let note = json!({ "order": { "admin_metadata": { "note": "watch this one" } } });
    shop.admin().patch(&format!("/orders/{number}"), note).await.json(200);
    let path = format!("/orders/{number}");
    let staff = shop.admin().at(ROOT).get(&path).await.json(200);
    assert_eq!(staff["admin_metadata"]["note"], "watch this one");
    assert_eq!(staff.get("token"), None);
    for caller in [shop.customer(), shop.nobody().token(token)] {
        let reply = caller.at(ROOT).get(&path).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let seen = reply.json(200);
        assert_eq!(seen["token"], token);
        assert_eq!(seen.get("admin_metadata"), None);
    }
    let events = |caller: Caller| async move {
        let path = format!("{path}/events");
        caller.at(ROOT).get(&path).await.json(200)["events"].as_array().unwrap().clone()
    };
    let by = |events: &[Value]| events.last().unwrap()["by"].clone();
    let created = shop.customer().at(ROOT).get(&format!("/orders/{number}/events")).await.json(200);
    assert_eq!(created["events"][0]["by"], json!({ "role": "customer", "user": 1002 }));
    let seen = events(shop.nobody().token(token)).await;
    assert!(by(&seen).get("user").is_none(), "{seen:?}");
}

#[tokio::test]
async fn ids_of_another_order_are_not_found_in_this_one() {
    let shop = Shop::open().await;
    let (mine, other) = (shop.order_in("delivery").await, shop.order_in("delivery").await);
    let theirs = shop.admin().at(ROOT).get(&format!("/orders/{}", other.number)).await.json(200);
    let (line, shipment) = (&theirs["lines"][0]["id"], &theirs["shipments"][0]);
    let fields = json!({ "name": "Eve" });
    for (foreign, unknown) in [
        (json!({ "remove_line": { "line": line } }), json!({ "remove_line": { "line": 999_999 } })),
        (
            json!({ "select_rate": { "shipment": shipment["id"], "rate": shipment["rates"][0]["id"] } }),
            json!({ "select_rate": { "shipment": 999_999, "rate": 999_999 } }),
        ),
        (
            json!({ "set_address": { "address": theirs["ship_address"]["id"], "fields": fields } }),
            json!({ "set_address": { "address": 999_999, "fields": fields } }),
        ),
    ] {
        let answer = |command: Value| {
            let (guest, number) = (mine.guest.clone(), mine.number.clone());
            async move { crate::preview(&guest, &number, json!([command])).await.json(200) }
        };
        let (foreign, unknown) = (answer(foreign).await, answer(unknown).await);
        assert_eq!(foreign["outcomes"][0]["outcome"], "refused");
        assert_eq!(foreign["outcomes"], unknown["outcomes"]);
    }
}
