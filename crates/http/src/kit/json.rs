//! Reads a JSON body into the parameter tree.
//!
//! The syntax is checked by serde_json; this file adds what a checkout needs on top: duplicate keys are refused,
//! numbers keep their exact text, and depth, count and lengths are bounded before a value is built. Each object is
//! read as raw members and then descended into, so a level costs one pass over its own text.
//!
//! It never recurses deeper than the bound, and never repeats a caller's value in an error.

use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::body::ParseError;
use super::limits::Limits;
use super::value::{Map, Value};

/// Reads `text`, which must hold exactly one JSON value.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Value, ParseError> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    let mut reader = Reader { limits, left: limits.parameters };
    reader.value(raw.get(), 0)
}

struct Reader<'a> {
    limits: &'a Limits,
    /// Values that may still come.
    left: usize,
}

impl Reader<'_> {
    fn value(&mut self, raw: &str, depth: usize) -> Result<Value, ParseError> {
        self.left = self.left.checked_sub(1).ok_or(ParseError::TooManyParameters(self.limits.parameters))?;
        if depth > self.limits.depth {
            return Err(ParseError::TooDeep(self.limits.depth));
        }
        match raw.as_bytes().first() {
            Some(b'{') => self.object(raw, depth),
            Some(b'[') => self.array(raw, depth),
            Some(b'"') => self.string(raw).map(Value::Text),
            Some(b't') => Ok(Value::Bool(true)),
            Some(b'f') => Ok(Value::Bool(false)),
            Some(b'n') => Ok(Value::Null),
            _ => Ok(Value::Number(self.bounded(raw)?.to_owned())),
        }
    }

    fn object(&mut self, raw: &str, depth: usize) -> Result<Value, ParseError> {
        let members = serde_json::Deserializer::from_str(raw)
            .deserialize_map(Members { most: self.left })
            .map_err(|error| malformed(&error))?;
        self.fits(members.len())?;
        let mut map = Map::with_capacity(members.len());
        for (key, member) in members {
            super::body::check_key(&key, self.limits)?;
            let value = self.value(member.get(), depth + 1)?;
            if map.contains_key(&key) {
                return Err(ParseError::DuplicateKey);
            }
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }

    fn array(&mut self, raw: &str, depth: usize) -> Result<Value, ParseError> {
        let items = serde_json::Deserializer::from_str(raw)
            .deserialize_seq(Items { most: self.left })
            .map_err(|error| malformed(&error))?;
        self.fits(items.len())?;
        items
            .into_iter()
            .map(|item| self.value(item.get(), depth + 1))
            .collect::<Result<_, _>>()
            .map(Value::List)
    }

    fn string(&self, raw: &str) -> Result<String, ParseError> {
        // Escapes only shrink a string, by a factor of six at most.
        if raw.len() > self.limits.text_bytes.saturating_mul(6).saturating_add(2) {
            return Err(ParseError::TextTooLong(self.limits.text_bytes));
        }
        // Lone surrogates are found here; the pass over the raw text lets them through.
        let text: String = serde_json::from_str(raw).map_err(|error| malformed(&error))?;
        super::body::check_text(&text, self.limits)?;
        Ok(text)
    }

    fn bounded<'t>(&self, text: &'t str) -> Result<&'t str, ParseError> {
        super::body::check_text(text, self.limits)?;
        Ok(text)
    }

    fn fits(&self, count: usize) -> Result<(), ParseError> {
        if count > self.left { Err(ParseError::TooManyParameters(self.limits.parameters)) } else { Ok(()) }
    }
}

/// Position only: serde_json's own words may quote the body.
fn malformed(error: &serde_json::Error) -> ParseError {
    let what = if error.is_eof() { "it ends too early" } else { "it is not valid JSON" };
    ParseError::Malformed(format!(
        "The body could not be read: {what} (line {}, column {}).",
        error.line(),
        error.column()
    ))
}

/// Collects raw members, keeping at most one more than `most` so that the caller can tell.
struct Members {
    most: usize,
}

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            if members.len() <= self.most {
                members.push(member);
            }
        }
        Ok(members)
    }
}

/// Like [`Members`], for arrays.
struct Items {
    most: usize,
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            if items.len() <= self.most {
                items.push(item);
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::body::ParseErrorKind;
    use proptest::prelude::*;

    fn check(text: &str) -> Result<Value, ParseErrorKind> {
        read(text, &Limits::STANDARD).map_err(|error| error.kind())
    }

    #[test]
    fn numbers_keep_their_text() {
        for text in ["1", "-0", "1.10", "1e3", "1E400", "123456789012345678901234567890", "4111111111111111"]
        {
            assert_eq!(check(text), Ok(Value::Number(text.to_owned())));
        }
    }

    #[test]
    fn broken_bodies_are_refused() {
        for text in [
            "",
            "{",
            "{\"a\":}",
            "{'a':1}",
            "[1,]",
            "{\"a\":1}x",
            "NaN",
            "01",
            "1.",
            "+1",
            "0x10",
            "tru",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "{\"\\ud83d\":1}",
            "\"\u{1}\"",
            "\"\\u0000\"",
            "{\"\\u0000\":1}",
        ] {
            assert_eq!(check(text), Err(ParseErrorKind::Malformed), "{text:?}");
        }
        assert_eq!(check("\"\\ud83d\\ude00\""), Ok(Value::from("😀")));
    }

    #[test]
    fn duplicate_keys_are_refused_at_every_depth() {
        for text in ["{\"qty\":1,\"qty\":-5}", "{\"a\":[{\"q\":1,\"q\":1}]}", "{\"a\":1,\"\\u0061\":2}"] {
            assert_eq!(check(text), Err(ParseErrorKind::DuplicateKey), "{text}");
        }
        assert!(check("[{\"q\":1},{\"q\":1}]").is_ok());
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(&nested(Limits::STANDARD.depth)).is_ok());
        assert_eq!(check(&nested(Limits::STANDARD.depth + 1)), Err(ParseErrorKind::TooDeep));
        assert_eq!(check(&nested(100_000)), Err(ParseErrorKind::TooDeep));
    }

    #[test]
    fn five_thousand_lines_pass_and_a_flood_does_not() {
        let line = r#"{"sku":"A","quantity":1,"price":"1.00","a":1,"b":2,"c":3,"d":4,"e":5,"f":6}"#;
        let lines = format!("{{\"line_items\":[{}]}}", vec![line; 5_000].join(","));
        let read = check(&lines).unwrap();
        assert_eq!(read.get("line_items").and_then(Value::list).unwrap().len(), 5_000);
        assert_eq!(
            check(&format!("[{}]", vec!["1"; 100_000].join(","))),
            Err(ParseErrorKind::TooManyParameters)
        );
        let keys: Vec<_> = (0..100_000).map(|n| format!("\"k{n}\":1")).collect();
        assert_eq!(check(&format!("{{{}}}", keys.join(","))), Err(ParseErrorKind::TooManyParameters));
    }

    #[test]
    fn long_texts_and_keys_are_refused() {
        assert_eq!(check(&format!("\"{}\"", "x".repeat(100_000))), Err(ParseErrorKind::TooLarge));
        assert_eq!(check(&format!("\"{}\"", "\\u0041".repeat(300_000))), Err(ParseErrorKind::TooLarge));
        assert_eq!(check(&"1".repeat(100_000)), Err(ParseErrorKind::TooLarge));
        assert_eq!(check(&format!("{{\"{}\":1}}", "k".repeat(600))), Err(ParseErrorKind::TooLarge));
    }

    #[test]
    fn errors_name_a_place_and_no_value() {
        let error = read("{\"a\":\n4111111111111111 2}", &Limits::STANDARD).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(!error.contains("4111"), "{error}");
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Into::into),
            "[^\\x00]{0,20}".prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map("[^\\x00]{1,8}", inner, 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_round_trips(json in any_json()) {
            let text = json.to_string();
            let read = read(&text, &Limits::STANDARD).unwrap();
            // Compared as text: a float that reads back the same prints the same.
            prop_assert_eq!(read.to_json().to_string(), text);
        }
    }
}
