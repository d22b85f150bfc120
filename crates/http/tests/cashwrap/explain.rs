//! Why the total is what it is, and what is still missing.

use crate::support::*;
use crate::{ROOT, preview};
use domain::catalog::{Entity, Promotion, PromotionActionKind, PromotionCalculator};
use domain::money::Rate;
use engine::ports::{Commit, EntityChange};
use serde_json::{Value, json};

async fn explain(caller: &Caller, number: &str) -> Value {
    caller.at(ROOT).get(&format!("/orders/{number}/explain")).await.json(200)
}

/// A guest's order of two shirts with 10 % off.
async fn shirts(shop: &Shop) -> Cart {
    let cart = shop.cart(&[(SHIRT, 2)]).await;
    cart.guest.post(&cart.order("/coupon_codes"), json!({ "coupon_code": "tenoff" })).await.json(200);
    cart
}

fn of<'a>(explained: &'a Value, on: &str, kind: &str) -> &'a Value {
    let all = explained["adjustments"].as_array().unwrap();
    let found = all.iter().find(|one| one["on"]["kind"] == on && one["source"]["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} on {on} in {explained}"))
}

#[tokio::test]
async fn every_adjustment_comes_with_its_rule_and_its_arithmetic() {
    let shop = Shop::open().await;
    let cart = shirts(&shop).await;
    cart.walk_to("payment").await;
    let explained = explain(&cart.guest, &cart.number).await;
    let promotion = of(&explained, "line", "promotion");
    assert_eq!(
        promotion["says"],
        "10 % of 39.98 = 4.00, rounded half up; taken off by promotion `tenoff`, action percent on the line."
    );
    assert_eq!(promotion["working"][0]["formula"], "share");
    let figures = json!({ "rate": 100_000, "base": 3998, "rounding": "half_up" });
    assert_eq!(promotion["working"][0]["figures"], figures);
    assert_eq!((&promotion["working"][0]["result"], &promotion["amount"]), (&json!(400), &json!(-400)));
    let tax = of(&explained, "line", "tax");
    assert_eq!(tax["says"], "5 % of 35.98 = 1.80, rounded half up; added by tax rate `North America`.");
    let tax = of(&explained, "shipment", "tax");
    assert_eq!(tax["says"], "5 % of 5.00 = 0.25, rounded half up; added by tax rate `North America`.");
    let shipping = &explained["shipping"][0];
    assert_eq!(shipping["package"], json!({ "pieces": 2, "grams": 0, "goods": 3998 }));
    assert_eq!(shipping["says"], "5.00 by method `UPS Ground (USD)`, calculator flat.");
    assert_eq!(explained["total_now"], explained["totals"]["total"]);
    for one in explained["adjustments"].as_array().unwrap() {
        let results = one["working"].as_array().unwrap().iter().map(|part| part["result"].as_i64().unwrap());
        assert_eq!(results.sum::<i64>(), one["amount"].as_i64().unwrap().abs(), "{one}");
        assert_eq!(one["standing"], "current");
    }
}

#[tokio::test]
async fn what_was_fixed_when_the_order_was_placed_says_so() {
    let shop = Shop::open().await;
    let cart = shirts(&shop).await;
    cart.walk_to("complete").await;
    let explained = explain(&cart.guest, &cart.number).await;
    let promotion = of(&explained, "line", "promotion");
    assert_eq!(promotion["standing"], "frozen");
    assert!(promotion["says"].as_str().unwrap().starts_with("10 % of 39.98 = 4.00"), "{promotion}");
    assert_eq!(explained["plan"]["steps"], json!([]));
    double(&shop).await;
    let explained = explain(&cart.guest, &cart.number).await;
    let promotion = of(&explained, "line", "promotion");
    assert_eq!((&promotion["standing"], &promotion["amount"]), (&json!("frozen"), &json!(-400)));
    assert_eq!(promotion["working"], json!([]), "no arithmetic that was not the order's");
}

/// `tenoff` takes off twenty from now on.
async fn double(shop: &Shop) {
    let catalog = shop.engine.catalog();
    let found = catalog.promotion_by_code("tenoff", &domain::channel::ChannelKey::new("solidus")).unwrap();
    let mut promotion = Promotion::clone(found);
    promotion.actions[0].kind =
        PromotionActionKind::AdjustLines(PromotionCalculator::Percent(Rate::percent(20)));
    let entities = vec![EntityChange::Put(Entity::from(promotion))];
    shop.engine.store().commit(Commit { entities, ..Commit::default() }).await.unwrap();
}

#[tokio::test]
async fn a_rule_that_was_changed_since_is_told_apart_from_what_is_stored() {
    let shop = Shop::open().await;
    let cart = shirts(&shop).await;
    double(&shop).await;
    let explained = explain(&cart.guest, &cart.number).await;
    let promotion = of(&explained, "line", "promotion");
    assert_eq!((&promotion["standing"], &promotion["amount"]), (&json!("outdated"), &json!(-400)));
    assert_eq!(promotion["working"][0]["result"], 800);
    assert_eq!((&explained["totals"]["total"], &explained["total_now"]), (&json!(3598), &json!(3198)));
}

#[tokio::test]
async fn a_promotion_that_does_not_count_says_why() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(RARE, 2)]).await;
    cart.guest.post(&cart.order("/coupon_codes"), json!({ "coupon_code": "big100" })).await.json(200);
    let explained = explain(&cart.guest, &cart.number).await;
    assert_eq!(explained["promotions"], json!([{ "promotion": 4, "code": "big100", "counts": true }]));
    let line = cart.show().await["line_items"][0]["id"].clone();
    let fewer = json!({ "line_item": { "quantity": 1 } });
    cart.guest.put(&cart.order(&format!("/line_items/{line}")), fewer).await.json(200);
    let explained = explain(&cart.guest, &cart.number).await;
    assert_eq!(explained["promotions"][0]["counts"], false);
    assert_eq!(explained["promotions"][0]["says"], "The goods must come to 100.00 at least.");
    assert_eq!(explained["adjustments"], json!([]));
}

/// The open requirements by step, as `step: requirement`.
fn open(explained: &Value) -> Vec<String> {
    let steps = explained["plan"]["steps"].as_array().unwrap();
    let of = |step: &Value| {
        let name = step["step"].as_str().unwrap().to_owned();
        let open = step["open"].as_array().unwrap().clone();
        open.into_iter().map(move |one| format!("{name}: {}", one["requirement"].as_str().unwrap()))
    };
    steps.iter().flat_map(of).collect()
}

#[tokio::test]
async fn open_requirements_name_the_command_that_closes_them() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let explained = explain(&cart.guest, &cart.number).await;
    assert_eq!(open(&explained), ["address: items", "address: email"]);
    let add = &explained["plan"]["steps"][0]["open"][0];
    assert_eq!(add["says"], "Add at least one item.");
    assert_eq!(add["closed_by"], json!({ "add_line": { "variant": "…", "quantity": 1 } }));
    let cart = shop.cart(&[(MUG, 1)]).await;
    let missing = ["address: email", "address: ship_address", "delivery: shipping_rate", "payment: payment"];
    assert_eq!(open(&explain(&cart.guest, &cart.number).await), missing);
    // What closes them closes them: first as a preview, then in earnest.
    let address = json!({
        "name": "Ada Lovelace", "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101",
        "phone": "206 555 0100", "country": "US", "state": "WA",
    });
    let commands = json!([
        { "edit": { "email": "ada@example.com", "ship_address": address, "bill_address": address } },
        { "proceed": { "go": "advance" } },
        { "add_payment": { "method": CHECK } },
        { "proceed": { "go": "complete" } },
    ]);
    let seen = preview(&cart.guest, &cart.number, commands).await.json(200);
    assert_eq!(seen["order"]["phase"], "complete", "{seen}");
    cart.walk_to("confirm").await;
    assert_eq!(open(&explain(&cart.guest, &cart.number).await), Vec::<String>::new());
}

#[tokio::test]
async fn the_plan_is_that_of_the_channel_that_is_asked_for() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(GIFT, 1)]).await;
    let steps = |explained: &Value| -> Vec<String> {
        let steps = explained["plan"]["steps"].as_array().unwrap();
        steps.iter().map(|step| step["step"].as_str().unwrap().to_owned()).collect()
    };
    let explained = explain(&cart.guest, &cart.number).await;
    assert_eq!(explained["plan"]["via"], "solidus");
    assert_eq!(steps(&explained), ["address", "delivery", "confirm"]);
    let path = format!("/orders/{}/explain?via=cashwrap", cart.number);
    let explained = cart.guest.at(ROOT).get(&path).await.json(200);
    assert_eq!(steps(&explained), ["address", "confirm"]);
    let path = format!("/orders/{}/explain?via=nowhere", cart.number);
    let body = crate::problem(&cart.guest.at(ROOT).get(&path).await, 422, "invalid-request");
    assert_eq!(body["errors"][0]["field"], "via");
}
