//! Who asks, and what they may do. Two credentials, checked in a fixed order on every request: the order's secret
//! first, the API key second.
//!
//! | caller | sees | changes |
//! | --- | --- | --- |
//! | staff | every order | every order |
//! | the order's account | it | it, until it is complete |
//! | whoever has the order's secret | it | it, until it is complete |
//!
//! Keys are looked up by their SHA-256, secrets compared in constant time. Neither is ever logged or stored.

use super::Dialect;
use super::refuse::{Refused, trouble};
use crate::kit::Params;
use crate::server::{AppState, Authentication, Credentials, GuestOrders, Incoming, sent};
use domain::OrderId;
use domain::channel::ChannelKey;
use domain::order::Order;
use domain::user::{Actor, User};
use engine::ports::OrderKey;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What an endpoint asks of a caller before it looks at anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A key, or an order's secret.
    Keyed,
    /// Also guests, if the shop lets them begin orders.
    GuestOrders,
    /// Anyone: the endpoint tells nothing about the shop's customers.
    Open,
    /// Whoever may change the order, which is asked by the handler. Solidus asks for a key first.
    OfOrder,
    /// Like `Keyed`; the order whose secret is shown is the one of the shipment in the path.
    OfShipment,
}

/// Whoever asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What they speak.
    pub dialect: Dialect,
    credentials: Credentials,
}

/// Passes the door, or says why not.
///
/// # Errors
/// 401 in the words that fit, or the engine's trouble.
pub async fn enter(
    app: &AppState,
    request: &Incoming,
    params: &Params,
    door: Door,
    dialect: Dialect,
) -> Result<Caller, Refused> {
    let key = sent(dialect.key_in_headers(request), params.text("token"));
    let token = sent(request.header("x-spree-order-token"), params.text("order_token"));
    let credentials = Credentials::read(&app.engine, key, token).await;
    let caller = Caller { dialect, credentials: credentials.map_err(|error| trouble(&error, OrderId(0)))? };
    if token.is_some() && !caller.is_admin() {
        let order = order_of(app, params, door).await?;
        match order {
            Some(order) if caller.may_show(&order) => return Ok(caller),
            _ => return Err(Refused::not_permitted()),
        }
    }
    if caller.user().is_some() || token.is_some() {
        return Ok(caller);
    }
    match (key, door) {
        (_, Door::Open) => Ok(caller),
        (_, Door::OfOrder) if dialect == Dialect::Spree => Ok(caller),
        (Some(key), _) => Err(Refused::unknown_key(key)),
        (None, Door::GuestOrders)
            if dialect.has_guest_orders() && app.config.guest_orders == GuestOrders::Allowed =>
        {
            Ok(caller)
        }
        (None, _) if app.config.authentication == Authentication::Optional => Ok(caller),
        (None, _) => Err(Refused::no_key()),
    }
}

/// The order a request names, by path or parameter.
async fn order_of(app: &AppState, params: &Params, door: Door) -> Result<Option<Arc<Order>>, Refused> {
    let number = |keys: [&str; 3]| keys.into_iter().find_map(|key| params.text(key)).map(str::to_owned);
    let key = match door {
        Door::OfShipment => {
            params.text("shipment_number").map(|number| OrderKey::Shipment(number.to_owned()))
        }
        _ => number(["order_id", "checkout_id", "order_number"]).map(OrderKey::Number),
    };
    let Some(key) = key else { return Ok(None) };
    app.engine.order(&key).await.map_err(|error| trouble(&error, OrderId(0)))
}

impl Caller {
    pub fn user(&self) -> Option<&Arc<User>> {
        self.credentials.user()
    }

    pub fn is_admin(&self) -> bool {
        self.credentials.is_admin()
    }

    pub fn may_show(&self, order: &Order) -> bool {
        self.credentials.may_show(order)
    }

    pub fn may_update(&self, order: &Order) -> bool {
        self.is_admin() || (!order.is_placed() && self.may_show(order))
    }

    /// What an answer says about the caller's rights: in Solidus by key alone, whatever secret was sent.
    pub fn shown_right(&self, order: &Order) -> bool {
        match self.dialect {
            Dialect::Solidus => self.key_may_update(order),
            Dialect::Spree => self.may_update(order),
        }
    }

    fn key_may_update(&self, order: &Order) -> bool {
        self.is_admin() || (!order.is_placed() && self.credentials.owns(order))
    }

    pub fn actor(&self) -> Actor {
        Actor { who: self.credentials.who(), via: ChannelKey::new(self.dialect.name()) }
    }

    /// Who asks, for the name of an idempotency row; `None` is nobody in particular. Secrets are hashed.
    pub fn fingerprint(&self) -> Option<String> {
        match (self.user(), self.credentials.secret()) {
            (Some(user), _) => Some(format!("user {}", user.id)),
            (None, Some(secret)) => {
                let hash = Sha256::digest(secret.0);
                Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
            }
            (None, None) => None,
        }
    }
}
