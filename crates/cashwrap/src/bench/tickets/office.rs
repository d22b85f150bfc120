//! The box office: makes an event with so many seats, and compares the books when the sale is over.

use std::time::Duration;

use anyhow::{Context as _, bail};
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::API;
use super::buyers::{new_order, refusal_code};
use crate::bench::client::{Caller, Conn, Target};
use crate::bench::walk::refusal;

/// How long before its deadline we begin to ask for a seat that is held.
const BEFORE: i64 = 2;

/// How long after its deadline a held seat may at most be taken before that counts as never.
const PATIENCE: Duration = Duration::from_secs(30);

/// How far our idea of the server's clock may be off, in microseconds: its answer takes a while to reach us.
const BLUR: i64 = 100_000;

/// Pause between two askings at the deadline.
const ASK: Duration = Duration::from_millis(2);

/// An event on sale.
#[derive(Debug, Clone, Copy)]
pub struct OnSale {
    pub event: i64,
    pub pool: i64,
    /// What buyers order.
    pub variant: i64,
}

/// Staff.
#[derive(Debug)]
pub struct Office {
    conn: Conn,
    key: String,
}

impl Office {
    pub fn new(target: &Target, key: &str) -> Office {
        Office { conn: Conn::new(target), key: key.to_owned() }
    }

    /// The server listens somewhere else now.
    pub fn call_on(&mut self, target: &Target) {
        self.conn = Conn::new(target);
    }

    async fn ask(&mut self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.conn.call(method, path, Caller::Key(&self.key), text).await?;
        if !answer.is_success() {
            bail!("{path} was answered {} {}", answer.status, refusal(&answer.body));
        }
        serde_json::from_slice(&answer.body).with_context(|| path.to_owned())
    }

    async fn make(&mut self, plural: &str, singular: &str, row: Value) -> anyhow::Result<i64> {
        let path = format!("{API}/admin/{plural}");
        let made = self.ask(Method::POST, &path, json!({ singular: row })).await?;
        made["id"].as_i64().with_context(|| format!("{path}: no id"))
    }

    /// An event with a pool of so many seats and one ticket for it, at 15.00, that asks for no names.
    pub async fn open_sale(&mut self, seats: u32) -> anyhow::Result<OnSale> {
        let pool = self.make("pools", "pool", json!({"name": "Bench hall", "size": seats})).await?;
        let times = json!({
            "name": "Bench concert", "starts_at": "2090-05-01T19:00:00Z", "ends_at": "2090-05-01T22:00:00Z",
            "timezone": "UTC", "published_at": "2020-01-01T00:00:00Z",
        });
        let event = self.make("events", "event", times).await?;
        let kind =
            self.make("ticket_types", "ticket_type", json!({"name": "Seat", "event_id": event})).await?;
        let product = json!({"name": "Bench seat", "kind": "registration", "event_id": event});
        let product = self.make("products", "product", product).await?;
        let variant = json!({
            "product_id": product, "is_master": true,
            "prices": [{"currency": "USD", "amount": 1500}],
            "pools": [{"pool_id": pool, "units": 1}],
            "package": [{"event_id": event, "ticket_type_id": kind, "quantity": 1}],
        });
        let variant = self.make("variants", "variant", variant).await?;
        Ok(OnSale { event, pool, variant })
    }

    /// What the server's books say of a finished sale, where it is not what it should be.
    pub async fn compare(&mut self, sale: &OnSale, sold: u32, api_key: &str) -> anyhow::Result<Vec<String>> {
        let mut broken = Vec::new();
        let pool = self.ask(Method::GET, &format!("{API}/admin/pools/{}", sale.pool), Value::Null).await?;
        let left = pool["size"].as_i64().unwrap_or_default() - i64::from(sold);
        if pool["available"] != left {
            broken.push(format!("the pool has {} seats left, not {left}", pool["available"]));
        }
        let path = format!("{API}/tickets?page[size]=1&filter[event_id]={}&filter[status]=", sale.event);
        for (status, count) in [("valid", sold), ("pending", 0)] {
            let path = format!("{path}{status}");
            let answer = self.conn.call(Method::GET, &path, Caller::Key(api_key), "").await?;
            let list: Value = serde_json::from_slice(&answer.body).context("a list of tickets")?;
            let total = &list["meta"]["total"];
            if *total != count {
                broken.push(format!("the server lists {total} {status} tickets, not {count}"));
            }
        }
        Ok(broken)
    }

    /// Holds the last seat of another event and asks for it around the deadline of that hold. How long after the
    /// deadline, by the server's clock, somebody else got it; in microseconds, within a few milliseconds.
    pub async fn lateness(&mut self, api_key: &str) -> anyhow::Result<u64> {
        let sale = self.open_sale(1).await?;
        let path = format!("{API}/orders");
        let body = new_order(sale.variant, 0).to_string();
        let first = self.conn.call(Method::POST, &path, Caller::Key(api_key), body.clone()).await?;
        let first: Value = serde_json::from_slice(&first.body).context("the order that holds the seat")?;
        let deadline = moment(&first["expires_at"])?;
        // The test clock moves in whole seconds; its answer says what time it is on the server.
        let (now, _) = self.clock(0).await?;
        let (now, at) = self.clock((deadline - now) / 1_000_000 - BEFORE).await?;
        loop {
            let answer = self.conn.call(Method::POST, &path, Caller::Key(api_key), body.clone()).await?;
            let elapsed = i64::try_from(at.elapsed().as_micros())?;
            match (answer.status, refusal_code(&answer)) {
                (201, _) if now + elapsed + BLUR < deadline => bail!("a seat was sold while it was held"),
                (201, _) => return Ok(u64::try_from(now + elapsed - deadline).unwrap_or_default()),
                (422, Some(code)) if code == "sold_out" => sleep(ASK).await,
                _ => bail!("at the deadline: {} {}", answer.status, refusal(&answer.body)),
            }
            if now + elapsed > deadline + i64::try_from(PATIENCE.as_micros())? {
                bail!("a seat was not free {} s after its deadline", PATIENCE.as_secs());
            }
        }
    }

    /// Pushes the server's clock; what time it is there, in microseconds, and when that was here.
    async fn clock(&mut self, seconds: i64) -> anyhow::Result<(i64, Instant)> {
        let body = json!({"advance_seconds": seconds.max(0)});
        let answer = self.ask(Method::POST, "/admin/test/clock", body).await?;
        Ok((moment(&answer["now"])?, Instant::now()))
    }
}

/// Microseconds since 1970.
fn moment(text: &Value) -> anyhow::Result<i64> {
    let text = text.as_str().context("a time")?;
    Ok(text.parse::<jiff::Timestamp>().with_context(|| text.to_owned())?.as_microsecond())
}
