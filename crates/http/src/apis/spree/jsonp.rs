//! `?callback=f` on reads without a version in their path: the answer as a script that calls `f`, for the browsers of
//! the clients that still ask this way. Later versions of the protocol do not have it, so neither have their paths.
//!
//! Nothing but the name of a function is ever put into the script; anything else is as if it had not been sent.

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Longest name of a function: libraries make them from a word and a time.
const NAME_BYTES: usize = 128;

/// Largest answer that is wrapped; a page of the largest size is about a tenth of it.
const ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// Wraps an answer if its request asked for that.
pub async fn wrap(request: Request, next: Next) -> Response {
    let asked = callback(&request);
    let response = next.run(request).await;
    match asked {
        Some(name) if response.status() == StatusCode::OK && is_json(&response) => {
            wrapped(&name, response).await
        }
        _ => response,
    }
}

fn callback(request: &Request) -> Option<String> {
    if request.method() != Method::GET || has_version(request) {
        return None;
    }
    let pairs = request.uri().query()?.split('&');
    let name = pairs.filter_map(|pair| pair.strip_prefix("callback=")).next_back()?;
    is_function(name).then(|| name.to_owned())
}

/// What this router is mounted at ends with the version, or not.
fn has_version(request: &Request) -> bool {
    let whole = request.extensions().get::<OriginalUri>().map_or("", |uri| uri.0.path());
    let root = whole.strip_suffix(request.uri().path()).unwrap_or(whole);
    root.ends_with("/v1")
}

/// Names joined by dots, as JavaScript has them, in ASCII. Percent signs are none, so nothing is to be unescaped.
fn is_function(name: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
    };
    name.len() <= NAME_BYTES && name.split('.').all(is_name)
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/json"))
}

async fn wrapped(name: &str, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(json) = to_bytes(body, ANSWER_BYTES).await else {
        return super::super::spree_family::refuse::snag(crate::server::Snag::Broken);
    };
    // The two line ends that JSON allows in texts and old JavaScript does not.
    let json = String::from_utf8_lossy(&json).replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    parts.headers.remove(header::CONTENT_LENGTH);
    let script = HeaderValue::from_static("application/javascript; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, script);
    Response::from_parts(parts, Body::from(format!("{name}({json})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_functions_are_called() {
        for good in ["f", "jQuery1910_123", "$.shop._orders", &"f".repeat(128)] {
            assert!(is_function(good), "{good}");
        }
        for bad in ["", "1f", "a..b", "alert(1)//", "<script>", "f%28", "a b", "f;g", "é", &"f".repeat(129)]
        {
            assert!(!is_function(bad), "{bad}");
        }
    }
}
