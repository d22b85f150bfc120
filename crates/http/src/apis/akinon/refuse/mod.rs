//! How this API says no. Fields that are wrong are answered with 400 and [`Errors`], everything else with one `detail`.
//!
//! Status codes live in here only; which words belong to which refusal of the domain is `words`.

mod words;

pub use words::{About, words};

use super::check::Errors;
use super::csrf;
use super::tongue::{Say, Tongue};
use crate::kit::{ParseError, ParseErrorKind};
use crate::server::{OnceError, Snag, Unreadable};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Replayed, Reply, Trouble};
use serde_json::{Value, json};

/// The content type of every answer that is no page.
pub const JSON: &str = "application/json";
/// What is wrong with a request as a whole.
pub const WHOLE: &str = "non_field_errors";
/// What went wrong in general.
pub const ERROR: &str = "error";
/// What is wrong with the basket.
pub const BASKET: &str = "basket";

/// Seconds after which a caller who was turned away for a moment may ask again.
const RETRY_SECONDS: u64 = 1;

/// A refusal, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    status: StatusCode,
    body: Value,
    retry_after: Option<u64>,
}

impl Refused {
    fn new(status: StatusCode, body: Value) -> Refused {
        Refused { status, body, retry_after: None }
    }

    fn detail(status: StatusCode, detail: impl Into<String>) -> Refused {
        Refused::new(status, json!({ "detail": detail.into() }))
    }

    /// Fields are wrong.
    pub fn fields(errors: &Errors, tongue: Tongue) -> Refused {
        Refused::new(StatusCode::BAD_REQUEST, errors.to_json(tongue))
    }

    /// One field is wrong.
    pub fn field(field: &str, say: Say, tongue: Tongue) -> Refused {
        Refused::fields(&Errors::one(field, say), tongue)
    }

    /// The request does not come from one of the shop's own pages.
    pub fn csrf(fault: csrf::Fault) -> Refused {
        Refused::detail(StatusCode::FORBIDDEN, format!("CSRF Failed: {}", fault.sentence()))
    }

    /// Nobody in particular asks for what belongs to somebody.
    pub fn not_authenticated() -> Refused {
        Refused::detail(StatusCode::FORBIDDEN, "Authentication credentials were not provided.")
    }

    /// The provider must sign, and did not.
    pub fn bad_signature() -> Refused {
        Refused::detail(StatusCode::FORBIDDEN, "Invalid signature.")
    }

    pub fn no_method(method: &Method) -> Refused {
        // Methods are short words, but anyone may invent one.
        let shown: String = method.as_str().chars().take(16).collect();
        Refused::detail(StatusCode::METHOD_NOT_ALLOWED, format!("Method \"{shown}\" not allowed."))
    }

    pub fn media_type(given: &str) -> Refused {
        let shown: String = given.split(';').next().unwrap_or_default().trim().chars().take(100).collect();
        let detail = format!("Unsupported media type \"{shown}\" in request.");
        Refused::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    pub fn too_large(bytes: usize) -> Refused {
        let detail = format!("Request body is too large: at most {bytes} bytes are read.");
        Refused::detail(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn throttled(seconds: u64) -> Refused {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let detail = format!("Request was throttled. Expected available in {seconds} {unit}.");
        let refused = Refused::detail(StatusCode::TOO_MANY_REQUESTS, detail);
        Refused { retry_after: Some(seconds), ..refused }
    }

    /// Nothing is served here.
    pub fn not_found() -> Refused {
        Refused::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// The link of an order opens nothing: unknown, changed or too old, which nobody needs to tell apart.
    pub fn no_order(tongue: Tongue) -> Refused {
        let errors = Errors::one("order_number", Say::OrderNotFound);
        Refused::new(StatusCode::NOT_FOUND, errors.to_json(tongue))
    }

    /// Nothing was done; in a moment it may be.
    pub fn unavailable() -> Refused {
        let detail = "Service temporarily unavailable, try again later.";
        let refused = Refused::detail(StatusCode::SERVICE_UNAVAILABLE, detail);
        Refused { retry_after: Some(RETRY_SECONDS), ..refused }
    }

    /// A fault of ours.
    pub fn broken() -> Refused {
        Refused::detail(StatusCode::INTERNAL_SERVER_ERROR, "A server error occurred.")
    }

    /// Why the engine has no answer.
    pub fn trouble(error: &Trouble, tongue: Tongue) -> Refused {
        match error {
            Trouble::Busy { .. }
            | Trouble::Overdue { .. }
            | Trouble::OnceInProgress
            | Trouble::Unavailable(_) => Refused::unavailable(),
            Trouble::NotFound => Refused::field(BASKET, Say::BasketNotFound, tongue),
            Trouble::VersionMismatch { .. } => Refused::field(BASKET, Say::BasketChanged, tongue),
            Trouble::OnceMismatch => Refused::field(ERROR, Say::UsedKey, tongue),
            Trouble::Internal(why) => {
                tracing::error!(why, "a request failed");
                Refused::broken()
            }
        }
    }

    /// Why a request could not be read.
    pub fn unreadable(error: &Unreadable, tongue: Tongue) -> Refused {
        match error {
            Unreadable::TooLarge(bytes) => Refused::too_large(*bytes),
            Unreadable::Broken => Refused::json_error("the request broke off", tongue),
            Unreadable::Packed => Refused::media_type("packed"),
        }
    }

    /// Why a body could not be read.
    pub fn unparsable(error: &ParseError, content_type: &str, tongue: Tongue) -> Refused {
        match error.kind() {
            ParseErrorKind::UnsupportedType => Refused::media_type(content_type),
            ParseErrorKind::TooLarge => match error {
                ParseError::BodyTooLarge(bytes) => Refused::too_large(*bytes),
                other => Refused::json_error(&other.to_string(), tongue),
            },
            _ => Refused::json_error(&error.to_string(), tongue),
        }
    }

    pub fn json_error(why: &str, tongue: Tongue) -> Refused {
        Refused::field(WHOLE, Say::JsonError(why.to_owned()), tongue)
    }

    /// An `Idempotency-Key` that cannot be meant.
    pub fn once(error: OnceError, tongue: Tongue) -> Refused {
        let said = Errors::one(ERROR, Say::StillOpen(once_sentence(error)));
        Refused::fields(&said, tongue)
    }

    pub fn into_reply(self) -> Reply {
        let mut reply = Reply::new(self.status.as_u16(), JSON, self.body.to_string().into_bytes());
        reply.headers.extend(self.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }

    /// The fields that are wrong, as they are answered.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Whether fields are wrong, and not the request as such.
    pub fn is_about_fields(&self) -> bool {
        self.status == StatusCode::BAD_REQUEST
    }
}

fn once_sentence(error: OnceError) -> &'static str {
    match error {
        OnceError::SentTwice => "The Idempotency-Key header was sent more than once.",
        OnceError::Unusable => "The Idempotency-Key header must hold 1 to 255 visible ASCII characters.",
        OnceError::Guessable => {
            "Without a session, the Idempotency-Key header must hold at least 20 characters."
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        respond(self.into_reply())
    }
}

/// An engine's reply as a response.
pub fn respond(reply: Reply) -> Response {
    let mut response = Response::new(axum::body::Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&reply.content_type)
        && !reply.content_type.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if reply.replayed == Replayed::Yes {
        headers.insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    }
    response
}

/// What no handler answers.
pub fn snag(snag: Snag) -> Response {
    match snag {
        Snag::NoSuchPath => Refused::not_found(),
        Snag::Broken => Refused::broken(),
        Snag::TooSlow => Refused::unavailable(),
    }
    .into_response()
}
