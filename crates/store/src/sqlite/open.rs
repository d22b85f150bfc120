//! Opening a database: the lock against a second process, the settings, the migrations.
//!
//! WAL with `synchronous=FULL`: a commit is on disk before anyone hears of it. Checkpoints never run inside a
//! commit. One process owns a file; a second one is refused before it reads a page.

use rusqlite::Connection;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteTarget {
    File(PathBuf),
    /// A private database of which nothing survives the store.
    Memory,
}

impl SqliteTarget {
    /// Reads `sqlite:PATH` or `sqlite::memory:`; anything else is no SQLite database.
    pub fn from_url(url: &str) -> Option<SqliteTarget> {
        match url.strip_prefix("sqlite:")? {
            "" => None,
            ":memory:" => Some(SqliteTarget::Memory),
            path => Some(SqliteTarget::File(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))),
        }
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database {0} is in use by another process")]
    InUse(PathBuf),
    #[error("cannot open {path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("cannot open the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("cannot bring the database up to date: {0}")]
    Migration(#[from] Box<refinery::Error>),
    #[error("the database does not support a write-ahead log (journal mode is {0})")]
    NoLog(String),
    #[error("the database holds what cannot be read: {0}")]
    Damaged(String),
}

/// The file a store works on, and what must live as long as the store does.
pub(super) struct Place {
    pub path: PathBuf,
    pub durability: Durability,
    /// Held, not read: the operating system lets go of it when the process ends, however it ends.
    _lock: File,
    _directory: Option<tempfile::TempDir>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Synced before every answer.
    Synced,
    /// Nothing is meant to survive.
    None,
}

impl Place {
    pub fn take(target: &SqliteTarget) -> Result<Place, OpenError> {
        match target {
            SqliteTarget::File(path) => {
                let lock = lock(path)?;
                Ok(Place {
                    path: path.clone(),
                    durability: Durability::Synced,
                    _lock: lock,
                    _directory: None,
                })
            }
            SqliteTarget::Memory => {
                let temporary = std::env::temp_dir();
                let directory = tempfile::Builder::new().prefix("cashwrap-").tempdir();
                let directory = directory.map_err(|source| OpenError::Io { path: temporary, source })?;
                let path = directory.path().join("store.db");
                let lock = lock(&path)?;
                Ok(Place { path, durability: Durability::None, _lock: lock, _directory: Some(directory) })
            }
        }
    }
}

fn lock(database: &Path) -> Result<File, OpenError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let io = |source| OpenError::Io { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// How long a statement waits for a lock that somebody else has on the file.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(1);

/// A connection with the settings that all connections share.
pub(super) fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 67108864; PRAGMA cache_size = -16384; PRAGMA foreign_keys = OFF;",
    )?;
    Ok(connection)
}

/// The one connection that writes.
pub(super) fn connect_writer(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    let mut connection = connect(path)?;
    connection.pragma_update(None, "page_size", 4096)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::NoLog(mode));
    }
    sync_as(&connection, durability)?;
    // Grouped: a migration and the note that it was applied are one transaction, so a crash leaves both or neither.
    migrations::migrations::runner().set_grouped(true).run(&mut connection).map_err(Box::new)?;
    super::tickets::fill(&mut connection)?;
    Ok(connection)
}

/// The one that copies the log into the database.
pub(super) fn connect_checkpointer(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    let connection = connect(path)?;
    sync_as(&connection, durability)?;
    Ok(connection)
}

fn sync_as(connection: &Connection, durability: Durability) -> Result<(), rusqlite::Error> {
    let synchronous = match durability {
        Durability::Synced => "FULL",
        Durability::None => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)
}

/// Creates the database or brings it up to date, and closes it.
pub fn migrate(path: &Path) -> Result<(), OpenError> {
    let place = Place::take(&SqliteTarget::File(path.to_owned()))?;
    connect_writer(&place.path, place.durability)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::ports::Store as _;

    #[test]
    fn urls_name_files_or_memory() {
        let file = |path: &str| Some(SqliteTarget::File(path.into()));
        let cases = [
            ("sqlite::memory:", Some(SqliteTarget::Memory)),
            ("sqlite:shop.db", file("shop.db")),
            ("sqlite:/var/shop.db", file("/var/shop.db")),
            ("sqlite:///var/shop.db", file("/var/shop.db")),
            ("sqlite:", None),
            ("postgres://localhost", None),
        ];
        for (url, target) in cases {
            assert_eq!(SqliteTarget::from_url(url), target, "{url}");
        }
    }

    #[tokio::test]
    async fn an_older_database_is_brought_up_to_date() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.db");
        let mut old = Connection::open(&path).unwrap();
        let second = refinery::Target::Version(2);
        migrations::migrations::runner().set_target(second).run(&mut old).unwrap();
        old.execute("INSERT INTO stock_items VALUES (1, 1, 1, 5, 0, 0, 0)", []).unwrap();
        old.execute("INSERT INTO stock_movements VALUES (1, 1, 1, 1, 5, NULL, 0)", []).unwrap();
        drop(old);
        migrate(&path).unwrap();
        let settings = std::sync::Arc::new(domain::catalog::Settings {
            currency: domain::money::Currency::USD,
            default_country: "US".to_owned(),
            channels: Vec::new(),
            geography: domain::catalog::Geography::default(),
        });
        let store = crate::SqliteStore::open(&SqliteTarget::File(path), settings).unwrap();
        let file = engine::File::read(b"GIF89a").unwrap();
        let key = store.put_file(file.clone()).await.unwrap();
        assert_eq!(store.file(&key).await.unwrap(), Some(file));
        let kept = store.stock_item(domain::StockItemId(1)).await.unwrap().unwrap();
        assert_eq!(kept.on_hand, 5);
        assert_eq!(store.audit().await.unwrap(), []);
    }
}
