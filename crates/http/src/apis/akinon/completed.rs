//! An order that was placed, for whoever has its link. The link holds the order's number, signed, and runs out.
//!
//! A link that is unknown, was changed or ran out is answered in the same way, always as JSON.

use super::answer;
use super::call::{Answered, Call};
use super::channel::NAME;
use super::csrf;
use super::refuse::{Refused, respond};
use super::signer::Signer;
use super::{baskets, views};
use crate::pages::{Lang, completed as pages};
use axum::http::header;
use axum::response::Response;
use domain::Time;
use domain::order::Order;
use engine::ports::OrderKey;
use std::sync::Arc;

/// What these links are signed for.
const SALT: &str = "checkout-provider";

/// Whoever signs links of completed orders.
///
/// # Errors
/// The store's trouble.
pub async fn signer(call: &Call) -> Result<Signer, Refused> {
    let secret = call.app.engine.secret("signed links").await.map_err(|error| call.trouble(&error))?;
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Signer::new(&secret, SALT))
}

/// Where the buyer is sent after paying.
pub fn link(public_url: &str, signer: &Signer, number: &str, now: Time) -> String {
    format!("{public_url}/orders/checkout-provider-completed/{}/", signer.sign(number, now))
}

/// `GET /orders/checkout-provider-completed/{signed}/` and `GET /orders/completed/{signed}/`
pub async fn show(call: Call) -> Answered {
    let order = find(&call).await?.ok_or_else(|| Refused::no_order(call.tongue))?;
    let around = call.around(&order).await?;
    if wants_json(&call) {
        return Ok(respond(answer::json(200, &views::completed(&order, &around.lens()))));
    }
    Ok(page(&call, pages::completed(&order, &around.catalog, reader(&call))))
}

/// `GET /basket/`: where the browser stands when it has left the provider.
pub async fn basket(call: Call) -> Answered {
    let order = baskets::main(&call).await?;
    Ok(page(&call, pages::basket(order.as_deref(), &call.catalog, reader(&call))))
}

/// The language of the reader, of those that pages speak.
fn reader(call: &Call) -> Lang {
    Lang::accepted(call.incoming.header("accept-language").unwrap_or_default())
}

/// A page brings the token that its own requests need.
fn page(call: &Call, mut response: Response) -> Response {
    let secret = csrf::kept_or_new(call.cookies.csrf.as_deref(), call.app.engine.entropy());
    response.headers_mut().append(header::SET_COOKIE, csrf::cookie(&secret, &call.public_url));
    response
}

async fn find(call: &Call) -> Result<Option<Arc<Order>>, Refused> {
    let signed = call.incoming.path_param("signed").unwrap_or_default();
    let max_age = i64::try_from(call.app.config.completed_order_seconds).unwrap_or(i64::MAX);
    let signer = signer(call).await?;
    let Some(number) = signer.unsign(signed, call.app.engine.now(), max_age) else { return Ok(None) };
    let found = call.app.engine.order(&OrderKey::Number(number.to_owned())).await;
    let found = found.map_err(|error| call.trouble(&error))?;
    Ok(found.filter(|order| *order.origin.0 == *NAME && order.is_placed()))
}

/// `?format=json`, `?json`, or a caller that takes JSON and no pages.
fn wants_json(call: &Call) -> bool {
    let asked = call.query.text("format").is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let accept = call.incoming.header("accept").unwrap_or_default();
    asked
        || call.query.get("json").is_some()
        || (accept.contains("application/json") && !accept.contains("text/html"))
}
