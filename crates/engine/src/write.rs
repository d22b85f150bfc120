//! Writes that are no order: catalogue, stock items, users.
//!
//! `build` gets what is stored now and returns the whole change; a catalogue change reads and writes under one
//! lock, a user changes by version. If a condition fails, `build` is called again with what is stored then.

use crate::ask::{Once, Reply, Trouble};
use crate::engine::Engine;
use crate::execute::FirstOrAgain;
use crate::limits;
use crate::ports::{Commit, CommitError, Committed, EntityChange, UserKey};
use crate::round::saved_reply;
use domain::catalog::{Catalog, StockLevel};
use domain::user::User;
use domain::{Entropy, Ids, StockItemId, Time};
use std::sync::Arc;
use std::time::Duration;

/// What a write reads and must be alone with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteScope {
    /// The catalogue: one writer at a time.
    Catalogue,
    /// A user, by version: `desk.user`.
    User(UserKey),
    /// A stock item: `desk.stock_item`.
    StockItem(StockItemId),
    /// Nothing that is there already (a new account).
    Nothing,
}

/// What lies in front of `build`.
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Desk<'a> {
    pub catalog: &'a Catalog,
    /// The user of `WriteScope::User`, if there is one.
    pub user: Option<Arc<User>>,
    /// The level of `WriteScope::StockItem`, if there is one.
    pub stock_item: Option<StockLevel>,
    pub now: Time,
    pub ids: &'a dyn Ids,
    pub entropy: &'a dyn Entropy,
}

/// What is to be written to the client.
#[derive(Debug)]
pub enum Written<'a, T, E> {
    Done {
        value: &'a T,
        /// Ids the store drew. Not known yet when the reply is made that is kept for a replay.
        committed: &'a Committed,
        /// With the change in it.
        catalog: &'a Catalog,
        now: Time,
    },
    /// `build` said no.
    Refused(&'a E),
    /// A condition of the change does not hold: taken, below zero, not there.
    Failed(&'a CommitError),
}

impl Engine {
    /// Builds a change, commits it and answers. A client that hangs up does not undo it.
    ///
    /// `build` and `answer` may be called more than once and must not do anything but compute.
    ///
    /// # Errors
    /// `Trouble`, if there is no answer to the write itself. What `build` refuses is an answer.
    pub async fn write<T, E>(
        &self,
        scope: WriteScope,
        once: Option<Once>,
        build: impl Fn(&Desk<'_>) -> Result<(Commit, T), E> + Send + Sync,
        answer: impl Fn(Written<'_, T, E>) -> Reply + Send + Sync,
    ) -> Result<Reply, Trouble>
    where
        T: Send + Sync,
        E: Send + Sync,
    {
        let running = self.begin();
        let wait = Duration::from_millis(limits::ONCE_WAIT_MS);
        let key = match self.first_or_again(once, wait).await? {
            FirstOrAgain::First(guard) => guard,
            FirstOrAgain::Again(reply) => return Ok(reply),
        };
        // Both go along with the commit, which outlives a dropped request.
        let mut guards = Some((running, key, self.writer(&scope).await));
        for _ in 0..limits::ROUNDS {
            let Some(held) = guards.take() else { break };
            let now = self.now();
            let catalog = self.catalog();
            let (mut commit, value) = match self.build(&scope, &catalog, now, &build).await? {
                Ok(built) => built,
                Err(no) => return self.refuse_write(once, now, answer(Written::Refused(&no))).await,
            };
            let changed = applied(&catalog, &commit.entities);
            let unknown = Committed::default();
            let done = Written::Done { value: &value, committed: &unknown, catalog: &changed, now };
            commit.now = now;
            commit.reply = once.and_then(|once| saved_reply(Some(&once), &answer(done), now));
            let store = Arc::clone(&self.shared.store);
            let task = tokio::spawn(async move { (store.commit(commit).await, held) });
            let (outcome, held) =
                task.await.map_err(|_| Trouble::Internal("a write broke off".to_owned()))?;
            match outcome {
                Ok(committed) => {
                    let done = Written::Done { value: &value, committed: &committed, catalog: &changed, now };
                    return Ok(answer(done));
                }
                Err(CommitError::ReplyExists) => return self.replay(once).await,
                Err(CommitError::Unavailable(why)) => return Err(Trouble::Unavailable(why)),
                Err(CommitError::UserConflict | CommitError::OrderConflict) => guards = Some(held),
                Err(error) => return self.refuse_write(once, now, answer(Written::Failed(&error))).await,
            }
        }
        Err(Trouble::Busy { order: None })
    }

    async fn writer(&self, scope: &WriteScope) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        match scope {
            WriteScope::Catalogue => Some(Arc::clone(&self.shared.catalogue_lock).lock_owned().await),
            WriteScope::User(_) | WriteScope::StockItem(_) | WriteScope::Nothing => None,
        }
    }

    /// Calls `build` with real ids.
    async fn build<T, E>(
        &self,
        scope: &WriteScope,
        catalog: &Catalog,
        now: Time,
        build: &(impl Fn(&Desk<'_>) -> Result<(Commit, T), E> + Send + Sync),
    ) -> Result<Result<(Commit, T), E>, Trouble>
    where
        T: Send + Sync,
        E: Send + Sync,
    {
        let user = match scope {
            WriteScope::User(key) => self.shared.store.user(key).await?,
            _ => None,
        };
        let stock_item = match scope {
            WriteScope::StockItem(item) => self.shared.store.stock_item(*item).await?,
            _ => None,
        };
        let mut draw = self.shared.ids.draw();
        for _ in 0..limits::ID_ROUNDS {
            let entropy = &*self.shared.entropy;
            let desk = Desk { catalog, user: user.clone(), stock_item, now, ids: &draw, entropy };
            let built = build(&desk);
            let short = draw.short();
            if short.is_empty() || built.is_err() {
                self.top_up_ids();
                return Ok(built);
            }
            drop(built);
            draw = self.shared.ids.cover(&short).await?;
        }
        Err(Trouble::Busy { order: None })
    }

    /// Keeps the reply of a write that was refused, if it is the last word.
    async fn refuse_write(&self, once: Option<Once>, now: Time, reply: Reply) -> Result<Reply, Trouble> {
        let Some(saved) = saved_reply(once.as_ref(), &reply, now) else { return Ok(reply) };
        let commit = Commit { now, reply: Some(saved), ..Commit::default() };
        match self.shared.store.commit(commit).await {
            Ok(_) => Ok(reply),
            Err(CommitError::ReplyExists) => self.replay(once).await,
            Err(error) => Err(Trouble::Unavailable(error.to_string())),
        }
    }
}

/// The catalogue as it will be.
fn applied(catalog: &Catalog, changes: &[EntityChange]) -> Catalog {
    let mut changed = catalog.clone();
    for change in changes {
        match change {
            EntityChange::Put(entity) => changed.put(entity.clone()),
            EntityChange::Remove(kind, id) => changed.remove(*kind, *id),
        }
    }
    changed
}
