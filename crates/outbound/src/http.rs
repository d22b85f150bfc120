//! The one way out over HTTP: a client whose waits are bounded and whose TLS is ring, for every far side.
//!
//! Redirects are never followed: a far side that moves an answer elsewhere is misconfigured, and a body with an order
//! in it goes only where the shop's owner said. Nothing here knows what is sent.

use std::sync::Once;
use std::time::Duration;

/// Longest wait for a connection; part of every whole wait.
const CONNECT: Duration = Duration::from_secs(3);

/// What callers are told who calls.
const AGENT: &str = concat!("cashwrap/", env!("CARGO_PKG_VERSION"));

/// The client could not be built: the system has no usable TLS roots.
#[derive(Debug, thiserror::Error)]
#[error("cannot make an HTTP client: {0}")]
pub struct NoClient(String);

/// A client whose requests end after `wait`, connection included. Clone it: clones share the connections.
pub fn client(wait: Duration) -> Result<reqwest::Client, NoClient> {
    builder(wait).build().map_err(|cause| NoClient(cause.to_string()))
}

/// The same before it is built, for who needs another resolver or header.
pub fn builder(wait: Duration) -> reqwest::ClientBuilder {
    ring();
    reqwest::Client::builder()
        .timeout(wait)
        .connect_timeout(CONNECT.min(wait))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(AGENT)
}

/// Why an answer was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
}

/// The body of an answer, if it is no longer than `most` bytes.
pub async fn body(mut answer: reqwest::Response, most: usize) -> Result<Vec<u8>, Unread> {
    let mut read = Vec::new();
    loop {
        let part = answer.chunk().await.map_err(|cause| Unread::BrokeOff(cause.without_url().to_string()))?;
        let Some(part) = part else { return Ok(read) };
        if read.len() + part.len() > most {
            return Err(Unread::TooLong(most));
        }
        read.extend_from_slice(&part);
    }
}

/// Names ring as the process's cryptography, once. Somebody who did so before is as good.
fn ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_made_twice() {
        let wait = Duration::from_secs(1);
        assert!(client(wait).is_ok());
        assert!(client(wait).is_ok());
    }
}
