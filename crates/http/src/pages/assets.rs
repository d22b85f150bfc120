//! The one style, the one script, and the loader for other sites. Addresses change with their text, so that browsers may
//! keep them for ever; only the loader has a fixed one, because shops write it into their own pages.

use super::theme;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::OnceLock;

const STYLE: &str = include_str!("templates/checkout.css");
const SCRIPT: &str = include_str!("assets/checkout.js");
const EMBED: &str = include_str!("assets/embed.js");

const FOREVER: &str = "public, max-age=31536000, immutable";
/// How long a shop's visitors may go on with the loader of yesterday.
const A_WHILE: &str = "public, max-age=3600";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

pub fn style_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| named(STYLE, ".css"))
}

pub fn script_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| named(SCRIPT, ".js"))
}

fn named(text: &str, ending: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let mut path = String::from("/cart/assets/checkout-");
    for byte in &hash[..8] {
        // Writing to a string cannot fail.
        let _ = write!(path, "{byte:02x}");
    }
    path + ending
}

/// `GET /cart/assets/{file}`
pub async fn file(Path(file): Path<String>) -> Response {
    let is = |path: &str| path.ends_with(&format!("/{file}"));
    if is(style_path()) {
        return sent(CSS, FOREVER, STYLE.to_owned());
    }
    if is(script_path()) {
        return sent(JS, FOREVER, SCRIPT.to_owned());
    }
    match theme::of_file(&file) {
        Some(text) => sent(CSS, FOREVER, text),
        None => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
    }
}

/// `GET /embed.js`
pub async fn embed() -> Response {
    // A script of another site may read it: it holds nothing of anybody.
    let open =
        [(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"))];
    (open, sent(JS, A_WHILE, EMBED.to_owned())).into_response()
}

fn sent(kind: &'static str, keep: &'static str, text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_script_stays_small() {
        assert!(SCRIPT.len() <= 10 * 1024, "{} bytes", SCRIPT.len());
        assert!(EMBED.len() <= 12 * 1024, "{} bytes", EMBED.len());
    }
}
