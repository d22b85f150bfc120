//! The API reference: an OpenAPI document for each mounted API, and pages made of it.
//!
//! The pages are plain HTML without a script and without any address outside this server.

use super::Ops;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::fmt::Write as _;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1d2327;background:#fff}a{color:#0b57a4}h2{margin-top:2.5rem;border-bottom:1px solid #d5d9dd}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem .35rem 0;vertical-align:top;\
border-bottom:1px solid #e8ebee}code{font:14px ui-monospace,monospace}.m{display:inline-block;min-width:4.2em;\
font:bold 13px ui-monospace,monospace}.a{color:#5c6670;font-size:14px;white-space:nowrap}\
@media(prefers-color-scheme:dark){body{color:#e4e7ea;background:#15181b}a{color:#7db7f0}h2,td,th{border-color:#33393f}\
.a{color:#9aa4ad}}";

/// The list of mounted APIs.
pub async fn index(State(ops): State<Ops>) -> Html<String> {
    let mut rows = String::new();
    for mount in ops.mounts.iter() {
        let document = (mount.api.openapi)();
        let title = text(&document, "/info/title");
        let root = if mount.root.is_empty() { "/" } else { &mount.root };
        let name = mount.api.name;
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr><td><a href=\"/docs/{name}\">{}</a><td><code>{}</code><td><a href=\"/docs/{name}/openapi.json\">\
             OpenAPI</a>",
            escaped(title),
            escaped(root)
        );
    }
    page_of("API reference", &format!("<table><tr><th>API<th>Mounted at<th>Document{rows}</table>"))
}

/// One API's reference as a page.
pub async fn page(State(ops): State<Ops>, Path(api): Path<String>) -> Response {
    match found(&ops, &api) {
        Some(document) => rendered(&api, &document).into_response(),
        None => nothing(),
    }
}

/// One API's OpenAPI document, with the address it is mounted at.
pub async fn document(State(ops): State<Ops>, Path(api): Path<String>) -> Response {
    match found(&ops, &api) {
        Some(document) => Json(document).into_response(),
        None => nothing(),
    }
}

fn found(ops: &Ops, api: &str) -> Option<Value> {
    let mount = ops.mounts.iter().find(|mount| mount.api.name == api)?;
    let mut document = (mount.api.openapi)();
    let same = ops.mounts.iter().filter(|other| other.api.name == api);
    let servers: Vec<Value> = same.map(|mount| address(&ops.public_url, &mount.root)).collect();
    if let Some(document) = document.as_object_mut() {
        document.insert("servers".to_owned(), Value::Array(servers));
    }
    Some(document)
}

fn address(public_url: &str, root: &str) -> Value {
    let url = format!("{public_url}{root}");
    serde_json::json!({ "url": if url.is_empty() { "/" } else { &url } })
}

fn nothing() -> Response {
    let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (StatusCode::NOT_FOUND, text, "No API of this name is mounted here.\n").into_response()
}

fn rendered(api: &str, document: &Value) -> Html<String> {
    let mut body = String::new();
    let _ = write!(
        body,
        "<p>{}</p><p><a href=\"/docs\">All APIs</a> · <a href=\"/docs/{}/openapi.json\">OpenAPI document</a></p>",
        escaped(text(document, "/info/description")),
        escaped(api)
    );
    let mut group = "";
    let paths = document.get("paths").and_then(Value::as_object);
    let mut operations = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
                let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or(first);
                operations.push((tag, path, method, operation));
            }
        }
    }
    operations.sort_by(|one, other| one.0.cmp(other.0));
    for (tag, path, method, operation) in operations {
        if tag != group || !body.contains("<table>") {
            let end = if body.contains("<table>") { "</table>" } else { "" };
            let _ = write!(body, "{end}<h2>{}</h2><table>", escaped(tag));
            group = tag;
        }
        let _ = write!(
            body,
            "<tr><td><span class=m>{}</span> <code>{}</code><td>{}<td class=a>{}",
            method.to_uppercase(),
            escaped(path),
            escaped(text(operation, "/summary")),
            escaped(text(operation, "/x-auth"))
        );
    }
    if body.contains("<table>") {
        body.push_str("</table>");
    }
    page_of(text(document, "/info/title"), &body)
}

fn page_of(title: &str, body: &str) -> Html<String> {
    let title = escaped(title);
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    ))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_the_public_ones() {
        assert_eq!(address("", "/solidus/api")["url"], "/solidus/api");
        assert_eq!(
            address("https://shop.example", "/solidus/api")["url"],
            "https://shop.example/solidus/api"
        );
        assert_eq!(address("", "")["url"], "/");
    }

    #[test]
    fn a_page_shows_every_operation_once_and_loads_nothing() {
        let document = json!({
            "info": { "title": "A <b>", "description": "d" },
            "paths": {
                "/b/{id}": { "get": { "summary": "Show", "tags": ["B"], "x-auth": "key" }, "delete": { "tags": ["B"] } },
                "/a": { "post": { "summary": "Make & do", "tags": ["A"] } },
            },
        });
        let Html(page) = rendered("solidus", &document);
        assert_eq!(page.matches("<tr>").count(), 3, "{page}");
        assert_eq!(page.matches("<table>").count(), page.matches("</table>").count());
        assert!(page.contains("<h1>A &lt;b&gt;</h1>") && page.contains("Make &amp; do"));
        assert!(!page.contains("http") && !page.contains("<script"), "{page}");
    }
}
