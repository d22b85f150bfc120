//! One request of any encoding into one parameter tree.
//!
//! Path parameters win over the body, the body over the query string. JSON, forms and multipart are read by
//! their own files; this one decides which it is and holds the error they share. Every way in goes through the
//! same bounds, and arbitrary bytes end in a [`ParseError`], never in a panic.
//!
//! An error's sentence never repeats what the caller sent: it may be a card number.

use bytes::Bytes;
use thiserror::Error;

use super::limits::Limits;
use super::params::Params;
use super::value::{Map, Value};
use super::{json, multipart, nesting};

/// Where Rails puts a JSON body that is no object.
pub const BARE_JSON_KEY: &str = "_json";

/// What is read of a request. The body is in memory, already decompressed if that is allowed at all.
#[derive(Debug, Clone, Default)]
pub struct RawRequest<'a> {
    /// Method in capitals; a body of GET or HEAD without a content type is ignored.
    pub method: &'a str,
    /// Named parameters of the route, percent-decoded.
    pub path: &'a [(&'a str, &'a str)],
    /// Query string without `?`.
    pub query: Option<&'a str>,
    /// `Content-Type` header as sent.
    pub content_type: Option<&'a str>,
    /// Body; empty is fine whatever the content type says.
    pub body: Bytes,
}

/// Why a request could not be read. `Display` is a sentence for the caller.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Broken syntax; holds the sentence.
    #[error("{0}")]
    Malformed(String),
    /// More nested containers than the bound.
    #[error("The parameters are nested too deeply: at most {0} levels are read.")]
    TooDeep(usize),
    /// More values than the bound.
    #[error("There are too many parameters: at most {0} are read from one request.")]
    TooManyParameters(usize),
    /// More files than the bound.
    #[error("There are too many files: at most {0} are read from one request.")]
    TooManyFiles(usize),
    /// Body over the bound, in bytes.
    #[error("The body is too large: at most {0} bytes are read.")]
    BodyTooLarge(usize),
    /// Query string over the bound, in bytes.
    #[error("The query string is too long: at most {0} bytes are read.")]
    QueryTooLong(usize),
    /// One text over the bound, in bytes.
    #[error("A value is too long: at most {0} bytes are read.")]
    TextTooLong(usize),
    /// One parameter name over the bound, in bytes.
    #[error("A parameter name is too long: at most {0} bytes are read.")]
    KeyTooLong(usize),
    /// Bytes that are no UTF-8.
    #[error("The request is not valid UTF-8.")]
    NotUtf8,
    /// Two equal keys in one JSON object: which one counts would be a guess.
    #[error("The JSON body has the same key twice in one object.")]
    DuplicateKey,
    /// A content type or charset that no reader exists for.
    #[error(
        "The content type is not supported: send application/json, a form or multipart/form-data, in UTF-8."
    )]
    UnsupportedType,
}

/// The kinds of [`ParseError`] that an API may want to answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// Syntax, or shapes that contradict each other.
    Malformed,
    /// Nested too deeply.
    TooDeep,
    /// Too many values or files.
    TooManyParameters,
    /// Body, query, text or key too long.
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// Same JSON key twice.
    DuplicateKey,
    /// Content type or charset unknown.
    UnsupportedType,
}

impl ParseError {
    /// Which kind it is.
    pub fn kind(&self) -> ParseErrorKind {
        match self {
            ParseError::Malformed(_) => ParseErrorKind::Malformed,
            ParseError::TooDeep(_) => ParseErrorKind::TooDeep,
            ParseError::TooManyParameters(_) | ParseError::TooManyFiles(_) => {
                ParseErrorKind::TooManyParameters
            }
            ParseError::BodyTooLarge(_)
            | ParseError::QueryTooLong(_)
            | ParseError::TextTooLong(_)
            | ParseError::KeyTooLong(_) => ParseErrorKind::TooLarge,
            ParseError::NotUtf8 => ParseErrorKind::NotUtf8,
            ParseError::DuplicateKey => ParseErrorKind::DuplicateKey,
            ParseError::UnsupportedType => ParseErrorKind::UnsupportedType,
        }
    }

    /// The status that suits an API whose contract does not name one.
    pub fn usual_status(&self) -> u16 {
        match self {
            ParseError::BodyTooLarge(_) | ParseError::TooManyFiles(_) | ParseError::TooManyParameters(_) => {
                413
            }
            ParseError::QueryTooLong(_) => 414,
            ParseError::TextTooLong(_) => 422,
            ParseError::UnsupportedType => 415,
            _ => 400,
        }
    }
}

/// Reads a request into its parameters.
pub fn parse(request: RawRequest<'_>, limits: &Limits) -> Result<Params, ParseError> {
    let body_bytes = limits.bytes_of(request.content_type);
    if request.body.len() > body_bytes {
        return Err(ParseError::BodyTooLarge(body_bytes));
    }
    let query = request.query.unwrap_or_default();
    if query.len() > limits.query_bytes {
        return Err(ParseError::QueryTooLong(limits.query_bytes));
    }
    let query = nesting::read_urlencoded(query.as_bytes(), limits)?;
    let mut path = Map::with_capacity(request.path.len());
    for (name, value) in request.path {
        check_text(value, limits)?;
        path.insert((*name).to_owned(), Value::from(*value));
    }
    let mut json_object = false;
    let mut files = Vec::new();
    let body = match Encoding::of(&request)? {
        Encoding::Nothing => Map::new(),
        Encoding::Form => nesting::read_urlencoded(&request.body, limits)?,
        Encoding::Multipart(content_type) => {
            let (map, uploaded) = multipart::read(content_type, request.body.clone(), limits)?;
            files = uploaded;
            map
        }
        Encoding::Json => match read_json(&request.body, limits)? {
            Some(Value::Map(map)) => {
                json_object = true;
                map
            }
            Some(other) => Map::from_iter([(BARE_JSON_KEY.to_owned(), other)]),
            None => Map::new(),
        },
    };
    Ok(Params::assemble(path, body, query, json_object, files))
}

/// How the body is written.
enum Encoding<'a> {
    Nothing,
    Json,
    Form,
    Multipart(&'a str),
}

impl<'a> Encoding<'a> {
    fn of(request: &RawRequest<'a>) -> Result<Self, ParseError> {
        if request.body.is_empty() {
            return Ok(Encoding::Nothing);
        }
        let content_type = request.content_type.map(str::trim).unwrap_or_default();
        if content_type.is_empty() {
            return Ok(match request.method {
                "GET" | "HEAD" => Encoding::Nothing,
                _ if looks_like_json(&request.body) => Encoding::Json,
                _ => Encoding::Form,
            });
        }
        let (essence, attributes) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.trim().to_ascii_lowercase();
        if essence == "multipart/form-data" {
            return Ok(Encoding::Multipart(content_type));
        }
        if !charset_is_utf8(attributes) {
            return Err(ParseError::UnsupportedType);
        }
        match essence.as_str() {
            "application/json" | "text/json" | "text/x-json" | "application/x-json" => Ok(Encoding::Json),
            "application/x-www-form-urlencoded" => Ok(Encoding::Form),
            other if other.starts_with("application/") && other.ends_with("+json") => Ok(Encoding::Json),
            _ => Err(ParseError::UnsupportedType),
        }
    }
}

fn charset_is_utf8(attributes: &str) -> bool {
    attributes
        .split(';')
        .filter_map(|attribute| attribute.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .all(|(_, charset)| {
            let charset = charset.trim().trim_matches('"').to_ascii_lowercase();
            matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii")
        })
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    body.trim_ascii_start().first() == Some(&b'{')
}

/// `None` for a body of white space only.
fn read_json(body: &[u8], limits: &Limits) -> Result<Option<Value>, ParseError> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|_| ParseError::NotUtf8)?;
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    json::read(text, limits).map(Some)
}

/// A parameter name within its bound and without NUL.
pub(super) fn check_key(key: &str, limits: &Limits) -> Result<(), ParseError> {
    if key.len() > limits.key_bytes {
        return Err(ParseError::KeyTooLong(limits.key_bytes));
    }
    refuse_nul(key)
}

/// A text within its bound and without NUL.
pub(super) fn check_text(text: &str, limits: &Limits) -> Result<(), ParseError> {
    if text.len() > limits.text_bytes {
        return Err(ParseError::TextTooLong(limits.text_bytes));
    }
    refuse_nul(text)
}

/// PostgreSQL cannot store NUL in text, and no honest caller sends it.
fn refuse_nul(text: &str) -> Result<(), ParseError> {
    if text.contains('\0') {
        return Err(ParseError::Malformed("The request holds a NUL character.".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(
        method: &str,
        query: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<serde_json::Value, ParseErrorKind> {
        let body = Bytes::copy_from_slice(body);
        let request = RawRequest { method, path: &[], query: Some(query), content_type, body };
        parse(request, &Limits::STANDARD).map(|params| params.to_json()).map_err(|error| error.kind())
    }

    #[test]
    fn every_encoding_gives_the_same_tree() {
        let expected = json!({"order": {"email": "a@b.c"}});
        let json_body = br#"{"order":{"email":"a@b.c"}}"#;
        let form_body = b"order[email]=a%40b.c";
        let with_mark = [BYTE_ORDER_MARK, json_body].concat();
        let multipart =
            b"--q\r\nContent-Disposition: form-data; name=\"order[email]\"\r\n\r\na@b.c\r\n--q--\r\n";
        let cases: [(&str, Option<&str>, &[u8]); 11] = [
            ("", Some("application/json"), json_body),
            ("", Some("Application/JSON; charset=UTF-8"), json_body),
            ("", Some("application/vnd.api+json"), json_body),
            ("", Some("application/json"), &with_mark),
            ("", None, json_body),
            ("", None, &with_mark),
            ("", Some("application/x-www-form-urlencoded"), form_body),
            ("", None, form_body),
            ("", Some("multipart/form-data; boundary=q"), multipart),
            ("order[email]=a@b.c", None, b""),
            ("order[email]=a@b.c", Some("application/json"), b" \n"),
        ];
        for (query, content_type, body) in cases {
            assert_eq!(
                read("PUT", query, content_type, body),
                Ok(expected.clone()),
                "{content_type:?} {query}"
            );
        }
    }

    #[test]
    fn sources_merge_by_precedence() {
        let request = RawRequest {
            method: "PATCH",
            path: &[("id", "R1")],
            query: Some("id=q&a[x]=q&a[y]=q"),
            content_type: Some("application/json"),
            body: Bytes::from_static(br#"{"id":"b","a":{"x":"b"},"b":1}"#),
        };
        let params = parse(request, &Limits::STANDARD).unwrap();
        assert_eq!(params.to_json(), json!({"id": "R1", "a": {"x": "b", "y": "q"}, "b": 1}));
    }

    #[test]
    fn json_that_is_no_object_goes_under_its_own_key() {
        for (body, expected) in
            [("[1]", json!({"_json": [1]})), ("5", json!({"_json": 5})), ("null", json!({"_json": null}))]
        {
            assert_eq!(read("POST", "", Some("application/json"), body.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn wrong_types_and_bytes_are_refused() {
        use ParseErrorKind::{Malformed, NotUtf8, TooLarge, UnsupportedType};
        for (content_type, body, expected) in [
            (Some("text/xml"), &b"<a/>"[..], UnsupportedType),
            (Some("application/json; charset=utf-16"), b"{}", UnsupportedType),
            (Some("application/x-www-form-urlencoded; charset=latin1"), b"a=1", UnsupportedType),
            (Some("application/json"), b"\xff\xfe{\0}\0", NotUtf8),
            (Some("application/json"), b"{\"a\":\"\xff\"}", NotUtf8),
            (Some("application/x-www-form-urlencoded"), b"a=\xff", NotUtf8),
            (Some("application/json"), b"a=1", Malformed),
            (None, b"{a=1", Malformed),
            (Some("application/json"), &vec![b' '; 2 * 1024 * 1024 + 1], TooLarge),
        ] {
            assert_eq!(read("POST", "", content_type, body), Err(expected), "{content_type:?}");
        }
        assert_eq!(read("GET", &"a".repeat(40_000), None, b""), Err(TooLarge));
    }

    #[test]
    fn a_body_of_get_needs_a_content_type() {
        assert_eq!(read("GET", "", None, b"{\"a\":1}"), Ok(json!({})));
        assert_eq!(read("GET", "", Some("application/json"), b"{\"a\":1}"), Ok(json!({"a": 1})));
        assert_eq!(read("DELETE", "", None, b"{\"a\":1}"), Ok(json!({"a": 1})));
    }

    #[test]
    fn only_json_objects_can_be_wrapped() {
        let wrap = |content_type: &'static str, body: &'static [u8]| {
            let request = RawRequest {
                method: "POST",
                content_type: Some(content_type),
                body: Bytes::from_static(body),
                ..RawRequest::default()
            };
            parse(request, &Limits::STANDARD).unwrap().wrap("order", &["email"])
        };
        assert!(wrap("application/json", b"{\"email\":\"a\"}"));
        assert!(!wrap("application/x-www-form-urlencoded", b"email=a"));
        assert!(!wrap("application/json", b"[{\"email\":\"a\"}]"));
    }

    fn content_types() -> impl Strategy<Value = Option<&'static str>> {
        prop::sample::select(vec![
            None,
            Some("application/json"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=q"),
            Some("text/plain"),
        ])
    }

    /// Bytes that look like something often enough to get past the first character.
    fn plausible_bytes() -> impl Strategy<Value = Vec<u8>> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "a",
            "b",
            "1",
            "-",
            "e",
            ".",
            "\\u",
            "d800",
            "\\",
            "&",
            "=",
            "[]",
            "%",
            "+",
            "%ff",
            "--q",
            "\r\n",
            "Content-Disposition: form-data; name=\"a\"",
            "null",
            "true",
            "\u{feff}",
            " ",
        ]);
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat().into_bytes()),
        ]
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(content_type in content_types(), body in plausible_bytes(), query in ".{0,60}") {
            let request = RawRequest {
                method: "POST",
                path: &[],
                query: Some(&query),
                content_type,
                body: body.into(),
            };
            if let Err(error) = parse(request, &Limits::STANDARD) {
                prop_assert!((400..500).contains(&error.usual_status()));
                prop_assert!(error.to_string().ends_with('.'));
            }
        }

        #[test]
        fn forms_round_trip(pairs in prop::collection::btree_map("[a-z]{1,6}", "[^\\x00]{0,20}", 0..8)) {
            let encode = |text: &str| {
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
            };
            let body: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
            let read = read("POST", "", Some("application/x-www-form-urlencoded"), body.join("&").as_bytes());
            prop_assert_eq!(read, Ok(json!(pairs)));
        }
    }
}
