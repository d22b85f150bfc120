//! Who asks, and what their key is good for.
//!
//! | key of an account with the role | may |
//! | --- | --- |
//! | `api:read` | `GET` |
//! | `api:write` | `POST`, `PATCH`, `DELETE` |
//! | `admin` | both, and what is staff's |
//!
//! Keys are looked up by their SHA-256. An order begun elsewhere is seen only by who also has its secret; one order
//! of another company is not told apart from one that does not exist.

use super::channel::NAME;
use super::refuse::Refused;
use crate::server::{Credentials, Incoming, secret_of};
use axum::http::Method;
use domain::channel::ChannelKey;
use domain::order::Order;
use domain::user::{Actor, User, Who};
use engine::Engine;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The role of an account whose keys may read.
pub const READ_ROLE: &str = "api:read";
/// The role of an account whose keys may write.
pub const WRITE_ROLE: &str = "api:write";

/// What a key must be allowed for an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Read,
    Write,
    Admin,
}

impl Permission {
    /// What a method asks for, unless the endpoint asks for more.
    pub fn of(method: &Method) -> Permission {
        if method.is_safe() { Permission::Read } else { Permission::Write }
    }
}

/// The account of the key that was shown.
#[derive(Debug, Clone)]
pub struct Caller {
    user: Arc<User>,
    admin: bool,
}

impl Caller {
    /// Looks the key of a request up.
    ///
    /// # Errors
    /// 401 without a known key.
    pub async fn read(engine: &Engine, request: &Incoming) -> Result<Caller, Refused> {
        let key = request.header("authorization").and_then(key_in).ok_or_else(Refused::unauthorized)?;
        let credentials = Credentials::read(engine, Some(key), None).await;
        let credentials = credentials.map_err(|error| Refused::trouble(&error))?;
        let user = credentials.user().cloned().ok_or_else(Refused::unauthorized)?;
        Ok(Caller { user, admin: credentials.is_admin() })
    }

    /// # Errors
    /// 403 if the key is not allowed this.
    pub fn need(&self, permission: Permission) -> Result<(), Refused> {
        let has = |role: &str| self.user.roles.iter().any(|known| known == role);
        let allowed = self.admin
            || match permission {
                Permission::Read => has(READ_ROLE),
                Permission::Write => has(WRITE_ROLE),
                Permission::Admin => false,
            };
        if allowed { Ok(()) } else { Err(Refused::not_permitted(permission)) }
    }

    pub fn is_admin(&self) -> bool {
        self.admin
    }

    pub fn user(&self) -> &Arc<User> {
        &self.user
    }

    /// Somebody who does for the buyer what the buyer may do, whatever else the key is allowed.
    pub fn for_the_buyer(&self) -> Actor {
        Actor { who: Who::Customer(self.user.id), via: ChannelKey::new(NAME) }
    }

    /// Somebody who does what is staff's.
    pub fn as_staff(&self) -> Actor {
        let who = if self.admin { Who::Admin(self.user.id) } else { Who::Customer(self.user.id) };
        Actor { who, via: ChannelKey::new(NAME) }
    }

    /// For the name of an idempotency row.
    pub fn fingerprint(&self) -> String {
        format!("user {}", self.user.id)
    }

    /// Whether there is such an order for this caller, as far as its secret does not say more.
    pub fn sees(&self, order: &Order) -> bool {
        self.admin || &*order.origin.0 == NAME
    }
}

/// The key in an `Authorization` header of either scheme.
fn key_in(header: &str) -> Option<&str> {
    let (scheme, key) = header.trim().split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer");
    Some(key.trim()).filter(|key| known && !key.is_empty())
}

/// What a request says about an order's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    /// Also if another, right one was sent beside it.
    Wrong,
    Right,
}

/// Compares what was sent, in either spelling and in constant time.
pub fn shown<'a>(order: &Order, sent: impl IntoIterator<Item = &'a str>) -> Shown {
    let mut shown = Shown::Nothing;
    for text in sent {
        let known = secret_of(text).is_some_and(|secret| bool::from(secret.0.ct_eq(&order.secret.0)));
        shown = if known && shown != Shown::Wrong { Shown::Right } else { Shown::Wrong };
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_two_schemes() {
        for (header, key) in [
            ("Token abc", Some("abc")),
            ("token  abc ", Some("abc")),
            ("Bearer abc", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
            ("Token ", None),
            ("", None),
        ] {
            assert_eq!(key_in(header), key, "{header}");
        }
    }
}
