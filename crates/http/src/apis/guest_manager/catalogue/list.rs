//! Lists: which rows, in which order, which page of them, and what is said about the rest.
//!
//! Rows are JSON already, so filters, sorts and `fields` work on what the caller sees. Pages are numbered, unless
//! the caller sends `page[cursor]`: then the answer names the cursor of the next page, which is the last id shown.
//! What is junk is ignored; a page beyond the end is an empty one.

use crate::kit::{Map, Params, Value};
use crate::kit::format::parse_timestamp;
use domain::Time;
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// Rows of a page when the caller does not say.
const SIZE: usize = 10;
/// Most rows of a page.
pub const MOST: usize = 100;
/// Most events of a page: they bring what is sold for them along.
pub const MOST_EVENTS: usize = 50;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Which list this is, for its links and its bound.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Absolute address of the list, without a query.
    pub url: &'a str,
    pub query: Option<&'a str>,
    pub most: usize,
}

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
    let wanted: Vec<&str> = value.texts().into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
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
    let bound = |names: [&str; 3]| names.into_iter().find_map(|name| value.get(name)?.text().map(str::to_owned));
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

/// Keeps the attributes that `fields` names, the id, and what was included.
pub fn trim(row: Json, params: &Params, included: &[String]) -> Json {
    let named = params.get("fields").map(words).unwrap_or_default();
    let Json::Object(mut map) = row else { return row };
    if !named.is_empty() {
        map.retain(|name, _| name == "id" || named.contains(name) || included.contains(name));
    }
    Json::Object(map)
}

/// `a,b.c` or a list of such texts.
pub fn words(value: &Value) -> Vec<String> {
    let texts = value.texts().into_iter().flat_map(|text| text.split(','));
    texts.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// One page with its figures.
pub fn page(rows: Vec<Json>, params: &Params, place: Place<'_>) -> Json {
    let asked = params.get("page");
    let number = |name: &str| {
        let number = asked?.get(name)?.integer()?;
        usize::try_from(number).ok().filter(|number| *number > 0)
    };
    let size = number("size").unwrap_or(SIZE).min(place.most);
    match asked.and_then(|page| page.get("cursor")) {
        Some(cursor) => by_cursor(rows, cursor.text().unwrap_or_default(), size, place),
        None => by_number(rows, number("number").unwrap_or(1), size, place),
    }
}

fn by_number(rows: Vec<Json>, number: usize, size: usize, place: Place<'_>) -> Json {
    let total = rows.len();
    let pages = total.div_ceil(size);
    let from = (number - 1).saturating_mul(size).min(total);
    let shown: Vec<Json> = rows.into_iter().skip(from).take(size).collect();
    let next = (number < pages).then_some(number + 1);
    let prev = (number > 1).then(|| (number - 1).min(pages.max(1)));
    let link = |number: usize| place.link("number", &number.to_string());
    json!({
        "meta": {
            "count": shown.len(),
            "total": total,
            "page": {
                "number": number,
                "size": size,
                "next": next,
                "prev": prev,
                "total": pages,
                "last": number >= pages,
                "first": number == 1,
                "out_of_range": number > pages.max(1),
            },
            "links": {
                "self": link(number),
                "next": next.map(link),
                "prev": prev.map(link),
                "first": link(1),
                "last": link(pages.max(1)),
            },
        },
        "data": shown,
    })
}

fn by_cursor(rows: Vec<Json>, cursor: &str, size: usize, place: Place<'_>) -> Json {
    let after: Option<i64> = cursor.trim().parse().ok();
    let from = after.map_or(0, |after| {
        let known = rows.iter().position(|row| row["id"].as_i64() == Some(after));
        // A row that is gone is followed by the next id, as far as the list is in that order.
        let later = || rows.iter().position(|row| row["id"].as_i64() > Some(after));
        known.map(|place| place + 1).or_else(later).unwrap_or(rows.len())
    });
    let is_last = from + size >= rows.len();
    let shown: Vec<Json> = rows.into_iter().skip(from).take(size).collect();
    let next = shown.last().filter(|_| !is_last).map(|row| row["id"].to_string());
    let link = next.as_ref().map(|next| place.link("cursor", next));
    json!({
        "meta": {
            "page": { "size": size, "next_cursor": next, "last": is_last },
            "links": { "next": link },
        },
        "data": shown,
    })
}

impl Place<'_> {
    /// The same list at another page.
    fn link(&self, key: &str, value: &str) -> String {
        let is_page = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default().replace("%5B", "[").replace("%5D", "]");
            name == "page[number]" || name == "page[cursor]"
        };
        let kept = self.query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_page(pair));
        let page = format!("page[{key}]={value}");
        let query: Vec<&str> = kept.chain([page.as_str()]).collect();
        format!("{}?{}", self.url, query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn params(query: &str) -> Params {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        parse(request, &Limits::STANDARD).unwrap()
    }

    fn rows() -> Vec<Json> {
        (1..=25).map(|id| json!({ "id": id, "name": format!("N{}", id % 3), "tags": [id % 2] })).collect()
    }

    fn paged(query: &str) -> Json {
        page(rows(), &params(query), Place { url: "http://x/events", query: Some(query), most: MOST_EVENTS })
    }

    fn ids(json: &Json) -> Vec<i64> {
        json["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }

    #[test]
    fn numbered_pages_know_their_neighbours() {
        let first = paged("");
        assert_eq!((ids(&first).len(), &first["meta"]["total"]), (10, &json!(25)));
        assert_eq!(first["meta"]["page"]["prev"], Json::Null);
        let last = paged("include=a&page[number]=3");
        assert_eq!(ids(&last), [21, 22, 23, 24, 25]);
        let page = &last["meta"]["page"];
        assert_eq!((&page["next"], &page["prev"], &page["last"]), (&Json::Null, &json!(2), &json!(true)));
        assert_eq!(last["meta"]["links"]["prev"], "http://x/events?include=a&page[number]=2");
        let beyond = paged("page[number]=9&page[size]=500");
        assert_eq!((ids(&beyond).len(), &beyond["meta"]["page"]["out_of_range"]), (0, &json!(true)));
        assert_eq!(beyond["meta"]["page"]["size"], 50);
    }

    #[test]
    fn cursors_walk_to_the_end() {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let page = paged(&format!("page[cursor]={cursor}&page[size]=7"));
            seen.extend(ids(&page));
            match page["meta"]["page"]["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break assert_eq!(page["meta"]["page"]["last"], true),
            }
        }
        assert_eq!(seen, (1..=25).collect::<Vec<i64>>());
    }

    #[test]
    fn filters_sorts_and_fields() {
        let mut found = rows();
        filter(&mut found, &params("filter[name]=n1&filter[tags]=1&filter[id]=x"), &["name", "tags"], |_, _, _| None);
        assert_eq!(found.len(), 5);
        sort(&mut found, &params("sort[id]=desc"));
        assert_eq!(found[0]["id"], 25);
        let row = trim(found.remove(0), &params("fields=name"), &["extra".to_owned()]);
        assert_eq!(row, json!({ "id": 25, "name": "N1" }));
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
