//! The reference of this API as an OpenAPI document, made of the handlers and views themselves.

use super::{events, explain, mails, orders, preview};
use serde_json::{Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cashwrap API",
        description = "One order of any channel: whole, explained, with its history, with a look ahead, and \
                       the mails about it. \
                       Amounts are whole minor units of the order's currency. Nothing here changes an order."
    ),
    paths(orders::show, explain::show, events::index, preview::run, mails::index, mails::preview)
)]
struct Reference;

/// The document.
pub fn document() -> Value {
    // A document of texts and lists: this cannot fail.
    let mut document = serde_json::to_value(Reference::openapi()).unwrap_or_default();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["servers"] = json!([{ "url": "/cashwrap/v1" }]);
    document["components"]["securitySchemes"] = json!({
        "key": { "type": "http", "scheme": "bearer" },
        "order": { "type": "apiKey", "in": "header", "name": "X-Spree-Order-Token" },
    });
    document["security"] = json!([{ "key": [] }, { "order": [] }]);
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        let who = if path.starts_with("/mails") { "staff" } else { "staff, owner or token" };
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            operation["x-auth"] = json!(who);
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_in_the_document_with_its_schemas() {
        let document = document();
        let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        for path in ["", "/explain", "/events", "/preview"] {
            assert!(paths.contains(&format!("/orders/{{number}}{path}").as_str()), "{path} in {paths:?}");
        }
        assert_eq!(paths.len(), 6);
        assert_eq!(document["paths"]["/mails/{kind}/preview"]["get"]["x-auth"], "staff");
        for schema in
            ["OrderView", "ExplainView", "EventsView", "PreviewView", "MailsView", "CommandInput", "Problem"]
        {
            assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
        }
        let operation = &document["paths"]["/orders/{number}/preview"]["post"];
        assert_eq!(operation["summary"], "Previews one command or several in turn.");
        assert_eq!(operation["x-auth"], "staff, owner or token");
    }
}
