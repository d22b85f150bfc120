//! From the list of APIs to one router: each API below its roots, its own dialect on every path there.

use super::api::{Api, Snag};
use super::{AppState, files, pipeline};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

/// An API and where it is to live.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Mount {
    pub api: Api,
    /// Without a slash at the end; empty for the root of the server.
    pub root: String,
}

impl Mount {
    /// The API at each of its usual roots.
    pub fn usual(api: &Api) -> Vec<Mount> {
        api.roots.iter().map(|root| Mount { api: *api, root: (*root).to_owned() }).collect()
    }
}

/// One router for all mounts, and the files they name. Paths are tidied (`.json`, a slash at the end) before anything is routed.
pub fn assemble(state: &AppState, mounts: &[Mount]) -> Router {
    let routed = mounts.iter().fold(Router::new(), |router, mount| {
        let api = one(state, mount.api);
        if mount.root.is_empty() { router.merge(api) } else { router.nest(&mount.root, api) }
    });
    // A layer runs after routing, so what changes the path has to sit in front of a router of its own.
    Router::new()
        .route(files::ROUTE, get(files::show))
        .with_state(state.clone())
        .fallback_service(routed)
        .layer(from_fn(pipeline::arrive))
}

fn one(state: &AppState, api: Api) -> Router {
    let nowhere = move || async move { (api.snag)(Snag::NoSuchPath) };
    let manners = pipeline::Manners { name: api.name, limit: state.config.request_timeout, snag: api.snag };
    (api.routes)()
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .layer(from_fn_with_state(manners, pipeline::around))
        .with_state(state.clone())
}
