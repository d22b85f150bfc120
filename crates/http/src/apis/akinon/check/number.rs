//! Numbers of JSON as amounts of money, without a binary fraction on the way.

use domain::money::{Amount, Currency};

/// Digits that are written out at most: more are no amount.
const DIGITS: i32 = 40;

/// Reads a number as JSON writes it, exponent included (`1.5e2`), rounded half away from zero to the currency's minor unit.
pub fn money(text: &str, currency: Currency) -> Option<Amount> {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return Amount::parse(text, currency) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent| (-DIGITS..=DIGITS).contains(exponent))?;
    Amount::parse(&shifted(digits, exponent)?, currency)
}

/// The decimal with its point moved.
fn shifted(text: &str, exponent: i32) -> Option<String> {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > DIGITS as usize || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + exponent;
    Some(match usize::try_from(point) {
        Ok(point) if point >= digits.len() => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, minor) in [
            ("229.8", Some(22_980)),
            ("229.80000000000001", Some(22_980)),
            ("0.005", Some(1)),
            ("0.0049", Some(0)),
            ("-1", Some(-100)),
            ("1.5e2", Some(15_000)),
            ("1.5E-2", Some(2)),
            ("15e-1", Some(150)),
            ("1e-9", Some(0)),
            ("-2e1", Some(-2_000)),
            ("1e30", None),
            ("1e400", None),
            ("e5", None),
            ("", None),
            ("NaN", None),
            ("1,5", None),
        ] {
            assert_eq!(money(text, Currency::TRY), minor.map(Amount), "{text}");
        }
    }
}
