//! How a buyer shows an order's secret to a page: in the address once, in a cookie from then on.
//!
//! A browser that opens a link in a tab of its own gets the secret as a cookie of this host and is sent to the same
//! address without it, so that it stays out of histories and screenshots. In a frame, where cookies of other sites fail, and in
//! whatever does not say where it shows a page, the address keeps it.

use super::links;
use crate::server::secret_of;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::order::{Order, Secret};
use subtle::ConstantTimeEq;

/// How long a browser keeps an order open: a day.
const COOKIE_SECONDS: u32 = 24 * 60 * 60;

/// What was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    InAddress(Secret),
    InCookie(Secret),
}

impl Shown {
    /// The address wins: a link that was just opened is newer than any cookie.
    pub fn read(token: Option<&str>, number: &str, headers: &HeaderMap) -> Shown {
        match token {
            Some(token) => secret_of(token).map_or(Shown::Nothing, Shown::InAddress),
            None => cookie(number, headers).and_then(secret_of).map_or(Shown::Nothing, Shown::InCookie),
        }
    }

    pub fn opens(self, order: &Order) -> bool {
        match self {
            Shown::Nothing => false,
            Shown::InAddress(secret) | Shown::InCookie(secret) => bool::from(secret.0.ct_eq(&order.secret.0)),
        }
    }
}

/// Sends a browser on to `path` with the secret in a cookie, if it shows pages in tabs and can keep one.
pub fn swapped(
    shown: Shown,
    order: &Order,
    headers: &HeaderMap,
    path: &str,
    public_url: &str,
) -> Option<Response> {
    let own_tab = headers.get("sec-fetch-dest").is_some_and(|place| place == "document");
    let (Shown::InAddress(secret), true, true) = (shown, own_tab, is_plain(&order.number)) else {
        return None;
    };
    let secure = secure(public_url);
    let cookie = format!(
        "{}={}; Path={}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}",
        name(&order.number),
        links::secret(secret),
        links::CART,
    );
    let cookie = HeaderValue::from_str(&cookie).ok()?;
    Some(([(header::SET_COOKIE, cookie)], Redirect::to(path)).into_response())
}

/// What a cookie of ours says where we are reached in a safe way.
pub fn secure(public_url: &str) -> &'static str {
    if public_url.starts_with("https://") { "; Secure" } else { "" }
}

/// An order's number as part of a cookie's name, if it can be one.
pub fn is_plain(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn name(number: &str) -> String {
    format!("order-{number}")
}

fn cookie<'a>(number: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    if !is_plain(number) {
        return None;
    }
    kept(&name(number), headers)
}

/// The value of a cookie.
pub fn kept<'a>(wanted: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_cookie() {
        let mut headers = HeaderMap::new();
        let cookies = format!("a=b; order-GM1={}; order-GM2={}", "01".repeat(16), "02".repeat(16));
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookies).expect("a header"));
        assert_eq!(Shown::read(None, "GM2", &headers), Shown::InCookie(Secret([2; 16])));
        assert_eq!(Shown::read(Some(&"03".repeat(16)), "GM2", &headers), Shown::InAddress(Secret([3; 16])));
        assert_eq!(Shown::read(Some("nonsense"), "GM2", &headers), Shown::Nothing);
        assert_eq!(Shown::read(None, "GM3", &headers), Shown::Nothing);
        assert_eq!(Shown::read(None, "", &headers), Shown::Nothing);
    }
}
