//! Reads `multipart/form-data`: text fields into the parameter tree, files as bytes beside it.
//!
//! The body is already in memory and bounded, so nothing here waits. A file's name is kept as text only; nobody
//! makes a path of it.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt, stream};

use super::body::ParseError;
use super::limits::Limits;
use super::nesting::Nesting;
use super::params::UploadedFile;
use super::value::{Map, Value};

/// Reads `body`, whose parts are separated by what `content_type` names.
pub(super) fn read(
    content_type: &str,
    body: Bytes,
    limits: &Limits,
) -> Result<(Map, Vec<UploadedFile>), ParseError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| malformed())?;
    // The whole body is one ready chunk, so the future is done at its first poll.
    parts(boundary, body, limits).now_or_never().unwrap_or_else(|| Err(malformed()))
}

async fn parts(
    boundary: String,
    body: Bytes,
    limits: &Limits,
) -> Result<(Map, Vec<UploadedFile>), ParseError> {
    let chunks = stream::iter([Ok::<_, Infallible>(body)]);
    let mut multipart = multer::Multipart::new(chunks, boundary);
    let mut tree = Nesting::new(limits);
    let mut files = Vec::new();
    while let Some(part) = multipart.next_field().await.map_err(|_| malformed())? {
        let Some(field) = part.name().map(str::to_owned) else { continue };
        let file_name = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(|_| malformed())?;
        match file_name {
            // Browsers send a file input without a choice as an empty nameless file.
            Some(name) if name.is_empty() && bytes.is_empty() => {}
            Some(_) if files.len() == limits.files => return Err(ParseError::TooManyFiles(limits.files)),
            Some(file_name) => {
                super::body::check_key(&field, limits)?;
                files.push(UploadedFile { field, file_name, content_type, bytes });
            }
            None => {
                let text = std::str::from_utf8(&bytes).map_err(|_| ParseError::NotUtf8)?;
                tree.add(&field, Value::Text(text.to_owned()))?;
            }
        }
    }
    Ok((tree.finish(), files))
}

fn malformed() -> ParseError {
    ParseError::Malformed("The multipart body could not be read: its parts are not well formed.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::body::ParseErrorKind;
    use serde_json::json;

    const TYPE: &str = "multipart/form-data; boundary=xYz";

    fn part(headers: &str, body: &str) -> String {
        format!("--xYz\r\nContent-Disposition: form-data; {headers}\r\n\r\n{body}\r\n")
    }

    fn check(parts: &[String]) -> Result<(serde_json::Value, Vec<UploadedFile>), ParseErrorKind> {
        let body = format!("{}--xYz--\r\n", parts.concat());
        read(TYPE, body.into(), &Limits::STANDARD)
            .map(|(map, files)| (Value::Map(map).to_json(), files))
            .map_err(|error| error.kind())
    }

    #[test]
    fn fields_nest_and_files_stay_apart() {
        let (tree, files) = check(&[
            part("name=\"order[email]\"", "a@b.c"),
            part("name=\"order[notes][]\"", "one\r\ntwo"),
            part("name=\"image\"; filename=\"../a.png\"\r\nContent-Type: image/png", "PNG"),
            part("name=\"empty\"; filename=\"\"", ""),
        ])
        .unwrap();
        assert_eq!(tree, json!({"order": {"email": "a@b.c", "notes": ["one\r\ntwo"]}}));
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].field.as_str(), &files[0].bytes[..]), ("image", &b"PNG"[..]));
        assert_eq!(files[0].content_type.as_deref(), Some("image/png"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let whole = format!("{}--xYz--\r\n", part("name=\"a\"", "1"));
        let at = |content_type: &str, body: &str| {
            read(content_type, body.to_owned().into(), &Limits::STANDARD).unwrap_err().kind()
        };
        assert_eq!(at("multipart/form-data", &whole), ParseErrorKind::Malformed);
        assert_eq!(at(TYPE, &whole[..whole.len() - 12]), ParseErrorKind::Malformed);
        assert_eq!(at(TYPE, "no parts at all"), ParseErrorKind::Malformed);
    }

    #[test]
    fn bounds_hold() {
        let file = part("name=\"f\"; filename=\"a\"", "x");
        assert_eq!(check(&vec![file; 5]).unwrap_err(), ParseErrorKind::TooManyParameters);
        let long = part("name=\"note\"", &"x".repeat(100_000));
        assert_eq!(check(&[long]).unwrap_err(), ParseErrorKind::TooLarge);
    }
}
