//! This API's reference as an OpenAPI document: what is served here. Bodies are described by the protocol's own.

use serde_json::{Map, Value, json};

/// Path, method, what it does, who may.
const OPERATIONS: &[(&str, &str, &str, &str)] = &[
    ("/csrf_token/", "get", "Gives a browser its session and the token of the shop's own pages", "anyone"),
    ("/users/login/", "post", "Logs in; the baskets of the session go along", "anyone"),
    ("/users/registration/", "post", "Makes an account and logs in", "anyone"),
    ("/current_user/", "get", "Shows who is logged in", "session"),
    ("/baskets/basket/", "get", "Shows the basket, without what cannot be had any more", "session"),
    ("/baskets/basket/", "post", "Adds pieces of a product", "session"),
    ("/baskets/basket/", "put", "Sets the pieces of a product", "session"),
    ("/baskets/basket/", "patch", "Applies or removes a voucher code", "session"),
    ("/baskets/basket/", "delete", "Empties the basket", "session"),
    ("/baskets/basket-list/", "get", "Lists the session's baskets", "session"),
    ("/baskets/basket-list/id/{pk}/main/", "post", "Makes a basket the main one", "session"),
    ("/basket/", "get", "The basket as a page", "session"),
    ("/orders/checkout-provider-list/", "get", "Lists active checkout providers", "anyone"),
    ("/orders/checkout-provider/", "post", "One page of checkout", "session (1, 2), provider (3–6)"),
    ("/orders/checkout/", "get", "The checkout as it stands", "session"),
    ("/orders/checkout/", "post", "The first two pages, as the storefront's own checkout looks", "session"),
    (
        "/orders/checkout-provider-completed/{signed}/",
        "get",
        "An order that was placed, as a page or as JSON",
        "link",
    ),
    ("/orders/completed/{signed}/", "get", "The same", "link"),
    ("/orders/checkout-provider-cancel/", "get", "Leaves the provider and goes to the basket", "session"),
];

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (path, method, summary, who) in OPERATIONS {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut parameters: Vec<Value> = names
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        if path.starts_with("/orders/checkout") && *method == "post" {
            parameters.push(json!({ "name": "page", "in": "query", "schema": { "type": "string" } }));
        }
        let entry = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        entry[*method] = json!({
            "summary": summary,
            "x-auth": who,
            "parameters": parameters,
            "responses": { "default": { "description": "See the protocol's reference." } },
        });
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Checkout Provider API", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": "/akinon" }, { "url": "/" }],
        "components": { "securitySchemes": {
            "session": { "type": "apiKey", "in": "cookie", "name": "osessionid" },
            "token": { "type": "apiKey", "in": "header", "name": "X-CSRFToken" },
        } },
        "security": [{ "session": [], "token": [] }],
        "paths": paths,
    })
}
