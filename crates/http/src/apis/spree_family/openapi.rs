//! From a list of operations to an OpenAPI document.
//!
//! The protocols' own references describe the bodies; these documents list what is served here.

use serde_json::{Map, Value, json};

/// Path, method, what it does.
pub type Operation = (&'static str, &'static str, &'static str);

/// The document of one API below `root`, whose callers show `key`.
pub fn document(title: &str, root: &str, operations: &[Operation], key: &Value) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (path, method, summary) in operations {
        let parameters: Vec<Value> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let operation = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": { "default": { "description": "See the protocol's reference." } },
        });
        let entry = paths.entry(*path).or_insert_with(|| json!({}));
        entry[*method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": root }],
        "components": { "securitySchemes": {
            "key": key,
            "order": { "type": "apiKey", "in": "header", "name": "X-Spree-Order-Token" },
        } },
        "security": [{ "key": [] }, { "order": [] }],
        "paths": paths,
    })
}
