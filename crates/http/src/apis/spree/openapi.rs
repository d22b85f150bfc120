//! The reference of this API: its paths and what each is for, as an OpenAPI document.
//!
//! The protocol's own reference describes the bodies; this one lists what is served here.

use crate::apis::spree_family::openapi as family;
use serde_json::{Value, json};

pub const OPERATIONS: &[family::Operation] = &[
    ("/orders", "get", "Lists orders (staff)."),
    ("/orders", "post", "Begins an order."),
    ("/orders/mine", "get", "Lists the caller's orders."),
    ("/orders/current", "get", "Shows the caller's unfinished order."),
    ("/orders/{order_id}", "get", "Shows an order."),
    ("/orders/{order_id}", "put", "Changes an order."),
    ("/orders/{order_id}/empty", "put", "Removes everything from the cart."),
    ("/orders/{order_id}/cancel", "put", "Cancels a complete order (staff)."),
    ("/orders/{order_id}/approve", "put", "Says that a risky order is fine (staff)."),
    ("/orders/{order_id}/apply_coupon_code", "put", "Applies a coupon code."),
    ("/orders/{order_id}/remove_coupon_code", "put", "Removes a coupon code."),
    ("/orders/{order_id}/line_items", "post", "Adds to the cart."),
    ("/orders/{order_id}/line_items/{id}", "put", "Changes a line item."),
    ("/orders/{order_id}/line_items/{id}", "delete", "Removes a line item."),
    ("/orders/{order_id}/addresses/{id}", "get", "Shows an address of the order."),
    ("/orders/{order_id}/addresses/{id}", "put", "Changes an address of the order."),
    ("/orders/{order_id}/payments", "get", "Lists payments."),
    ("/orders/{order_id}/payments", "post", "Adds a payment."),
    ("/orders/{order_id}/payments/{id}", "get", "Shows a payment."),
    ("/orders/{order_id}/payments/{id}", "put", "Changes a pending payment (staff)."),
    ("/orders/{order_id}/payments/{id}/authorize", "put", "Authorises a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/capture", "put", "Captures a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/purchase", "put", "Charges a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/void", "put", "Voids a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/credit", "put", "Gives money back (staff)."),
    ("/orders/{order_id}/return_authorizations", "get", "Lists return authorizations (staff)."),
    ("/orders/{order_id}/return_authorizations", "post", "Allows shipped pieces to come back (staff)."),
    ("/orders/{order_id}/return_authorizations/{id}", "get", "Shows a return authorization (staff)."),
    ("/orders/{order_id}/return_authorizations/{id}", "put", "Changes a return authorization (staff)."),
    ("/orders/{order_id}/return_authorizations/{id}", "delete", "Removes a return authorization (staff)."),
    (
        "/orders/{order_id}/return_authorizations/{id}/cancel",
        "put",
        "Cancels a return authorization (staff).",
    ),
    ("/checkouts", "post", "Begins an order."),
    ("/checkouts/{order_id}", "put", "Takes data for checkout, and goes one step on."),
    ("/checkouts/{order_id}/next", "put", "Goes one step on."),
    ("/checkouts/{order_id}/advance", "put", "Goes on as far as possible."),
    ("/shipments", "post", "Makes a shipment (staff)."),
    ("/shipments/mine", "get", "Lists the caller's shipments."),
    ("/shipments/transfer_to_location", "post", "Moves pieces to another stock location (staff)."),
    ("/shipments/transfer_to_shipment", "post", "Moves pieces to another shipment (staff)."),
    ("/shipments/{shipment_number}", "put", "Changes a shipment (staff)."),
    ("/shipments/{shipment_number}/ready", "put", "Makes a shipment ready (staff)."),
    ("/shipments/{shipment_number}/ship", "put", "Ships a shipment (staff)."),
    ("/shipments/{shipment_number}/add", "put", "Puts pieces into a shipment (staff)."),
    ("/shipments/{shipment_number}/remove", "put", "Takes pieces out of a shipment (staff)."),
    ("/inventory_units/{id}", "get", "Shows one piece (staff)."),
    ("/inventory_units/{id}", "put", "Moves one piece to another state (staff)."),
];

/// The document.
pub fn document() -> Value {
    let key = json!({ "type": "apiKey", "in": "header", "name": "X-Spree-Token" });
    family::document(
        "Spree API v1",
        "/spree/api/v1",
        &[OPERATIONS, super::catalogue::OPERATIONS].concat(),
        &key,
    )
}
