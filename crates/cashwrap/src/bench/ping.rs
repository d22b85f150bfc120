//! Customers of the Ping API: who they are, what they ask, and how they come by credit.
//!
//! Each journey is one request. An answer counts only if it says what it must: a valid price, judged methods, a paid
//! order. It is searched for that text rather than parsed, because the generator shares the machine with the server.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::client::{Caller, Conn};
use super::load::{Laps, Shoppers, Stop};
use super::shop::{Account, PASSWORD};
use super::talk::{ask, odd};
use super::walk::refusal;

/// Where an application asks for its customers.
const API: &str = "/ping/1.0/private/user";

/// Most that one top-up may be, in cents.
const TOP_UP: u64 = 1_000_000;

/// What a checkout here costs in the sample store, in cents.
const PRICE: u64 = 800;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The price of a cart of two lines.
    Quote,
    /// The same, and how it may be paid.
    Validated,
    /// An order, paid by credit.
    Checkout,
    /// Anything, of a server that always says the same.
    Fixed,
}

impl Question {
    /// For tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Validated => "validated quote",
            Self::Checkout => "checkout",
            Self::Fixed => "fixed answer",
        }
    }

    fn path(self) -> String {
        let tail = if self == Self::Checkout { "checkout/create" } else { "cart/calculate" };
        format!("{API}/{tail}")
    }

    fn body(self) -> Bytes {
        let lines = json!([
            {"price_id": "price_isp_us_1m", "quantity": 5},
            {"price_id": "price_isp_gb_1m", "quantity": 1},
        ]);
        let body = match self {
            Self::Quote | Self::Fixed => json!({"line_items": lines}),
            Self::Validated => json!({"line_items": lines, "validate_payment_platform": true}),
            // Its stock is not counted, so there is always enough of it.
            Self::Checkout => json!({
                "line_items": [{"price_id": "price_res_1gb", "quantity": 1}], "payment_method_id": "credit",
            }),
        };
        body.to_string().into()
    }

    /// What a good answer says.
    fn sign(self) -> &'static str {
        match self {
            Self::Quote => r#""is_valid":true"#,
            Self::Validated => r#""payment_platform_validated":true"#,
            Self::Checkout => r#""status":"paid""#,
            Self::Fixed => "",
        }
    }
}

/// Customers who all ask the same.
#[derive(Debug)]
pub struct Customers {
    question: Question,
    path: String,
    body: Bytes,
    /// The headers of each; they take turns.
    who: Vec<HeaderMap>,
}

impl Customers {
    /// At least one customer, by their headers.
    pub fn new(question: Question, who: Vec<HeaderMap>) -> Self {
        Self { question, path: question.path(), body: question.body(), who }
    }

    /// The same customers with another question.
    pub fn asking(&self, question: Question) -> Self {
        let (path, body) = (self.path.clone(), self.body.clone());
        Self { question, path, body, who: self.who.clone() }
    }

    /// Asks once; the length of the answer.
    pub async fn once(&self, conn: &mut Conn, n: u64) -> Result<usize, Stop> {
        let name = self.question.name();
        let caller = match self.who.len() {
            0 => Caller::Anonymous,
            count => Caller::Carrying(&self.who[n as usize % count]),
        };
        let answer = ask(conn, name, (Method::POST, &self.path), caller, self.body.clone()).await?;
        if !says(&answer.body, self.question.sign()) {
            return Err(odd(name, &refusal(&answer.body)));
        }
        Ok(answer.body.len())
    }

    /// Gives each customer credit, so that so many checkouts can be paid by all together.
    pub async fn earn(&self, conn: &mut Conn, checkouts: u64) -> anyhow::Result<()> {
        let count = self.who.len().max(1) as u64;
        let each = (checkouts * PRICE).div_ceil(TOP_UP * count).max(1);
        for who in &self.who {
            for _ in 0..each {
                top_up(conn, who).await?;
            }
        }
        Ok(())
    }
}

impl Shoppers for Customers {
    fn steps(&self) -> Vec<&'static str> {
        vec![self.question.name()]
    }

    async fn walk(&self, conn: &mut Conn, n: u64, laps: &mut Laps) -> Result<(), Stop> {
        self.once(conn, n).await?;
        laps.step();
        Ok(())
    }
}

/// True when the text is there.
fn says(body: &[u8], text: &str) -> bool {
    text.is_empty() || body.windows(text.len()).any(|part| part == text.as_bytes())
}

/// An application, and the shopper's address that it forwards.
#[derive(Debug)]
pub struct Application(HeaderMap);

impl Application {
    /// From its keys, written `public:private`.
    pub fn new(keys: &str, client_ip: &str) -> anyhow::Result<Self> {
        let (public, private) = keys.split_once(':').context("an application's keys are `public:private`")?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-application-api-public-key", public),
            ("x-application-api-private-key", private),
            ("x-application-forwarded-client-ip-address", client_ip),
        ] {
            headers.insert(name, HeaderValue::from_str(value)?);
        }
        Ok(Self(headers))
    }

    /// A customer by their token.
    pub fn customer(&self, token: &str) -> anyhow::Result<HeaderMap> {
        let mut headers = self.0.clone();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
        Ok(headers)
    }

    /// Logs into an account that the benchmark made.
    pub async fn log_in(&self, conn: &mut Conn, account: &Account) -> anyhow::Result<HeaderMap> {
        let body = json!({"customer_email_address": account.email, "customer_password": PASSWORD});
        let answer = post(conn, &format!("{API}/customer/login"), &self.0, &body).await?;
        self.customer(answer["data"]["access_token"].as_str().context("a login without a token")?)
    }
}

/// Pays a top-up through the simulator.
async fn top_up(conn: &mut Conn, who: &HeaderMap) -> anyhow::Result<()> {
    let body = json!({"is_top_up": true, "top_up_amount": TOP_UP, "payment_method_id": "stripe:card"});
    let begun = post(conn, &format!("{API}/checkout/create"), who, &body).await?;
    let order = begun["data"]["order_id"].as_str().context("a top-up without an order")?;
    let path = format!("/simulator/sim/payments/{order}/run");
    let paid = post(conn, &path, who, &json!({"scenario": "pay"})).await.context("the server's simulator")?;
    if paid["deliveries"][0]["status"] != 200 {
        bail!("the shop did not take the payment of a top-up: {}", paid["deliveries"]);
    }
    Ok(())
}

async fn post(conn: &mut Conn, path: &str, who: &HeaderMap, body: &Value) -> anyhow::Result<Value> {
    let answer = conn.call(Method::POST, path, Caller::Carrying(who), body.to_string()).await?;
    if !answer.is_success() {
        bail!("{path} was answered {} {}", answer.status, refusal(&answer.body));
    }
    serde_json::from_slice(&answer.body).with_context(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_found_anywhere() {
        assert!(says(b"{\"a\":1}", "\"a\":1") && says(b"", "") && says(b"x", "x"));
        assert!(!says(b"{\"a\":1}", "\"a\":2") && !says(b"", "x"));
    }

    #[test]
    fn keys_are_a_pair() {
        assert!(Application::new("public", "8.8.8.8").is_err());
        let headers = Application::new("one:two", "8.8.8.8").unwrap().customer("three").unwrap();
        assert_eq!(headers["x-application-api-private-key"], "two");
        assert_eq!(headers[AUTHORIZATION], "Bearer three");
    }
}
