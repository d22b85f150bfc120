//! Webhooks: addresses of the merchant's own programs that are told what became of orders.
//!
//! What was delivered, and what waits, are rows of the store. A key that signs is never shown by `Debug`, so that no
//! log can hold one.

use super::Channels;
use crate::WebhookId;
use crate::event::EventKind;
use serde::{Deserialize, Serialize};

/// Longest address.
pub const URL_CHARS: usize = 2_000;

/// Whom to tell, of what, and how the telling is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    /// Passes [`address_fault`].
    pub url: String,
    pub secret: WebhookSecret,
    /// What it is told of; never empty.
    pub occasions: Vec<Occasion>,
    /// Orders that began elsewhere are not told of.
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
    pub active: bool,
}

impl Webhook {
    /// Whether an order of this channel is told of when that happens.
    pub fn wants(&self, occasion: Occasion, origin: &crate::channel::ChannelKey) -> bool {
        self.active && self.occasions.contains(&occasion) && self.channels.show(origin)
    }
}

/// The key that signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookSecret {
    /// The name of an environment variable that holds it.
    Environment(String),
    /// `whsec_` and the key in base 64.
    Kept(String),
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WebhookSecret::Environment(name) => f.debug_tuple("Environment").field(name).finish(),
            WebhookSecret::Kept(_) => f.write_str("Kept(…)"),
        }
    }
}

/// What a webhook can be told of. The words are those of the Guest Manager API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Occasion {
    #[serde(rename = "order.completed")]
    OrderCompleted,
    #[serde(rename = "order.requested")]
    OrderRequested,
    #[serde(rename = "order.reserved")]
    OrderReserved,
    #[serde(rename = "order.expired")]
    OrderExpired,
    #[serde(rename = "order.canceled")]
    OrderCanceled,
    /// Beyond that API's own: somebody has to give money back by hand.
    #[serde(rename = "order.credit_owed")]
    OrderCreditOwed,
}

impl Occasion {
    pub const ALL: [Occasion; 6] = [
        Occasion::OrderCompleted,
        Occasion::OrderRequested,
        Occasion::OrderReserved,
        Occasion::OrderExpired,
        Occasion::OrderCanceled,
        Occasion::OrderCreditOwed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Occasion::OrderCompleted => "order.completed",
            Occasion::OrderRequested => "order.requested",
            Occasion::OrderReserved => "order.reserved",
            Occasion::OrderExpired => "order.expired",
            Occasion::OrderCanceled => "order.canceled",
            Occasion::OrderCreditOwed => "order.credit_owed",
        }
    }

    /// The occasion that an event is; most events are none.
    pub fn of(kind: EventKind) -> Option<Occasion> {
        match kind {
            EventKind::OrderPlaced => Some(Occasion::OrderCompleted),
            EventKind::OrderRequested => Some(Occasion::OrderRequested),
            EventKind::OrderReserved => Some(Occasion::OrderReserved),
            EventKind::OrderExpired => Some(Occasion::OrderExpired),
            EventKind::OrderCanceled => Some(Occasion::OrderCanceled),
            EventKind::RefundOwed => Some(Occasion::OrderCreditOwed),
            _ => None,
        }
    }
}

/// What is wrong with an address, in words that follow "must"; `None` if nothing is. Plain HTTP is for programs on
/// the same machine. Whether the host may be reached is looked at when it is.
pub fn address_fault(url: &str) -> Option<&'static str> {
    if url.len() > URL_CHARS {
        return Some("be at most 2000 characters long");
    }
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("hold no spaces");
    }
    let split = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    let (authority, is_plain) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (split(rest), false),
        (None, Some(rest)) => (split(rest), true),
        (None, None) => return Some("begin with https://"),
    };
    if authority.is_empty() || authority.starts_with(':') {
        return Some("name a host");
    }
    if authority.contains('@') {
        return Some("hold no password");
    }
    (is_plain && !is_this_machine(&authority)).then_some("begin with https://")
}

/// Whether an authority (`host`, `host:port`) says by its name that it is this machine.
fn is_this_machine(authority: &str) -> bool {
    if authority == "[::1]" || authority.starts_with("[::1]:") {
        return true;
    }
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost" || host.parse::<core::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_this_machine() {
        let good = [
            "https://shop.example/hook",
            "https://shop.example:8443?x=1",
            "http://localhost:9000/a",
            "http://127.0.0.9/",
            "http://[::1]:80/x",
        ];
        for url in good {
            assert_eq!(address_fault(url), None, "{url}");
        }
        let bad = [
            "ftp://shop.example",
            "http://shop.example/hook",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "https://",
            "https:///x",
            "https://:80/",
            "https://user:word@shop.example/",
            "https://shop.example/a b",
            "shop.example",
        ];
        for url in bad {
            assert!(address_fault(url).is_some(), "{url}");
        }
        assert!(address_fault(&format!("https://a.example/{}", "x".repeat(URL_CHARS))).is_some());
    }

    #[test]
    fn keys_are_not_shown() {
        let kept = WebhookSecret::Kept("whsec_c2VjcmV0".into());
        assert!(!format!("{kept:?}").contains("c2VjcmV0"));
        let words: Vec<String> =
            Occasion::ALL.iter().map(|one| serde_json::to_value(one).expect("a word").to_string()).collect();
        let names: Vec<String> = Occasion::ALL.iter().map(|one| format!("\"{}\"", one.name())).collect();
        assert_eq!(words, names, "stored under the same words");
    }
}
