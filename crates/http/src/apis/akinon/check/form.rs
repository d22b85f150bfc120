//! One object of a body: each field is read once, and what is wrong with it is noted on the way.
//!
//! `None` from a reader means that the field is not there, or that it was wrong and is noted. A field that must be there and
//! is not cannot be missed: whoever reads everything and then asks `finish` gets either all values or all errors.

use super::errors::{Errors, WHOLE};
use super::number;
use crate::apis::akinon::tongue::Say;
use crate::kit::{Map, Value};
use domain::money::{Amount, Currency};

/// Longest number, as text, that is looked at.
const NUMBER_CHARACTERS: usize = 1_000;

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Required,
    /// May also be null.
    Optional,
}

/// An object that is being read.
#[derive(Debug)]
pub struct Form<'a> {
    given: Option<&'a Map>,
    errors: Errors,
}

impl<'a> Form<'a> {
    /// A body; one without fields is as good as none.
    pub fn new(given: &'a Map) -> Form<'a> {
        Form { given: Some(given), errors: Errors::default() }
    }

    /// Notes something about a field.
    pub fn wrong(&mut self, field: &str, say: Say) {
        self.errors.add(field, say);
    }

    /// What was found so far.
    pub fn errors(&self) -> &Errors {
        &self.errors
    }

    /// # Errors
    /// All that is wrong.
    pub fn finish(self) -> Result<(), Errors> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    /// The field as it came, if it is there and not null.
    fn given(&mut self, field: &str, need: Need) -> Option<&'a Value> {
        match self.given.and_then(|map| map.get(field)) {
            None if need == Need::Required => self.wrong(field, Say::Required),
            Some(Value::Null) if need == Need::Required => self.wrong(field, Say::Null),
            None | Some(Value::Null) => {}
            Some(value) => return Some(value),
        }
        None
    }

    fn or_wrong<T>(&mut self, field: &str, value: Option<T>, say: Say) -> Option<T> {
        if value.is_none() {
            self.wrong(field, say);
        }
        value
    }

    /// A whole number; texts of digits count, as do fractions of zero. Numbers that fit nowhere are none.
    pub fn integer(&mut self, field: &str, need: Need) -> Option<i64> {
        let value = self.given(field, need)?;
        if matches!(value, Value::Text(text) if text.len() > NUMBER_CHARACTERS) {
            self.wrong(field, Say::TextTooLarge);
            return None;
        }
        let read = whole(value);
        self.or_wrong(field, read, Say::NotInteger)
    }

    /// A whole number within bounds, both included.
    pub fn integer_in(&mut self, field: &str, need: Need, least: i64, most: i64) -> Option<i64> {
        let number = self.integer(field, need)?;
        match number {
            number if number < least => self.wrong(field, Say::AtLeast(least)),
            number if number > most => self.wrong(field, Say::AtMost(most)),
            number => return Some(number),
        }
        None
    }

    /// A text, trimmed; a blank one is wrong where it is required, and nothing where it is not.
    pub fn text(&mut self, field: &str, need: Need, most: usize) -> Option<String> {
        let text = self.any_text(field, need)?;
        if text.chars().count() > most {
            self.wrong(field, Say::TooLong(most));
            return None;
        }
        Some(text)
    }

    fn any_text(&mut self, field: &str, need: Need) -> Option<String> {
        let value = self.given(field, need)?;
        let text = match value {
            Value::Text(text) | Value::Number(text) => Some(text.trim().to_owned()),
            _ => None,
        };
        let text = self.or_wrong(field, text, Say::NotText)?;
        if text.is_empty() {
            if need == Need::Required {
                self.wrong(field, Say::Blank);
            }
            return None;
        }
        Some(text)
    }

    /// A text that is kept as it came, blanks and all.
    pub fn verbatim(&mut self, field: &str) -> Option<String> {
        let value = self.given(field, Need::Required)?;
        let text = match value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            _ => None,
        };
        self.or_wrong(field, text, Say::NotText)
    }

    /// Digits: `least` to `most` of them, all ASCII. Everything that is wrong with it is said.
    pub fn digits(&mut self, field: &str, least: usize, most: usize) -> Option<String> {
        let text = self.any_text(field, Need::Required)?;
        let length = text.chars().count();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        if length < least {
            self.wrong(field, Say::TooShort(least));
        }
        if length > most {
            self.wrong(field, Say::TooLong(most));
        }
        if !plain || length < least || length > most {
            self.wrong(field, Say::NoMatch);
            return None;
        }
        Some(text)
    }

    /// Yes or no, in the spellings that Django REST Framework takes.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        let value = self.given(field, Need::Required)?;
        let read = match value {
            Value::Bool(flag) => Some(*flag),
            Value::Text(text) | Value::Number(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
                "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        self.or_wrong(field, read, Say::NotBoolean)
    }

    /// An amount; a decimal number, or a text that is one.
    pub fn money(&mut self, field: &str, currency: Currency) -> Option<Amount> {
        let value = self.given(field, Need::Required)?;
        let read = decimal(value).and_then(|text| number::money(text, currency));
        self.or_wrong(field, read, Say::NotNumber)
    }

    /// A number in thousandths, from 0 to `most` ones.
    pub fn share(&mut self, field: &str, most: i64) -> Option<i64> {
        let value = self.given(field, Need::Optional)?;
        // A rate has no currency; the dinar has three decimal places.
        let read = decimal(value).and_then(|text| number::money(text, Currency::BHD));
        let share = self.or_wrong(field, read, Say::NotNumber)?;
        match share.0 {
            share if share < 0 => self.wrong(field, Say::AtLeast(0)),
            share if share > most * 1000 => self.wrong(field, Say::AtMost(most)),
            share => return Some(share),
        }
        None
    }

    /// A UUID with or without dashes, in small letters with dashes.
    pub fn uuid(&mut self, field: &str) -> Option<String> {
        let value = self.given(field, Need::Required)?;
        let read = value.text().filter(|_| matches!(value, Value::Text(_))).and_then(uuid);
        self.or_wrong(field, read, Say::NotUuid)
    }

    /// An address of mail, in small letters.
    pub fn email(&mut self, field: &str) -> Option<String> {
        let text = self.text(field, Need::Required, domain::limits::EMAIL)?;
        let read = is_email(&text).then(|| text.to_lowercase());
        self.or_wrong(field, read, Say::NotEmail)
    }

    /// One of these, whatever its case; as it stands in the list.
    pub fn choice(&mut self, field: &str, need: Need, known: &[&'static str]) -> Option<&'static str> {
        let text = self.any_text(field, need)?;
        let read = known.iter().find(|known| known.eq_ignore_ascii_case(&text)).copied();
        let shown: String = text.chars().take(64).collect();
        self.or_wrong(field, read, Say::NotChoice(shown))
    }

    /// An object, read by `read`.
    pub fn object<T>(
        &mut self,
        field: &str,
        need: Need,
        read: impl FnOnce(&mut Form<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.given(field, need)?;
        let (read, errors) = one(value, read);
        self.errors.within(field, errors);
        read
    }

    /// Objects, at least one and at most `most`, each read by `read`.
    pub fn objects<T>(
        &mut self,
        field: &str,
        most: usize,
        read: impl Fn(&mut Form<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.given(field, Need::Required)?;
        let Value::List(items) = value else {
            self.wrong(field, Say::NotList(kind(value)));
            return None;
        };
        if items.is_empty() || items.len() > most {
            let say = if items.is_empty() { Say::EmptyList } else { Say::TooManyItems(most) };
            self.wrong(field, say);
            return None;
        }
        let (values, errors): (Vec<Option<T>>, Vec<Errors>) =
            items.iter().map(|item| one(item, &read)).unzip();
        self.errors.items(field, errors);
        values.into_iter().collect()
    }
}

fn one<'a, T>(value: &'a Value, read: impl FnOnce(&mut Form<'a>) -> Option<T>) -> (Option<T>, Errors) {
    let Value::Map(map) = value else {
        return (None, Errors::one(WHOLE, Say::NotObject(kind(value))));
    };
    let mut form = Form::new(map);
    let value = read(&mut form);
    (value, form.errors)
}

/// What Python calls it.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(text) if text.contains(['.', 'e', 'E']) => "float",
        Value::Number(_) => "int",
        Value::Text(_) => "str",
        Value::List(_) => "list",
        Value::Map(_) => "dict",
    }
}

fn whole(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(text) => text.as_str(),
        Value::Text(text) => text.trim(),
        _ => return None,
    };
    let bare = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    Value::from(bare).integer()
}

/// The text of a number, whether it came as one or as a text. `-0` and exponents are numbers too.
fn decimal(value: &Value) -> Option<&str> {
    match value {
        Value::Number(text) => Some(text),
        Value::Text(text) if text.len() <= NUMBER_CHARACTERS => Some(text.trim()),
        _ => None,
    }
}

/// A UUID with or without dashes, in small letters with dashes.
pub fn uuid(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|character| *character != '-').collect();
    let dashed = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    let is_one = plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_one || !(dashed || text.len() == 32) {
        return None;
    }
    let plain = plain.to_ascii_lowercase();
    let parts = [&plain[..8], &plain[8..12], &plain[12..16], &plain[16..20], &plain[20..]];
    Some(parts.join("-"))
}

/// One `@` with something on both sides, a point in the host, no white space.
fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|character| character.is_whitespace() || character.is_control());
    let host = |host: &str| host.contains('.') && host.split('.').all(|label| !label.is_empty());
    plain
        && text
            .split_once('@')
            .is_some_and(|(name, rest)| !name.is_empty() && !rest.contains('@') && host(rest))
}
