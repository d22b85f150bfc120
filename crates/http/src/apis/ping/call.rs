//! One request to this API, past the door: which application, which customer, and what was said.
//!
//! In this order: application → customer → format → no card data. Bodies are JSON objects; what is in them counts by
//! its JSON type, so the query never stands in for the body.

use super::auth;
use super::channel::NAME;
use super::refuse::{JSON, Refused};
use crate::kit::body::BARE_JSON_KEY;
use crate::kit::{Limits, Params, RawRequest, card_guard};
use crate::server::{AppState, Incoming, once};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::channel::ChannelKey;
use domain::user::{Actor, User, Who};
use engine::{Once, Reply};
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;

/// What a handler answers.
pub type Answered = Result<Response, Refused>;

/// Bytes that an answer begins with room for: a quote of three lines.
const USUAL_ANSWER: usize = 2_048;

/// A request of an application, perhaps for a customer.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Call {
    pub app: AppState,
    /// Path and query.
    pub asked: Params,
    /// The body alone.
    pub body: Params,
    pub incoming: Incoming,
}

/// A request of an application for a customer.
#[allow(missing_debug_implementations)]
pub struct CustomerCall {
    pub call: Call,
    pub customer: Arc<User>,
}

/// A request of a customer with keys of their own.
#[allow(missing_debug_implementations)]
pub struct KeyCall {
    pub call: Call,
    pub customer: Arc<User>,
}

impl FromRequest<AppState> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Refused> {
        let incoming = read(request).await?;
        auth::application(app, &incoming).await?;
        // Whoever shows a token shows a good one, also where nothing depends on it.
        auth::customer(app, &incoming).await?;
        Call::of(app, incoming)
    }
}

impl FromRequest<AppState> for CustomerCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<CustomerCall, Refused> {
        let incoming = read(request).await?;
        auth::application(app, &incoming).await?;
        let customer = auth::customer(app, &incoming).await?.ok_or_else(Refused::user_unauthorized)?;
        let call = Call::of(app, incoming)?;
        Ok(CustomerCall { call, customer })
    }
}

impl FromRequest<AppState> for KeyCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<KeyCall, Refused> {
        let incoming = read(request).await?;
        let customer = auth::key_holder(app, &incoming).await?;
        let call = Call::of(app, incoming)?;
        Ok(KeyCall { call, customer })
    }
}

async fn read(request: Request) -> Result<Incoming, Refused> {
    Incoming::read(request, &Limits::STANDARD).await.map_err(|error| Refused::unreadable(&error))
}

impl Call {
    fn of(app: &AppState, mut incoming: Incoming) -> Result<Call, Refused> {
        let limits = Limits::STANDARD;
        let body = body(&incoming, &limits)?;
        let held = std::mem::take(&mut incoming.body);
        let asked = incoming.params(&limits).map_err(|error| Refused::unparsable(&error))?;
        incoming.body = held;
        for params in [&asked, &body] {
            if let Some(found) = card_guard::find(params, &card_guard::Allow::NOTHING) {
                return Err(Refused::card_data(&found.path));
            }
        }
        Ok(Call { app: app.clone(), asked, body, incoming })
    }

    /// The shopper's address.
    ///
    /// # Errors
    /// 400 `client_ip_required` if the application did not forward one.
    pub fn client_ip(&self) -> Result<IpAddr, Refused> {
        auth::client_ip(&self.incoming).ok_or_else(Refused::client_ip_required)
    }

    /// A part of the path by its name in the route.
    pub fn path(&self, name: &str) -> &str {
        self.incoming.path_param(name).unwrap_or_default()
    }

    /// Where this API lives, as callers reach it: `https://shop.example/ping/1.0`.
    pub fn base(&self) -> String {
        base(&self.app, &self.incoming)
    }
}

/// Where this API lives, as callers reach it.
pub fn base(app: &AppState, incoming: &Incoming) -> String {
    let rooms = ["/private/", "/public/", "/checkout/", "/webhook/"];
    let root = rooms.iter().find_map(|room| incoming.path.split_once(room)).map_or("", |(root, _)| root);
    if !app.config.public_url.is_empty() {
        return format!("{}{root}", app.config.public_url.trim_end_matches('/'));
    }
    let plain = |host: &&str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
    };
    let host = incoming.header("host").filter(plain).unwrap_or("localhost");
    format!("http://{host}{root}")
}

/// The body as a tree.
fn body(incoming: &Incoming, limits: &Limits) -> Result<Params, Refused> {
    if incoming.body.is_empty() {
        return Ok(Params::default());
    }
    let content_type = incoming.header("content-type").unwrap_or(JSON);
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != JSON && !essence.ends_with("+json") {
        return Err(Refused::not_json());
    }
    let request = RawRequest {
        method: incoming.method.as_str(),
        content_type: Some(content_type),
        body: incoming.body.clone(),
        ..RawRequest::default()
    };
    let params = crate::kit::parse(request, limits).map_err(|error| Refused::unparsable(&error))?;
    if params.get(BARE_JSON_KEY).is_some() { Err(Refused::not_json()) } else { Ok(params) }
}

/// What a customer may do through this channel.
pub fn actor(customer: &User) -> Actor {
    Actor { who: Who::Customer(customer.id), via: ChannelKey::new(NAME) }
}

impl CustomerCall {
    /// The client's key, if it sent one.
    ///
    /// # Errors
    /// 400 for a header that cannot be meant.
    pub fn once(&self) -> Result<Option<Once>, Refused> {
        kept_once(&self.call.incoming, &self.customer)
    }
}

/// The client's key of a request for this customer.
///
/// # Errors
/// 400 for a header that cannot be meant.
pub fn kept_once(incoming: &Incoming, customer: &User) -> Result<Option<Once>, Refused> {
    let caller = format!("user {}", customer.id);
    once(incoming, NAME, Some(&caller)).map_err(Refused::idempotency_key)
}

/// The envelope of every answer that is no error.
#[derive(Serialize)]
struct Envelope<'a, T> {
    data: T,
    message: &'a str,
}

/// A view in its envelope, in bytes.
pub fn enveloped(view: &impl Serialize, message: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_ANSWER);
    // Views have texts as keys and write to memory, so this cannot fail.
    let written = serde_json::to_writer(&mut bytes, &Envelope { data: view, message });
    debug_assert!(written.is_ok());
    bytes
}

/// A view as an answer.
pub fn answer(view: &impl Serialize, message: &str) -> Response {
    json_response(enveloped(view, message))
}

/// Bytes of JSON as an answer.
pub fn json_response(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// A view as the engine's reply.
pub fn reply(status: u16, view: &impl Serialize, message: &str) -> Reply {
    Reply::new(status, JSON, enveloped(view, message))
}
