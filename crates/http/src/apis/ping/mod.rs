//! The Ping Proxies checkout flow: stock, quotes, payment methods with reasons, checkout, confirmation.
//!
//! Five stages, one route each, and nothing is kept between them: a quote is priced anew at each look, and a checkout
//! is one command. A handler is a straight staircase: past the door (`call`, `auth`), read the body (`read`), ask the
//! engine once, answer by a view. States are named in `state` only, and every way of saying no is in `refuse`. Who may
//! pay with what, and what it costs, is the domain's.

mod auth;
mod call;
mod cart;
mod channel;
mod checkout;
mod login;
mod openapi;
mod orders;
mod otp;
mod page;
mod public;
mod read;
mod refuse;
mod session;
mod sign;
mod state;
mod stock;
mod token;
mod views;
mod webhooks;

pub use channel::channel;

use crate::server::{Api, AppState};
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

/// This API's entry in the list.
pub const API: Api = Api {
    name: channel::NAME,
    roots: &["/ping/1.0", "/ping/v1.0"],
    channel,
    routes,
    snag: refuse::snag,
    openapi: openapi::document,
};

/// Every path of this API.
fn routes() -> Router<AppState> {
    Router::new()
        .route("/private/user/customer/login", post(login::login))
        .route("/private/user/product/stock", get(stock::show))
        .route("/private/user/cart/calculate", post(cart::calculate))
        .route("/private/user/checkout/create", post(checkout::create))
        .route("/private/user/order/retrieve/{order_id}", get(orders::retrieve))
        .route("/private/user/order/search", get(orders::search))
        .route("/public/user/product/search", get(stock::search))
        .route("/public/user/checkout/catalog", get(stock::catalog))
        .route("/public/user/checkout/quote", post(public::quote))
        .route("/public/user/checkout/create", post(public::create))
        .route("/checkout/return/{order_id}", get(orders::returned))
        .route("/webhook/{platform}", post(webhooks::hear))
        .method_not_allowed_fallback(async || refuse::Refused::no_method())
        .layer(from_fn(refuse::seal))
}
