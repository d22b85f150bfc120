//! What happens to every request around its handler: a tidy path, an id to find it again, a bound on its time, and
//! no trace in caches.
//!
//! Nothing here reads a body, a query or a credential.

use super::api::{AnsweredBy, Snag};
use crate::kit::card_guard;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Before anything is routed: the path is tidied, the request gets its id.
///
/// One layer for both, as `around` is one for all that an API's answers have in common: axum makes a copy of what lies
/// within a layer for each request, so each layer more costs more than the one before it.
pub(super) async fn arrive(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).filter(|id| is_harmless(id.as_bytes())).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&fresh_id()).ok());
    if let Some(id) = &id {
        // APIs that write it into their answers find it here.
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    tidy_path(&mut request);
    let mut response = next.run(request).await;
    if let Some(id) = id {
        // Unless it has named one of its own in its body.
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
}

/// `/orders/R1.json/` is `/orders/R1`. Everything else about the request stays.
fn tidy_path(request: &mut Request) {
    let path = request.uri().path();
    let tidy = tidied(path);
    if tidy != path {
        let target = match request.uri().query() {
            Some(query) => format!("{tidy}?{query}"),
            None => tidy.to_owned(),
        };
        // Cutting the end off a valid path leaves a valid path.
        if let Ok(uri) = target.parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
}

fn tidied(path: &str) -> &str {
    let bare = path.trim_end_matches('/');
    let bare =
        bare.strip_suffix(".json").filter(|rest| !rest.is_empty() && !rest.ends_with('/')).unwrap_or(bare);
    if bare.is_empty() { "/" } else { bare }
}

fn is_harmless(id: &[u8]) -> bool {
    (1..=64).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        // It is repeated in the answer, and written down by whoever looks for the request.
        && !std::str::from_utf8(id).is_ok_and(card_guard::find_in_text)
}

/// Unique among the processes of one machine for as long as its clock does not repeat a nanosecond.
pub fn fresh_id() -> String {
    static STARTED: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let started = STARTED.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or_default()
    });
    format!("{started:016x}-{:08x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What every answer of an API has, and what is said when there is none.
#[derive(Clone, Copy)]
pub(super) struct Manners {
    pub name: &'static str,
    /// How long a handler may take.
    pub limit: Duration,
    pub snag: fn(Snag) -> Response,
}

/// Around every handler of an API: when it takes too long or panics, the API's own words are the answer. Answers hold
/// what belongs to one person unless a handler says that they may be shared.
pub(super) async fn around(
    State(Manners { name, limit, snag }): State<Manners>,
    request: Request,
    next: Next,
) -> Response {
    let answering = AssertUnwindSafe(tokio::time::timeout(limit, next.run(request)));
    let mut response = match answering.catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => snag(Snag::TooSlow),
        // The panic's own words are in the log.
        Err(_) => snag(Snag::Broken),
    };
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.extensions_mut().insert(AnsweredBy(name));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_suffix_and_last_slash() {
        for (path, tidy) in [
            ("/api/orders/R1.json", "/api/orders/R1"),
            ("/api/orders/R1/", "/api/orders/R1"),
            ("/api/orders.json/", "/api/orders"),
            ("/api/orders", "/api/orders"),
            ("/api/coupon_codes/a.json.b", "/api/coupon_codes/a.json.b"),
            ("/api/.json", "/api/.json"),
            ("/", "/"),
            ("///", "/"),
        ] {
            assert_eq!(tidied(path), tidy, "{path}");
        }
    }

    #[test]
    fn request_ids_are_unique_and_foreign_ones_are_checked() {
        assert_ne!(fresh_id(), fresh_id());
        assert!(is_harmless(fresh_id().as_bytes()));
        for bad in [&b""[..], b"a b", b"<script>", b"4111-1111-1111-1111", &[b'a'; 65]] {
            assert!(!is_harmless(bad));
        }
    }
}
