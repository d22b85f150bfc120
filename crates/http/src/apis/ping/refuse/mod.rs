//! How this API says no: one shape for all errors, and every status and code in this folder.
//!
//! `{"api_request_id", "error", "message", "code", "details"?}`. The id is the request's own and is put in at the edge
//! (`seal`), because an answer that is kept for a replay belongs to another request by then. A message never repeats
//! what the caller sent. What the domain refuses is `words`.

mod words;

pub use words::{code_name, code_sentence, price_not_found, unknown_method, words};

use crate::kit::{ParseError, ParseErrorKind};
use crate::server::{OnceError, Snag, Unreadable, fresh_request_id};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::{Replayed, Reply, Trouble};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The content type of every answer that is no page.
pub const JSON: &str = "application/json";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Seconds after which a caller who was turned away for a moment may ask again.
const RETRY_SECONDS: u64 = 1;
/// Longest error body that is written here; an order of fifty lines with a detail each is far below it.
const ERROR_BYTES: usize = 256 * 1024;

/// What is wrong with which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Dotted path: `line_items.0.quantity`.
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

impl Detail {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Detail {
        Detail { field: field.into(), code, message: message.into() }
    }
}

/// A refusal, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    status: u16,
    code: &'static str,
    message: Cow<'static, str>,
    details: Vec<Detail>,
    /// Further members of the body.
    more: Map<String, Value>,
    retry_after: Option<u64>,
}

impl Refused {
    fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Refused {
        Refused {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            more: Map::new(),
            retry_after: None,
        }
    }

    fn with(self, details: Vec<Detail>) -> Refused {
        Refused { details, ..self }
    }

    fn after(self, seconds: u64) -> Refused {
        Refused { retry_after: Some(seconds), ..self }
    }

    fn saying(mut self, key: &str, value: impl Into<Value>) -> Refused {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    pub fn application_unauthorized() -> Refused {
        let message = "Send the keys of an application as X-Application-API-Public-Key and X-Application-API-Private-Key.";
        Refused::new(401, "application_unauthorized", message)
    }

    pub fn public_key_unauthorized() -> Refused {
        let message = "Send a pair of API keys as X-API-Public-Key and X-API-Private-Key.";
        Refused::new(401, "api_key_unauthorized", message)
    }

    pub fn user_unauthorized() -> Refused {
        Refused::new(401, "user_unauthorized", "Send the customer's access token as Authorization.")
    }

    pub fn session_over() -> Refused {
        Refused::new(401, "user_unauthorized", "The access token has expired. Please log in again.")
    }

    /// The same for an address without an account, a wrong password, and an account without one.
    pub fn wrong_password() -> Refused {
        Refused::new(401, "invalid_credentials", "The e-mail address or the password is wrong.")
    }

    /// The account has a second factor. `public_key` names this try.
    pub fn second_factor(public_key: String, target: &str) -> Refused {
        Refused::new(499, "two_factor_authentication_required", "Two factor authentication is required.")
            .saying("two_factor_authentication_public_key", public_key)
            .saying("two_factor_authentication_service", "totp")
            .saying("two_factor_authentication_target", target)
    }

    pub fn wrong_second_factor() -> Refused {
        Refused::new(401, "invalid_two_factor_authentication", "The code is wrong or no longer valid.")
    }

    pub fn too_many_requests(seconds: u64) -> Refused {
        Refused::new(429, "too_many_requests", "There were too many tries from this address.").after(seconds)
    }

    pub fn client_ip_required() -> Refused {
        let message = "Send the customer's IP address as X-Application-Forwarded-Client-IP-Address: one IPv4 or IPv6 address.";
        Refused::new(400, "client_ip_required", message)
    }

    /// Fields of a wrong type or out of their documented shape.
    pub fn invalid(details: Vec<Detail>) -> Refused {
        let message = match details.first() {
            Some(first) => Cow::Owned(first.message.clone()),
            None => Cow::Borrowed("The request is not valid."),
        };
        Refused::new(400, details.first().map_or("invalid_request", |first| first.code), message)
            .with(details)
    }

    pub fn lines_or_top_up() -> Refused {
        let message = "Send either line_items, or is_top_up: true with a top_up_amount.";
        Refused::new(400, "line_items_or_top_up_required", message)
    }

    pub fn card_data(path: &str) -> Refused {
        let message =
            "Card numbers and security codes are never taken here; nothing of the request was kept.";
        Refused::new(400, "card_data_not_allowed", message).with(vec![Detail::new(
            path,
            "card_data_not_allowed",
            message,
        )])
    }

    pub fn top_up_out_of_range(least: i64, most: i64) -> Refused {
        let message = format!(
            "A top-up is {} at least and {} at most.",
            super::views::dollars(least),
            super::views::dollars(most)
        );
        let detail = Detail::new("top_up_amount", "top_up_amount_out_of_range", message.clone());
        Refused::new(422, "top_up_amount_out_of_range", message).with(vec![detail])
    }

    pub fn currency_not_supported() -> Refused {
        let detail = Detail::new("currency", "currency_not_supported", "Prices here are in US dollars only.");
        Refused::new(422, "currency_not_supported", "Prices here are in US dollars only.").with(vec![detail])
    }

    /// No such thing, or not for this caller: the two are not told apart.
    pub fn not_found(what: &'static str) -> Refused {
        Refused::new(404, "not_found", format!("There is no such {what}."))
    }

    pub fn no_path() -> Refused {
        Refused::new(404, "not_found", "This API has no such path.")
    }

    pub fn no_method() -> Refused {
        Refused::new(405, "method_not_allowed", "This path does not answer this method.")
    }

    pub fn bad_signature() -> Refused {
        Refused::new(401, "signature_invalid", "The signature is missing, wrong or too old.")
    }

    pub fn unreadable_event() -> Refused {
        Refused::new(400, "event_unreadable", "The event is signed well, but cannot be read.")
    }

    pub fn unreadable(error: &Unreadable) -> Refused {
        let message: Cow<'static, str> = match error {
            Unreadable::TooLarge(bytes) => format!("At most {bytes} bytes of body are read.").into(),
            Unreadable::Broken => "The request could not be read.".into(),
            Unreadable::Packed => "Packed bodies are not read here.".into(),
        };
        Refused::new(400, "invalid_request", message)
    }

    pub fn unparsable(error: &ParseError) -> Refused {
        let code = match error.kind() {
            ParseErrorKind::Malformed | ParseErrorKind::NotUtf8 | ParseErrorKind::DuplicateKey => {
                "invalid_json"
            }
            _ => "invalid_request",
        };
        Refused::new(400, code, error.to_string())
    }

    pub fn not_json() -> Refused {
        Refused::new(400, "invalid_json", "Send a JSON object as application/json.")
    }

    pub fn idempotency_key(error: OnceError) -> Refused {
        Refused::new(400, "idempotency_key_invalid", error.to_string())
    }

    fn in_progress() -> Refused {
        let message = "A request on this is still running. Please ask again in a moment.";
        Refused::new(409, "request_in_progress", message).after(RETRY_SECONDS)
    }

    pub fn unavailable() -> Refused {
        let message = "The shop cannot answer right now. Nothing was changed; please try again.";
        Refused::new(503, "service_unavailable", message).after(RETRY_SECONDS)
    }

    pub fn broken() -> Refused {
        Refused::new(500, "internal_error", "Something went wrong on our side.")
    }

    /// Why the engine has no answer.
    pub fn trouble(trouble: &Trouble) -> Refused {
        match trouble {
            Trouble::NotFound => Refused::not_found("order"),
            Trouble::OnceMismatch => {
                let message = "The Idempotency-Key was used with another request.";
                Refused::new(422, "idempotency_key_reused", message)
            }
            Trouble::OnceInProgress | Trouble::Busy { .. } | Trouble::Overdue { .. } => {
                Refused::in_progress()
            }
            // No version is ever stated here; a conflict that is not solved in three tries is a busy order.
            Trouble::VersionMismatch { .. } => Refused::in_progress(),
            Trouble::Unavailable(why) => {
                tracing::warn!(why, "the store is unavailable");
                Refused::unavailable()
            }
            Trouble::Internal(why) => {
                tracing::error!(why, "a request failed inside");
                Refused::broken()
            }
        }
    }

    /// The body without the request's id.
    fn body(&self) -> Vec<u8> {
        let mut body = json!({ "error": name_of(self.status), "message": self.message, "code": self.code });
        if !self.details.is_empty() {
            body["details"] = json!(self.details);
        }
        if let Some(members) = body.as_object_mut() {
            members.extend(self.more.clone());
        }
        body.to_string().into_bytes()
    }

    pub fn into_reply(self) -> Reply {
        let mut reply = Reply::new(self.status, JSON, self.body());
        reply.headers.extend(self.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        respond(self.into_reply())
    }
}

/// The protocol's name of a status.
fn name_of(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        499 => "Two Factor Authentication Required",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// An engine's reply as a response.
pub fn respond(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&reply.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if reply.replayed == Replayed::Yes {
        headers.insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    }
    response
}

/// Puts the request's id into errors, in front of everything else, and into the header.
pub async fn seal(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    sealed(response, &id.unwrap_or_else(fresh_request_id)).await
}

async fn sealed(response: Response, id: &str) -> Response {
    let is_error = response.status().as_u16() >= 400
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    let (mut parts, mut body) = response.into_parts();
    if is_error {
        // Written here a moment ago, so it is whole and short.
        let bytes = axum::body::to_bytes(body, ERROR_BYTES).await.unwrap_or_default();
        let rest = bytes.strip_prefix(b"{").unwrap_or(b"}");
        let mut sealed = format!("{{\"api_request_id\":\"{id}\",").into_bytes();
        sealed.extend_from_slice(rest);
        parts.headers.remove(header::CONTENT_LENGTH);
        body = Body::from(sealed);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        parts.headers.insert(REQUEST_ID, id);
    }
    Response::from_parts(parts, body)
}

/// What no handler answers. Nobody puts an id into it afterwards.
pub fn snag(snag: Snag) -> Response {
    let refused = match snag {
        Snag::NoSuchPath => Refused::no_path(),
        Snag::Broken => Refused::broken(),
        Snag::TooSlow => Refused::unavailable(),
    };
    let id = fresh_request_id();
    let refused = refused.saying("api_request_id", id.clone());
    let mut response = refused.into_response();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
