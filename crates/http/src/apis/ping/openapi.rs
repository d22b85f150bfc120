//! This API's reference as an OpenAPI document: what is served here, for whom, and the shapes that requests have.

use serde_json::{Map, Value, json};

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// An application, for a customer.
    Customer,
    /// An application, with or without a customer.
    Application,
    /// A customer with keys of their own.
    KeyHolder,
    /// Anybody; what is sent proves itself.
    Anybody,
}

/// Path, method, who, what it does, and the schema of its body.
const OPERATIONS: &[(&str, &str, For, &str, Option<&str>)] = &[
    (
        "/private/user/customer/login",
        "post",
        For::Application,
        "Opens a session for a customer",
        Some("Login"),
    ),
    ("/private/user/product/stock", "get", For::Application, "Lists products, prices and stock", None),
    (
        "/private/user/cart/calculate",
        "post",
        For::Customer,
        "Prices a cart, and judges payment methods",
        Some("Cart"),
    ),
    ("/private/user/checkout/create", "post", For::Customer, "Buys a cart or a top-up", Some("Checkout")),
    (
        "/private/user/order/retrieve/{order_id}",
        "get",
        For::Customer,
        "Shows an order, as data or as a page",
        None,
    ),
    ("/private/user/order/search", "get", For::Customer, "Lists the customer's orders", None),
    ("/public/user/product/search", "get", For::KeyHolder, "Lists products", None),
    ("/public/user/checkout/catalog", "get", For::KeyHolder, "Lists products by their code", None),
    ("/public/user/checkout/quote", "post", For::KeyHolder, "Prices one product", Some("PublicQuote")),
    (
        "/public/user/checkout/create",
        "post",
        For::KeyHolder,
        "Buys one product with credit",
        Some("PublicQuote"),
    ),
    ("/checkout/return/{order_id}", "get", For::Anybody, "Takes a buyer back from a payment platform", None),
    ("/webhook/{platform}", "post", For::Anybody, "Hears from a payment platform", None),
];

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (path, method, who, summary, body) in OPERATIONS {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> = names
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let mut operation = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "2XX": { "description": "Done" },
                "4XX": { "description": "Refused", "content": content("Error") },
            },
            "security": security(*who),
            "x-auth": auth(*who),
        });
        if let Some(schema) = body {
            operation["requestBody"] = json!({ "required": true, "content": content(schema) });
        }
        let item = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        item[*method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ping Proxies checkout flow",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Stock, quotes, payment methods with reasons, checkout, confirmation. Amounts are whole cents.",
        },
        "servers": [{ "url": "/ping/1.0" }],
        "paths": paths,
        "components": { "schemas": schemas(), "securitySchemes": schemes() },
    })
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn security(who: For) -> Value {
    match who {
        For::Customer => json!([{ "application": [], "application_secret": [], "customer": [] }]),
        For::Application => json!([{ "application": [], "application_secret": [] }]),
        For::KeyHolder => json!([{ "key": [], "key_secret": [] }]),
        For::Anybody => json!([]),
    }
}

fn auth(who: For) -> &'static str {
    match who {
        For::Customer => "application and customer",
        For::Application => "application",
        For::KeyHolder => "customer's keys",
        For::Anybody => "none",
    }
}

fn schemes() -> Value {
    let header = |name: &str| json!({ "type": "apiKey", "in": "header", "name": name });
    json!({
        "application": header("X-Application-API-Public-Key"),
        "application_secret": header("X-Application-API-Private-Key"),
        "customer": header("Authorization"),
        "key": header("X-API-Public-Key"),
        "key_secret": header("X-API-Private-Key"),
    })
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let flag = json!({ "type": "boolean" });
    let cents = json!({ "type": "integer", "description": "Cents" });
    let cart = json!({
        "line_items": { "type": "array", "maxItems": 50, "items": {
            "type": "object",
            "required": ["price_id", "quantity"],
            "properties": {
                "price_id": text, "quantity": { "type": "integer", "minimum": 1 },
                "service_fulfillment_filter": { "type": "object" },
            },
        } },
        "is_top_up": flag, "top_up_amount": cents, "promotional_code": text, "apply_customer_credit": flag,
        "currency": { "const": "usd" },
    });
    let with = |more: Value| {
        let mut all = cart.clone();
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all
    };
    json!({
        "Login": { "type": "object", "required": ["customer_email_address", "customer_password"], "properties": {
            "customer_email_address": text, "customer_password": text,
            "two_factor_authentication_public_key": text, "two_factor_authentication_private_key": text,
        } },
        "Cart": { "type": "object", "properties": with(json!({ "validate_payment_platform": flag })) },
        "Checkout": { "type": "object", "required": ["payment_method_id"], "properties": with(json!({
            "payment_method_id": text, "saved_card_id": text, "save_card": flag, "expected_total": cents,
            "payment_validation_token": text, "success_url": text, "cancel_url": text,
        })) },
        "PublicQuote": { "type": "object", "required": ["quantity"], "properties": {
            "product_code": text, "product_type": text, "country_id": text, "product_protocol": text,
            "quantity": { "type": "integer", "minimum": 1 }, "cycle_interval": text,
            "cycle_interval_count": { "type": "integer" }, "promotional_code": text,
            "service_fulfillment_filter": { "type": "object" },
        } },
        "Error": { "type": "object", "required": ["error", "message", "api_request_id", "code"], "properties": {
            "error": text, "message": text, "api_request_id": text, "code": text,
            "details": { "type": "array", "items": { "type": "object", "properties": {
                "field": text, "code": text, "message": text,
            } } },
        } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_named_is_there() {
        let document = document();
        let text = document.to_string();
        for name in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
        assert_eq!(document["paths"].as_object().unwrap().len(), OPERATIONS.len());
    }
}
