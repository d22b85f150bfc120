//! This API's reference as an OpenAPI document: what is served here. Bodies are described by the protocol's own.

use serde_json::{Map, Value, json};

/// Path, method, what it does.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("/checkout/{order_key}", "patch", "Gives the data of a step and goes on to the next"),
    ("/checkout/{order_key}/next", "patch", "Goes to the next step, or to the one in `state`"),
    ("/checkout/{order_key}/resume", "patch", "Takes an expired order up again"),
    ("/checkout/{order_key}/extend", "patch", "Prolongs the hold of an order once"),
    ("/orders", "get", "Lists orders"),
    ("/orders", "post", "Begins an order"),
    ("/orders/{order_key}", "get", "Shows an order"),
    ("/orders/{order_key}", "patch", "Changes buyer, contents or metadata"),
    ("/orders/{order_key}/poll", "get", "Waits for a payment"),
    ("/orders/{order_key}/cancel", "patch", "Gives an order up"),
    ("/orders/{order_key}/approve", "patch", "Offers stock to an order on the wait list (staff)"),
    ("/orders/{order_key}/deny", "patch", "Takes an order off the wait list (staff)"),
    ("/orders/{order_key}/void", "patch", "Takes an order back for good (staff)"),
    ("/orders/{order_key}/apply_coupon_code", "patch", "Applies a coupon code"),
    ("/orders/{order_key}/coupon_codes/{coupon}", "delete", "Removes a coupon code"),
    ("/orders/{order_key}/line_items/add", "post", "Adds pieces of a variant"),
    ("/orders/{order_key}/line_items/remove", "post", "Removes pieces of a variant"),
    ("/orders/{order_key}/line_items/{record}", "patch", "Sets the quantity of a line item"),
    ("/orders/{order_key}/line_items/{record}", "delete", "Removes a line item"),
    ("/tickets", "get", "Lists tickets"),
    ("/tickets/{record}", "get", "Shows a ticket"),
    ("/tickets/{record}/email", "patch", "Sends a ticket to another address"),
    ("/tickets/{record}/void", "patch", "Invalidates a ticket"),
    ("/tickets/{record}/check_in", "post", "Lets the holder of a ticket in, once"),
    ("/tickets/{record}/check_out", "post", "Lets the holder of a ticket out, to come in again"),
];

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let own =
        OPERATIONS.iter().map(|(path, method, summary)| ((*path).to_owned(), *method, (*summary).to_owned()));
    for (path, method, summary) in own.chain(super::catalogue::operations()) {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> = names
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": { "default": { "description": "See the protocol's reference." } },
        });
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Guest Manager API", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": "/guest-manager/api/public/v2" }],
        "components": { "securitySchemes": {
            "key": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Token <key>` or `Bearer <key>`",
            },
        } },
        "security": [{ "key": [] }],
        "paths": paths,
    })
}
