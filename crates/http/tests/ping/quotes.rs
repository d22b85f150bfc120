//! Stage two: what a cart comes to. Every row of the table of refusals, and the arithmetic.

use crate::goods::*;
use crate::shop::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_quote_has_every_key_of_the_protocol() {
    let shop = Shop::open().await;
    let body = with(items(&[(ISP, 5)]), json!({ "promotional_code": "HALFOFF" }));
    let body = shop.customer("some").post(CART, body).await.json(200);
    assert_eq!(body["message"], "Cart calculated successfully.");
    insta::assert_json_snapshot!("quote", body["data"], { ".quote_expires_at" => "[time]", ".quote_id" => "[id]" });
}

#[tokio::test]
async fn tiers_price_the_whole_quantity_or_each_slice() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    for (price, quantity, unit, total) in [
        (ISP, 9, 350, 3_150),
        (ISP, 10, 320, 3_200),
        (ISP, 49, 320, 15_680),
        (ISP, 50, 300, 15_000),
        (SLICED, 4, 500, 2_000),
        (SLICED, 5, 500, 2_400),
        (SLICED, 10, 500, 4_400),
        (RESIDENTIAL, 3, 800, 2_400),
    ] {
        let quote = quote(&ada, items(&[(price, quantity)])).await;
        let line = &quote["line_items"][0];
        assert_eq!(
            (&line["item_per_unit_amount"], &line["item_total"], &quote["total"]),
            (&unit.into(), &total.into(), &total.into()),
            "{price} × {quantity}"
        );
    }
    let twice = quote(&ada, items(&[(ISP, 5), (SCARCE, 1), (ISP, 5)])).await;
    let lines = twice["line_items"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "the same price twice is one line");
    assert_eq!((&lines[0]["item_quantity"], &lines[0]["item_total"]), (&10.into(), &3_200.into()));
    assert_eq!(twice["before_discount_total"], 3_550);
}

#[tokio::test]
async fn credit_pays_what_it_can_unless_it_is_kept() {
    let shop = Shop::open().await;
    for (name, more, applied, left, only) in [
        ("ada", json!({}), 0, 1_400, false),
        ("some", json!({}), 500, 900, false),
        ("rich", json!({}), 1_400, 0, true),
        ("rich", json!({ "apply_customer_credit": false }), 0, 1_400, false),
        ("some", json!({ "promotional_code": "halfoff" }), 500, 200, false),
    ] {
        let quote = quote(&shop.customer(name), with(items(&[(ISP, 4)]), more)).await;
        assert_eq!(
            (
                quote["customer_credit_balance_applied_amount"].as_i64().unwrap(),
                quote["total_after_applied_credit"].as_i64().unwrap(),
                quote["credit_only_checkout"].as_bool().unwrap(),
                quote["customer_credit_balance_applied"].as_bool().unwrap(),
            ),
            (applied, left, only, applied > 0),
            "{name}"
        );
    }
    let topped = quote(&shop.customer("some"), top_up(2_500)).await;
    assert_eq!(
        (&topped["total"], &topped["is_top_up"], &topped["top_up_amount"]),
        (&2_500.into(), &true.into(), &2_500.into())
    );
    assert_eq!(topped["customer_credit_balance_applied_amount"], 0, "credit cannot buy credit");
    assert_eq!((&topped["line_items"], &topped["service_type"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn what_no_price_can_be_made_of_is_refused() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    let both = with(items(&[(ISP, 1)]), top_up(2_500));
    for (body, status, code) in [
        (items(&[("price_nowhere", 1)]), 422, "price_not_found"),
        (items(&[("price_old", 1)]), 422, "price_not_found"),
        (items(&[("price_mug", 1)]), 422, "price_not_found"),
        (items(&[(ISP, 1), (DATACENTER, 1)]), 422, "multiple_service_types"),
        (items(&[("price_credit", 5)]), 422, "use_top_up"),
        (items(&[(DATACENTER, 1), (DATACENTER_YEAR, 1)]), 422, "mixed_billing_cycles"),
        (top_up(499), 422, "top_up_amount_out_of_range"),
        (top_up(1_000_001), 422, "top_up_amount_out_of_range"),
        (top_up(-500), 422, "top_up_amount_out_of_range"),
        (top_up(0), 422, "top_up_amount_out_of_range"),
        (top_up(i64::MAX), 422, "top_up_amount_out_of_range"),
        (with(items(&[(ISP, 1)]), json!({ "currency": "eur" })), 422, "currency_not_supported"),
        (with(top_up(2_500), json!({ "currency": "idr" })), 422, "currency_not_supported"),
        (items(&[(ISP, 0)]), 400, "invalid_quantity"),
        (items(&[(ISP, -1)]), 400, "invalid_quantity"),
        (items(&[(ISP, i64::MAX)]), 400, "invalid_quantity"),
        (items(&[]), 400, "line_items_or_top_up_required"),
        (json!({}), 400, "line_items_or_top_up_required"),
        (json!({ "is_top_up": true }), 400, "line_items_or_top_up_required"),
        (json!({ "top_up_amount": 2_500 }), 400, "line_items_or_top_up_required"),
        (both, 400, "line_items_or_top_up_required"),
        (items(&[(ISP, 1); 51]), 400, "too_many_line_items"),
    ] {
        let reply = ada.post(CART, body.clone()).await;
        assert_eq!(refusal(&reply), (status, code.to_owned()), "{body}");
    }
    for at_the_edge in [top_up(500), top_up(1_000_000), items(&[(RESIDENTIAL, 1); 50])] {
        quote(&ada, at_the_edge).await;
    }
}

#[tokio::test]
async fn wrong_types_are_named_field_by_field() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    for (body, field) in [
        (json!({ "line_items": "x" }), "line_items"),
        (json!({ "line_items": {} }), "line_items"),
        (json!({ "line_items": ["x"] }), "line_items.0"),
        (json!({ "line_items": [{ "price_id": 5, "quantity": 1 }] }), "line_items.0.price_id"),
        (json!({ "line_items": [{ "quantity": 1 }] }), "line_items.0.price_id"),
        (json!({ "line_items": [{ "price_id": ISP, "quantity": "two" }] }), "line_items.0.quantity"),
        (json!({ "line_items": [{ "price_id": ISP, "quantity": "2" }] }), "line_items.0.quantity"),
        (json!({ "line_items": [{ "price_id": ISP, "quantity": 1.5 }] }), "line_items.0.quantity"),
        (json!({ "line_items": [{ "price_id": ISP, "quantity": null }] }), "line_items.0.quantity"),
        (json!({ "line_items": [{ "price_id": ISP, "quantity": true }] }), "line_items.0.quantity"),
        (json!({ "line_items": [{ "price_id": ISP }] }), "line_items.0.quantity"),
        (with(items(&[(ISP, 1)]), json!({ "is_top_up": "no" })), "is_top_up"),
        (with(items(&[(ISP, 1)]), json!({ "promotional_code": 5 })), "promotional_code"),
        (with(items(&[(ISP, 1)]), json!({ "apply_customer_credit": 1 })), "apply_customer_credit"),
        (
            with(items(&[(ISP, 1)]), json!({ "validate_payment_platform": "true" })),
            "validate_payment_platform",
        ),
        (with(items(&[(ISP, 1)]), json!({ "currency": 840 })), "currency"),
        (json!({ "is_top_up": true, "top_up_amount": 25.5 }), "top_up_amount"),
        (json!({ "is_top_up": true, "top_up_amount": "2500" }), "top_up_amount"),
    ] {
        let reply = ada.post(CART, body.clone()).await;
        let refused = reply.json(400);
        assert_eq!(refused["details"][0]["field"], field, "{body} → {refused}");
        assert_eq!(refused["details"][0]["code"], refused["code"]);
    }
    let all =
        json!({ "line_items": [{ "price_id": 1 }, { "price_id": ISP, "quantity": 0 }], "is_top_up": 3 });
    let all = ada.post(CART, all).await.json(400);
    assert_eq!(all["details"].as_array().unwrap().len(), 4, "everything wrong is told at once: {all}");
}

#[tokio::test]
async fn too_little_stock_is_told_beside_the_price() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    let short = quote(&ada, items(&[(ISP, 1), (SCARCE, 4)])).await;
    assert_eq!((&short["is_valid"], &short["invalid_code"]), (&false.into(), &"insufficient_stock".into()));
    assert_eq!(short["total"], 350 + 4 * 350);
    assert_eq!(short["problems"][0]["field"], "line_items.1.quantity");
    assert_eq!(short["line_items"][1]["item_stock"], 3);
    let shared = quote(&ada, items(&[(DATACENTER, 600)])).await;
    assert_eq!((&shared["is_valid"], &shared["problems"]), (&true.into(), &json!([])));
    let endless = quote(&ada, items(&[(RESIDENTIAL, 5_000)])).await;
    assert_eq!((&endless["is_valid"], &endless["line_items"][0]["item_stock"]), (&true.into(), &(-1).into()));
}

#[tokio::test]
async fn a_quote_changes_nothing_and_says_the_same_twice() {
    let shop = Shop::open().await;
    let some = shop.customer("some");
    let body = with(items(&[(ISP, 4)]), json!({ "promotional_code": "HALFOFF" }));
    let mut first = quote(&some, body.clone()).await;
    for _ in 0..3 {
        let mut again = quote(&some, body.clone()).await;
        for quote in [&mut first, &mut again] {
            quote["quote_expires_at"] = Value::Null;
        }
        assert_eq!(first, again);
    }
    assert_eq!(shop.book.len(), 0);
    let found = shop.customer("some").get("/private/user/order/search").await.json(200);
    assert_eq!(found["total_count"], 0);
    shop.audit().await;
}

#[tokio::test]
async fn wishes_about_a_service_are_shown_as_they_came() {
    let shop = Shop::open().await;
    let wish = json!({ "city": "Seattle", "subnets": [1, 2], "deep": { "a": null } });
    let body = json!({ "line_items": [
        { "price_id": ISP, "quantity": 1, "service_fulfillment_filter": wish },
        { "price_id": SCARCE, "quantity": 1 },
    ] });
    let quote = quote(&shop.customer("ada"), body).await;
    assert_eq!(quote["line_items"][0]["service_fulfillment_filter"], wish);
    assert_eq!(quote["line_items"][1]["service_fulfillment_filter"], json!({}));
}
