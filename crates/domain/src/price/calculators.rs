//! What a promotion takes off: the arithmetic of each calculator. Shipping has calculators of its own.
//!
//! A calculator answers how a discount is worked out; the sum itself is made by the formula. Every result is zero
//! or more; capping is left to `stacking`. A share is rounded half up to the minor unit and never above the whole.
//! Money in another currency than the order's takes off nothing.

use super::working::{Choice, Formula, Working};
use crate::catalog::PromotionCalculator;
use crate::money::{Amount, Currency, Money, Rate};

/// What a calculator looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Basis {
    /// Of the line, or the goods of the order; less what was taken off before.
    pub amount: Amount,
    pub quantity: u64,
    /// The order's goods before discounts: chooses the tier of a tiered percentage.
    pub goods_total: Amount,
    pub currency: Currency,
}

/// The discount on one line or one order. `Distributed` is the whole sum here; `distribute` splits it.
pub(super) fn discount(calculator: &PromotionCalculator, basis: Basis) -> Working {
    let minor = |money: Money| money.amount_in(basis.currency).unwrap_or_default();
    let given = |money: Money| Formula::Given(minor(money).max(Amount::ZERO));
    match calculator {
        PromotionCalculator::Flat(money) | PromotionCalculator::Distributed(money) => {
            Working::only(given(*money))
        }
        PromotionCalculator::Percent(rate) | PromotionCalculator::DistributedPercent(rate) => {
            Working::only(share(*rate, basis.amount))
        }
        PromotionCalculator::Flexible { first, additional, max_items } => {
            let cap = if *max_items == 0 { u64::MAX } else { u64::from(*max_items) };
            let pieces = basis.quantity.min(cap);
            Working::only(Formula::FirstAndMore {
                first: minor(*first),
                firsts: pieces.min(1),
                additional: minor(*additional),
                others: pieces.saturating_sub(1),
            })
        }
        PromotionCalculator::TieredPercent { base, tiers } => {
            let tier = reached(tiers, basis.goods_total, basis.currency);
            let choice = Choice::Tier { from: tier.map(|(from, _)| from), by: basis.goods_total };
            Working { formula: share(tier.map_or(*base, |(_, rate)| rate), basis.amount), choice }
        }
        PromotionCalculator::TieredFlat { base, tiers } => {
            let tier = reached(tiers, basis.amount, basis.currency);
            let choice = Choice::Tier { from: tier.map(|(from, _)| from), by: basis.amount };
            Working { formula: given(tier.map_or(*base, |(_, money)| money)), choice }
        }
    }
}

/// The discount on `pieces` of a line's pieces, each of them as if it were a line of one. Shares are taken of
/// all of them together, so they round once.
pub(super) fn discount_of_pieces(calculator: &PromotionCalculator, line: Basis, pieces: u64) -> Working {
    if line.quantity == 0 || pieces == 0 {
        return Working::nothing();
    }
    let worth =
        |count: u64| saturated(i128::from(line.amount.0) * i128::from(count) / i128::from(line.quantity));
    match calculator {
        PromotionCalculator::Percent(_)
        | PromotionCalculator::DistributedPercent(_)
        | PromotionCalculator::TieredPercent { .. } => {
            discount(calculator, Basis { amount: worth(pieces), quantity: pieces, ..line })
        }
        _ => {
            let one = discount(calculator, Basis { amount: worth(1), quantity: 1, ..line });
            Working { formula: Formula::Pieces { each: one.discount(), pieces }, choice: one.choice }
        }
    }
}

/// Splits a sum in proportion to `weights`, whole units, exact in sum. From the last weight backwards each part
/// is rounded down and what that leaves stays with the earlier ones. Nothing is split over no weight.
pub(super) fn distribute(total: Amount, weights: &[Amount]) -> Vec<Formula> {
    let mut left = total.max(Amount::ZERO);
    let mut weight_left: i128 = weights.iter().map(|weight| i128::from(weight.0.max(0))).sum();
    let mut parts = vec![Formula::Given(Amount::ZERO); weights.len()];
    for (part, weight) in parts.iter_mut().zip(weights).rev() {
        if weight.is_positive() {
            *part = Formula::Portion { sum: left, weight: *weight, weights: weight_left };
            left = left - part.amount();
            weight_left -= i128::from(weight.0);
        }
    }
    parts
}

fn share(rate: Rate, amount: Amount) -> Formula {
    Formula::Share { rate: Rate(rate.0.clamp(0, Rate::WHOLE.0)), base: amount.max(Amount::ZERO) }
}

/// The highest tier whose threshold `amount` reaches: threshold and value.
fn reached<T: Copy>(tiers: &[(Money, T)], amount: Amount, currency: Currency) -> Option<(Amount, T)> {
    let thresholds = tiers.iter().filter_map(|(from, value)| Some((from.amount_in(currency)?, *value)));
    thresholds.filter(|(from, _)| *from <= amount).max_by_key(|(from, _)| *from)
}

fn saturated(wide: i128) -> Amount {
    Amount(i64::try_from(wide.max(0)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PromotionCalculator::{Distributed, Flat, Flexible, Percent, TieredFlat, TieredPercent};

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn basis(amount: i64, quantity: u64, goods_total: i64) -> Basis {
        Basis { amount: Amount(amount), quantity, goods_total: Amount(goods_total), currency: Currency::USD }
    }

    fn check(calculator: &PromotionCalculator, (amount, quantity, goods): (i64, u64, i64), expected: i64) {
        let found = discount(calculator, basis(amount, quantity, goods)).discount();
        assert_eq!(found, Amount(expected), "{calculator:?} of {amount} × {quantity} in {goods}");
    }

    #[test]
    fn flat_and_percent() {
        check(&Flat(usd(500)), (1999, 1, 1999), 500);
        check(&Flat(Money::new(500, Currency::EUR)), (1999, 1, 1999), 0);
        check(&Flat(usd(-500)), (1999, 1, 1999), 0);
        check(&Percent(Rate::percent(10)), (1995, 1, 0), 200);
        check(&Percent(Rate::percent(10)), (1994, 1, 0), 199);
        check(&Percent(Rate::percent(300)), (1000, 1, 0), 1000);
        check(&Percent(Rate::percent(-10)), (1000, 1, 0), 0);
        check(&Percent(Rate(i64::MAX)), (i64::MAX, 1, 0), i64::MAX);
    }

    #[test]
    fn flexible_counts_up_to_its_maximum() {
        let flexible = |max_items| Flexible { first: usd(300), additional: usd(100), max_items };
        check(&flexible(0), (0, 1, 0), 300);
        check(&flexible(0), (0, 5, 0), 700);
        check(&flexible(3), (0, 5, 0), 500);
        check(&flexible(3), (0, 2, 0), 400);
        check(&flexible(0), (0, 0, 0), 0);
    }

    #[test]
    fn tiered_percent_looks_at_the_order_and_tiered_flat_at_the_thing() {
        let tiers = vec![(usd(5000), Rate::percent(10)), (usd(10000), Rate::percent(20))];
        let percent = TieredPercent { base: Rate::percent(5), tiers };
        check(&percent, (1000, 1, 4999), 50);
        check(&percent, (1000, 1, 5000), 100);
        check(&percent, (1000, 1, 10000), 200);
        let flat = TieredFlat { base: usd(0), tiers: vec![(usd(9000), usd(900)), (usd(5000), usd(400))] };
        check(&flat, (4999, 1, 20000), 0);
        check(&flat, (5000, 1, 0), 400);
        check(&flat, (9000, 1, 0), 900);
    }

    #[test]
    fn groups_count_only_pieces_in_full_groups() {
        let of = |calculator: &PromotionCalculator, pieces| {
            discount_of_pieces(calculator, basis(2500, 5, 2500), pieces).discount()
        };
        assert_eq!(of(&Flat(usd(100)), 4), Amount(400));
        assert_eq!(of(&Percent(Rate::percent(15)), 4), Amount(300));
        assert_eq!(of(&TieredFlat { base: usd(7), tiers: vec![(usd(501), usd(99))] }, 4), Amount(28));
        assert_eq!(of(&Flat(usd(100)), 0), Amount::ZERO);
    }

    #[test]
    fn distribution_leaves_the_rest_to_earlier_lines() {
        let check = |total, weights: &[i64], expected: &[i64]| {
            let weights: Vec<Amount> = weights.iter().copied().map(Amount).collect();
            let parts: Vec<i64> =
                distribute(Amount(total), &weights).iter().map(|part| part.amount().0).collect();
            assert_eq!(parts, expected);
        };
        check(100, &[1, 1, 1], &[34, 33, 33]);
        check(101, &[1, 1, 1], &[34, 34, 33]);
        check(1000, &[1000, 2000], &[334, 666]);
        check(1000, &[0, 500, 0], &[0, 1000, 0]);
        check(1000, &[0, 0], &[0, 0]);
        check(1000, &[], &[]);
        check(i64::MAX, &[i64::MAX, i64::MAX], &[i64::MAX / 2 + 1, i64::MAX / 2]);
        assert_eq!(discount(&Distributed(usd(1000)), basis(1, 1, 1)).discount(), Amount(1000));
    }
}
