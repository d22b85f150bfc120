//! What somebody may try: tokens of another cart, stale quotes, foreign cards, card numbers, strange shapes.

use crate::goods::*;
use crate::shop::*;
use serde_json::{Value, json};

fn by(method: &str, body: Value) -> Value {
    with(body, json!({ "payment_method_id": method }))
}

async fn token(caller: &crate::client::Caller, body: Value) -> Value {
    validated(caller, body).await["payment_validation_token"].clone()
}

/// Closes Bitpay for everybody, so that only a token that holds lets somebody through.
async fn close_bitpay(shop: &Shop) {
    let mut rules = (*shop.engine.catalog().payment_rules).clone();
    rules.platforms.get_mut("bitpay").unwrap().no_top_ups = true;
    rules
        .platforms
        .get_mut("bitpay")
        .unwrap()
        .deny_countries
        .insert(domain::catalog::CountryCode::parse("US").unwrap());
    let entity = domain::catalog::Entity::PaymentRules(Box::new(rules));
    let put = engine::ports::EntityChange::Put(entity);
    shop.engine
        .store()
        .commit(engine::ports::Commit { entities: vec![put], ..Default::default() })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_validation_token_vouches_for_its_own_cart_and_nothing_else() {
    let shop = Shop::open().await;
    let (ada, some) = (shop.customer("ada"), shop.customer("some"));
    let body = items(&[(RESIDENTIAL, 2)]);
    let own = token(&ada, body.clone()).await;
    let others = [
        token(&ada, items(&[(RESIDENTIAL, 3)])).await,
        token(&ada, with(body.clone(), json!({ "promotional_code": "HALFOFF" }))).await,
        token(&some, body.clone()).await,
        token(&shop.customer_at("ada", "81.2.69.142"), body.clone()).await,
        token(&ada, top_up(1_600)).await,
        json!(own.as_str().unwrap().replace('.', "A.")),
        json!("pv_x.y"),
        json!("pv_".to_owned() + &"A".repeat(20_000)),
    ];
    close_bitpay(&shop).await;
    let pay =
        |token: &Value| with(by("bitpay:btc", body.clone()), json!({ "payment_validation_token": token }));
    for other in &others {
        let reply = ada.post(CHECKOUT, pay(other)).await;
        assert_eq!(refusal(&reply), (422, "payment_method_not_allowed".to_owned()), "{other}");
    }
    let reply = ada.post(CHECKOUT, by("bitpay:btc", body.clone())).await;
    assert_eq!(refusal(&reply).1, "payment_method_not_allowed", "without a token the rules are judged");
    let fresh = ada.post(CHECKOUT, pay(&own)).await;
    assert_eq!(fresh.status, 201, "what was allowed a moment ago is accepted: {}", fresh.body);
    shop.clock.advance_seconds(15 * 60);
    let late = ada.post(CHECKOUT, pay(&own)).await;
    assert_eq!(refusal(&late).1, "payment_method_not_allowed", "after a quarter of an hour it is over");
}

#[tokio::test]
async fn a_token_does_not_open_a_blocked_account_or_make_money() {
    let shop = Shop::open().await;
    let rich = shop.customer("rich");
    let body = items(&[(ISP, 200)]);
    let own = token(&rich, body.clone()).await;
    rich.post(CHECKOUT, by("credit", items(&[(ISP, 250)]))).await.json(201);
    let with_token = with(by("credit", body.clone()), json!({ "payment_validation_token": own }));
    assert_eq!(
        refusal(&rich.post(CHECKOUT, with_token).await),
        (422, "payment_method_not_allowed".to_owned())
    );
    let blocked = shop.customer("blocked");
    let theirs = token(&blocked, items(&[(ISP, 2)])).await;
    let pay = with(by("stripe:card", items(&[(ISP, 2)])), json!({ "payment_validation_token": theirs }));
    assert_eq!(refusal(&blocked.post(CHECKOUT, pay).await).1, "payment_method_not_allowed");
}

#[tokio::test]
async fn a_stale_quote_charges_nothing() {
    let shop = Shop::open().await;
    let some = shop.customer("some");
    let quoted = quote(&some, items(&[(ISP, 2)])).await;
    assert_eq!(quoted["total_after_applied_credit"], 200);
    some.post(CHECKOUT, by("credit", items(&[(DATACENTER, 1)]))).await.json(201);
    let pay = with(by("stripe:card", items(&[(ISP, 2)])), json!({ "expected_total": 200 }));
    let reply = some.post(CHECKOUT, pay).await;
    assert_eq!(refusal(&reply), (409, "price_changed".to_owned()));
    assert_eq!(reply.json(409)["amount"], 300, "the new price is told");
    assert_eq!(shop.book.len(), 0);
}

#[tokio::test]
async fn card_numbers_are_refused_in_every_field_and_never_said_again() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    const CARD: &str = "4111111111111111";
    let line = |more: Value| json!({ "line_items": [with(json!({ "price_id": ISP, "quantity": 1 }), more)] });
    for body in [
        with(items(&[(ISP, 1)]), json!({ "promotional_code": CARD })),
        with(items(&[(ISP, 1)]), json!({ "payment_method_id": "4111 1111 1111 1111" })),
        with(items(&[(ISP, 1)]), json!({ "saved_card_id": CARD })),
        with(items(&[(ISP, 1)]), json!({ "anything": { "at": ["all", CARD] } })),
        with(items(&[(ISP, 1)]), json!({ "success_url": format!("https://app.example/?card={CARD}") })),
        with(items(&[(ISP, 1)]), json!({ "card": { "cvc": "123" } })),
        with(items(&[(ISP, 1)]), json!({ CARD: 1 })),
        with(items(&[(ISP, 1)]), json!({ "top_up_amount": 4_111_111_111_111_111_i64 })),
        line(json!({ "service_fulfillment_filter": { "note": CARD } })),
        items(&[(CARD, 1)]),
    ] {
        for path in [CART, CHECKOUT] {
            let reply = ada.post(path, body.clone()).await;
            assert_eq!(refusal(&reply), (400, "card_data_not_allowed".to_owned()), "{body}");
            assert!(!reply.body.contains("4111"), "{}", reply.body);
        }
    }
    for path in [format!("{STOCK}?country_id={CARD}"), format!("{ORDER}{CARD}")] {
        let reply = ada.get(&path).await;
        assert_eq!(refusal(&reply).1, "card_data_not_allowed", "{path}");
    }
    let reply = shop
        .key_holder("ada")
        .post("/public/user/checkout/quote", json!({ "product_code": CARD, "quantity": 1 }))
        .await;
    assert_eq!(refusal(&reply).1, "card_data_not_allowed");
    assert_eq!(shop.book.len(), 0);
}

#[tokio::test]
async fn a_huge_cart_is_refused_and_not_wrapped_around() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    for quantity in [1_000_000, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_993] {
        let reply = ada.post(CART, items(&[(RESIDENTIAL, quantity)])).await;
        if reply.status == 200 {
            assert_eq!(reply.json(200)["data"]["total"], 800 * quantity);
        } else {
            assert!(matches!(reply.status, 400 | 422), "{quantity}: {}", reply.body);
        }
    }
    let reply = ada.post(CART, items(&[(RESIDENTIAL, 4_000_000_000); 50])).await;
    assert!(matches!(reply.status, 400 | 422), "{}", reply.body);
}

#[tokio::test]
async fn an_order_of_this_api_is_no_cart_elsewhere() {
    let shop = Shop::open().await;
    let number = shop.waiting("ada", by("stripe:card", items(&[(ISP, 2)]))).await;
    let elsewhere = shop.nobody().at("/solidus/api").key("tok_ada");
    let shown = elsewhere.get(&format!("/orders/{number}")).await.json(200);
    assert_eq!((shown["number"].as_str(), shown["state"].as_str()), (Some(number.as_str()), Some("confirm")));
    let change = elsewhere.put(&format!("/checkouts/{number}/next"), Value::Null).await;
    assert_eq!(change.status, 409, "{}", change.body);
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");
}
