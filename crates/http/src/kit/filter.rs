//! Searches in the manner of `q[name_or_sku_cont]=abc&q[s]=created_at desc` (Ransack, as in Solidus and Spree).
//!
//! The caller names the attributes that may be searched; whatever else is asked for is ignored, not refused. So is a
//! condition without a value. Attribute names that reach a store or a comparison come from the caller's list only.

use std::cmp::Ordering;

use super::filter_value::FieldValue;
use super::limits::{FILTER_CONDITIONS, FILTER_SORTS, FILTER_VALUES};
use super::params::Params;
use super::value::{Map, Value};

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// Equal.
    Eq,
    /// Set, and not equal.
    NotEq,
    /// Contains, whatever the case of letters.
    Cont,
    /// Begins with, whatever the case.
    Start,
    /// Ends with, whatever the case.
    End,
    /// Like [`Predicate::Cont`].
    ICont,
    /// Greater.
    Gt,
    /// Greater or equal.
    GtEq,
    /// Less.
    Lt,
    /// Less or equal.
    LtEq,
    /// One of several.
    In,
    /// Not set.
    Null,
    /// Set.
    NotNull,
    /// Set and not empty.
    Present,
    /// Not set or empty.
    Blank,
    /// Is true.
    True,
    /// Is false.
    False,
}

/// Suffixes; where one ends with another, the longer comes first.
const PREDICATES: &[(&str, Predicate)] = &[
    ("_not_eq", Predicate::NotEq),
    ("_eq", Predicate::Eq),
    ("_i_cont", Predicate::ICont),
    ("_cont", Predicate::Cont),
    ("_start", Predicate::Start),
    ("_end", Predicate::End),
    ("_gteq", Predicate::GtEq),
    ("_gt", Predicate::Gt),
    ("_lteq", Predicate::LtEq),
    ("_lt", Predicate::Lt),
    ("_in", Predicate::In),
    ("_not_null", Predicate::NotNull),
    ("_null", Predicate::Null),
    ("_present", Predicate::Present),
    ("_blank", Predicate::Blank),
    ("_true", Predicate::True),
    ("_false", Predicate::False),
];

impl Predicate {
    /// Takes the predicate off the end of a key: `name_cont` is `("name", Cont)`.
    pub fn split(key: &str) -> Option<(&str, Predicate)> {
        PREDICATES.iter().find_map(|(suffix, predicate)| {
            let name = key.strip_suffix(suffix).filter(|name| !name.is_empty())?;
            Some((name, *predicate))
        })
    }

    /// The opposite, for the predicates whose value is a yes or no; `None` for the others.
    fn negated(self) -> Option<Predicate> {
        match self {
            Predicate::Null => Some(Predicate::NotNull),
            Predicate::NotNull => Some(Predicate::Null),
            Predicate::Present => Some(Predicate::Blank),
            Predicate::Blank => Some(Predicate::Present),
            Predicate::True => Some(Predicate::False),
            Predicate::False => Some(Predicate::True),
            _ => None,
        }
    }
}

/// One condition; it holds if it holds for one of its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Joined by "or"; all from the caller's list.
    pub attributes: Vec<String>,
    /// How they are compared; `null=0` has become [`Predicate::NotNull`].
    pub predicate: Predicate,
    /// One value, several for [`Predicate::In`], none for the yes-or-no predicates.
    pub values: Vec<String>,
}

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combinator {
    /// All must hold.
    #[default]
    And,
    /// One must hold (`q[m]=or`).
    Or,
}

/// Which way a sort runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Small to large, nulls last.
    Ascending,
    /// Large to small, nulls first.
    Descending,
}

/// One sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// From the caller's list.
    pub attribute: String,
    /// Which way.
    pub direction: Direction,
}

/// A whole search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// How the conditions are joined.
    pub combinator: Combinator,
    /// Conditions in the order they were asked.
    pub conditions: Vec<Condition>,
    /// Sort keys, the most important first.
    pub sorts: Vec<Sort>,
}

impl Filter {
    /// Reads `q`. `allowed` are the attributes that may be searched and sorted by.
    pub fn from_params(params: &Params, allowed: &[&str]) -> Self {
        params.get("q").and_then(Value::map).map(|q| Filter::from_map(q, allowed)).unwrap_or_default()
    }

    fn from_map(q: &Map, allowed: &[&str]) -> Self {
        let or = q.get("m").and_then(Value::text).is_some_and(|m| m.eq_ignore_ascii_case("or"));
        Filter {
            combinator: if or { Combinator::Or } else { Combinator::And },
            conditions: q
                .iter()
                .filter_map(|(key, value)| condition(key, value, allowed))
                .take(FILTER_CONDITIONS)
                .collect(),
            sorts: q.get("s").or_else(|| q.get("sorts")).map(|s| sorts(s, allowed)).unwrap_or_default(),
        }
    }

    /// Whether a row is found; `field` gives an attribute of it, `None` if the row has no such thing.
    pub fn matches<'v>(&self, field: impl Fn(&str) -> Option<FieldValue<'v>>) -> bool {
        match self.combinator {
            Combinator::And => self.conditions.iter().all(|condition| condition.matches(&field)),
            Combinator::Or if self.conditions.is_empty() => true,
            Combinator::Or => self.conditions.iter().any(|condition| condition.matches(&field)),
        }
    }

    /// Order of two rows by the sort keys; equal if there are none, so a stable sort keeps the natural order.
    pub fn compare<'v>(
        &self,
        a: impl Fn(&str) -> Option<FieldValue<'v>>,
        b: impl Fn(&str) -> Option<FieldValue<'v>>,
    ) -> Ordering {
        self.sorts.iter().fold(Ordering::Equal, |order, sort| {
            order.then_with(|| {
                let value = |row: Option<FieldValue<'v>>| row.unwrap_or(FieldValue::Null);
                let order = value(a(&sort.attribute)).compare(&value(b(&sort.attribute)));
                match sort.direction {
                    Direction::Ascending => order,
                    Direction::Descending => order.reverse(),
                }
            })
        })
    }
}

impl Condition {
    /// Whether it holds for a row.
    pub fn matches<'v>(&self, field: impl Fn(&str) -> Option<FieldValue<'v>>) -> bool {
        self.attributes.iter().filter_map(|attribute| field(attribute)).any(|value| self.holds(&value))
    }

    fn holds(&self, value: &FieldValue<'_>) -> bool {
        match (self.predicate, value) {
            (Predicate::Null, value) => return value.is_null(),
            (Predicate::NotNull, value) => return !value.is_null(),
            (_, FieldValue::Any(values)) if !values.is_empty() => {
                return values.iter().any(|value| self.holds(value));
            }
            (Predicate::Present, value) => return !value.is_blank(),
            (Predicate::Blank, value) => return value.is_blank(),
            (Predicate::True, value) => return *value == FieldValue::Bool(true),
            (Predicate::False, value) => return *value == FieldValue::Bool(false),
            _ => {}
        }
        self.values.iter().any(|text| self.compares(value, text))
    }

    fn compares(&self, value: &FieldValue<'_>, text: &str) -> bool {
        let within = |test: fn(&str, &str) -> bool| {
            value.lower_text().is_some_and(|value| test(&value, &text.to_lowercase()))
        };
        let ordered = |test: fn(Ordering) -> bool| value.against(text).is_some_and(test);
        match self.predicate {
            Predicate::Eq | Predicate::In => ordered(Ordering::is_eq),
            Predicate::NotEq => ordered(Ordering::is_ne),
            Predicate::Gt => ordered(Ordering::is_gt),
            Predicate::GtEq => ordered(Ordering::is_ge),
            Predicate::Lt => ordered(Ordering::is_lt),
            Predicate::LtEq => ordered(Ordering::is_le),
            // Databases search without regard to case here (`ILIKE`), so the plain form does as well.
            Predicate::Cont | Predicate::ICont => within(|value, text| value.contains(text)),
            Predicate::Start => within(|value, text| value.starts_with(text)),
            Predicate::End => within(|value, text| value.ends_with(text)),
            // Answered in `holds`; they carry no values.
            Predicate::Null
            | Predicate::NotNull
            | Predicate::Present
            | Predicate::Blank
            | Predicate::True
            | Predicate::False => false,
        }
    }
}

fn condition(key: &str, value: &Value, allowed: &[&str]) -> Option<Condition> {
    let (names, predicate) = Predicate::split(key)?;
    let attributes: Vec<String> = names.split("_or_").map(str::to_owned).collect();
    if !attributes.iter().all(|name| allowed.contains(&name.as_str())) {
        return None;
    }
    if let Some(opposite) = predicate.negated() {
        let predicate = if value.flag()? { predicate } else { opposite };
        return Some(Condition { attributes, predicate, values: Vec::new() });
    }
    let values: Vec<String> = match (predicate, value.list()) {
        (Predicate::In, Some(items)) => {
            items.into_iter().filter_map(Value::text).take(FILTER_VALUES).map(str::to_owned).collect()
        }
        _ => vec![value.text()?.to_owned()],
    };
    let values: Vec<String> = values.into_iter().filter(|value| !value.trim().is_empty()).collect();
    (!values.is_empty()).then_some(Condition { attributes, predicate, values })
}

/// `created_at desc`, several separated by commas, or a list of such texts.
fn sorts(value: &Value, allowed: &[&str]) -> Vec<Sort> {
    value.texts().into_iter().filter_map(|text| sort(text, allowed)).take(FILTER_SORTS).collect()
}

fn sort(text: &str, allowed: &[&str]) -> Option<Sort> {
    let mut words = text.split_ascii_whitespace();
    let attribute = words.next().filter(|name| allowed.contains(name))?.to_owned();
    let direction = match words.next() {
        None => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("desc") => Direction::Descending,
        Some(_) => return None,
    };
    Some(Sort { attribute, direction })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    const ALLOWED: &[&str] =
        &["id", "email", "number", "state", "total", "completed_at", "guest", "shipments_number", "note"];

    fn filter(query: &str) -> Filter {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        Filter::from_params(&parse(request, &Limits::STANDARD).unwrap(), ALLOWED)
    }

    fn row(attribute: &str) -> Option<FieldValue<'static>> {
        Some(match attribute {
            "id" => FieldValue::Int(7),
            "email" => FieldValue::from("Ada@Example.com"),
            "number" => FieldValue::from("R123"),
            "state" => FieldValue::from("complete"),
            "total" => FieldValue::Decimal { minor: 1999, scale: 2 },
            "completed_at" => FieldValue::Null,
            "guest" => FieldValue::Bool(false),
            "shipments_number" => FieldValue::Any(vec![FieldValue::from("H1"), FieldValue::from("H2")]),
            "note" => FieldValue::from(" "),
            _ => return None,
        })
    }

    #[test]
    fn every_predicate_finds_and_misses() {
        for (query, found) in [
            ("q[email_eq]=Ada@Example.com", true),
            ("q[email_eq]=ada@example.com", false),
            ("q[state_not_eq]=cart", true),
            ("q[state_not_eq]=complete", false),
            ("q[completed_at_not_eq]=2026-01-01", false),
            ("q[email_cont]=EXAMPLE", true),
            ("q[email_cont]=sample", false),
            ("q[email_i_cont]=ada@", true),
            ("q[number_start]=r1", true),
            ("q[number_start]=123", false),
            ("q[number_end]=23", true),
            ("q[number_end]=R", false),
            ("q[total_gt]=19.98", true),
            ("q[total_gt]=19.99", false),
            ("q[total_gteq]=19.990", true),
            ("q[total_lt]=20", true),
            ("q[total_lt]=19.99", false),
            ("q[total_lteq]=19.99", true),
            ("q[total_lteq]=NaN", false),
            ("q[id_in][]=6&q[id_in][]=7", true),
            ("q[id_in][]=6", false),
            ("q[completed_at_null]=1", true),
            ("q[completed_at_null]=0", false),
            ("q[completed_at_not_null]=true", false),
            ("q[completed_at_not_null]=false", true),
            ("q[note_present]=1", false),
            ("q[note_blank]=1", true),
            ("q[note_blank]=0", false),
            ("q[guest_true]=1", false),
            ("q[guest_false]=1", true),
            ("q[guest_true]=0", true),
            ("q[shipments_number_eq]=H2", true),
            ("q[shipments_number_eq]=H3", false),
            ("q[shipments_number_null]=1", false),
            ("q[email_or_number_cont]=r12", true),
            ("q[email_or_number_cont]=nobody", false),
            ("q[id_eq]=7&q[state_eq]=cart", false),
            ("q[id_eq]=7&q[state_eq]=cart&q[m]=or", true),
            ("q[m]=or", true),
        ] {
            assert_eq!(filter(query).matches(row), found, "{query}");
        }
    }

    #[test]
    fn unknown_and_empty_conditions_are_ignored() {
        for query in [
            "",
            "q=abc",
            "q[password_eq]=x",
            "q[email_or_password_cont]=x",
            "q[email_matches_everything]=x",
            "q[email]=x",
            "q[_eq]=x",
            "q[email_cont]=",
            "q[email_eq][a]=1",
            "q[id_in][]=",
            "q[completed_at_null]=maybe",
            "q[s]=password desc",
            "q[s]=email;drop",
            "q[s]=email sideways",
        ] {
            assert_eq!(filter(query), Filter::default(), "{query}");
        }
    }

    #[test]
    fn the_longer_predicate_wins() {
        for (key, expected) in [
            ("completed_at_not_null", Some(("completed_at", Predicate::NotNull))),
            ("state_not_eq", Some(("state", Predicate::NotEq))),
            ("total_gteq", Some(("total", Predicate::GtEq))),
            ("name_i_cont", Some(("name", Predicate::ICont))),
            ("a_or_b_in", Some(("a_or_b", Predicate::In))),
            ("eq", None),
            ("_eq", None),
        ] {
            assert_eq!(Predicate::split(key), expected, "{key}");
        }
    }

    #[test]
    fn sorts_come_as_text_or_list() {
        let expected = vec![
            Sort { attribute: "total".to_owned(), direction: Direction::Descending },
            Sort { attribute: "id".to_owned(), direction: Direction::Ascending },
        ];
        for query in [
            "q[s]=total desc, id",
            "q[s][]=total DESC&q[s][]=id asc",
            "q[s][0]=total desc&q[s][1]=id",
            "q[sorts]=total desc,secret asc,id asc",
        ] {
            assert_eq!(filter(query).sorts, expected, "{query}");
        }
    }

    #[test]
    fn rows_sort_by_every_key_with_nulls_last() {
        let rows = [(1, Some(5)), (2, None), (3, Some(9)), (4, Some(5))];
        let field = |row: (i64, Option<i64>)| {
            move |attribute: &str| match attribute {
                "id" => Some(FieldValue::Int(row.0)),
                _ => row.1.map(FieldValue::Int),
            }
        };
        for (query, expected) in
            [("q[s]=total asc, id desc", [4, 1, 3, 2]), ("q[s]=total desc", [2, 3, 1, 4]), ("", [1, 2, 3, 4])]
        {
            let filter = filter(query);
            let mut sorted = rows;
            sorted.sort_by(|a, b| filter.compare(field(*a), field(*b)));
            assert_eq!(sorted.map(|row| row.0), expected, "{query}");
        }
    }
}
