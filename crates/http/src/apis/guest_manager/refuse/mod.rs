//! How this API says no, in its three families: exceptional, validation, and what stops a checkout.
//!
//! Status codes and the shapes of bodies live in here only. The tree of a validation error is `validation`; which
//! words belong to which refusal of the domain is `words`, and to which fault `faults`.

mod faults;
mod validation;
mod words;

pub use validation::{Flawed, Validation};
pub use words::{About, words};

use super::auth::Permission;
use crate::kit::ParseError;
use crate::server::{Snag, Unreadable, fresh_request_id};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::fault::Fault;
use domain::order::Order;
use engine::{Replayed, Reply, Trouble};
use serde_json::{Value, json};

/// The content type of every answer.
pub const JSON: &str = "application/json; charset=utf-8";
/// Seconds after which a caller who was turned away for a moment may ask again.
const RETRY_SECONDS: u64 = 1;
/// Seconds after which wrong passwords are forgotten.
const TRIES_SECONDS: u64 = 900;

/// A refusal, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    status: StatusCode,
    body: Value,
    retry_after: Option<u64>,
    request_id: Option<String>,
}

impl Refused {
    fn new(status: StatusCode, body: Value) -> Refused {
        Refused { status, body, retry_after: None, request_id: None }
    }

    fn plain(status: StatusCode, name: &str, message: impl Into<String>) -> Refused {
        Refused::new(status, json!({ "type": name, "message": message.into() }))
    }

    fn after(self, seconds: u64) -> Refused {
        Refused { retry_after: Some(seconds), ..self }
    }

    pub fn unauthorized() -> Refused {
        Refused::plain(StatusCode::UNAUTHORIZED, "unauthorized", "A valid API key is required.")
    }

    pub fn not_permitted(permission: Permission) -> Refused {
        let what = match permission {
            Permission::Read => "read",
            Permission::Write => "write",
            Permission::Admin => "admin",
        };
        Refused::forbidden(&format!("The API key does not have the {what} permission."))
    }

    pub fn wrong_token() -> Refused {
        Refused::forbidden("The guest_token is missing or does not belong to this order.")
    }

    pub fn forbidden(message: &str) -> Refused {
        Refused::plain(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// There is no such record, or not for this caller.
    pub fn not_found(model: &str, id: &str) -> Refused {
        let body = json!({
            "type": "not_found",
            "message": format!("{model} could not be found."),
            "detail": { "id": id, "model": model, "primary_key": "id" },
        });
        Refused::new(StatusCode::NOT_FOUND, body)
    }

    /// Nothing is served at this path.
    pub fn no_route() -> Refused {
        Refused::plain(StatusCode::NOT_FOUND, "routing_error", "There is no such path.")
    }

    /// Something is served here, but not to this method.
    pub fn no_method() -> Refused {
        let message = "This path does not answer this method.";
        Refused::plain(StatusCode::METHOD_NOT_ALLOWED, "routing_error", message)
    }

    pub fn parameter_missing(name: &str) -> Refused {
        let body = json!({
            "type": "parameter_missing",
            "message": format!("param is missing or the value is empty: {name}"),
            "detail": { "param": name },
        });
        Refused::new(StatusCode::BAD_REQUEST, body)
    }

    /// Attributes that cannot be set, or not here.
    pub fn unpermitted(names: &[String]) -> Refused {
        let word = if names.len() == 1 { "parameter" } else { "parameters" };
        let body = json!({
            "type": "unpermitted_parameters",
            "message": format!("found unpermitted {word}: {}", names.join(", ")),
            "detail": { "params": names },
        });
        Refused::new(StatusCode::BAD_REQUEST, body)
    }

    pub fn cannot_modify() -> Refused {
        let message = "The order can no longer be modified.";
        Refused::plain(StatusCode::BAD_REQUEST, "cannot_modify", message)
    }

    /// What the store file declares is the store file's to change.
    pub fn declared_key() -> Refused {
        let message =
            "This key is declared in the store file. Change or remove it there and start the server again.";
        Refused::plain(StatusCode::BAD_REQUEST, "cannot_modify", message)
    }

    pub fn guest_checkout_required() -> Refused {
        let message = "Only orders in guest checkout mode can be changed through the API.";
        Refused::plain(StatusCode::BAD_REQUEST, "guest_checkout_required", message)
    }

    pub fn not_acceptable() -> Refused {
        let message = "Only application/json is served.";
        Refused::plain(StatusCode::NOT_ACCEPTABLE, "not_acceptable", message)
    }

    pub fn stale() -> Refused {
        let message = "The order was changed since the version in If-Match.";
        Refused::plain(StatusCode::PRECONDITION_FAILED, "stale_order", message)
    }

    pub fn too_many_requests(seconds: u64) -> Refused {
        let message = "There were too many requests from this address.";
        Refused::plain(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", message).after(seconds)
    }

    pub fn too_many_tries() -> Refused {
        let message = "There were too many wrong passwords. Try again later.";
        Refused::plain(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", message).after(TRIES_SECONDS)
    }

    /// The request itself cannot be understood.
    pub fn bad_request(message: impl Into<String>) -> Refused {
        Refused::plain(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// Nothing was done; in a moment it may be.
    pub fn unavailable() -> Refused {
        let message = "The server is busy. Nothing was changed; try again.";
        let refused = Refused::plain(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", message);
        refused.after(RETRY_SECONDS)
    }

    /// A fault of ours, findable by its id.
    pub fn broken() -> Refused {
        let id = fresh_request_id();
        let body = json!({
            "type": "internal_error",
            "message": "Something went wrong on our side.",
            "detail": { "request_id": id },
        });
        let refused = Refused::new(StatusCode::INTERNAL_SERVER_ERROR, body);
        Refused { request_id: Some(id), ..refused }
    }

    /// Something about a record is wrong.
    pub fn invalid(validation: &Validation) -> Refused {
        Refused::new(StatusCode::UNPROCESSABLE_ENTITY, validation.to_json())
    }

    /// Faults of an order and its records.
    pub fn faults(order: Option<&Order>, faults: &[Fault]) -> Refused {
        Refused::invalid(&Validation::of_faults(order, faults))
    }

    /// One wrong attribute of an order itself.
    pub fn of_order(order: Option<&Order>, flawed: Flawed) -> Refused {
        Refused::invalid(&Validation::order(order).with(flawed))
    }

    /// A card number, or something else of a card that has no place here. `path` names the field.
    pub fn card_data(path: &str) -> Refused {
        let mut steps = path.split('.').skip_while(|step| *step != "payments").skip(1);
        let place = steps.next().filter(|step| step.parse::<usize>().is_ok());
        let flawed = Flawed::new("source", "invalid", "must not hold card data; send a token");
        let detail = json!({ "param": path });
        let order = Validation::order(None);
        Refused::invalid(&match place {
            Some(place) => {
                order.child("payments", place, Validation::new("Payment", None).with(flawed.detail(detail)))
            }
            None => order.with(Flawed::new("base", "invalid", "Card data are not accepted").detail(detail)),
        })
    }

    fn checkout(name: &str, message: &str, detail: Value) -> Refused {
        let mut body = json!({ "type": name, "message": message, "error": true });
        if !detail.is_null() {
            body["detail"] = detail;
        }
        Refused::new(StatusCode::BAD_REQUEST, body)
    }

    /// Says something beside the refusal; what the refusal itself says in detail stays.
    #[must_use]
    pub fn beside(mut self, said: Value) -> Refused {
        match (self.body["detail"].as_object_mut(), said) {
            (Some(detail), Value::Object(said)) => detail.extend(said),
            (_, said) => self.body["detail"] = said,
        }
        self
    }

    /// A gateway is at work on the order.
    pub fn processing() -> Refused {
        Refused::checkout("order_processing", "The order's payment is being processed.", Value::Null)
    }

    pub fn complete() -> Refused {
        Refused::checkout("order_complete", "The order is complete.", Value::Null)
    }

    /// The order may not be checked out as it is.
    pub fn not_allowed(validation: &Validation) -> Refused {
        let detail = validation.to_json();
        let errors = detail["errors"].clone();
        let mut refused = Refused::checkout("checkout_not_allowed", &validation.summary(), detail);
        refused.body["errors"] = errors;
        refused
    }

    /// The state asked for is no step of the order, or cannot be gone to.
    pub fn invalid_state(state: &str, current: &str, steps: &[&str], missing: &[&str]) -> Refused {
        let mut detail = json!({ "state": state, "current_state": current, "checkout_steps": steps });
        let message = if missing.is_empty() && !steps.contains(&state) {
            format!("valid order states ({}) does not include {state}", steps.join(", "))
        } else if missing.is_empty() {
            format!("the order is in {current} and cannot go to {state} with this request")
        } else {
            format!("the order cannot go to {state} before these steps are done: {}", missing.join(", "))
        };
        if !missing.is_empty() {
            detail["missing"] = json!(missing);
        }
        Refused::checkout("invalid_state", &message, detail)
    }

    /// Why the engine has no answer.
    pub fn trouble(error: &Trouble) -> Refused {
        match error {
            Trouble::Busy { .. }
            | Trouble::OnceInProgress
            | Trouble::Unavailable(_)
            | Trouble::Overdue { .. } => Refused::unavailable(),
            Trouble::NotFound => Refused::not_found("Order", ""),
            Trouble::VersionMismatch { .. } => Refused::stale(),
            Trouble::OnceMismatch => {
                let message = "was used with another request";
                Refused::of_order(None, Flawed::new("idempotency_key", "idempotency_mismatch", message))
            }
            Trouble::Internal(why) => {
                let refused = Refused::broken();
                let id = refused.request_id.as_deref().unwrap_or_default();
                tracing::error!(why, id, "a request failed");
                refused
            }
        }
    }

    /// Why a request could not be read.
    pub fn unreadable(error: &Unreadable) -> Refused {
        Refused::bad_request(match error {
            Unreadable::TooLarge(bytes) => format!("The body is too large: at most {bytes} bytes are read."),
            Unreadable::Broken => "The request could not be read.".to_owned(),
            Unreadable::Packed => "Packed bodies are not read here.".to_owned(),
        })
    }

    pub fn unparsable(error: &ParseError) -> Refused {
        Refused::bad_request(error.to_string())
    }

    pub fn into_reply(self) -> Reply {
        let mut reply = Reply::new(self.status.as_u16(), JSON, self.body.to_string().into_bytes());
        reply.headers.extend(self.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        reply.headers.extend(self.request_id.map(|id| ("x-request-id", id)));
        reply
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
        Snag::NoSuchPath => Refused::no_route(),
        Snag::Broken => Refused::broken(),
        Snag::TooSlow => Refused::unavailable(),
    }
    .into_response()
}
