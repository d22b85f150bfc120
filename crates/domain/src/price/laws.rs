//! What holds for every order and every catalogue, tried on random ones.

use super::samples::{self, line, shipment};
use super::*;
use crate::catalog::{
    Compare, Matching, PriceOption, Promotion, PromotionActionKind as Action,
    PromotionCalculator as Calculator, PromotionRule, Stacking, TaxCalculator, TaxLevel, TaxRate, TaxShown,
    Tier, Tiers,
};
use crate::money::{Currency, Money, Rate};
use crate::{Period, ProductId, TaxonId};
use proptest::prelude::*;
use std::sync::atomic::{AtomicI64, Ordering};

const NOW: Time = Time(1_000);

#[derive(Debug, Default)]
struct Counter(AtomicI64);

impl Ids for Counter {
    fn take(&self, _: IdKind, count: u32) -> i64 {
        self.0.fetch_add(i64::from(count), Ordering::Relaxed) + 1
    }
}

/// Every code of ISO 4217.
fn currencies() -> Vec<Currency> {
    let letters = || 'A'..='Z';
    let codes =
        letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
    codes.filter_map(|code| Currency::from_code(&code)).collect()
}

/// Numbers that break arithmetic, and some that get past the first check.
fn hostile() -> impl Strategy<Value = i64> {
    let max = Amount::MAX.0;
    prop_oneof![4 => 0i64..200_000, 2 => -max..=max, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX), 1 => -3i64..3]
}

fn currency() -> impl Strategy<Value = Currency> {
    proptest::sample::select(currencies())
}

fn rate() -> impl Strategy<Value = Rate> {
    prop_oneof![(0i64..=1_000_000).prop_map(Rate), Just(Rate::WHOLE), (0i64..=30).prop_map(Rate::percent)]
}

fn calculator(currency: Currency) -> impl Strategy<Value = Calculator> {
    let money = move || (0i64..30_000).prop_map(move |minor| Money::new(minor, currency));
    prop_oneof![
        money().prop_map(Calculator::Flat),
        rate().prop_map(Calculator::Percent),
        (money(), money(), 0u32..5).prop_map(|(first, additional, max_items)| Calculator::Flexible {
            first,
            additional,
            max_items
        }),
        (rate(), prop::collection::vec((money(), rate()), 0..3))
            .prop_map(|(base, tiers)| Calculator::TieredPercent { base, tiers }),
        (money(), prop::collection::vec((money(), money()), 0..3))
            .prop_map(|(base, tiers)| Calculator::TieredFlat { base, tiers }),
        money().prop_map(Calculator::Distributed),
    ]
}

fn action(currency: Currency) -> impl Strategy<Value = Action> {
    prop_oneof![
        calculator(currency).prop_map(Action::AdjustOrder),
        calculator(currency).prop_map(Action::AdjustLines),
        (0u32..4, calculator(currency))
            .prop_map(|(size, calculator)| Action::AdjustGroups { size, calculator }),
        Just(Action::FreeShipping),
    ]
}

fn rule(currency: Currency) -> impl Strategy<Value = PromotionRule> {
    let matching = proptest::sample::select(vec![Matching::Any, Matching::All, Matching::None]);
    prop_oneof![
        (0i64..50_000).prop_map(move |minor| PromotionRule::ItemTotal {
            compare: Compare::AtLeast,
            amount: Money::new(minor, currency)
        }),
        (1i64..4, matching)
            .prop_map(|(id, matching)| PromotionRule::Products { products: vec![ProductId(id)], matching }),
        (11i64..14)
            .prop_map(|id| PromotionRule::Taxons { taxons: vec![TaxonId(id)], matching: Matching::Any }),
        (0u32..20).prop_map(PromotionRule::MinimumQuantity),
    ]
}

fn promotions(currency: Currency) -> impl Strategy<Value = Vec<Promotion>> {
    use Stacking::{BestPerItem, Exclusive, LaneDefault, LanePost, LanePre};
    let stackings = vec![BestPerItem, BestPerItem, LanePre, LaneDefault, LanePost, Exclusive];
    let parts = (
        prop::collection::vec(rule(currency), 0..2),
        prop::collection::vec(action(currency), 1..3),
        proptest::sample::select(stackings),
        any::<bool>(),
    );
    prop::collection::vec(parts, 0..7).prop_map(|all| {
        let numbered = (1..).zip(all).map(|(id, (rules, actions, stacking, before_tax))| Promotion {
            stacking,
            before_tax,
            ..samples::promotion(id, rules, actions)
        });
        numbered.collect()
    })
}

fn tax_rates(currency: Currency) -> impl Strategy<Value = Vec<TaxRate>> {
    let calculator = prop_oneof![
        4 => (0i64..300_000).prop_map(|ppm| TaxCalculator::Percent(Rate(ppm))),
        1 => (0i64..500).prop_map(move |minor| TaxCalculator::Flat(Money::new(minor, currency))),
    ];
    let shown = proptest::sample::select(vec![TaxShown::Included, TaxShown::Added]);
    let level = proptest::sample::select(vec![TaxLevel::Item, TaxLevel::Order]);
    prop::collection::vec((calculator, shown, level), 0..4).prop_map(|all| {
        let numbered = (1..).zip(all);
        numbered
            .map(|(id, (calculator, shown, level))| samples::tax_rate(id, calculator, shown, level))
            .collect()
    })
}

/// A catalogue and a cart in it with every promotion applied. Product 2 has graduated tiers.
fn shop() -> impl Strategy<Value = (Catalog, Order)> {
    currency().prop_flat_map(|currency| {
        let lines = prop::collection::vec((1i64..4, 1u32..30, 0i64..20_000), 0..8);
        let costs = prop::collection::vec(0i64..3_000, 0..3);
        let tiers = prop::collection::vec(0i64..2_000, 1..4);
        (lines, costs, tiers, promotions(currency), tax_rates(currency)).prop_map(
            move |(lines, costs, tiers, promotions, taxes)| {
                let mut catalog = samples::catalog();
                let mut graduated = samples::product(2, &[13]);
                let last = tiers.len();
                let tier = |(n, price): (usize, i64)| Tier {
                    up_to: (n < last).then_some(n as u32 * 5),
                    price: Amount(price),
                };
                let tiers = Tiers::Graduated((1..).zip(tiers).map(tier).collect());
                graduated.master.prices =
                    vec![PriceOption { tiers, ..PriceOption::plain(Money::new(1_000, currency)) }];
                catalog.put(graduated.into());
                catalog.put(samples::method(1, crate::catalog::ShippingCalculator::Percent(Rate(0))).into());
                taxes.into_iter().for_each(|rate| catalog.put(rate.into()));
                let applied: Vec<i64> = promotions.iter().map(|promotion| promotion.id.0).collect();
                promotions.into_iter().for_each(|promotion| catalog.put(promotion.into()));
                let lines = (1..).zip(lines).map(|(id, (variant, n, price))| line(id, variant, n, price));
                let mut order = samples::order(lines.collect());
                order.currency = currency;
                order.shipments = (1..).zip(costs).map(|(id, cost)| shipment(id, cost)).collect();
                order.ship_address = Some(samples::address());
                samples::apply(&mut order, &applied);
                (catalog, order)
            },
        )
    })
}

fn priced(order: &Order, catalog: &Catalog) -> PriceSheet {
    price(order, catalog, &Buyer::default(), NOW).expect("amounts of this size are within bounds")
}

#[test]
fn all_currencies_are_tried() {
    assert!(currencies().len() > 150);
    assert!(currencies().contains(&Currency::CLF));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn totals_are_the_sum_of_their_parts_as_shown((catalog, order) in shop()) {
        let sheet = priced(&order, &catalog);
        // Through the text a client sees, so that nothing hides below the last decimal.
        let shown = |amount: Amount| Amount::parse(&amount.decimal(order.currency), order.currency).unwrap_or_default().0;
        let mut total = 0;
        for (line, on_order) in sheet.lines.iter().zip(&order.lines) {
            prop_assert_eq!(shown(line.amount), on_order.price.0 * i64::from(on_order.quantity));
            total += shown(line.amount);
        }
        let goods = total;
        total += sheet.shipments.iter().map(|shipment| shown(shipment.amount)).sum::<i64>();
        let counted = |a: &&Adjustment| a.eligible && !a.included;
        let adjustments: i64 = sheet.adjustments().filter(counted).map(|a| shown(a.amount)).sum();
        prop_assert_eq!(shown(sheet.totals.item_total), goods);
        prop_assert_eq!(shown(sheet.totals.adjustment_total), adjustments);
        prop_assert_eq!(shown(sheet.totals.total), total + adjustments);
        let on_lines: Amount = sheet.lines.iter().map(LineSheet::total).sum();
        let on_shipments: Amount = sheet.shipments.iter().map(ShipmentSheet::total).sum();
        let on_order: Amount = sheet.order.iter().filter(counted).map(|a| a.amount).sum();
        prop_assert_eq!(sheet.totals.total, on_lines + on_shipments + on_order);
        let promotions: Amount = sheet.adjustments().filter(|a| a.eligible && a.source.is_promotion()).map(|a| a.amount).sum();
        prop_assert_eq!(sheet.totals.promo_total, promotions);
    }

    #[test]
    fn every_adjustment_is_what_its_working_comes_to((catalog, mut order) in shop(), placed in any::<bool>()) {
        let (mut sheet, notes) = worked(&order, &catalog, &Buyer::default(), NOW).unwrap();
        prop_assert_eq!(&sheet, &priced(&order, &catalog));
        prop_assert_eq!(notes.len(), sheet.adjustments().count());
        for (place, adjustment) in crate::explain::places(&sheet) {
            let mut own = notes.iter().filter(|note| note.place == place && note.source == adjustment.source);
            let note = own.next();
            prop_assert_eq!(note.map(|note| note.reason.amount()), Some(adjustment.amount), "{:?}", note);
            prop_assert!(own.next().is_none());
        }
        // An order as it is kept is explained to the last unit, also after it was placed.
        assign_ids(&mut sheet, &Counter::default());
        order.sheet = sheet;
        order.updated_at = NOW;
        order.completed_at = placed.then_some(NOW);
        let explained = crate::explain::explain(&order, &catalog, &Buyer::default(), NOW).unwrap();
        prop_assert_eq!(explained.total_now, order.total());
        prop_assert_eq!(explained.adjustments.len(), order.sheet.adjustments().count());
        for explained in &explained.adjustments {
            use crate::explain::Because;
            let (Because::Current(reason) | Because::Frozen(reason)) = &explained.because else {
                return Err(TestCaseError::fail(format!("{explained:?}")));
            };
            prop_assert_eq!(reason.amount(), explained.adjustment.amount);
            let text = crate::explain::words::of_adjustment(explained, &catalog, order.currency);
            let amount = Money { amount: Amount(explained.adjustment.amount.0.abs()), currency: order.currency };
            let figure = amount.to_string();
            prop_assert!(text.contains(figure.split(' ').next().unwrap_or_default()), "{} in {}", figure, text);
        }
    }

    #[test]
    fn nothing_costs_less_than_nothing((catalog, order) in shop()) {
        let sheet = priced(&order, &catalog);
        prop_assert!(sheet.totals.total >= Amount::ZERO);
        prop_assert!(sheet.total_before_tax() >= Amount::ZERO);
        prop_assert!(sheet.totals.promo_total <= Amount::ZERO);
        for line in &sheet.lines {
            prop_assert!(line.total_before_tax() >= Amount::ZERO);
            prop_assert!(line.total_before_tax() + line.order_share >= Amount::ZERO);
        }
        for shipment in &sheet.shipments {
            prop_assert!(shipment.total_before_tax() >= Amount::ZERO);
        }
        for promotion in sheet.adjustments().filter(|a| a.source.is_promotion()) {
            prop_assert!(promotion.amount < Amount::ZERO);
        }
    }

    #[test]
    fn pricing_what_is_priced_changes_nothing((catalog, mut order) in shop()) {
        let mut sheet = priced(&order, &catalog);
        assign_ids(&mut sheet, &Counter::default());
        prop_assert!(sheet.adjustments().all(|a| a.id != AdjustmentId(0)));
        order.sheet = sheet.clone();
        prop_assert_eq!(priced(&order, &catalog), sheet);
    }

    #[test]
    fn order_of_lines_and_of_promotions_does_not_matter((catalog, order) in shop(), seed in any::<u64>()) {
        let mut shuffled = order.clone();
        let key = |n: i64| (n as u64).wrapping_mul(seed | 1).rotate_left(17);
        shuffled.lines.sort_by_key(|line| key(line.id.0));
        shuffled.promotions.sort_by_key(|applied| key(applied.promotion.0));
        shuffled.promotions.extend(order.promotions.first().cloned());
        let mut sheet = priced(&shuffled, &catalog);
        sheet.lines.sort_by_key(|line| line.line);
        prop_assert_eq!(sheet, priced(&order, &catalog));
    }

    #[test]
    fn order_discounts_are_shared_exactly((catalog, order) in shop()) {
        let sheet = priced(&order, &catalog);
        let discount: Amount = sheet.order.iter().filter(|a| a.eligible && a.source.is_promotion()).map(|a| a.amount).sum();
        let goods: Amount = sheet.lines.iter().map(LineSheet::total_before_tax).sum();
        let shares: Amount = sheet.lines.iter().map(|line| line.order_share).sum();
        prop_assert_eq!(shares, discount.max(-goods));
    }

    #[test]
    fn each_tax_is_within_half_a_unit_of_exact((catalog, order) in shop()) {
        let mut catalog = catalog;
        // Order discounts after tax, so that a line alone shows its tax base.
        for promotion in catalog.promotions.clone().values() {
            catalog.put(Promotion { before_tax: false, ..(**promotion).clone() }.into());
        }
        let sheet = priced(&order, &catalog);
        let whole = i128::from(Rate::WHOLE.0);
        let percent = |rate: &TaxRate| match rate.calculator {
            TaxCalculator::Percent(rate) => i128::from(rate.0),
            TaxCalculator::Flat(_) => 0,
        };
        let included: i128 = catalog.tax_rates.values().filter(|r| r.shown == TaxShown::Included).map(|r| percent(r)).sum();
        let items = sheet.lines.iter().map(|l| (l.total_before_tax(), &l.adjustments));
        let items = items.chain(sheet.shipments.iter().map(|s| (s.total_before_tax(), &s.adjustments)));
        for (base, adjustments) in items {
            for tax in adjustments {
                let AdjustmentSource::Tax(id) = tax.source else { continue };
                let rate = &catalog.tax_rates[&id];
                if let TaxCalculator::Percent(_) = rate.calculator {
                    let divisor = if tax.included { whole + included } else { whole };
                    let error = i128::from(tax.amount.0) * divisor - i128::from(base.0) * percent(rate);
                    prop_assert!(2 * error.abs() <= divisor, "{tax:?} of {base:?}");
                }
            }
        }
        let rates = catalog.tax_rates.values().filter(|rate| rate.level == TaxLevel::Item).count();
        for line in &sheet.lines {
            prop_assert_eq!(line.adjustments.iter().filter(|a| a.source.is_tax()).count(), rates);
        }
    }

    #[test]
    fn a_placed_order_keeps_its_promotions((catalog, mut order) in shop(), smaller in 1u32..4) {
        let mut before = priced(&order, &catalog);
        assign_ids(&mut before, &Counter::default());
        order.sheet = before.clone();
        order.completed_at = Some(NOW);
        // Promotions that end afterwards change nothing …
        let mut later = catalog.clone();
        for promotion in catalog.promotions.values() {
            later.put(Promotion { period: Period { from: None, until: Some(NOW) }, ..(**promotion).clone() }.into());
        }
        prop_assert_eq!(priced(&order, &later), before);
        // … and a line that shrinks keeps what still fits.
        for line in &mut order.lines {
            line.quantity = line.quantity.min(smaller);
        }
        let after = priced(&order, &later);
        prop_assert!(after.total_before_tax() >= Amount::ZERO);
        prop_assert!(after.lines.iter().all(|line| line.total_before_tax() >= Amount::ZERO));
        order.sheet = after.clone();
        prop_assert_eq!(priced(&order, &later), after);
    }

    #[test]
    fn no_input_panics(
        lines in prop::collection::vec((1i64..4, prop_oneof![1u32..4, any::<u32>()], hostile()), 0..6),
        cost in hostile(),
        numbers in prop::collection::vec(hostile(), 12),
        manual in hostile(),
    ) {
        let money = |n: usize| Money::new(numbers[n], Currency::USD);
        let (base, tiers) = (money(0), vec![(money(1), money(2))]);
        let calculators = [
            Calculator::Flat(money(3)),
            Calculator::Percent(Rate(numbers[4])),
            Calculator::Flexible { first: money(5), additional: money(6), max_items: 0 },
            Calculator::TieredFlat { base, tiers },
            Calculator::Distributed(money(7)),
        ];
        let mut catalog = samples::catalog();
        let mut actions: Vec<Action> = calculators.iter().cloned().map(Action::AdjustLines).collect();
        actions.extend(calculators.iter().cloned().map(Action::AdjustOrder));
        actions.extend(calculators.into_iter().map(|calculator| Action::AdjustGroups { size: 2, calculator }));
        catalog.put(samples::promotion(1, vec![], actions).into());
        for (id, shown) in [(1, TaxShown::Included), (2, TaxShown::Included), (3, TaxShown::Added)] {
            let percent = TaxCalculator::Percent(Rate(numbers[7 + id]));
            catalog.put(samples::tax_rate(id as i64, percent, shown, TaxLevel::Item).into());
            catalog.put(samples::tax_rate(id as i64 + 3, percent, shown, TaxLevel::Order).into());
        }
        catalog.put(samples::tax_rate(9, TaxCalculator::Flat(money(11)), TaxShown::Added, TaxLevel::Item).into());
        let mut product = samples::product(2, &[]);
        let tiers = vec![Tier { up_to: Some(3), price: Amount(numbers[8]) }, Tier { up_to: Some(1), price: Amount(numbers[9]) }];
        product.master.prices = vec![PriceOption { tiers: Tiers::Graduated(tiers), ..PriceOption::plain(money(10)) }];
        catalog.put(product.into());
        let lines = (1..).zip(lines).map(|(id, (variant, n, price))| line(id, variant, n, price));
        let mut order = samples::order(lines.collect());
        order.shipments = vec![shipment(1, cost)];
        order.ship_address = Some(samples::address());
        samples::apply(&mut order, &[1]);
        order.sheet.order = vec![Adjustment {
            id: AdjustmentId(1), source: AdjustmentSource::Manual, label: String::new(), amount: Amount(manual), eligible: true, included: false,
        }];
        for completed_at in [None, Some(NOW)] {
            order.completed_at = completed_at;
            if let Ok(sheet) = price(&order, &catalog, &Buyer::default(), NOW) {
                prop_assert!(sheet.totals.total.bounded().is_ok());
                prop_assert_eq!(sheet.sum(), sheet.totals);
            }
        }
    }
}
