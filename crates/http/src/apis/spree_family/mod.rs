//! What the Solidus and the Spree API have in common, which is most of both: Solidus is a fork of Spree 2.4.
//!
//! A handler is a straight staircase: past the door (`call`, `auth`), load, authorise, read the parameters (`read`),
//! send one command, answer by a view. Views are pure functions of what they show; positions are named in `state`
//! only; every way of saying no is in `refuse`.
//!
//! What differs between the two is a method of [`Dialect`], all of them on one page, or a key of a view that is
//! marked as belonging to one of them. No handler asks which API it serves in any other way. A call knows its
//! dialect because the API's router is wrapped in [`speaking`].

pub mod addresses;
pub mod answer;
pub mod auth;
pub mod call;
pub mod catalogue;
mod channel;
pub mod checkouts;
pub mod coupon_codes;
mod dialect;
pub mod inventory_units;
mod known_card;
pub mod line_items;
pub mod openapi;
pub mod orders;
pub mod payments;
pub mod read;
pub mod refuse;
pub mod returns;
pub mod shipments;
pub mod state;
pub mod store_credits;
pub mod views;

pub use dialect::Dialect;

use crate::kit::Limits;
use crate::server::AppState;
use axum::handler::Handler;
use axum::routing::{MethodRouter, put};
use axum::{Extension, Router};

/// These routes, asked and answered in one dialect.
pub fn speaking(dialect: Dialect, routes: Router<AppState>) -> Router<AppState> {
    routes.layer(Extension(dialect))
}

/// Routes that take files.
pub fn uploads(routes: MethodRouter<AppState>) -> MethodRouter<AppState> {
    routes.layer(Extension(Limits::UPLOAD))
}

/// An update: PUT and PATCH are one.
pub fn update<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    put(handler.clone()).patch(handler)
}

/// A member action: PUT, and for clients without it PATCH and POST.
pub fn action<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    put(handler.clone()).patch(handler.clone()).post(handler)
}
