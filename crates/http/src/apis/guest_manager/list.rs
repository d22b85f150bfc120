//! Lists: which rows are asked for, and what is said about the rest. Two forms, by page and by cursor.
//!
//! Junk falls back to the default, a page beyond the end is empty and says so. A cursor says how many rows came
//! before; it is meant to be opaque.

use super::answer::Manner;
use super::call::Call;
use super::refuse::{Refused, respond};
use crate::kit::{Params, Value};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// Rows of a page unless the caller says otherwise.
pub const PAGE_SIZE: u64 = 10;
/// Most rows of a page.
const PAGE_SIZE_MAX: u64 = 100;

/// What part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    form: Form,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Counts from 1.
    Page(u64),
    /// Rows before it.
    Cursor(u64),
}

impl Part {
    /// Reads `page[number]`, `page[size]` and `page[cursor]`.
    pub fn read(params: &Params, usual: u64) -> Part {
        let given = |key: &str| params.path(&["page", key]);
        let positive = |key: &str| {
            let number = u64::try_from(given(key)?.integer()?).ok()?;
            Some(number).filter(|number| *number > 0)
        };
        let size = positive("size").unwrap_or(usual).min(PAGE_SIZE_MAX);
        let form = match given("cursor") {
            Some(cursor) => Form::Cursor(cursor.text().and_then(read_cursor).unwrap_or(0)),
            // Bounded, so that no product of two numbers leaves 64 bits.
            None => Form::Page(positive("number").unwrap_or(1).min(u64::MAX / PAGE_SIZE_MAX)),
        };
        Part { form, size }
    }

    /// The same with a bound of its own.
    #[must_use]
    pub fn at_most(self, rows: u64) -> Part {
        Part { size: self.size.min(rows), ..self }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Rows before this part.
    pub fn offset(&self) -> u64 {
        match self.form {
            Form::Page(number) => (number - 1) * self.size,
            Form::Cursor(before) => before,
        }
    }

    /// This part of a whole list.
    pub fn of<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = usize::try_from(self.offset()).unwrap_or(usize::MAX).min(all.len());
        let rest = &all[start..];
        &rest[..rest.len().min(usize::try_from(self.size).unwrap_or(usize::MAX))]
    }

    /// What is said beside `count` rows of `total`. `link` makes the address of another part.
    fn meta(&self, count: u64, total: u64, link: &dyn Fn(&str, &str) -> String) -> Json {
        match self.form {
            Form::Page(number) => self.page_meta(number, count, total, link),
            Form::Cursor(before) => {
                let end = before.saturating_add(count);
                let next = (end < total && count > 0).then(|| write_cursor(end));
                json!({
                    "page": { "size": self.size, "next_cursor": next, "last": next.is_none() },
                    "links": { "next": next.as_deref().map(|next| link("cursor", next)) },
                })
            }
        }
    }

    fn page_meta(&self, number: u64, count: u64, total: u64, link: &dyn Fn(&str, &str) -> String) -> Json {
        let pages = total.div_ceil(self.size);
        let to = |number: u64| link("number", &number.to_string());
        let next = Some(number + 1).filter(|next| *next <= pages);
        let prev = Some(number - 1).filter(|prev| (1..=pages).contains(prev));
        json!({
            "count": count,
            "total": total,
            "page": {
                "number": number,
                "size": self.size,
                "next": next,
                "prev": prev,
                "total": pages,
                "last": number >= pages,
                "first": number == 1,
                "out_of_range": number > pages.max(1),
            },
            "links": {
                "self": to(number),
                "next": next.map(to),
                "prev": prev.map(to),
                "first": to(1),
                "last": to(pages.max(1)),
            },
        })
    }
}

fn write_cursor(before: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{before}"))
}

fn read_cursor(text: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let before = std::str::from_utf8(&bytes).ok()?.strip_prefix("after:")?.parse::<u64>().ok()?;
    Some(before.min(u64::from(u32::MAX)))
}

/// Rows that were found, of `total`, as an answer.
///
/// # Errors
/// Never for the views of this API: their keys are texts.
pub fn list(call: &Call, part: Part, rows: &[impl Serialize], total: u64) -> Result<Response, Refused> {
    let mut data = serde_json::to_value(rows).map_err(|_| Refused::broken())?;
    for row in data.as_array_mut().into_iter().flatten() {
        call.manner.trim(row);
    }
    let count = rows.len() as u64;
    let base = format!("{}{}", call.manner.public_url, call.incoming.path);
    let link =
        |key: &str, value: &str| format!("{base}?{}", query_with(call.incoming.query.as_deref(), key, value));
    let body = json!({ "data": data, "meta": part.meta(count, total, &link) });
    Ok(respond(Manner::default().reply(200, &body)))
}

/// The query string with another page in it.
fn query_with(query: Option<&str>, key: &str, value: &str) -> String {
    let name = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.replace("%5B", "[").replace("%5D", "]").replace("%5b", "[").replace("%5d", "]")
    };
    let is_place = |pair: &&str| !matches!(name(pair).as_str(), "page[number]" | "page[cursor]" | "");
    let mut pairs: Vec<String> =
        query.unwrap_or_default().split('&').filter(is_place).map(str::to_owned).collect();
    pairs.push(format!("page[{key}]={value}"));
    pairs.join("&")
}

/// The values a filter names: `filter[event_id]=1,2`, `filter[event_id][]=1`.
pub fn filter<'a>(params: &'a Params, name: &str) -> Vec<&'a str> {
    params.path(&["filter", name]).or_else(|| params.get(name)).map(Value::texts).unwrap_or_default()
}

/// The column a list is sorted by, and whether it falls: `sort[created_at]=desc`. The first one that is known.
pub fn sorting<'a>(params: &'a Params, known: &[&str]) -> Option<(&'a str, bool)> {
    let given = params.get("sort")?.map()?;
    let (name, way) = given.iter().find(|(name, _)| known.contains(&name.as_str()))?;
    Some((name, way.text().is_some_and(|way| way.eq_ignore_ascii_case("desc"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn part(query: &str) -> Part {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        Part::read(&parse(request, &Limits::STANDARD).unwrap(), PAGE_SIZE)
    }

    #[test]
    fn pages_say_what_comes_before_and_after() {
        let link = |key: &str, value: &str| format!("?{key}={value}");
        let rows: Vec<u32> = (0..25).collect();
        let second = part("page[number]=2");
        assert_eq!((second.offset(), second.of(&rows).len()), (10, 10));
        let meta = second.meta(10, 25, &link);
        assert_eq!(
            meta["page"],
            json!({
                "number": 2, "size": 10, "next": 3, "prev": 1, "total": 3, "last": false, "first": false,
                "out_of_range": false,
            })
        );
        assert_eq!(meta["links"]["last"], "?number=3");
        let beyond = part("page[number]=9&page[size]=1000");
        assert_eq!((beyond.size(), beyond.of(&rows).len()), (100, 0));
        assert_eq!(beyond.meta(0, 25, &link)["page"]["out_of_range"], true);
        let empty = part("").meta(0, 0, &link);
        assert_eq!((&empty["page"]["last"], &empty["page"]["out_of_range"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn cursors_lead_to_the_end() {
        let link = |_: &str, value: &str| value.to_owned();
        let rows: Vec<u32> = (0..25).collect();
        let (mut cursor, mut seen) = (String::new(), 0);
        loop {
            let part = part(&format!("page[cursor]={cursor}"));
            let here = part.of(&rows).len();
            seen += here;
            let meta = part.meta(here as u64, 25, &link);
            match meta["page"]["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => {
                    assert_eq!((seen, &meta["page"]["last"]), (25, &json!(true)));
                    break;
                }
            }
        }
        assert_eq!(part("page[cursor]=junk").offset(), 0);
    }

    #[test]
    fn links_keep_the_rest_of_the_query() {
        let query = query_with(Some("page%5Bnumber%5D=1&filter[state]=cart&page[size]=5"), "number", "2");
        assert_eq!(query, "filter[state]=cart&page[size]=5&page[number]=2");
        assert_eq!(query_with(None, "number", "2"), "page[number]=2");
    }
}
