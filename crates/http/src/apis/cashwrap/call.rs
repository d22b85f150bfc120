//! One request to this API, past the door: who asks, about which order, and what was said beside it.
//!
//! A caller without any known credential hears so, whatever order is named. Everyone else gets the order or hears
//! that there is none: an order of somebody else is not told apart from one that does not exist.

use super::problem::{FieldProblem, Problem};
use crate::kit::{Limits, Params, RawRequest, card_guard};
use crate::server::{AppState, Credentials, Incoming, sent};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::catalog::Catalog;
use domain::channel::{Channel, ChannelKey};
use domain::order::Order;
use domain::user::Actor;
use engine::ports::OrderKey;
use serde::Serialize;
use std::sync::Arc;

/// What a handler answers.
pub type Answered = Result<Response, Problem>;

/// A request about one order that the caller may see.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Call {
    pub app: AppState,
    pub catalog: Arc<Catalog>,
    pub caller: Credentials,
    pub order: Arc<Order>,
    /// Path and query.
    pub asked: Params,
    /// The body alone.
    pub body: Params,
}

impl FromRequest<AppState> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Problem> {
        let limits = Limits::STANDARD;
        let mut incoming =
            Incoming::read(request, &limits).await.map_err(|error| Problem::unreadable(&error))?;
        let body = body(&incoming, &limits)?;
        incoming.body = bytes::Bytes::new();
        let asked = incoming.params(&limits).map_err(|error| Problem::unparsable(&error))?;
        for params in [&asked, &body] {
            if let Some(found) = card_guard::find(params, &card_guard::Allow::NOTHING) {
                return Err(Problem::card_data(&found.path));
            }
        }
        let caller = enter(app, &incoming, &asked).await?;
        let order = order(app, &asked, &caller).await?;
        Ok(Call { catalog: app.engine.catalog(), app: app.clone(), caller, order, asked, body })
    }
}

/// The body as a tree; only JSON is read.
fn body(incoming: &Incoming, limits: &Limits) -> Result<Params, Problem> {
    let content_type = incoming.header("content-type");
    let is_json = |given: &str| given.trim_start().to_ascii_lowercase().starts_with("application/json");
    if !incoming.body.is_empty() && !content_type.is_some_and(is_json) {
        return Err(Problem::not_json());
    }
    let method = incoming.method.as_str();
    let request = RawRequest { method, path: &[], query: None, content_type, body: incoming.body.clone() };
    crate::kit::parse(request, limits).map_err(|error| Problem::unparsable(&error))
}

/// Past the door: who asks.
///
/// # Errors
/// Nobody who is known, or the store's trouble.
pub async fn enter(app: &AppState, incoming: &Incoming, asked: &Params) -> Result<Credentials, Problem> {
    let bearer = incoming.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = sent(bearer.map(str::trim), asked.text("token"));
    let token = sent(incoming.header("x-spree-order-token"), asked.text("order_token"));
    let caller =
        Credentials::read(&app.engine, key, token).await.map_err(|error| Problem::trouble(&error))?;
    match (caller.user(), token, key) {
        (Some(_), ..) | (None, Some(_), _) => Ok(caller),
        (None, None, Some(_)) => Err(Problem::unknown_key()),
        (None, None, None) => Err(Problem::no_credentials()),
    }
}

async fn order(app: &AppState, asked: &Params, caller: &Credentials) -> Result<Arc<Order>, Problem> {
    let number = asked.text("number").unwrap_or_default().to_owned();
    let found = app.engine.order(&OrderKey::Number(number)).await;
    let found = found.map_err(|error| Problem::trouble(&error))?;
    found.filter(|order| caller.may_show(order)).ok_or_else(Problem::no_order)
}

impl Call {
    /// The channel under which the order is looked at: the one that `via` names, else the one that began it.
    ///
    /// # Errors
    /// 422 for a channel that there is not.
    pub fn via(&self, named: Option<&str>) -> Result<&Channel, Problem> {
        let settings = &self.catalog.settings;
        match named.filter(|name| !name.is_empty()) {
            Some(name) => settings.channel(&ChannelKey::new(name)).ok_or_else(|| {
                let detail = "There is no channel of this name here.";
                Problem::invalid(vec![FieldProblem::new("via", "must_exist", detail)])
            }),
            // A channel may have been taken out of the configuration since: then the plain one stands in.
            None => settings
                .channel(&self.order.origin)
                .or_else(|| settings.channel(&ChannelKey::new(super::channel::NAME)))
                .ok_or_else(Problem::broken),
        }
    }

    pub fn actor(&self, via: &Channel) -> Actor {
        Actor { who: self.caller.who(), via: via.key.clone() }
    }
}

/// A view as an answer.
///
/// # Errors
/// Never for the views of this API: their keys are texts.
pub fn json(view: &impl Serialize) -> Answered {
    let bytes = serde_json::to_vec(view).map_err(|_| Problem::broken())?;
    let mut response = Response::new(axum::body::Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
