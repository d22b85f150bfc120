//! One request to this API, past the door: who asks, what was said, and the few ways on from there.
//!
//! An extractor for each kind of door gives a handler its `Call`: the request was read within its bounds, holds no
//! card data where none may be, and its caller passed. What is left to a handler is load, authorise, say the
//! command.

use super::Dialect;
use super::answer::{Show, Surroundings, via, write};
use super::auth::{Caller, Door, enter};
use super::read::{Payments, card_paths};
use super::refuse::{About, Refused, Words, respond, trouble};
use crate::kit::{Limits, Map, Params, ParseError, Value, card_guard};
use crate::server::{AppState, Incoming, Unreadable, once};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use domain::catalog::Catalog;
use domain::command::{Command, LineChange};
use domain::money::Currency;
use domain::order::{Order, Phase};
use domain::{LineId, OrderId, VariantId};
use engine::ports::OrderKey;
use engine::{Ask, Once, Reply, Target, Trouble};
use std::sync::Arc;

/// What a handler answers.
pub type Answered = Result<Response, Refused>;

/// A request past the door.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Call {
    pub dialect: Dialect,
    pub app: AppState,
    pub params: Params,
    pub caller: Caller,
    pub catalog: Arc<Catalog>,
    pub once: Option<Once>,
}

/// A call that guests may make to begin an order.
#[allow(missing_debug_implementations)]
pub struct GuestCall(pub Call);

/// A call that anyone may make.
#[allow(missing_debug_implementations)]
pub struct OpenCall(pub Call);

/// A call about a shipment, open to whoever may change its order.
#[allow(missing_debug_implementations)]
pub struct ShipmentCall(pub Call);

impl FromRequest<AppState> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Refused> {
        Call::of(request, app, Door::Keyed).await
    }
}

macro_rules! door {
    ($($name:ident => $door:expr),* $(,)?) => {$(
        impl FromRequest<AppState> for $name {
            type Rejection = Refused;

            async fn from_request(request: Request, app: &AppState) -> Result<$name, Refused> {
                Call::of(request, app, $door).await.map($name)
            }
        }
    )*};
}

/// A call that stands or falls with the caller's rights on the order.
#[allow(missing_debug_implementations)]
pub struct OrderCall(pub Call);

door!(OrderCall => Door::OfOrder, GuestCall => Door::GuestOrders, OpenCall => Door::Open, ShipmentCall => Door::OfShipment);

impl Call {
    async fn of(request: Request, app: &AppState, door: Door) -> Result<Call, Refused> {
        // Set by `speaking` around every router of the family.
        let dialect = request.extensions().get().copied().ok_or_else(Refused::broken)?;
        // Set by `uploads` around the few routes that take files.
        let limits = request.extensions().get().copied().unwrap_or(Limits::STANDARD);
        let incoming = Incoming::read(request, &limits).await.map_err(|error| unreadable(&error))?;
        let params = incoming.params(&limits).map_err(|error| unparsable(&error))?;
        let catalog = app.engine.catalog();
        guard(&params, &catalog)?;
        let caller = enter(app, &incoming, &params, door, dialect).await?;
        let once = once(&incoming, dialect.name(), caller.fingerprint().as_deref())
            .map_err(|error| Refused::sentence(StatusCode::BAD_REQUEST, error.to_string()))?;
        Ok(Call { dialect, app: app.clone(), params, caller, catalog, once })
    }

    pub fn admin(&self) -> bool {
        self.caller.is_admin()
    }

    /// Nobody but staff gets past here.
    ///
    /// # Errors
    /// 401 for everyone else.
    pub fn staff_only(&self) -> Result<(), Refused> {
        if self.admin() { Ok(()) } else { Err(Refused::not_permitted()) }
    }

    /// As [`Call::staff_only`], where the record is named in the path.
    ///
    /// # Errors
    /// 401 or 404, by dialect.
    pub fn staff_of_record(&self) -> Result<(), Refused> {
        if self.admin() { Ok(()) } else { Err(self.dialect.not_for_you()) }
    }

    /// The order in the path.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn order(&self) -> Result<Arc<Order>, Refused> {
        let number = self.params.text("order_id").ok_or_else(Refused::not_found)?;
        self.find(&OrderKey::Number(number.to_owned())).await
    }

    /// An order by any key.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn find(&self, key: &OrderKey) -> Result<Arc<Order>, Refused> {
        let found = self.app.engine.order(key).await.map_err(|error| trouble(&error, OrderId(0)))?;
        found.ok_or_else(Refused::not_found)
    }

    /// The order in the path, if the caller may see it.
    ///
    /// # Errors
    /// 404 if there is none, 401 if it is somebody else's.
    pub async fn order_to_show(&self) -> Result<Arc<Order>, Refused> {
        let order = self.order().await?;
        if self.caller.may_show(&order) { Ok(order) } else { Err(Refused::not_permitted()) }
    }

    /// The order in the path, if the caller may change it.
    ///
    /// # Errors
    /// 404 if there is none, 401 if it is somebody else's or complete.
    pub async fn order_to_change(&self) -> Result<Arc<Order>, Refused> {
        let order = self.order().await?;
        if self.caller.may_update(&order) { Ok(order) } else { Err(Refused::not_permitted()) }
    }

    /// The parameters of the resource `root`: as sent, or unwrapped in a JSON body.
    pub fn resource(&mut self, root: &str, known: &[&str]) -> Option<Map> {
        self.params.wrap(root, known);
        self.params.get(root).and_then(Value::map).filter(|map| !map.is_empty()).cloned()
    }

    /// An integer parameter.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.params.get(name).and_then(Value::integer)
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// 422 naming it.
    pub fn required(&self, name: &str) -> Result<&Value, Refused> {
        self.params.get(name).filter(|value| !value.is_blank()).ok_or_else(|| self.missing_param(name))
    }

    /// Something that had to be there is not.
    pub fn missing_param(&self, name: &str) -> Refused {
        Refused::missing_param(self.dialect, name)
    }

    pub fn payments(&self, currency: Currency, about: About) -> Payments<'_> {
        let catalog = &*self.catalog;
        let admin = self.admin();
        Payments {
            dialect: self.dialect,
            app: &self.app,
            catalog,
            via: &via(catalog, self.dialect).key,
            currency,
            admin,
            about,
        }
    }

    /// Sends a command on an order and answers.
    ///
    /// # Errors
    /// The engine's trouble; the domain's refusals are answers.
    pub async fn command(&self, order: &Order, command: Command, about: About, show: Show) -> Answered {
        let variant = variant_in(&command, Some(order));
        let words = Words { variant, ..Words::of(order, about, &self.caller) };
        let reply = self.ask(Target::Order(order.id), command, None, show, words).await;
        reply.map(respond).map_err(|error| trouble(&error, order.id))
    }

    /// Sends a command that was made for this version of the order and no other.
    pub(super) async fn command_on_version(
        &self,
        order: &Order,
        command: Command,
        about: About,
    ) -> Result<Reply, Trouble> {
        let words = Words::of(order, about, &self.caller);
        self.ask(Target::Order(order.id), command, Some(order.version), Show::Order, words).await
    }

    /// Carries out a command that comes before the one that is answered; what it gives is its refusal.
    ///
    /// # Errors
    /// The engine's trouble.
    pub async fn beforehand(
        &self,
        order: &Order,
        command: Command,
        about: About,
    ) -> Result<Option<Reply>, Refused> {
        let words = Words::of(order, about, &self.caller);
        let caller = self.caller.clone();
        let ask = Ask::new(Target::Order(order.id), command, self.caller.actor(), move |answer| {
            write(answer, Show::Nothing, &caller, &words)
        });
        let reply = self.app.engine.execute(ask).await.map_err(|error| trouble(&error, order.id))?;
        Ok(Some(reply).filter(|reply| reply.status != StatusCode::NO_CONTENT))
    }

    /// Begins an order and answers.
    ///
    /// # Errors
    /// The engine's trouble; the domain's refusals are answers.
    pub async fn create(&self, command: Command, currency: Currency) -> Answered {
        let about = About::Order;
        let variant = variant_in(&command, None);
        let words = Words {
            dialect: self.dialect,
            about,
            admin: self.admin(),
            variant,
            order: OrderId(0),
            phase: Phase::Cart,
            currency,
        };
        let reply = self.ask(Target::New, command, None, Show::NewOrder, words).await;
        reply.map(respond).map_err(|error| trouble(&error, OrderId(0)))
    }

    async fn ask(
        &self,
        target: Target,
        command: Command,
        version: Option<u64>,
        show: Show,
        words: Words,
    ) -> Result<Reply, Trouble> {
        let caller = self.caller.clone();
        let ask = Ask::new(target, command, self.caller.actor(), move |answer| {
            write(answer, show, &caller, &words)
        });
        self.app.engine.execute(ask.once(self.once).expecting(version)).await
    }

    /// What views look at beside an order.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn around(&self, order: &Order) -> Result<Surroundings, Refused> {
        let engine = &self.app.engine;
        let variants: Vec<_> = order.lines.iter().map(|line| line.variant).collect();
        let failed = |error: Trouble| trouble(&error, order.id);
        Ok(Surroundings {
            stock: engine.stock(&variants).await.map_err(failed)?,
            buyer: engine.buyer_of(order).await.map_err(failed)?,
            catalog: Arc::clone(&self.catalog),
            now: engine.now(),
        })
    }
}

/// The variant a change of the cart is about; the first, if it is about several.
fn variant_in(command: &Command, order: Option<&Order>) -> Option<VariantId> {
    let of_line = |line: &LineId| order?.line(*line).map(|line| line.variant);
    let of_changes = |changes: &[LineChange]| match changes.first()? {
        LineChange::Add(new) => Some(new.variant),
        LineChange::Set { line, .. } => of_line(line),
    };
    match command {
        Command::AddLine(new) => Some(new.variant),
        Command::SetLine { line, .. } => of_line(line),
        Command::Edit(edit) => of_changes(&edit.lines),
        Command::Create(new) => of_changes(&new.edit.lines),
        _ => None,
    }
}

/// No card number and no security code but where the test gateway takes them.
fn guard(params: &Params, catalog: &Catalog) -> Result<(), Refused> {
    let taken = card_paths(params, catalog);
    let paths: Vec<&str> = taken.iter().map(String::as_str).collect();
    match card_guard::find(params, &card_guard::Allow { paths: &paths }) {
        None => Ok(()),
        Some(finding) => Err(Refused::card_data(&finding.path)),
    }
}

fn unreadable(error: &Unreadable) -> Refused {
    match error {
        Unreadable::TooLarge(bytes) => {
            let sentence = format!("The body is too large: at most {bytes} bytes are read.");
            Refused::sentence(StatusCode::PAYLOAD_TOO_LARGE, sentence)
        }
        Unreadable::Broken => Refused::sentence(StatusCode::BAD_REQUEST, "The request could not be read."),
        Unreadable::Packed => {
            Refused::sentence(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Packed bodies are not read here.")
        }
    }
}

fn unparsable(error: &ParseError) -> Refused {
    let status = StatusCode::from_u16(error.usual_status()).unwrap_or(StatusCode::BAD_REQUEST);
    Refused::sentence(status, error.to_string())
}
