//! Which rows of a list are wanted, and in which order.
//!
//! Rows are JSON already, so filters and sorts work on what the caller sees. What is junk is ignored.

use crate::kit::format::parse_timestamp;
use crate::kit::{Map, Params, Value};
use domain::Time;
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Keeps the rows that `filter[...]` asks for; `special` answers for filters that are no plain attribute.
pub fn filter(
    rows: &mut Vec<Json>,
    params: &Params,
    allowed: &[&str],
    special: impl Fn(&Json, &str, &Value) -> Option<bool>,
) {
    let Some(filters) = params.get("filter").and_then(Value::map) else { return };
    let wanted: Vec<(&String, &Value)> =
        filters.iter().filter(|(name, _)| allowed.contains(&name.as_str())).collect();
    rows.retain(|row| {
        wanted.iter().all(|(name, value)| {
            special(row, name, value).unwrap_or_else(|| holds(&row[name.as_str()], value))
        })
    });
}

/// Whether an attribute is one of the values asked for.
fn holds(attribute: &Json, value: &Value) -> bool {
    let wanted: Vec<&str> =
        value.texts().into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    let is = |json: &Json| match json {
        Json::String(text) => wanted.iter().any(|want| want.eq_ignore_ascii_case(text)),
        Json::Bool(flag) => value.flag() == Some(*flag),
        Json::Null => wanted.iter().all(|want| want.is_empty() || *want == "null"),
        other => wanted.contains(&other.to_string().as_str()),
    };
    match attribute {
        Json::Array(several) => several.iter().any(is),
        one => is(one),
    }
}

/// Whether a time is in what was asked for: a day, a moment, or bounds (`from`/`gte`/`gt`, `to`/`lte`/`lt`).
pub fn in_span(at: Time, value: &Value) -> bool {
    let bound =
        |names: [&str; 3]| names.into_iter().find_map(|name| value.get(name)?.text().map(str::to_owned));
    if value.map().is_some() {
        let from = bound(["from", "gte", "gt"]).and_then(|text| parse_timestamp(&text));
        let to = bound(["to", "lte", "lt"]).map(|text| (is_day(&text), parse_timestamp(&text)));
        let end = to.and_then(|(day, end)| end.map(|end| if day { end.0 + DAY_MS - 1 } else { end.0 }));
        return from.is_none_or(|from| from <= at) && end.is_none_or(|end| at.0 <= end);
    }
    let Some(text) = value.text() else { return true };
    match parse_timestamp(text) {
        Some(day) if is_day(text) => day.0 <= at.0 && at.0 < day.0 + DAY_MS,
        Some(moment) => moment == at,
        None => false,
    }
}

fn is_day(text: &str) -> bool {
    text.trim().len() == "2026-01-05".len()
}

/// Sorts by `sort[field]=asc|desc`; rows that are equal, and all rows without it, stand by id.
pub fn sort(rows: &mut [Json], params: &Params) {
    let none = Map::default();
    let sorts = params.get("sort").and_then(Value::map).unwrap_or(&none);
    rows.sort_by(|one, other| {
        for (name, direction) in sorts {
            let order = compare(&key(one, name), &key(other, name));
            let is_down = direction.text().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
            let order = if is_down { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        compare(&one["id"], &other["id"])
    });
}

/// What a row is sorted by: times by their moment, money by its amount.
fn key(row: &Json, name: &str) -> Json {
    let value = match name {
        "starts_at" => &row["start"]["utc"],
        "ends_at" => &row["end"]["utc"],
        _ => &row[name],
    };
    match value {
        Json::Object(map) => map.get("amount").or_else(|| map.get("utc")).cloned().unwrap_or_default(),
        other => other.clone(),
    }
}

fn compare(one: &Json, other: &Json) -> Ordering {
    match (one, other) {
        (Json::Null, Json::Null) => Ordering::Equal,
        (Json::Null, _) => Ordering::Greater,
        (_, Json::Null) => Ordering::Less,
        (Json::Number(one), Json::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (Json::String(one), Json::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (one, other) => one.to_string().cmp(&other.to_string()),
    }
}

/// `a,b.c` or a list of such texts.
pub fn words(value: &Value) -> Vec<String> {
    let texts = value.texts().into_iter().flat_map(|text| text.split(','));
    texts.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};
    use serde_json::json;

    fn params(query: &str) -> Params {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        parse(request, &Limits::STANDARD).unwrap()
    }

    fn rows() -> Vec<Json> {
        (1..=25).map(|id| json!({ "id": id, "name": format!("N{}", id % 3), "tags": [id % 2] })).collect()
    }

    #[test]
    fn filters_and_sorts() {
        let mut found = rows();
        filter(
            &mut found,
            &params("filter[name]=n1&filter[tags]=1&filter[id]=x"),
            &["name", "tags"],
            |_, _, _| None,
        );
        assert_eq!(found.len(), 5);
        sort(&mut found, &params("sort[id]=desc"));
        assert_eq!(found[0]["id"], 25);
        sort(&mut found, &params("sort[name]=desc"));
        assert_eq!(found[0]["id"], 1);
    }

    #[test]
    fn spans_of_time() {
        let at = parse_timestamp("2026-01-05T12:00:00Z").unwrap();
        for (query, inside) in [
            ("f=2026-01-05", true),
            ("f=2026-01-06", false),
            ("f[from]=2026-01-05&f[to]=2026-01-05", true),
            ("f[gt]=2026-01-06", false),
            ("f[lte]=2026-01-05T11:00:00Z", false),
            ("f=never", false),
        ] {
            assert_eq!(in_span(at, params(query).get("f").unwrap()), inside, "{query}");
        }
    }
}
