//! Leaving the provider's pages: its session is over, the basket stays, and the browser goes there.

use super::baskets;
use super::call::{Answered, Call};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use domain::command::{Command, ProviderStep};
use domain::order::Order;
use engine::{Ask, Reply, Target};
use std::sync::Arc;

/// Where baskets are looked at.
const BASKET: HeaderValue = HeaderValue::from_static("/basket/");

/// `GET /orders/checkout-provider-cancel/`. It always ends at the basket, whether there was something to leave or not.
pub async fn cancel(call: Call) -> Answered {
    if call.incoming.method == Method::GET
        && let Some(order) = baskets::all(&call).await?.iter().find(|order| order.provider.is_some())
    {
        leave(&call, order).await;
    }
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(header::LOCATION, BASKET);
    Ok(call.sent(response))
}

/// The provider hears of it from the outbox.
async fn leave(call: &Call, order: &Arc<Order>) {
    let command = Command::Provider(Box::new(ProviderStep::Leave));
    let ask = Ask::new(Target::Order(order.id), command, call.actor(), |_| Reply::new(200, "", Vec::new()));
    if let Err(trouble) = call.app.engine.execute(ask).await {
        tracing::warn!(%trouble, "a checkout could not be left");
    }
}
