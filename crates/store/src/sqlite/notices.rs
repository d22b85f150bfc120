//! Events of payment platforms, each once.

use super::read::lost;
use super::writer::Tx;
use domain::Time;
use engine::ports::{CommitError, Notice, Seen, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn put(tx: &Tx<'_>, notice: &Notice, now: Time) -> Result<(), CommitError> {
    let order = notice.order.map(|order| order.0);
    let stored = tx.run(
        "INSERT INTO notices (platform, id, order_id, at, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        params![notice.platform, notice.id, order, now.0, notice.body],
    )?;
    if stored == 1 { Ok(()) } else { Err(CommitError::Duplicate("notice".to_owned())) }
}

pub(super) fn seen(connection: &Connection, platform: &str, id: &str) -> Result<Seen, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM notices WHERE platform = ?1 AND id = ?2").map_err(lost)?;
    let found = statement.query_row((platform, id), |_| Ok(())).optional().map_err(lost)?;
    Ok(if found.is_some() { Seen::Before } else { Seen::Never })
}

/// Forgets what no platform tells again.
pub(super) fn tidy(tx: &Tx<'_>, now: Time) -> Result<usize, CommitError> {
    tx.run(
        "DELETE FROM notices WHERE (platform, id) IN (SELECT platform, id FROM notices WHERE at <= ?1 LIMIT ?2)",
        (crate::rules::notices_kept_since(now).0, super::commit::integer(crate::rules::TIDY_ROWS)),
    )
}
