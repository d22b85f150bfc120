//! Contacts: rows of the customer table that an address leads to, one for each address. Accounts are found elsewhere.

use super::read::lost;
use super::writer::Tx;
use domain::user::User;
use domain::{IdKind, UserId};
use engine::ports::{CommitError, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// A contact that is not there yet.
pub(super) fn insert(tx: &Tx<'_>, contact: &User, document: &[u8]) -> Result<(), CommitError> {
    let named = tx.run(
        "INSERT INTO contacts (email, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (&contact.email, contact.id.0),
    )?;
    if named == 0 {
        return Err(CommitError::EmailTaken);
    }
    let version = super::commit::integer(contact.version);
    let stored = tx.run(
        "INSERT INTO users (id, version, account_email, doc) VALUES (?1, ?2, NULL, ?3) ON CONFLICT DO NOTHING",
        params![contact.id.0, version, document],
    )?;
    if stored == 0 {
        return Err(CommitError::UserConflict);
    }
    tx.lift(IdKind::User, contact.id.0)
}

/// Before the user is removed: an address leads to nobody who is gone.
pub(super) fn forget(tx: &Tx<'_>, user: UserId) -> Result<(), CommitError> {
    tx.run(
        "DELETE FROM contacts
         WHERE user_id = ?1 AND (SELECT account_email FROM users WHERE id = ?1) IS NULL",
        [user.0],
    )
    .map(drop)
}

pub(super) fn find(
    connection: &Connection,
    emails: &[String],
) -> Result<BTreeMap<String, UserId>, StoreError> {
    let sql = "SELECT user_id FROM contacts WHERE email = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let mut found = BTreeMap::new();
    for email in emails {
        let id: Option<i64> = statement.query_row([email], |row| row.get(0)).optional().map_err(lost)?;
        found.extend(id.map(|id| (email.clone(), UserId(id))));
    }
    Ok(found)
}
