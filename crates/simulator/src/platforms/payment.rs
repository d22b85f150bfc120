//! A payment at a platform: what it is, what it may become, and how it is found.
//!
//! Amounts are minor units. What was received is told apart from what was asked: buyers of coins send what they like.

use crate::clock::Clock;
use crate::keep::Keep;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest life of an open payment.
const LIFE_S: i64 = 7 * 24 * 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The buyer has yet to pay, or to confirm.
    Open,
    Paid,
    /// Something came, but too little; more may come until it expires.
    Underpaid,
    Declined,
    Expired,
    Canceled,
    Refunded,
    Voided,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Paid => "paid",
            Status::Underpaid => "underpaid",
            Status::Declined => "declined",
            Status::Expired => "expired",
            Status::Canceled => "canceled",
            Status::Refunded => "refunded",
            Status::Voided => "voided",
        }
    }
}

/// What a shop asks for. With a `token` a saved card is charged; else the buyer is sent to a page.
#[derive(Debug, Clone, Deserialize)]
pub struct Create {
    pub attempt: String,
    #[serde(default)]
    pub order: String,
    pub amount: i64,
    pub currency: String,
    pub method: String,
    pub token: Option<String>,
    /// Whether the buyer wants to use the card again.
    #[serde(default)]
    pub save: bool,
    pub return_url: String,
    #[serde(default)]
    pub cancel_url: Option<String>,
    pub webhook_url: String,
    #[serde(default = "an_hour")]
    pub expires_in_s: i64,
}

fn an_hour() -> i64 {
    3600
}

impl Create {
    pub fn check(&self) -> Result<(), &'static str> {
        let is_url = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        let cancel = self.cancel_url.as_deref().unwrap_or(&self.return_url);
        if self.attempt.is_empty() {
            Err("An attempt has an id.")
        } else if self.amount <= 0 {
            Err("An amount is above zero.")
        } else if ![self.return_url.as_str(), cancel, &self.webhook_url].into_iter().all(is_url) {
            Err("return_url, cancel_url and webhook_url are whole addresses.")
        } else if !(1..=LIFE_S).contains(&self.expires_in_s) {
            Err("A payment waits between a second and seven days.")
        } else {
            Ok(())
        }
    }
}

/// A refund or void of a payment, under an attempt of its own.
#[derive(Debug, Clone, Deserialize)]
pub struct FollowUp {
    pub attempt: String,
    pub payment_id: String,
    /// All of it, if nothing is said.
    #[serde(default)]
    pub amount: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    Refund,
    Void,
}

/// A card as a shop may show it. The token charges it again; there is one only if the buyer wanted that.
#[derive(Debug, Clone, Serialize)]
pub struct PaidWith {
    pub brand: &'static str,
    pub last4: &'static str,
    pub exp_month: u8,
    pub exp_year: u16,
    pub token: Option<String>,
}

/// A payment, refund or void. What a shop is told of it is exactly what is written here.
#[derive(Debug, Clone, Serialize)]
pub struct Payment {
    pub payment_id: String,
    pub attempt: String,
    pub platform: String,
    pub order: String,
    pub method: String,
    pub amount: i64,
    pub currency: String,
    /// What came in so far; for a refund, what went back.
    pub received: i64,
    pub status: Status,
    pub url: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    /// What was paid with, if it was a card.
    pub card: Option<PaidWith>,
    pub expires_at: String,
    #[serde(skip)]
    pub save: bool,
    #[serde(skip)]
    pub expires: Timestamp,
    #[serde(skip)]
    pub return_url: String,
    #[serde(skip)]
    pub cancel_url: String,
    #[serde(skip)]
    pub webhook_url: String,
    #[serde(skip)]
    pub refunded: i64,
    /// Events told so far.
    #[serde(skip)]
    pub sequence: u32,
}

impl Payment {
    fn create(platform: &str, create: Create, now: Timestamp, page: impl FnOnce(&str) -> String) -> Payment {
        let id = format!("pay_{}", uuid::Uuid::new_v4().simple());
        // Checked to be seven days at most.
        let expires = now.checked_add(SignedDuration::from_secs(create.expires_in_s)).unwrap_or(now);
        let mut payment = Payment {
            url: None,
            attempt: create.attempt,
            platform: platform.to_owned(),
            order: create.order,
            method: create.method,
            amount: create.amount,
            currency: create.currency,
            received: 0,
            status: Status::Open,
            code: None,
            message: None,
            card: None,
            save: create.save,
            expires_at: format!("{expires:.3}"),
            expires,
            cancel_url: create.cancel_url.unwrap_or_else(|| create.return_url.clone()),
            return_url: create.return_url,
            webhook_url: create.webhook_url,
            refunded: 0,
            sequence: 0,
            payment_id: id,
        };
        match create.token.as_deref().map(card) {
            Some(Card::Good) => payment.pay(payment.amount),
            Some(Card::Declined) => payment.decline(),
            Some(Card::Challenged) | None => payment.url = Some(page(&payment.payment_id)),
        }
        payment
    }

    /// Whether an attempt that came again asks for the same.
    pub fn is_for(&self, create: &Create) -> bool {
        (self.amount, &self.currency, &self.method) == (create.amount, &create.currency, &create.method)
    }

    pub fn pay(&mut self, received: i64) {
        self.received = self.received.saturating_add(received);
        self.status = if self.received >= self.amount { Status::Paid } else { Status::Underpaid };
        self.code = None;
        self.message = None;
        if self.method == "card" {
            let token = self.save.then(|| format!("card_{}", self.payment_id));
            self.card = Some(PaidWith { brand: "visa", last4: "4242", exp_month: 12, exp_year: 2034, token });
        }
    }

    pub fn decline(&mut self) {
        self.status = Status::Declined;
        self.code = Some("card_declined".to_owned());
        self.message = Some("Your payment was declined.".to_owned());
    }

    /// `3.75 USD`, for pages.
    pub fn money(&self) -> String {
        let amount = crate::decimal::Cents(self.amount);
        format!("{amount} {}", self.currency.to_uppercase())
    }

    /// When it expires, for pages.
    pub fn until(&self) -> String {
        self.expires.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    fn lapse(&mut self, now: Timestamp) {
        if self.status == Status::Open && now >= self.expires {
            self.status = Status::Expired;
        }
    }
}

enum Card {
    Good,
    Declined,
    Challenged,
}

/// A saved card does what the words in its token say.
fn card(token: &str) -> Card {
    let token = token.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| token.contains(word));
    if has(&["decline", "fail"]) {
        Card::Declined
    } else if has(&["3ds", "action", "challenge"]) {
        Card::Challenged
    } else {
        Card::Good
    }
}

/// All that is known, by payment id; attempts point at it.
#[derive(Debug)]
pub struct Payments {
    clock: Clock,
    payments: Keep<Payment>,
    attempts: Keep<String>,
}

fn key(platform: &str, attempt: &str) -> String {
    format!("{platform}/{attempt}")
}

impl Payments {
    pub(crate) fn new(clock: Clock) -> Payments {
        Payments { clock, payments: Keep::default(), attempts: Keep::default() }
    }

    /// A payment that is not kept yet.
    pub fn create(&self, platform: &str, create: Create, page: impl FnOnce(&str) -> String) -> Payment {
        Payment::create(platform, create, self.clock.now(), page)
    }

    pub fn put(&mut self, payment: Payment) {
        self.attempts.put(&key(&payment.platform, &payment.attempt), payment.payment_id.clone());
        let id = payment.payment_id.clone();
        self.payments.put(&id, payment);
    }

    pub fn get(&mut self, id: &str) -> Option<&mut Payment> {
        let payment = self.payments.get_mut(id)?;
        payment.lapse(self.clock.now());
        Some(payment)
    }

    pub fn attempt(&mut self, platform: &str, attempt: &str) -> Option<&mut Payment> {
        let id = self.attempts.get(&key(platform, attempt))?.clone();
        self.get(&id)
    }

    /// The newest payment that goes by this name: its id, an attempt or an order.
    pub fn named(&mut self, name: &str) -> Option<&mut Payment> {
        let is_it = |p: &&Payment| p.payment_id == name || p.attempt == name || p.order == name;
        let id = self.payments.newest().filter(|p| !p.webhook_url.is_empty()).find(is_it)?.payment_id.clone();
        self.get(&id)
    }

    pub fn newest(&self, most: usize) -> impl Iterator<Item = &Payment> {
        self.payments.newest().take(most)
    }

    /// Refunds or voids a payment, once per attempt. `None`: there is no such payment.
    pub fn follow(&mut self, platform: &str, asked: &FollowUp, follow: Follow) -> Option<Payment> {
        if let Some(known) = self.attempt(platform, &asked.attempt) {
            return Some(known.clone());
        }
        let payment = self.get(&asked.payment_id).filter(|payment| payment.platform == platform)?;
        let mut done = Payment {
            payment_id: format!("ref_{}", uuid::Uuid::new_v4().simple()),
            attempt: asked.attempt.clone(),
            amount: if asked.amount == 0 { payment.received } else { asked.amount },
            received: 0,
            url: None,
            webhook_url: String::new(),
            ..payment.clone()
        };
        let left = payment.received - payment.refunded;
        if done.amount <= 0 || done.amount > left {
            done.status = Status::Declined;
            done.code = Some("amount_too_large".to_owned());
            done.message = Some("There is not so much left of this payment.".to_owned());
        } else {
            payment.refunded += done.amount;
            done.received = done.amount;
            done.status = if follow == Follow::Void { Status::Voided } else { Status::Refunded };
            if follow == Follow::Void {
                payment.status = Status::Voided;
            }
        }
        self.put(done.clone());
        Some(done)
    }
}
