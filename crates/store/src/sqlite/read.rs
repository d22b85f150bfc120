//! Reads: a few connections, used on blocking threads, each read on one snapshot.

use super::open::connect;
use crate::codec::decode;
use domain::user::User;
use engine::ports::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Reads at the same time: more only wait for the same processors.
const READERS: usize = 8;

#[derive(Clone)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub fn new(path: PathBuf) -> Readers {
        Readers { path, idle: Arc::default(), permits: Arc::new(Semaphore::new(READERS)) }
    }

    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit =
            self.permits.clone().acquire_owned().await.map_err(|_| StoreError("closed".to_owned()))?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let connection = readers.connection().map_err(lost)?;
            let snapshot = connection.unchecked_transaction().map_err(lost)?;
            let result = work(&snapshot);
            drop(snapshot);
            readers.idle.lock().push(connection);
            drop(permit);
            result
        });
        reading.await.unwrap_or_else(|error| Err(StoreError(format!("a read panicked: {error}"))))
    }

    fn connection(&self) -> Result<Connection, rusqlite::Error> {
        if let Some(connection) = self.idle.lock().pop() {
            return Ok(connection);
        }
        let connection = connect(&self.path)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Closes what is idle.
    pub fn close(&self) {
        self.permits.close();
        self.idle.lock().clear();
    }
}

pub(super) fn lost(error: rusqlite::Error) -> StoreError {
    StoreError(error.to_string())
}

/// A document, or why it is refused: a damaged one is never guessed at.
pub(super) fn document<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    decode(bytes).map_err(|error| StoreError(error.to_string()))
}

pub(super) fn user_by(
    connection: &Connection,
    sql: &str,
    key: impl rusqlite::Params,
) -> Result<Option<(Arc<User>, usize)>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let mut rows = statement.query(key).map_err(lost)?;
    let Some(row) = rows.next().map_err(lost)? else { return Ok(None) };
    let bytes = row.get_ref(0).map_err(lost)?.as_blob().map_err(|error| StoreError(error.to_string()))?;
    Ok(Some((Arc::new(document(bytes)?), bytes.len())))
}
