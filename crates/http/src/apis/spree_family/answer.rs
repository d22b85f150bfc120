//! From an order to an answer: which view, with which status, in bytes.
//!
//! The engine calls this before it commits, so that a kept reply and the change it tells of become durable
//! together. It only writes.

use super::Dialect;
use super::auth::Caller;
use super::refuse::{self, APPLIED, JSON, Refused, Words, accepted, refused, removed};
use super::views::{self, Lens};
use axum::response::Response;
use domain::Time;
use domain::catalog::{Catalog, StockView};
use domain::channel::{Channel, ChannelKey};
use domain::decision::Focus;
use domain::order::{Order, Shipment};
use domain::refusal::Refusal;
use domain::user::Buyer;
use domain::{ShipmentId, UnitId};
use engine::{Answer, Reply};
use serde::Serialize;
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// What an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    Order,
    NewOrder,
    /// The order, also if it could not do what was asked: it came as far as it could.
    OrderAsFarAsItCame,
    Line,
    NewLine,
    Payment,
    NewPayment,
    Address,
    /// The shipment the command was about.
    Shipment,
    ShipmentOf(ShipmentId),
    CodeApplied,
    CodeRemoved,
    Return,
    NewReturn,
    NewCustomerReturn,
    Unit(UnitId),
    Transferred,
    Nothing,
}

/// A dialect's channel as configured; as a stock installation has it if it is not.
pub fn via(catalog: &Catalog, dialect: Dialect) -> &Channel {
    static STOCK: [OnceLock<Channel>; 2] = [OnceLock::new(), OnceLock::new()];
    let stock = match dialect {
        Dialect::Solidus => &STOCK[0],
        Dialect::Spree => &STOCK[1],
    };
    let configured = catalog.settings.channel(&ChannelKey::new(dialect.name()));
    configured.unwrap_or_else(|| stock.get_or_init(|| dialect.channel()))
}

/// What is read beside an order to show it.
#[derive(Debug)]
pub struct Surroundings {
    pub catalog: Arc<Catalog>,
    pub stock: StockView,
    pub buyer: Buyer,
    pub now: Time,
}

impl Surroundings {
    pub fn lens<'a>(&'a self, caller: &Caller, order: &Order) -> Lens<'a> {
        Lens {
            catalog: &self.catalog,
            stock: &self.stock,
            buyer: &self.buyer,
            dialect: caller.dialect,
            channel: via(&self.catalog, caller.dialect),
            admin: caller.is_admin(),
            now: self.now,
            can_update: caller.shown_right(order),
        }
    }
}

/// The reply to a command.
pub fn write(answer: &Answer<'_>, show: Show, caller: &Caller, words: &Words) -> Reply {
    let done = match answer.result {
        Ok(done) => done,
        Err(refusal) if show == Show::OrderAsFarAsItCame && !stops(refusal) => {
            let Some(order) = answer.order else { return Refused::not_found().into_reply() };
            let lens = lens(answer, caller, order);
            return body(200, &views::order_big(order, &lens)).unwrap_or_else(Refused::into_reply);
        }
        Err(refusal) => {
            // A new order has its id and phase only now.
            let now = |order| Words { variant: words.variant, ..Words::of(order, words.about, caller) };
            let words = answer.order.map_or(*words, now);
            return refused(refusal, &words, answer.catalog).into_reply();
        }
    };
    let lens = lens(answer, caller, done.order);
    written(done.order, done.focus, show, &lens).unwrap_or_else(Refused::into_reply)
}

/// Refusals that are no matter of how far an order came: it could not be looked at, or has to be looked at again.
fn stops(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::InsufficientStock(_) | Refusal::Placing | Refusal::AlreadyComplete | Refusal::NotModifiable
    )
}

fn lens<'a>(answer: &Answer<'a>, caller: &Caller, order: &Order) -> Lens<'a> {
    Lens {
        catalog: answer.catalog,
        stock: answer.stock,
        buyer: answer.buyer,
        dialect: caller.dialect,
        channel: via(answer.catalog, caller.dialect),
        admin: caller.is_admin(),
        now: answer.now,
        can_update: caller.shown_right(order),
    }
}

fn written(order: &Order, focus: Option<Focus>, show: Show, lens: &Lens<'_>) -> Result<Reply, Refused> {
    match show {
        Show::Order | Show::OrderAsFarAsItCame => body(200, &views::order_big(order, lens)),
        Show::NewOrder => body(201, &views::order_big(order, lens)),
        Show::Line => line(200, order, focus, lens),
        Show::NewLine => line(201, order, focus, lens),
        Show::Payment => payment(200, order, focus, lens),
        Show::NewPayment => payment(201, order, focus, lens),
        Show::Address => {
            let Some(Focus::Address(id)) = focus else { return Err(Refused::not_found()) };
            let known = [&order.bill_address, &order.ship_address];
            let address = known.into_iter().flatten().find(|address| address.id == id);
            let address = address.ok_or_else(Refused::not_found)?;
            body(200, &views::address(address, &lens.catalog.settings.geography, lens.dialect))
        }
        Show::Shipment => match focus {
            Some(Focus::Shipment(id)) => shipment(order, id, lens),
            _ => Err(Refused::not_found()),
        },
        Show::ShipmentOf(id) => shipment(order, id, lens),
        Show::CodeApplied => body(200, &accepted(APPLIED)),
        Show::CodeRemoved => body(200, &accepted(removed(lens.dialect))),
        Show::Return => returned(200, order, focus, lens),
        Show::NewReturn => returned(201, order, focus, lens),
        Show::NewCustomerReturn => {
            let Some(Focus::Return(id)) = focus else { return Err(Refused::not_found()) };
            let found = order.customer_returns.iter().find(|returned| returned.id == id);
            body(201, &views::customer_return(found.ok_or_else(Refused::not_found)?, lens))
        }
        Show::Unit(id) => body(200, &views::inventory_unit(order, id).ok_or_else(Refused::not_found)?),
        Show::Transferred => {
            let status = if lens.dialect == Dialect::Spree { 201 } else { 202 };
            body(status, &json!({ "success": true, "message": "Variants successfully transferred" }))
        }
        Show::Nothing => Ok(Reply::new(204, "", Vec::new())),
    }
}

/// The line the command was about. One that was removed by setting its quantity to 0 cannot be shown.
fn line(status: u16, order: &Order, focus: Option<Focus>, lens: &Lens<'_>) -> Result<Reply, Refused> {
    let Some(Focus::Line(id)) = focus else { return Err(Refused::not_found()) };
    let line = order.line(id).ok_or_else(Refused::not_found)?;
    body(status, &views::line_item(line, order, lens))
}

fn payment(status: u16, order: &Order, focus: Option<Focus>, lens: &Lens<'_>) -> Result<Reply, Refused> {
    let Some(Focus::Payment(id)) = focus else { return Err(Refused::not_found()) };
    let payment = order.payment(id).ok_or_else(Refused::not_found)?;
    body(status, &views::payment(payment, order, lens))
}

/// A shipment that lost its last piece is gone, and its answer is what it was about: nothing.
fn shipment(order: &Order, id: ShipmentId, lens: &Lens<'_>) -> Result<Reply, Refused> {
    let shipment: &Shipment = order.shipment(id).ok_or_else(Refused::not_found)?;
    body(200, &views::shipment_show(shipment, order, lens))
}

fn returned(status: u16, order: &Order, focus: Option<Focus>, lens: &Lens<'_>) -> Result<Reply, Refused> {
    let Some(Focus::Return(id)) = focus else { return Err(Refused::not_found()) };
    let authorization = order.returns.iter().find(|authorization| authorization.id == id);
    let authorization = authorization.ok_or_else(Refused::not_found)?;
    body(status, &views::return_authorization(authorization, order, lens))
}

/// A view as a reply.
///
/// # Errors
/// Never for the views of this API: their keys are texts.
pub fn body(status: u16, view: &impl Serialize) -> Result<Reply, Refused> {
    let bytes = serde_json::to_vec(view).map_err(|_| Refused::broken())?;
    Ok(Reply::new(status, JSON, bytes))
}

/// A view as a response.
///
/// # Errors
/// As [`body`].
pub fn json_response(status: u16, view: &impl Serialize) -> Result<Response, Refused> {
    body(status, view).map(refuse::respond)
}
