//! How this API says no: one constructor for each thing that can be wrong, named by its meaning.
//!
//! Status codes and the shapes of bodies live here only. The words for the domain's refusals are in `words`, those
//! for fields in `fields`, those for coupon codes in `coupon`.

mod coupon;
mod fields;
mod words;

pub use coupon::{APPLIED, accepted, removed};
pub use fields::{Fields, field_errors};
pub use words::{About, Words, refused, trouble};

use super::Dialect;
use crate::server::Snag;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::OrderId;
use domain::money::{Amount, Currency};
use engine::Reply;
use serde_json::{Value, json};

/// Seconds after which a caller may ask again while a gateway is at work.
const GATEWAY_RETRY_SECONDS: u32 = 2;

/// A refusal, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    status: StatusCode,
    body: Body,
    retry_after: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    Json(Value),
    Text(String),
}

impl Refused {
    fn json(status: StatusCode, body: Value) -> Refused {
        Refused { status, body: Body::Json(body), retry_after: None }
    }

    /// `{"error": …}` and nothing else.
    pub fn sentence(status: StatusCode, sentence: impl Into<String>) -> Refused {
        Refused::json(status, json!({ "error": sentence.into() }))
    }

    pub fn no_key() -> Refused {
        Refused::sentence(StatusCode::UNAUTHORIZED, "You must specify an API key.")
    }

    /// The protocol repeats the key; what looks like a card number in it is starred out.
    pub fn unknown_key(key: &str) -> Refused {
        let shown = domain::card_number::mask(key);
        Refused::sentence(StatusCode::UNAUTHORIZED, format!("Invalid API key ({shown}) specified."))
    }

    /// This API never answers 403 to this.
    pub fn not_permitted() -> Refused {
        Refused::sentence(StatusCode::UNAUTHORIZED, "You are not authorized to perform that action.")
    }

    pub fn not_found() -> Refused {
        Refused::sentence(StatusCode::NOT_FOUND, "The resource you were looking for could not be found.")
    }

    pub fn invalid(errors: Fields) -> Refused {
        let error = "Invalid resource. Please fix errors and try again.";
        Refused::json(StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": error, "errors": errors }))
    }

    /// An invalid resource for a reason that belongs to no field.
    pub fn invalid_base(sentence: impl Into<String>) -> Refused {
        Refused::invalid(Fields::one("base", sentence))
    }

    /// The state machine of `model` (`order`, `payment`, `shipment`) says no.
    pub fn no_transition(model: &str, errors: Fields) -> Refused {
        let error = format!("The {model} could not be transitioned. Please fix the errors and try again.");
        Refused::json(StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": error, "errors": errors }))
    }

    pub fn missing_param(dialect: Dialect, name: &str) -> Refused {
        Refused::json(StatusCode::UNPROCESSABLE_ENTITY, dialect.missing_param(name))
    }

    pub fn insufficient_stock() -> Refused {
        let errors = ["Quantity is not available for items in your order"];
        Refused::json(
            StatusCode::UNPROCESSABLE_ENTITY,
            json!({ "errors": errors, "type": "insufficient_stock" }),
        )
    }

    pub fn total_mismatch() -> Refused {
        let errors = json!({ "expected_total": ["Expected total does not match actual total."] });
        Refused::json(StatusCode::BAD_REQUEST, json!({ "errors": errors }))
    }

    pub fn payment_not_updatable(state: &str) -> Refused {
        let sentence = format!("This payment cannot be updated because it is {state}.");
        Refused::sentence(StatusCode::FORBIDDEN, sentence)
    }

    /// More is asked back than there is.
    pub fn credit_limit(limit: Amount, currency: Currency) -> Refused {
        let sentence = format!(
            "This payment can only be credited up to {}. Please specify an amount less than or equal to this number.",
            limit.decimal(currency)
        );
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    /// Something in the cart ran out while it was being checked out.
    pub fn item_unavailable() -> Refused {
        let sentence = "An item in your cart has become unavailable.";
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    /// What Spree says of whatever it did not foresee.
    pub fn exception(sentence: impl Into<String>) -> Refused {
        Refused::json(StatusCode::UNPROCESSABLE_ENTITY, json!({ "exception": sentence.into() }))
    }

    pub fn cannot_ready() -> Refused {
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, "Cannot ready shipment.")
    }

    pub fn cannot_delete() -> Refused {
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, "Cannot delete record.")
    }

    pub fn stock_below_zero() -> Refused {
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, "Stock must not be below zero.")
    }

    pub fn method_not_offered() -> Refused {
        let errors = ["Invalid shipping method specified."];
        Refused::json(StatusCode::UNPROCESSABLE_ENTITY, json!({ "errors": errors }))
    }

    /// Pieces cannot be moved; this API tells it with a status of success.
    pub fn transfer_failed() -> Refused {
        let message = "Desired shipment not enough stock in desired stock location";
        Refused::json(StatusCode::ACCEPTED, json!({ "success": false, "message": message }))
    }

    /// A piece cannot do this; this API tells it with a status of success.
    pub fn unit_cannot(event: &str) -> Refused {
        Refused::json(StatusCode::OK, json!({ "exception": format!("cannot transition to {event}") }))
    }

    /// Somebody else is changing the order.
    pub fn locked(order: OrderId) -> Refused {
        let text = format!("Could not obtain lock on order {order}");
        Refused { status: StatusCode::CONFLICT, body: Body::Text(text), retry_after: None }
    }

    /// A gateway is at work on the order, or has not answered in time.
    pub fn placing(order: OrderId) -> Refused {
        Refused { retry_after: Some(GATEWAY_RETRY_SECONDS), ..Refused::locked(order) }
    }

    /// A card number or security code where none may be.
    pub fn card_data(field: &str) -> Refused {
        let sentence = "must not hold a card number or a security code";
        Refused::invalid(Fields::one(field, sentence))
    }

    pub fn once_mismatch() -> Refused {
        let sentence = "Idempotency key was used with another request.";
        Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    pub fn once_in_progress() -> Refused {
        let sentence = "The first request with this idempotency key is still running.";
        Refused { retry_after: Some(1), ..Refused::sentence(StatusCode::CONFLICT, sentence) }
    }

    pub fn unavailable() -> Refused {
        let sentence = "The shop cannot answer right now. Nothing was changed; please try again.";
        Refused { retry_after: Some(1), ..Refused::sentence(StatusCode::SERVICE_UNAVAILABLE, sentence) }
    }

    pub fn broken() -> Refused {
        Refused::sentence(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.")
    }

    pub fn too_slow() -> Refused {
        let sentence =
            "The request took too long. It may have been carried out; please look before you repeat it.";
        Refused { retry_after: Some(2), ..Refused::sentence(StatusCode::SERVICE_UNAVAILABLE, sentence) }
    }

    /// As the engine keeps replies.
    pub fn into_reply(self) -> Reply {
        let (content_type, body) = match self.body {
            Body::Json(json) => (JSON, json.to_string()),
            Body::Text(text) => (TEXT, text),
        };
        let mut reply = Reply::new(self.status.as_u16(), content_type, body.into_bytes());
        reply.headers.extend(self.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

pub const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        respond(self.into_reply())
    }
}

/// A finished reply as a response.
pub fn respond(reply: Reply) -> Response {
    let mut response = Response::new(axum::body::Body::from(reply.body));
    // Every status here comes from a constant or from a kept reply, which came from one.
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if reply.status != StatusCode::NO_CONTENT.as_u16()
        && let Ok(content_type) = HeaderValue::from_str(&reply.content_type)
    {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// What no handler answers.
pub fn snag(snag: Snag) -> Response {
    match snag {
        Snag::NoSuchPath => Refused::not_found(),
        Snag::Broken => Refused::broken(),
        Snag::TooSlow => Refused::too_slow(),
    }
    .into_response()
}
