//! The list of providers, from the nearest place that has it.
//!
//! | tier | where | good for |
//! | --- | --- | --- |
//! | 0 | this router | 1 min |
//! | 1 | this process, on its shelf | 2 min |
//! | 2 | the store, for all processes | 4 min |
//!
//! Beyond all of them is the catalogue. A tier that fails is passed over. A list may therefore be some minutes old; whoever
//! chooses a provider is checked against the catalogue itself.

use super::answer::via;
use super::refuse::{JSON, respond};
use crate::server::{AppState, Shelf, Shelved};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::Time;
use domain::provider;
use engine::Reply;
use engine::ports::{Commit, OnceKey, SavedReply};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const NEAR_SECONDS: i64 = 60;
const SHELF_SECONDS: i64 = 120;
const STORE_SECONDS: i64 = 240;

/// The name under which the list is kept.
const NAME: &str = "checkout providers";

/// `GET /orders/checkout-provider-list/`
pub async fn list(app: AppState, near: Arc<Shelf>) -> Response {
    let text = listed(&app, &near).await;
    let mut response = respond(Reply::new(200, JSON, text.as_bytes().to_vec()));
    let minute = HeaderValue::from_static("public, max-age=60");
    response.headers_mut().insert(header::CACHE_CONTROL, minute);
    response
}

/// The list as it is answered.
pub async fn listed(app: &AppState, near: &Shelf) -> Arc<str> {
    let now = app.engine.now();
    let fresh =
        |shelved: &Shelved, seconds| shelved.since <= now && now < shelved.since.plus_seconds(seconds);
    if let Some(found) = near.get(NAME).filter(|found| fresh(found, NEAR_SECONDS)) {
        return found.text;
    }
    let shelf = &app.config.shelf;
    let found = match shelf.get(NAME).filter(|found| fresh(found, SHELF_SECONDS)) {
        Some(found) => found.text,
        None => {
            let text = match stored(app, now).await {
                Some(text) => text,
                None => fill(app, now).await,
            };
            shelf.put(NAME, Shelved { since: now, text: Arc::clone(&text) });
            text
        }
    };
    near.put(NAME, Shelved { since: now, text: Arc::clone(&found) });
    found
}

/// What the store has for this stretch of time.
async fn stored(app: &AppState, now: Time) -> Option<Arc<str>> {
    match app.engine.store().reply(&key(now), now).await {
        Ok(saved) => String::from_utf8(saved?.body).ok().map(Into::into),
        Err(error) => {
            tracing::warn!(%error, "the stored list of providers could not be read");
            None
        }
    }
}

/// Reads the catalogue and leaves what it says for the others.
async fn fill(app: &AppState, now: Time) -> Arc<str> {
    let catalog = app.engine.catalog();
    let rows = provider::providers(&catalog, &via(&catalog).key);
    let row = |row: &Arc<domain::catalog::CheckoutProvider>| {
        json!({
            "pk": row.id.0, "name": row.name, "slug": row.slug, "logo": row.logo, "is_active": row.active,
        })
    };
    let text = Value::Array(rows.into_iter().map(row).collect()).to_string();
    let saved = SavedReply {
        fingerprint: [0; 32],
        status: 200,
        content_type: JSON.to_owned(),
        body: text.clone().into_bytes(),
        expires_at: now.plus_seconds(STORE_SECONDS),
    };
    let commit = Commit { now, reply: Some((key(now), saved)), ..Commit::default() };
    // Somebody else may have been faster, with the same list.
    if let Err(error) = app.engine.store().commit(commit).await {
        tracing::debug!(%error, "the list of providers was not stored");
    }
    text.into()
}

/// Where the store keeps the list of this stretch of time.
fn key(now: Time) -> OnceKey {
    let stretch = now.0.div_euclid(STORE_SECONDS * 1000);
    let hash = Sha256::new().chain_update("list of ").chain_update(NAME).chain_update(stretch.to_be_bytes());
    OnceKey(hash.finalize().into())
}
