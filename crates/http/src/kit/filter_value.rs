//! Values of rows as a search sees them: compared with the text of a condition, and with one another for sorting.
//!
//! Comparison is exact (no floats) and follows SQL where a search would run there: a null equals nothing and differs
//! from nothing, and comes last in ascending order. Text that does not read as the field's type matches nothing.

use std::borrow::Cow;
use std::cmp::Ordering;

/// One attribute of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue<'a> {
    /// Words, states, numbers of things.
    Text(Cow<'a, str>),
    /// Ids and counts.
    Int(i64),
    /// An exact decimal: `minor` / 10^`scale`.
    Decimal {
        /// The digits without the point.
        minor: i128,
        /// How many of them are behind the point.
        scale: u32,
    },
    /// Milliseconds since 1970, UTC.
    Time(i64),
    /// Yes or no.
    Bool(bool),
    /// Not set.
    Null,
    /// The values of several associated rows; a condition holds if it holds for one. Empty is like null.
    Any(Vec<FieldValue<'a>>),
}

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(text: &'a str) -> Self {
        FieldValue::Text(Cow::Borrowed(text))
    }
}

impl FieldValue<'_> {
    /// Order relative to the text of a condition; `None` if they cannot be compared.
    pub(super) fn against(&self, text: &str) -> Option<Ordering> {
        match self {
            FieldValue::Text(own) => Some(own.as_ref().cmp(text)),
            FieldValue::Int(own) => compare_decimals(i128::from(*own), 0, text),
            FieldValue::Decimal { minor, scale } => compare_decimals(*minor, *scale, text),
            FieldValue::Time(own) => Some(own.cmp(&milliseconds(text)?)),
            FieldValue::Bool(own) => match text {
                "true" | "1" => Some(own.cmp(&true)),
                "false" | "0" => Some(own.cmp(&false)),
                _ => None,
            },
            FieldValue::Null | FieldValue::Any(_) => None,
        }
    }

    /// The text to look into for `cont`, `start` and `end`, in small letters. Only texts and whole numbers have one.
    pub(super) fn lower_text(&self) -> Option<String> {
        match self {
            FieldValue::Text(text) => Some(text.to_lowercase()),
            FieldValue::Int(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Not set at all.
    pub(super) fn is_null(&self) -> bool {
        match self {
            FieldValue::Null => true,
            FieldValue::Any(values) => values.iter().all(FieldValue::is_null),
            _ => false,
        }
    }

    /// Not set, or empty text.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            FieldValue::Text(text) => text.trim().is_empty(),
            other => other.is_null(),
        }
    }

    /// Order among rows, ascending, nulls last. Values of different kinds keep the order they had.
    pub fn compare(&self, other: &FieldValue<'_>) -> Ordering {
        use FieldValue::{Any, Bool, Decimal, Int, Text, Time};
        match (self, other) {
            (Text(a), Text(b)) => a.cmp(b),
            (Int(a), Int(b)) => a.cmp(b),
            (Time(a), Time(b)) => a.cmp(b),
            (Bool(a), Bool(b)) => a.cmp(b),
            (Decimal { minor: a, scale: s }, Decimal { minor: b, scale: t }) => {
                compare_scaled((*a, *s), (*b, *t))
            }
            (Int(a), Decimal { minor, scale }) => compare_scaled((i128::from(*a), 0), (*minor, *scale)),
            (Decimal { minor, scale }, Int(b)) => compare_scaled((*minor, *scale), (i128::from(*b), 0)),
            (Any(values), other) => values.first().unwrap_or(&FieldValue::Null).compare(other),
            (one, Any(values)) => one.compare(values.first().unwrap_or(&FieldValue::Null)),
            (a, b) => a.is_null().cmp(&b.is_null()),
        }
    }
}

fn compare_decimals(minor: i128, scale: u32, text: &str) -> Option<Ordering> {
    Some(compare_scaled((minor, scale), decimal(text)?))
}

/// Compares a / 10^s with b / 10^t. Whole parts first, so that nothing is scaled up beyond 128 bits.
fn compare_scaled((a, s): (i128, u32), (b, t): (i128, u32)) -> Ordering {
    let split = |minor: i128, scale: u32| match 10_i128.checked_pow(scale) {
        Some(unit) => (minor.div_euclid(unit), minor.rem_euclid(unit), scale),
        // A unit beyond 128 bits: every i128 is a fraction of it, below zero counted from the next whole below.
        None => (if minor < 0 { -1 } else { 0 }, minor, scale),
    };
    let ((whole_a, rest_a, s), (whole_b, rest_b, t)) = (split(a, s), split(b, t));
    whole_a.cmp(&whole_b).then_with(|| {
        let common = s.max(t);
        let raise = |rest: i128, scale: u32| {
            10_i128
                .checked_pow(common - scale)
                .and_then(|factor| rest.checked_mul(factor))
                .unwrap_or(i128::MAX)
        };
        raise(rest_a, s).cmp(&raise(rest_b, t))
    })
}

/// Digits behind the point that a condition may have; money has four at most.
const SCALE_MAX: usize = 18;

/// `-12.50` as (-1250, 2).
fn decimal(text: &str) -> Option<(i128, u32)> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty() || !plain(digits) || !plain(fraction) || fraction.len() > SCALE_MAX {
        return None;
    }
    Some((format!("{whole}{fraction}").parse().ok()?, u32::try_from(fraction.len()).ok()?))
}

/// A moment as people write it in a query: a timestamp with offset, or a date with or without time, then UTC.
fn milliseconds(text: &str) -> Option<i64> {
    use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    // "2026-01-05 10:11:12 UTC" is how Ruby prints a time.
    let civil: DateTime = text.strip_suffix(" UTC").unwrap_or(text).parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_compare_exactly() {
        let price = FieldValue::Decimal { minor: 1050, scale: 2 };
        for (text, expected) in [
            ("10.5", Some(Ordering::Equal)),
            ("10.50", Some(Ordering::Equal)),
            ("10.500000001", Some(Ordering::Less)),
            ("10", Some(Ordering::Greater)),
            ("-10.5", Some(Ordering::Greater)),
            ("1e1", None),
            ("ten", None),
            ("", None),
            ("9999999999999999999999999999999999999999", None),
        ] {
            assert_eq!(price.against(text), expected, "{text}");
        }
        assert_eq!(FieldValue::Int(5).against("5.0"), Some(Ordering::Equal));
        assert_eq!(FieldValue::Decimal { minor: -5, scale: 1 }.against("-0.4"), Some(Ordering::Less));
        let huge = FieldValue::Decimal { minor: i128::MAX, scale: 0 };
        assert_eq!(huge.compare(&FieldValue::Decimal { minor: 1, scale: 30 }), Ordering::Greater);
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let noon = FieldValue::Time(1_767_614_400_000);
        for (text, expected) in [
            ("2026-01-05T12:00:00Z", Some(Ordering::Equal)),
            ("2026-01-05T12:00:00.000Z", Some(Ordering::Equal)),
            ("2026-01-05T13:00:00+01:00", Some(Ordering::Equal)),
            ("2026-01-05 12:00:00", Some(Ordering::Equal)),
            ("2026-01-05 12:00:00 UTC", Some(Ordering::Equal)),
            ("2026-01-05T12:00", Some(Ordering::Equal)),
            ("2026-01-05", Some(Ordering::Greater)),
            ("2026-01-06", Some(Ordering::Less)),
            ("2026-13-05", None),
            ("yesterday", None),
        ] {
            assert_eq!(noon.against(text), expected, "{text}");
        }
    }

    #[test]
    fn nulls_come_last_and_equal_nothing() {
        assert_eq!(FieldValue::Null.compare(&FieldValue::Int(1)), Ordering::Greater);
        assert_eq!(FieldValue::Int(1).compare(&FieldValue::Null), Ordering::Less);
        assert_eq!(FieldValue::Null.compare(&FieldValue::Null), Ordering::Equal);
        assert_eq!(FieldValue::Any(vec![]).compare(&FieldValue::from("a")), Ordering::Greater);
        assert_eq!(FieldValue::Null.against(""), None);
    }

    proptest! {
        #[test]
        fn decimals_order_like_the_integers_they_scale(a in any::<i64>(), b in any::<i64>(), s in 0_u32..6, t in 0_u32..6) {
            let (left, right) = (i128::from(a) * 10_i128.pow(t), i128::from(b) * 10_i128.pow(s));
            let a = FieldValue::Decimal { minor: i128::from(a), scale: s };
            let b = FieldValue::Decimal { minor: i128::from(b), scale: t };
            prop_assert_eq!(a.compare(&b), left.cmp(&right));
        }
    }
}
