//! The store's own key: drawn outside, kept by the first who asks, the same for everybody afterwards.

use super::writer::Tx;
use engine::ports::CommitError;

pub(super) fn own(tx: &Tx<'_>, fresh: [u8; 32]) -> Result<[u8; 32], CommitError> {
    let own = tx.first(
        "INSERT INTO secrets (name, bytes) VALUES ('own', ?1)
         ON CONFLICT (name) DO UPDATE SET bytes = bytes RETURNING bytes",
        [fresh],
        |row| row.get::<_, [u8; 32]>(0),
    )?;
    own.ok_or_else(|| CommitError::Unavailable("the store has no key".to_owned()))
}
