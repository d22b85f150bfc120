//! One shopper's way through the checkout of the Solidus or the Spree API, step by step, each step one request.
//!
//! A step succeeds only if the server answered 2xx and, where the rest of the way depends on it, the order says
//! that it stands where the step leads. Answers are parsed only as far as the next step needs them.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::{Answer, Caller, Conn};

/// Root of the Solidus API in a Cashwrap server.
pub const API: &str = "/solidus/api";

/// Longest piece of an unreadable refusal that is quoted.
const QUOTE: usize = 120;

/// The requests of a journey, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `POST /orders`.
    Create,
    /// `POST /orders/:n/line_items`, first piece.
    Line1,
    /// The same, second piece.
    Line2,
    /// `PUT /checkouts/:n/next`, cart to address.
    ToAddress,
    /// `PATCH /checkouts/:n` with e-mail and addresses, to delivery.
    Address,
    /// `PATCH /checkouts/:n` with the chosen shipping rates, to payment.
    Rate,
    /// `POST /orders/:n/payments`.
    Payment,
    /// `PUT /checkouts/:n/next`, payment to confirm.
    ToConfirm,
    /// `PUT /checkouts/:n/complete`; in Spree one more `next`.
    Complete,
}

impl Step {
    /// The journey that fills its cart piece by piece: nine requests.
    pub const PIECE_BY_PIECE: [Self; 9] = [
        Self::Create,
        Self::Line1,
        Self::Line2,
        Self::ToAddress,
        Self::Address,
        Self::Rate,
        Self::Payment,
        Self::ToConfirm,
        Self::Complete,
    ];

    /// The journey that creates its order with all lines in it: seven requests.
    pub const AT_ONCE: [Self; 7] = [
        Self::Create,
        Self::ToAddress,
        Self::Address,
        Self::Rate,
        Self::Payment,
        Self::ToConfirm,
        Self::Complete,
    ];

    /// Short name for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Line1 => "line 1",
            Self::Line2 => "line 2",
            Self::ToAddress => "to address",
            Self::Address => "address",
            Self::Rate => "rate",
            Self::Payment => "payment",
            Self::ToConfirm => "to confirm",
            Self::Complete => "complete",
        }
    }
}

/// What is bought: variant and quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Variant id.
    pub variant_id: i64,
    /// Pieces, at least 1.
    pub quantity: u64,
}

/// How the cart is filled.
#[derive(Debug, Clone)]
pub enum Basket {
    /// Two calls, one piece each.
    PieceByPiece([i64; 2]),
    /// Everything when the order is created.
    AtOnce(Vec<Piece>),
}

impl Basket {
    /// The steps a cart filled this way takes.
    pub fn steps(&self) -> &'static [Step] {
        match self {
            Self::PieceByPiece(_) => &Step::PIECE_BY_PIECE,
            Self::AtOnce(_) => &Step::AT_ONCE,
        }
    }
}

/// The API a shopper speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speech {
    /// As a guest.
    Solidus,
    /// As a customer with an account, for whom the shop begins the order: the API wants a key for that.
    Spree {
        /// The shop's key.
        key: Arc<str>,
        /// The customer's account.
        account: i64,
    },
}

impl Speech {
    fn root(&self) -> &'static str {
        match self {
            Self::Solidus => API,
            Self::Spree { .. } => "/spree/api/v1",
        }
    }
}

/// All that a shopper brings along.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// The API the shopper speaks.
    pub speech: Speech,
    /// What is bought.
    pub basket: Basket,
    /// E-mail address.
    pub email: String,
    /// JSON object: the address, for billing and shipping.
    pub address: Arc<str>,
    /// JSON body of the payment request.
    pub payment: Bytes,
}

/// The body of a payment with the test gateway's card.
pub fn card(method: i64) -> Bytes {
    let source = json!({
        "name": "Bench Shopper", "number": "4111111111111111", "verification_value": "123", "month": 12, "year": 2040,
    });
    json!({"payment": {"payment_method_id": method, "source_attributes": source}}).to_string().into()
}

/// The body of a payment by check.
pub fn check(method: i64) -> Bytes {
    json!({"payment": {"payment_method_id": method}}).to_string().into()
}

/// An address in a country; `state` is an id or a name, where the country has states.
pub fn address(country: i64, state: Option<Value>) -> Arc<str> {
    let mut address = json!({
        "name": "Bench Shopper", "firstname": "Bench", "lastname": "Shopper", "address1": "1 Main Street", "city": "Springfield", "zipcode": "90210",
        "phone": "555-0100", "country_id": country,
    });
    match state {
        Some(Value::String(name)) => address["state_name"] = name.into(),
        Some(id) => address["state_id"] = id,
        None => {}
    }
    address.to_string().into()
}

/// Why a step did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The server answered with another status than 2xx; its words in short.
    Refused { status: u16, words: String },
    /// No answer arrived: nobody knows what the server did.
    Unanswered(String),
    /// A 2xx answer that does not say what it must.
    Odd(String),
}

/// A step that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stumble {
    /// The step.
    pub step: Step,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for Stumble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step.name();
        match &self.cause {
            Cause::Refused { status, words } => write!(out, "{step}: {status} {words}"),
            Cause::Unanswered(words) => write!(out, "{step}: no answer: {words}"),
            Cause::Odd(words) => write!(out, "{step}: odd answer: {words}"),
        }
    }
}

impl std::error::Error for Stumble {}

/// A shopper on the way.
#[derive(Debug)]
pub struct Walk {
    purchase: Purchase,
    number: String,
    token: String,
    /// Shipment id and id of its cheapest rate.
    rates: Vec<(i64, i64)>,
}

impl Walk {
    /// A shopper who has not begun.
    pub fn new(purchase: Purchase) -> Self {
        Self { purchase, number: String::new(), token: String::new(), rates: Vec::new() }
    }

    /// The order's number; empty before it is created.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The order's secret; empty before it is created.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// All steps of this shopper.
    pub fn steps(&self) -> &'static [Step] {
        self.purchase.basket.steps()
    }

    /// Does one step.
    pub async fn perform(&mut self, conn: &mut Conn, step: Step) -> Result<(), Stumble> {
        let (method, path, body) = self.request(step);
        let caller = match &self.purchase.speech {
            _ if !self.token.is_empty() => Caller::Guest(&self.token),
            Speech::Solidus => Caller::Anonymous,
            Speech::Spree { key, .. } => Caller::Key(key),
        };
        let stumble = |cause| Stumble { step, cause };
        let answer = conn.call(method, &path, caller, body).await;
        let answer = answer.map_err(|cause| stumble(Cause::Unanswered(format!("{cause:#}"))))?;
        if !answer.is_success() {
            let words = refusal(&answer.body);
            return Err(stumble(Cause::Refused { status: answer.status, words }));
        }
        self.learn(step, &answer).map_err(|words| stumble(Cause::Odd(words)))
    }

    /// Tries a coupon code.
    pub async fn coupon(&self, conn: &mut Conn, code: &str) -> anyhow::Result<Answer> {
        let path = format!("{API}/orders/{}/coupon_codes", self.number);
        let body = json!({"coupon_code": code}).to_string();
        conn.call(Method::POST, &path, Caller::Guest(&self.token), body).await
    }

    fn request(&self, step: Step) -> (Method, String, Bytes) {
        let api = self.purchase.speech.root();
        let checkout = |tail: &str| format!("{api}/checkouts/{}{tail}", self.number);
        let order = |tail: &str| format!("{api}/orders/{}{tail}", self.number);
        match step {
            Step::Create => (Method::POST, format!("{api}/orders"), self.create_body()),
            Step::Line1 | Step::Line2 => {
                let body = self.line_body(usize::from(step == Step::Line2));
                (Method::POST, order("/line_items"), body)
            }
            Step::ToAddress | Step::ToConfirm => (Method::PUT, checkout("/next"), Bytes::new()),
            Step::Address => {
                let address = &self.purchase.address;
                // The value prints itself as JSON, quoted and escaped.
                let email = Value::from(self.purchase.email.as_str());
                let body = format!(
                    r#"{{"order":{{"email":{email},"bill_address_attributes":{address},"ship_address_attributes":{address}}}}}"#
                );
                (Method::PATCH, checkout(""), body.into())
            }
            Step::Rate => (Method::PATCH, checkout(""), self.rate_body()),
            Step::Payment => (Method::POST, order("/payments"), self.purchase.payment.clone()),
            Step::Complete => match self.purchase.speech {
                Speech::Solidus => (Method::PUT, checkout("/complete"), Bytes::new()),
                Speech::Spree { .. } => (Method::PUT, checkout("/next"), Bytes::new()),
            },
        }
    }

    fn create_body(&self) -> Bytes {
        match &self.purchase.basket {
            Basket::PieceByPiece(_) => match self.purchase.speech {
                Speech::Solidus => Bytes::from_static(b"{}"),
                Speech::Spree { account, .. } => format!(r#"{{"order":{{"user_id":{account}}}}}"#).into(),
            },
            Basket::AtOnce(pieces) => json!({"order": {"line_items": pieces}}).to_string().into(),
        }
    }

    fn line_body(&self, nth: usize) -> Bytes {
        let variant = match &self.purchase.basket {
            Basket::PieceByPiece(variants) => variants[nth],
            // Such a basket has no line steps; a caller that asks all the same buys its first piece again.
            Basket::AtOnce(pieces) => pieces.first().map_or(0, |piece| piece.variant_id),
        };
        format!(r#"{{"line_item":{{"variant_id":{variant},"quantity":1}}}}"#).into()
    }

    fn rate_body(&self) -> Bytes {
        let chosen = self
            .rates
            .iter()
            .map(|(shipment, rate)| json!({"id": shipment, "selected_shipping_rate_id": rate}));
        json!({"order": {"shipments_attributes": chosen.collect::<Vec<_>>()}}).to_string().into()
    }

    fn learn(&mut self, step: Step, answer: &Answer) -> Result<(), String> {
        match step {
            Step::Create => {
                let order: Created = parse(answer)?;
                self.number = order.number;
                self.token = order.token;
                Ok(())
            }
            Step::Address => {
                let order: Delivery = parse(answer)?;
                expect_state(&order.state, "delivery")?;
                self.rates = order.shipments.iter().map(Shipment::cheapest).collect::<Result<_, _>>()?;
                Ok(())
            }
            Step::Rate => expect_state(&parse::<State>(answer)?.state, "payment"),
            Step::ToConfirm => expect_state(&parse::<State>(answer)?.state, "confirm"),
            Step::Complete => expect_state(&parse::<State>(answer)?.state, "complete"),
            Step::Line1 | Step::Line2 | Step::ToAddress | Step::Payment => Ok(()),
        }
    }
}

#[derive(Deserialize)]
struct Created {
    number: String,
    token: String,
}

#[derive(Deserialize)]
struct State {
    state: String,
}

#[derive(Deserialize)]
struct Delivery {
    state: String,
    shipments: Vec<Shipment>,
}

#[derive(Deserialize)]
struct Shipment {
    id: i64,
    shipping_rates: Vec<Rate>,
}

#[derive(Deserialize)]
struct Rate {
    id: i64,
}

impl Shipment {
    /// Rates are listed by cost, the cheapest first.
    fn cheapest(&self) -> Result<(i64, i64), String> {
        let rate = self.shipping_rates.first().ok_or("a shipment without rates")?;
        Ok((self.id, rate.id))
    }
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, String> {
    serde_json::from_slice(&answer.body).map_err(|cause| cause.to_string())
}

fn expect_state(found: &str, wanted: &str) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("state is {found}, not {wanted}")) }
}

/// The words of a refusal in short: its type, its first message, or the beginning of its text.
pub fn refusal(body: &[u8]) -> String {
    let quoted = || String::from_utf8_lossy(&body[..body.len().min(QUOTE)]).into_owned();
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return quoted() };
    if let Some(kind) = value["type"].as_str() {
        return kind.to_owned();
    }
    let first = |messages: &Value| messages.as_str().or_else(|| messages[0].as_str()).map(str::to_owned);
    let errors = match &value["errors"] {
        Value::Object(fields) => fields.iter().find_map(|(field, messages)| {
            let words = first(messages)?;
            Some(if field == "base" { words } else { format!("{field} {words}") })
        }),
        list => first(list),
    };
    errors.or_else(|| first(&value["error"])).unwrap_or_else(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_in_short() {
        let said = |body: Value| refusal(body.to_string().as_bytes());
        assert_eq!(said(json!({"errors": ["No"], "type": "insufficient_stock"})), "insufficient_stock");
        assert_eq!(said(json!({"error": "x", "errors": {"base": ["No payment found"]}})), "No payment found");
        assert_eq!(said(json!({"error": "x", "errors": {"email": ["is invalid"]}})), "email is invalid");
        assert_eq!(said(json!({"error": "x", "errors": {}})), "x");
        assert_eq!(said(json!({"status": "down"})), r#"{"status":"down"}"#);
        assert_eq!(refusal(b"Could not obtain lock on order 7"), "Could not obtain lock on order 7");
        assert_eq!(refusal(&[0xff; 500]).chars().count(), QUOTE);
    }

    #[test]
    fn addresses_name_a_state_by_id_or_by_name() {
        let parsed = |state| serde_json::from_str::<Value>(&address(7, state)).unwrap();
        assert_eq!(parsed(Some(3.into()))["state_id"], 3);
        assert_eq!(parsed(Some("Ontario".into()))["state_name"], "Ontario");
        assert_eq!(parsed(None)["country_id"], 7);
    }

    #[test]
    fn the_cheapest_rate_comes_first() {
        let shipment: Shipment =
            serde_json::from_value(json!({"id": 5, "shipping_rates": [{"id": 8}, {"id": 7}]})).unwrap();
        assert_eq!(shipment.cheapest(), Ok((5, 8)));
        let bare: Shipment = serde_json::from_value(json!({"id": 5, "shipping_rates": []})).unwrap();
        assert!(bare.cheapest().is_err());
    }
}
