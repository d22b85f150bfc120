//! One commit on a clone of the state: every part checks its own condition, and any error drops the clone.
//!
//! The order of the parts decides which error is told when several conditions fail: a saved reply first, because
//! the caller then has its answer, and stock last.

use super::state::{JobRow, State};
use crate::counters::ids_in;
use domain::event::Event;
use domain::user::User;
use domain::{IdKind, Time, UserId};
use engine::ports::{
    Commit, CommitError, Committed, EntityChange, JobChange, OnceKey, OrderPut, SavedReply, UserPut,
};
use std::sync::Arc;

pub(super) fn apply(state: &mut State, commit: Commit) -> Result<Committed, CommitError> {
    let now = commit.now;
    if let Some((key, reply)) = commit.reply {
        save_reply(state, key, reply, now)?;
    }
    put_order(state, commit.order, commit.events)?;
    if let Some(put) = commit.user {
        put_user(state, put)?;
    }
    for contact in commit.contacts {
        put_contact(state, contact)?;
    }
    if let Some(user) = commit.removed_user {
        remove_user(state, user);
    }
    put_keys(state, commit.keys)?;
    for gone in commit.dropped_keys {
        state.keys.remove(&gone);
    }
    if let Some(declared) = commit.declared_keys {
        for gone in state.declared_keys.iter().filter(|hash| !declared.contains(hash)) {
            state.keys.remove(gone);
        }
        state.declared_keys = declared.into_iter().collect();
    }
    change_entities(state, commit.entities);
    let mut committed = Committed::default();
    for change in commit.stock {
        super::stock::change_item(state, change, now, &mut committed)?;
    }
    for credit in commit.credits {
        super::money::grant(state, credit, None, now)?;
    }
    for job in commit.jobs {
        change_job(state, job);
    }
    if let Some(notice) = commit.notice {
        let key = (notice.platform.clone(), notice.id.clone());
        if state.notices.contains_key(&key) {
            return Err(CommitError::Duplicate("notice".to_owned()));
        }
        state.notices.insert(key, (now, notice));
    }
    super::money::apply(state, &commit.movements, now)?;
    super::stock::apply(state, &commit.movements, now, &mut committed)?;
    state.pass(now);
    Ok(committed)
}

fn save_reply(state: &mut State, key: OnceKey, reply: SavedReply, now: Time) -> Result<(), CommitError> {
    if state.replies.get(&key).is_some_and(|saved| now < saved.expires_at) {
        return Err(CommitError::ReplyExists);
    }
    state.replies.insert(key, reply);
    Ok(())
}

fn put_order(state: &mut State, put: Option<OrderPut>, events: Vec<Event>) -> Result<(), CommitError> {
    let Some(put) = put else {
        return if events.is_empty() { Ok(()) } else { Err(crate::rules::events_without_order()) };
    };
    let order = put.order.clone();
    let stored = state.orders.get(&order.id);
    if stored.map_or(0, |stored| stored.version) != put.expected || order.version != put.expected + 1 {
        return Err(CommitError::OrderConflict);
    }
    if state.numbers.get(&order.number).is_some_and(|owner| *owner != order.id) {
        return Err(CommitError::NumberTaken);
    }
    if let Some(old) = stored.filter(|old| old.number != order.number).map(|old| old.number.clone()) {
        state.numbers.remove(&old);
    }
    let history = state.events.entry(order.id).or_default();
    for event in events {
        if history.iter().rev().any(|known| known.sequence == event.sequence) {
            return Err(CommitError::OrderConflict);
        }
        state.outbox.posted.push_back((order.id, event.sequence));
        history.push_back(event);
    }
    super::claims::name_tickets(state, &put)?;
    for (number, firsts) in put.new_shipments {
        state.shipments.insert(number, order.id);
        state.units.extend(firsts.into_iter().map(|first| (first, order.id)));
    }
    state.numbers.insert(order.number.clone(), order.id);
    state.orders.insert(order.id, order);
    Ok(())
}

fn put_user(state: &mut State, put: UserPut) -> Result<(), CommitError> {
    let user = put.user;
    let stored = state.users.get(&user.id).cloned();
    if stored.as_ref().map_or(0, |stored| stored.version) != put.expected || user.version != put.expected + 1
    {
        return Err(CommitError::UserConflict);
    }
    if let Some(old) = stored.filter(|old| !old.is_contact) {
        state.emails.remove(&old.email);
    }
    if !user.is_contact {
        if state.emails.contains_key(&user.email) {
            return Err(CommitError::EmailTaken);
        }
        state.emails.insert(user.email.clone(), user.id);
    }
    for link in &user.links {
        if *state.links.entry((link.provider, link.user.clone())).or_insert(user.id) != user.id {
            return Err(CommitError::UserConflict);
        }
    }
    state.lift(IdKind::User, user.id.0);
    state.users.insert(user.id, user);
    Ok(())
}

/// A contact that is not there yet.
fn put_contact(state: &mut State, contact: Arc<User>) -> Result<(), CommitError> {
    if state.contacts.contains_key(&contact.email) {
        return Err(CommitError::EmailTaken);
    }
    if state.users.contains_key(&contact.id) {
        return Err(CommitError::UserConflict);
    }
    state.contacts.insert(contact.email.clone(), contact.id);
    state.lift(IdKind::User, contact.id.0);
    state.users.insert(contact.id, contact);
    Ok(())
}

fn remove_user(state: &mut State, id: UserId) {
    if state.users.get(&id).is_some_and(|user| user.is_contact) {
        state.contacts.retain(|_, owner| *owner != id);
    }
    if let Some(user) = state.users.remove(&id).filter(|user| !user.is_contact) {
        state.emails.remove(&user.email);
    }
    state.keys.retain(|_, owner| *owner != id);
    state.links.retain(|_, owner| *owner != id);
}

/// A key belongs to one user for good.
fn put_keys(state: &mut State, keys: Vec<([u8; 32], UserId)>) -> Result<(), CommitError> {
    for (hash, user) in keys {
        if *state.keys.entry(hash).or_insert(user) != user {
            return Err(CommitError::Duplicate("key".to_owned()));
        }
    }
    Ok(())
}

fn change_entities(state: &mut State, changes: Vec<EntityChange>) {
    if changes.is_empty() {
        return;
    }
    let mut catalog = (*state.catalog).clone();
    for change in changes {
        match change {
            EntityChange::Put(entity) => {
                for (kind, id) in ids_in(&entity) {
                    state.lift(kind, id);
                }
                catalog.put(entity);
            }
            EntityChange::Remove(kind, id) => catalog.remove(kind, id),
        }
    }
    state.catalog = Arc::new(catalog);
}

/// A job that is put again becomes free and due at its new time; its tries go on counting.
fn change_job(state: &mut State, change: JobChange) {
    match change {
        JobChange::Put { queue, key, due_at } => {
            let tries = state.jobs.get(&(queue.name(), key)).map_or(0, |row| row.tries);
            state.jobs.insert((queue.name(), key), JobRow { due_at, leased_until: Time(i64::MIN), tries });
        }
        JobChange::Done { queue, key } => drop(state.jobs.remove(&(queue.name(), key))),
    }
}
