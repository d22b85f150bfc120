//! What reads are answered from without a query, and the one way it changes: after a commit, before its answers.

use super::bounded::Bounded;
use super::cache::DocumentCache;
use super::foreseen::Foreseen;
use super::payers::Payers;
use super::uses::Uses;
use crate::levels::{Hold, StockBook};
use domain::catalog::{Catalog, StockLevel};
use domain::money::Amount;
use domain::order::Order;
use domain::user::{Credit, User};
use domain::{CreditId, PromotionId, StockItemId, Time, UserId};
use engine::ports::EntityChange;
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// Stored bytes of the orders that are kept decoded.
const ORDER_CACHE_BYTES: u64 = 32 << 20;
const USER_CACHE_BYTES: u64 = 8 << 20;
/// Numbers and keys, by count.
const INDEX_CACHE_ENTRIES: u64 = 32_768;

pub(super) struct Shared {
    pub catalog: RwLock<Arc<Catalog>>,
    pub stock: RwLock<StockBook>,
    pub orders: DocumentCache<Order>,
    /// Numbers never change owners.
    pub numbers: Bounded<String, i64>,
    pub users: DocumentCache<User>,
    /// Neither do keys.
    pub keys: Bounded<[u8; 32], i64>,
    pub payers: Payers,
    pub uses: Uses,
    /// The latest time any write was made at, in milliseconds.
    now: AtomicI64,
    pub counts: Counts,
    /// Set when a sync failed: what is on disk is not known any more, so only a restart may write again.
    pub failed: AtomicBool,
}

#[derive(Default)]
pub(super) struct Counts {
    pub commits: AtomicU64,
    pub syncs: AtomicU64,
    pub conflicts: AtomicU64,
    pub unavailable: AtomicU64,
    pub queued: AtomicU64,
    pub document_bytes: AtomicU64,
    pub log_pages: AtomicU64,
}

/// Counters of a store since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Writes that were done.
    pub commits: u64,
    /// Transactions that were synced; each carries one or more commits.
    pub syncs: u64,
    /// Writes that were refused because one of their conditions failed.
    pub conflicts: u64,
    /// Writes that could not be tried or finished.
    pub unavailable: u64,
    /// Writes that wait at this moment.
    pub queued: u64,
    /// Bytes of order documents written.
    pub document_bytes: u64,
    /// Pages in the write-ahead log at the last checkpoint.
    pub log_pages: u64,
}

/// What a committed write changes in memory.
pub(super) enum Effect {
    Order {
        order: Arc<Order>,
        bytes: usize,
    },
    User {
        user: Arc<User>,
        bytes: usize,
    },
    UserRemoved(UserId),
    Key([u8; 32], UserId),
    KeyRemoved([u8; 32]),
    /// A new grant.
    Granted(Credit),
    /// So much is left of a payer's credit.
    Credit {
        user: UserId,
        credit: CreditId,
        available: Amount,
    },
    /// A use of the promotion was claimed or given back.
    Coupon(PromotionId),
    Entities(Vec<EntityChange>),
    Level(StockLevel),
    ItemRemoved(StockItemId),
    Held(Hold),
    Unheld(Hold),
    Passed(Time),
}

impl Shared {
    pub fn new(catalog: Catalog, stock: StockBook) -> Shared {
        Shared {
            catalog: RwLock::new(Arc::new(catalog)),
            stock: RwLock::new(stock),
            orders: DocumentCache::new(ORDER_CACHE_BYTES),
            numbers: Bounded::new(INDEX_CACHE_ENTRIES),
            users: DocumentCache::new(USER_CACHE_BYTES),
            keys: Bounded::new(INDEX_CACHE_ENTRIES),
            payers: Payers::new(),
            uses: Uses::new(),
            now: AtomicI64::new(0),
            counts: Counts::default(),
            failed: AtomicBool::new(false),
        }
    }

    pub fn now(&self) -> Time {
        Time(self.now.load(Ordering::Relaxed))
    }

    /// Time only goes forward.
    pub fn pass(&self, now: Time) {
        self.now.fetch_max(now.0, Ordering::Relaxed);
    }

    /// `foreseen` is what was foreseen of these very effects before they were committed.
    pub fn apply(&self, effects: Vec<Effect>, foreseen: Foreseen) {
        foreseen.come_true(&self.payers);
        let mut stock = None;
        for effect in effects {
            match effect {
                Effect::Order { order, bytes } => {
                    if order.version == 1 {
                        self.numbers.insert(order.number.clone(), order.id.0, 1);
                    }
                    self.orders.put(order.id.0, order.version, order, bytes);
                }
                Effect::User { user, bytes } => self.users.put(user.id.0, user.version, user, bytes),
                Effect::UserRemoved(id) => self.users.remove(id.0),
                // Foreseen.
                Effect::Granted(_) | Effect::Credit { .. } => {}
                Effect::Coupon(promotion) => self.uses.touch(promotion),
                Effect::Key(hash, user) => self.keys.insert(hash, user.0, 1),
                Effect::KeyRemoved(hash) => self.keys.remove(&hash),
                Effect::Entities(changes) => self.change_catalog(changes),
                Effect::Level(level) => stock.get_or_insert_with(|| self.stock.write()).put(level),
                Effect::ItemRemoved(item) => stock.get_or_insert_with(|| self.stock.write()).remove(item),
                Effect::Held(hold) => stock.get_or_insert_with(|| self.stock.write()).hold(hold),
                Effect::Unheld(hold) => stock.get_or_insert_with(|| self.stock.write()).unhold(hold),
                Effect::Passed(now) => self.pass(now),
            }
        }
    }

    fn change_catalog(&self, changes: Vec<EntityChange>) {
        let mut catalog = Catalog::clone(&self.catalog.read());
        for change in changes {
            match change {
                EntityChange::Put(entity) => catalog.put(entity),
                EntityChange::Remove(kind, id) => catalog.remove(kind, id),
            }
        }
        *self.catalog.write() = Arc::new(catalog);
    }

    pub fn stats(&self) -> StoreStats {
        let counts = &self.counts;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreStats {
            commits: get(&counts.commits),
            syncs: get(&counts.syncs),
            conflicts: get(&counts.conflicts),
            unavailable: get(&counts.unavailable),
            queued: get(&counts.queued),
            document_bytes: get(&counts.document_bytes),
            log_pages: get(&counts.log_pages),
        }
    }
}

pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
