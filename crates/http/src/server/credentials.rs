//! Who asks: an API key or an order's secret, read in one way for every API that takes them.
//!
//! Keys are looked up by their SHA-256, secrets compared in constant time. Neither is ever logged or stored. What a
//! caller may do beyond seeing an order, and what is said to those who may not, is each API's own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::order::{Order, Secret};
use domain::user::{User, Who};
use engine::ports::UserKey;
use engine::{Engine, Trouble};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Whoever asks, as far as their credentials tell.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    user: Option<Arc<User>>,
    /// The secret that was sent, if it can be one.
    secret: Option<Secret>,
}

impl Credentials {
    /// Looks the key's account up. An unknown key is nobody.
    ///
    /// # Errors
    /// The store's trouble.
    pub async fn read(
        engine: &Engine,
        key: Option<&str>,
        token: Option<&str>,
    ) -> Result<Credentials, Trouble> {
        let user = match key {
            Some(key) => engine.user(&UserKey::Key(Sha256::digest(key.as_bytes()).into())).await?,
            None => None,
        };
        Ok(Credentials { user, secret: token.and_then(secret_of) })
    }

    pub fn user(&self) -> Option<&Arc<User>> {
        self.user.as_ref()
    }

    /// The secret that was sent, whatever it opens.
    pub fn secret(&self) -> Option<Secret> {
        self.secret
    }

    pub fn is_admin(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.is_admin())
    }

    /// An order without an account is nobody's.
    pub fn owns(&self, order: &Order) -> bool {
        self.user.as_ref().is_some_and(|user| order.customer == Some(user.id))
    }

    pub fn knows(&self, order: &Order) -> bool {
        self.secret.is_some_and(|secret| bool::from(secret.0.ct_eq(&order.secret.0)))
    }

    pub fn may_show(&self, order: &Order) -> bool {
        self.is_admin() || self.owns(order) || self.knows(order)
    }

    pub fn who(&self) -> Who {
        match &self.user {
            Some(user) if user.is_admin() => Who::Admin(user.id),
            Some(user) => Who::Customer(user.id),
            None => Who::Guest,
        }
    }
}

/// A header wins over a parameter; an empty one is not there.
pub fn sent<'a>(header: Option<&'a str>, param: Option<&'a str>) -> Option<&'a str> {
    header.filter(|value| !value.is_empty()).or(param).filter(|value| !value.is_empty())
}

/// Either spelling of a secret: 22 characters of URL-safe base64, or 32 hexadecimal digits.
pub fn secret_of(text: &str) -> Option<Secret> {
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

    #[test]
    fn a_header_wins_and_nothing_is_not_sent() {
        assert_eq!(sent(Some("a"), Some("b")), Some("a"));
        assert_eq!(sent(Some(""), Some("b")), Some("b"));
        assert_eq!(sent(None, Some("")), None);
    }
}
