//! Unit prices and tiers: what pieces cost before anything is taken off.
//!
//! A volume tier is simply the price of the line. A graduated tier is not one unit price, so its line keeps the
//! first tier's price, and the rest is an adjustment: `price × quantity` holds everywhere.

use super::working::{Reason, volume};
use crate::catalog::{Catalog, PriceOption, Tiers};
use crate::money::{Amount, Currency, TooLarge};
use crate::order::{Line, Order};

/// What one piece costs when `quantity` are bought; with graduated tiers, in the first tier. Beyond the last
/// volume tier its price goes on.
pub fn unit_price(option: &PriceOption, quantity: u32) -> Amount {
    match &option.tiers {
        Tiers::None | Tiers::Graduated(_) => option.price.amount,
        Tiers::Volume(tiers) => tiers
            .iter()
            .find(|tier| tier.up_to.is_none_or(|end| quantity <= end))
            .or(tiers.last())
            .map_or(option.price.amount, |tier| tier.price),
    }
}

/// What graduated tiers add to `price × quantity` (below zero: take off). It is measured from the option's
/// price, so a line that keeps an older price keeps the same difference; never more than the line is worth.
pub(super) fn volume_difference(line: &Line, amount: Amount, catalog: &Catalog, currency: Currency) -> i128 {
    let option = option_of(line, catalog, currency);
    option.map_or(0, |option| volume(option.price.amount, &slices(option, line.quantity), amount))
}

/// The same in its parts, for whoever asks why.
pub(super) fn volume_reason(line: &Line, worth: Amount, catalog: &Catalog, currency: Currency) -> Reason {
    let option = option_of(line, catalog, currency);
    let unit = option.map_or(Amount::ZERO, |option| option.price.amount);
    let slices = option.map(|option| slices(option, line.quantity)).unwrap_or_default();
    Reason::Volume { unit, slices, worth }
}

fn option_of<'a>(line: &Line, catalog: &'a Catalog, currency: Currency) -> Option<&'a PriceOption> {
    catalog.variant(line.variant).and_then(|(_, variant)| variant.price_option(&line.option, currency))
}

/// Pieces in each graduated tier, and what one costs there; empty without such tiers.
fn slices(option: &PriceOption, quantity: u32) -> Vec<(u32, Amount)> {
    let Tiers::Graduated(tiers) = &option.tiers else { return Vec::new() };
    let mut done = 0;
    let mut slices = Vec::new();
    for (position, tier) in tiers.iter().enumerate() {
        let is_last = position + 1 == tiers.len();
        let end = if is_last { quantity } else { tier.up_to.unwrap_or(quantity).min(quantity) };
        let pieces = end.saturating_sub(done);
        if pieces > 0 {
            slices.push((pieces, tier.price));
        }
        done = done.max(end);
    }
    slices
}

/// The goods of an order before discounts, graduated prices taken into account; of a top-up, the credit.
pub(super) fn goods_total(order: &Order, catalog: &Catalog) -> i128 {
    let lines = order.lines.iter().filter_map(|line| {
        let amount = line.price.times(line.quantity).ok()?;
        Some(i128::from(amount.0) + volume_difference(line, amount, catalog, order.currency))
    });
    lines.sum::<i128>() + i128::from(super::bought(order).0)
}

/// Back to an amount, within bounds.
pub(super) fn narrow(wide: i128) -> Result<Amount, TooLarge> {
    i64::try_from(wide).map_err(|_| TooLarge).and_then(|minor| Amount(minor).bounded())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Tier;
    use crate::money::Money;

    fn tiers() -> Vec<Tier> {
        let tier = |up_to, price| Tier { up_to, price: Amount(price) };
        vec![tier(Some(4), 500), tier(Some(9), 450), tier(None, 400)]
    }

    fn option(tiers: Tiers) -> PriceOption {
        PriceOption { tiers, ..PriceOption::plain(Money::new(500, Currency::USD)) }
    }

    #[test]
    fn a_volume_tier_prices_every_piece() {
        let option = option(Tiers::Volume(tiers()));
        for (quantity, expected) in [(1, 500), (4, 500), (5, 450), (9, 450), (10, 400), (u32::MAX, 400)] {
            assert_eq!(unit_price(&option, quantity), Amount(expected), "{quantity}");
        }
    }

    #[test]
    fn the_last_volume_tier_goes_on_even_if_it_has_an_end() {
        let option = option(Tiers::Volume(vec![Tier { up_to: Some(3), price: Amount(90) }]));
        assert_eq!(unit_price(&option, 7), Amount(90));
        assert_eq!(unit_price(&self::option(Tiers::Volume(vec![])), 7), Amount(500));
    }

    #[test]
    fn graduated_slices_have_their_own_prices() {
        let option = option(Tiers::Graduated(tiers()));
        // 10 pieces: 4 × 5.00 + 5 × 4.50 + 1 × 4.00 = 46.50, that is 3.50 less than 10 × 5.00.
        for (quantity, expected) in [(1, 0), (4, 0), (5, -50), (9, -250), (10, -350), (12, -550)] {
            assert_eq!(unit_price(&option, quantity), Amount(500));
            let difference = volume(Amount(500), &slices(&option, quantity), Amount(500_000));
            assert_eq!(difference, expected, "{quantity}");
        }
    }
}
