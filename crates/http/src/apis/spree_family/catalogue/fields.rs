//! Reading the fields of a catalogue resource: which were named, which were emptied, what they say.
//!
//! An attribute that is absent stays as it is; `null` and empty text empty it. Nothing is refused here: what does
//! not read as its type is handed on as such, and the domain says what is wrong with it.

use crate::kit::Value;
use domain::Time;
use domain::catalog::edit::Patch;

/// The members of a resource's root parameter, `product` of `{"product": {…}}`.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub Option<&'a Value>);

impl<'a> Fields<'a> {
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.0?.get(key)
    }

    /// A text; lists and objects do not count as one.
    pub fn text(&self, key: &str) -> Patch<String> {
        match self.get(key) {
            None => Patch::Keep,
            Some(value) if value.is_blank() => Patch::Clear,
            Some(value) => value.text().map_or(Patch::Keep, |text| Patch::Set(text.to_owned())),
        }
    }

    /// The text of a number, whatever it is; what is no scalar becomes a text that is no number.
    pub fn number(&self, key: &str) -> Patch<String> {
        match self.get(key) {
            None => Patch::Keep,
            Some(value) if value.is_blank() => Patch::Clear,
            Some(value) => Patch::Set(value.text().unwrap_or("?").to_owned()),
        }
    }

    /// A whole number; anything else is left alone.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.integer()
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.flag()
    }

    /// A flag as Rails reads it: whatever is neither empty nor says no is a yes.
    pub fn says_yes(&self, key: &str) -> bool {
        let Some(value) = self.get(key).filter(|value| !value.is_blank()) else { return false };
        let says_no = |text: &str| ["0", "f", "false", "off"].iter().any(|no| text.eq_ignore_ascii_case(no));
        value.flag().unwrap_or_else(|| !value.text().is_some_and(says_no))
    }

    /// An id. One that is no number names nothing, so it becomes an id that nothing has.
    pub fn id<T>(&self, key: &str, wrap: impl Fn(i64) -> T) -> Patch<T> {
        match self.get(key) {
            None => Patch::Keep,
            Some(value) if value.is_blank() => Patch::Clear,
            Some(value) => Patch::Set(wrap(value.integer().unwrap_or(0))),
        }
    }

    /// A moment; one that does not read as such empties the field, as Rails does.
    pub fn time(&self, key: &str) -> Patch<Time> {
        match self.get(key) {
            None => Patch::Keep,
            Some(value) => value.text().and_then(moment).map_or(Patch::Clear, Patch::Set),
        }
    }

    /// Ids in a list or in one text with commas.
    pub fn ids(&self, key: &str) -> Option<Vec<i64>> {
        let texts = self.get(key)?.texts();
        Some(texts.into_iter().map(|text| text.parse().unwrap_or(0)).collect())
    }

    /// Members of a collection; `None` if it was not named.
    pub fn items(&self, key: &str) -> Option<Vec<Fields<'a>>> {
        let list = self.get(key)?.list_or_one().unwrap_or_default();
        Some(list.into_iter().map(|value| Fields(Some(value))).collect())
    }

    /// A measure as thousandths, exact: `1.5` is 1500. `Err` is what is no such number.
    pub fn thousandths(&self, key: &str) -> Result<Patch<i64>, ()> {
        match self.get(key) {
            None => Ok(Patch::Keep),
            Some(value) if value.is_blank() => Ok(Patch::Clear),
            Some(value) => value.decimal_text().and_then(thousandths).map(Patch::Set).ok_or(()),
        }
    }
}

/// Measures stay far below what would overflow when a parcel's are added up.
const MEASURE_MAX: i64 = 1_000_000_000;

fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(3).collect();
    let number: i64 = format!("{whole}{kept}").parse().ok()?;
    let round_up = fraction.as_bytes().get(3).is_some_and(|digit| *digit >= b'5');
    Some(number + i64::from(round_up)).filter(|number| (0..=MEASURE_MAX).contains(number))
}

/// A timestamp with offset, or a date with or without time, then UTC.
pub fn moment(text: &str) -> Option<Time> {
    use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Time(moment.as_millisecond()));
    }
    // "2026-01-05 10:11:12 UTC" is how Ruby prints a time.
    let civil: DateTime = text.strip_suffix(" UTC").unwrap_or(text).parse().ok()?;
    Some(Time(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn read<T>(query: &str, with: impl Fn(Fields<'_>) -> T) -> T {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        let params = parse(request, &Limits::STANDARD).unwrap();
        with(Fields(params.get("p")))
    }

    #[test]
    fn absent_is_not_empty() {
        assert_eq!(read("p[b]=1", |f| f.text("a")), Patch::Keep);
        assert_eq!(read("p[a]=", |f| f.text("a")), Patch::Clear);
        assert_eq!(read("p[a]=x", |f| f.text("a")), Patch::Set("x".to_owned()));
        assert_eq!(read("p[a][]=x", |f| f.number("a")), Patch::Set("?".to_owned()));
        assert_eq!(read("p[a]=x", |f| f.id("a", |id| id)), Patch::Set(0));
        assert_eq!(read("q=1", |f| f.ids("a")), None);
        assert_eq!(read("p[a]=1,+2", |f| f.ids("a")), Some(vec![1, 2]));
    }

    #[test]
    fn rails_takes_everything_for_a_yes_that_is_no_no() {
        for (text, expected) in
            [("True", true), ("1", true), ("yes", true), ("False", false), ("off", false), ("", false)]
        {
            assert_eq!(read(&format!("p[a]={text}"), |f| f.says_yes("a")), expected, "{text}");
        }
        assert!(!read("p[b]=1", |f| f.says_yes("a")));
    }

    #[test]
    fn measures_are_exact() {
        for (text, expected) in [
            ("1", Ok(Patch::Set(1000))),
            ("0.25", Ok(Patch::Set(250))),
            ("1.0005", Ok(Patch::Set(1001))),
            ("", Ok(Patch::Clear)),
            ("-1", Err(())),
            ("1e3", Err(())),
            ("99999999", Err(())),
        ] {
            assert_eq!(read(&format!("p[a]={text}"), |f| f.thousandths("a")), expected, "{text}");
        }
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        assert_eq!(moment("2026-01-05T12:00:00Z"), Some(Time(1_767_614_400_000)));
        assert_eq!(moment("2026-01-05 12:00:00 UTC"), Some(Time(1_767_614_400_000)));
        assert_eq!(moment("2026-01-05"), Some(Time(1_767_571_200_000)));
        assert_eq!(moment("soon"), None);
    }
}
