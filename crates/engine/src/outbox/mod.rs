//! The outbox: tells others what became of orders, at least once and in order, whatever crashes.
//!
//! Events are committed with the change they tell of, and that is all a request ever writes. A scan reads them behind a
//! durable position and makes rows of deliveries; the rows are leased target by target, so that one that is slow or gone
//! keeps nobody else waiting. Nothing waits in memory: what is lost there is found again in the rows. A shop that tells
//! nobody writes one position every few seconds at most, and nothing per event.

mod courier;
mod letter;
mod mails;
mod rows;
mod schedule;
mod sessions;
mod webhooks;

pub use courier::{Addressee, Courier, Delivered, Happening, Parcel};
pub use letter::{
    Attachment, Letter, Mail, MailKind, Mailer, NotMailed, NotWritten, TemplateFault, post as post_mail,
};
pub use mails::Mails;
pub use rows::{Delivery, DeliveryKey, NewDelivery, OutboxCounts, OutboxRows, Posted, Settled};
pub use sessions::Sessions;
pub use webhooks::{NotPosted, Notice, Poster, Webhooks};

use crate::ask::{Ask, Reply, Target};
use crate::engine::Engine;
use crate::limits;
use crate::ports::{Freshness, OrderKey, StoreError};
use domain::catalog::Catalog;
use domain::command::Command;
use domain::order::Order;
use domain::user::{Actor, Who};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};

/// A handle; clones share everything.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    rows: Arc<dyn OutboxRows>,
    couriers: Vec<Arc<dyn Courier>>,
    reading: Mutex<Option<Reading>>,
    sent: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    waiting: AtomicU64,
}

/// How far the events were read. Only the kept position counts after a restart; reading some of them twice is harmless.
#[derive(Clone, Copy)]
struct Reading {
    kept: i64,
    seen: i64,
    kept_at: Instant,
}

/// What was done since the program began, and how many deliveries waited when that was last counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStats {
    pub sent: u64,
    /// Tries that did not arrive.
    pub failed: u64,
    pub given_up: u64,
    pub waiting: u64,
}

impl Outbox {
    /// `rows` are those of the engine's own store.
    pub fn new(engine: Engine, rows: Arc<dyn OutboxRows>, couriers: Vec<Arc<dyn Courier>>) -> Outbox {
        let zero = || AtomicU64::new(0);
        let inner = Inner {
            engine,
            rows,
            couriers,
            reading: Mutex::new(None),
            sent: zero(),
            failed: zero(),
            given_up: zero(),
            waiting: zero(),
        };
        Outbox { inner: Arc::new(inner) }
    }

    pub fn stats(&self) -> OutboxStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let inner = &self.inner;
        OutboxStats {
            sent: get(&inner.sent),
            failed: get(&inner.failed),
            given_up: get(&inner.given_up),
            waiting: get(&inner.waiting),
        }
    }

    /// Reads all new events and makes every delivery that is due, once. Returns how many tries were made.
    pub async fn sweep(&self) -> usize {
        while self.scan_logged().await > 0 {}
        let mut tasks = JoinSet::new();
        for target in self.due_targets().await {
            let outbox = self.clone();
            tasks.spawn(async move { outbox.work_off(&target, None).await });
        }
        let mut count = 0;
        while let Some(done) = tasks.join_next().await {
            count += done.unwrap_or(0);
        }
        count
    }

    /// Sweeps until `stop` becomes true (or its sender is gone). What is under way then is finished first.
    pub fn spawn(&self, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
        let (outbox, stop) = (self.clone(), stop.clone());
        tokio::spawn(async move { outbox.run(stop).await })
    }

    async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        let mut busy: HashMap<tokio::task::Id, String> = HashMap::new();
        let mut looked_after: Option<Instant> = None;
        let every = Duration::from_millis(limits::OUTBOX_KEEP_MS);
        while !*stop.borrow() {
            let read = self.scan_logged().await;
            while let Some(ended) = tasks.try_join_next_with_id() {
                busy.remove(&id_of(&ended));
            }
            for target in self.due_targets().await {
                if !busy.values().any(|known| *known == target) {
                    let (outbox, stop, name) = (self.clone(), stop.clone(), target.clone());
                    let task = tasks.spawn(async move { outbox.work_off(&name, Some(&stop)).await });
                    busy.insert(task.id(), target);
                }
            }
            if looked_after.is_none_or(|last| last.elapsed() >= every) {
                self.look_after().await;
                looked_after = Some(Instant::now());
            }
            if read == 0 {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(limits::OUTBOX_PAUSE_MS)) => {}
                    Some(ended) = tasks.join_next_with_id() => drop(busy.remove(&id_of(&ended))),
                    changed = stop.changed() => if changed.is_err() { break },
                }
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Counts what waits, and forgets what was given up long ago.
    async fn look_after(&self) {
        let before = self.inner.engine.now().plus_seconds(-limits::GIVEN_UP_KEPT_SECONDS);
        let forgotten = self.inner.rows.forget_deliveries(before).await;
        match self.inner.rows.outbox_counts().await {
            Ok(counts) => self.inner.waiting.store(counts.waiting, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the deliveries that wait could not be counted"),
        }
        if let Err(error) = forgotten {
            tracing::warn!(%error, "old deliveries could not be forgotten");
        }
    }

    async fn due_targets(&self) -> Vec<String> {
        self.inner.rows.due_targets(self.inner.engine.now()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "no deliveries could be had");
            Vec::new()
        })
    }

    async fn scan_logged(&self) -> usize {
        self.scan().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "events could not be read");
            0
        })
    }

    /// Reads the next events and makes their deliveries. Returns how many events there were.
    async fn scan(&self) -> Result<usize, StoreError> {
        let inner = &*self.inner;
        let mut reading = inner.reading.lock().await;
        let at = match *reading {
            Some(at) => at,
            None => {
                let kept = inner.rows.outbox_position().await?;
                Reading { kept, seen: kept, kept_at: Instant::now() }
            }
        };
        let events = inner.rows.events_after(at.seen, limits::OUTBOX_EVENTS).await?;
        let seen = events.last().map_or(at.seen, |last| last.position);
        let made = self.deliveries_for(&events).await?;
        // Where nobody listens the position may lag by seconds: after a restart those events are looked at again.
        let late = at.kept_at.elapsed() >= Duration::from_millis(limits::OUTBOX_KEEP_MS);
        *reading = if !made.is_empty() || (late && seen > at.kept) {
            let advanced = inner.rows.advance_outbox(at.kept, seen, made).await?;
            // Somebody else is further: begin anew from there.
            advanced.then(|| Reading { kept: seen, seen, kept_at: Instant::now() })
        } else {
            Some(Reading { seen, ..at })
        };
        Ok(events.len())
    }

    async fn deliveries_for(&self, events: &[Posted]) -> Result<Vec<NewDelivery>, StoreError> {
        let inner = &*self.inner;
        let catalog = inner.engine.catalog();
        let mut made = Vec::new();
        for posted in events {
            let kind = posted.event.kind;
            let listening = || inner.couriers.iter().filter(|courier| courier.listens(kind, &catalog));
            if listening().next().is_none() {
                continue;
            }
            let key = OrderKey::Id(posted.order);
            let Some(order) = inner.engine.store().order(&key, Freshness::Cached).await? else { continue };
            let happening = Happening { event: &posted.event, order: &order, catalog: &catalog };
            for addressee in listening().flat_map(|courier| courier.addressees(happening)) {
                let Addressee { target, part, after_seconds } = addressee;
                let key = DeliveryKey { target, order: posted.order, event: posted.position, part };
                made.push(NewDelivery { key, due_at: posted.event.at.plus_seconds(after_seconds) });
            }
        }
        Ok(made)
    }

    /// Makes what is due for a target. With `stop` it goes on until nothing is due or it is told to stop; without it
    /// leases once.
    async fn work_off(&self, target: &str, stop: Option<&watch::Receiver<bool>>) -> usize {
        let mut count = 0;
        loop {
            let leased = self.lease(target).await;
            let full = leased.len() == limits::LEASED_DELIVERIES;
            count += leased.len();
            let mut tasks = JoinSet::new();
            for delivery in leased {
                let outbox = self.clone();
                tasks.spawn(async move { outbox.try_one(delivery).await });
            }
            while tasks.join_next().await.is_some() {}
            if !full || stop.is_none_or(|stop| *stop.borrow()) {
                return count;
            }
        }
    }

    async fn lease(&self, target: &str) -> Vec<Delivery> {
        let now = self.inner.engine.now();
        let (for_ms, limit) = (limits::DELIVERY_LEASE_MS, limits::LEASED_DELIVERIES);
        self.inner.rows.lease_deliveries(target, now, for_ms, limit).await.unwrap_or_else(|error| {
            tracing::warn!(%error, to = target, "no deliveries could be had");
            Vec::new()
        })
    }

    async fn try_one(&self, delivery: Delivery) {
        let inner = &*self.inner;
        let (key, tries, first) = (delivery.key.clone(), delivery.tries, delivery.first_try_at);
        // In a task of its own, so that a courier that panics has failed like any other.
        let outbox = self.clone();
        let ended = tokio::spawn(async move { outbox.carry(delivery).await }).await;
        let ended = ended.unwrap_or_else(|_| Delivered::Later("the courier broke down".to_owned()));
        let now = inner.engine.now();
        let settled = match ended {
            Delivered::Done | Delivered::DoneAnd(_) => {
                inner.sent.fetch_add(1, Ordering::Relaxed);
                Settled::Done
            }
            Delivered::Dropped => Settled::Done,
            Delivered::Later(error) => {
                inner.failed.fetch_add(1, Ordering::Relaxed);
                match schedule::next_try(first, tries, now) {
                    Some(due_at) => Settled::Again { due_at, error },
                    None => Settled::GivenUp { at: now, error },
                }
            }
            Delivered::Never(error) => {
                inner.failed.fetch_add(1, Ordering::Relaxed);
                Settled::GivenUp { at: now, error }
            }
        };
        match &settled {
            Settled::Done => {}
            Settled::Again { error, .. } => {
                tracing::info!(to = key.target, order = key.order.0, tries, error, "not delivered yet");
            }
            Settled::GivenUp { error, .. } => {
                inner.given_up.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(to = key.target, order = key.order.0, tries, error, "a delivery was given up");
            }
        }
        if let Err(error) = inner.rows.settle_delivery(&key, tries, settled).await {
            tracing::warn!(%error, order = key.order.0, "the end of a delivery could not be noted; it comes again");
        }
    }

    async fn carry(&self, delivery: Delivery) -> Delivered {
        let inner = &*self.inner;
        let courier = inner.couriers.iter().find(|courier| courier.serves(&delivery.key.target));
        let Some(courier) = courier else {
            return Delivered::Never("nobody delivers this any more".to_owned());
        };
        let key = OrderKey::Id(delivery.key.order);
        let order = match inner.engine.store().order(&key, Freshness::Stored).await {
            Ok(Some(order)) => order,
            Ok(None) => return Delivered::Dropped,
            Err(error) => return Delivered::Later(error.to_string()),
        };
        let catalog: Arc<Catalog> = inner.engine.catalog();
        let parcel = Parcel { delivery, order: Arc::clone(&order), catalog, now: inner.engine.now() };
        let deadline = Duration::from_millis(limits::DELIVERY_DEADLINE_MS);
        let ended = tokio::time::timeout(deadline, courier.deliver(&parcel)).await;
        let ended = ended.unwrap_or_else(|_| Delivered::Later("it took too long".to_owned()));
        if let Delivered::DoneAnd(commands) = &ended {
            for command in commands {
                self.write_down(&order, command).await;
            }
        }
        ended
    }

    /// What was delivered is delivered, also where it cannot be noted: sending it again would be worse.
    async fn write_down(&self, order: &Order, command: &Command) {
        let actor = Actor { who: Who::System, via: order.origin.clone() };
        for last in [false, false, true] {
            let answer = |_: &crate::ask::Answer<'_>| Reply::new(204, "", Vec::new());
            let ask = Ask::new(Target::Order(order.id), command.clone(), actor.clone(), answer);
            match self.inner.engine.execute(ask).await {
                Ok(_) => return,
                Err(trouble) if last => {
                    tracing::warn!(%trouble, order = order.id.0, "a delivery was not written down");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(limits::OUTBOX_PAUSE_MS)).await,
            }
        }
    }
}

fn id_of<T>(ended: &Result<(tokio::task::Id, T), tokio::task::JoinError>) -> tokio::task::Id {
    match ended {
        Ok((id, _)) => *id,
        Err(error) => error.id(),
    }
}
