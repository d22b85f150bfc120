//! Money, times and measures as text, the way several APIs write them.
//!
//! An order answer holds dozens of these, so each is a small `Copy` value that writes itself from the stack when it
//! is serialised: nothing is allocated. `to_string()` gives the same text.
//!
//! Nothing here rounds: amounts arrive in minor units, times in milliseconds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Time;
use domain::money::{Amount, Currency, exponent};
use domain::order::Secret;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// An amount as plain decimal text: at least one fractional digit, no zero padding (`10.0`, `19.99`, `-5.0`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    pub amount: Amount,
    pub currency: Currency,
}

/// An amount for people: minus, symbol, thousands in groups, all decimals of the currency (`-$1,234.50`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    pub amount: Amount,
    pub currency: Currency,
}

/// A time as ISO 8601 in UTC with milliseconds: `2026-01-05T10:11:12.345Z`. Years before 0 and after 9999 are
/// shown as the nearest time that has four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub Time);

/// A whole number of thousandths as plain decimal text: 1500 grams are `1.5` kilograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thousandths(pub i64);

/// An order's secret as 22 characters of URL-safe base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretText(pub Secret);

pub fn decimal(amount: Amount, currency: Currency) -> Decimal {
    Decimal { amount, currency }
}

pub fn display(amount: Amount, currency: Currency) -> Display {
    Display { amount, currency }
}

pub fn timestamp(time: Time) -> Timestamp {
    Timestamp(time)
}

/// Reads a time: RFC 3339, or a date with or without a time of day, which then is UTC (`2026-01-05`,
/// `2026-01-05 10:11:12`, the same with ` UTC`). `None` if it is anything else.
pub fn parse_timestamp(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Time(at.as_millisecond()));
    }
    let civil = text.strip_suffix("UTC").map_or(text, str::trim_end).parse::<jiff::civil::DateTime>().ok()?;
    Some(Time(Offset::UTC.to_timestamp(civil).ok()?.as_millisecond()))
}

/// Reads a plain decimal as thousandths, rounding half away from zero; the inverse of [`Thousandths`].
pub fn parse_thousandths(text: &str) -> Option<i64> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let digit = |place: usize| i64::from(fraction.as_bytes().get(place).map_or(0, |byte| byte - b'0'));
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let kept = digit(0) * 100 + digit(1) * 10 + digit(2) + i64::from(digit(3) >= 5);
    Some(sign * whole.checked_mul(1000)?.checked_add(kept)?)
}

/// A currency's symbol. The ones most shops use cost nothing; the table behind the others allocates.
pub fn symbol(currency: Currency) -> Cow<'static, str> {
    match currency {
        Currency::USD | Currency::CAD | Currency::AUD | Currency::MXN => "$".into(),
        Currency::EUR => "€".into(),
        Currency::GBP => "£".into(),
        Currency::TRY => "₺".into(),
        other => other.symbol().symbol.into(),
    }
}

/// Text that grows from its end to its front, as numbers are written. Long enough for every `i64` with
/// separators, sign and symbol (at most 28 bytes and the symbol).
struct Backwards {
    bytes: [u8; 64],
    start: usize,
}

impl Backwards {
    fn new() -> Backwards {
        Backwards { bytes: [0; 64], start: 64 }
    }

    fn byte(&mut self, byte: u8) {
        if let Some(start) = self.start.checked_sub(1) {
            self.start = start;
            self.bytes[start] = byte;
        }
    }

    fn text(&mut self, text: &str) {
        text.bytes().rev().for_each(|byte| self.byte(byte));
    }

    /// Writes the last digit of `number` and returns the digits before it.
    fn digit(&mut self, number: u64) -> u64 {
        // A remainder of ten always fits a byte.
        self.byte(b'0' + (number % 10) as u8);
        number / 10
    }

    fn as_str(&self) -> &str {
        // Only ASCII and whole symbols were written.
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or_default()
    }
}

/// Plain decimal text of `number / 10^places`.
fn plain(number: i64, places: u32) -> Backwards {
    let mut text = Backwards::new();
    let mut rest = number.unsigned_abs();
    let mut padding = true;
    for _ in 0..places {
        padding &= rest.is_multiple_of(10);
        rest = if padding { rest / 10 } else { text.digit(rest) };
    }
    if padding {
        text.byte(b'0');
    }
    text.byte(b'.');
    rest = text.digit(rest);
    while rest > 0 {
        rest = text.digit(rest);
    }
    if number < 0 {
        text.byte(b'-');
    }
    text
}

impl Decimal {
    fn text(self) -> Backwards {
        plain(self.amount.0, exponent(self.currency))
    }
}

impl Thousandths {
    fn text(self) -> Backwards {
        plain(self.0, 3)
    }
}

impl Display {
    fn text(self) -> Backwards {
        let mut text = Backwards::new();
        let mut rest = self.amount.0.unsigned_abs();
        let places = exponent(self.currency);
        for _ in 0..places {
            rest = text.digit(rest);
        }
        if places > 0 {
            text.byte(b'.');
        }
        let mut written = 0;
        while rest > 0 || written == 0 {
            if written > 0 && written % 3 == 0 {
                text.byte(b',');
            }
            rest = text.digit(rest);
            written += 1;
        }
        text.text(&symbol(self.currency));
        if self.amount.0 < 0 {
            text.byte(b'-');
        }
        text
    }
}

impl Timestamp {
    /// Milliseconds of the first instant of the year 0.
    const FIRST: i64 = -62_167_219_200_000;

    fn bytes(self) -> [u8; 24] {
        let at = jiff::Timestamp::from_millisecond(self.0.0.max(Timestamp::FIRST));
        let civil = Offset::UTC.to_datetime(at.unwrap_or(jiff::Timestamp::MAX));
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |from: usize, to: usize, number: i32| {
            let mut rest = number.unsigned_abs();
            for place in (from..to).rev() {
                text[place] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        };
        put(0, 4, i32::from(civil.year()));
        put(5, 7, i32::from(civil.month()));
        put(8, 10, i32::from(civil.day()));
        put(11, 13, i32::from(civil.hour()));
        put(14, 16, i32::from(civil.minute()));
        put(17, 19, i32::from(civil.second()));
        put(20, 23, i32::from(civil.millisecond()));
        text
    }
}

impl SecretText {
    fn bytes(self) -> [u8; 22] {
        let mut text = [0; 22];
        // Sixteen bytes are always 22 characters, so the slice cannot be too short.
        let written = URL_SAFE_NO_PAD.encode_slice(self.0.0, &mut text);
        debug_assert_eq!(written, Ok(22));
        text
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

macro_rules! as_text {
    ($($name:ident: $value:ident => $text:expr;)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $value = *self;
                f.pad($text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = *self;
                serializer.serialize_str($text)
            }
        }
    )*};
}

as_text! {
    Decimal: value => value.text().as_str();
    Display: value => value.text().as_str();
    Thousandths: value => value.text().as_str();
    Timestamp: value => std::str::from_utf8(&value.bytes()).unwrap_or_default();
    SecretText: value => std::str::from_utf8(&value.bytes()).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn format_display_puts_the_minus_before_the_symbol_and_groups_thousands() {
        for (minor, currency, text) in [
            (1000, Currency::USD, "$10.00"),
            (123_450, Currency::USD, "$1,234.50"),
            (-300, Currency::USD, "-$3.00"),
            (0, Currency::USD, "$0.00"),
            (5, Currency::USD, "$0.05"),
            (99_999, Currency::USD, "$999.99"),
            (100_000, Currency::EUR, "€1,000.00"),
            (123_456_789, Currency::JPY, "¥123,456,789"),
            (0, Currency::JPY, "¥0"),
            (1_234_567, Currency::TRY, "₺12,345.67"),
            (i64::MIN, Currency::USD, "-$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(display(Amount(minor), currency).to_string(), text);
        }
        let dinar = display(Amount(1_234_567), Currency::KWD).to_string();
        assert!(dinar.ends_with("1,234.567"), "three decimals: {dinar}");
        assert!(dinar.starts_with(&Currency::KWD.symbol().symbol));
    }

    #[test]
    fn format_symbols_known_by_heart_are_the_tables() {
        use Currency::*;
        for currency in [USD, CAD, AUD, MXN, EUR, GBP, TRY] {
            assert_eq!(symbol(currency), currency.symbol().symbol, "{}", currency.code());
        }
    }

    #[test]
    fn format_times_have_milliseconds_and_read_back() {
        for (milliseconds, text) in [
            (1_767_607_872_345, "2026-01-05T10:11:12.345Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(Time(milliseconds)).to_string(), text);
            assert_eq!(parse_timestamp(text), Some(Time(milliseconds)));
        }
        assert_eq!(timestamp(Time(i64::MIN)).to_string(), "0000-01-01T00:00:00.000Z");
        assert!(timestamp(Time(i64::MAX)).to_string().starts_with("9999-12-3"));
    }

    #[test]
    fn format_times_are_read_in_the_shapes_clients_send() {
        let morning = Some(Time(1_767_607_872_000));
        for text in [
            "2026-01-05T10:11:12Z",
            "2026-01-05T12:11:12+02:00",
            "2026-01-05T10:11:12",
            "2026-01-05 10:11:12",
            "2026-01-05 10:11:12 UTC",
            " 2026-01-05T10:11:12Z ",
        ] {
            assert_eq!(parse_timestamp(text), morning, "{text}");
        }
        assert_eq!(parse_timestamp("2026-01-05"), Some(Time(1_767_571_200_000)));
        for bad in
            ["", "yesterday", "2026-02-30", "2026-13-01", "10:11:12", "1767607872", "2026-01-05T25:00:00Z"]
        {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn format_thousandths_round_half_away_from_zero() {
        for (text, thousandths) in
            [("1.5", 1500), ("-0.0005", -1), ("0.0004", 0), (".25", 250), ("7", 7000), ("2.", 2000)]
        {
            assert_eq!(parse_thousandths(text), Some(thousandths), "{text}");
        }
        for bad in ["", ".", "-", "1e3", "1,5", "+1", "9999999999999999999"] {
            assert_eq!(parse_thousandths(bad), None, "{bad}");
        }
    }

    #[test]
    fn format_secrets_are_22_url_safe_characters() {
        assert_eq!(SecretText(Secret([0; 16])).to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(SecretText(Secret([0xff; 16])).to_string(), "_____________________w");
        assert!(!format!("{:?}", SecretText(Secret([7; 16]))).contains("BwcH"), "never in a log");
    }

    #[test]
    fn format_values_serialise_as_their_text() {
        let json = serde_json::to_string(&(
            decimal(Amount(1050), Currency::USD),
            display(Amount(-1050), Currency::EUR),
            timestamp(Time(0)),
            Thousandths(1500),
        ));
        assert_eq!(json.unwrap(), r#"["10.5","-€10.50","1970-01-01T00:00:00.000Z","1.5"]"#);
    }

    proptest! {
        #[test]
        fn format_decimal_is_the_domains_decimal(minor: i64) {
            for currency in [Currency::JPY, Currency::USD, Currency::BHD, Currency::CLF] {
                prop_assert_eq!(decimal(Amount(minor), currency).to_string(), Amount(minor).decimal(currency));
            }
        }

        #[test]
        fn format_thousandths_read_back(thousandths in -1_000_000_000_000i64..1_000_000_000_000) {
            prop_assert_eq!(parse_thousandths(&Thousandths(thousandths).to_string()), Some(thousandths));
        }
    }
}
