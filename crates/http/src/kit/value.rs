//! One value of the parameter tree, and how it may be read.
//!
//! Numbers keep the exact text the caller wrote, so money never passes through a float and `1e3` is not mistaken
//! for a quantity. Accessors are strict about values and generous about shapes: a collection may be an array or
//! an object keyed by index strings, a scalar may be a JSON value or text.
//!
//! Nothing here decides what is required or permitted.

use indexmap::IndexMap;

/// An object of the tree; keeps the order in which the caller named the keys.
pub type Map = IndexMap<String, Value>;

/// One value of the tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// JSON `null`, or a form key without `=`.
    #[default]
    Null,
    /// JSON `true` or `false`; forms only bring text.
    Bool(bool),
    /// A JSON number, as written.
    Number(String),
    /// A JSON string or any form value.
    Text(String),
    /// A JSON array or `a[]=`.
    List(Vec<Value>),
    /// A JSON object or `a[b]=`.
    Map(Map),
}

impl Value {
    /// The member `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.map().and_then(|map| map.get(key))
    }

    /// Walks down members; a step into a list is its index in decimal.
    pub fn path(&self, steps: &[&str]) -> Option<&Value> {
        steps.iter().try_fold(self, |value, step| match value {
            Value::Map(map) => map.get(*step),
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The map itself, if it is one.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// A scalar as text: texts and numbers as written, booleans as `true`/`false`; `None` for the rest.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A whole number, from a JSON number or text of ASCII digits with an optional minus. Fractions, exponents,
    /// hex, blanks, other scripts' digits and anything beyond `i64` are `None`: never rounded, never guessed.
    pub fn integer(&self) -> Option<i64> {
        let (Value::Number(text) | Value::Text(text)) = self else { return None };
        let digits = text.strip_prefix('-').unwrap_or(text);
        // The parser alone would also take a leading plus.
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok()
    }

    /// A yes or no: `true`, `"true"`, `1`, `"1"` and their opposites; anything else is `None`.
    pub fn flag(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            Value::Text(text) | Value::Number(text) => match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A plain decimal such as `-12.50` or `7`, as written; exponents, signs other than a leading minus, bare
    /// points and separators are `None`. The text is for an exact money or rate parser.
    pub fn decimal_text(&self) -> Option<&str> {
        let (Value::Number(text) | Value::Text(text)) = self else { return None };
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (all_digits(whole) && fraction.is_none_or(all_digits)).then_some(text.as_str())
    }

    /// A collection: a list, or a map whose keys are all indices, in numeric order (forms can say no better).
    /// `None` if it is neither; `{}` is an empty collection.
    pub fn list(&self) -> Option<Vec<&Value>> {
        match self {
            Value::List(items) => Some(items.iter().collect()),
            Value::Map(map) => {
                let mut indexed =
                    map.iter().map(|(key, item)| Some((index(key)?, item))).collect::<Option<Vec<_>>>()?;
                indexed.sort_by_key(|(index, _)| *index);
                Some(indexed.into_iter().map(|(_, item)| item).collect())
            }
            _ => None,
        }
    }

    /// Like [`Value::list`], but a bare object counts as a collection of one (Spree allows it for payments).
    pub fn list_or_one(&self) -> Option<Vec<&Value>> {
        self.list().or_else(|| self.map().map(|_| vec![self]))
    }

    /// Texts of a list, or of one text separated by commas (`ids[]=1&ids[]=2` and `ids=1,2` are the same).
    /// Blank parts and members that are no scalars are left out.
    pub fn texts(&self) -> Vec<&str> {
        let parts: Vec<&str> = match self.list() {
            Some(items) => items.into_iter().filter_map(Value::text).collect(),
            None => self.text().map(|text| text.split(',').collect()).unwrap_or_default(),
        };
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Nothing said: null, empty or white text, an empty list or map. `false` and `0` say something.
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => text.trim().is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// As JSON, for metadata that is stored as it came. A number that no JSON number type of ours holds exactly
    /// enough (beyond 64 bits and not finite) becomes its text.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(text) => number_to_json(text),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Value::to_json).collect()),
            Value::Map(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), v.to_json())).collect()),
        }
    }

    /// Puts `lower` underneath: members that only `lower` has are added, at every depth; where both speak, and
    /// not both with maps, `self` stands.
    fn merge_under(&mut self, lower: Value) {
        if let (Value::Map(mine), Value::Map(theirs)) = (self, lower) {
            merge_maps(mine, theirs);
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

fn index(key: &str) -> Option<u64> {
    key.bytes().all(|b| b.is_ascii_digit()).then(|| key.parse().ok()).flatten()
}

fn number_to_json(text: &str) -> serde_json::Value {
    // A negative zero read as an integer would lose its sign and come back as another number.
    if text != "-0"
        && let Ok(whole) = text.parse::<i64>()
    {
        return whole.into();
    }
    if let Ok(whole) = text.parse::<u64>() {
        return whole.into();
    }
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or_else(|| serde_json::Value::String(text.to_owned()), serde_json::Value::Number)
}

/// Adds to `upper` what only `lower` has, at every depth.
pub(super) fn merge_maps(upper: &mut Map, lower: Map) {
    for (key, value) in lower {
        match upper.get_mut(&key) {
            Some(existing) => existing.merge_under(value),
            None => {
                upper.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.to_owned())
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    #[test]
    fn integers_are_strict() {
        for (text, expected) in [
            ("5", Some(5)),
            ("-3", Some(-3)),
            ("007", Some(7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e3", None),
            ("1E400", None),
            ("1.5", None),
            ("1.0", None),
            ("0.001", None),
            ("NaN", None),
            ("0x10", None),
            ("+5", None),
            (" 5", None),
            ("5 ", None),
            ("-", None),
            ("", None),
            ("٣", None),
            ("５", None),
        ] {
            assert_eq!(Value::from(text).integer(), expected, "text {text:?}");
            assert_eq!(number(text).integer(), expected, "number {text:?}");
        }
        assert_eq!(Value::Bool(true).integer(), None);
        assert_eq!(Value::Null.integer(), None);
    }

    #[test]
    fn flags_take_the_documented_words_only() {
        for (value, expected) in [
            (Value::Bool(true), Some(true)),
            (Value::from("true"), Some(true)),
            (number("1"), Some(true)),
            (Value::from("0"), Some(false)),
            (Value::from("false"), Some(false)),
            (Value::from("yes"), None),
            (number("2"), None),
            (Value::Null, None),
        ] {
            assert_eq!(value.flag(), expected, "{value:?}");
        }
    }

    #[test]
    fn decimals_are_plain() {
        for (text, plain) in [
            ("12.50", true),
            ("-0.05", true),
            ("7", true),
            ("1e-9", false),
            ("1.", false),
            (".5", false),
            ("1,5", false),
            ("+1", false),
            ("NaN", false),
            ("--1", false),
            ("1.2.3", false),
            ("", false),
        ] {
            assert_eq!(Value::from(text).decimal_text(), plain.then_some(text), "{text:?}");
        }
    }

    #[test]
    fn lists_come_in_three_shapes() {
        let items = Value::List(vec![Value::from("a"), Value::from("b")]);
        let keyed = map(&[("10", Value::from("b")), ("2", Value::from("a"))]);
        let bare = map(&[("amount", Value::from("1"))]);
        assert_eq!(items.list().unwrap(), keyed.list().unwrap());
        assert_eq!(map(&[]).list(), Some(vec![]));
        assert_eq!(bare.list(), None);
        assert_eq!(bare.list_or_one(), Some(vec![&bare]));
        assert_eq!(keyed.list_or_one().unwrap().len(), 2);
        assert_eq!(Value::from("a").list_or_one(), None);
        assert_eq!(Value::from("1, 2,,3").texts(), ["1", "2", "3"]);
        assert_eq!(items.texts(), ["a", "b"]);
    }

    #[test]
    fn blank_says_nothing() {
        for value in [Value::Null, Value::from(" \t"), Value::List(vec![]), map(&[])] {
            assert!(value.is_blank(), "{value:?}");
        }
        for value in [Value::Bool(false), number("0"), Value::from("0")] {
            assert!(!value.is_blank(), "{value:?}");
        }
    }

    #[test]
    fn json_keeps_numbers_where_it_can() {
        for (text, expected) in [
            ("5", serde_json::json!(5)),
            ("-0", serde_json::json!(-0.0)),
            ("18446744073709551615", serde_json::json!(u64::MAX)),
            ("1.5", serde_json::json!(1.5)),
            ("1e999", serde_json::json!("1e999")),
        ] {
            assert_eq!(number(text).to_json(), expected);
        }
    }
}
