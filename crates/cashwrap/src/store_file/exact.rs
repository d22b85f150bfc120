//! Money, percentages and points in time as a merchant writes them, read exactly and never through floats.
//!
//! `12.50 USD`, `6.875 %`, `2027-01-01` or `2027-01-01T09:00:00+01:00`. What would have to be rounded is refused: a
//! price with more decimals than its currency has is a mistake, not a wish.

use domain::Time;
use domain::money::{Amount, Currency, Money, Rate, exponent};

/// `12.50 USD`: digits, an optional point, at most the currency's decimals, a blank, the ISO 4217 code.
pub fn money(text: &str) -> Option<Money> {
    let (digits, code) = text.trim().rsplit_once(char::is_whitespace)?;
    let currency = Currency::from_code(code)?;
    let digits = digits.trim_end();
    let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    if decimals > exponent(currency) as usize || digits.ends_with('.') || digits.starts_with(['.', '+']) {
        return None;
    }
    Amount::parse(digits, currency).map(|amount| Money { amount, currency })
}

/// `5 %`: at most four decimals, because a rate is whole parts per million.
pub fn rate(text: &str) -> Option<Rate> {
    let number = text.trim().strip_suffix('%')?.trim_end();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let sane = !whole.is_empty() && whole.len() <= 6 && fraction.len() <= 4 && !number.ends_with('.');
    if !(sane && digits(whole) && digits(fraction)) {
        return None;
    }
    format!("{whole}{fraction:0<4}").parse().ok().map(Rate)
}

/// A date (its first moment in UTC) or a moment with its offset.
pub fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    let moment = match text.parse::<jiff::Timestamp>() {
        Ok(moment) => moment,
        Err(_) if text.len() == "2027-01-01".len() => {
            let midnight = text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0);
            jiff::tz::Offset::UTC.to_timestamp(midnight).ok()?
        }
        Err(_) => return None,
    };
    Some(Time(moment.as_millisecond()))
}

/// Whether a text means a time counted from now.
pub fn is_relative(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("in ") || text.ends_with(" ago")
}

/// `in 30 days`, `in 30 days at 19:30`, `30 days ago`: days of UTC, from the first moment of today unless an hour
/// is named. At most a hundred years.
pub fn relative(text: &str, now: Time) -> Option<Time> {
    const DAY_MS: i64 = 86_400_000;
    let text = text.trim();
    let (days, clock) = match text.strip_prefix("in ") {
        Some(rest) => match rest.split_once(" at ") {
            Some((days, clock)) => (days, clock_ms(clock)?),
            None => (rest, 0),
        },
        None => (text.strip_suffix(" ago")?, 0),
    };
    let days = days.strip_suffix(" days").or_else(|| days.strip_suffix(" day"))?;
    let days: i64 = days.parse().ok().filter(|days| (0..=36_525).contains(days))?;
    let days = if text.starts_with("in ") { days } else { -days };
    Some(Time((now.0.div_euclid(DAY_MS) + days) * DAY_MS + clock))
}

fn clock_ms(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sane = (0..24).contains(&hours) && (0..60).contains(&minutes);
    sane.then_some((hours * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_from_now() {
        const DAY: i64 = 86_400_000;
        let now = Time(10 * DAY + 5);
        assert_eq!(relative("in 2 days", now), Some(Time(12 * DAY)));
        assert_eq!(relative("in 1 day at 01:30", now), Some(Time(11 * DAY + 90 * 60_000)));
        assert_eq!(relative("3 days ago", now), Some(Time(7 * DAY)));
        for bad in [
            "in days",
            "in 2 weeks",
            "in -1 days",
            "in 2 days at 25:00",
            "days ago",
            "in 99999 days",
            "2 days",
        ] {
            assert_eq!(relative(bad, now), None, "{bad}");
        }
    }

    #[test]
    fn money_is_exact_or_refused() {
        let usd = |minor| Some(Money::new(minor, Currency::USD));
        assert_eq!(money("12.50 USD"), usd(1250));
        assert_eq!(money("12.5 USD"), usd(1250));
        assert_eq!(money(" 0.07  USD "), usd(7));
        assert_eq!(money("-5 USD"), usd(-500));
        assert_eq!(money("80 JPY"), Some(Money::new(80, Currency::JPY)));
        assert_eq!(money("1.234 KWD"), Some(Money::new(1234, Currency::KWD)));
        for bad in [
            "12.505 USD",
            "12,50 USD",
            "80.5 JPY",
            "12.50",
            "USD 12.50",
            "12. USD",
            ".5 USD",
            "1e3 USD",
            "1 XXY",
        ] {
            assert_eq!(money(bad), None, "{bad}");
        }
    }

    #[test]
    fn percentages_are_whole_parts_per_million() {
        assert_eq!(rate("5 %"), Some(Rate(50_000)));
        assert_eq!(rate("6.875%"), Some(Rate(68_750)));
        assert_eq!(rate("0.0001 %"), Some(Rate(1)));
        assert_eq!(rate("100 %"), Some(Rate::WHOLE));
        for bad in ["5", "5,5 %", "-5 %", "5.00001 %", "% 5", ".5 %", "5. %", "٥ %"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(time("1970-01-02"), Some(Time(86_400_000)));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Some(Time(0)));
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(Time(1000)));
        for bad in ["1970-13-01", "1970-01-01T00:00:00", "yesterday", "1970"] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }
}
