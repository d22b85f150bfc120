//! `Idempotency-Key`: how a request says that it must happen once.
//!
//! The row is named by channel, caller, method, path and the client's key; a fingerprint of query and body tells a
//! retry from another request under the same key. Keys are hashed: what a client sends is never stored.

use super::Incoming;
use engine::Once;
use engine::ports::OnceKey;
use sha2::{Digest, Sha256};

/// Longest key that is read; the usual ones are UUIDs.
const KEY_BYTES: usize = 255;

/// Shortest key of a caller who shows nothing else: it is all that tells guests apart, and whoever sends it again is
/// answered with the order it began, token included. UUIDs have 32 characters without their dashes.
const UNGUESSABLE_BYTES: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OnceError {
    #[error("The Idempotency-Key header was sent more than once.")]
    SentTwice,
    #[error("The Idempotency-Key header must hold 1 to 255 visible ASCII characters.")]
    Unusable,
    #[error(
        "Without an API key or an order token, the Idempotency-Key header must hold at least 20 characters."
    )]
    Guessable,
}

/// What a request says, if it says anything; reads (`GET`, `HEAD`) say nothing. `caller` names who asks: a user id,
/// or a digest of an order's secret; nobody in particular is `None`.
///
/// # Errors
/// A header that is there and cannot be meant.
pub fn once(request: &Incoming, channel: &str, caller: Option<&str>) -> Result<Option<Once>, OnceError> {
    if request.method.is_safe() {
        return Ok(None);
    }
    let mut values = request.headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OnceError::SentTwice);
    }
    let bytes = value.as_bytes();
    if !(1..=KEY_BYTES).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(OnceError::Unusable);
    }
    if caller.is_none() && bytes.len() < UNGUESSABLE_BYTES {
        return Err(OnceError::Guessable);
    }
    let caller = caller.unwrap_or("guest");
    let (method, path) = (request.method.as_str(), request.path.as_str());
    let named = [channel.as_bytes(), caller.as_bytes(), method.as_bytes(), path.as_bytes(), bytes];
    // With the client's own key, which is not stored: a body may hold a password, and must not be guessable from this.
    let said = [bytes, request.query.as_deref().unwrap_or_default().as_bytes(), &request.body[..]];
    Ok(Some(Once { key: OnceKey(digest(&named)), fingerprint: digest(&said) }))
}

/// SHA-256 over the parts, each with its length before it, so that no two lists of parts run together.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Limits;
    use axum::body::Body;
    use axum::extract::Request;

    async fn read(path: &str, keys: &[&str], body: &str) -> Result<Option<Once>, OnceError> {
        let mut request = Request::builder().method("POST").uri(path);
        for key in keys {
            request = request.header("Idempotency-Key", *key);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let incoming = Incoming::read(request, &Limits::STANDARD).await.unwrap();
        once(&incoming, "solidus", Some("7"))
    }

    #[tokio::test]
    async fn the_same_request_has_the_same_name_and_another_body_another_fingerprint() {
        let first = read("/orders", &["k"], "{}").await.unwrap().unwrap();
        assert_eq!(read("/orders", &["k"], "{}").await.unwrap().unwrap(), first);
        let other_body = read("/orders", &["k"], "{ }").await.unwrap().unwrap();
        assert_eq!(other_body.key, first.key);
        assert_ne!(other_body.fingerprint, first.fingerprint);
        let other_query = read("/orders?a=1", &["k"], "{}").await.unwrap().unwrap();
        assert_ne!(other_query.fingerprint, first.fingerprint);
        assert_ne!(read("/order", &["k"], "{}").await.unwrap().unwrap().key, first.key);
    }

    #[tokio::test]
    async fn headers_that_cannot_be_meant_are_refused() {
        assert_eq!(read("/orders", &[], "").await, Ok(None));
        assert_eq!(read("/orders", &["a", "a"], "").await, Err(OnceError::SentTwice));
        assert_eq!(read("/orders", &[""], "").await, Err(OnceError::Unusable));
        assert_eq!(read("/orders", &["a b"], "").await, Err(OnceError::Unusable));
        let long = "k".repeat(256);
        assert_eq!(read("/orders", &[&long], "").await, Err(OnceError::Unusable));
    }

    #[tokio::test]
    async fn the_key_of_nobody_in_particular_is_hard_to_guess() {
        for (key, expected) in
            [("1", Err(OnceError::Guessable)), ("5f1c2f0e8f0a4b689f9c0d9a2a7c1f10", Ok(true))]
        {
            let request = Request::builder().method("POST").uri("/orders").header("Idempotency-Key", key);
            let incoming =
                Incoming::read(request.body(Body::empty()).unwrap(), &Limits::STANDARD).await.unwrap();
            assert_eq!(once(&incoming, "solidus", None).map(|once| once.is_some()), expected, "{key}");
        }
    }
}
