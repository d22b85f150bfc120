//! Whether the process answers, and whether it can do its work.

use super::Ops;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn alive() -> &'static str {
    "ok\n"
}

/// 503 while the store takes no writes: a balancer then sends buyers elsewhere.
pub async fn ready(State(ops): State<Ops>) -> (StatusCode, &'static str) {
    match ops.app.engine.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(trouble) => {
            tracing::warn!(%trouble, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
