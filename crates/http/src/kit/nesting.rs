//! Pairs with bracketed names (`order[email]=x`, `a[]=1`, `a[][x]=1`, `a[0][x]=1`) into the parameter tree.
//!
//! The rules are Rack's, because the clients were written against it: the last of two equal scalars wins, and
//! under `a[]` a new element begins when the key about to be set is already there. Names whose brackets do not
//! pair are taken literally.
//!
//! A name used both as a scalar and as a container is refused, never guessed.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::body::{ParseError, check_key, check_text};
use super::limits::Limits;
use super::value::{Map, Value};

/// Reads `application/x-www-form-urlencoded` bytes: a query string or a form body.
pub(super) fn read_urlencoded(bytes: &[u8], limits: &Limits) -> Result<Map, ParseError> {
    let mut tree = Nesting::new(limits);
    for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], Some(&pair[at + 1..])),
            None => (pair, None),
        };
        let value = value.map(decode).transpose()?.map_or(Value::Null, Value::Text);
        tree.add(&decode(name)?, value)?;
    }
    Ok(tree.finish())
}

/// `+` is a space; a `%` that escapes nothing stands for itself (coupon codes such as `100%OFF` are typed in).
fn decode(bytes: &[u8]) -> Result<String, ParseError> {
    let spaced: Cow<'_, [u8]> = if bytes.contains(&b'+') {
        bytes.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect()
    } else {
        bytes.into()
    };
    percent_decode(&spaced).decode_utf8().map(Cow::into_owned).map_err(|_| ParseError::NotUtf8)
}

/// A tree being built from pairs.
pub(super) struct Nesting<'a> {
    limits: &'a Limits,
    left: usize,
    root: Map,
}

/// One step of a name: into a member, or to a new element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Append,
}

impl<'a> Nesting<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Nesting { limits, left: limits.parameters, root: Map::new() }
    }

    /// Sets one pair. A pair with an empty name is dropped.
    pub(super) fn add(&mut self, name: &str, value: Value) -> Result<(), ParseError> {
        check_key(name, self.limits)?;
        if let Value::Text(text) = &value {
            check_text(text, self.limits)?;
        }
        let (head, steps) = split(name);
        if head.is_empty() {
            return Ok(());
        }
        if steps.len() > self.limits.depth {
            return Err(ParseError::TooDeep(self.limits.depth));
        }
        // Every step may create a container, so a pair is charged for all of them.
        self.left = self
            .left
            .checked_sub(1 + steps.len())
            .ok_or(ParseError::TooManyParameters(self.limits.parameters))?;
        set(&mut self.root, head, &steps, value)
    }

    pub(super) fn finish(self) -> Map {
        self.root
    }
}

/// `a[b][][c]` into its head and steps; no steps if the brackets do not pair.
fn split(name: &str) -> (&str, Vec<Step<'_>>) {
    let Some(open) = name.find('[').filter(|open| *open > 0) else { return (name, Vec::new()) };
    let mut steps = Vec::new();
    let mut rest = &name[open..];
    while !rest.is_empty() {
        let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return (name, Vec::new());
        };
        if inner.contains('[') {
            return (name, Vec::new());
        }
        steps.push(if inner.is_empty() { Step::Append } else { Step::Member(inner) });
        rest = after;
    }
    (&name[..open], steps)
}

/// Recursion is as deep as the name, which is bounded by [`Limits::depth`].
fn set(map: &mut Map, key: &str, steps: &[Step<'_>], value: Value) -> Result<(), ParseError> {
    let Some((step, rest)) = steps.split_first() else {
        return match map.get(key) {
            Some(Value::List(_) | Value::Map(_)) => Err(conflict()),
            _ => {
                map.insert(key.to_owned(), value);
                Ok(())
            }
        };
    };
    match step {
        Step::Member(member) => match map.entry(key.to_owned()).or_insert_with(|| Value::Map(Map::new())) {
            Value::Map(inner) => set(inner, member, rest, value),
            _ => Err(conflict()),
        },
        Step::Append => match map.entry(key.to_owned()).or_insert_with(|| Value::List(Vec::new())) {
            Value::List(items) => append(items, rest, value),
            _ => Err(conflict()),
        },
    }
}

fn append(items: &mut Vec<Value>, steps: &[Step<'_>], value: Value) -> Result<(), ParseError> {
    match steps.split_first() {
        None => items.push(value),
        Some((Step::Member(member), rest)) => {
            match items.last_mut() {
                Some(Value::Map(last)) if !has(last, member, rest) => return set(last, member, rest, value),
                _ => {}
            }
            let mut fresh = Map::new();
            set(&mut fresh, member, rest, value)?;
            items.push(Value::Map(fresh));
        }
        // A list directly in a list: every value begins a new one.
        Some((Step::Append, rest)) => {
            let mut inner = Vec::new();
            append(&mut inner, rest, value)?;
            items.push(Value::List(inner));
        }
    }
    Ok(())
}

/// Whether the element already has what is about to be set, so that a new element must begin. Further down a
/// list nothing counts as being there, since it is going to be appended to.
fn has(map: &Map, key: &str, steps: &[Step<'_>]) -> bool {
    let Some(value) = map.get(key) else { return false };
    match (steps.split_first(), value) {
        (None, _) => true,
        (Some((Step::Member(member), rest)), Value::Map(inner)) => has(inner, member, rest),
        (Some(_), _) => false,
    }
}

fn conflict() -> ParseError {
    ParseError::Malformed("One parameter name is used both for a value and for a group of values.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::body::ParseErrorKind;
    use serde_json::json;

    fn check(query: &str) -> Result<serde_json::Value, ParseErrorKind> {
        read_urlencoded(query.as_bytes(), &Limits::STANDARD)
            .map(|map| Value::Map(map).to_json())
            .map_err(|error| error.kind())
    }

    #[test]
    fn names_nest_by_racks_rules() {
        for (query, expected) in [
            ("", json!({})),
            ("a=1&b=two+words&c=%C3%A9", json!({"a": "1", "b": "two words", "c": "é"})),
            ("a", json!({"a": null})),
            ("a=", json!({"a": ""})),
            ("a=1&a=2", json!({"a": "2"})),
            ("a=b=c", json!({"a": "b=c"})),
            ("&&a=1&&", json!({"a": "1"})),
            ("=1", json!({})),
            ("order[email]=x", json!({"order": {"email": "x"}})),
            ("order%5Bemail%5D=x", json!({"order": {"email": "x"}})),
            ("q[name_cont]=abc", json!({"q": {"name_cont": "abc"}})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[][x]=1&a[][y]=2&a[][x]=3", json!({"a": [{"x": "1", "y": "2"}, {"x": "3"}]})),
            (
                "a[][x][p]=1&a[][x][q]=2&a[][x][p]=3",
                json!({"a": [{"x": {"p": "1", "q": "2"}}, {"x": {"p": "3"}}]}),
            ),
            ("a[][x][]=1&a[][x][]=2", json!({"a": [{"x": ["1", "2"]}]})),
            ("a[0][x]=1&a[1][x]=2&a[0][y]=3", json!({"a": {"0": {"x": "1", "y": "3"}, "1": {"x": "2"}}})),
            ("a[][]=1&a[][]=2", json!({"a": [["1"], ["2"]]})),
            ("a[b=1&c]d=2&[e]=3", json!({"a[b": "1", "c]d": "2", "[e]": "3"})),
            ("a[b]c=1", json!({"a[b]c": "1"})),
            ("code=100%", json!({"code": "100%"})),
        ] {
            assert_eq!(check(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn shapes_may_not_conflict() {
        for query in [
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[]=1&a[b]=2",
            "a[b]=1&a[]=2",
            "a=1&a[]=2",
            "a[][x]=1&a[][x][y]=2&a=1",
        ] {
            assert_eq!(check(query), Err(ParseErrorKind::Malformed), "{query}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(check("a=%ff"), Err(ParseErrorKind::NotUtf8));
        assert_eq!(check("%ff=a"), Err(ParseErrorKind::NotUtf8));
        assert_eq!(check("a=%ED%A0%80"), Err(ParseErrorKind::NotUtf8), "an encoded surrogate");
        assert_eq!(check("a=%00"), Err(ParseErrorKind::Malformed));
    }

    #[test]
    fn bounds_hold() {
        let deep = format!("a{}=1", "[b]".repeat(Limits::STANDARD.depth + 1));
        assert_eq!(check(&deep), Err(ParseErrorKind::TooDeep));
        assert_eq!(check(&"a[]=1&".repeat(100_000)), Err(ParseErrorKind::TooManyParameters));
        assert_eq!(check(&format!("{}=1", "k".repeat(600))), Err(ParseErrorKind::TooLarge));
        assert_eq!(check(&format!("a={}", "x".repeat(100_000))), Err(ParseErrorKind::TooLarge));
    }
}
