//! Purchases: a quote is what is charged; an order is paid once or its money becomes credit; credit is never spent twice.

mod common;

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
    let least = PromotionRule::ItemTotal { compare: Compare::AtLeast, amount: Money::new(2_000, Currency::USD) };
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

/// What so many pieces cost by the letter of the rule: every piece looked at by itself.
fn by_the_letter(tiers: &[(Option<u32>, i64)], graduated: bool, quantity: u32) -> i64 {
    let of = |piece: u32| {
        let tier = tiers.iter().find(|(end, _)| end.is_none_or(|end| piece <= end));
        tier.map_or(0, |(_, price)| *price)
    };
    (1..=quantity).map(|piece| if graduated { of(piece) } else { of(quantity) }).sum()
}

proptest! {
    /// Tiers, a percentage over several lines and credit: the figures of a quote are those of an oracle that counts
    /// piece by piece.
    #[test]
    fn figures_are_what_the_rules_say(
        ends in prop::collection::btree_set(1..60u32, 0..3),
        prices in prop::collection::vec(1..2_000i64, 4),
        graduated: bool,
        (quantity, others) in (1..120u32, 0..9u32),
        percent in 0..=100i64,
        credit in 0..60_000i64,
    ) {
        let mut shop = shop(&[credit]);
        let tiers: Vec<(Option<u32>, i64)> =
            ends.into_iter().map(Some).chain([None]).zip(prices.iter().copied()).collect();
        let rows = tiers.iter().map(|(up_to, price)| Tier { up_to: *up_to, price: Amount(*price) }).collect();
        let mut product = (*shop.catalog.products[&ProductId(3)]).clone();
        let option = &mut product.master.prices[0];
        option.price = Money::new(tiers[0].1, Currency::USD);
        option.tiers = if graduated { Tiers::Graduated(rows) } else { Tiers::Volume(rows) };
        shop.catalog.put(product.into());
        let mut promotion = (*shop.catalog.promotions[&PromotionId(1)]).clone();
        let share = PromotionCalculator::DistributedPercent(Rate::percent(percent));
        promotion.actions[0].kind = PromotionActionKind::AdjustLines(share);
        shop.catalog.put(promotion.into());
        let mut lines = vec![(DOWNLOAD, quantity)];
        if others > 0 {
            lines.push((PASS, others));
        }
        let cart = Cart { code: Some("tenoff".into()), ..cart_of(&lines, UseCredit::Yes) };
        let found = quoted(&shop, &cart).expect("a price");
        let before = by_the_letter(&tiers, graduated, quantity) + i64::from(others) * 1_500;
        let discount = (before * percent + 50) / 100;
        prop_assert_eq!(-found.order.sheet.totals.promo_total.0, discount);
        prop_assert_eq!(found.order.total().0, before - discount);
        prop_assert_eq!(found.credit.0, credit.min(before - discount));
        prop_assert_eq!(found.payable.0, before - discount - found.credit.0);
        prop_assert_eq!(found.shortages.is_empty(), others <= 5);
        let split: Vec<(VariantId, u32)> = (0..quantity).map(|_| (DOWNLOAD, 1)).chain(lines.get(1).copied()).collect();
        let merged = quoted(&shop, &Cart { code: cart.code.clone(), ..cart_of(&split, UseCredit::Yes) });
        prop_assert_eq!(merged.expect("a price").payable, found.payable, "the same pieces on many lines");
        if others <= 5 {
            let method = if found.payable.0 == 0 { CREDIT } else { REDIRECT };
            let order = buy(&mut shop, by(method, cart)).expect("bought").order;
            prop_assert_eq!(order.total(), found.order.total());
            prop_assert_eq!(sum_at_gateway(&order), found.payable.0);
        }
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Buy {
        pieces: u32,
        credit: bool,
    },
    ByCredit {
        pieces: u32,
    },
    TopUp {
        amount: i64,
    },
    /// What the platform of one of the orders says, also when it is over; `share` in percent of what was asked.
    Tell {
        order: usize,
        share: i64,
    },
    Decline {
        order: usize,
    },
    Wait {
        minutes: i64,
    },
    Expire {
        order: usize,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (1..4u32, any::<bool>()).prop_map(|(pieces, credit)| Deed::Buy { pieces, credit }),
        2 => (1..4u32).prop_map(|pieces| Deed::ByCredit { pieces }),
        2 => (400..5_000i64).prop_map(|amount| Deed::TopUp { amount }),
        6 => (0..8usize, prop::sample::select(vec![1, 40, 99, 100, 100, 100, 130])).prop_map(|(order, share)| Deed::Tell { order, share }),
        1 => (0..8usize).prop_map(|order| Deed::Decline { order }),
        1 => (1..70i64).prop_map(|minutes| Deed::Wait { minutes }),
        2 => (0..8usize).prop_map(|order| Deed::Expire { order }),
    ]
}

/// Money is in one place: what platforms hold paid for orders or became credit, and credit is what its payments leave.
fn check_money(shop: &Shop, orders: &[Order], opening: i64) {
    let mut from_orders = 0;
    let (mut held, mut used) = (0, 0);
    for order in orders {
        for payment in &order.payments {
            match (&payment.source, payment.state) {
                (Source::StoreCredit(_), PaymentState::Authorized) => held += payment.amount.0,
                (Source::StoreCredit(_), PaymentState::Captured) => used += payment.captured.0,
                _ => {}
            }
            let Some(sent) = payment.sent() else { continue };
            let paid = if payment.state == PaymentState::Captured { payment.captured.0 } else { 0 };
            let of_it = order.grants.iter().filter(|granted| granted.payment == payment.id);
            let granted: i64 = of_it.filter(|g| g.reason != GrantReason::TopUp).map(|g| g.amount.0).sum();
            if order.phase != Phase::Placing {
                assert_eq!(sent.received.0, paid + granted, "an order or credit for any money: {order:?}");
            }
            assert!(paid == 0 || paid == payment.amount.0, "paid once, and no more");
            assert!(paid == 0 || order.is_placed());
        }
        from_orders += order.grants.iter().map(|granted| granted.amount.0).sum::<i64>();
        let top_ups = order.grants.iter().filter(|granted| granted.reason == GrantReason::TopUp).count();
        let bought = matches!(order.kind, OrderKind::TopUp { .. }) && order.is_placed();
        assert_eq!(top_ups, usize::from(bought), "credit is bought once");
        if order.is_placed() {
            assert_eq!(order.payment_total(), order.total(), "complete means paid");
        }
        if order.phase == Phase::Canceled {
            assert_eq!((shop.ledger.held_for(order.id), order.payment_total()), (0, Amount::ZERO));
        }
        assert!(!matches!(order.phase, Phase::Cart | Phase::Checkout | Phase::Expired), "never a cart again");
    }
    let all: i64 = shop.ledger.grants.values().map(|grant| grant.granted).sum();
    assert_eq!(all, opening + from_orders);
    let sums = shop.ledger.grants.values().fold((0, 0), |sum, g| (sum.0 + g.held, sum.1 + g.used));
    assert_eq!(sums, (held, used), "credit is what its payments say");
    assert!(shop.ledger.grants.values().all(|grant| grant.available() >= 0));
    let sold: i64 = orders.iter().filter(|order| order.is_placed()).map(|o| o.total_quantity() as i64).sum();
    let left = shop.level(PASS, MAIN).on_hand + shop.level(PASS, ANNEX).on_hand;
    assert_eq!(left + sold, 5, "a piece is sold once");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Purchases, top-ups, and what platforms say of them in any order and as often as they like.
    #[test]
    fn money_is_never_lost_and_never_twice(opening in 0..9_000i64, deeds in prop::collection::vec(deed(), 1..40)) {
        let mut shop = shop(&[opening]);
        let mut orders: Vec<Order> = Vec::new();
        for deed in deeds {
            let bought = match deed.clone() {
                Deed::Buy { pieces, credit } => {
                    let credit = if credit { UseCredit::Yes } else { UseCredit::No };
                    Some(by(REDIRECT, cart_of(&[(PASS, pieces)], credit)))
                }
                Deed::ByCredit { pieces } => Some(by(CREDIT, cart_of(&[(PASS, pieces)], UseCredit::Yes))),
                Deed::TopUp { amount } => Some(by(REDIRECT, top_up(amount))),
                _ => None,
            };
            if let Some(purchase) = bought {
                orders.extend(buy(&mut shop, purchase).ok().map(|decision| decision.order));
            }
            match deed {
                Deed::Wait { minutes } => shop.now = shop.now.plus_minutes(minutes),
                Deed::Tell { order, .. } | Deed::Decline { order } | Deed::Expire { order } => {
                    let count = orders.len().max(1);
                    let Some(found) = orders.get(order % count).cloned() else { continue };
                    let redirected = found.payments.iter().find(|payment| payment.sent().is_some());
                    let after = match (deed, redirected) {
                        (Deed::Expire { .. }, _) => {
                            shop.run(Some(&found), Command::Expire, Who::System).map(|decision| decision.order).ok()
                        }
                        (Deed::Decline { .. }, Some(_)) => Some(tell(&mut shop, &found, declined()).order),
                        (Deed::Tell { share, .. }, Some(payment)) => {
                            let sum = payment.amount.0 * share / 100;
                            Some(tell(&mut shop, &found, received(sum)).order)
                        }
                        _ => None,
                    };
                    orders[order % count] = after.unwrap_or(found);
                }
                _ => {}
            }
            check_money(&shop, &orders, opening);
        }
    }
}
