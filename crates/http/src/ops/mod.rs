//! The operator's endpoints: health, readiness, figures, the API reference, and the clock of test mode.
//!
//! They hold no shop data. `/healthz` says that the process answers, `/readyz` that the store takes writes; both are
//! open to everyone, so nothing in them names a version, a path or a reason.

mod clock;
mod docs;
mod health;
mod metrics;

pub use clock::TestClock;
pub use metrics::{Figure, FigureKind, Metrics};

use crate::server::{AppState, Mount};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{get, post};
use std::sync::Arc;

/// What the endpoints look at.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // the engine holds trait objects
pub struct Ops {
    pub app: AppState,
    pub metrics: Arc<Metrics>,
    pub mounts: Arc<[Mount]>,
    /// How callers reach this server, without a slash at the end; empty if nobody said.
    pub public_url: Arc<str>,
    /// Only in test mode.
    pub clock: Option<Arc<TestClock>>,
}

/// The operator's endpoints in front of everything else, and every request measured.
pub fn in_front_of(ops: Ops, apis: Router) -> Router {
    let metrics = Arc::clone(&ops.metrics);
    let mut router = Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs") }))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route("/docs", get(docs::index))
        .route("/docs/{api}", get(docs::page))
        .route("/docs/{api}/openapi.json", get(docs::document));
    if ops.clock.is_some() {
        router = router.route("/admin/test/clock", post(clock::push));
    }
    let classes = metrics::Classes::of(&ops.mounts, metrics);
    router.with_state(ops).fallback_service(apis).layer(from_fn_with_state(classes, metrics::measure))
}
