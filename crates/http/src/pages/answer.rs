//! How pages are sent: their headers, and the pages for what cannot be shown.
//!
//! Pages hold what belongs to one buyer, and their addresses hold secrets: nothing is cached, no address is handed on
//! to another site, nothing is loaded from elsewhere, and search engines are told to stay away.

use super::lang::Lang;
use super::{Pages, Shell, lost, theme};
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
    words: Vec<&'static str>,
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
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
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

fn notice(
    pages: &Pages,
    status: StatusCode,
    lang: Lang,
    heading: &'static str,
    words: &[&'static str],
) -> Response {
    let catalog = pages.app.engine.catalog();
    let heading = lang.say(heading);
    let colour = catalog.ticketing.customization(None).and_then(|row| row.colour.as_deref());
    let shell = Shell { lang, theme: colour.and_then(theme::path), ..Shell::new(&catalog, heading) };
    let words = words.iter().map(|key| lang.say(key)).collect();
    page(status, &Notice { shell, heading, words, again: status.is_server_error() }, &[])
}

/// The same for an order or ticket that is not there, and for a key that does not fit.
pub fn not_found(pages: &Pages) -> Response {
    not_found_in(pages, Lang::En)
}

pub fn not_found_in(pages: &Pages, lang: Lang) -> Response {
    lost::not_found(pages, lang, "")
}

/// A ticket that admits nobody any more.
pub fn gone(pages: &Pages, lang: Lang) -> Response {
    let words = ["notice.ticket_gone_1", "notice.ticket_gone_2"];
    notice(pages, StatusCode::GONE, lang, "notice.ticket_gone", &words)
}

/// Too much to do at the moment.
pub fn busy(pages: &Pages) -> Response {
    busy_in(pages, Lang::En)
}

pub fn busy_in(pages: &Pages, lang: Lang) -> Response {
    let mut response =
        notice(pages, StatusCode::SERVICE_UNAVAILABLE, lang, "notice.busy", &["notice.busy_1"]);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A fault of ours.
pub fn failed(pages: &Pages, lang: Lang) -> Response {
    notice(pages, StatusCode::INTERNAL_SERVER_ERROR, lang, "notice.failed", &["notice.failed_1"])
}

/// A request that is too large, or broke off.
pub fn unreadable(pages: &Pages, lang: Lang) -> Response {
    notice(pages, StatusCode::PAYLOAD_TOO_LARGE, lang, "alert.refused_heading", &["alert.refused"])
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
