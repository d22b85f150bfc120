//! Discount codes: what they take off, and every reason why they do not.

use crate::goods::*;
use crate::shop::*;
use serde_json::{Value, json};

fn coded(quantity: i64, code: &str) -> Value {
    with(items(&[(ISP, quantity)]), json!({ "promotional_code": code }))
}

#[tokio::test]
async fn a_discount_is_spread_over_the_lines_to_the_cent() {
    let shop = Shop::open().await;
    let ada = shop.customer("ada");
    let body = with(items(&[(ISP, 3), (SCARCE, 3), (SLICED, 5)]), json!({ "promotional_code": " TenOff " }));
    let quote = quote(&ada, body).await;
    let lines = quote["line_items"].as_array().unwrap();
    let sum = |key: &str| lines.iter().map(|line| line[key].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("item_total"), sum("item_discount")), (1_050 + 1_050 + 2_400, 1_000));
    assert_eq!((&quote["discount"], &quote["total"]), (&1_000.into(), &3_500.into()));
    let result = &quote["promotional_code_result"];
    assert_eq!(
        (&result["code"], &result["type"], &result["amount_off"]),
        (&"TENOFF".into(), &"amount".into(), &1_000.into())
    );
    assert_eq!(quote["promotional_code_id"], "promo_2");
}

#[tokio::test]
async fn half_a_cent_goes_up() {
    let shop = Shop::open().await;
    let quote = quote(&shop.customer("ada"), coded(1, "HALFOFF")).await;
    assert_eq!((&quote["before_discount_total"], &quote["discount"]), (&350.into(), &175.into()));
    assert_eq!(
        (&quote["promotional_code_result"]["percent_off"], &quote["promotional_code_result"]["duration"]),
        (&50.into(), &"once".into())
    );
}

#[tokio::test]
async fn a_code_that_does_nothing_says_why_and_the_price_is_the_full_one() {
    let shop = Shop::open().await;
    for (name, body, reason) in [
        ("ada", coded(4, "NO-SUCH-CODE"), "not_found"),
        ("ada", coded(4, &"x".repeat(500)), "not_found"),
        ("ada", coded(4, "EMPTY"), "inactive"),
        ("ada", coded(4, "EXPIRED1"), "expired"),
        ("ada", coded(4, "LATER"), "not_started"),
        ("ada", coded(1, "TENOFF"), "minimum_not_met"),
        (
            "ada",
            with(items(&[(DATACENTER, 5)]), json!({ "promotional_code": "ISPONLY" })),
            "not_applicable_to_products",
        ),
        ("ada", with(top_up(2_500), json!({ "promotional_code": "HALFOFF" })), "not_applicable_to_top_up"),
        ("ada", coded(4, "USEDUP"), "redemption_limit_reached"),
        ("ada", coded(4, "CHOSEN"), "not_found"),
    ] {
        let quote = quote(&shop.customer(name), body.clone()).await;
        let result = &quote["promotional_code_result"];
        assert_eq!((&result["valid"], &result["reason_code"]), (&false.into(), &reason.into()), "{body}");
        assert!(result["reason"].is_string());
        assert_eq!((&quote["discount"], &quote["is_valid"]), (&0.into(), &true.into()), "{body}");
        assert_eq!(quote["total"], quote["before_discount_total"]);
    }
    let chosen = quote(&shop.customer("rich"), coded(4, "CHOSEN")).await;
    assert_eq!(chosen["discount"], 700);
    let probe = |code: &str| quote_of(&shop, code.to_owned());
    let (strange, others) = (probe("NO-SUCH-CODE").await, probe("CHOSEN").await);
    assert_eq!(strange["reason"], others["reason"], "codes for others cannot be probed");
    assert_eq!(strange["reason_code"], others["reason_code"]);
}

async fn quote_of(shop: &Shop, code: String) -> Value {
    quote(&shop.customer("ada"), coded(4, &code)).await["promotional_code_result"].clone()
}

#[tokio::test]
async fn what_a_customer_did_before_counts() {
    let shop = Shop::open().await;
    let rich = shop.customer("rich");
    for code in ["FIRST", "ONCE"] {
        assert_eq!(quote(&rich, coded(4, code)).await["discount"], 700, "{code}");
    }
    rich.post(CHECKOUT, with(coded(4, "ONCE"), json!({ "payment_method_id": "credit" }))).await.json(201);
    for (code, reason) in [("FIRST", "first_order_only"), ("ONCE", "already_redeemed")] {
        let quote = quote(&rich, coded(4, code)).await;
        assert_eq!(quote["promotional_code_result"]["reason_code"], reason);
    }
}

#[tokio::test]
async fn a_checkout_never_falls_back_to_the_full_price() {
    let shop = Shop::open().await;
    for code in ["EXPIRED1", "NO-SUCH-CODE", "USEDUP"] {
        let body = with(coded(4, code), json!({ "payment_method_id": "stripe:card" }));
        let reply = shop.customer("ada").post(CHECKOUT, body).await;
        assert_eq!(refusal(&reply), (422, "promotional_code_invalid".to_owned()));
    }
    assert_eq!(shop.book.len(), 0);
}
