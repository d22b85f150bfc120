//! Money and times as this API writes them.

use crate::kit::format::{Decimal, decimal, display, symbol, timestamp};
use domain::Time;
use domain::money::{Amount, Currency};
use serde::{Serialize, Serializer};
use std::fmt;

/// An amount three times over: as text, in minor units, and for people.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MoneyView {
    decimal: Decimal,
    amount: i64,
    formatted: Formatted,
}

pub fn money(amount: Amount, currency: Currency) -> MoneyView {
    MoneyView {
        decimal: decimal(amount, currency),
        amount: amount.0,
        formatted: Formatted { amount, currency },
    }
}

/// For people; a minus stands behind the symbol (`$-6.00`).
#[derive(Debug, Clone, Copy)]
struct Formatted {
    amount: Amount,
    currency: Currency,
}

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = display(self.amount, self.currency).to_string();
        let symbol = symbol(self.currency);
        match text.strip_prefix('-').and_then(|rest| rest.strip_prefix(&*symbol)) {
            Some(digits) => write!(f, "{symbol}-{digits}"),
            None => f.write_str(&text),
        }
    }
}

impl Serialize for Formatted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A time in UTC with six fractional digits, of which three are known.
#[derive(Debug, Clone, Copy)]
pub struct TimeView(Time);

pub fn time(time: Time) -> TimeView {
    TimeView(time)
}

impl fmt::Display for TimeView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = timestamp(self.0).to_string();
        write!(f, "{}000Z", text.trim_end_matches('Z'))
    }
}

impl Serialize for TimeView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn money_is_an_object_of_three() {
        let view = |minor, currency| serde_json::to_value(money(Amount(minor), currency)).unwrap();
        for (minor, currency, decimal, formatted) in [
            (3290, Currency::USD, "32.9", "$32.90"),
            (0, Currency::USD, "0.0", "$0.00"),
            (1500, Currency::USD, "15.0", "$15.00"),
            (-600, Currency::USD, "-6.0", "$-6.00"),
            (500, Currency::JPY, "500.0", "¥500"),
        ] {
            let expected = json!({ "decimal": decimal, "amount": minor, "formatted": formatted });
            assert_eq!(view(minor, currency), expected);
        }
    }

    #[test]
    fn times_have_six_digits() {
        assert_eq!(time(Time(1_767_607_872_345)).to_string(), "2026-01-05T10:11:12.345000Z");
    }
}
