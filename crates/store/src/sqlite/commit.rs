//! One commit as statements: every part checks its own condition in the write, and any error takes all back.
//!
//! Documents are encoded before they get here, so the writer's thread only runs statements. The order of the
//! parts decides which error is told when several conditions fail: a saved reply first, stock last.

use super::orders::{self, Write};
use super::shared::{Effect, Shared};
use super::writer::{Tx, failed, unavailable};
use crate::codec::encode;
use crate::columns::Columns;
use crate::counters::{ids_in, number_of};
use domain::event::Event;
use domain::user::User;
use domain::{IdKind, OrderId, Time, UserId};
use engine::ports::{Commit, CommitError, Committed, EntityChange, JobChange, OnceKey, SavedReply, UserPut};
use rusqlite::{OptionalExtension, Params, params};
use serde::Serialize;

/// A commit with its documents encoded.
pub(super) struct Prepared {
    commit: Commit,
    order: Option<(Columns, Vec<u8>, Write)>,
    events: Vec<Vec<u8>>,
    user: Option<Vec<u8>>,
    contacts: Vec<Vec<u8>>,
    entities: Vec<Option<Vec<u8>>>,
}

impl Prepared {
    pub fn new(commit: Commit, shared: &Shared) -> Result<Prepared, CommitError> {
        let order = match &commit.order {
            Some(put) => {
                let columns = Columns::of(&put.order);
                let how = Write::of(put, &columns, shared);
                Some((columns, bytes_of(&*put.order)?, how))
            }
            None => None,
        };
        let entity = |change: &EntityChange| match change {
            EntityChange::Put(entity) => bytes_of(entity).map(Some),
            EntityChange::Remove(..) => Ok(None),
        };
        Ok(Prepared {
            order,
            events: commit.events.iter().map(bytes_of::<Event>).collect::<Result<_, _>>()?,
            user: commit.user.as_ref().map(|put| bytes_of(&*put.user)).transpose()?,
            contacts: commit.contacts.iter().map(|row| bytes_of(&**row)).collect::<Result<_, _>>()?,
            entities: commit.entities.iter().map(entity).collect::<Result<_, _>>()?,
            commit,
        })
    }

    pub fn document_bytes(&self) -> usize {
        self.order.as_ref().map_or(0, |(_, document, _)| document.len())
    }
}

fn bytes_of<T: Serialize>(document: &T) -> Result<Vec<u8>, CommitError> {
    encode(document).map_err(|error| unavailable(error.to_string()))
}

impl Tx<'_> {
    /// Runs a cached statement; how many rows it changed.
    pub fn run(&self, sql: &str, params: impl Params) -> Result<usize, CommitError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map_err(failed)
    }

    /// The first row of a cached statement, if there is one.
    pub fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, CommitError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row(params, read).optional().map_err(failed)
    }

    /// Keeps an id that came from outside from being drawn again.
    pub fn lift(&self, kind: IdKind, id: i64) -> Result<(), CommitError> {
        self.run(
            "INSERT INTO counters (kind, next) VALUES (?1, ?2)
             ON CONFLICT (kind) DO UPDATE SET next = max(next, excluded.next)",
            (number_of(kind), id.saturating_add(1)),
        )
        .map(drop)
    }

    pub fn draw(&self, kind: IdKind, count: i64) -> Result<i64, CommitError> {
        let first = self.first(
            "INSERT INTO counters (kind, next) VALUES (?1, 1 + ?2)
             ON CONFLICT (kind) DO UPDATE SET next = next + ?2 RETURNING next - ?2",
            (number_of(kind), count),
            |row| row.get(0),
        )?;
        first.ok_or_else(|| unavailable("no id was drawn"))
    }
}

pub(super) fn apply(tx: &mut Tx<'_>, prepared: Prepared) -> Result<Committed, CommitError> {
    let Prepared { commit, order, events, user, contacts, entities } = prepared;
    let now = commit.now;
    if let Some((key, reply)) = &commit.reply {
        save_reply(tx, key, reply, now)?;
    }
    match (commit.order, order) {
        (Some(put), Some((columns, document, how))) => {
            orders::put(tx, &put, &columns, &document, how)?;
            put_events(tx, put.order.id, &commit.events, &events)?;
            tx.effects.push(Effect::Order { order: put.order, bytes: document.len() });
        }
        _ if commit.events.is_empty() => {}
        _ => return Err(crate::rules::events_without_order()),
    }
    if let (Some(put), Some(document)) = (commit.user, user) {
        put_user(tx, put, &document)?;
    }
    for (contact, document) in commit.contacts.iter().zip(&contacts) {
        super::contacts::insert(tx, contact, document)?;
    }
    if let Some(user) = commit.removed_user {
        remove_user(tx, user)?;
    }
    put_keys(tx, &commit.keys)?;
    for gone in &commit.dropped_keys {
        tx.run("DELETE FROM keys WHERE hash = ?1", [gone])?;
        tx.effects.push(Effect::KeyRemoved(*gone));
    }
    if let Some(declared) = &commit.declared_keys {
        declare_keys(tx, declared)?;
    }
    change_entities(tx, commit.entities, &entities)?;
    let mut committed = Committed::default();
    for change in commit.stock {
        super::stock_items::change(tx, change, now, &mut committed)?;
    }
    for credit in &commit.credits {
        super::money::grant(tx, credit, None, now)?;
    }
    for job in &commit.jobs {
        change_job(tx, job)?;
    }
    if let Some(notice) = &commit.notice {
        super::notices::put(tx, notice, now)?;
    }
    super::money::apply(tx, &commit.movements, now)?;
    super::stock::apply(tx, &commit.movements, now, &mut committed)?;
    tx.effects.push(Effect::Passed(now));
    Ok(committed)
}

fn save_reply(tx: &Tx<'_>, key: &OnceKey, reply: &SavedReply, now: Time) -> Result<(), CommitError> {
    let saved = tx.run(
        "INSERT INTO replies (hash, fingerprint, status, content_type, expires_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
             content_type = excluded.content_type, expires_at = excluded.expires_at, body = excluded.body
         WHERE replies.expires_at <= ?7",
        params![key.0, reply.fingerprint, reply.status, reply.content_type, reply.expires_at.0, reply.body, now.0],
    )?;
    if saved == 1 { Ok(()) } else { Err(CommitError::ReplyExists) }
}

fn put_events(
    tx: &Tx<'_>,
    order: OrderId,
    events: &[Event],
    documents: &[Vec<u8>],
) -> Result<(), CommitError> {
    if events.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO events (order_id, sequence, doc) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut statement = tx.connection.prepare_cached(sql).map_err(failed)?;
    for (event, document) in events.iter().zip(documents) {
        let stored = statement.execute((order.0, integer(event.sequence), document)).map_err(failed)?;
        if stored == 0 {
            return Err(CommitError::OrderConflict);
        }
    }
    Ok(())
}

fn put_user(tx: &mut Tx<'_>, put: UserPut, document: &[u8]) -> Result<(), CommitError> {
    let user = put.user;
    let email = (!user.is_contact).then_some(&user.email);
    if user.version != put.expected.saturating_add(1) {
        return Err(CommitError::UserConflict);
    }
    let sql = if put.expected == 0 {
        "INSERT INTO users (id, version, account_email, doc) SELECT ?1, ?2, ?3, ?4 WHERE ?5 = 0 ON CONFLICT DO NOTHING"
    } else {
        "UPDATE OR IGNORE users SET version = ?2, account_email = ?3, doc = ?4 WHERE id = ?1 AND version = ?5"
    };
    let expected = integer(put.expected);
    if tx.run(sql, params![user.id.0, integer(user.version), email, document, expected])? == 0 {
        let version = tx.first("SELECT version FROM users WHERE id = ?1", [user.id.0], |row| row.get(0))?;
        let current = version.unwrap_or(0) == expected;
        return Err(if current { CommitError::EmailTaken } else { CommitError::UserConflict });
    }
    if put.expected == 0 {
        tx.lift(IdKind::User, user.id.0)?;
    }
    put_links(tx, &user)?;
    tx.effects.push(Effect::User { user, bytes: document.len() });
    Ok(())
}

/// A provider's user is linked to one record for good.
fn put_links(tx: &Tx<'_>, user: &User) -> Result<(), CommitError> {
    for link in &user.links {
        let stored = tx.run(
            "INSERT INTO user_links (provider, external, user_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (provider, external) DO UPDATE SET user_id = user_id WHERE user_id = excluded.user_id",
            (link.provider.0, &link.user, user.id.0),
        )?;
        if stored == 0 {
            return Err(CommitError::UserConflict);
        }
    }
    Ok(())
}

fn remove_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), CommitError> {
    super::contacts::forget(tx, user)?;
    tx.run("DELETE FROM users WHERE id = ?1", [user.0])?;
    tx.run("DELETE FROM keys WHERE user_id = ?1", [user.0])?;
    tx.run("DELETE FROM user_links WHERE user_id = ?1", [user.0])?;
    tx.effects.push(Effect::UserRemoved(user));
    Ok(())
}

/// Notes which keys the store file declares, and drops those that it declares no longer.
fn declare_keys(tx: &mut Tx<'_>, declared: &[[u8; 32]]) -> Result<(), CommitError> {
    let read = |connection: &rusqlite::Connection| -> rusqlite::Result<Vec<[u8; 32]>> {
        let mut known = connection.prepare_cached("SELECT hash FROM keys WHERE declared = 1")?;
        known.query_map([], |row| row.get(0))?.collect()
    };
    for hash in read(tx.connection).map_err(failed)?.into_iter().filter(|hash| !declared.contains(hash)) {
        tx.run("DELETE FROM keys WHERE hash = ?1", [hash])?;
        tx.effects.push(Effect::KeyRemoved(hash));
    }
    for hash in declared {
        tx.run("UPDATE keys SET declared = 1 WHERE hash = ?1 AND declared = 0", [hash])?;
    }
    Ok(())
}

/// A key belongs to one user for good.
fn put_keys(tx: &mut Tx<'_>, keys: &[([u8; 32], UserId)]) -> Result<(), CommitError> {
    for (hash, user) in keys {
        let stored = tx.run(
            "INSERT INTO keys (hash, user_id) VALUES (?1, ?2)
             ON CONFLICT (hash) DO UPDATE SET user_id = user_id WHERE user_id = excluded.user_id",
            (hash, user.0),
        )?;
        if stored == 0 {
            return Err(CommitError::Duplicate("key".to_owned()));
        }
        tx.effects.push(Effect::Key(*hash, *user));
    }
    Ok(())
}

fn change_entities(
    tx: &mut Tx<'_>,
    changes: Vec<EntityChange>,
    documents: &[Option<Vec<u8>>],
) -> Result<(), CommitError> {
    if changes.is_empty() {
        return Ok(());
    }
    for (change, document) in changes.iter().zip(documents) {
        match change {
            EntityChange::Put(entity) => {
                tx.run(
                    "INSERT OR REPLACE INTO entities (kind, id, doc) VALUES (?1, ?2, ?3)",
                    (entity.kind().name(), entity.id(), document),
                )?;
                for (kind, id) in ids_in(entity) {
                    tx.lift(kind, id)?;
                }
            }
            EntityChange::Remove(kind, id) => {
                tx.run("DELETE FROM entities WHERE kind = ?1 AND id = ?2", (kind.name(), id))?;
            }
        }
    }
    tx.effects.push(Effect::Entities(changes));
    Ok(())
}

/// A job that is put again becomes free and due at its new time; its tries go on counting.
fn change_job(tx: &Tx<'_>, change: &JobChange) -> Result<(), CommitError> {
    match change {
        JobChange::Put { queue, key, due_at } => tx.run(
            "INSERT INTO jobs (queue, key, due_at, leased_until, tries) VALUES (?1, ?2, ?3, ?4, 0)
             ON CONFLICT (queue, key) DO UPDATE SET due_at = excluded.due_at, leased_until = excluded.leased_until",
            (queue.name(), key, due_at.0, i64::MIN),
        ),
        JobChange::Done { queue, key } => {
            tx.run("DELETE FROM jobs WHERE queue = ?1 AND key = ?2", (queue.name(), key))
        }
    }
    .map(drop)
}

/// An unsigned count as SQLite has it. Versions and sequences never come near the end.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
