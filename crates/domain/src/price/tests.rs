//! Worked examples of whole sheets, and of codes.

use super::samples::{self, apply, line, order, sales_tax, shipment};
use super::*;
use crate::catalog::{
    Channels, Promotion, PromotionActionKind as Action, PromotionCalculator as Calculator, PromotionRule,
    Stacking, TaxCalculator, TaxLevel, TaxRate, TaxShown,
};
use crate::channel::ChannelKey;
use crate::money::{Currency, Money, Rate};
use crate::refusal::{CodeRefusal, RuleFailure};
use crate::{Period, PromotionId};

const NOW: Time = Time(1_000);

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn ten_percent_of_lines() -> Action {
    Action::AdjustLines(Calculator::Percent(Rate::percent(10)))
}

fn five_off_the_order() -> Action {
    Action::AdjustOrder(Calculator::Flat(usd(500)))
}

/// Two pieces of 1 and one of 2 at 10.00, shipped for 5.00 to a place with 5 % tax, with these promotions.
fn priced(promotions: Vec<Promotion>, rates: Vec<TaxRate>) -> PriceSheet {
    let mut catalog = samples::catalog();
    let ids: Vec<i64> = promotions.iter().map(|promotion| promotion.id.0).collect();
    promotions.into_iter().for_each(|promotion| catalog.put(promotion.into()));
    rates.into_iter().for_each(|rate| catalog.put(rate.into()));
    catalog.put(samples::method(1, crate::catalog::ShippingCalculator::Flat(usd(500))).into());
    let mut order = cart();
    apply(&mut order, &ids);
    price(&order, &catalog, &Buyer::default(), NOW).expect("within bounds")
}

fn cart() -> Order {
    let mut order = order(vec![line(1, 1, 2, 1000), line(2, 2, 1, 1000)]);
    order.shipments = vec![shipment(1, 500)];
    order.ship_address = Some(samples::address());
    order
}

/// `label amount` of each adjustment; in brackets if included, with `!` if ineligible.
fn shown(adjustments: &[Adjustment]) -> Vec<String> {
    let one = |a: &Adjustment| {
        let text = format!("{} {}", a.label, a.amount.decimal(Currency::USD));
        let text = if a.included { format!("({text})") } else { text };
        if a.eligible { text } else { format!("!{text}") }
    };
    adjustments.iter().map(one).collect()
}

#[test]
fn line_discounts_lower_the_tax_base_and_order_discounts_do_not() {
    let line_level = samples::promotion(1, vec![], vec![ten_percent_of_lines()]);
    let order_level = samples::promotion(2, vec![], vec![five_off_the_order()]);
    let sheet = priced(vec![line_level, order_level], vec![sales_tax(1, 5)]);
    assert_eq!(shown(&sheet.lines[0].adjustments), ["Promotion (P1) -2.0", "T1 0.9"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["Promotion (P1) -1.0", "T1 0.45"]);
    assert_eq!(shown(&sheet.shipments[0].adjustments), ["T1 0.25"]);
    assert_eq!(shown(&sheet.order), ["Promotion (P2) -5.0"]);
    let expected = Totals {
        item_total: Amount(3000),
        ship_total: Amount(500),
        promo_total: Amount(-800),
        adjustment_total: Amount(-640),
        included_tax_total: Amount(0),
        additional_tax_total: Amount(160),
        total: Amount(2860),
    };
    assert_eq!(sheet.totals, expected);
    assert_eq!(sheet.lines[0].order_share, Amount(-333));
    assert_eq!(sheet.lines[1].order_share, Amount(-167));
}

#[test]
fn an_order_discount_before_tax_lowers_the_tax_base_of_lines() {
    let order_level =
        Promotion { before_tax: true, ..samples::promotion(2, vec![], vec![five_off_the_order()]) };
    let sheet = priced(vec![order_level], vec![sales_tax(1, 5)]);
    // 20.00 − 3.33 = 16.67 and 10.00 − 1.67 = 8.33.
    assert_eq!(shown(&sheet.lines[0].adjustments), ["T1 0.83"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["T1 0.42"]);
}

#[test]
fn included_taxes_are_shown_and_not_added() {
    let percent = |n| TaxCalculator::Percent(Rate::percent(n));
    let vat = samples::tax_rate(1, percent(20), TaxShown::Included, TaxLevel::Item);
    let vat = TaxRate { rate_in_label: true, ..vat };
    let second = samples::tax_rate(2, percent(5), TaxShown::Included, TaxLevel::Item);
    let sheet = priced(vec![], vec![vat, second]);
    let labels = ["(T1 20.000% (Included in Price) 3.2)", "(T2 (Included in Price) 0.8)"];
    assert_eq!(shown(&sheet.lines[0].adjustments), labels);
    assert_eq!(sheet.totals.total, Amount(3500));
    assert_eq!(sheet.totals.included_tax_total, Amount(320 + 80 + 160 + 40 + 80 + 20));
}

#[test]
fn an_order_level_rate_is_rounded_once() {
    let percent = TaxCalculator::Percent(Rate(12_350));
    let item = priced(vec![], vec![samples::tax_rate(1, percent, TaxShown::Added, TaxLevel::Item)]);
    let on_lines: Amount = item.lines.iter().map(LineSheet::adjustment_total).sum();
    assert_eq!(on_lines, Amount(25 + 12));
    let order = priced(vec![], vec![samples::tax_rate(1, percent, TaxShown::Added, TaxLevel::Order)]);
    assert_eq!(shown(&order.order), ["T1 0.37"]);
    assert!(order.lines.iter().all(|line| line.adjustments.is_empty()));
    let inside = priced(vec![], vec![samples::tax_rate(1, percent, TaxShown::Included, TaxLevel::Order)]);
    assert_eq!(shown(&inside.order), ["(T1 (Included in Price) 0.37)"]);
    let fee = TaxCalculator::Flat(usd(199));
    let fee = priced(vec![], vec![samples::tax_rate(1, fee, TaxShown::Added, TaxLevel::Order)]);
    assert_eq!(shown(&fee.order), ["T1 1.99"]);
}

#[test]
fn only_rates_of_the_place_time_and_category_apply() {
    let elsewhere = TaxRate { zone: crate::ZoneId(9), ..sales_tax(1, 5) };
    let over = TaxRate { period: Period { from: None, until: Some(NOW) }, ..sales_tax(2, 5) };
    let begun = TaxRate { period: Period { from: Some(NOW), until: None }, ..sales_tax(3, 5) };
    let books = TaxRate { categories: vec![crate::TaxCategoryId(2)], ..sales_tax(4, 5) };
    let euros = TaxCalculator::Flat(Money::new(100, Currency::EUR));
    let euros = samples::tax_rate(5, euros, TaxShown::Added, TaxLevel::Item);
    let sheet = priced(vec![], vec![elsewhere, over, begun, books, euros]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["T3 0.5"]);
}

#[test]
fn without_an_address_nothing_is_taxed() {
    let mut catalog = samples::catalog();
    catalog.put(sales_tax(1, 5).into());
    let mut order = cart();
    order.ship_address = None;
    let total =
        |order: &Order| price(order, &catalog, &Buyer::default(), NOW).expect("within bounds").totals.total;
    assert_eq!(total(&order), Amount(3500));
    order.bill_address = Some(samples::address());
    // Goods only: the catalogue does not know the shipping method's tax category.
    assert_eq!(total(&order), Amount(3650));
}

#[test]
fn the_tax_of_a_shipping_rate_can_be_asked_for() {
    let mut catalog = samples::catalog();
    catalog.put(sales_tax(1, 5).into());
    let method = samples::method(1, crate::catalog::ShippingCalculator::Flat(usd(500)));
    let tax = |method: &crate::catalog::ShippingMethod| {
        tax_on_rate(Amount(500), Currency::USD, method, Some(&samples::address().fields), &catalog, NOW)
    };
    assert_eq!(tax(&method), [(String::from("T1"), Amount(25), false)]);
    assert_eq!(tax(&crate::catalog::ShippingMethod { tax_category: None, ..method.clone() }), []);
}

#[test]
fn free_shipping_and_order_discounts_never_pay_the_buyer() {
    let free = samples::promotion(1, vec![], vec![Action::FreeShipping]);
    let half = Action::AdjustLines(Calculator::Percent(Rate::percent(50)));
    let half = samples::promotion(2, vec![], vec![half]);
    let hundred = Action::AdjustOrder(Calculator::Flat(usd(10_000)));
    let hundred = samples::promotion(3, vec![], vec![hundred]);
    let sheet = priced(vec![free, half, hundred], vec![]);
    assert_eq!(shown(&sheet.shipments[0].adjustments), ["Promotion (P1) -5.0"]);
    assert_eq!(shown(&sheet.order), ["Promotion (P3) -15.0"]);
    assert_eq!(sheet.totals.total, Amount::ZERO);
}

#[test]
fn the_losing_promotion_stays_visible() {
    let ten = samples::promotion(1, vec![], vec![ten_percent_of_lines()]);
    let three = Action::AdjustLines(Calculator::Flat(usd(150)));
    let sheet = priced(vec![ten, samples::promotion(2, vec![], vec![three])], vec![]);
    assert_eq!(shown(&sheet.lines[0].adjustments), ["Promotion (P1) -2.0", "!Promotion (P2) -1.5"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["!Promotion (P1) -1.0", "Promotion (P2) -1.5"]);
    assert_eq!(sheet.totals.promo_total, Amount(-350));
}

#[test]
fn a_distributed_sum_is_split_to_the_unit() {
    let ten = Action::AdjustLines(Calculator::Distributed(usd(1000)));
    let sheet = priced(vec![samples::promotion(1, vec![], vec![ten])], vec![]);
    assert_eq!(shown(&sheet.lines[0].adjustments), ["Promotion (P1) -6.67"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["Promotion (P1) -3.33"]);
}

#[test]
fn groups_are_counted_within_a_line() {
    let pairs = Action::AdjustGroups { size: 2, calculator: Calculator::Flat(usd(100)) };
    let sheet = priced(vec![samples::promotion(1, vec![], vec![pairs])], vec![]);
    assert_eq!(shown(&sheet.lines[0].adjustments), ["Promotion (P1) -2.0"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), Vec::<String>::new());
}

#[test]
fn a_promotion_counts_only_while_its_rules_hold() {
    let above = PromotionRule::ItemTotal { compare: crate::catalog::Compare::AtLeast, amount: usd(3001) };
    let rich = samples::promotion(1, vec![above], vec![ten_percent_of_lines()]);
    let over = Period { from: None, until: Some(NOW) };
    let over = Promotion { period: over, ..samples::promotion(2, vec![], vec![ten_percent_of_lines()]) };
    let used_up =
        Promotion { usage_limit: Some(0), ..samples::promotion(3, vec![], vec![five_off_the_order()]) };
    let sheet = priced(vec![rich, over, used_up], vec![]);
    assert_eq!(sheet.adjustments().count(), 0);
}

#[test]
fn manual_adjustments_and_ids_are_carried_over() {
    let mut catalog = samples::catalog();
    catalog.put(sales_tax(1, 5).into());
    let mut order = cart();
    let manual = |id, amount| Adjustment {
        id: AdjustmentId(id),
        source: AdjustmentSource::Manual,
        label: String::from("Goodwill"),
        amount: Amount(amount),
        eligible: true,
        included: false,
    };
    let buyer = Buyer::default();
    order.sheet = price(&order, &catalog, &buyer, NOW).expect("within bounds");
    order.sheet.lines[0].adjustments[0].id = AdjustmentId(77);
    order.sheet.lines[1].adjustments.push(manual(5, -200));
    order.sheet.order.push(manual(6, -100));
    order.lines[0].quantity = 3;
    let sheet = price(&order, &catalog, &buyer, NOW).expect("within bounds");
    assert_eq!(sheet.lines[0].adjustments[0].id, AdjustmentId(77));
    assert_eq!(shown(&sheet.lines[0].adjustments), ["T1 1.5"]);
    assert_eq!(shown(&sheet.lines[1].adjustments), ["Goodwill -2.0", "T1 0.4"]);
    assert_eq!(shown(&sheet.order), ["Goodwill -1.0"]);
}

#[test]
fn amounts_out_of_bounds_are_refused() {
    let catalog = samples::catalog();
    let of = |lines| price(&order(lines), &catalog, &Buyer::default(), NOW).map(|sheet| sheet.totals.total);
    assert_eq!(of(vec![line(1, 1, 1, Amount::MAX.0)]), Ok(Amount::MAX));
    assert_eq!(of(vec![line(1, 1, 2, Amount::MAX.0)]), Err(TooLarge));
    assert_eq!(of(vec![line(1, 1, u32::MAX, i64::MAX)]), Err(TooLarge));
    assert_eq!(of(vec![line(1, 1, 1, Amount::MAX.0), line(2, 1, 1, 1)]), Err(TooLarge));
    assert_eq!(of((0..=limits::LINES as i64).map(|id| line(id, 1, 1, 1)).collect()), Err(TooLarge));
}

#[test]
fn rates_that_make_no_sense_break_nothing() {
    let of = |ppm, shown| {
        let percent = TaxCalculator::Percent(Rate(ppm));
        shown_taxes(&priced(vec![], vec![samples::tax_rate(1, percent, shown, TaxLevel::Item)]))
    };
    // Minus 100 % inside the price would be a division by zero.
    assert_eq!(of(-1_000_000, TaxShown::Included), [0, 0]);
    assert_eq!(of(i64::MIN, TaxShown::Added), [0, 0]);
    // All but a ten-thousandth of a price can be tax, no more.
    assert_eq!(of(i64::MAX, TaxShown::Included), [2000, 1000]);
    assert_eq!(of(i64::MAX, TaxShown::Added), [20_000_000, 10_000_000]);
}

fn shown_taxes(sheet: &PriceSheet) -> Vec<i64> {
    sheet.lines.iter().flat_map(|line| &line.adjustments).map(|tax| tax.amount.0).collect()
}

#[test]
fn sums_that_would_overflow_are_refused() {
    let mut catalog = samples::catalog();
    for id in 1..=20 {
        let fee = TaxCalculator::Flat(usd(Amount::MAX.0));
        catalog.put(samples::tax_rate(id, fee, TaxShown::Added, TaxLevel::Item).into());
    }
    let mut order = order((1..=limits::LINES as i64).map(|id| line(id, 1, 1, 100)).collect());
    order.ship_address = Some(samples::address());
    assert_eq!(price(&order, &catalog, &Buyer::default(), NOW), Err(TooLarge));
}

/// Applies code `c1` of this promotion to the cart.
fn code(promotion: Promotion, change: impl FnOnce(&mut Order, &mut Buyer)) -> Result<i64, CodeRefusal> {
    let mut catalog = samples::catalog();
    catalog.put(promotion.into());
    let (mut order, mut buyer) = (cart(), Buyer::default());
    change(&mut order, &mut buyer);
    let applied = apply_code(&order, " C1 ", &ChannelKey::new("shop"), &catalog, &buyer, NOW)?;
    assert_eq!(applied.code.as_deref(), Some("c1"));
    Ok(applied.promotion.0)
}

#[test]
fn codes_are_refused_for_the_first_reason_that_fits() {
    let tenoff = || samples::promotion(1, vec![], vec![ten_percent_of_lines()]);
    let same = |_: &mut Order, _: &mut Buyer| ();
    let already = |order: &mut Order, _: &mut Buyer| apply(order, &[1]);
    let used = |_: &mut Order, buyer: &mut Buyer| buyer.all_uses = [(PromotionId(1), 2)].into();
    let code_used = |_: &mut Order, buyer: &mut Buyer| buyer.code_uses = [("c1".into(), 2)].into();
    let period = |from, until| Period { from, until };
    let limited = || Promotion { usage_limit: Some(2), per_code_limit: Some(2), ..tenoff() };
    let logged_in = || Promotion { rules: vec![PromotionRule::LoggedIn], ..tenoff() };
    assert_eq!(code(tenoff(), same), Ok(1));
    assert_eq!(
        code(Promotion { channels: Channels::Only(vec![]), ..tenoff() }, same),
        Err(CodeRefusal::NotFound)
    );
    assert_eq!(code(Promotion { codes: vec!["other".into()], ..tenoff() }, same), Err(CodeRefusal::NotFound));
    assert_eq!(code(Promotion { actions: vec![], ..tenoff() }, same), Err(CodeRefusal::NotFound));
    let over = Promotion { period: period(None, Some(NOW)), ..limited() };
    assert_eq!(code(over, used), Err(CodeRefusal::Expired));
    let later = Promotion { period: period(Some(Time(NOW.0 + 1)), None), ..tenoff() };
    assert_eq!(code(later, same), Err(CodeRefusal::Expired));
    assert_eq!(code(limited(), used), Err(CodeRefusal::MaxUsage));
    assert_eq!(code(limited(), code_used), Err(CodeRefusal::MaxUsage));
    assert_eq!(code(Promotion { usage_limit: Some(3), ..tenoff() }, used), Ok(1));
    assert_eq!(code(logged_in(), already), Err(CodeRefusal::AlreadyApplied));
    assert_eq!(code(logged_in(), same), Err(CodeRefusal::Rule(RuleFailure::NoUser)));
    let nothing = samples::promotion(1, vec![], vec![Action::AdjustLines(Calculator::Flat(usd(0)))]);
    assert_eq!(code(nothing, same), Err(CodeRefusal::NoEffect));
    let blank =
        apply_code(&cart(), "  ", &ChannelKey::new("shop"), &samples::catalog(), &Buyer::default(), NOW);
    assert_eq!(blank, Err(CodeRefusal::Blank));
}

#[test]
fn free_shipping_may_be_applied_before_there_are_shipments() {
    let free = samples::promotion(1, vec![], vec![Action::FreeShipping]);
    assert_eq!(code(free.clone(), |order, _| order.shipments.clear()), Ok(1));
    let and_nothing = Action::AdjustOrder(Calculator::Flat(usd(0)));
    let mixed = samples::promotion(1, vec![], vec![Action::FreeShipping, and_nothing]);
    assert_eq!(code(mixed, |order, _| order.shipments.clear()), Err(CodeRefusal::NoEffect));
}

#[test]
fn a_limit_counts_the_uses_of_other_orders() {
    let once =
        Promotion { usage_limit: Some(1), ..samples::promotion(1, vec![], vec![ten_percent_of_lines()]) };
    let mut buyer = Buyer::default();
    assert!(usage_left(&once, None, &buyer));
    buyer.all_uses.insert(PromotionId(1), 1);
    assert!(!usage_left(&once, None, &buyer));
}

#[test]
fn automatic_promotions_are_those_without_a_code_that_fit_now() {
    let mut catalog = samples::catalog();
    let automatic = |id, rules| Promotion {
        automatic: true,
        codes: vec![],
        ..samples::promotion(id, rules, vec![five_off_the_order()])
    };
    let mut elsewhere = automatic(3, vec![]);
    elsewhere.channels = Channels::Only(vec![ChannelKey::new("pos")]);
    let with_code =
        Promotion { automatic: true, ..samples::promotion(4, vec![], vec![five_off_the_order()]) };
    let used = Promotion { usage_limit: Some(0), ..automatic(5, vec![]) };
    let exclusive = Promotion { stacking: Stacking::Exclusive, ..automatic(6, vec![]) };
    for promotion in [
        automatic(1, vec![]),
        automatic(2, vec![PromotionRule::LoggedIn]),
        elsewhere,
        with_code,
        used,
        exclusive,
    ] {
        catalog.put(promotion.into());
    }
    let found = automatic_promotions(&cart(), &catalog, &Buyer::default(), NOW, &ChannelKey::new("shop"));
    assert_eq!(found, [PromotionId(1), PromotionId(6)]);
}
