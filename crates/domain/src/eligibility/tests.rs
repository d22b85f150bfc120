//! One case for each reason, their order, and the law that every method stands in exactly one list.

use super::judge::year_and_month;
use super::*;
use crate::catalog::{
    Channels, GatewayKind, Geography, MethodKind, PayFlow, PaymentMethod, Platform, Renewal, RuleSet, Saving,
    Settings,
};
use crate::channel::ChannelKey;
use crate::money::Money;
use crate::order::{Card, CardDetails};
use crate::user::SavedCard;
use crate::{CardId, PaymentMethodId};
use proptest::prelude::*;
use std::sync::Arc;

/// 20 November 2026, 12:00 UTC.
const NOW: Time = Time(1_795_176_000_000);
const SHOP: &str = "shop";

fn code(text: &str) -> CountryCode {
    CountryCode::parse(text).unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn method(id: i64, key: &str, name: &str) -> PaymentMethod {
    let kind = match key.split_once(':') {
        Some((platform, method)) => MethodKind::Platform(Platform {
            gateway: GatewayKind(platform.into()),
            platform: platform.into(),
            method: method.into(),
            flow: PayFlow::Redirect,
            saving: Saving::NotSupported,
            renewal: Renewal::Manual,
        }),
        None if key == "credit" => MethodKind::StoreCredit,
        None => MethodKind::Manual,
    };
    PaymentMethod {
        id: PaymentMethodId(id),
        key: key.into(),
        name: name.into(),
        description: String::new(),
        kind,
        active: true,
        for_buyers: true,
        for_staff: true,
        capture: None,
        position: id,
        channels: Channels::All,
        config: Default::default(),
    }
}

const METHODS: [(&str, &str); 5] = [
    ("stripe:card", "Card"),
    ("bitpay:btc", "BTC"),
    ("coinpayments:eth", "ETH"),
    ("credit", "Credit"),
    ("check", "Check"),
];

fn rules() -> PaymentRules {
    let mut rules = PaymentRules { sanctioned: [code("IR")].into(), ..PaymentRules::default() };
    let crypto = RuleSet { verified_email: true, currencies: vec![Currency::USD], ..RuleSet::default() };
    let bitpay = RuleSet {
        deny_countries: [code("ID")].into(),
        min: Some(usd(500)),
        max: Some(usd(1_000_000)),
        ..crypto.clone()
    };
    let stripe = RuleSet { risk_max: Some(80), chargebacks_max: Some(2), ..RuleSet::default() };
    rules.platforms.insert("bitpay".into(), bitpay);
    rules.platforms.insert("coinpayments".into(), crypto);
    rules.platforms.insert("stripe".into(), stripe);
    rules.methods.insert("coinpayments:eth".into(), RuleSet { min: Some(usd(1000)), ..RuleSet::default() });
    rules
}

struct Case {
    rules: PaymentRules,
    flags: PayerFlags,
    country: Option<CountryCode>,
    currency: Currency,
    payable: i64,
    total: i64,
    credit: i64,
    buys: Buys,
    goods: Goods,
    down: BTreeSet<String>,
}

/// A verified buyer in Germany pays 8.00 for goods.
fn case() -> Case {
    Case {
        rules: rules(),
        flags: PayerFlags { email_verified: true, ..PayerFlags::default() },
        country: Some(code("DE")),
        currency: Currency::USD,
        payable: 800,
        total: 800,
        credit: 0,
        buys: Buys::Goods,
        goods: Goods { kinds: ["isp".to_owned()].into(), renews: true },
        down: BTreeSet::new(),
    }
}

impl Case {
    fn facts(&self) -> Facts<'_> {
        Facts {
            rules: &self.rules,
            flags: self.flags,
            country: self.country,
            currency: self.currency,
            payable: Amount(self.payable),
            total: Amount(self.total),
            credit: Amount(self.credit),
            buys: self.buys,
            goods: &self.goods,
            down: &self.down,
            now: NOW,
        }
    }

    fn codes(&self, key: &str) -> Vec<&'static str> {
        let (key, name) = METHODS.iter().find(|(known, _)| *known == key).unwrap();
        judge(&method(1, key, name), &self.facts()).iter().map(Reason::code).collect()
    }
}

fn check(key: &str, change: impl FnOnce(&mut Case), expected: &[&str]) {
    let mut case = case();
    change(&mut case);
    assert_eq!(case.codes(key), expected, "{key}");
}

#[test]
fn every_rule_has_its_reason() {
    check("stripe:card", |_| {}, &[]);
    check("bitpay:btc", |_| {}, &[]);
    check("bitpay:btc", |c| c.country = Some(code("ID")), &["region_not_supported"]);
    check("stripe:card", |c| c.country = Some(code("ID")), &[]);
    check("coinpayments:eth", |_| {}, &["below_minimum"]);
    check("stripe:card", |c| c.down = ["stripe".to_owned()].into(), &["platform_unavailable"]);
    check(
        "stripe:card",
        |c| c.rules.platforms.get_mut("stripe").unwrap().off = true,
        &["platform_unavailable"],
    );
    let off = RuleSet { off: true, ..RuleSet::default() };
    check("stripe:card", |c| drop(c.rules.methods.insert("stripe:card".into(), off)), &["feature_disabled"]);
    check("stripe:card", |c| c.flags.blocked = true, &["customer_blocked"]);
    check("bitpay:btc", |c| c.flags.email_verified = false, &["customer_unverified"]);
    check("stripe:card", |c| c.flags.email_verified = false, &[]);
    check("stripe:card", |c| c.flags.risk = 81, &["risk_too_high"]);
    check("stripe:card", |c| c.flags.risk = 80, &[]);
    check("stripe:card", |c| c.flags.chargebacks = 3, &["risk_too_high"]);
    check("stripe:card", |c| c.country = Some(code("IR")), &["region_sanctioned"]);
    check("check", |c| c.country = Some(code("IR")), &["region_sanctioned"]);
    check("bitpay:btc", |c| c.country = None, &[]);
    let known = |c: &mut Case| c.rules.platforms.get_mut("bitpay").unwrap().require_known_region = true;
    check("bitpay:btc", known, &[]);
    check(
        "bitpay:btc",
        |c| {
            known(c);
            c.country = None
        },
        &["region_unknown"],
    );
    let only = |c: &mut Case| {
        c.rules.platforms.get_mut("stripe").unwrap().allow_countries = [code("US")].into();
    };
    check("stripe:card", only, &["region_not_supported"]);
    check(
        "stripe:card",
        |c| {
            only(c);
            c.country = Some(code("US"))
        },
        &[],
    );
}

#[test]
fn goods_money_and_credit_have_their_reasons() {
    let no_isp = |c: &mut Case| {
        c.rules.platforms.get_mut("stripe").unwrap().deny_product_types = ["isp".to_owned()].into();
    };
    check("stripe:card", no_isp, &["product_type_not_supported"]);
    let no_top_ups = |c: &mut Case| c.rules.platforms.get_mut("bitpay").unwrap().no_top_ups = true;
    check("bitpay:btc", no_top_ups, &[]);
    check(
        "bitpay:btc",
        |c| {
            no_top_ups(c);
            c.buys = Buys::Credit
        },
        &["not_available_for_top_up"],
    );
    let no_recurring = |c: &mut Case| c.rules.platforms.get_mut("bitpay").unwrap().no_recurring = true;
    check("bitpay:btc", no_recurring, &["recurring_not_supported"]);
    check(
        "bitpay:btc",
        |c| {
            no_recurring(c);
            c.goods.renews = false
        },
        &[],
    );
    check("bitpay:btc", |c| c.currency = Currency::EUR, &["currency_not_supported"]);
    check("bitpay:btc", |c| c.payable = 1_000_001, &["above_maximum"]);
    check("credit", |_| {}, &["insufficient_credit"]);
    check("credit", |c| c.credit = 800, &[]);
    check(
        "credit",
        |c| {
            c.credit = 800;
            c.buys = Buys::Credit
        },
        &["not_available_for_top_up"],
    );
}

#[test]
fn both_ends_of_an_amount_are_allowed() {
    for (payable, expected) in [(499, &["below_minimum"][..]), (500, &[]), (1_000_000, &[])] {
        check("bitpay:btc", |c| c.payable = payable, expected);
    }
    for (payable, expected) in [(999, &["below_minimum"][..]), (1000, &[])] {
        check("coinpayments:eth", |c| c.payable = payable, expected);
    }
}

#[test]
fn reasons_come_in_the_order_of_the_rules() {
    let all = |c: &mut Case| {
        c.down.insert("bitpay".into());
        c.flags = PayerFlags { blocked: true, ..PayerFlags::default() };
        c.country = Some(code("ID"));
        c.rules.sanctioned.insert(code("ID"));
        c.currency = Currency::USD;
        c.payable = 100;
    };
    let expected = [
        "platform_unavailable",
        "customer_blocked",
        "customer_unverified",
        "region_sanctioned",
        "region_not_supported",
        "below_minimum",
    ];
    check("bitpay:btc", all, &expected);
}

#[test]
fn the_narrower_of_two_bounds_is_told() {
    let mut case = case();
    case.rules.platforms.get_mut("coinpayments").unwrap().min = Some(usd(500));
    case.payable = 300;
    let reasons = judge(&method(1, "coinpayments:eth", "ETH"), &case.facts());
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].sentence(&Geography::world()), "The minimum order for ETH is $10.00.");
}

#[test]
fn with_nothing_to_pay_only_credit_pays() {
    let free = |c: &mut Case| (c.payable, c.credit) = (0, 800);
    for key in ["stripe:card", "bitpay:btc", "coinpayments:eth", "check"] {
        check(key, free, &["no_payment_required"]);
    }
    check("credit", free, &[]);
    check("credit", |c| (c.payable, c.total, c.credit) = (0, 0, 0), &[]);
}

#[test]
fn buyers_are_told_in_sentences() {
    let geography = Geography::world();
    let sentence = |key: &str, name: &str, case: &Case| {
        judge(&method(1, key, name), &case.facts())[0].sentence(&geography)
    };
    let in_indonesia = Case { country: Some(code("ID")), ..case() };
    assert_eq!(sentence("bitpay:btc", "BTC", &in_indonesia), "Bitpay is not available in Indonesia.");
    assert_eq!(sentence("coinpayments:eth", "ETH", &case()), "The minimum order for ETH is $10.00.");
    assert_eq!(sentence("credit", "Credit", &case()), "Your credit of $0.00 does not cover $8.00.");
}

fn card(month: u8, year: u16) -> SavedCard {
    let details = CardDetails { month, year, ..CardDetails::default() };
    let card = Card { id: CardId(1), details };
    SavedCard { card, method: PaymentMethodId(1), key: None, is_default: false, address: None }
}

#[test]
fn a_card_is_good_to_the_end_of_its_month() {
    let case = case();
    let method = method(1, "stripe:card", "Card");
    for (month, year, good) in [(11, 2026, true), (10, 2026, false), (12, 2025, false), (1, 2027, true)] {
        let reasons = judge_card(&card(month, year), &method, &case.facts());
        assert_eq!(reasons.is_empty(), good, "{month}/{year}");
    }
}

#[test]
fn months_are_those_of_the_calendar() {
    let day = 86_400_000;
    for (millis, expected) in [
        (0, (1970, 1)),
        (-1, (1969, 12)),
        (31 * day - 1, (1970, 1)),
        (31 * day, (1970, 2)),
        (951_782_400_000, (2000, 2)), // 29 February
        (951_868_800_000, (2000, 3)),
        (4_107_542_400_000, (2100, 3)), // no leap year
        (NOW.0, (2026, 11)),
    ] {
        assert_eq!(year_and_month(Time(millis)), expected, "{millis}");
    }
}

#[test]
fn what_no_rule_names_is_left_alone() {
    let blocked = Case {
        flags: PayerFlags { blocked: true, ..PayerFlags::default() },
        country: Some(code("IR")),
        payable: 1,
        ..case()
    };
    let objections_to = |key: &str| objections(&method(1, key, key), &blocked.facts()).len();
    assert_eq!((objections_to("check"), objections_to("credit")), (0, 0));
    assert!(objections_to("bitpay:btc") >= 3);
    let mut named = blocked;
    named.rules.methods.insert("check".into(), RuleSet::default());
    let reasons = objections(&method(1, "check", "Check"), &named.facts());
    assert_eq!(
        reasons.iter().map(Reason::code).collect::<Vec<_>>(),
        ["customer_blocked", "region_sanctioned"]
    );
}

fn shop() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: Vec::new(),
        geography: Geography::default(),
    };
    let mut catalog = Catalog::empty(Arc::new(settings));
    for (id, (key, name)) in (1..).zip(METHODS) {
        catalog.put(method(id, key, name).into());
    }
    let elsewhere = Channels::Only(vec![ChannelKey::new("elsewhere")]);
    catalog.put(PaymentMethod { channels: elsewhere, ..method(9, "bitpay:ltc", "LTC") }.into());
    catalog.put(PaymentMethod { active: false, ..method(10, "bitpay:eth", "ETH") }.into());
    catalog
}

proptest! {
    /// Whatever the facts: each offered method and each of its cards stands in the table once, reasons are in order
    /// and say each thing once, and what is judged alone is judged the same.
    #[test]
    fn every_method_is_in_exactly_one_list(
        payable in 0..2_000_000i64,
        extra in 0..5_000i64,
        credit in 0..3_000_000i64,
        blocked: bool,
        verified: bool,
        risk in 0..=100u8,
        country in prop::sample::select(vec![None, Some("ID"), Some("IR"), Some("US")]),
        top_up: bool,
        renews: bool,
        down in prop::collection::btree_set(prop::sample::select(vec!["stripe", "bitpay"]), 0..3),
        expiries in prop::collection::vec((1..=12u8, 2020..2035u16), 0..4),
    ) {
        let facts_of = Case {
            flags: PayerFlags { blocked, email_verified: verified, risk, chargebacks: 0 },
            country: country.map(code),
            payable,
            total: payable + extra,
            credit,
            buys: if top_up { Buys::Credit } else { Buys::Goods },
            goods: Goods { kinds: BTreeSet::new(), renews },
            down: down.into_iter().map(str::to_owned).collect(),
            ..case()
        };
        let facts = facts_of.facts();
        let catalog = shop();
        let wallet: Vec<SavedCard> = expiries.into_iter().map(|(month, year)| card(month, year)).collect();
        let table = table(&catalog, &ChannelKey::new(SHOP), &wallet, &facts);
        let (allowed, refused): (Vec<_>, Vec<_>) = table.iter().partition(|verdict| verdict.is_allowed());
        prop_assert_eq!(allowed.len() + refused.len(), METHODS.len() + wallet.len());
        for (key, _) in METHODS {
            let named = |verdict: &&Verdict<'_>| matches!(verdict.subject, Subject::Method(of) if of.key == key);
            prop_assert_eq!(table.iter().filter(named).count(), 1, "{}", key);
        }
        for verdict in &table {
            let places: Vec<u8> = verdict.reasons.iter().map(Reason::place).collect();
            prop_assert!(places.is_sorted(), "{:?}", verdict.reasons);
            let codes: BTreeSet<&str> = verdict.reasons.iter().map(Reason::code).collect();
            prop_assert_eq!(codes.len(), verdict.reasons.len());
            if let Subject::Method(method) = verdict.subject {
                prop_assert_eq!(&judge(method, &facts), &verdict.reasons);
                let allowed_alone = objections(method, &facts).is_empty();
                prop_assert!(!verdict.is_allowed() || allowed_alone, "the table never allows what placing refuses");
            }
            if blocked {
                prop_assert!(verdict.reasons.contains(&Reason::CustomerBlocked));
            }
        }
    }
}
