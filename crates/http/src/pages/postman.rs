//! Mails that somebody waits for: a code, or the way back to an order; and the bound on how often one address is written
//! to.
//!
//! Other mails follow from events and go through the outbox. A code is nowhere kept as it is, so it cannot wait there;
//! and who asks for a link can ask again.

use domain::Time;
use engine::outbox::{Mail, Mailer, NotMailed, post_mail};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Mails that one address is sent within an hour, whatever orders ask for them.
const AN_HOUR: u32 = 5;
/// Links that one host may ask for within an hour. Behind a proxy all buyers are one host, so it is a bound against
/// scripts and not against people.
const HOST_AN_HOUR: u32 = 200;
const HOUR_SECONDS: i64 = 60 * 60;
/// Addresses after which windows that are over are forgotten.
const TIDY_AT: usize = 10_000;

/// Mails codes and lost links.
#[derive(Clone)]
pub struct Postman {
    mailer: Arc<dyn Mailer>,
    links: Links,
    windows: Arc<Mutex<HashMap<String, (Time, u32)>>>,
}

/// Whether a mail can say how this server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Told,
    /// Nobody has said how, so a mail cannot lead back here.
    Unknown,
}

impl fmt::Debug for Postman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postman").field("links", &self.links).finish_non_exhaustive()
    }
}

impl Postman {
    pub fn new(mailer: Arc<dyn Mailer>, links: Links) -> Postman {
        Postman { mailer, links, windows: Arc::default() }
    }

    /// Whether the way back to an order can be mailed.
    pub(super) fn sends_links(&self) -> bool {
        self.links == Links::Told
    }

    /// Counts a mail for an address; `false` if it has had too many.
    pub(super) fn may_write(&self, to: &str, now: Time) -> bool {
        self.admits(to, AN_HOUR, now)
    }

    /// Counts a host that asks for links; `false` if it has asked too often.
    pub(super) fn may_ask(&self, host: IpAddr, now: Time) -> bool {
        self.admits(&format!("host {host}"), HOST_AN_HOUR, now)
    }

    fn admits(&self, who: &str, most: u32, now: Time) -> bool {
        let over = |since: Time| now >= since.plus_seconds(HOUR_SECONDS);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= TIDY_AT {
            windows.retain(|_, (since, _)| !over(*since));
        }
        let window = windows.entry(who.to_owned()).or_insert((now, 0));
        if over(window.0) {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1 <= most
    }

    /// One try.
    ///
    /// # Errors
    /// For the log; it holds no address.
    pub(super) async fn send(&self, mail: &Mail) -> Result<(), NotMailed> {
        post_mail(&*self.mailer, mail).await
    }
}
