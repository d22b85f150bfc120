//! What happens to every request around its handler: a tidy path, an id to find it again, a bound on its time, and
//! no trace in caches.
//!
//! Nothing here reads a body, a query or a credential.

use super::api::Snag;
use crate::kit::card_guard;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// `/orders/R1.json/` is `/orders/R1`. Everything else about the request stays.
pub(super) async fn tidy_path(mut request: Request) -> Request {
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
    request
}

fn tidied(path: &str) -> &str {
    let bare = path.trim_end_matches('/');
    let bare =
        bare.strip_suffix(".json").filter(|rest| !rest.is_empty() && !rest.ends_with('/')).unwrap_or(bare);
    if bare.is_empty() { "/" } else { bare }
}

/// Takes over the caller's request id if it is harmless, else makes one; the answer carries it, unless it has
/// named one of its own in its body.
pub(super) async fn request_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).filter(|id| is_harmless(id.as_bytes())).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&fresh_id()).ok());
    if let Some(id) = &id {
        // APIs that write it into their answers find it here.
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
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

/// How long a handler may take, and what is said when it takes longer.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    pub limit: Duration,
    pub snag: fn(Snag) -> Response,
}

/// Answers in the API's words when a handler takes too long.
pub(super) async fn in_time(
    State(Patience { limit, snag }): State<Patience>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => snag(Snag::TooSlow),
    }
}

/// Answers hold what belongs to one person unless a handler says that they may be shared.
pub(super) async fn not_for_caches(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
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
