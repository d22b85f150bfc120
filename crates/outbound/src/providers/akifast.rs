//! Akifast: sessions at its hosted page, its signatures, its address hashes.
//!
//! Amounts are written as exact decimals. A session is asked for under the conversation's own key, so asking again
//! after a lost answer opens no second one. Neither key nor secret is ever logged.

use super::signature::{self, Signature};
use crate::http;
use async_trait::async_trait;
use domain::Time;
use domain::money::{Amount, Currency, Money};
use engine::ports::{
    CheckoutProvider, HashedAddress, OpenedSession, ProviderDown, SignedHeaders, StartSession, Verified,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use icu_normalizer::ComposingNormalizerBorrowed;
use jiff::Timestamp;
use reqwest::{Client, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use std::fmt;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// Longest wait for one answer of the provider: a buyer is looking at the shop meanwhile.
const WAIT: Duration = Duration::from_secs(5);
/// Longest answer that is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// How a shop and this provider know each other.
#[derive(Clone)]
pub struct AkifastConfig {
    /// Where the provider's API begins, without a slash at the end.
    pub base_url: String,
    pub api_key: String,
    /// How the provider and browsers reach this shop, without a slash at the end.
    pub public_url: String,
    /// Under which the provider signs its calls, if it does.
    pub callback_secret: Option<String>,
    /// Under which the provider proves addresses, if it does.
    pub address_hash_key: Option<String>,
}

impl fmt::Debug for AkifastConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base_url, public_url) = (&self.base_url, &self.public_url);
        f.debug_struct("AkifastConfig")
            .field("base_url", base_url)
            .field("public_url", public_url)
            .finish_non_exhaustive()
    }
}

/// See the module.
#[derive(Debug)]
pub struct Akifast {
    config: AkifastConfig,
    client: Client,
}

impl Akifast {
    pub fn new(config: AkifastConfig) -> Result<Akifast, http::NoClient> {
        Ok(Akifast { config, client: http::client(WAIT)? })
    }

    async fn post(&self, body: &str, key: &str) -> Result<Response, ProviderDown> {
        let url = format!("{}/processor/payment-sessions", self.config.base_url);
        let ask = || {
            self.client
                .post(&url)
                .bearer_auth(&self.config.api_key)
                .header("idempotency-key", key)
                .header("content-type", "application/json")
                .header("accept", "application/json")
                .body(body.to_owned())
                .send()
        };
        // Once more if nobody was there or the provider stumbled; not after a silence, which cost a buyer 5 s already.
        let answer = match ask().await {
            Ok(answer) if answer.status().is_server_error() => ask().await,
            Err(cause) if cause.is_connect() => ask().await,
            answer => answer,
        };
        answer.map_err(|cause| down(&cause.without_url()))
    }
}

fn down(cause: &dyn fmt::Display) -> ProviderDown {
    ProviderDown(cause.to_string())
}

#[async_trait]
impl CheckoutProvider for Akifast {
    async fn start(&self, session: StartSession) -> Result<OpenedSession, ProviderDown> {
        let body = body(&self.config.public_url, &session).map_err(|cause| down(&cause))?;
        let answer = self.post(&body, &session.conversation).await?;
        let status = answer.status();
        if !matches!(status.as_u16(), 200 | 201) {
            return Err(ProviderDown(format!("it answered with status {}", status.as_u16())));
        }
        let bytes = http::body(answer, ANSWER_BYTES).await.map_err(|cause| down(&cause))?;
        opened(&bytes)
    }

    fn verify(&self, headers: &SignedHeaders, body: &[u8], now: Time) -> Verified {
        let Some(secret) = &self.config.callback_secret else { return Verified::Absent };
        match signature::check(&signature::secret_bytes(secret), headers, body, now) {
            Signature::Absent => Verified::Absent,
            Signature::Good => Verified::Good,
            Signature::Bad => Verified::Bad,
        }
    }

    fn check_address(&self, address: &HashedAddress) -> bool {
        let Some(key) = &self.config.address_hash_key else { return true };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
        mac.update(content(address).as_bytes());
        let expected = hex(&mac.finalize().into_bytes());
        address.hash.to_ascii_lowercase().as_bytes().ct_eq(expected.as_bytes()).into()
    }

    async fn cancel(&self, token: &str) -> Result<(), ProviderDown> {
        // The token goes into a path: one that is no plain word is nobody's.
        if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Ok(());
        }
        let url = format!("{}/processor/payment-sessions/{token}/cancel", self.config.base_url);
        let told = self.client.post(url).bearer_auth(&self.config.api_key).send().await;
        let status = told.map_err(|cause| down(&cause.without_url()))?.status();
        // A session that is unknown there, or over, is what was wanted.
        let is_over = status.is_success() || matches!(status.as_u16(), 400 | 404 | 405 | 409 | 410 | 422);
        if is_over {
            Ok(())
        } else {
            Err(ProviderDown(format!("it answered with status {}", status.as_u16())))
        }
    }
}

/// What an address proof is over: eight fields, composed (NFC).
fn content(address: &HashedAddress) -> String {
    let fields = [
        &address.name,
        &address.surname,
        &address.phone,
        &address.line,
        &address.country,
        &address.city,
        &address.town,
        &address.district,
    ];
    let joined = fields.map(String::as_str).join("|");
    ComposingNormalizerBorrowed::new_nfc().normalize(&joined).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Debug, Serialize)]
struct Body<'a> {
    order_id: String,
    basket_id: String,
    conversation_id: &'a str,
    order_date: String,
    amount: Box<RawValue>,
    currency: &'a str,
    enable_installments: bool,
    preauth: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_phone_number: Option<&'a str>,
    basket: Basket<'a>,
    query_shipping_option_url: String,
    query_agreement_types_url: String,
    query_agreements_url: String,
    notification_url: String,
    cancel_url: String,
    success_url: String,
}

#[derive(Debug, Serialize)]
struct Basket<'a> {
    basket_items: Vec<Item<'a>>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    basket_item_id: String,
    sku: &'a str,
    name: &'a str,
    quantity: u32,
    unit_price: Box<RawValue>,
    total_amount: Box<RawValue>,
}

/// The request of a session, as text.
fn body(public_url: &str, session: &StartSession) -> Result<String, serde_json::Error> {
    let currency = session.money.currency;
    let page = |name: &str| format!("{public_url}/orders/checkout-provider/?page=CheckoutProvider{name}Page");
    let items = session.items.iter().map(|item| {
        Ok(Item {
            basket_item_id: format!("item-{}", item.line.0),
            sku: &item.sku,
            name: &item.name,
            quantity: item.quantity,
            unit_price: exact(item.unit_price, currency)?,
            total_amount: exact(item.total, currency)?,
        })
    });
    let customer = session.customer.as_ref();
    serde_json::to_string(&Body {
        order_id: format!("CP-{}", session.order.0),
        basket_id: session.order.0.to_string(),
        conversation_id: &session.conversation,
        order_date: rfc3339(session.at),
        amount: exact(session.money.amount, currency)?,
        currency: currency.code(),
        enable_installments: true,
        preauth: false,
        merchant_customer_id: customer.map(|customer| customer.id.0.to_string()),
        merchant_customer_email: customer.map(|customer| customer.email.as_str()),
        merchant_customer_phone_number: customer.and_then(|customer| customer.phone.as_deref()),
        basket: Basket { basket_items: items.collect::<Result<_, serde_json::Error>>()? },
        query_shipping_option_url: page("AddressSelection"),
        query_agreement_types_url: page("ShippingOption"),
        query_agreements_url: page("AgreementList"),
        notification_url: page("Notification"),
        cancel_url: format!("{public_url}/orders/checkout-provider-cancel/"),
        success_url: format!("{public_url}/orders/checkout-provider-completed/"),
    })
}

/// An amount as a JSON number with all of its currency's decimals: `658.90`.
fn exact(amount: Amount, currency: Currency) -> Result<Box<RawValue>, serde_json::Error> {
    let text = Money { amount, currency }.to_string();
    // Money is written as number, space, currency.
    RawValue::from_string(text.split(' ').next().unwrap_or_default().to_owned())
}

fn rfc3339(time: Time) -> String {
    // Whole seconds are all that the protocol shows; a time that cannot be told is the beginning of ours.
    let time = Timestamp::from_second(time.0.div_euclid(1000)).unwrap_or_default();
    time.to_string()
}

/// Both spellings that are in use.
#[derive(Debug, Deserialize)]
struct Opened {
    session_token: Option<String>,
    token: Option<String>,
    redirect_url: Option<String>,
    payment_url: Option<String>,
    expires_at: Option<String>,
}

fn opened(bytes: &[u8]) -> Result<OpenedSession, ProviderDown> {
    let opened: Opened = serde_json::from_slice(bytes)
        .map_err(|_| ProviderDown("its answer is not the one that was agreed on".to_owned()))?;
    let token = opened.session_token.or(opened.token).filter(|token| !token.is_empty());
    let is_address = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    let redirect_url = opened.redirect_url.or(opened.payment_url).filter(is_address);
    let (Some(token), Some(redirect_url)) = (token, redirect_url) else {
        return Err(ProviderDown("its answer has no session or no address".to_owned()));
    };
    let ends_at = opened.expires_at.and_then(|text| text.parse::<Timestamp>().ok());
    Ok(OpenedSession { token, redirect_url, ends_at: ends_at.map(|at| Time(at.as_millisecond())) })
}

#[cfg(test)]
mod tests;
