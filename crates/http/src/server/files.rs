//! Files that staff handed in, as anyone may look at them: `/files/{key}.{ext}`.
//!
//! A key names bytes, so what is under an address never changes and caches may keep it for good. The content type is what the
//! bytes are; a browser that guesses on its own is told not to.

use super::AppState;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::{File, FileKey};

/// Where a file is found, by the route below.
pub(super) const ROUTE: &str = "/files/{name}";

/// The address of a file; without a public address of the server it begins at the server's root.
pub fn address_of(public_url: &str, key: &FileKey, extension: &str) -> String {
    format!("{public_url}/files/{key}.{extension}")
}

pub(super) async fn show(State(app): State<AppState>, Path(name): Path<String>) -> Response {
    let named = name.split_once('.').and_then(|(key, extension)| Some((key.parse().ok()?, extension)));
    let Some((key, extension)) = named else { return nothing() };
    match app.engine.file(&key).await {
        Ok(Some(file)) if file.picture().extension() == extension => shown(&file),
        Ok(_) => nothing(),
        Err(trouble) => {
            tracing::warn!(%trouble, "a file could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, "The file cannot be read at the moment.\n").into_response()
        }
    }
}

fn shown(file: &File) -> Response {
    let mut response = Response::new(Body::from(Bytes::from_owner(file.bytes().clone())));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(file.picture().content_type());
    headers.insert(header::CONTENT_TYPE, kind);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, forever);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is no such file.\n").into_response()
}
