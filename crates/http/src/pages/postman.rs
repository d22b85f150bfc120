//! The port to whoever mails a code to a buyer at once, and the bound on how often one address is written to.
//!
//! Other mails follow from events and go through the outbox; a code is nowhere kept as it is, so it cannot wait there.

use domain::Time;
use domain::catalog::Catalog;
use domain::order::Order;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// Codes that one address is sent within an hour, whatever orders ask for them.
const AN_HOUR: u32 = 5;
const HOUR_SECONDS: i64 = 60 * 60;
/// Addresses after which windows that are over are forgotten.
const TIDY_AT: usize = 10_000;

/// A code for one buyer.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds an address and a secret
pub struct CodeMail {
    /// Not the same for two codes.
    pub id: String,
    pub to: String,
    /// Six digits.
    pub code: String,
    pub order: Arc<Order>,
    pub catalog: Arc<Catalog>,
    /// BCP 47.
    pub language: &'static str,
}

/// What came of it; the error is for the log, and holds no address.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Mails codes.
#[derive(Clone)]
pub struct Postman {
    send: Arc<dyn Fn(CodeMail) -> Sending + Send + Sync>,
    windows: Arc<Mutex<HashMap<String, (Time, u32)>>>,
}

impl fmt::Debug for Postman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postman").finish_non_exhaustive()
    }
}

impl Postman {
    pub fn new(send: impl Fn(CodeMail) -> Sending + Send + Sync + 'static) -> Postman {
        Postman { send: Arc::new(send), windows: Arc::default() }
    }

    /// Counts a code for an address; `false` if it has had too many.
    pub(super) fn may_write(&self, to: &str, now: Time) -> bool {
        let over = |since: Time| now >= since.plus_seconds(HOUR_SECONDS);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= TIDY_AT {
            windows.retain(|_, (since, _)| !over(*since));
        }
        let window = windows.entry(to.to_owned()).or_insert((now, 0));
        if over(window.0) {
            *window = (now, 0);
        }
        window.1 += 1;
        window.1 <= AN_HOUR
    }

    pub(super) async fn send(&self, mail: CodeMail) -> Result<(), String> {
        (self.send)(mail).await
    }
}
