//! The Spree API, version 1: checkouts, orders and the catalogue around them, in that protocol's words.
//!
//! Solidus began as a copy of Spree, and most of both protocols is the same. So this folder only says which paths there
//! are; what they do is `spree_family`:
//!
//! * a handler is `async fn(Call) -> Answered` there and serves both APIs; `call.dialect` says which one asked;
//! * what the two do differently is a method of `Dialect` (`spree_family/dialect.rs`, with a table on top) or a choice
//!   of the channel (`spree_family/channel.rs`);
//! * views (`spree_family/views`) hold the keys of both: a key that only one has is an `Option` left out when it is
//!   `None`, filled by `lens.solidus(…)` or `lens.spree(…)`;
//! * refusals (`spree_family/refuse`) are named by meaning; where the words differ, `Words` knows the dialect.
//!
//! A handler belongs here only if Solidus has no such request at all.

mod catalogue;
mod jsonp;
mod openapi;

use super::spree_family::{
    Dialect, action, addresses, checkouts, coupon_codes, inventory_units, line_items, orders, payments,
    returns, shipments, speaking, update,
};
use crate::server::{Api, AppState};
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use domain::channel::Channel;

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Dialect::Spree.channel()
}

/// This API's entry in the list. Clients from before version 3.1 leave the version out of the path; they are answered
/// directly, because those clients lose their bodies over a redirect.
pub const API: Api = Api {
    name: Dialect::Spree.name(),
    roots: &["/spree/api/v1", "/spree/api"],
    channel,
    routes,
    snag: super::spree_family::refuse::snag,
    openapi: openapi::document,
};

fn routes() -> Router<AppState> {
    speaking(Dialect::Spree, paths()).layer(from_fn(jsonp::wrap))
}

/// Every path of this API. The first parameter of a nested path is the order's number, whatever it is nested in.
fn paths() -> Router<AppState> {
    Router::new()
        .route("/orders", get(orders::index).post(orders::create))
        .route("/orders/mine", get(orders::mine))
        .route("/orders/current", get(orders::current))
        .route("/orders/{order_id}", get(orders::show).merge(update(orders::update)))
        .route("/checkouts", post(orders::create))
        .route("/checkouts/{order_id}", get(orders::show).merge(update(checkouts::update)))
        .route("/checkouts/{order_id}/next", action(checkouts::next))
        .route("/checkouts/{order_id}/advance", action(checkouts::advance))
        .nest("/orders/{order_id}", within_an_order())
        .nest("/checkouts/{order_id}", within_an_order())
        .nest("/shipments", of_shipments())
        .nest("/orders/{order_id}/shipments", of_shipments())
        .route("/inventory_units/{id}", get(inventory_units::show).merge(update(inventory_units::update)))
        .merge(catalogue::routes())
}

/// What lies below `/orders/:number` and `/checkouts/:number` alike.
fn within_an_order() -> Router<AppState> {
    Router::new()
        .route("/empty", action(orders::empty))
        .route("/cancel", action(orders::cancel))
        .route("/approve", action(orders::approve))
        .route("/apply_coupon_code", action(coupon_codes::create))
        .route("/remove_coupon_code", action(coupon_codes::destroy))
        .route("/line_items", post(line_items::create))
        .route("/line_items/new", get(line_items::new))
        .route("/line_items/{id}", update(line_items::update).delete(line_items::destroy))
        .route("/addresses/{id}", get(addresses::show).merge(update(addresses::update)))
        .route("/payments", get(payments::index).post(payments::create))
        .route("/payments/new", get(payments::new))
        .route("/payments/{id}", get(payments::show).merge(update(payments::update)))
        .route("/payments/{id}/authorize", action(payments::authorize))
        .route("/payments/{id}/capture", action(payments::capture))
        .route("/payments/{id}/purchase", action(payments::purchase))
        .route("/payments/{id}/void", action(payments::void))
        .route("/payments/{id}/credit", action(payments::credit))
        .route("/return_authorizations", get(returns::index).post(returns::create))
        .route("/return_authorizations/new", get(returns::new))
        .route(
            "/return_authorizations/{id}",
            get(returns::show).merge(update(returns::update)).delete(returns::destroy),
        )
        .route("/return_authorizations/{id}/cancel", action(returns::cancel))
}

/// Shipments by their numbers. Clients from before version 2.2 name the order as well.
fn of_shipments() -> Router<AppState> {
    Router::new()
        .route("/", post(shipments::create))
        .route("/mine", get(shipments::mine))
        .route("/transfer_to_location", post(shipments::transfer_to_location))
        .route("/transfer_to_shipment", post(shipments::transfer_to_shipment))
        .route("/{shipment_number}", update(shipments::update))
        .route("/{shipment_number}/ready", action(shipments::ready))
        .route("/{shipment_number}/ship", action(shipments::ship))
        .route("/{shipment_number}/add", action(shipments::add))
        .route("/{shipment_number}/remove", action(shipments::remove))
}
