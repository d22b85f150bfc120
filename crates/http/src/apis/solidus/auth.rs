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

use super::channel::NAME;
use super::refuse::{Refused, trouble};
use crate::kit::Params;
use crate::server::{AppState, Authentication, GuestOrders, Incoming};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::OrderId;
use domain::channel::ChannelKey;
use domain::order::{Order, Secret};
use domain::user::{Actor, User, Who};
use engine::ports::{OrderKey, UserKey};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// What an endpoint asks of a caller before it looks at anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A key, or an order's secret.
    Keyed,
    /// Also guests, if the shop lets them begin orders.
    GuestOrders,
    /// Anyone: the endpoint tells nothing about the shop's customers.
    Open,
    /// Like `Keyed`; the order whose secret is shown is the one of the shipment in the path.
    OfShipment,
}

/// Whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    user: Option<Arc<User>>,
    /// The secret that was sent, if it can be one.
    secret: Option<Secret>,
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
) -> Result<Caller, Refused> {
    let key = key_of(request, params);
    let user = match key {
        Some(key) => user_of(app, key).await?,
        None => None,
    };
    let token = sent(request.header("x-spree-order-token"), params.text("order_token"));
    let caller = Caller { user, secret: token.and_then(secret_of) };
    if token.is_some() && !caller.is_admin() {
        let order = order_of(app, params, door).await?;
        match order {
            Some(order) if caller.may_show(&order) => return Ok(caller),
            _ => return Err(Refused::not_permitted()),
        }
    }
    if caller.user.is_some() || token.is_some() {
        return Ok(caller);
    }
    match (key, door) {
        (_, Door::Open) => Ok(caller),
        (Some(key), _) => Err(Refused::unknown_key(key)),
        (None, Door::GuestOrders) if app.config.guest_orders == GuestOrders::Allowed => Ok(caller),
        (None, _) if app.config.authentication == Authentication::Optional => Ok(caller),
        (None, _) => Err(Refused::no_key()),
    }
}

/// A header wins over a parameter; an empty one is not there.
fn sent<'a>(header: Option<&'a str>, param: Option<&'a str>) -> Option<&'a str> {
    header.filter(|value| !value.is_empty()).or(param).filter(|value| !value.is_empty())
}

/// The header counts only if it begins with `Bearer `.
fn key_of<'a>(request: &'a Incoming, params: &'a Params) -> Option<&'a str> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    sent(bearer.map(str::trim), params.text("token"))
}

async fn user_of(app: &AppState, key: &str) -> Result<Option<Arc<User>>, Refused> {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    app.engine.user(&UserKey::Key(hash)).await.map_err(|error| trouble(&error, OrderId(0)))
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

/// Either spelling of a secret: 22 characters of URL-safe base64, or 32 hexadecimal digits.
fn secret_of(text: &str) -> Option<Secret> {
    let bytes = match text.len() {
        22 => URL_SAFE_NO_PAD.decode(text).ok()?,
        32 => (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
            .collect::<Option<Vec<u8>>>()?,
        _ => return None,
    };
    bytes.try_into().ok().map(Secret)
}

impl Caller {
    pub fn user(&self) -> Option<&Arc<User>> {
        self.user.as_ref()
    }

    pub fn is_admin(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.is_admin())
    }

    fn owns(&self, order: &Order) -> bool {
        self.user.as_ref().is_some_and(|user| order.customer == Some(user.id))
    }

    fn knows(&self, order: &Order) -> bool {
        self.secret.is_some_and(|secret| bool::from(secret.0.ct_eq(&order.secret.0)))
    }

    pub fn may_show(&self, order: &Order) -> bool {
        self.is_admin() || self.owns(order) || self.knows(order)
    }

    pub fn may_update(&self, order: &Order) -> bool {
        self.is_admin() || (!order.is_placed() && (self.owns(order) || self.knows(order)))
    }

    /// What an answer says about the caller's rights: by key alone, whatever secret was sent.
    pub fn key_may_update(&self, order: &Order) -> bool {
        self.is_admin() || (!order.is_placed() && self.owns(order))
    }

    pub fn actor(&self) -> Actor {
        let who = match &self.user {
            Some(user) if user.is_admin() => Who::Admin(user.id),
            Some(user) => Who::Customer(user.id),
            None => Who::Guest,
        };
        Actor { who, via: ChannelKey::new(NAME) }
    }

    /// Who asks, for the name of an idempotency row. Secrets are hashed.
    pub fn fingerprint(&self) -> String {
        match (&self.user, self.secret) {
            (Some(user), _) => format!("user {}", user.id),
            (None, Some(secret)) => {
                let hash = Sha256::digest(secret.0);
                hash.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            (None, None) => "guest".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_two_spellings() {
        let secret = Secret([0xab; 16]);
        let hex = "ab".repeat(16);
        let base64 = URL_SAFE_NO_PAD.encode([0xab; 16]);
        assert_eq!(base64.len(), 22);
        assert_eq!(secret_of(&hex), Some(secret));
        assert_eq!(secret_of(&hex.to_uppercase()), Some(secret));
        assert_eq!(secret_of(&base64), Some(secret));
        for bad in ["", "NOT_A_TOKEN", &"zz".repeat(16), &"é".repeat(11), &"é".repeat(16), &"+".repeat(22)]
        {
            assert_eq!(secret_of(bad), None, "{bad}");
        }
    }
}
