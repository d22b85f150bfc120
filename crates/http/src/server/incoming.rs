//! An axum request as the kit reads it: method, path, query, headers, and the whole body within its bound.
//!
//! The body is read here and nowhere else. What an API does with it, and what it says when it cannot, is its own.

use crate::kit::{Limits, Params, ParseError, RawRequest, parse};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;

/// One request, read completely.
pub struct Incoming {
    pub method: Method,
    /// The whole path. Routers that are nested see only the rest of it, and rests are alike for many things.
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    path_params: Vec<(String, String)>,
}

impl std::fmt::Debug for Incoming {
    /// Headers, query and body may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Why a request could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// More than the bound, in bytes.
    TooLarge(usize),
    /// The connection broke off, or the path is not text.
    Broken,
    /// A body that is packed (`Content-Encoding`); we unpack nothing, so that a small body stays a small body.
    Packed,
}

impl Incoming {
    /// Reads everything, at most `limits.bytes_of` its content type of body.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub async fn read(request: Request, limits: &Limits) -> Result<Incoming, Unreadable> {
        let (mut parts, body) = request.into_parts();
        let path_params = match RawPathParams::from_request_parts(&mut parts, &()).await {
            Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(RawPathParamsRejection::MissingPathParams(_)) => Vec::new(),
            Err(_) => return Err(Unreadable::Broken),
        };
        let packed = parts.headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
        if packed {
            return Err(Unreadable::Packed);
        }
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let body_bytes = limits.bytes_of(content_type);
        let announced =
            parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|bytes: usize| bytes > body_bytes) {
            return Err(Unreadable::TooLarge(body_bytes));
        }
        let body = axum::body::to_bytes(body, body_bytes).await.map_err(|error| {
            match is_over_the_limit(&error) {
                true => Unreadable::TooLarge(body_bytes),
                false => Unreadable::Broken,
            }
        })?;
        Ok(Incoming {
            path: whole_path(&parts),
            method: parts.method,
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            body,
            path_params,
        })
    }

    /// All parameters as one tree.
    ///
    /// # Errors
    /// Whatever the kit could not read.
    pub fn params(&self, limits: &Limits) -> Result<Params, ParseError> {
        let path: Vec<(&str, &str)> =
            self.path_params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = RawRequest {
            method: self.method.as_str(),
            path: &path,
            query: self.query.as_deref(),
            content_type: self.header("content-type"),
            body: self.body.clone(),
        };
        parse(request, limits)
    }

    /// A parameter of the path by its name in the route.
    pub fn path_param(&self, name: &str) -> Option<&str> {
        self.path_params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameters of the query string alone.
    ///
    /// # Errors
    /// Whatever the kit could not read.
    pub fn query_params(&self, limits: &Limits) -> Result<Params, ParseError> {
        let query = self.query.as_deref();
        parse(RawRequest { method: self.method.as_str(), query, ..RawRequest::default() }, limits)
    }

    /// A header as text; `None` if it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn whole_path(parts: &Parts) -> String {
    parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.path(), |uri| uri.0.path()).to_owned()
}

/// axum hides which error it was; the sources tell.
fn is_over_the_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = inner.source();
    }
    false
}
