//! The guard in front of every API: no card number and no security code gets past it.
//!
//! It walks the whole parameter tree, names included, and says *where* something was found, never *what*. Skipped
//! are the fields that are numbers of something else, kept in one list ([`OTHER_NUMBERS`]), and the paths that an
//! API's contract forces it to take ([`Allow`]).
//!
//! It changes nothing and logs nothing; what a refusal looks like is the API's business.

use std::borrow::Cow;

use super::filter::Predicate;
use super::params::Params;
use super::value::Value;
use domain::card_number::{contains_card_number, looks_like_card_number, mask};

/// Whether a card number stands anywhere in the text, also after undoing percent-escapes. For paths, headers,
/// names and free text.
pub fn find_in_text(text: &str) -> bool {
    if contains_card_number(text) {
        return true;
    }
    if !text.contains(['%', '+']) {
        return false;
    }
    let spaced = text.replace('+', " ");
    contains_card_number(&percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy())
}

/// Fields whose value is the number of something other than a card. An entry matches a field of that name or one
/// that ends in `_` and the name (`bill_phone`, `billPhone`); an entry with a point also asks for the parent's name.
///
/// Barcode numbers matter most: one German EAN in ten passes Luhn, and all have Visa's 4 and thirteen digits. The
/// ids of large shop platforms are as bad: fourteen digits, many with the prefix of Diners Club.
pub const OTHER_NUMBERS: &[&str] = &[
    "order.number",
    "order_number",
    "shipment.number",
    "shipment_number",
    "ticket.number",
    "ticket_number",
    "barcode",
    "gtin",
    "ean",
    "upc",
    "isbn",
    "sku",
    "tracking",
    "tracking_number",
    "tracking_code",
    "tracking_url",
    "phone",
    "phone.number",
    "phone_number",
    "mobile",
    "telephone",
    "fax",
    "iban",
    "signature",
    "hash",
    "product_id",
    "variant_id",
    "external_id",
];

/// Fields that hold a card's security code, compared without case, dashes and underscores.
const SECURITY_CODES: &[&str] = &[
    "verificationvalue",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "cvn",
    "cvd",
    "csc",
    "cvcconfirm",
    "cvvconfirm",
    "securitycode",
    "cardcode",
    "cardcvv",
    "cardcvc",
    "cardsecuritycode",
    "cardverification",
    "cardverificationvalue",
    "cardverificationcode",
];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// A card number.
    Number,
    /// Three or four digits in a field for a security code.
    SecurityCode,
}

/// Where it was found; fit for a log and for the caller's eyes, because it holds nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Dotted path of the field; a name that is itself a card number is shown as `[hidden]`.
    pub path: String,
    /// What it is.
    pub kind: FindingKind,
}

/// Paths that an API must take although they hold card data: dotted, `*` for any one step (an index, say), `**` at
/// the end for everything below. Matching is from the root, so nothing else of the same name slips through.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allow<'a> {
    /// The patterns, such as `order.payments_attributes.*.source_attributes.number`.
    pub paths: &'a [&'a str],
}

impl<'a> Allow<'a> {
    /// Nothing is excepted.
    pub const NOTHING: Allow<'static> = Allow { paths: &[] };

    /// These paths are.
    pub const fn paths(paths: &'a [&'a str]) -> Self {
        Allow { paths }
    }

    fn permits(&self, path: &[Cow<'_, str>]) -> bool {
        self.paths.iter().any(|pattern| {
            let mut steps = path.iter();
            for part in pattern.split('.') {
                match (part, steps.next()) {
                    ("**", Some(_)) => return true,
                    ("*", Some(_)) => {}
                    (part, Some(step)) if part == step.as_ref() => {}
                    _ => return false,
                }
            }
            steps.next().is_none()
        })
    }
}

/// Steps from the root to a value.
type Path<'t> = Vec<Cow<'t, str>>;

/// The first card number or security code among the parameters, if there is one.
pub fn find(params: &Params, allow: &Allow<'_>) -> Option<Finding> {
    let mut path = Vec::new();
    params.root().iter().find_map(|(key, value)| member(key, value, &mut path, allow))
}

/// A tree that is kept although it may hold card data (a bank's raw answer): numbers are starred out as by
/// [`mask`], security codes entirely, at every depth. A JSON number that is masked becomes text.
pub fn mask_value(value: &mut Value) {
    match value {
        Value::Text(text) | Value::Number(text) => {
            let masked = mask(text);
            if masked != *text {
                *value = Value::Text(masked);
            }
        }
        Value::List(items) => items.iter_mut().for_each(mask_value),
        Value::Map(map) => {
            for (key, member) in map.iter_mut() {
                if is_security_code(key, member) {
                    *member = Value::from("***");
                } else {
                    mask_value(member);
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Depth is bounded by the reader of the request.
fn member<'t>(key: &'t str, value: &'t Value, path: &mut Path<'t>, allow: &Allow<'_>) -> Option<Finding> {
    if find_in_text(key) {
        path.push("[hidden]".into());
        return Some(found(path, FindingKind::Number));
    }
    path.push(key.into());
    let finding = if is_security_code(key, value) && !allow.permits(path) {
        Some(found(path, FindingKind::SecurityCode))
    } else {
        below(value, path, allow)
    };
    path.pop();
    finding
}

fn below<'t>(value: &'t Value, path: &mut Path<'t>, allow: &Allow<'_>) -> Option<Finding> {
    match value {
        Value::Map(map) => map.iter().find_map(|(key, value)| member(key, value, path, allow)),
        Value::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            path.push(index.to_string().into());
            let finding = below(item, path, allow);
            path.pop();
            finding
        }),
        Value::Text(text) => {
            let hit = looks_like_card_number(text) || find_in_text(text);
            (hit && !skipped(path, allow)).then(|| found(path, FindingKind::Number))
        }
        Value::Number(text) => {
            (number_is_card(text) && !skipped(path, allow)).then(|| found(path, FindingKind::Number))
        }
        Value::Null | Value::Bool(_) => None,
    }
}

/// The whole part of a JSON number; with an exponent, its digits (`4.1e15` is how some clients print 16 of them).
fn number_is_card(text: &str) -> bool {
    let text = text.trim_start_matches('-');
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let places = exponent.trim_start_matches('+').parse::<usize>().unwrap_or(0);
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            places < 20 && looks_like_card_number(&format!("{whole}{fraction:0<places$}"))
        }
        None => looks_like_card_number(text.split('.').next().unwrap_or(text)),
    }
}

fn is_security_code(key: &str, value: &Value) -> bool {
    let digits = |text: &str| matches!(text.len(), 3 | 4) && text.bytes().all(|b| b.is_ascii_digit());
    let (Value::Text(text) | Value::Number(text)) = value else { return false };
    if !digits(text.trim()) {
        return false;
    }
    let name: String = key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    SECURITY_CODES.contains(&name.as_str())
}

fn skipped(path: &[Cow<'_, str>], allow: &Allow<'_>) -> bool {
    allow.permits(path) || is_other_number(path)
}

/// Whether the field is the number of something else. A search counts as the attribute it searches.
fn is_other_number(path: &[Cow<'_, str>]) -> bool {
    let mut names = path.iter().rev().filter(|step| !step.bytes().all(|b| b.is_ascii_digit()));
    let Some(name) = names.next() else { return false };
    let searched = path.first().filter(|root| *root == "q").and_then(|_| Predicate::split(name));
    let name = snake_case(searched.map_or(name, |(attribute, _)| attribute));
    let parent = names.next().map(|parent| snake_case(parent)).unwrap_or_default();
    OTHER_NUMBERS.iter().any(|entry| match entry.split_once('.') {
        Some((over, entry)) => ends_with_word(&parent, over) && name == entry,
        None => ends_with_word(&name, entry),
    })
}

/// `billPhone` and `Bill-Phone` are `bill_phone`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && after_small {
            snake.push('_');
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        snake.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    snake
}

/// `bill_phone` ends with the word `phone`, `saxophone` does not.
fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

fn found(path: &[Cow<'_, str>], kind: FindingKind) -> Finding {
    Finding { path: path.join("."), kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    const CARD: &str = "4111111111111111";

    fn json(text: &str) -> Params {
        let request = RawRequest {
            method: "POST",
            content_type: Some("application/json"),
            body: text.to_owned().into(),
            ..RawRequest::default()
        };
        parse(request, &Limits::STANDARD).unwrap()
    }

    fn check(text: &str, allow: &Allow<'_>) -> Option<(String, FindingKind)> {
        find(&json(text), allow).map(|finding| {
            assert!(!format!("{finding:?}").contains("4111"), "a finding never shows the number");
            (finding.path, finding.kind)
        })
    }

    #[test]
    fn escaped_numbers_are_found_in_paths_and_queries() {
        assert!(find_in_text("/orders/4111%201111%201111%201111"));
        assert!(find_in_text("note=4111+1111+1111+1111"));
        assert!(!find_in_text("/orders/R123456789?page=2"));
    }

    #[test]
    fn card_data_is_found_wherever_it_hides() {
        use FindingKind::{Number, SecurityCode};
        for (text, path, kind) in [
            (r#"{"order":{"note":"my card is 4111 1111 1111 1111 thanks"}}"#, "order.note", Number),
            (r#"{"a":[{"b":[0,4111111111111111]}]}"#, "a.0.b.1", Number),
            (r#"{"a":4111111111111111.0}"#, "a", Number),
            (r#"{"a":4.111111111111111e15}"#, "a", Number),
            (r#"{"a":4.111111111111111E+15}"#, "a", Number),
            (r#"{"number":"4111111111111111"}"#, "number", Number),
            (r#"{"token":"4111111111111111"}"#, "token", Number),
            (r#"{"m":{"4111111111111111":"x"}}"#, "m.[hidden]", Number),
            (r#"{"4111-1111-1111-1111":{"x":1}}"#, "[hidden]", Number),
            (r#"{"saxophone":"4111111111111111"}"#, "saxophone", Number),
            (r#"{"q":{"note_cont":"4111111111111111"}}"#, "q.note_cont", Number),
            (r#"{"p":{"verification_value":"123"}}"#, "p.verification_value", SecurityCode),
            (r#"{"cvc_confirm":737}"#, "cvc_confirm", SecurityCode),
            (r#"{"securityCode":" 1234 "}"#, "securityCode", SecurityCode),
            (r#"["4111111111111111"]"#, "_json.0", Number),
            (r#"[0,1,2,3,4,5,6,7,8,9,10,"4111111111111111"]"#, "_json.11", Number),
        ] {
            assert_eq!(check(text, &Allow::NOTHING), Some((path.to_owned(), kind)), "{text}");
        }
    }

    #[test]
    fn innocent_requests_pass() {
        for text in [
            r#"{"order":{"number":"4111111111111111","email":"a@b.c"}}"#,
            r#"{"shipment":{"tracking":"4111111111111111"}}"#,
            r#"{"variant":{"sku":"4222222222222"},"variants":[{"gtin":4222222222222}]}"#,
            r#"{"q":{"variants_including_master_sku_eq":"4222222222222"}}"#,
            r#"{"bill_address":{"phone":"4111 1111 1111 1111","alternative_phone":"4111111111111111"}}"#,
            r#"{"billPhone":"4111111111111111","phones":[],"phone":{"number":"4111111111111111"}}"#,
            r#"{"barcode":["4222222222222"],"trackingNumber":"4222222222222","Order-Number":"4222222222222"}"#,
            r#"{"line_items":[{"variant_id":39072856866862}],"uuid":"41111111-1111-1111-8111-11111111111a"}"#,
            r#"{"cvv":"","cvc":null,"csc":"tok_1","verification_value":"12"}"#,
            r#"{"a":4111111111111112,"b":1e400,"c":-1.5e-7,"lat":37.77492951234567}"#,
        ] {
            assert_eq!(check(text, &Allow::NOTHING), None, "{text}");
        }
    }

    #[test]
    fn allowed_paths_are_exact() {
        let allow = Allow::paths(&[
            "payment.source_attributes.number",
            "payment.source_attributes.verification_value",
            "order.payments_attributes.*.source_attributes.number",
            "raw.**",
        ]);
        for text in [
            r#"{"payment":{"source_attributes":{"number":"4111111111111111","verification_value":"123"}}}"#,
            r#"{"order":{"payments_attributes":[{"source_attributes":{"number":"4111111111111111"}}]}}"#,
            r#"{"order":{"payments_attributes":{"0":{"source_attributes":{"number":4111111111111111}}}}}"#,
            r#"{"raw":{"a":[{"pan":"4111111111111111"}]}}"#,
        ] {
            assert_eq!(check(text, &allow), None, "{text}");
            assert!(check(text, &Allow::NOTHING).is_some(), "{text}");
        }
        for text in [
            r#"{"payment":{"source_attributes":{"name":"4111111111111111"}}}"#,
            r#"{"x":{"payment":{"source_attributes":{"number":"4111111111111111"}}}}"#,
            r#"{"payment":{"source_attributes":{"number":{"deeper":"4111111111111111"}}}}"#,
            r#"{"raw":"4111111111111111"}"#,
        ] {
            assert!(check(text, &allow).is_some(), "{text}");
        }
    }

    #[test]
    fn query_and_path_are_looked_at_too() {
        for request in [
            RawRequest {
                method: "GET",
                query: Some("order[note]=4111+1111+1111+1111"),
                ..RawRequest::default()
            },
            RawRequest { method: "GET", path: &[("id", CARD)], ..RawRequest::default() },
        ] {
            let params = parse(request, &Limits::STANDARD).unwrap();
            assert!(find(&params, &Allow::NOTHING).is_some());
        }
    }

    #[test]
    fn kept_trees_are_masked() {
        let params =
            json(r#"{"raw":{"pan":4111111111111111,"cvv":"123","text":"4111 1111 1111 1111","amount":5}}"#);
        let mut raw = params.get("raw").unwrap().clone();
        mask_value(&mut raw);
        assert_eq!(
            raw.to_json(),
            serde_json::json!({"pan": "411111******1111", "cvv": "***", "text": "4111 11** **** 1111", "amount": 5})
        );
    }
}
