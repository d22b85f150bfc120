//! How pages are sent: their headers, and the pages for what cannot be shown.
//!
//! Pages hold what belongs to one buyer, and their addresses hold secrets: nothing is cached, no address is handed on
//! to another site, nothing is loaded from elsewhere, and search engines are told to stay away.

use super::{Pages, Shell};
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use engine::Trouble;

/// A page with nothing but words.
#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    shell: Shell<'a>,
    heading: &'a str,
    words: &'a [&'a str],
    /// A way on, if trying again is one.
    again: bool,
}

/// Sends a page that may be shown in frames of these origins; none: in any.
pub fn page(status: StatusCode, page: &impl Template, origins: &[String]) -> Response {
    match page.render() {
        Ok(text) => (status, headers(origins), Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, headers(origins), "That did not work on our side.\n")
                .into_response()
        }
    }
}

fn headers(origins: &[String]) -> HeaderMap {
    let plain = |origin: &&String| !origin.is_empty() && !origin.contains([';', ',', ' ', '\'', '"']);
    let mut frames = origins.iter().filter(plain).map(String::as_str).collect::<Vec<_>>().join(" ");
    if frames.is_empty() {
        frames = if origins.is_empty() { "*".to_owned() } else { "'none'".to_owned() };
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors {frames}"
    );
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers
}

/// What all answers of the pages carry.
pub fn private(mut response: Response) -> Response {
    const ALWAYS: [(HeaderName, &str); 3] = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn notice(pages: &Pages, status: StatusCode, heading: &str, words: &[&str]) -> Response {
    let catalog = pages.app.engine.catalog();
    let shell = Shell::new(&catalog, heading);
    page(status, &Notice { shell, heading, words, again: status.is_server_error() }, &[])
}

/// The same for an order or ticket that is not there, and for a key that does not fit.
pub fn not_found(pages: &Pages) -> Response {
    let words = [
        "Links can be cut in a mail, and some run out. Please open the link again from the place you got it.",
        "If that does not help, ask the shop for a new one. Nothing was charged by opening this page.",
    ];
    notice(pages, StatusCode::NOT_FOUND, "We cannot open this", &words)
}

/// A ticket that admits nobody any more.
pub fn gone(pages: &Pages) -> Response {
    let words = [
        "It was taken back or passed on to somebody else, so its code opens no door.",
        "The e-mail about your order says more. If you did not expect this, ask the shop.",
    ];
    notice(pages, StatusCode::GONE, "This ticket is no longer valid", &words)
}

/// Too much to do at the moment.
pub fn busy(pages: &Pages) -> Response {
    let words =
        ["Many people ask for their tickets right now. Yours are safe. Please try again in a few seconds."];
    let mut response = notice(pages, StatusCode::SERVICE_UNAVAILABLE, "One moment, please", &words);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A fault of ours.
pub fn failed(pages: &Pages) -> Response {
    let words = ["Nothing was charged by opening this page. Please try again."];
    notice(pages, StatusCode::INTERNAL_SERVER_ERROR, "That did not work on our side", &words)
}

/// The store could not be asked.
pub fn broken(pages: &Pages, trouble: &Trouble) -> Response {
    tracing::warn!(%trouble, "a page could not be made");
    busy(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_allowed_by_name() {
        let policy = |origins: &[&str]| {
            let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
            headers(&origins)[header::CONTENT_SECURITY_POLICY].to_str().map(str::to_owned).unwrap_or_default()
        };
        assert!(policy(&[]).ends_with("frame-ancestors *"));
        assert!(
            policy(&["https://a.example", "https://b.example"])
                .ends_with(" https://a.example https://b.example")
        );
        assert!(policy(&["x; script-src *"]).ends_with("frame-ancestors 'none'"), "no policy is smuggled in");
    }
}
