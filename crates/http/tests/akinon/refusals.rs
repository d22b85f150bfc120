//! Every documented refusal of a page, word for word.

use crate::rows::{AKIFAST, SHIRT, STANDARD};
use crate::shop::{
    ADDRESS, AGREEMENT, Buyer, INDEX, NOTIFICATION, PAGES, SELECTION, SHIPPING, Shop, VERIFICATION_FAILED,
    add, address, path,
};
use serde_json::{Value, json};

async fn check(buyer: &Buyer<'_>, page: &str, pointer: &str, value: Value, expected: Value) {
    let change = |body: &mut Value| match body.pointer_mut(pointer) {
        Some(place) => *place = value.clone(),
        None => body[pointer.trim_start_matches('/')] = value.clone(),
    };
    let reply = buyer.try_with(page, change).await;
    assert_eq!(reply.is(400), expected, "{page} {pointer} = {value}");
}

#[tokio::test]
async fn baskets_that_cannot_be_checked_out() {
    let shop = Shop::open().await;
    let (buyer, stranger) = (shop.buyer(&[(SHIRT, 1)]).await, shop.buyer(&[(SHIRT, 1)]).await);
    let not_found = json!({"basket": ["Basket not found."]});
    for id in [json!(stranger.basket), json!(999_999), json!(0), json!(-1)] {
        check(&buyer, INDEX, "/basket_id", id, not_found.clone()).await;
    }
    for (id, say) in [
        (json!("x"), "A valid integer is required."),
        (json!(true), "A valid integer is required."),
        (json!(1.5), "A valid integer is required."),
        (json!(null), "This field may not be null."),
        (json!([]), "A valid integer is required."),
    ] {
        check(&buyer, INDEX, "/basket_id", id, json!({"basket_id": [say]})).await;
    }
    check(
        &buyer,
        SELECTION,
        "/checkout_provider",
        json!("x"),
        json!({"checkout_provider": ["A valid integer is required."]}),
    )
    .await;
    let none = buyer.browser.post(&path(SELECTION), &json!({})).await.is(400);
    assert_eq!(
        none,
        json!({
            "checkout_provider": ["This field is required."], "basket_id": ["This field is required."],
        })
    );
    buyer.browser.json("DELETE", "/baskets/basket/", &Value::Null).await.is(200);
    check(&buyer, INDEX, "/basket_id", json!(buyer.basket), json!({"basket": ["Basket is empty."]})).await;
}

#[tokio::test]
async fn after_completion_every_page_says_so() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    buyer.honest(NOTIFICATION).await;
    for page in [INDEX, SELECTION, ADDRESS, SHIPPING, AGREEMENT] {
        let reply = buyer.try_with(page, |_| ()).await;
        assert_eq!(reply.is(400), json!({"basket": ["Basket is not active."]}), "{page}");
    }
}

#[tokio::test]
async fn pages_come_in_their_order() {
    let shop = Shop::open().await;
    // Choosing a provider without having listed them is allowed.
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    buyer.honest(SELECTION).await;
    for (stage, ahead, previous) in [
        (ADDRESS, [SHIPPING, AGREEMENT, NOTIFICATION].as_slice(), ADDRESS),
        (SHIPPING, &[AGREEMENT, NOTIFICATION], SHIPPING),
        (AGREEMENT, &[NOTIFICATION], AGREEMENT),
    ] {
        let buyer = shop.before(stage).await;
        for page in ahead {
            let expected =
                json!({"non_field_errors": [format!("Please complete the previous step: {previous}.")]});
            assert_eq!(buyer.try_with(page, |_| ()).await.is(400), expected, "{stage}: {page}");
        }
    }
    // Every page may be repeated.
    let buyer = shop.before(NOTIFICATION).await;
    for page in [AGREEMENT, SHIPPING, AGREEMENT, ADDRESS] {
        buyer.honest(page).await;
    }
    let again = buyer.try_with(NOTIFICATION, |_| ()).await.is(400);
    assert_eq!(
        again,
        json!({"non_field_errors": [format!("Please complete the previous step: {SHIPPING}.")]})
    );
}

#[tokio::test]
async fn nothing_was_started_for_a_provider_that_calls_out_of_nowhere() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let body = json!({"basket_id": buyer.basket, "conversation_id": "x"});
    let reply = shop.server().post(&path(SHIPPING), &body).await;
    let expected = json!({"non_field_errors": [format!("Please complete the previous step: {SELECTION}.")]});
    assert_eq!(reply.is(400), expected);
}

#[tokio::test]
async fn secrets_must_be_the_sessions_own() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let wrong = "00000000-0000-4000-8000-999999999999";
    let refused = |key: &str| json!({key: [VERIFICATION_FAILED]});
    check(&buyer, ADDRESS, "/session_token", json!(wrong), refused("session_token")).await;
    check(&buyer, ADDRESS, "/session_token", json!("x"), json!({"session_token": ["Must be a valid UUID."]}))
        .await;
    buyer.honest(ADDRESS).await;
    check(&buyer, SHIPPING, "/conversation_id", json!("wrong"), refused("conversation_id")).await;
    buyer.honest(SHIPPING).await;
    check(&buyer, AGREEMENT, "/session_token", json!(wrong), refused("session_token")).await;
    buyer.honest(AGREEMENT).await;
    check(&buyer, NOTIFICATION, "/conversation_id", json!("wrong"), refused("conversation_id")).await;
    // A second choice kills the secrets of the first.
    let (token, conversation) = buyer.session();
    buyer.honest(SELECTION).await;
    check(&buyer, ADDRESS, "/session_token", json!(token), refused("session_token")).await;
    buyer.honest(ADDRESS).await;
    check(&buyer, SHIPPING, "/conversation_id", json!(conversation), refused("conversation_id")).await;
    buyer.honest(SHIPPING).await;
}

#[tokio::test]
async fn all_wrong_fields_are_named_and_nesting_is_wrapped() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let reply = buyer.try_with(ADDRESS, |body| {
        body["session_token"] = json!(7);
        body["shipping_address"]["name"] = json!("  ");
        body["shipping_address"]["address_type"] = json!("CASTLE");
        body["shipping_address"]["city"] = json!({"name": "İstanbul"});
        body["shipping_address"]["town"] = json!("Kadıköy");
        body["billing_address"] = json!("home");
    });
    insta::assert_json_snapshot!("address_faults", reply.await.is(400));
    let country = json!({"name": "Nowhere", "code": "XX"});
    check(
        &buyer,
        ADDRESS,
        "/shipping_address/country",
        country,
        json!({
            "shipping_address": [{"country": [{"code": ["\"XX\" is not a valid choice."]}]}],
        }),
    )
    .await;
    let germany = json!({"name": "Almanya", "code": "DE"});
    let reply = buyer.try_with(ADDRESS, |body| {
        body["shipping_address"]["country"] = germany;
        body["shipping_address"]["hash_data"] = json!("of another address");
    });
    assert_eq!(reply.await.is(200)["shipping_options"], json!([]), "nothing is delivered there");
    for kind in ["customer", "Retail_Store", "PICKUP_LOCATION", "checkout_provider"] {
        buyer.try_with(ADDRESS, |body| body["shipping_address"]["address_type"] = json!(kind)).await.is(200);
    }
}

#[tokio::test]
async fn a_notification_names_all_that_is_wrong() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let reply = buyer.try_with(NOTIFICATION, |body| {
        body["agreements"] = json!(false);
        body["is_successful"] = json!(false);
        body["conversation_id"] = json!("wrong");
        body["card_info"] =
            json!([{"bin": "435508"}, {"bin": "4355"}, {"bin": "43550812345"}, {"bin": "４３５５０８"}, 7]);
        body["transaction"]["installment_count"] = json!(13);
        body["transaction"]["interest_rate"] = json!(101);
        body["transaction"]["interest_amount"] = json!(-1);
        body["transaction"]["total_paid_amount"] = json!("much");
        body["transaction"]["is_threed"] = json!("perhaps");
        body["transaction"]["payment_system_raw_response"] = json!({});
        body["akifast_user"]["email"] = json!("nobody");
        body["akifast_user"]["name"] = json!("x".repeat(256));
        body["payment_info"] = json!({});
        body["basket"]["basket_items"] = json!({});
    });
    insta::assert_json_snapshot!("notification_faults", reply.await.is(400));
    check(
        &buyer,
        NOTIFICATION,
        "/card_info",
        json!([]),
        json!({"card_info": ["This list may not be empty."]}),
    )
    .await;
    let dict = json!({"card_info": ["Expected a list of items but got type \"dict\"."]});
    check(&buyer, NOTIFICATION, "/card_info", json!({"bin": "435508"}), dict).await;
    let nothing = shop.server().post(&path(NOTIFICATION), &json!({"basket_id": buyer.basket})).await.is(400);
    let mut names: Vec<&String> = nothing.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "agreements",
            "akifast_user",
            "basket",
            "card_info",
            "conversation_id",
            "is_successful",
            "payment_info",
            "transaction",
        ]
    );
    buyer.honest(NOTIFICATION).await;
}

#[tokio::test]
async fn the_protocols_own_refusals() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    for (pointer, value, expected) in [
        ("/agreements", json!(false), json!({"agreements": ["You must accept agreement to continue."]})),
        ("/is_successful", json!(false), json!({"is_successful": ["Transaction failed. Please try again."]})),
        (
            "/transaction/shipping_option_key",
            json!(99),
            json!({
                "shipping_option_key": ["Selected shipping option is not available."],
            }),
        ),
        (
            "/transaction/interest_amount",
            json!(-0.5),
            json!({
                "transaction": [{"interest_amount": ["Ensure this value is greater than or equal to 0."]}],
            }),
        ),
        (
            "/transaction/total_paid_amount",
            json!(1),
            json!({
                "non_field_errors": ["Paid amount does not match order total."],
            }),
        ),
        (
            "/transaction/total_paid_amount",
            json!(229.82),
            json!({
                "non_field_errors": ["Paid amount does not match order total."],
            }),
        ),
        (
            "/basket/basket_items/0/quantity",
            json!(2),
            json!({"basket": ["Basket has changed, please try again."]}),
        ),
        (
            "/basket/basket_items/0/sku",
            json!("X"),
            json!({"basket": ["Basket has changed, please try again."]}),
        ),
        (
            "/basket/basket_items/0/basket_item_id",
            json!("95"),
            json!({
                "basket": ["Basket has changed, please try again."],
            }),
        ),
    ] {
        check(&buyer, NOTIFICATION, pointer, value, expected).await;
    }
    let doubled = buyer.try_with(NOTIFICATION, |body| {
        let item = body["basket"]["basket_items"][0].clone();
        body["basket"]["basket_items"] = json!([item, item]);
    });
    assert_eq!(doubled.await.is(400), json!({"basket": ["Basket has changed, please try again."]}));
    // A cent of rounding is no difference.
    buyer
        .try_with(NOTIFICATION, |body| body["transaction"]["total_paid_amount"] = json!(229.81))
        .await
        .is(200);
}

#[tokio::test]
async fn an_agreement_is_shown_for_what_is_offered_and_known() {
    let shop = Shop::open().await;
    let buyer = shop.before(AGREEMENT).await;
    check(
        &buyer,
        AGREEMENT,
        "/shipping_option_key",
        json!(99),
        json!({
            "shipping_option_key": ["Selected shipping option is not available."],
        }),
    )
    .await;
    check(&buyer, AGREEMENT, "/code", json!("other"), json!({"code": ["\"other\" is not a valid choice."]}))
        .await;
    check(
        &buyer,
        AGREEMENT,
        "/user",
        json!({"email": "x"}),
        json!({
            "user": [{"email": ["Enter a valid email address."]}],
        }),
    )
    .await;
    buyer.honest(AGREEMENT).await;
}

#[tokio::test]
async fn a_basket_that_changed_meanwhile_is_not_paid_for() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    add(&buyer.browser, SHIRT, 1).await.is(201);
    // Even with the basket as it is now: the session began with another one.
    let reply = buyer.try_with(NOTIFICATION, |_| ()).await.is(400);
    assert_eq!(reply, json!({"basket": ["Basket has changed, please try again."]}));
    for page in [ADDRESS, SHIPPING, AGREEMENT] {
        buyer.honest(page).await;
    }
}

#[tokio::test]
async fn a_session_is_over_after_an_hour_of_silence() {
    let shop = Shop::open().await;
    let buyer = shop.before(SHIPPING).await;
    for _ in 0..3 {
        shop.clock.advance_seconds(59 * 60);
        buyer.honest(SHIPPING).await;
    }
    shop.clock.advance_seconds(60 * 60);
    let over = json!({"error": ["Checkout session has expired."]});
    for page in [ADDRESS, SHIPPING] {
        assert_eq!(buyer.try_with(page, |_| ()).await.is(400), over, "{page}");
    }
    buyer.honest(SELECTION).await;
    buyer.honest(ADDRESS).await;
}

#[tokio::test]
async fn a_proof_vouches_for_one_address() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let proof = json!({"shipping_address": [{"hash_data": [VERIFICATION_FAILED]}]});
    check(&buyer, ADDRESS, "/shipping_address/hash_data", json!("forged"), proof.clone()).await;
    buyer.honest(ADDRESS).await;
    check(&buyer, ADDRESS, "/shipping_address/line", json!("Elsewhere 1"), proof).await;
    let mut other = address();
    other["line"] = json!("Elsewhere 1");
    other["hash_data"] = json!("another proof");
    buyer.try_with(ADDRESS, |body| body["shipping_address"] = other).await.is(200);
}

#[tokio::test]
async fn stock_is_looked_at_on_every_page() {
    let shop = Shop::open().await;
    let (one, other) =
        (shop.buyer(&[(crate::rows::RARE, 3)]).await, shop.buyer(&[(crate::rows::RARE, 1)]).await);
    other.walk_to(NOTIFICATION).await;
    let notification = other.body(NOTIFICATION).await;
    one.walk_to(NOTIFICATION).await;
    one.honest(NOTIFICATION).await;
    let gone = json!({"basket": ["Some items are no longer in stock."]});
    assert_eq!(other.post(NOTIFICATION, &notification).await.is(400), gone);
    assert_eq!(other.try_with(ADDRESS, |_| ()).await.is(400), gone);
}

#[tokio::test]
async fn no_card_number_gets_in() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let card = "4111111111111111";
    check(
        &buyer,
        NOTIFICATION,
        "/akifast_user/name",
        json!(card),
        json!({
            "akifast_user": ["Card data is not accepted here."],
        }),
    )
    .await;
    let reply = buyer.try_with(NOTIFICATION, |body| body["card_info"][0]["bin"] = json!(card)).await.is(400);
    assert!(reply["card_info"][0]["bin"].is_array(), "{reply}");
    let raw = format!("{{\"pan\": \"{card}\", \"cvv\": \"123\", \"ok\": true}}");
    let thanks = buyer
        .try_with(NOTIFICATION, |body| body["transaction"]["payment_system_raw_response"] = json!(raw))
        .await
        .is(200);
    let order = shop
        .engine
        .order(&engine::ports::OrderKey::Id(domain::OrderId(buyer.basket)))
        .await
        .unwrap()
        .unwrap();
    let kept = &order.receipt().unwrap().raw;
    assert!(!kept.contains(card) && !kept.contains("123") && kept.contains("ok"), "{kept}");
    assert!(
        !buyer.order_of(&thanks).await.to_string().contains("4355"),
        "not even the first digits are shown"
    );
    assert_eq!((AKIFAST, STANDARD, PAGES.len()), (1, 1, 6));
}
