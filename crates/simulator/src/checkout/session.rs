//! A payment session: what the shop asked for, and how far the buyer has come.

use super::FieldErrors;
use super::steps::{Person, ShippingOption};
use crate::decimal::Cents;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How long a buyer has.
const LIFE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Paid,
    /// Money was taken and given back, because the shop did not take the order.
    Refunded,
    Declined,
    Cancelled,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub token: String,
    pub page: String,
    pub request: StartRequest,
    pub expires_at: Timestamp,
    pub status: Status,
    pub progress: Progress,
    /// Where the shop wants the browser after the payment.
    pub return_url: Option<String>,
}

/// What the hosted page has learned.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub person: Option<Person>,
    pub options: Vec<ShippingOption>,
    pub chosen: Option<i64>,
    /// Code, name and text of each agreement.
    pub agreements: Vec<Agreement>,
}

#[derive(Debug, Clone)]
pub struct Agreement {
    pub code: String,
    pub text: String,
    pub body: String,
}

/// What a shop registers. Fields that only go back to the shop are kept as they came.
#[derive(Debug, Clone, Deserialize)]
pub struct StartRequest {
    #[serde(skip)]
    pub raw: Option<Box<RawValue>>,
    #[serde(deserialize_with = "text")]
    pub order_id: String,
    #[serde(deserialize_with = "text")]
    pub basket_id: String,
    pub conversation_id: String,
    pub order_date: String,
    pub amount: Cents,
    #[serde(default = "lira")]
    pub currency: String,
    #[serde(default = "yes")]
    pub enable_installments: bool,
    pub merchant_customer_email: Option<String>,
    pub basket: Basket,
    pub query_shipping_option_url: String,
    pub query_agreement_types_url: Option<String>,
    pub query_agreements_url: Option<String>,
    pub agreements_iframe_url: Option<String>,
    pub notification_url: String,
    pub cancel_url: String,
    pub success_url: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Basket {
    pub basket_items: Vec<BasketItem>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct BasketItem {
    pub basket_item_id: String,
    pub sku: String,
    #[serde(default)]
    pub name: String,
    pub quantity: u32,
    pub total_amount: Option<Cents>,
}

fn lira() -> String {
    "TRY".to_owned()
}

fn yes() -> bool {
    true
}

/// A text, or a whole number as text.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
    Ok(raw.get().trim_matches('"').to_owned())
}

impl StartRequest {
    pub fn read(body: &[u8]) -> Result<StartRequest, FieldErrors> {
        let wrong =
            |field: &str, sentence: &str| FieldErrors::from([(field.to_owned(), vec![sentence.to_owned()])]);
        let raw: Box<RawValue> = serde_json::from_slice(body)
            .map_err(|cause| wrong("non_field_errors", &format!("JSON parse error - {cause}")))?;
        let mut request: StartRequest = serde_json::from_str(raw.get()).map_err(|cause| {
            let sentence = cause.to_string();
            let field = sentence.split('`').nth(1).filter(|_| sentence.starts_with("missing field"));
            match field {
                Some(field) => wrong(field, "This field is required."),
                None => wrong("non_field_errors", &sentence),
            }
        })?;
        request.raw = Some(raw);
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, sentence: &str| {
            errors.entry(field.to_owned()).or_default().push(sentence.to_owned())
        };
        let agreements = [&self.query_agreement_types_url, &self.query_agreements_url];
        if self.agreements_iframe_url.is_none() && agreements.iter().any(|url| url.is_none()) {
            wrong("query_agreements_url", "This field is required unless agreements_iframe_url is given.");
        }
        for (field, url) in [
            ("query_shipping_option_url", &self.query_shipping_option_url),
            ("notification_url", &self.notification_url),
            ("cancel_url", &self.cancel_url),
            ("success_url", &self.success_url),
        ] {
            if !(url.starts_with("http://") || url.starts_with("https://")) {
                wrong(field, "Enter a valid URL.");
            }
        }
        if self.amount <= Cents(0) {
            wrong("amount", "Ensure this value is greater than 0.");
        }
        if self.basket.basket_items.is_empty() {
            wrong("basket", "This list may not be empty.");
        }
        if self.basket_id.parse::<i64>().is_err() {
            wrong("basket_id", "A valid integer is required.");
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    pub fn is_same(&self, other: &StartRequest) -> bool {
        let text = |request: &StartRequest| request.raw.as_ref().map(|raw| raw.get().to_owned());
        text(self) == text(other)
    }
}

/// The answer to a shop.
#[derive(Debug, Serialize)]
pub struct Started {
    session_token: String,
    redirect_url: String,
    expires_at: String,
}

/// A session as tests list it.
#[derive(Debug, Serialize)]
pub struct Listed {
    session_token: String,
    conversation_id: String,
    basket_id: String,
    redirect_url: String,
    status: Status,
    request: Option<Box<RawValue>>,
}

impl Session {
    pub fn new(token: &str, page: String, request: StartRequest, started_at: Timestamp) -> Session {
        Session {
            token: token.to_owned(),
            page,
            request,
            // An hour from now is a time that can be told for the next thousands of years.
            expires_at: started_at.checked_add(LIFE).unwrap_or(started_at),
            status: Status::Open,
            progress: Progress::default(),
            return_url: None,
        }
    }

    pub fn started(&self) -> Started {
        Started {
            session_token: self.token.clone(),
            redirect_url: self.page.clone(),
            expires_at: format!("{:.3}", self.expires_at),
        }
    }

    pub fn listed(&self) -> Listed {
        Listed {
            session_token: self.token.clone(),
            conversation_id: self.request.conversation_id.clone(),
            basket_id: self.request.basket_id.clone(),
            redirect_url: self.page.clone(),
            status: self.status,
            request: self.request.raw.clone(),
        }
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.status != Status::Open || now >= self.expires_at
    }

    /// The basket's id as callbacks carry it. Checked when the session began.
    pub fn basket_id(&self) -> i64 {
        self.request.basket_id.parse().unwrap_or_default()
    }
}
