//! The Solidus API: orders, checkouts and the catalogue around them, in that protocol's words.
//!
//! This folder says which paths there are. What they do is shared with the API's sibling, and where the two differ
//! is told on one page, the family's `dialect`.

mod catalogue;
mod openapi;

use super::spree_family::{
    Dialect, action, addresses, checkouts, coupon_codes, inventory_units, line_items, orders, payments,
    returns, shipments, speaking, store_credits, update,
};
use crate::server::{Api, AppState};
use axum::Router;
use axum::routing::{delete, get, post};
use domain::channel::Channel;

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Dialect::Solidus.channel()
}

/// This API's entry in the list.
pub const API: Api = Api {
    name: Dialect::Solidus.name(),
    roots: &["/solidus/api"],
    channel,
    routes,
    snag: super::spree_family::refuse::snag,
    openapi: openapi::document,
};

/// Every path of this API. The first parameter of a nested path is the order's number, whatever it is nested in.
fn routes() -> Router<AppState> {
    speaking(Dialect::Solidus, paths())
}

fn paths() -> Router<AppState> {
    Router::new()
        .route("/orders", get(orders::index).post(orders::create))
        .route("/orders/mine", get(orders::mine))
        .route("/orders/current", get(orders::current))
        .route("/orders/{order_id}", get(orders::show).merge(update(orders::update)))
        .route("/orders/{order_id}/empty", action(orders::empty))
        .route("/orders/{order_id}/cancel", action(orders::cancel))
        .route("/orders/{order_id}/apply_coupon_code", action(coupon_codes::create))
        .route("/checkouts/{order_id}", update(checkouts::update))
        .route("/checkouts/{order_id}/next", action(checkouts::next))
        .route("/checkouts/{order_id}/advance", action(checkouts::advance))
        .route("/checkouts/{order_id}/complete", action(checkouts::complete))
        .nest("/orders/{order_id}", within_an_order())
        .nest("/checkouts/{order_id}", within_an_order())
        .route("/orders/{order_id}/return_authorizations", get(returns::index).post(returns::create))
        .route("/orders/{order_id}/return_authorizations/new", get(returns::new))
        .route(
            "/orders/{order_id}/return_authorizations/{id}",
            get(returns::show).merge(update(returns::update)),
        )
        .route("/orders/{order_id}/return_authorizations/{id}/cancel", action(returns::cancel))
        .route("/orders/{order_id}/customer_returns", get(returns::received).post(returns::receive))
        .route("/orders/{order_id}/customer_returns/{id}", get(returns::show_received))
        .route("/shipments", post(shipments::create))
        .route("/shipments/mine", get(shipments::mine))
        .route("/shipments/transfer_to_location", post(shipments::transfer_to_location))
        .route("/shipments/transfer_to_shipment", post(shipments::transfer_to_shipment))
        .route("/shipments/{shipment_number}", update(shipments::update))
        .route("/shipments/{shipment_number}/estimated_rates", get(shipments::estimated_rates))
        .route(
            "/shipments/{shipment_number}/select_shipping_method",
            action(shipments::select_shipping_method),
        )
        .route("/shipments/{shipment_number}/ready", action(shipments::ready))
        .route("/shipments/{shipment_number}/ship", action(shipments::ship))
        .route("/shipments/{shipment_number}/add", action(shipments::add))
        .route("/shipments/{shipment_number}/remove", action(shipments::remove))
        .route("/inventory_units/{id}", get(inventory_units::show).merge(update(inventory_units::update)))
        .route("/store_credit_events/mine", get(store_credits::mine))
        .merge(catalogue::routes())
}

/// What lies below `/orders/:number` and `/checkouts/:number` alike.
fn within_an_order() -> Router<AppState> {
    Router::new()
        .route("/line_items", post(line_items::create))
        .route("/line_items/new", get(line_items::new))
        .route("/line_items/{id}", update(line_items::update).delete(line_items::destroy))
        .route("/coupon_codes", post(coupon_codes::create))
        .route("/coupon_codes/{id}", delete(coupon_codes::destroy))
        .route("/addresses/{id}", get(addresses::show).merge(update(addresses::update)))
        .route("/payments", get(payments::index).post(payments::create))
        .route("/payments/new", get(payments::new))
        .route("/payments/{id}", get(payments::show).merge(update(payments::update)))
        .route("/payments/{id}/authorize", action(payments::authorize))
        .route("/payments/{id}/capture", action(payments::capture))
        .route("/payments/{id}/purchase", action(payments::purchase))
        .route("/payments/{id}/void", action(payments::void))
}
