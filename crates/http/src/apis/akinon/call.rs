//! One request to this API, past the door: whose browser it is, what was said, and the few ways on from there.
//!
//! In this order: throttle → size → CSRF → body → no card data. What a session's cookie opens is its own baskets; it is read
//! here and by no other API. Whoever comes without one gets a session only where something is kept for them.

use super::answer::{Show, Surroundings, write};
use super::channel::NAME;
use super::check::Errors;
use super::csrf;
use super::refuse::{About, BASKET, Refused, respond};
use super::session::{Cookies, Session};
use super::tongue::{Say, Tongue};
use crate::kit::body::BARE_JSON_KEY;
use crate::kit::{Limits, Params, RawRequest, card_guard, parse};
use crate::server::{AppState, Incoming, once};
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::OrderId;
use domain::catalog::Catalog;
use domain::channel::ChannelKey;
use domain::command::Command;
use domain::order::Order;
use domain::user::{Actor, User, Who};
use engine::ports::{OrderKey, UserKey};
use engine::{Ask, Once, Target};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// What a handler answers.
pub type Answered = Result<Response, Refused>;

/// Bytes of one body. The longest honest one is a bank's raw answer of some tens of kilobytes and a basket beside it.
const BODY_BYTES: usize = 256 * 1024;

const LIMITS: Limits = Limits {
    body_bytes: BODY_BYTES,
    multipart_bytes: BODY_BYTES,
    text_bytes: BODY_BYTES,
    ..Limits::STANDARD
};

/// What is compared and never kept, is the number of something else, or (the bank's own words) is starred out before it is
/// kept. A BIN that is longer than one is refused by its own rule.
const NO_CARDS_HERE: [&str; 8] = [
    "session_token",
    "conversation_id",
    "shipping_address.hash_data",
    "billing_address.hash_data",
    "akifast_user.akinon_user_id",
    "card_info.*.bin",
    "transaction.payment_system_raw_response",
    "basket.basket_items.*.basket_item_id",
];

/// What of a request's rights is asked for before its handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// The shop's own pages: a session's cookie needs its token.
    Shop,
    /// Logging in: pages send no token there, but JSON, which no foreign form can.
    Login,
    /// Pages of checkout: their handler looks at the token.
    Checkout,
}

/// A request past the door.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Call {
    pub app: AppState,
    pub catalog: Arc<Catalog>,
    /// The body, which never mixes with the query.
    pub body: Params,
    pub query: Params,
    pub session: Option<Session>,
    /// Who is logged in.
    pub user: Option<Arc<User>>,
    /// Whether the request proves that one of the shop's own pages sent it.
    pub csrf: Result<(), csrf::Fault>,
    pub cookies: Cookies,
    pub once: Option<Once>,
    pub tongue: Tongue,
    pub public_url: Arc<str>,
    pub incoming: Incoming,
    /// A session that this request began.
    begun: bool,
}

/// A request to log in.
#[allow(missing_debug_implementations)]
pub struct LoginCall(pub Call);

/// A page of checkout.
#[allow(missing_debug_implementations)]
pub struct PageCall(pub Call);

impl FromRequest<AppState> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Refused> {
        Call::of(request, app, Door::Shop).await
    }
}

impl FromRequest<AppState> for LoginCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<LoginCall, Refused> {
        Call::of(request, app, Door::Login).await.map(LoginCall)
    }
}

impl FromRequest<AppState> for PageCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<PageCall, Refused> {
        Call::of(request, app, Door::Checkout).await.map(PageCall)
    }
}

impl Call {
    async fn of(request: Request, app: &AppState, door: Door) -> Result<Call, Refused> {
        app.config.throttle.admit(address(&request)).map_err(Refused::throttled)?;
        let tongue = Tongue::accepted(header_of(request.headers(), header::ACCEPT_LANGUAGE.as_str()));
        let incoming =
            Incoming::read(request, &LIMITS).await.map_err(|error| Refused::unreadable(&error, tongue))?;
        let cookies = Cookies::read(&incoming.headers);
        let csrf = own_page(&incoming, &cookies);
        match (door, csrf) {
            (_, Ok(())) | (Door::Checkout | Door::Login, Err(csrf::Fault::Missing)) => {}
            (_, Err(fault)) => return Err(Refused::csrf(fault)),
        }
        let body = body(&incoming, door, tongue)?;
        let query =
            incoming.query_params(&LIMITS).map_err(|error| Refused::unparsable(&error, "", tongue))?;
        no_card_data(&body, &query, tongue)?;
        let trouble = |error| Refused::trouble(&error, tongue);
        let key = app.engine.secret("browser sessions").await.map_err(trouble)?;
        let session = cookies.session.as_deref().and_then(|id| Session::read(id, &key, app.engine.now()));
        let user = match &session {
            Some(session) => app.engine.user(&UserKey::Key(session.hash())).await.map_err(trouble)?,
            None => None,
        };
        let caller = session.as_ref().map(|session| hex(&session.hash()));
        let once = once(&incoming, NAME, caller.as_deref()).map_err(|error| Refused::once(error, tongue))?;
        Ok(Call {
            catalog: app.engine.catalog(),
            app: app.clone(),
            body,
            query,
            session,
            user,
            csrf,
            cookies,
            once,
            tongue,
            public_url: public_url(app, &incoming.headers).into(),
            incoming,
            begun: false,
        })
    }

    /// The session, begun now if there is none.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn begin(&mut self) -> Result<Session, Refused> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        self.renew().await
    }

    /// A new session, whatever there was.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn renew(&mut self) -> Result<Session, Refused> {
        let engine = &self.app.engine;
        let key = engine.secret("browser sessions").await.map_err(|error| self.trouble(&error))?;
        let session = Session::draw(&key, engine.entropy(), engine.now());
        (self.session, self.begun) = (Some(session.clone()), true);
        Ok(session)
    }

    /// The answer, with the session's cookies if this request began it.
    pub fn sent(&self, mut response: Response) -> Response {
        if let Some(session) = self.session.as_ref().filter(|_| self.begun) {
            for cookie in session.cookies(&self.public_url) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    /// A view as an answer.
    pub fn json(&self, status: u16, view: &impl serde::Serialize) -> Response {
        self.sent(respond(super::answer::json(status, view)))
    }

    pub fn trouble(&self, error: &engine::Trouble) -> Refused {
        Refused::trouble(error, self.tongue)
    }

    /// A refusal of one field.
    pub fn field(&self, field: &str, say: Say) -> Refused {
        Refused::field(field, say, self.tongue)
    }

    pub fn fields(&self, errors: &Errors) -> Refused {
        Refused::fields(errors, self.tongue)
    }

    /// Whoever is logged in acts as themselves; the provider and everybody else are nobody in particular.
    pub fn actor(&self) -> Actor {
        let who = self.user.as_ref().map_or(Who::Guest, |user| Who::Customer(user.id));
        Actor { who, via: ChannelKey::new(NAME) }
    }

    /// Whether a basket belongs to this session, or to who is logged in.
    pub fn owns(&self, order: &Order) -> bool {
        let by_session = self
            .session
            .as_ref()
            .is_some_and(|session| order.session.is_some_and(|owner| owner.0 == session.hash()));
        by_session || self.user.as_ref().is_some_and(|user| order.customer == Some(user.id))
    }

    /// An order of this channel by its id.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn order(&self, id: i64) -> Result<Option<Arc<Order>>, Refused> {
        let found = self.app.engine.order(&OrderKey::Id(OrderId(id))).await;
        let found = found.map_err(|error| self.trouble(&error))?;
        Ok(found.filter(|order| *order.origin.0 == *NAME))
    }

    /// Sends a command and answers with a view.
    ///
    /// # Errors
    /// The engine's trouble; the domain's refusals are answers.
    pub async fn command(&self, target: Target, command: Command, about: About, show: Show) -> Answered {
        let tongue = self.tongue;
        let ask = Ask::new(target, command, self.actor(), move |answer| write(answer, &show, about, tongue));
        let reply = self.app.engine.execute(ask.once(self.once)).await;
        reply.map(|reply| self.sent(respond(reply))).map_err(|error| self.trouble(&error))
    }

    /// What views look at beside an order.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn around(&self, order: &Order) -> Result<Surroundings, Refused> {
        let variants: Vec<_> = order.lines.iter().map(|line| line.variant).collect();
        let engine = &self.app.engine;
        Ok(Surroundings {
            stock: engine.stock(&variants).await.map_err(|error| self.trouble(&error))?,
            catalog: Arc::clone(&self.catalog),
            now: engine.now(),
        })
    }

    /// The word for a basket that cannot be had: it is nobody else's business whether it is there.
    pub fn no_basket(&self) -> Refused {
        self.field(BASKET, Say::BasketNotFound)
    }

    /// Whether the body came as a form.
    pub fn is_form(&self) -> bool {
        is_form(&self.incoming)
    }
}

/// The CSRF rule: an unsafe method with a session's cookie shows the token too.
fn own_page(incoming: &Incoming, cookies: &Cookies) -> Result<(), csrf::Fault> {
    if incoming.method.is_safe() || cookies.session.is_none() {
        return Ok(());
    }
    csrf::check(cookies.csrf.as_deref(), incoming.header(csrf::HEADER))
}

/// The body as a tree: JSON, or a form where pages are posted by forms. What is no object cannot be meant.
fn body(incoming: &Incoming, door: Door, tongue: Tongue) -> Result<Params, Refused> {
    if incoming.body.is_empty() {
        return Ok(Params::default());
    }
    let content_type = incoming.header("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let as_form = door == Door::Checkout && essence == "application/x-www-form-urlencoded";
    if essence != "application/json" && !as_form {
        return Err(Refused::media_type(content_type));
    }
    let request = RawRequest {
        method: incoming.method.as_str(),
        content_type: Some(content_type),
        body: incoming.body.clone(),
        ..RawRequest::default()
    };
    let params =
        parse(request, &LIMITS).map_err(|error| Refused::unparsable(&error, content_type, tongue))?;
    let is_object = || {
        let bytes: &[u8] = incoming.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&incoming.body);
        bytes.trim_ascii_start().starts_with(b"{")
    };
    if !as_form && params.get(BARE_JSON_KEY).is_some() && !is_object() {
        return Err(Refused::json_error("the body is no object.", tongue));
    }
    Ok(params)
}

fn is_form(incoming: &Incoming) -> bool {
    let content_type = incoming.header("content-type").unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// No card number and no security code gets past here, but for the fields that are no card's.
fn no_card_data(body: &Params, query: &Params, tongue: Tongue) -> Result<(), Refused> {
    let allow = card_guard::Allow::paths(&NO_CARDS_HERE);
    let found = card_guard::find(body, &allow).or_else(|| card_guard::find(query, &allow));
    let Some(found) = found else { return Ok(()) };
    let first = found.path.split('.').next().filter(|name| *name != "[hidden]");
    let field: String = first.unwrap_or(super::refuse::WHOLE).chars().take(64).collect();
    Err(Refused::field(&field, Say::CardData, tongue))
}

fn header_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Who asks, by address. Requests that come without one share a place.
fn address(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}

/// Where links begin: as configured, else as the caller has reached us.
pub fn public_url(app: &AppState, headers: &HeaderMap) -> String {
    if !app.config.public_url.is_empty() {
        return app.config.public_url.trim_end_matches('/').to_owned();
    }
    let plain = |host: &&str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
    };
    let host = header_of(headers, "host").filter(plain).unwrap_or("localhost");
    format!("http://{host}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
