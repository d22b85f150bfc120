//! The outbox's rows: the position among the events, and deliveries that are leased, settled and forgotten.
//!
//! Events have growing ids because there is one writer: whoever has read up to an id has read all that will ever be
//! below it.

use super::SqliteStore;
use super::commit::integer;
use super::read::{document, lost};
use super::writer::{Tx, failed};
use async_trait::async_trait;
use domain::event::Event;
use domain::{OrderId, Time};
use engine::outbox::{Delivery, DeliveryKey, NewDelivery, OutboxCounts, OutboxRows, Posted, Settled};
use engine::ports::{CommitError, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

/// The name of its position.
const CONSUMER: &str = "outbox";

#[async_trait]
impl OutboxRows for SqliteStore {
    async fn outbox_position(&self) -> Result<i64, StoreError> {
        self.read(position).await
    }

    async fn events_after(&self, position: i64, limit: usize) -> Result<Vec<Posted>, StoreError> {
        self.read(move |connection| events_after(connection, position, limit)).await
    }

    async fn advance_outbox(&self, from: i64, to: i64, made: Vec<NewDelivery>) -> Result<bool, StoreError> {
        self.write(move |tx| advance(tx, from, to, &made)).await
    }

    async fn due_targets(&self, now: Time) -> Result<Vec<String>, StoreError> {
        self.read(move |connection| due_targets(connection, now)).await
    }

    async fn lease_deliveries(
        &self,
        target: &str,
        now: Time,
        for_ms: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let target = target.to_owned();
        self.write(move |tx| lease(tx, &target, now, for_ms, limit)).await
    }

    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        tries: u32,
        settled: Settled,
    ) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(move |tx| settle(tx, &key, tries, &settled)).await
    }

    async fn forget_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        // Looked at first, so that a look that finds nothing writes nothing.
        let any = self.read(move |connection| has_given_up_before(connection, before)).await?;
        if !any {
            return Ok(0);
        }
        let sql = "DELETE FROM deliveries WHERE (target, order_id, event, part) IN
             (SELECT target, order_id, event, part FROM deliveries WHERE given_up_at < ?1 LIMIT ?2)";
        self.write(move |tx| tx.run(sql, (before.0, integer(crate::rules::TIDY_ROWS))))
            .await
            .map(|rows| rows as u64)
    }

    async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        self.read(|connection| {
            let count = |sql: &str| -> Result<u64, StoreError> {
                let rows: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(lost)?;
                Ok(u64::try_from(rows).unwrap_or(0))
            };
            Ok(OutboxCounts {
                waiting: count("SELECT count(*) FROM deliveries WHERE given_up_at IS NULL")?,
                given_up: count("SELECT count(*) FROM deliveries WHERE given_up_at IS NOT NULL")?,
            })
        })
        .await
    }
}

fn position(connection: &Connection) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT position FROM consumers WHERE name = ?1").map_err(lost)?;
    Ok(statement.query_row([CONSUMER], |row| row.get(0)).optional().map_err(lost)?.unwrap_or(0))
}

fn events_after(connection: &Connection, position: i64, limit: usize) -> Result<Vec<Posted>, StoreError> {
    let sql = "SELECT id, order_id, doc FROM events WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let mut rows = statement.query((position, integer(limit as u64))).map_err(lost)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(lost)? {
        let bytes = row.get_ref(2).map_err(lost)?.as_blob().map_err(|error| StoreError(error.to_string()))?;
        found.push(Posted {
            position: row.get(0).map_err(lost)?,
            order: OrderId(row.get(1).map_err(lost)?),
            event: document(bytes)?,
        });
    }
    Ok(found)
}

/// The position moves only from where the caller believes it to be; a delivery that is there already stays as it is.
fn advance(tx: &Tx<'_>, from: i64, to: i64, made: &[NewDelivery]) -> Result<bool, CommitError> {
    tx.run("INSERT INTO consumers (name, position) VALUES (?1, 0) ON CONFLICT DO NOTHING", [CONSUMER])?;
    let moved = tx.run(
        "UPDATE consumers SET position = ?3 WHERE name = ?1 AND position = ?2",
        params![CONSUMER, from, to],
    )?;
    if moved == 0 {
        return Ok(false);
    }
    for NewDelivery { key, due_at } in made {
        tx.run(
            "INSERT INTO deliveries (target, order_id, event, part, due_at, leased_until, tries)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0) ON CONFLICT DO NOTHING",
            params![key.target, key.order.0, key.event, key.part, due_at.0, i64::MIN],
        )?;
    }
    Ok(true)
}

/// Free, due, and no earlier event of the same order waits for the same target.
macro_rules! free {
    () => {
        "one.given_up_at IS NULL AND one.due_at <= ?1 AND one.leased_until <= ?1 AND NOT EXISTS (
             SELECT 1 FROM deliveries AS before
             WHERE before.target = one.target AND before.order_id = one.order_id AND before.event < one.event
                 AND before.given_up_at IS NULL)"
    };
}

/// Steps from target to target in the index, so that what waits for one is not read through.
fn due_targets(connection: &Connection, now: Time) -> Result<Vec<String>, StoreError> {
    let next = "SELECT min(target) FROM deliveries WHERE given_up_at IS NULL AND target > ?1";
    let is_due =
        concat!("SELECT EXISTS (SELECT 1 FROM deliveries AS one WHERE one.target = ?2 AND ", free!(), ")");
    let mut targets = Vec::new();
    let mut last = String::new();
    loop {
        let mut statement = connection.prepare_cached(next).map_err(lost)?;
        let found: Option<String> = statement.query_row([&last], |row| row.get(0)).map_err(lost)?;
        let Some(target) = found else { return Ok(targets) };
        let mut statement = connection.prepare_cached(is_due).map_err(lost)?;
        if statement.query_row((now.0, &target), |row| row.get::<_, bool>(0)).map_err(lost)? {
            targets.push(target.clone());
        }
        last = target;
    }
}

/// Each lease counts one try; whoever comes within its time sees the delivery taken.
fn lease(
    tx: &Tx<'_>,
    target: &str,
    now: Time,
    for_ms: i64,
    limit: usize,
) -> Result<Vec<Delivery>, CommitError> {
    let sql = concat!(
        "SELECT one.order_id, one.event, one.part, events.doc FROM deliveries AS one
         JOIN events ON events.id = one.event WHERE one.target = ?2 AND ",
        free!(),
        " ORDER BY one.due_at, one.event, one.part LIMIT ?3"
    );
    let mut due: Vec<(DeliveryKey, Event)> = Vec::new();
    let mut statement = tx.connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query((now.0, target, integer(limit as u64))).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let key = DeliveryKey {
            target: target.to_owned(),
            order: OrderId(row.get(0).map_err(failed)?),
            event: row.get(1).map_err(failed)?,
            part: row.get(2).map_err(failed)?,
        };
        let bytes: Vec<u8> = row.get(3).map_err(failed)?;
        due.push((key, document(&bytes).map_err(|error| CommitError::Unavailable(error.0))?));
    }
    let mut leased = Vec::with_capacity(due.len());
    for (key, event) in due {
        let row = tx.first(
            "UPDATE deliveries SET leased_until = ?5, tries = tries + 1, first_try_at = coalesce(first_try_at, ?6)
             WHERE target = ?1 AND order_id = ?2 AND event = ?3 AND part = ?4 RETURNING tries, first_try_at",
            params![key.target, key.order.0, key.event, key.part, now.0.saturating_add(for_ms), now.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        leased.extend(row.map(|(tries, first)| Delivery { key, event, tries, first_try_at: Time(first) }));
    }
    Ok(leased)
}

fn settle(tx: &Tx<'_>, key: &DeliveryKey, tries: u32, settled: &Settled) -> Result<(), CommitError> {
    let (sql, at, error) = match settled {
        Settled::Done => {
            let sql =
                "DELETE FROM deliveries WHERE target = ?1 AND order_id = ?2 AND event = ?3 AND part = ?4";
            return tx.run(sql, params![key.target, key.order.0, key.event, key.part]).map(drop);
        }
        Settled::Again { due_at, error } => (
            "UPDATE deliveries SET due_at = ?6, leased_until = ?6, error = ?7
             WHERE target = ?1 AND order_id = ?2 AND event = ?3 AND part = ?4 AND tries = ?5",
            due_at,
            error,
        ),
        Settled::GivenUp { at, error } => (
            "UPDATE deliveries SET given_up_at = ?6, error = ?7
             WHERE target = ?1 AND order_id = ?2 AND event = ?3 AND part = ?4 AND tries = ?5",
            at,
            error,
        ),
    };
    tx.run(sql, params![key.target, key.order.0, key.event, key.part, tries, at.0, error]).map(drop)
}

fn has_given_up_before(connection: &Connection, before: Time) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE given_up_at < ?1)";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    statement.query_row([before.0], |row| row.get(0)).map_err(lost)
}
