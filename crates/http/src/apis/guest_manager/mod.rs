//! The Guest Manager API: ticketing checkout, step by step, in that protocol's words.
//!
//! A handler is a straight staircase: past the door (`call`, `auth`), find the order, read the data (`read`), send one
//! command, answer by a view. Views are pure functions of what they show; states are named in `state` only; every way
//! of saying no is in `refuse`. The steps themselves, and what each of them asks for, are the domain's.

pub mod answer;
pub mod auth;
pub mod call;
mod catalogue;
mod channel;
mod checkout;
mod coupons;
mod line_items;
pub mod list;
mod openapi;
mod orders;
mod read;
pub mod refuse;
mod search;
mod state;
mod tickets;
pub mod views;

pub use channel::channel;

use crate::server::{Api, AppState};
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, patch, post};

/// This API's entry in the list.
pub const API: Api = Api {
    name: channel::NAME,
    roots: &["/guest-manager/api/public/v2", "/guest-manager/api/public"],
    channel,
    routes,
    snag: refuse::snag,
    openapi: openapi::document,
};

/// Every path of this API. An order goes by its id or its number wherever it is named.
fn routes() -> Router<AppState> {
    Router::new()
        .route("/checkout/{order_key}", step(checkout::update))
        .route("/checkout/{order_key}/next", step(checkout::next))
        .route("/checkout/{order_key}/resume", step(checkout::resume))
        .route("/checkout/{order_key}/extend", step(checkout::extend))
        .route("/orders", get(orders::index).post(orders::create))
        .route("/orders/{order_key}", get(orders::show).patch(orders::update))
        .route("/orders/{order_key}/poll", get(orders::poll))
        .route("/orders/{order_key}/cancel", step(orders::cancel))
        .route("/orders/{order_key}/approve", step(orders::approve))
        .route("/orders/{order_key}/deny", step(orders::deny))
        .route("/orders/{order_key}/void", step(orders::void))
        .route("/orders/{order_key}/apply_coupon_code", step(coupons::create))
        .route("/orders/{order_key}/coupon_codes/{coupon}", delete(coupons::destroy))
        .route("/orders/{order_key}/line_items/add", post(line_items::add))
        .route("/orders/{order_key}/line_items/remove", post(line_items::remove))
        .route(
            "/orders/{order_key}/line_items/{record}",
            patch(line_items::update).delete(line_items::destroy),
        )
        .route("/tickets", get(tickets::index))
        .route("/tickets/{record}", get(tickets::show))
        .route("/tickets/{record}/email", step(tickets::email))
        .route("/tickets/{record}/void", step(tickets::void))
        .route("/tickets/{record}/check_in", step(tickets::check_in))
        .route("/tickets/{record}/check_out", step(tickets::check_out))
        .merge(catalogue::routes())
        .method_not_allowed_fallback(async || refuse::Refused::no_method())
}

/// A move: PATCH, and for clients without it POST and PUT.
fn step<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    patch(handler.clone()).post(handler.clone()).put(handler)
}
