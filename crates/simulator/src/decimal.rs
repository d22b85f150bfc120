//! Amounts with two decimals, exact: read from JSON numbers as text and written back as text.
//!
//! A provider that lost a cent to binary fractions would make every shop behind it look wrong.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// Hundredths of a currency unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cents(pub i64);

impl Cents {
    /// Reads `658.9`, `-1`, `29.90`; at most two decimals that count.
    pub fn parse(text: &str) -> Option<Cents> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let (counts, rest) = fraction.split_at(fraction.len().min(2));
        if rest.bytes().any(|byte| byte != b'0') {
            return None;
        }
        let hundredths: i64 = format!("{counts:0<2}").parse().ok()?;
        let whole: i64 = whole.parse().ok()?;
        Some(Cents(sign * whole.checked_mul(100)?.checked_add(hundredths)?))
    }

    /// `basis` ten-thousandths of this, half up: 450 is 4.50 %.
    pub fn share(self, basis: u32) -> Cents {
        let product = i128::from(self.0) * i128::from(basis);
        // An amount of 64 bits times a share below 1 fits again.
        Cents(i64::try_from((product + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX))
    }

    pub fn plus(self, other: Cents) -> Cents {
        Cents(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", size / 100, size % 100)
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cents {
    /// A JSON number or a text with one in it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cents, D::Error> {
        let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        Cents::parse(raw.get().trim_matches('"'))
            .ok_or_else(|| D::Error::custom("expected an amount like 29.90"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_exactly() {
        for (text, cents) in [
            ("658.9", 65_890),
            ("29.90", 2_990),
            ("0.07", 7),
            ("-1", -100),
            ("100.000", 10_000),
            ("1.005", 0),
        ] {
            let expected = (text != "1.005").then_some(Cents(cents));
            assert_eq!(Cents::parse(text), expected, "{text}");
        }
        assert_eq!(["", ".5", "1e3", "1,5", "--1"].map(Cents::parse), [None; 5]);
        assert_eq!(serde_json::to_string(&[Cents(65_890), Cents(-5)]).unwrap(), "[658.90,-0.05]");
        assert_eq!(serde_json::from_str::<Vec<Cents>>("[0.1, \"0.20\"]").unwrap(), [Cents(10), Cents(20)]);
        assert!(serde_json::from_str::<Cents>("null").is_err());
    }

    #[test]
    fn shares_round_half_up() {
        assert_eq!(Cents(65_890).share(450), Cents(2_965));
        assert_eq!(Cents(10).share(500), Cents(1));
    }
}
