//! The Akinon "Checkout Provider" API: a basket in a browser's session, checked out on a provider's pages in seven steps.
//!
//! A handler is a straight staircase: past the door (`call`, `session`, `csrf`), find the basket, read the fields (`read`,
//! `check`), send one command, answer by a view. Every way of saying no is in `refuse`, every sentence in `tongue`. It lives
//! at a root of its own and at the server's, because its storefront and its links know no prefix.

mod accounts;
pub mod answer;
mod baskets;
pub mod call;
mod cancel;
mod channel;
mod check;
mod checkout;
mod completed;
mod contract;
mod csrf;
mod openapi;
mod page;
mod providers;
mod read;
pub mod refuse;
mod select;
mod session;
mod signer;
mod steps;
mod tokens;
mod tongue;
mod views;

pub use channel::channel;

use crate::server::{Api, AppState, Shelf};
use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::routing::{get, post};
use std::sync::Arc;

/// This API's entry in the list.
pub const API: Api = Api {
    name: channel::NAME,
    roots: &["/akinon", ""],
    channel,
    routes,
    snag: refuse::snag,
    openapi: openapi::document,
};

/// Every path of this API, without the slash that its clients write at the end.
fn routes() -> Router<AppState> {
    // What this router alone remembers of the list of providers.
    let near: Arc<Shelf> = Arc::default();
    let (listing, posting, wrapped, showing) =
        (Arc::clone(&near), Arc::clone(&near), Arc::clone(&near), near);
    Router::new()
        .route("/csrf_token", get(tokens::show))
        .route("/users/login", post(accounts::log_in))
        .route("/users/logout", get(accounts::log_out).post(accounts::log_out))
        .route("/users/registration", post(accounts::register))
        .route("/current_user", get(accounts::current))
        .route(
            "/baskets/basket",
            get(baskets::show)
                .post(baskets::add)
                .put(baskets::set)
                .patch(baskets::voucher)
                .delete(baskets::empty),
        )
        .route("/baskets/basket-list", get(baskets::list))
        .route("/baskets/basket-list/id/{pk}/main", post(baskets::make_main))
        .route("/basket", get(completed::basket))
        .route(
            "/orders/checkout-provider-list",
            get(move |State(app): State<AppState>| providers::list(app, listing)),
        )
        .route("/orders/checkout-provider", post(move |call| checkout::post(call, posting)))
        .route(
            "/orders/checkout",
            get(move |call| checkout::show(call, showing))
                .post(move |call| checkout::post_wrapped(call, wrapped)),
        )
        .route("/orders/contract", get(contract::show))
        .route("/orders/checkout-provider-completed/{signed}", get(completed::show))
        .route("/orders/completed/{signed}", get(completed::show))
        .route("/orders/checkout-provider-cancel", get(cancel::cancel))
        .method_not_allowed_fallback(async |method: Method| refuse::Refused::no_method(&method))
}
