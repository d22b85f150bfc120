//! Files: a row each, written once and never changed.

use super::read::lost;
use super::writer::Tx;
use engine::ports::{CommitError, StoreError};
use engine::{File, FileKey};
use rusqlite::{Connection, OptionalExtension};

/// One that is there already stays as it is: it has the same bytes.
pub(super) fn put(tx: &Tx<'_>, key: &FileKey, file: &File) -> Result<(), CommitError> {
    tx.run(
        "INSERT INTO files (key, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (key.0, &file.bytes()[..]),
    )
    .map(drop)
}

pub(super) fn find(connection: &Connection, key: &FileKey) -> Result<Option<File>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT bytes FROM files WHERE key = ?1").map_err(lost)?;
    let read = |row: &rusqlite::Row<'_>| Ok(row.get_ref(0)?.as_blob().map(File::read)?);
    let found = statement.query_row([key.0], read).optional().map_err(lost)?;
    found.transpose().map_err(|error| StoreError(format!("file {key} is damaged: {error}")))
}
