//! A payment platform with pages of its own: buyers are sent there, saved cards are charged, it calls when money came.
//!
//! Our attempt's id is the platform's idempotency key, so asking twice does it once and a lost answer can be looked up.
//! An answer that cannot be read is *unknown*, never *declined*. No card number passes through here.

use crate::http;
use crate::providers::signature::{self, Signature};
use async_trait::async_trait;
use base64::Engine as _;
use domain::channel::ChannelKey;
use domain::command::Outcome;
use domain::money::Amount;
use domain::order::{CardDetails, GatewayAction, SaveCard};
use domain::{AttemptId, Time};
use engine::ports::{
    BadEvent, Found, Gateway, GatewayEvent, GatewayRequest, SignedHeaders, TokenError, Tokenised,
};
use parking_lot::Mutex;
use reqwest::{Client, RequestBuilder};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, Instant};

/// Longest wait for one answer; the engine waits a little longer for the whole of it.
const WAIT: Duration = Duration::from_secs(6);
/// Longest answer or event that is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// What the address of a buyer who turned back at the platform has more than that of one who did not.
const CANCELED: &str = "canceled=1";

/// Failures in a row after which a platform is taken for down …
const DOWN_AFTER: u32 = 3;
/// … for so long; then somebody may try again.
const DOWN_FOR: Duration = Duration::from_secs(30);

/// How a shop and a platform know each other.
#[derive(Clone)]
pub struct PlatformConfig {
    /// `stripe`, `bitpay`, `coinpayments`: the name in addresses.
    pub platform: String,
    /// Where the platforms' API begins, without a slash at the end.
    pub base_url: String,
    pub api_key: String,
    /// Under which the platform signs its events.
    pub webhook_secret: String,
    /// Where buyers come back; `{order}` and `{token}` are the order's number and secret.
    pub return_url: String,
    /// The same for orders that began in these channels, which have pages of their own.
    pub own_return_urls: Vec<(ChannelKey, String)>,
    /// Where events are sent to.
    pub webhook_url: String,
    /// How long a buyer has.
    pub waits_seconds: i64,
}

impl fmt::Debug for PlatformConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = (&self.platform, &self.base_url);
        f.debug_struct("PlatformConfig").field("at", &shown).finish_non_exhaustive()
    }
}

/// See the module.
#[derive(Debug)]
pub struct PlatformGateway {
    config: PlatformConfig,
    client: Client,
    health: Mutex<Health>,
}

/// What was noticed of a platform while it was asked.
#[derive(Debug, Default)]
struct Health {
    /// Failures since the last good answer.
    failures: u32,
    last: Option<Instant>,
}

#[derive(Debug, Serialize)]
struct Create<'a> {
    attempt: &'a str,
    order: &'a str,
    amount: i64,
    currency: String,
    method: &'a str,
    token: Option<&'a str>,
    save: bool,
    return_url: &'a str,
    cancel_url: &'a str,
    webhook_url: &'a str,
    expires_in_s: i64,
}

#[derive(Debug, Serialize)]
struct FollowUp<'a> {
    attempt: &'a str,
    payment_id: &'a str,
    amount: i64,
}

/// What the platform says of a payment, refund or void.
#[derive(Debug, Clone, Deserialize)]
struct Payment {
    payment_id: String,
    attempt: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    received: i64,
    status: Status,
    url: Option<String>,
    code: Option<String>,
    message: Option<String>,
    card: Option<Card>,
}

#[derive(Debug, Clone, Deserialize)]
struct Card {
    #[serde(default)]
    brand: String,
    #[serde(default)]
    last4: String,
    #[serde(default)]
    exp_month: u8,
    #[serde(default)]
    exp_year: u16,
    token: Option<String>,
}

impl From<Card> for CardDetails {
    /// The token is also the profile: a card with one can be charged again.
    fn from(card: Card) -> CardDetails {
        CardDetails {
            brand: card.brand,
            last4: card.last4,
            month: card.exp_month,
            year: card.exp_year,
            name: String::new(),
            token: card.token.clone().unwrap_or_default(),
            profile: card.token,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Paid,
    Underpaid,
    Declined,
    Expired,
    Canceled,
    Refunded,
    Voided,
}

#[derive(Debug, Deserialize)]
struct Event {
    id: String,
    sequence: u32,
    data: Payment,
}

impl Payment {
    /// What is so. Money that came is told even if the payment ended without the rest: it is the buyer's.
    fn outcome(self) -> Outcome {
        let is_over = matches!(self.status, Status::Expired | Status::Canceled);
        if is_over && self.received > 0 { self.money() } else { self.end() }
    }

    fn money(self) -> Outcome {
        Outcome::Received {
            amount: Amount(self.received),
            reference: Some(self.payment_id),
            card: self.card.map(|card| Box::new(card.into())),
        }
    }

    /// How it ended, if it did; what came in part was told before.
    fn end(self) -> Outcome {
        let declined =
            |code: &str, message: &str| Outcome::Declined { message: format!("{code}: {message}") };
        match self.status {
            Status::Open => self.url.map_or(Outcome::Unknown, |url| Outcome::ActionRequired { url }),
            Status::Paid | Status::Underpaid => self.money(),
            Status::Refunded | Status::Voided => {
                Outcome::Approved { reference: Some(self.payment_id), avs: None, profile: None }
            }
            Status::Declined => declined(
                self.code.as_deref().unwrap_or("declined"),
                self.message.as_deref().unwrap_or("The payment was declined."),
            ),
            Status::Expired => declined("expired", "The payment was not made in time."),
            Status::Canceled => declined("canceled", "The payment was cancelled."),
        }
    }
}

impl PlatformGateway {
    pub fn new(config: PlatformConfig) -> Result<PlatformGateway, http::NoClient> {
        Ok(PlatformGateway { config, client: http::client(WAIT)?, health: Mutex::default() })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/platforms/{}/{path}", self.config.base_url, self.config.platform)
    }

    /// The answer to a request. `Ok(None)`: the platform has never heard of it.
    async fn ask(&self, request: RequestBuilder) -> Result<Option<Payment>, String> {
        let answer = self.ask_once(request).await;
        let mut health = self.health.lock();
        match &answer {
            Ok(_) => *health = Health::default(),
            Err(_) => *health = Health { failures: health.failures + 1, last: Some(Instant::now()) },
        }
        answer
    }

    async fn ask_once(&self, request: RequestBuilder) -> Result<Option<Payment>, String> {
        let answer = request.bearer_auth(&self.config.api_key).send().await;
        let answer = answer.map_err(|cause| cause.without_url().to_string())?;
        let status = answer.status();
        if status.as_u16() == 404 {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(format!("status {}", status.as_u16()));
        }
        let bytes = http::body(answer, ANSWER_BYTES).await.map_err(|cause| cause.to_string())?;
        serde_json::from_slice(&bytes).map(Some).map_err(|cause| cause.to_string())
    }

    async fn charge(&self, request: &GatewayRequest) -> Result<Option<Payment>, String> {
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(request.order_secret.0);
        let own = self.config.own_return_urls.iter().find(|(channel, _)| *channel == request.order_origin);
        let return_url = own.map_or(&self.config.return_url, |(_, url)| url);
        let return_url = return_url.replace("{order}", &request.order_number).replace("{token}", &token);
        let mark = if return_url.contains('?') { '&' } else { '?' };
        let cancel_url = format!("{return_url}{mark}{CANCELED}");
        let body = Create {
            attempt: &request.attempt.0,
            order: &request.order_number,
            amount: request.money.amount.0,
            currency: request.money.currency.code().to_ascii_lowercase(),
            method: &request.method,
            token: request.profile.as_deref().or(Some(&request.token)).filter(|token| !token.is_empty()),
            save: request.save == SaveCard::Yes,
            return_url: &return_url,
            cancel_url: &cancel_url,
            webhook_url: &self.config.webhook_url,
            expires_in_s: self.config.waits_seconds,
        };
        self.ask(self.client.post(self.url("payments")).json(&body)).await
    }

    async fn follow(&self, request: &GatewayRequest, path: &str) -> Result<Option<Payment>, String> {
        let body = FollowUp {
            attempt: &request.attempt.0,
            payment_id: request.reference.as_deref().unwrap_or_default(),
            amount: request.money.amount.0,
        };
        self.ask(self.client.post(self.url(path)).json(&body)).await
    }

    fn log(&self, attempt: &AttemptId, cause: &str) {
        tracing::warn!(
            platform = self.config.platform,
            attempt = attempt.0,
            cause,
            "a platform did not answer"
        );
    }
}

#[async_trait]
impl Gateway for PlatformGateway {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        let answer = match request.action {
            GatewayAction::Authorize | GatewayAction::Purchase => self.charge(&request).await,
            // What is paid at a platform is the merchant's at once.
            GatewayAction::Capture => {
                return Outcome::Approved { reference: request.reference, avs: None, profile: None };
            }
            GatewayAction::Refund => self.follow(&request, "refunds").await,
            GatewayAction::Void => self.follow(&request, "voids").await,
        };
        match answer {
            Ok(Some(payment)) => payment.outcome(),
            // A payment that is not there to be given back, or a platform that is not where we were told.
            Ok(None) => {
                Outcome::Declined { message: "not_found: The platform does not know this.".to_owned() }
            }
            Err(cause) => {
                self.log(&request.attempt, &cause);
                Outcome::Unknown
            }
        }
    }

    async fn find(&self, attempt: &AttemptId) -> Found {
        let asked = self.ask(self.client.get(self.url(&format!("attempts/{}", attempt.0)))).await;
        self.found(attempt, asked)
    }

    async fn give_up(&self, attempt: &AttemptId) -> Found {
        let url = self.url(&format!("attempts/{}/cancel", attempt.0));
        match self.ask(self.client.post(url)).await {
            // What came in part is known from `find`, which is asked first; this is about the end.
            Ok(Some(payment)) => Found::Known(payment.end()),
            other => self.found(attempt, other),
        }
    }

    /// A platform asks for cards on its own page: none is ever typed here.
    fn tokenise(&self, _number: &str) -> Result<Tokenised, TokenError> {
        Err(TokenError::RealCard)
    }

    fn saves_cards(&self) -> bool {
        true
    }

    fn is_up(&self, platform: &str) -> bool {
        let health = self.health.lock();
        let is_fresh = health.last.is_some_and(|last| last.elapsed() < DOWN_FOR);
        platform != self.config.platform || health.failures < DOWN_AFTER || !is_fresh
    }

    fn event(&self, headers: &SignedHeaders, body: &[u8], now: Time) -> Result<GatewayEvent, BadEvent> {
        verify_webhook(&self.config, headers, body, now)
    }
}

impl PlatformGateway {
    fn found(&self, attempt: &AttemptId, asked: Result<Option<Payment>, String>) -> Found {
        match asked {
            Ok(Some(payment)) => Found::Known(payment.outcome()),
            Ok(None) => Found::Never,
            Err(cause) => {
                self.log(attempt, &cause);
                Found::Unclear
            }
        }
    }
}

/// Reads a call that claims to come from the platform: its signature first, then what it says.
pub fn verify_webhook(
    config: &PlatformConfig,
    headers: &SignedHeaders,
    body: &[u8],
    now: Time,
) -> Result<GatewayEvent, BadEvent> {
    let secret = signature::secret_bytes(&config.webhook_secret);
    if secret.is_empty() || signature::check(&secret, headers, body, now) != Signature::Good {
        return Err(BadEvent::Unsigned);
    }
    if body.len() > ANSWER_BYTES {
        return Err(BadEvent::Malformed("it is too long".to_owned()));
    }
    let event: Event =
        serde_json::from_slice(body).map_err(|cause| BadEvent::Malformed(cause.to_string()))?;
    if event.data.status == Status::Open {
        return Err(BadEvent::Malformed("nothing has happened yet".to_owned()));
    }
    Ok(GatewayEvent {
        id: event.id,
        sequence: event.sequence,
        attempt: AttemptId(event.data.attempt.clone()),
        order_number: event.data.order.clone(),
        outcome: event.data.outcome(),
    })
}
