//! Webhooks: notices signed as Standard Webhooks has it, and sent once. Trying again is the outbox's.
//!
//! `webhook-id` is the same at every try, `webhook-timestamp` is when this one was sent (seconds), and
//! `webhook-signature` is `v1,` and the base 64 of HMAC-SHA256 over `id.timestamp.body`. Keys and addresses appear in no
//! reason and no log.

mod reach;

pub use reach::Reach;

use crate::http;
use async_trait::async_trait;
use domain::Time;
use domain::catalog::{Webhook, WebhookSecret};
use engine::SystemClock;
use engine::outbox::{NotPosted, Notice, Poster};
use engine::ports::Clock as _;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use standardwebhooks as standard;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a receiver, connection included.
const WAIT: Duration = Duration::from_secs(10);
/// Shortest key that is used, in characters of the environment variable.
const KEY_CHARS: usize = 24;

/// Sends notices.
#[derive(Debug, Clone)]
pub struct WebhookPoster {
    /// Or why there is none: a machine without TLS roots tells nobody, and goes on selling.
    client: Result<reqwest::Client, String>,
    reach: Reach,
}

impl WebhookPoster {
    pub fn new(reach: Reach) -> WebhookPoster {
        let builder = http::builder(WAIT).no_proxy();
        let builder = match reach {
            Reach::Public => builder.dns_resolver(Arc::new(reach::PublicOnly)),
            Reach::Anywhere => builder,
        };
        let client = builder.build().map_err(|cause| format!("there is no HTTP client: {cause}"));
        if let Err(problem) = &client {
            tracing::error!(problem, "webhooks are not delivered");
        }
        WebhookPoster { client, reach }
    }
}

#[async_trait]
impl Poster for WebhookPoster {
    async fn post(&self, webhook: &Webhook, notice: &Notice) -> Result<(), NotPosted> {
        let client = self.client.as_ref().map_err(|problem| NotPosted::Later(problem.clone()))?;
        let url = Url::parse(&webhook.url).map_err(|_| NotPosted::Never("its address is none".to_owned()))?;
        if let Some(refusal) = reach::refusal(&url, self.reach) {
            return Err(NotPosted::Never(refusal.to_owned()));
        }
        let key = key(&webhook.secret)?;
        let (body, sent_at) = (body(notice).to_string(), SystemClock.now().0.div_euclid(1000));
        let signature = key.sign(&notice.id, sent_at, body.as_bytes());
        let signature = signature.map_err(|_| NotPosted::Never("it could not be signed".to_owned()))?;
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header(standard::HEADER_WEBHOOK_ID, &notice.id)
            .header(standard::HEADER_WEBHOOK_TIMESTAMP, sent_at)
            .header(standard::HEADER_WEBHOOK_SIGNATURE, signature)
            .body(body);
        let answered = request.send().await.map_err(|error| NotPosted::Later(reason(&error).to_owned()))?;
        match answered.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(NotPosted::Never("it answered 410: it wants no more".to_owned())),
            status => Err(NotPosted::Later(format!("it answered {}", status.as_u16()))),
        }
    }
}

/// What is sent: the occasion, and the order as far as others may know it.
fn body(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "type": notice.occasion.name(),
        "timestamp": moment(notice.at),
        "data": { "order": {
            "id": notice.order,
            "number": notice.number,
            "channel": notice.channel,
            "total": { "amount": notice.total, "currency": notice.currency.code() },
            "credit_owed": { "amount": notice.credit_owed, "currency": notice.currency.code() },
            "completed_at": notice.completed_at.map(moment),
        } },
    })
}

/// RFC 3339 in UTC; a moment out of range is empty.
fn moment(at: Time) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

fn key(secret: &WebhookSecret) -> Result<standard::Webhook, NotPosted> {
    let text = match secret {
        WebhookSecret::Kept(text) => text.clone(),
        WebhookSecret::Environment(name) => match std::env::var(name) {
            Ok(text) if text.len() >= KEY_CHARS => text,
            _ => {
                let problem =
                    format!("the environment variable {name} holds no key of {KEY_CHARS} characters");
                return Err(NotPosted::Later(problem));
            }
        },
    };
    standard::Webhook::new(&text)
        .map_err(|_| NotPosted::Later("its key is not whsec_ and base 64".to_owned()))
}

/// Without the address, which may hold a secret of its own.
fn reason(error: &reqwest::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "it did not answer in time",
        () if error.is_connect() => "it could not be reached",
        () => "the connection broke",
    }
}
