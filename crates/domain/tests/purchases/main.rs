//! Purchases: a quote is what is charged; an order is paid once or its money becomes credit; credit is never spent twice.

#[path = "../common/mod.rs"]
mod common;
mod laws;

use common::*;
use domain::catalog::*;
use domain::channel::{Capture, Channel, Cover, NumberFormat, OnDecline, UseStoreCredit};
use domain::command::*;
use domain::decision::{Context, Decision};
use domain::money::{Amount, Currency, Money, Rate};
use domain::order::*;
use domain::purchase::{Quoted, quote};
use domain::refusal::{CodeReason, Refusal, Thing};
use domain::user::{Actor, Who};
use domain::*;
use proptest::prelude::*;

const REDIRECT: PaymentMethodId = PaymentMethodId(4);
const HOLD_MINUTES: u32 = 60;

fn services() -> Channel {
    let mut channel = channel();
    channel.policy.on_decline = OnDecline::Cancel;
    channel.policy.capture = Capture::AtOnce;
    channel.policy.cover = Cover::Required;
    channel.policy.store_credit = UseStoreCredit::Never;
    channel.numbers =
        NumberFormat { prefix: "ord_", alphabet: b"abcdefghijklmnopqrstuvwxyz234567", length: 20 };
    channel
}

fn shop(credits: &[i64]) -> Shop {
    let mut shop = Shop::new();
    shop.channel = services();
    let card = shop.catalog.payment_methods[&CARD].clone();
    let kind = MethodKind::Platform(Platform {
        gateway: GatewayKind("stripe".into()),
        platform: "stripe".into(),
        method: "card".into(),
        flow: PayFlow::Redirect,
        saving: Saving::Supported,
        renewal: Renewal::Automatic,
    });
    let redirect = PaymentMethod { id: REDIRECT, key: "stripe:card".into(), kind, ..(*card).clone() };
    shop.catalog.put(redirect.into());
    shop.sign_in(credits);
    shop
}

fn cart_of(lines: &[(VariantId, u32)], credit: UseCredit) -> Cart {
    let line = |(variant, quantity): &(VariantId, u32)| CartLine {
        variant: *variant,
        option: String::new(),
        quantity: *quantity,
        metadata: Metadata::default(),
    };
    let contents = Contents::Lines(lines.iter().map(line).collect());
    Cart { customer: UserId(7), currency: Currency::USD, contents, code: None, credit }
}

fn top_up(amount: i64) -> Cart {
    Cart { contents: Contents::TopUp(Amount(amount)), ..cart_of(&[], UseCredit::Yes) }
}

fn by(method: PaymentMethodId, cart: Cart) -> Purchase {
    Purchase {
        cart,
        method,
        card: None,
        save: SaveCard::No,
        expected_payable: None,
        country: None,
        success_url: None,
        cancel_url: None,
        vouched: Vouched::No,
        hold_minutes: HOLD_MINUTES,
        down: Default::default(),
    }
}

fn buy(shop: &mut Shop, purchase: Purchase) -> Result<Decision, Refusal> {
    shop.run(None, Command::Purchase(Box::new(purchase)), Who::Customer(UserId(7)))
}

fn quoted(shop: &Shop, cart: &Cart) -> Result<Quoted, Refusal> {
    let actor = Actor { who: Who::Customer(UserId(7)), via: shop.channel.key.clone() };
    let (mut buyer, view) = (shop.buyer.clone(), shop.ledger.view(shop.now));
    buyer.credits = shop.ledger.credits(buyer.user_id());
    let context = Context {
        catalog: &shop.catalog,
        via: &shop.channel,
        origin: &shop.channel,
        actor: &actor,
        buyer: &buyer,
        stock: &view,
        now: shop.now,
        ids: &shop.ids,
        entropy: &shop.dice,
    };
    quote(cart, &context)
}

/// The payment at the platform, and the attempt it was asked with.
fn sent(order: &Order) -> (PaymentId, AttemptId) {
    let payment = order.payments.iter().find(|payment| payment.sent().is_some()).expect("a redirect");
    (payment.id, payment.sent().and_then(|sent| sent.attempt.clone()).expect("an attempt"))
}

fn tell(shop: &mut Shop, order: &Order, outcome: Outcome) -> Decision {
    let (payment, attempt) = sent(order);
    shop.run(Some(order), Command::Settle { payment, attempt, outcome }, Who::System).expect("settled")
}

fn received(amount: i64) -> Outcome {
    Outcome::Received { amount: Amount(amount), reference: Some("ref".into()), card: None }
}

fn at_platform() -> Outcome {
    Outcome::ActionRequired { url: "https://pay.example/1".into() }
}

fn balance(shop: &Shop) -> i64 {
    shop.ledger.grants.values().map(|grant| grant.available()).sum()
}

fn granted(order: &Order) -> Vec<(GrantReason, i64)> {
    order.grants.iter().map(|granted| (granted.reason, granted.amount.0)).collect()
}

#[test]
fn credit_that_covers_it_places_the_order_at_once() {
    let mut shop = shop(&[1_000, 5_000]);
    let order = buy(&mut shop, by(CREDIT, cart_of(&[(PASS, 2)], UseCredit::Yes))).expect("placed").order;
    assert_eq!(order.phase, Phase::Complete(Completion::Normal));
    assert!(order.number.starts_with("ord_"));
    assert_eq!(order.payment_total(), Amount(3_000));
    assert_eq!(balance(&shop), 3_000);
    assert_eq!(shop.level(PASS, MAIN).on_hand, 0);
}

#[test]
fn a_redirect_holds_goods_and_credit_until_it_is_paid() {
    let mut shop = shop(&[500]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 2)], UseCredit::Yes))).expect("begun").order;
    assert_eq!((begun.phase, begun.expires_at), (Phase::Placing, Some(shop.now.plus_minutes(60))));
    assert_eq!((shop.credit(1).held, shop.credit(1).used), (500, 0));
    assert_eq!(shop.ledger.held_for(begun.id), 2);
    let waiting = tell(&mut shop, &begun, at_platform()).order;
    let paid = tell(&mut shop, &waiting, received(2_500)).order;
    assert!(paid.is_placed() && paid.grants.is_empty());
    assert_eq!((shop.credit(1).held, shop.credit(1).used), (0, 500));
    assert_eq!(paid.payment_total(), Amount(3_000));
    let again = tell(&mut shop, &paid, received(2_500)).order;
    assert_eq!(again, paid, "told twice, nothing changes");
}

#[test]
fn a_decline_ends_the_order_and_gives_everything_back() {
    let mut shop = shop(&[500]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 2)], UseCredit::Yes))).expect("begun").order;
    let decision = tell(&mut shop, &begun, declined());
    assert_eq!(decision.refusal, Some(Refusal::Declined("no".into())));
    assert_eq!(decision.order.phase, Phase::Canceled);
    assert_eq!((balance(&shop), shop.ledger.held_for(begun.id)), (500, 0));
    assert!(shop.ask(Some(&decision.order), go(Go::Next), Who::Guest).is_err(), "it is no cart again");
}

#[test]
fn nobody_paid_in_time() {
    let mut shop = shop(&[500]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 2)], UseCredit::Yes))).expect("begun").order;
    let early = shop.run(Some(&begun), Command::Expire, Who::System).expect("asked").order;
    assert_eq!(early.phase, Phase::Placing);
    shop.now = shop.now.plus_minutes(60);
    let over = shop.run(Some(&early), Command::Expire, Who::System).expect("expired").order;
    assert_eq!((over.phase, balance(&shop)), (Phase::Canceled, 500));
    let late = tell(&mut shop, &over, received(2_500)).order;
    assert_eq!((late.phase, granted(&late)), (Phase::Canceled, vec![(GrantReason::Late, 2_500)]));
    assert_eq!(balance(&shop), 3_000);
}

#[test]
fn too_late_is_too_late_even_before_the_sweep() {
    let mut shop = shop(&[]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 1)], UseCredit::No))).expect("begun").order;
    shop.now = shop.now.plus_minutes(60);
    let late = tell(&mut shop, &begun, received(1_500)).order;
    assert_eq!((late.phase, granted(&late)), (Phase::Canceled, vec![(GrantReason::Late, 1_500)]));
    assert_eq!(late.payment_total(), Amount::ZERO);
}

#[test]
fn too_little_waits_and_too_much_is_credit() {
    let mut shop = shop(&[]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 1)], UseCredit::No))).expect("begun").order;
    let begun = tell(&mut shop, &begun, at_platform()).order;
    let part = tell(&mut shop, &begun, received(900)).order;
    let state = part.payments[0].attempt.as_ref().map(|attempt| attempt.state.clone());
    let url = Some("https://pay.example/1".to_owned());
    assert_eq!(state, Some(AttemptState::Underpaid { received: Amount(900), url }));
    assert_eq!((part.phase, balance(&shop)), (Phase::Placing, 0));
    let all = tell(&mut shop, &part, received(1_700)).order;
    assert!(all.is_placed());
    assert_eq!(granted(&all), [(GrantReason::Surplus, 200)]);
    let more = tell(&mut shop, &all, received(2_000)).order;
    assert_eq!(granted(&more), [(GrantReason::Surplus, 200), (GrantReason::Surplus, 300)]);
    let old = tell(&mut shop, &more, received(900)).order;
    assert_eq!((old.grants.len(), balance(&shop)), (2, 500), "an old word changes nothing");
}

#[test]
fn a_part_that_stays_a_part_is_credit() {
    let mut shop = shop(&[]);
    let begun = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 1)], UseCredit::No))).expect("begun").order;
    let part = tell(&mut shop, &begun, received(900)).order;
    shop.now = shop.now.plus_minutes(60);
    let over = shop.run(Some(&part), Command::Expire, Who::System).expect("expired").order;
    assert_eq!((over.phase, granted(&over)), (Phase::Canceled, vec![(GrantReason::Underpaid, 900)]));
    let rest = tell(&mut shop, &over, received(1_500)).order;
    assert_eq!((rest.phase, balance(&shop)), (Phase::Canceled, 1_500));
}

#[test]
fn a_top_up_is_credit_once() {
    let mut shop = shop(&[]);
    assert_eq!(
        buy(&mut shop, by(REDIRECT, top_up(499))).map(drop),
        Err(Refusal::TopUpOutOfRange { least: Amount(500), most: Amount(1_000_000) })
    );
    let begun = buy(&mut shop, by(REDIRECT, top_up(2_500))).expect("begun").order;
    assert_eq!((begun.total(), begun.sheet.totals), (Amount(2_500), begun.sheet.sum()));
    let paid = tell(&mut shop, &begun, received(2_600)).order;
    assert!(paid.is_placed());
    assert_eq!(granted(&paid), [(GrantReason::TopUp, 2_500), (GrantReason::Surplus, 100)]);
    let again = tell(&mut shop, &paid, received(2_600)).order;
    assert_eq!((again.grants.len(), balance(&shop)), (2, 2_600));
}

/// A code that takes something off an order.
fn off(id: i64, code: &str, calculator: PromotionCalculator) -> Promotion {
    let kind = PromotionActionKind::AdjustOrder(calculator);
    Promotion { actions: vec![PromotionAction { id, kind }], ..promotion(id, code, None) }
}

#[test]
fn a_code_for_top_ups_lowers_what_they_cost_and_not_what_they_are_worth() {
    let mut shop = shop(&[]);
    let least =
        PromotionRule::ItemTotal { compare: Compare::AtLeast, amount: Money::new(2_000, Currency::USD) };
    let tenth = off(91, "bonus", PromotionCalculator::Percent(Rate::percent(10)));
    let five = off(92, "five", PromotionCalculator::Flat(Money::new(500, Currency::USD)));
    let lines = promotion(93, "lines", None);
    let everything = off(94, "gift", PromotionCalculator::Percent(Rate::percent(100)));
    for row in [
        Promotion { top_ups: true, rules: vec![least], ..tenth },
        Promotion { codes: Vec::new(), automatic: true, ..five },
        Promotion { top_ups: true, ..lines },
        Promotion { top_ups: true, ..everything },
    ] {
        shop.catalog.put(row.into());
    }
    let with = |code: &str, amount| Cart { code: Some(code.to_owned()), ..top_up(amount) };
    let came_to = |code: &str, amount| {
        let found = quoted(&shop, &with(code, amount)).expect("a price");
        (found.payable.0, found.code.expect("a code").map(drop))
    };
    assert_eq!(came_to("bonus", 2_500), (2_250, Ok(())), "and no automatic promotion of goods beside it");
    assert_eq!(came_to("bonus", 1_999), (1_999, Err(CodeReason::MinimumNotMet)));
    assert_eq!(came_to("lines", 2_500), (2_500, Err(CodeReason::NotApplicableToTopUp)));
    assert_eq!(came_to("gift", 2_500), (0, Ok(())));
    let refused = buy(&mut shop, by(REDIRECT, with("gift", 2_500))).map(drop).expect_err("refused");
    assert!(matches!(refused, Refusal::MethodNotAllowed { .. }), "credit is never a present: {refused:?}");

    let begun = buy(&mut shop, by(REDIRECT, with("bonus", 2_500))).expect("begun").order;
    assert_eq!((begun.total(), begun.sheet.totals), (Amount(2_250), begun.sheet.sum()));
    let paid = tell(&mut shop, &begun, received(2_250)).order;
    assert_eq!((paid.is_placed(), paid.total()), (true, Amount(2_250)));
    assert_eq!((granted(&paid), balance(&shop)), (vec![(GrantReason::TopUp, 2_500)], 2_500));
}

#[test]
fn credit_buys_no_credit() {
    let mut shop = shop(&[9_000]);
    let refused = buy(&mut shop, by(CREDIT, top_up(2_500))).map(drop).expect_err("refused");
    let Refusal::MethodNotAllowed { reasons, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(reasons[0].code(), "not_available_for_top_up");
    let by_hand = buy(&mut shop, by(CHECK, top_up(2_500))).map(drop);
    assert!(matches!(by_hand, Err(Refusal::MethodNotAllowed { .. })), "nor does a promise: {by_hand:?}");
    assert_eq!(buy(&mut shop, by(REDIRECT, top_up(2_500))).expect("begun").order.payments.len(), 1);
}

#[test]
fn what_was_agreed_is_what_is_paid() {
    let mut shop = shop(&[500]);
    let cart = cart_of(&[(PASS, 1)], UseCredit::Yes);
    let wrong = Purchase { expected_payable: Some(Amount(1_500)), ..by(REDIRECT, cart.clone()) };
    assert_eq!(buy(&mut shop, wrong).map(drop), Err(Refusal::PriceChanged { payable: Amount(1_000) }));
    let right = Purchase { expected_payable: Some(Amount(1_000)), ..by(REDIRECT, cart) };
    assert_eq!(sum_at_gateway(&buy(&mut shop, right).expect("begun").order), 1_000);
}

fn sum_at_gateway(order: &Order) -> i64 {
    order.payments.iter().filter_map(|payment| payment.attempt.as_ref()).map(|attempt| attempt.amount.0).sum()
}

#[test]
fn what_cannot_be_bought_is_refused_before_anything_happens() {
    let mut shop = shop(&[]);
    let stock = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 6)], UseCredit::Yes))).map(drop);
    assert!(matches!(stock, Err(Refusal::InsufficientStock(_))), "{stock:?}");
    let ships = buy(&mut shop, by(REDIRECT, cart_of(&[(MUG, 1)], UseCredit::Yes))).map(drop);
    assert_eq!(ships, Err(Refusal::NotFound(Thing::Variant)));
    let coded = Cart { code: Some("nothing".into()), ..cart_of(&[(PASS, 1)], UseCredit::No) };
    assert_eq!(
        buy(&mut shop, by(REDIRECT, coded)).map(drop),
        Err(Refusal::CodeInvalid(CodeReason::NotFound))
    );
    let nothing = buy(&mut shop, by(PaymentMethodId(99), cart_of(&[(PASS, 1)], UseCredit::No))).map(drop);
    assert_eq!(nothing, Err(Refusal::NotFound(Thing::PaymentMethod)));
    let card = Purchase { card: Some(CardId(99)), ..by(REDIRECT, cart_of(&[(PASS, 1)], UseCredit::No)) };
    assert_eq!(buy(&mut shop, card).map(drop), Err(Refusal::NotFound(Thing::SavedCard)));
    shop.buyer.user = None;
    let stranger = buy(&mut shop, by(REDIRECT, cart_of(&[(PASS, 1)], UseCredit::No))).map(drop);
    assert_eq!(stranger, Err(Refusal::AccountRequired));
}

#[test]
fn the_blocked_buy_nothing_even_if_vouched_for() {
    let mut shop = shop(&[9_000]);
    shop.change_user(|user| user.flags.blocked = true);
    for (method, vouched) in [(REDIRECT, Vouched::Yes), (REDIRECT, Vouched::No), (CREDIT, Vouched::Yes)] {
        let purchase = Purchase { vouched, ..by(method, cart_of(&[(PASS, 1)], UseCredit::No)) };
        let refused = buy(&mut shop, purchase).map(drop).expect_err("refused");
        let Refusal::MethodNotAllowed { reasons, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(reasons[0].code(), "customer_blocked");
    }
}

#[test]
fn rules_bind_wherever_an_order_is_paid() {
    let mut shop = shop(&[]);
    let mut rules = PaymentRules::default();
    let minimum = RuleSet { min: Some(Money::new(1_000_000, Currency::USD)), ..RuleSet::default() };
    rules.methods.insert("check".into(), minimum);
    let order = shop.ready(&[(MUG, 1)], CHECK);
    shop.catalog.put(rules.into());
    let (refusal, _) = shop.refused(&order, go(Go::Complete));
    assert!(matches!(refusal, Refusal::MethodNotAllowed { method: CHECK, .. }), "{refusal:?}");
    let cart = shop.cart(&[(MUG, 1)]);
    let (refusal, _) = shop.refused(&cart, Command::AddPayment(Box::new(payment(CHECK))));
    assert!(matches!(refusal, Refusal::MethodNotAllowed { method: CHECK, .. }), "{refusal:?}");
}

#[test]
fn kinds_and_cycles_are_bought_apart() {
    let mut shop = shop(&[]);
    let service = |shop: &mut Shop, id: i64, kind: &str, every: Option<&str>| {
        let mut product = (*shop.catalog.products[&ProductId(id)]).clone();
        product.service =
            Some(Service { kind: kind.into(), country: None, protocol: None, per_ip: false, hidden: false });
        product.master.prices[0].interval = every.map(|unit| Interval { unit: unit.into(), count: 1 });
        shop.catalog.put(product.into());
    };
    let both = cart_of(&[(PASS, 1), (DOWNLOAD, 1)], UseCredit::No);
    service(&mut shop, 5, "isp", Some("month"));
    service(&mut shop, 3, "datacenter", Some("month"));
    let kinds = vec!["datacenter".to_owned(), "isp".to_owned()];
    assert_eq!(quoted(&shop, &both).map(drop), Err(Refusal::MixedServiceTypes(kinds)));
    service(&mut shop, 3, "isp", Some("year"));
    assert_eq!(quoted(&shop, &both).map(drop), Err(Refusal::MixedIntervals));
    service(&mut shop, 3, "isp", None);
    assert!(quoted(&shop, &both).is_ok(), "what is paid once goes with what renews");
    service(&mut shop, 3, "credit", None);
    assert_eq!(quoted(&shop, &both).map(drop), Err(Refusal::UseTopUp));
}

#[test]
fn codes_say_why() {
    let mut shop = shop(&[]);
    let reason = |shop: &Shop, code: &str, cart: Cart| {
        quoted(shop, &Cart { code: Some(code.into()), ..cart }).expect("a price").code.expect("a code")
    };
    let one = || cart_of(&[(PASS, 1)], UseCredit::No);
    let mut change = |change: &dyn Fn(&mut Promotion)| {
        let mut promotion = (*shop.catalog.promotions[&PromotionId(1)]).clone();
        change(&mut promotion);
        shop.catalog.put(promotion.into());
        reason(&shop, " TENOFF ", one())
    };
    assert_eq!(change(&|_| {}).map(drop), Ok(()));
    let fresh = |promotion: &mut Promotion| {
        promotion.period = Period::default();
        promotion.usage_limit = None;
        promotion.rules.clear();
    };
    let now = Time(1_700_000_000_000);
    type Case<'a> = (&'a dyn Fn(&mut Promotion), CodeReason);
    let cases: [Case<'_>; 8] = [
        (&|p| p.period.from = Some(now.plus_seconds(1)), CodeReason::NotStarted),
        (&|p| p.period.until = Some(now), CodeReason::Expired),
        (&|p| p.usage_limit = Some(0), CodeReason::RedemptionLimitReached),
        (
            &|p| {
                let amount = Money::new(1_501, Currency::USD);
                p.rules.push(PromotionRule::ItemTotal { compare: Compare::AtLeast, amount });
            },
            CodeReason::MinimumNotMet,
        ),
        (
            &|p| {
                let matching = Matching::Any;
                p.rules.push(PromotionRule::Products { products: vec![ProductId(1)], matching });
            },
            CodeReason::NotApplicableToProducts,
        ),
        (&|p| p.rules.push(PromotionRule::Users(vec![UserId(1)])), CodeReason::CustomerNotEligible),
        (&|p| p.actions[0].kind = flat(0), CodeReason::NotApplicableToProducts),
        (&|p| p.actions.clear(), CodeReason::Inactive),
    ];
    for (case, expected) in cases {
        let found = change(&|promotion| {
            fresh(promotion);
            case(promotion);
        });
        assert_eq!(found.map(drop), Err(expected));
    }
    assert_eq!(reason(&shop, "nothing", one()).map(drop), Err(CodeReason::NotFound));
    assert_eq!(reason(&shop, "once", top_up(500)).map(drop), Err(CodeReason::NotApplicableToTopUp));
}

fn flat(minor: i64) -> PromotionActionKind {
    PromotionActionKind::AdjustLines(PromotionCalculator::Flat(Money::new(minor, Currency::USD)))
}
