//! Money in integer minor units, and the arithmetic that is allowed on it.
//!
//! An `Amount` is minor units of the currency of whatever holds it (an order, a price); a `Money` carries its
//! currency. Two currencies can never be added: there is no operation for it. Rounding happens in two places
//! only, `Rate::of` and `allocate`, both here. There are no floats.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

pub use iso_currency::Currency;

/// Number of decimal places of a currency by ISO 4217; codes without a minor unit (gold, test codes) count as 0.
pub fn exponent(currency: Currency) -> u32 {
    u32::from(currency.exponent().unwrap_or(0))
}

/// Minor units of the currency of the thing that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Amount(pub i64);

/// A result outside `Amount::MAX`: refused, never wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large")]
pub struct TooLarge;

impl Amount {
    pub const ZERO: Amount = Amount(0);
    /// The largest amount of any line or total. Ninety thousand of these still add up within an `i64`, and an
    /// order has at most `limits::LINES` lines, so sums of checked amounts cannot overflow. Should a sum be made of
    /// unchecked ones, it saturates: wrong enough for `bounded` to refuse it, and never of the wrong sign.
    pub const MAX: Amount = Amount(100_000_000_000_000);

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// This many pieces at this amount each.
    pub fn times(self, count: u32) -> Result<Amount, TooLarge> {
        self.0.checked_mul(i64::from(count)).map(Amount).ok_or(TooLarge)?.bounded()
    }

    /// Refuses an amount outside ±`Amount::MAX`.
    pub fn bounded(self) -> Result<Amount, TooLarge> {
        if self.0.unsigned_abs() <= Amount::MAX.0.unsigned_abs() { Ok(self) } else { Err(TooLarge) }
    }

    /// The plain decimal text: at least one fractional digit, no zero padding (`"10.0"`, `"19.99"`, `"-5.0"`).
    pub fn decimal(self, currency: Currency) -> String {
        let exponent = exponent(currency) as usize;
        let digits = format!("{:0width$}", self.0.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
    }

    /// Reads a plain decimal (`-1234.5`), rounding half away from zero to the currency's exponent.
    /// Exponents, grouping, `NaN` and non-ASCII digits are not numbers here.
    pub fn parse(text: &str, currency: Currency) -> Option<Amount> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent(currency) as usize;
        let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(exponent).collect();
        let minor: i64 = format!("0{whole}{kept}").parse().ok()?;
        let round_up = fraction.as_bytes().get(exponent).is_some_and(|digit| *digit >= b'5');
        let minor = minor.checked_add(i64::from(round_up))?;
        Amount(if negative { -minor } else { minor }).bounded().ok()
    }
}

impl Add for Amount {
    type Output = Amount;
    fn add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        *self = *self + other;
    }
}

impl Sub for Amount {
    type Output = Amount;
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl Neg for Amount {
    type Output = Amount;
    fn neg(self) -> Amount {
        Amount(self.0.saturating_neg())
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Add::add)
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub amount: Amount,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { amount: Amount(minor), currency }
    }

    /// The amount, if this money is in `currency`.
    pub fn amount_in(self, currency: Currency) -> Option<Amount> {
        (self.currency == currency).then_some(self.amount)
    }
}

impl fmt::Display for Money {
    /// `12.50 USD`, always with all of the currency's decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = exponent(self.currency) as usize;
        let digits = format!("{:0width$}", self.amount.0.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.amount.0 < 0 { "-" } else { "" };
        let point = if places == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction} {}", self.currency.code())
    }
}

/// A share in parts per million: 5 % is `Rate(50_000)`. Four decimals of a percent are enough for every tax
/// rate in force (Minnesota's 6.875 % needs three).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Rate(pub i64);

impl Rate {
    pub const WHOLE: Rate = Rate(1_000_000);

    pub fn percent(percent: i64) -> Rate {
        Rate(percent * 10_000)
    }

    /// `amount × rate`, rounded half away from zero to the minor unit.
    pub fn of(self, amount: Amount) -> Amount {
        round_div(i128::from(amount.0) * i128::from(self.0), i128::from(Rate::WHOLE.0))
    }

    /// The part of a tax-inclusive `amount` that this rate makes up, when all included rates together are
    /// `all_included`: `amount × rate ÷ (1 + all_included)`, rounded half away from zero.
    pub fn included_in(self, amount: Amount, all_included: Rate) -> Amount {
        round_div(i128::from(amount.0) * i128::from(self.0), i128::from(Rate::WHOLE.0 + all_included.0))
    }

    /// The percentage as text with exactly `places` decimals (at most 4): `Rate(50_000)` is `5.000` with 3.
    pub fn percent_text(self, places: usize) -> String {
        let digits = format!("{:05}", self.0.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - 4);
        let sign = if self.0 < 0 { "-" } else { "" };
        if places == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{}", &fraction[..places.min(4)])
        }
    }
}

fn round_div(numerator: i128, denominator: i128) -> Amount {
    let half = denominator / 2;
    let rounded =
        if numerator >= 0 { (numerator + half) / denominator } else { (numerator - half) / denominator };
    // |rate| ≤ 100 % in practice and |amount| ≤ MAX, so this fits; a hostile rate saturates and is then
    // refused by `bounded` where totals are made.
    Amount(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN / 4 } else { i64::MAX / 4 }))
}

/// Splits `total` over `weights` by largest remainder: the parts sum to `total` exactly, each differs from its
/// exact share by less than one minor unit, and left-over units go to the largest remainders, earlier first.
/// With no positive weight everything goes to the first part. Negative weights count as zero.
pub fn allocate(total: Amount, weights: &[Amount]) -> Vec<Amount> {
    if weights.is_empty() {
        return Vec::new();
    }
    let weights: Vec<i128> = weights.iter().map(|w| i128::from(w.0.max(0))).collect();
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        let mut parts = vec![Amount::ZERO; weights.len()];
        parts[0] = total;
        return parts;
    }
    let sign = if total.0 < 0 { -1 } else { 1 };
    let magnitude = i128::from(total.0.unsigned_abs());
    let mut parts: Vec<i128> = weights.iter().map(|w| magnitude * w / sum).collect();
    let left_over = magnitude - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&i| (std::cmp::Reverse(magnitude * weights[i] % sum), i));
    for &i in by_remainder.iter().take(usize::try_from(left_over).unwrap_or(0)) {
        parts[i] += 1;
    }
    parts.into_iter().map(|part| Amount(i64::try_from(part).unwrap_or(i64::MAX) * sign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_follow_the_currency() {
        let cases = [
            (1000, Currency::USD, "10.0"),
            (1999, Currency::USD, "19.99"),
            (0, Currency::USD, "0.0"),
            (-500, Currency::USD, "-5.0"),
            (5, Currency::USD, "0.05"),
            (80, Currency::JPY, "80.0"),
            (1234, Currency::KWD, "1.234"),
            (12345, Currency::CLF, "1.2345"),
        ];
        for (minor, currency, text) in cases {
            assert_eq!(Amount(minor).decimal(currency), text);
            assert_eq!(Amount::parse(text, currency), Some(Amount(minor)));
        }
    }

    #[test]
    fn parsing_rounds_half_away_from_zero_and_refuses_what_is_no_plain_decimal() {
        assert_eq!(Amount::parse("1.005", Currency::USD), Some(Amount(101)));
        assert_eq!(Amount::parse("-1.005", Currency::USD), Some(Amount(-101)));
        assert_eq!(Amount::parse("10", Currency::USD), Some(Amount(1000)));
        for bad in ["", ".", "1e3", "NaN", "0x10", "1,000", "١", "--1", "1.2.3", "9999999999999999999"] {
            assert_eq!(Amount::parse(bad, Currency::USD), None, "{bad}");
        }
    }

    #[test]
    fn rates_round_half_up() {
        assert_eq!(Rate::percent(5).of(Amount(1050)), Amount(53));
        assert_eq!(Rate::percent(10).of(Amount(-5)), Amount(-1));
        assert_eq!(Rate::percent(20).included_in(Amount(12000), Rate::percent(20)), Amount(2000));
        assert_eq!(Rate(50_000).percent_text(3), "5.000");
        assert_eq!(Rate(68_750).percent_text(3), "6.875");
    }

    proptest! {
        #[test]
        fn allocation_is_exact_and_fair(
            total in -1_000_000_000i64..1_000_000_000,
            weights in prop::collection::vec(0i64..1_000_000, 1..40),
        ) {
            let amounts: Vec<Amount> = weights.iter().copied().map(Amount).collect();
            let parts = allocate(Amount(total), &amounts);
            prop_assert_eq!(parts.iter().copied().sum::<Amount>(), Amount(total));
            let sum: i64 = weights.iter().sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    let exact = i128::from(total) * i128::from(*weight);
                    let difference = (i128::from(part.0) * i128::from(sum) - exact).abs();
                    prop_assert!(difference < i128::from(sum), "off by a whole unit");
                }
            }
        }

        #[test]
        fn decimal_text_round_trips(minor in -Amount::MAX.0..Amount::MAX.0) {
            for currency in [Currency::JPY, Currency::USD, Currency::BHD, Currency::CLF] {
                prop_assert_eq!(Amount::parse(&Amount(minor).decimal(currency), currency), Some(Amount(minor)));
            }
        }
    }
}
