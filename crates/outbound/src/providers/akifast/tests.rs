//! The client of a checkout provider against servers that answer well, badly, late or never.

use super::*;
use domain::{LineId, OrderId, UserId};
use engine::ports::{SessionCustomer, SessionItem};

fn session(customer: Option<SessionCustomer>) -> StartSession {
    let item = |line, sku: &str, quantity, unit_price, total| SessionItem {
        line: LineId(line),
        sku: sku.to_owned(),
        name: "Tişört".to_owned(),
        quantity,
        unit_price: Amount(unit_price),
        total: Amount(total),
    };
    StartSession {
        order: OrderId(55),
        conversation: "c".repeat(26),
        at: Time(1_767_261_600_123),
        money: Money::new(65_890, Currency::TRY),
        customer,
        items: vec![item(95, "AKN-TS-001", 1, 19_990, 19_990), item(96, "AKN-JN-002", 1, 45_900, 45_900)],
    }
}

#[test]
fn a_session_is_asked_for_in_the_providers_words() {
    let text = body("https://shop.example", &session(None)).unwrap();
    for part in [
        r#""order_id":"CP-55","basket_id":"55","conversation_id":"cccccccccccccccccccccccccc""#,
        r#""order_date":"2026-01-01T10:00:00Z","amount":658.90,"currency":"TRY""#,
        r#""enable_installments":true,"preauth":false"#,
        r#"{"basket_item_id":"item-95","sku":"AKN-TS-001","name":"Tişört","quantity":1,"unit_price":199.90,"total_amount":199.90}"#,
        r#""query_shipping_option_url":"https://shop.example/orders/checkout-provider/?page=CheckoutProviderAddressSelectionPage""#,
        r#""query_agreement_types_url":"https://shop.example/orders/checkout-provider/?page=CheckoutProviderShippingOptionPage""#,
        r#""query_agreements_url":"https://shop.example/orders/checkout-provider/?page=CheckoutProviderAgreementListPage""#,
        r#""notification_url":"https://shop.example/orders/checkout-provider/?page=CheckoutProviderNotificationPage""#,
        r#""cancel_url":"https://shop.example/orders/checkout-provider-cancel/""#,
        r#""success_url":"https://shop.example/orders/checkout-provider-completed/""#,
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains("merchant_customer"), "a guest has no customer fields");
}

#[test]
fn a_known_customer_is_named() {
    let customer = SessionCustomer { id: UserId(12), email: "a@b.c".to_owned(), phone: None };
    let text = body("https://shop.example", &session(Some(customer))).unwrap();
    assert!(
        text.contains(r#""merchant_customer_id":"12","merchant_customer_email":"a@b.c","basket""#),
        "{text}"
    );
}

#[test]
fn amounts_have_the_currencys_decimals() {
    let text = |minor, currency| exact(Amount(minor), currency).unwrap().get().to_owned();
    assert_eq!(text(5, Currency::TRY), "0.05");
    assert_eq!(text(1_000, Currency::JPY), "1000");
    assert_eq!(text(9_007_199_254_740_993, Currency::TRY), "90071992547409.93", "beyond what a double holds");
}

#[test]
fn both_spellings_of_an_answer_are_read() {
    let read = |text: &str| opened(text.as_bytes());
    let usual =
        read(r#"{"session_token":"t","redirect_url":"https://p/1","expires_at":"2026-01-01T10:00:00Z"}"#);
    let ends_at = Some(Time(1_767_261_600_000));
    let expected = OpenedSession { token: "t".to_owned(), redirect_url: "https://p/1".to_owned(), ends_at };
    assert_eq!(usual, Ok(expected.clone()));
    let other = read(r#"{"token":"t","payment_url":"https://p/1","more":[1]}"#);
    assert_eq!(other, Ok(OpenedSession { ends_at: None, ..expected.clone() }));
    let odd_time = read(r#"{"token":"t","payment_url":"https://p/1","expires_at":"soon"}"#);
    assert_eq!(odd_time, Ok(OpenedSession { ends_at: None, ..expected }));
    for wrong in [
        "",
        "[]",
        r#"{"session_token":"t"}"#,
        r#"{"session_token":"","redirect_url":"https://p"}"#,
        r#"{"session_token":"t","redirect_url":"javascript:alert(1)"}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

fn akifast(callback_secret: Option<&str>, address_hash_key: Option<&str>) -> Akifast {
    Akifast::new(AkifastConfig {
        base_url: "http://127.0.0.1:9".to_owned(),
        api_key: "do-not-tell".to_owned(),
        public_url: "https://shop.example".to_owned(),
        callback_secret: callback_secret.map(str::to_owned),
        address_hash_key: address_hash_key.map(str::to_owned),
    })
    .unwrap()
}

fn address(hash: &str) -> HashedAddress {
    let text = str::to_owned;
    HashedAddress {
        name: text("Ay\u{15f}e"),
        surname: text("Yılmaz"),
        phone: text("+905551112233"),
        line: text("Moda Caddesi 12"),
        country: text("TR"),
        city: text("34"),
        town: text("kadikoy"),
        district: text("caferaga"),
        hash: text(hash),
    }
}

#[test]
fn an_address_is_proven_by_its_content() {
    // Worked out by another program: HMAC-SHA256, key "hash-key".
    const HASH: &str = "0d6dd23e61911af12e4104a95a5807a5f5bb844d8b7fe9a41247dc39adc8ab6a";
    let with_key = akifast(None, Some("hash-key"));
    assert!(with_key.check_address(&address(HASH)));
    assert!(with_key.check_address(&address(&HASH.to_uppercase())));
    let decomposed = HashedAddress { name: "Ays\u{327}e".to_owned(), ..address(HASH) };
    assert!(with_key.check_address(&decomposed), "composed before it is hashed");
    assert!(!with_key.check_address(&HashedAddress { town: "moda".to_owned(), ..address(HASH) }));
    assert!(!with_key.check_address(&address("")));
    assert!(!akifast(None, Some("another")).check_address(&address(HASH)));
    assert!(akifast(None, None).check_address(&address("anything")), "no key, no check");
}

#[test]
fn a_signature_counts_only_where_a_secret_was_agreed() {
    let now = Time(1_767_261_600_000);
    let body = br#"{"basket_id":55}"#;
    let key = standardwebhooks::Webhook::from_bytes(b"agreed".to_vec()).unwrap();
    let headers = SignedHeaders {
        id: Some("msg_1".to_owned()),
        timestamp: Some("1767261600".to_owned()),
        signature: Some(key.sign("msg_1", 1_767_261_600, body).unwrap()),
    };
    let agreed = akifast(Some("agreed"), None);
    assert_eq!(agreed.verify(&headers, body, now), Verified::Good);
    assert_eq!(agreed.verify(&headers, b"{}", now), Verified::Bad);
    assert_eq!(agreed.verify(&SignedHeaders::default(), body, now), Verified::Absent);
    assert_eq!(akifast(None, None).verify(&headers, body, now), Verified::Absent);
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", akifast(Some("callback-secret"), Some("hash-key")));
    assert!(
        !shown.contains("do-not-tell") && !shown.contains("callback-secret") && !shown.contains("hash-key")
    );
}
