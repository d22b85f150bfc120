//! Cashwrap's own small API: one order whole, why it costs what it costs, what happened to it, what would, and how the
//! mails about it look.
//!
//! It reads orders of every channel and changes none. A handler is a short staircase: past the door (`call`), one
//! look, one view. Every refusal is a problem document (RFC 9457), made in `problem` and nowhere else.

mod call;
mod channel;
mod command;
mod events;
mod explain;
mod mails;
mod openapi;
mod orders;
mod preview;
mod problem;
mod refusal;
mod views;

pub use channel::channel;

use crate::server::{Api, AppState};
use axum::Router;
use axum::routing::{get, post};

/// This API's entry in the list.
pub const API: Api = Api {
    name: channel::NAME,
    roots: &["/cashwrap/v1"],
    channel,
    routes,
    snag: problem::snag,
    openapi: openapi::document,
};

/// Every path of this API.
fn routes() -> Router<AppState> {
    Router::new()
        .route("/orders/{number}", get(orders::show))
        .route("/orders/{number}/explain", get(explain::show))
        .route("/orders/{number}/events", get(events::index))
        .route("/orders/{number}/preview", post(preview::run))
        .route("/mails", get(mails::index))
        .route("/mails/{kind}/preview", get(mails::preview))
}
