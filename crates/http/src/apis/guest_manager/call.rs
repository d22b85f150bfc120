//! One request to this API, past the door: whose key it is, what was said, and the few ways on from there.
//!
//! In this order: throttle → key → permission → format → parameters → no card data. What is left to a handler is to
//! find the order, read its data, say the command.

use super::answer::{Manner, Show, Surroundings, write};
use super::auth::{Caller, Permission, Shown, shown};
use super::channel::NAME;
use super::refuse::{About, Refused, respond};
use super::views;
use crate::kit::{Limits, Params, Value, card_guard};
use crate::server::{AppState, Incoming, once};
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::response::Response;
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{Command, StepData, Walk};
use domain::order::{CheckoutMode, Order};
use domain::refusal::Refusal;
use domain::ticketing::{availability, steps};
use domain::user::Actor;
use domain::{LineId, OrderId, VariantId};
use engine::ports::OrderKey;
use engine::{Ask, Once, Reply, Target, Trouble};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// What a handler answers.
pub type Answered = Result<Response, Refused>;

/// A card's security code is documented for this API. It is taken here and nowhere else, and dropped unread.
const SECURITY_CODES: [&str; 4] = [
    "order.payments.*.source.cvv",
    "payments.*.source.cvv",
    "order.payments.source.cvv",
    "payments.source.cvv",
];

/// A request past the door.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Call {
    pub app: AppState,
    pub params: Params,
    pub caller: Caller,
    pub catalog: Arc<Catalog>,
    pub once: Option<Once>,
    /// The version the caller believes in.
    pub version: Option<u64>,
    pub manner: Manner,
    /// Without its body.
    pub incoming: Incoming,
}

/// A request that only staff's keys may make.
#[allow(missing_debug_implementations)]
pub struct StaffCall(pub Call);

impl FromRequest<AppState> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Refused> {
        let permission = Permission::of(request.method());
        Call::of(request, app, permission).await
    }
}

impl FromRequest<AppState> for StaffCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<StaffCall, Refused> {
        Call::of(request, app, Permission::Admin).await.map(StaffCall)
    }
}

impl Call {
    async fn of(request: Request, app: &AppState, permission: Permission) -> Result<Call, Refused> {
        let limits = Limits::STANDARD;
        app.config.throttle.admit(address(&request)).map_err(Refused::too_many_requests)?;
        let mut incoming =
            Incoming::read(request, &limits).await.map_err(|error| Refused::unreadable(&error))?;
        let caller = Caller::read(&app.engine, &incoming).await?;
        caller.need(permission)?;
        let params = parameters(&incoming, &limits)?;
        acceptable(&incoming, &params)?;
        if let Some(found) = card_guard::find(&params, &card_guard::Allow::paths(&SECURITY_CODES)) {
            return Err(Refused::card_data(&found.path));
        }
        let once = once(&incoming, NAME, Some(&caller.fingerprint()))
            .map_err(|error| Refused::bad_request(error.to_string()))?;
        let manner =
            Manner { public_url: public_url(app, &incoming).into(), fields: Manner::fields(&params) };
        incoming.body = bytes::Bytes::new();
        Ok(Call {
            catalog: app.engine.catalog(),
            app: app.clone(),
            version: stated_version(&incoming),
            params,
            caller,
            once,
            manner,
            incoming,
        })
    }

    /// A part of the path by its name in the route.
    pub fn path(&self, name: &str) -> &str {
        self.incoming.path_param(name).unwrap_or_default()
    }

    /// The order in the path, by id or number, if there is such an order for this caller.
    ///
    /// # Errors
    /// 404 if there is none, 403 if a secret was sent that is not its own.
    pub async fn order(&self) -> Result<Arc<Order>, Refused> {
        let name = self.path("order_key");
        let none = || Refused::not_found("Order", name);
        let id = Value::from(name).integer().map(|id| OrderKey::Id(OrderId(id)));
        let by_id = match id {
            Some(key) => self.find(&key).await?,
            None => None,
        };
        let found = match by_id {
            Some(order) => Some(order),
            None => self.find(&OrderKey::Number(name.to_owned())).await?,
        };
        let order = found.ok_or_else(none)?;
        let sent = [&["guest_token"][..], &["order", "guest_token"]];
        let sent = sent.into_iter().filter_map(|steps| self.params.path(steps)?.text());
        let shown = shown(&order, sent);
        if !self.caller.sees(&order) && shown != Shown::Right {
            return Err(none());
        }
        match shown {
            Shown::Right => Ok(order),
            Shown::Nothing if self.caller.is_admin() || !self.needs_token() => Ok(order),
            Shown::Nothing | Shown::Wrong => Err(Refused::wrong_token()),
        }
    }

    /// Where several currencies are sold, a key alone does not open an order.
    fn needs_token(&self) -> bool {
        super::catalogue::is_multi_currency(&self.catalog)
    }

    /// The order in the path, to be changed.
    ///
    /// # Errors
    /// As [`Call::order`]; 400 if its buyer has to sign in.
    pub async fn order_to_change(&self) -> Result<Arc<Order>, Refused> {
        let order = self.order().await?;
        match order.ticketing.mode {
            CheckoutMode::Guest => Ok(order),
            CheckoutMode::Standard => Err(Refused::guest_checkout_required()),
        }
    }

    /// An order by any key.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn find(&self, key: &OrderKey) -> Result<Option<Arc<Order>>, Refused> {
        self.app.engine.order(key).await.map_err(|error| Refused::trouble(&error))
    }

    /// Sends a command on an order for its buyer, and answers.
    ///
    /// # Errors
    /// The engine's trouble; the domain's refusals are answers.
    pub async fn command(&self, order: &Order, command: Command, about: About, show: Show) -> Answered {
        let reply = self.ask(order, command, about, show, self.version).await;
        let reply = reply.map_err(|error| Refused::trouble(&error))?;
        self.with_places(order.id, reply).await.map(respond)
    }

    /// Sends a command that was made for this version of the order and no other.
    ///
    /// # Errors
    /// `VersionMismatch` if the order moved meanwhile.
    pub async fn command_on_version(
        &self,
        order: &Order,
        command: Command,
        about: About,
    ) -> Result<Reply, Trouble> {
        if self.version.is_some_and(|version| version != order.version) {
            return Err(Trouble::VersionMismatch { actual: order.version });
        }
        self.ask(order, command, about, Show::Order, Some(order.version)).await
    }

    async fn ask(
        &self,
        order: &Order,
        command: Command,
        about: About,
        show: Show,
        version: Option<u64>,
    ) -> Result<Reply, Trouble> {
        let actor = self.caller.for_the_buyer();
        self.execute(Target::Order(order.id), command, actor, about, show, version).await
    }

    /// As [`Call::command`], with the rights of staff.
    ///
    /// # Errors
    /// The engine's trouble.
    pub async fn command_of_staff(
        &self,
        order: &Order,
        command: Command,
        about: About,
        show: Show,
    ) -> Answered {
        let (target, actor) = (Target::Order(order.id), self.caller.as_staff());
        let reply = self.execute(target, command, actor, about, show, self.version).await;
        let reply = reply.map_err(|error| Refused::trouble(&error))?;
        self.with_places(order.id, reply).await.map(respond)
    }

    /// Puts the places of an order into an answer that says it waits: they are known once it is on the list.
    async fn with_places(&self, order: OrderId, mut reply: Reply) -> Result<Reply, Refused> {
        const WAITS: &[u8] = br#""state":"requested""#;
        let wanted =
            self.manner.fields.iter().any(|field| field == "request_position" || field == "line_items");
        if reply.status != 200 || !(wanted || reply.body.windows(WAITS.len()).any(|part| part == WAITS)) {
            return Ok(reply);
        }
        let Some(order) = self.find(&OrderKey::Id(order)).await? else { return Ok(reply) };
        let places = self.places(&order).await?;
        let body = serde_json::from_slice(&reply.body).ok().filter(|_| !places.is_empty());
        let Some(serde_json::Value::Object(mut body)) = body else { return Ok(reply) };
        let place_of = |line: &serde_json::Value| {
            let id = line["id"].as_i64().map(LineId);
            places.iter().find(|(known, _)| Some(*known) == id).map(|(_, place)| *place)
        };
        for line in body.get_mut("line_items").and_then(|lines| lines.as_array_mut()).into_iter().flatten() {
            line["request_position"] = place_of(line).into();
        }
        if let Some(position) = body.get_mut("request_position") {
            *position = places.iter().map(|(_, place)| *place).max().into();
        }
        reply.body = serde_json::Value::Object(body).to_string().into_bytes();
        Ok(reply)
    }

    async fn places(&self, order: &Order) -> Result<Vec<(LineId, u64)>, Refused> {
        self.app.engine.queue_places(order).await.map_err(|error| Refused::trouble(&error))
    }

    /// Begins an order.
    ///
    /// # Errors
    /// The engine's trouble.
    pub async fn create(&self, command: Command) -> Result<Reply, Refused> {
        let actor = self.caller.for_the_buyer();
        let reply = self.execute(Target::New, command, actor, About::Cart, Show::NewOrder, None).await;
        reply.map_err(|error| Refused::trouble(&error))
    }

    async fn execute(
        &self,
        target: Target,
        command: Command,
        actor: Actor,
        about: About,
        show: Show,
        version: Option<u64>,
    ) -> Result<Reply, Trouble> {
        let manner = self.manner.clone();
        let ask = Ask::new(target, command, actor, move |answer| write(answer, show, &about, &manner));
        self.app.engine.execute(ask.once(self.once).expecting(version)).await
    }

    /// Step data that cannot be read are refused, but only after what would stop any checkout of this order.
    ///
    /// # Errors
    /// The engine's trouble.
    pub async fn refuse_step(&self, order: &Order, state: &str, refused: Refused) -> Answered {
        // No step of this API: so the walk ends at the last check before step data.
        let walk = Walk { submit: Some((Step::Terms, StepData::Nothing)), ..Walk::default() };
        let (about, manner) = (About::Checkout(state.to_owned()), self.manner.clone());
        let actor = self.caller.for_the_buyer();
        let target = Target::Order(order.id);
        let ask = Ask::new(target, Command::Walk(Box::new(walk)), actor, move |answer| match answer.result {
            Err(Refusal::NoSuchStep { .. }) => refused.clone().into_reply(),
            _ => write(answer, Show::Order, &about, &manner),
        });
        let reply = self.app.engine.execute(ask.once(self.once).expecting(self.version)).await;
        reply.map(respond).map_err(|error| Refused::trouble(&error))
    }

    /// What views look at beside an order.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn around(&self, order: &Order) -> Result<Surroundings, Refused> {
        let engine = &self.app.engine;
        let variants = availability::stock_of(&self.catalog, shown_variants(order, &self.catalog));
        Ok(Surroundings {
            stock: engine.stock(&variants).await.map_err(|error| Refused::trouble(&error))?,
            catalog: Arc::clone(&self.catalog),
            buyer: engine.buyer_of(order).await.map_err(|error| Refused::trouble(&error))?,
            now: engine.now(),
            places: self.places(order).await?,
            public_url: Arc::clone(&self.manner.public_url),
        })
    }

    /// The order as an answer.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn show(&self, order: &Order, status: u16) -> Answered {
        let around = self.around(order).await?;
        Ok(respond(self.manner.reply(status, &views::order(order, &around.lens()))))
    }
}

/// Variants of an order's lines, and those one may choose or add at a step.
fn shown_variants(order: &Order, catalog: &Catalog) -> BTreeSet<VariantId> {
    let mut shown = BTreeSet::new();
    for line in &order.lines {
        shown.insert(line.variant);
        if let Some((product, _)) = catalog.variant(line.variant)
            && steps::is_unspecific(line, catalog)
        {
            shown.extend(steps::choices(product).map(|variant| variant.id));
        }
        for (_, product) in steps::addons(line, catalog, order.updated_at) {
            shown.extend(product.all_variants().map(|variant| variant.id));
        }
    }
    shown
}

/// Who asks, by address. Requests that come without one share a place.
fn address(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}

/// All parameters. A `GET` may bring them in a body; there the query string counts more.
fn parameters(incoming: &Incoming, limits: &Limits) -> Result<Params, Refused> {
    let mut params = incoming.params(limits).map_err(|error| Refused::unparsable(&error))?;
    if incoming.method.is_safe() {
        let query = incoming.query_params(limits).map_err(|error| Refused::unparsable(&error))?;
        params.overlay(query);
    }
    Ok(params)
}

/// Only JSON is served.
fn acceptable(incoming: &Incoming, params: &Params) -> Result<(), Refused> {
    let json = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "" | "*/*" | "application/*" | "application/json" | "text/json")
            || (kind.starts_with("application/") && kind.ends_with("+json"))
    };
    let accepted = incoming.header("accept").is_none_or(|accept| accept.split(',').any(json));
    let asked = params.text("format").is_none_or(|format| format.eq_ignore_ascii_case("json"));
    if accepted && asked { Ok(()) } else { Err(Refused::not_acceptable()) }
}

/// `If-Match: "7"`. What is no version matches none.
fn stated_version(incoming: &Incoming) -> Option<u64> {
    let stated = incoming.header("if-match")?.trim();
    if stated == "*" {
        return None;
    }
    let bare = stated.strip_prefix("W/").unwrap_or(stated).trim_matches('"');
    Some(bare.parse().unwrap_or(u64::MAX))
}

/// Where links begin: as configured, else as the caller has reached us.
fn public_url(app: &AppState, incoming: &Incoming) -> String {
    if !app.config.public_url.is_empty() {
        return app.config.public_url.trim_end_matches('/').to_owned();
    }
    let plain = |host: &&str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
    };
    let host = incoming.header("host").filter(plain).unwrap_or("localhost");
    format!("http://{host}")
}
