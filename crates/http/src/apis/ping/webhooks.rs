//! What payment platforms tell by themselves. This is where an order becomes paid, and the only place.
//!
//! In this order: signature → event → does it fit what we asked → the engine, which settles each event once. An event
//! that fits no payment of ours (no such order, another platform, another currency) is kept to be looked at and
//! answered with 200: told again it would be no better. Only our own trouble makes the platform tell it again.

use super::call::json_response;
use super::refuse::Refused;
use crate::kit::{Limits, card_guard};
use crate::server::{AppState, Incoming};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::catalog::{Catalog, MethodKind, PaymentMethod};
use domain::order::{Order, Payment};
use engine::Noticed;
use engine::ports::{BadEvent, Gateway, GatewayEvent, OrderKey, SignedHeaders};
use serde::Deserialize;
use std::sync::Arc;

/// `POST /webhook/{platform}`
pub async fn hear(State(app): State<AppState>, request: Request) -> Response {
    heard(&app, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn heard(app: &AppState, request: Request) -> Result<Response, Refused> {
    let incoming = Incoming::read(request, &Limits::STANDARD).await;
    let incoming = incoming.map_err(|error| Refused::unreadable(&error))?;
    let platform = incoming.path_param("platform").unwrap_or_default();
    let catalog = app.engine.catalog();
    let gateway = gateway(app, &catalog, platform).ok_or_else(|| Refused::not_found("payment platform"))?;
    let event =
        gateway.event(&signed(&incoming), &incoming.body, app.engine.now()).map_err(|bad| match bad {
            BadEvent::Unsigned => Refused::bad_signature(),
            BadEvent::Malformed(why) => {
                tracing::warn!(platform, why, "a signed event cannot be read");
                Refused::unreadable_event()
            }
        })?;
    let event = fitting(app, &catalog, platform, event, &incoming.body).await?;
    // What is parked is stored as it came, and nothing that looks like a card number ever is.
    let text = String::from_utf8_lossy(&incoming.body);
    let body: &[u8] = if card_guard::find_in_text(&text) { b"" } else { &incoming.body };
    let noticed = app.engine.notice(platform, event, body).await.map_err(|error| {
        // Not 409: whoever tells this is to tell it again.
        tracing::warn!(%error, platform, "an event has to be told again");
        Refused::unavailable()
    })?;
    let word = match noticed {
        Noticed::Settled => "settled",
        Noticed::Seen => "seen",
        Noticed::Parked => {
            tracing::warn!(platform, "an event belongs to no payment here; it is kept");
            "parked"
        }
    };
    Ok(json_response(format!("{{\"received\":true,\"result\":\"{word}\"}}").into_bytes()))
}

fn signed(incoming: &Incoming) -> SignedHeaders {
    let header = |name| incoming.header(name).map(str::to_owned);
    SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    }
}

/// Whatever talks to a platform, if anything does.
fn gateway(app: &AppState, catalog: &Catalog, platform: &str) -> Option<Arc<dyn Gateway>> {
    let methods = catalog.payment_methods.values().filter(|method| platform_of(method) == Some(platform));
    methods.into_iter().find_map(|method| app.engine.gateway(method).cloned())
}

fn platform_of(method: &PaymentMethod) -> Option<&str> {
    match &method.kind {
        MethodKind::Platform(platform) => Some(&platform.platform),
        _ => None,
    }
}

/// What an event says beside its outcome.
#[derive(Debug, Default, Deserialize)]
struct Beside {
    #[serde(default)]
    data: Data,
}

#[derive(Debug, Default, Deserialize)]
struct Data {
    currency: Option<String>,
}

/// The event, with the order taken out of it if it cannot be about that order: a platform speaks for its own payments
/// only, and of money in the currency it was asked for.
async fn fitting(
    app: &AppState,
    catalog: &Catalog,
    platform: &str,
    event: GatewayEvent,
    body: &[u8],
) -> Result<GatewayEvent, Refused> {
    let found = app.engine.order(&OrderKey::Number(event.order_number.clone())).await;
    let Some(order) = found.map_err(|error| Refused::trouble(&error))? else { return Ok(event) };
    let told: Beside = serde_json::from_slice(body).unwrap_or_default();
    let same_currency =
        told.data.currency.is_none_or(|told| told.eq_ignore_ascii_case(order.currency.code()));
    let same_platform = payment_of(&order, &event).is_some_and(|payment| {
        catalog
            .payment_methods
            .get(&payment.method)
            .is_some_and(|method| platform_of(method) == Some(platform))
    });
    if same_currency && same_platform {
        return Ok(event);
    }
    tracing::error!(platform, order = order.id.0, same_currency, "an event does not fit its order");
    Ok(GatewayEvent { order_number: String::new(), ..event })
}

fn payment_of<'a>(order: &'a Order, event: &GatewayEvent) -> Option<&'a Payment> {
    order.payments.iter().find(|payment| {
        let open = payment.attempt.as_ref().map(|attempt| &attempt.id);
        let sent = payment.sent().and_then(|sent| sent.attempt.as_ref());
        open == Some(&event.attempt) || sent == Some(&event.attempt)
    })
}
