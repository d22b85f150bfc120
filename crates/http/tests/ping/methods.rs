//! Stage three: every payment method and saved card, allowed or with its reasons.

use crate::goods::*;
use crate::shop::*;
use domain::user::PayerFlags;
use engine::ports::{Commit, UserKey, UserPut};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The reason why a method is not allowed; `None` if it is.
fn reason(judged: &Value, id: &str) -> Option<String> {
    let allowed = row(&judged["allowed_payment_methods"], id).or(row(&judged["saved_cards"], id)).is_some();
    let refused = row(&judged["disallowed_payment_methods"], id);
    assert!(allowed != refused.is_some(), "{id} stands in one list: {judged}");
    refused.map(|row| row["reason_code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_validated_answer_has_every_key_of_the_protocol() {
    let shop = Shop::open().await;
    let judged = validated(&shop.customer_at("ada", "36.72.0.1"), items(&[(RESIDENTIAL, 1)])).await;
    insta::assert_json_snapshot!("validated", judged, {
        ".quote_expires_at" => "[time]",
        ".quote_id" => "[id]",
        ".payment_validation_token" => "[token]",
        ".payment_validation_expires_at" => "[time]",
    });
}

#[tokio::test]
async fn indonesia_has_no_bitpay_and_eight_dollars_no_eth() {
    let shop = Shop::open().await;
    let eight = items(&[(RESIDENTIAL, 1)]);
    let jakarta = validated(&shop.customer_at("ada", "36.72.0.1"), eight.clone()).await;
    let bitpay = row(&jakarta["disallowed_payment_methods"], "bitpay:btc").unwrap();
    assert_eq!(
        (&bitpay["reason_code"], &bitpay["reason"], &bitpay["details"]),
        (
            &"region_not_supported".into(),
            &"Bitpay is not available in Indonesia.".into(),
            &json!({ "country": "ID" })
        )
    );
    let eth = row(&jakarta["disallowed_payment_methods"], "coinpayments:eth").unwrap();
    assert_eq!(
        (&eth["reason_code"], &eth["reason"], &eth["details"]),
        (
            &"below_minimum".into(),
            &"The minimum order for ETH is $10.00.".into(),
            &json!({ "minimum": 1000, "amount": 800, "currency": "usd" })
        )
    );
    let seattle = validated(&shop.customer("ada"), eight).await;
    assert_eq!((reason(&seattle, "bitpay:btc"), reason(&seattle, "stripe:card")), (None, None));
    let ten = validated(&shop.customer("ada"), items(&[(DATACENTER, 10)])).await;
    assert_eq!(reason(&ten, "coinpayments:eth"), None, "the minimum itself is enough");
}

#[tokio::test]
async fn each_method_and_card_stands_in_exactly_one_list() {
    let shop = Shop::open().await;
    let methods = [
        "stripe:card",
        "stripe:link",
        "bitpay:btc",
        "coinpayments:btc",
        "coinpayments:eth",
        "coinpayments:xmr",
        "paypal:wallet",
        "credit",
    ];
    let cards = ["card_ada_visa", "card_ada_old", "card_ada_poor", "card_ada_3ds", "card_ada_slow"];
    let all: BTreeSet<String> = methods
        .iter()
        .map(|method| (*method).to_owned())
        .chain(cards.iter().map(|card| format!("stripe:saved_card:{card}")))
        .collect();
    for (ip, body) in [
        ("8.8.8.8", items(&[(ISP, 1)])),
        ("36.72.0.1", items(&[(RESIDENTIAL, 1)])),
        ("5.160.0.1", items(&[(ISP, 1)])),
        ("10.0.0.1", top_up(2_500)),
    ] {
        let judged = validated(&shop.customer_at("ada", ip), body).await;
        let mut seen = BTreeSet::new();
        for list in ["allowed_payment_methods", "saved_cards", "disallowed_payment_methods"] {
            for row in judged[list].as_array().unwrap() {
                assert!(seen.insert(row["payment_method_id"].as_str().unwrap().to_owned()), "{row} twice");
            }
        }
        assert_eq!(seen, all, "{ip}");
        assert_eq!(judged["rules_version"], 7);
    }
}

#[tokio::test]
async fn reasons_come_in_the_order_of_the_rules() {
    let shop = Shop::open().await;
    for (name, ip, body, id, expected) in [
        ("ada", "8.8.8.8", items(&[(ISP, 1)]), "paypal:wallet", "platform_unavailable"),
        ("ada", "8.8.8.8", items(&[(ISP, 5)]), "coinpayments:xmr", "feature_disabled"),
        ("blocked", "8.8.8.8", items(&[(ISP, 5)]), "stripe:card", "customer_blocked"),
        ("blocked", "5.160.0.1", items(&[(ISP, 5)]), "stripe:card", "customer_blocked"),
        ("blocked", "8.8.8.8", items(&[(ISP, 5)]), "credit", "customer_blocked"),
        ("ada", "5.160.0.1", items(&[(ISP, 5)]), "stripe:card", "region_sanctioned"),
        ("ada", "5.160.0.1", items(&[(ISP, 5)]), "stripe:saved_card:card_ada_visa", "region_sanctioned"),
        ("ada", "10.0.0.1", items(&[(ISP, 5)]), "coinpayments:btc", "region_unknown"),
        ("ada", "36.72.0.1", items(&[(ISP, 1)]), "bitpay:btc", "region_not_supported"),
        ("ada", "8.8.8.8", items(&[(ISP, 1)]), "bitpay:btc", "below_minimum"),
        ("ada", "8.8.8.8", items(&[(ISP, 90_000)]), "bitpay:btc", "above_maximum"),
        ("ada", "8.8.8.8", items(&[(ISP, 5)]), "stripe:saved_card:card_ada_old", "card_expired"),
        ("ada", "8.8.8.8", items(&[(ISP, 5)]), "credit", "insufficient_credit"),
        ("some", "8.8.8.8", items(&[(ISP, 5)]), "credit", "insufficient_credit"),
        ("rich", "8.8.8.8", items(&[(ISP, 5)]), "stripe:card", "no_payment_required"),
        ("rich", "36.72.0.1", items(&[(ISP, 5)]), "bitpay:btc", "no_payment_required"),
        ("rich", "8.8.8.8", top_up(2_500), "credit", "not_available_for_top_up"),
    ] {
        let judged = validated(&shop.customer_at(name, ip), body.clone()).await;
        assert_eq!(reason(&judged, id).as_deref(), Some(expected), "{name} {ip} {id} {body}");
        let refused = row(&judged["disallowed_payment_methods"], id).unwrap();
        assert_eq!(refused["reason_codes"][0], expected);
        assert!(refused["reason"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{refused}");
    }
    let several = validated(&shop.customer_at("ada", "36.72.0.1"), items(&[(ISP, 1)])).await;
    let bitpay = row(&several["disallowed_payment_methods"], "bitpay:btc").unwrap();
    assert_eq!(bitpay["reason_codes"], json!(["region_not_supported", "below_minimum"]));
}

#[tokio::test]
async fn the_record_of_a_payer_counts_per_platform() {
    let shop = Shop::open().await;
    let judge = async |flags: PayerFlags| {
        let found = shop.engine.user(&UserKey::Id(ADA)).await.unwrap().unwrap();
        let user = domain::user::User { version: found.version + 1, flags, ..(*found).clone() };
        let put = UserPut { user: Arc::new(user), expected: found.version };
        shop.engine.store().commit(Commit { user: Some(put), ..Commit::default() }).await.unwrap();
        let judged = validated(&shop.customer("ada"), items(&[(ISP, 5)])).await;
        (reason(&judged, "stripe:card"), reason(&judged, "bitpay:btc"))
    };
    let fine = PayerFlags { email_verified: true, ..PayerFlags::default() };
    assert_eq!(judge(fine).await, (None, None));
    let some = |code: &str| Some(code.to_owned());
    assert_eq!(judge(PayerFlags::default()).await, (None, some("customer_unverified")));
    assert_eq!(judge(PayerFlags { risk: 80, ..fine }).await, (None, None), "the bound itself is let in");
    assert_eq!(judge(PayerFlags { risk: 81, ..fine }).await, (some("risk_too_high"), None));
    assert_eq!(judge(PayerFlags { chargebacks: 3, ..fine }).await, (some("risk_too_high"), None));
}

#[tokio::test]
async fn nothing_to_pay_leaves_credit_alone() {
    let shop = Shop::open().await;
    let judged = validated(&shop.customer("rich"), items(&[(ISP, 5)])).await;
    let allowed = judged["allowed_payment_methods"].as_array().unwrap();
    assert_eq!(allowed.len(), 1);
    assert_eq!(
        (&allowed[0]["payment_method_id"], &allowed[0]["flow"], &allowed[0]["amount"]),
        (&"credit".into(), &"capture".into(), &0.into())
    );
    let kept = with(items(&[(ISP, 5)]), json!({ "apply_customer_credit": false }));
    let kept = validated(&shop.customer("rich"), kept).await;
    assert_eq!((reason(&kept, "stripe:card"), reason(&kept, "credit")), (None, None));
    assert_eq!(row(&kept["allowed_payment_methods"], "stripe:card").unwrap()["amount"], 1_750);
}

#[tokio::test]
async fn the_fast_answer_and_the_validated_one_agree_on_money() {
    let shop = Shop::open().await;
    for name in ["ada", "some", "rich"] {
        let body = with(items(&[(ISP, 4)]), json!({ "promotional_code": "HALFOFF" }));
        let caller = shop.customer(name);
        let (fast, slow) = (quote(&caller, body.clone()).await, validated(&caller, body).await);
        for (key, value) in fast.as_object().unwrap() {
            if !matches!(key.as_str(), "quote_expires_at" | "payment_platform_validated") {
                assert_eq!(*value, slow[key], "{name} {key}");
            }
        }
        for key in [
            "allowed_payment_methods",
            "saved_cards",
            "disallowed_payment_methods",
            "payment_validation_token",
        ] {
            assert!(fast.get(key).is_none() && slow.get(key).is_some(), "{key}");
        }
    }
}

#[tokio::test]
async fn crypto_pays_the_first_invoice_of_what_renews() {
    let shop = Shop::open().await;
    let renewing = validated(&shop.customer("ada"), items(&[(ISP, 5)])).await;
    let once = validated(&shop.customer("ada"), items(&[(RESIDENTIAL, 1)])).await;
    let renewal =
        |judged: &Value| row(&judged["allowed_payment_methods"], "bitpay:btc").unwrap()["renewal"].clone();
    assert_eq!((renewal(&renewing), renewal(&once)), (json!("manual"), Value::Null));
}
