//! That a form was sent by our own page: signed double submit.
//!
//! Who carries the order's secret in the form itself has shown more than any other site can know. Who is known by a
//! cookie also sends a nonce twice, in a cookie and in the form, signed with the order's secret: another site can send
//! the cookie, but neither read it nor sign another one. Nothing is kept on the server.

use super::token::{is_plain, kept};
use axum::http::HeaderMap;
use domain::order::Order;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use subtle::ConstantTimeEq;

/// Length of a nonce in hexadecimal digits.
const NONCE: usize = 32;

/// What the form says: nonce and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub nonce: String,
    signature: String,
}

impl Seal {
    /// The seal of a browser: with the nonce it has, or with a new one.
    pub fn of(order: &Order, headers: &HeaderMap, fresh: [u8; 16]) -> Seal {
        let known = nonce(&order.number, headers).filter(|nonce| is_nonce(nonce));
        Seal::with(known.map_or_else(|| hex(&fresh), str::to_owned), order)
    }

    fn with(nonce: String, order: &Order) -> Seal {
        let hash = Sha256::new()
            .chain_update(b"a form of an order\0")
            .chain_update(order.secret.0)
            .chain_update(nonce.as_bytes())
            .finalize();
        Seal { nonce, signature: hex(&hash[..16]) }
    }

    /// What stands in the form.
    pub fn text(&self) -> String {
        format!("{}.{}", self.nonce, self.signature)
    }

    /// The cookie beside it, for a day.
    pub fn cookie(&self, number: &str, secure: &str) -> Option<String> {
        let path = super::links::CART;
        is_plain(number).then(|| {
            format!(
                "seal-{number}={}; Path={path}; Max-Age=86400; HttpOnly; SameSite=Lax{secure}",
                self.nonce
            )
        })
    }

    /// Whether a form with this text came from our page in this browser.
    pub fn fits(sent: Option<&str>, order: &Order, headers: &HeaderMap) -> bool {
        let (Some(sent), Some(nonce)) = (sent, nonce(&order.number, headers)) else { return false };
        let expected = Seal::with(nonce.to_owned(), order).text();
        is_nonce(nonce) && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()))
    }
}

fn nonce<'a>(number: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    kept(&format!("seal-{number}"), headers)
}

fn is_nonce(text: &str) -> bool {
    text.len() == NONCE && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
