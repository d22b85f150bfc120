//! Buyers of the sale: each asks for one ticket, and whoever got one walks through the checkout to its end.
//!
//! A buyer whose request got no answer asks again under the same key as soon as a server listens, as a good client
//! would. Every answer is counted once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use hyper::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::API;
use crate::bench::client::{Answer, Caller, Conn, Target};
use crate::bench::stats::Stats;
use crate::bench::walk::refusal;

/// Longest wait for a server that was killed and started again.
const RESTART: Duration = Duration::from_secs(90);

/// Pause between two looks at a payment.
const POLL: Duration = Duration::from_millis(40);

/// Longest time a payment may be under way.
const PAYMENT: Duration = Duration::from_secs(60);

/// Most steps of a checkout; a server that leads in circles is an error.
const STEPS: u32 = 10;

/// What buyers share.
#[derive(Debug)]
pub struct Sale {
    target: watch::Receiver<Target>,
    key: String,
    variant: i64,
    buyers: u32,
    next: AtomicU32,
    done: AtomicU64,
    again: AtomicU64,
    begun: Mutex<Instant>,
    notes: Mutex<Notes>,
}

/// What the buyers of a sale saw.
#[derive(Debug)]
pub struct Notes {
    /// Orders that hold a seat and are not paid yet, with their buyers.
    pub held: Vec<(u32, Value)>,
    pub granted: Stats,
    pub refused: Stats,
    pub checkouts: Stats,
    /// From the first request to the last seat.
    pub selling: Duration,
    /// Answers that should not be.
    pub odd: BTreeMap<String, u64>,
    pub complete: Vec<Value>,
}

impl Default for Notes {
    fn default() -> Notes {
        Notes {
            held: Vec::new(),
            granted: Stats::new(["hold"]),
            refused: Stats::new(["refusal"]),
            checkouts: Stats::new(["checkout"]),
            selling: Duration::ZERO,
            odd: BTreeMap::new(),
            complete: Vec::new(),
        }
    }
}

impl Sale {
    /// A sale of one ticket each; `target` says where the server listens now.
    pub fn new(target: watch::Receiver<Target>, key: &str, variant: i64, buyers: u32) -> Sale {
        Sale {
            target,
            key: key.to_owned(),
            variant,
            buyers,
            next: AtomicU32::new(0),
            done: AtomicU64::new(0),
            again: AtomicU64::new(0),
            begun: Mutex::new(Instant::now()),
            notes: Mutex::new(Notes::default()),
        }
    }

    /// A new act begins.
    pub fn begin(&self) {
        self.done.store(0, Ordering::SeqCst);
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Seats given, or tickets paid, since the act began.
    pub fn progress(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// Requests that were sent more than once.
    pub fn sent_again(&self) -> u64 {
        self.again.load(Ordering::SeqCst)
    }

    /// What was seen, once nobody sees more.
    pub fn take_notes(&self) -> Notes {
        self.note(std::mem::take)
    }

    fn note<T>(&self, note: impl FnOnce(&mut Notes) -> T) -> T {
        // A poisoned lock means a buyer panicked; what was noted up to then is still right.
        note(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Buyers ask one after the other, until there are none left.
    pub async fn hold_seats(&self) -> anyhow::Result<()> {
        let mut line = self.line();
        loop {
            let buyer = self.next.fetch_add(1, Ordering::SeqCst);
            if buyer >= self.buyers {
                return Ok(());
            }
            let order = new_order(self.variant, buyer);
            let begun = Instant::now();
            let answer = line.ask(Method::POST, "/orders", &order, &format!("hold-{buyer}")).await?;
            let took = begun.elapsed();
            match (answer.status, refusal_code(&answer)) {
                (201, _) => {
                    let held: Value = serde_json::from_slice(&answer.body).context("an order")?;
                    let since = self.begun.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
                    self.note(|notes| {
                        notes.granted.add(&[], Ok(took));
                        notes.selling = notes.selling.max(since);
                        notes.held.push((buyer, held));
                    });
                    self.done.fetch_add(1, Ordering::SeqCst);
                }
                (422, Some(code)) if code == "sold_out" => {
                    self.note(|notes| notes.refused.add(&[], Ok(took)));
                }
                _ => {
                    let words = format!("hold: {} {}", answer.status, refusal(&answer.body));
                    self.note(|notes| *notes.odd.entry(words).or_default() += 1);
                }
            }
        }
    }

    /// Whoever holds a seat pays for it.
    pub async fn buy_seats(&self) -> anyhow::Result<()> {
        let mut line = self.line();
        while let Some((buyer, held)) = self.note(|notes| notes.held.pop()) {
            let begun = Instant::now();
            match line.check_out(buyer, held).await {
                Ok(complete) => {
                    self.note(|notes| {
                        notes.checkouts.add(&[], Ok(begun.elapsed()));
                        notes.complete.push(complete);
                    });
                    self.done.fetch_add(1, Ordering::SeqCst);
                }
                Err(error) => {
                    let words = format!("checkout: {error:#}");
                    self.note(|notes| *notes.odd.entry(words).or_default() += 1);
                }
            }
        }
        Ok(())
    }

    fn line(&self) -> Line<'_> {
        let mut target = self.target.clone();
        let conn = Conn::new(&target.borrow_and_update());
        Line { sale: self, target, conn }
    }
}

/// A connection that is made anew where the server listens after its death.
struct Line<'a> {
    sale: &'a Sale,
    target: watch::Receiver<Target>,
    conn: Conn,
}

impl Line<'_> {
    /// Asks until there is an answer, always under the same key.
    async fn ask(&mut self, method: Method, path: &str, body: &Value, once: &str) -> anyhow::Result<Answer> {
        let path = format!("{API}{path}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        loop {
            let caller = Caller::Key(&self.sale.key);
            let error = match self.conn.call_once(method.clone(), &path, caller, body.clone(), once).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let moved = tokio::time::timeout(RESTART, self.target.changed()).await;
            if !matches!(moved, Ok(Ok(()))) {
                return Err(error.context("the server gave no answer, and none was started again"));
            }
            self.conn = Conn::new(&self.target.borrow_and_update());
            self.sale.again.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// One step; its answer is the order.
    async fn step(&mut self, buyer: u32, nth: u32, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.ask(Method::PATCH, path, body, &format!("step-{buyer}-{nth}")).await?;
        if !answer.is_success() {
            bail!("{} {}", answer.status, refusal(&answer.body));
        }
        serde_json::from_slice(&answer.body).context("an order")
    }

    /// Gives each step what it asks for, then waits for the payment.
    async fn check_out(&mut self, buyer: u32, held: Value) -> anyhow::Result<Value> {
        let id = held["id"].as_i64().context("an order has an id")?;
        let token = held["guest_token"].as_str().unwrap_or_default().to_owned();
        let mut order = self.step(buyer, 0, &format!("/checkout/{id}/next"), &json!({})).await?;
        for nth in 1..=STEPS {
            let state = order["state"].as_str().unwrap_or_default().to_owned();
            match state.as_str() {
                "complete" => return Ok(order),
                "processing" => {
                    order = self.settled(id, &token).await?;
                    continue;
                }
                _ => {}
            }
            let data = data_of(&state, &order)?;
            order = self.step(buyer, nth, &format!("/checkout/{id}"), &json!({ "order": data })).await?;
        }
        bail!("stuck in {}", order["state"])
    }

    async fn settled(&mut self, id: i64, token: &str) -> anyhow::Result<Value> {
        let begun = Instant::now();
        let path = format!("/orders/{id}/poll?guest_token={token}");
        while begun.elapsed() < PAYMENT {
            sleep(POLL).await;
            // A look changes nothing, so its key is of no use to the server; it only has to be one.
            let answer = self.ask(Method::GET, &path, &Value::Null, "poll").await?;
            if !answer.is_success() {
                bail!("{} {}", answer.status, refusal(&answer.body));
            }
            let order: Value = serde_json::from_slice(&answer.body)?;
            if order["state"] != "processing" {
                return Ok(order);
            }
        }
        bail!("still processing after {} s", PAYMENT.as_secs())
    }
}

/// An order of one ticket.
pub fn new_order(variant: i64, buyer: u32) -> Value {
    json!({"order": {
        "currency": "USD", "guest_checkout": true, "first_name": "Bench", "last_name": "Buyer",
        "email": format!("buyer-{buyer}@example.com"),
        "line_items": [{"variant_id": variant, "quantity": 1}],
    }})
}

fn data_of(state: &str, order: &Value) -> anyhow::Result<Value> {
    let address = json!({
        "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101", "state_code": "WA", "country_code": "US",
    });
    Ok(match state {
        "address" => json!({"state": state, "bill_address": address}),
        "payment" => {
            let source = json!({"brand": "visa", "last_four": "4242", "token": "tok_bench"});
            let payment = json!({"payment_method_id": order["payment_methods"][0]["id"], "source": source});
            json!({"state": state, "payments": [payment]})
        }
        "confirm" => json!({"state": state, "confirm": true}),
        other => bail!("a plain ticket has no step `{other}`"),
    })
}

/// The code of the first error, wherever it stands: on the order itself or on one of its lines.
pub fn refusal_code(answer: &Answer) -> Option<String> {
    fn first(errors: &Value) -> Option<&str> {
        let own = errors["attributes"].get(0).and_then(|error| error["code"].as_str());
        own.or_else(|| {
            let groups = errors["associations"].as_object()?.values().filter_map(Value::as_object);
            groups.flat_map(|group| group.values()).find_map(|record| first(&record["errors"]))
        })
    }
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    first(&body["errors"]).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_refusal_is_found_at_any_depth() {
        let code = |body: Value| {
            refusal_code(&Answer { status: 422, body: body.to_string().into(), cookies: Vec::new() })
        };
        let leaf = json!({"attributes": [{"attribute": "quantity", "code": "sold_out"}]});
        assert_eq!(code(json!({"errors": leaf})).as_deref(), Some("sold_out"));
        let deep =
            json!({"attributes": [], "associations": {"tickets": {}, "line_items": {"0": {"errors": leaf}}}});
        assert_eq!(code(json!({"errors": deep})).as_deref(), Some("sold_out"));
        assert_eq!(code(json!({"errors": {"attributes": []}})), None);
        assert_eq!(code(json!({"type": "not_found"})), None);
    }
}
