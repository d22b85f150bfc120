//! The reference of this API: its paths and what each is for, as an OpenAPI document.
//!
//! The protocol's own reference describes the bodies; this one lists what is served here, and is checked against the
//! routes by a test.

use crate::apis::spree_family::openapi as family;
use serde_json::{Value, json};

pub const OPERATIONS: &[family::Operation] = &[
    ("/orders", "get", "Lists orders (staff)."),
    ("/orders", "post", "Begins an order."),
    ("/orders/mine", "get", "Lists the caller's orders."),
    ("/orders/current", "get", "Shows the caller's unfinished order."),
    ("/orders/{order_id}", "get", "Shows an order."),
    ("/orders/{order_id}", "patch", "Changes an order."),
    ("/orders/{order_id}/empty", "put", "Removes everything from the cart."),
    ("/orders/{order_id}/cancel", "put", "Cancels a complete order."),
    ("/orders/{order_id}/coupon_codes", "post", "Applies a coupon code."),
    ("/orders/{order_id}/coupon_codes/{id}", "delete", "Removes a coupon code."),
    ("/orders/{order_id}/line_items", "post", "Adds to the cart."),
    ("/orders/{order_id}/line_items/{id}", "patch", "Changes a line item."),
    ("/orders/{order_id}/line_items/{id}", "delete", "Removes a line item."),
    ("/orders/{order_id}/addresses/{id}", "get", "Shows an address of the order."),
    ("/orders/{order_id}/addresses/{id}", "patch", "Changes an address of the order."),
    ("/orders/{order_id}/payments", "get", "Lists payments."),
    ("/orders/{order_id}/payments", "post", "Adds a payment."),
    ("/orders/{order_id}/payments/{id}", "get", "Shows a payment."),
    ("/orders/{order_id}/payments/{id}", "patch", "Changes a pending payment (staff)."),
    ("/orders/{order_id}/payments/{id}/authorize", "put", "Authorises a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/capture", "put", "Captures a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/purchase", "put", "Charges a payment (staff)."),
    ("/orders/{order_id}/payments/{id}/void", "put", "Voids a payment (staff)."),
    ("/orders/{order_id}/return_authorizations", "get", "Lists return authorizations (staff)."),
    ("/orders/{order_id}/return_authorizations", "post", "Asks to send shipped pieces back."),
    ("/orders/{order_id}/return_authorizations/{id}", "get", "Shows a return authorization (staff)."),
    ("/orders/{order_id}/return_authorizations/{id}", "patch", "Changes a return authorization (staff)."),
    (
        "/orders/{order_id}/return_authorizations/{id}/cancel",
        "put",
        "Cancels a return authorization (staff).",
    ),
    ("/orders/{order_id}/customer_returns", "get", "Lists what came back (staff)."),
    ("/orders/{order_id}/customer_returns", "post", "Takes shipped pieces back (staff)."),
    ("/orders/{order_id}/customer_returns/{id}", "get", "Shows what came back (staff)."),
    ("/checkouts/{order_id}", "patch", "Gives data for the current step, and goes one step on."),
    ("/checkouts/{order_id}/next", "put", "Goes one step on."),
    ("/checkouts/{order_id}/advance", "put", "Goes on as far as possible, without placing the order."),
    ("/checkouts/{order_id}/complete", "put", "Places the order."),
    ("/shipments", "post", "Makes a shipment (staff)."),
    ("/shipments/mine", "get", "Lists the caller's shipments."),
    ("/shipments/transfer_to_location", "post", "Moves pieces to another stock location (staff)."),
    ("/shipments/transfer_to_shipment", "post", "Moves pieces to another shipment (staff)."),
    ("/shipments/{shipment_number}", "patch", "Changes a shipment (staff)."),
    ("/shipments/{shipment_number}/estimated_rates", "get", "Lists the rates a shipment could have."),
    ("/shipments/{shipment_number}/select_shipping_method", "put", "Chooses the shipping method."),
    ("/shipments/{shipment_number}/ready", "put", "Makes a shipment ready (staff)."),
    ("/shipments/{shipment_number}/ship", "put", "Ships a shipment (staff)."),
    ("/shipments/{shipment_number}/add", "put", "Puts pieces into a shipment (staff)."),
    ("/shipments/{shipment_number}/remove", "put", "Takes pieces out of a shipment (staff)."),
    ("/inventory_units/{id}", "get", "Shows one piece (staff)."),
    ("/inventory_units/{id}", "patch", "Moves one piece to another state (staff)."),
    ("/store_credit_events/mine", "get", "Lists what happened to the caller's store credit."),
];

/// The document.
pub fn document() -> Value {
    let key = json!({ "type": "http", "scheme": "bearer" });
    family::document("Solidus API", "/solidus/api", OPERATIONS, &key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_in_the_document_once() {
        let document = document();
        let listed: usize =
            document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(listed, OPERATIONS.len());
    }
}
