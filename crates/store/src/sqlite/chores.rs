//! What is done beside requests: due jobs are leased, and what has run out is forgotten.
//!
//! Each chore has a look on a reader's connection in front of it, so that an idle server writes nothing.

use super::commit::integer;
use super::read::lost;
use super::shared::Effect;
use super::writer::{Tx, failed};
use super::{notices, stock};
use crate::rules;
use domain::Time;
use engine::ports::{CommitError, Job, Queue, StoreError};
use rusqlite::{Connection, Params};

pub(super) fn is_due(connection: &Connection, queue: Queue, now: Time) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE queue = ?1 AND due_at <= ?2 AND leased_until <= ?2)",
        (queue.name(), now.0),
    )
}

/// Each lease counts one try; whoever comes within its time sees the job taken.
pub(super) fn lease(
    tx: &mut Tx<'_>,
    queue: Queue,
    now: Time,
    for_ms: i64,
    limit: usize,
) -> Result<Vec<Job>, CommitError> {
    let until = now.0.saturating_add(for_ms);
    let due: Vec<i64> = {
        let sql = "SELECT key FROM jobs WHERE queue = ?1 AND due_at <= ?2 AND leased_until <= ?2 ORDER BY due_at, key LIMIT ?3";
        let mut statement = tx.connection.prepare_cached(sql).map_err(failed)?;
        let limit = integer(limit as u64);
        let rows = statement.query_map((queue.name(), now.0, limit), |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)?
    };
    let mut leased = Vec::with_capacity(due.len());
    for key in due {
        let tries = tx.first(
            "UPDATE jobs SET leased_until = ?3, tries = tries + 1 WHERE queue = ?1 AND key = ?2 RETURNING tries",
            (queue.name(), key, until),
            |row| row.get(0),
        )?;
        leased.extend(tries.map(|tries| Job { key, tries }));
    }
    tx.effects.push(Effect::Passed(now));
    Ok(leased)
}

/// Whether anything has run out.
pub(super) fn is_untidy(connection: &Connection, now: Time) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT EXISTS (SELECT 1 FROM replies WHERE expires_at <= ?1)
             OR EXISTS (SELECT 1 FROM stock_holds WHERE taken = 0 AND expires_at <= ?1)
             OR EXISTS (SELECT 1 FROM notices WHERE at <= ?2)",
        (now.0, rules::notices_kept_since(now).0),
    )
}

pub(super) fn tidy(tx: &mut Tx<'_>, now: Time) -> Result<u64, CommitError> {
    let replies = tx.run(
        "DELETE FROM replies WHERE hash IN (SELECT hash FROM replies WHERE expires_at <= ?1 LIMIT ?2)",
        (now.0, integer(rules::TIDY_ROWS)),
    )?;
    let holds = stock::release_overdue(tx, now, rules::TIDY_ROWS)?;
    let notices = notices::tidy(tx, now)?;
    tx.effects.push(Effect::Passed(now));
    Ok(holds + (replies + notices) as u64)
}

fn exists(connection: &Connection, sql: &str, params: impl Params) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    statement.query_row(params, |row| row.get(0)).map_err(lost)
}
