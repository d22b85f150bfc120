//! A checkout provider in the manner of Akifast: a shop starts a session, the buyer is served on a hosted page, and the
//! provider asks the shop for shipping options and agreements and tells it of the payment.
//!
//! The page asks for the first digits of a card and never for a card number.

mod browser;
mod run;
mod session;
mod steps;

pub use session::Session;

use crate::Sim;
use crate::page::{self, Reply};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, body::Bytes};
use serde::Deserialize;
use serde_json::json;
use session::{StartRequest, Status};
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<Sim> {
    Router::new()
        .route("/processor/payment-sessions", post(start))
        .route("/processor/payment-sessions/{token}/cancel", post(cancel))
        .route("/pay/{token}", get(browser::show))
        .route("/pay/{token}/address", post(browser::address))
        .route("/pay/{token}/shipping", post(browser::shipping))
        .route("/pay/{token}/agreements/{code}", get(browser::agreement))
        .route("/pay/{token}/pay", post(browser::pay))
        .route("/sim/sessions", get(list))
        .route("/sim/{token}/run", post(run::run))
}

/// `POST /processor/payment-sessions`: 201, or 200 for a key that was used for the same before.
async fn start(State(sim): State<Sim>, headers: HeaderMap, body: Bytes) -> Response {
    if !page::is_authorised(&sim.options.provider_key, &headers) {
        return page::refuse(StatusCode::UNAUTHORIZED, "Invalid token.");
    }
    let request = match StartRequest::read(&body) {
        Ok(request) => request,
        Err(fields) => return (StatusCode::BAD_REQUEST, Json(fields)).into_response(),
    };
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut keys = sim.session_keys.lock();
    let mut sessions = sim.sessions.lock();
    let earlier = key.as_ref().and_then(|key| sessions.get(keys.get(key)?));
    if let Some(earlier) = earlier {
        return if earlier.request.is_same(&request) {
            (StatusCode::OK, Json(earlier.started())).into_response()
        } else {
            page::refuse(StatusCode::CONFLICT, "This key was used for another session.")
        };
    }
    let token = uuid::Uuid::new_v4().to_string();
    if let Some(key) = &key {
        keys.put(key, token.clone());
    }
    let session = Session::new(&token, sim.link(&format!("/pay/{token}")), request, sim.options.clock.now());
    let started = session.started();
    sessions.put(&token, session);
    (StatusCode::CREATED, Json(started)).into_response()
}

/// `POST /processor/payment-sessions/{token}/cancel`: the shop has no more use for it. What is paid stays paid.
async fn cancel(State(sim): State<Sim>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if !page::is_authorised(&sim.options.provider_key, &headers) {
        return page::refuse(StatusCode::UNAUTHORIZED, "Invalid token.");
    }
    let mut sessions = sim.sessions.lock();
    let Some(session) = sessions.get_mut(&token) else {
        return page::refuse(StatusCode::NOT_FOUND, "Not found.");
    };
    if session.status != Status::Paid {
        session.status = Status::Cancelled;
    }
    Json(json!({ "session_token": token, "status": session.status })).into_response()
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    basket_id: Option<String>,
    limit: Option<usize>,
}

/// Most sessions in one list.
const LISTED: usize = 100;

/// `GET /sim/sessions?basket_id=&limit=`: newest first. Who wants the newest alone need not wait for the search.
async fn list(State(sim): State<Sim>, Query(query): Query<ListQuery>) -> Response {
    let sessions = sim.sessions.lock();
    let most = query.limit.unwrap_or(LISTED).min(LISTED);
    let asked =
        |session: &&Session| query.basket_id.as_ref().is_none_or(|id| *id == session.request.basket_id);
    let found: Vec<_> = sessions.newest().filter(asked).take(most).map(Session::listed).collect();
    Json(found).into_response()
}

/// The session of a token, or the answer that there is none.
fn find(sim: &Sim, token: &str) -> Result<Session, Reply> {
    let found = sim.sessions.lock().get(token).cloned();
    found.ok_or_else(|| {
        Reply(Box::new(page::notice(
            sim,
            StatusCode::NOT_FOUND,
            "There is no such payment",
            "The address is mistyped, or the payment is so old that it was forgotten.",
        )))
    })
}

/// Changes the session that is stored.
fn change(sim: &Sim, token: &str, with: impl FnOnce(&mut Session)) {
    if let Some(session) = sim.sessions.lock().get_mut(token) {
        with(session);
    }
}

/// Field errors as this provider words them: a list of sentences by field.
type FieldErrors = BTreeMap<String, Vec<String>>;
