//! The SQLite store: one writer that shares each sync among all who wait, readers beside it.
//!
//! Rows are the truth; the catalogue, the stock levels and a bounded part of the orders and users are kept in
//! memory too and change after a commit, before its answers. A file belongs to one process at a time.

mod audit;
mod bounded;
mod cache;
mod chores;
mod claims;
mod commit;
mod contacts;
mod files;
mod foreseen;
mod load;
mod money;
mod notices;
mod open;
mod orders;
mod outbox;
mod payers;
mod query;
mod read;
mod secrets;
mod shared;
mod stock;
mod stock_items;
mod tickets;
mod uses;
mod writer;

#[cfg(test)]
mod tests;

pub use open::{OpenError, SqliteTarget, migrate};
pub use shared::StoreStats;

use async_trait::async_trait;
use commit::Prepared;
use domain::catalog::{Catalog, Settings, StockLevel, StockView};
use domain::event::Event;
use domain::money::Amount;
use domain::movement::ClaimKey;
use domain::order::Order;
use domain::user::{Buyer, User};
use domain::{
    CreditId, IdKind, OrderId, PromotionId, StockItemId, StockLocationId, StockMovementId, TicketId, Time,
    UserId, VariantId,
};
use engine::ports::{
    Break, Commit, CommitError, Committed, CreditEvent, Freshness, Job, OnceKey, OrderKey, OrderQuery, Page,
    Queue, SavedReply, Seen, StockMovementRow, Store, StoreError, TicketQuery, UserKey,
};
use engine::{File, FileKey};
use load::load_order;
use open::Place;
use read::{Readers, user_by};
use rusqlite::Connection;
use shared::Shared;
use std::collections::BTreeMap;
use std::sync::Arc;
use uses::Look;
use writer::{Tx, Writer};

/// See the module. Share it with an `Arc`; dropping the last one finishes what waits and closes the file.
#[allow(missing_debug_implementations)] // holds connections
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    shared: Arc<Shared>,
    /// Last, so that the lock is let go of after everything is closed.
    _place: Place,
}

impl SqliteStore {
    /// Opens the database, creates it if need be, and brings it up to date.
    pub fn open(target: &SqliteTarget, settings: Arc<Settings>) -> Result<SqliteStore, OpenError> {
        let place = Place::take(target)?;
        let connection = open::connect_writer(&place.path, place.durability)?;
        let checkpointer = open::connect_checkpointer(&place.path, place.durability)?;
        let catalog = load::catalog(&connection, settings)?;
        let shared = Arc::new(Shared::new(catalog, load::stock(&connection)?));
        let writer = Writer::start(connection, checkpointer, shared.clone())
            .map_err(|source| OpenError::Io { path: place.path.clone(), source })?;
        Ok(SqliteStore { writer, readers: Readers::new(place.path.clone()), shared, _place: place })
    }

    /// Counters since the store was opened.
    pub fn stats(&self) -> StoreStats {
        self.shared.stats()
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(work).await
    }

    /// A write without conditions of its own.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, CommitError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(job).await.map_err(|error| match error {
            CommitError::Unavailable(reason) => StoreError(reason),
            other => StoreError(other.to_string()),
        })
    }

    /// What the cache knows of a key: nothing, or the answer.
    fn cached_order(&self, key: &OrderKey) -> Option<Arc<Order>> {
        let id = match key {
            OrderKey::Id(id) => id.0,
            OrderKey::Number(number) => self.shared.numbers.get(number)?,
            OrderKey::Shipment(_)
            | OrderKey::Unit(_)
            | OrderKey::Ticket(_)
            | OrderKey::TicketNumber(_)
            | OrderKey::Barcode(..) => return None,
        };
        self.shared.orders.get(id)?
    }

    /// The buyer, if memory knows all of it.
    fn cached_buyer(
        &self,
        user: Option<UserId>,
        promotions: &[(PromotionId, Option<String>)],
        except: OrderId,
    ) -> Option<Buyer> {
        let mut buyer = match user {
            Some(user) => self.cached_payer(user, except)?,
            None => Buyer::default(),
        };
        for (promotion, code) in promotions {
            let look = Look { promotion: *promotion, code: code.clone(), user, except };
            let counted = self.shared.uses.get(&look)?;
            look.tell(counted, &mut buyer);
        }
        Some(buyer)
    }

    fn cached_payer(&self, user: UserId, except: OrderId) -> Option<Buyer> {
        let payer = self.shared.payers.get(user)?;
        let record = self.shared.users.get(user.0)?;
        let own = match except {
            OrderId(0) => 0,
            order => u32::from(crate::rules::counts_for(&*self.shared.orders.get(order.0)??, user)),
        };
        Some(Buyer {
            user: record,
            completed_orders: payer.placed.saturating_sub(own),
            credits: payer.credits.clone(),
            ..Buyer::default()
        })
    }

    fn cached_user(&self, key: &UserKey) -> Option<Option<Arc<User>>> {
        match key {
            UserKey::Id(id) => self.shared.users.get(id.0),
            UserKey::Key(hash) => self.shared.users.get(self.shared.keys.get(hash)?),
            UserKey::Email(_) | UserKey::External(..) => None,
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.readers.close();
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn catalog(&self) -> Arc<Catalog> {
        self.shared.catalog.read().clone()
    }

    async fn order(&self, key: &OrderKey, freshness: Freshness) -> Result<Option<Arc<Order>>, StoreError> {
        if freshness == Freshness::Cached
            && let Some(order) = self.cached_order(key)
        {
            return Ok(Some(order));
        }
        let (key, shared) = (key.clone(), self.shared.clone());
        self.read(move |connection| find_order(connection, &shared, &key, freshness)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let prepared = Prepared::new(commit, &self.shared)?;
        let bytes = prepared.document_bytes();
        let committed = self.writer.write(move |tx| commit::apply(tx, prepared)).await?;
        shared::count(&self.shared.counts.document_bytes, bytes);
        Ok(committed)
    }

    fn passed(&self, now: Time) {
        self.shared.pass(now);
    }

    async fn stock(&self, variants: &[VariantId]) -> Result<StockView, StoreError> {
        Ok(self.shared.stock.read().view(variants, self.shared.now()))
    }

    async fn stock_item(&self, item: StockItemId) -> Result<Option<StockLevel>, StoreError> {
        Ok(self.shared.stock.read().item(item, self.shared.now()))
    }

    async fn stock_items(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockLevel>, StoreError> {
        Ok(self.shared.stock.read().page(location, offset, limit, self.shared.now()))
    }

    async fn stock_movements(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockMovementRow>, StoreError> {
        self.read(move |connection| load::movements(connection, location, offset, limit)).await
    }

    async fn stock_movement(&self, id: StockMovementId) -> Result<Option<StockMovementRow>, StoreError> {
        self.read(move |connection| load::movement(connection, id)).await
    }

    async fn buyer(
        &self,
        user: Option<UserId>,
        promotions: &[(PromotionId, Option<String>)],
        except: OrderId,
    ) -> Result<Buyer, StoreError> {
        if let Some(known) = self.cached_buyer(user, promotions, except) {
            return Ok(known);
        }
        let shared = self.shared.clone();
        let marked = |(promotion, code): &(PromotionId, Option<String>)| {
            let look = Look { promotion: *promotion, code: code.clone(), user, except };
            (look, self.shared.uses.mark(*promotion))
        };
        let promotions: Vec<_> = promotions.iter().map(marked).collect();
        let user = user.map(|user| (user, self.shared.payers.mark(user)));
        self.read(move |connection| load::buyer(connection, &shared, user, promotions, except)).await
    }

    async fn claims(
        &self,
        keys: &[ClaimKey],
        except: OrderId,
    ) -> Result<BTreeMap<ClaimKey, u32>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |connection| claims::of_others(connection, &keys, except)).await
    }

    async fn user(&self, key: &UserKey) -> Result<Option<Arc<User>>, StoreError> {
        if let Some(known) = self.cached_user(key) {
            return Ok(known);
        }
        let (key, shared) = (key.clone(), self.shared.clone());
        self.read(move |connection| find_user(connection, &shared, &key)).await
    }

    async fn users(&self) -> Result<Vec<Arc<User>>, StoreError> {
        self.read(load::accounts).await
    }

    async fn declared_keys(&self) -> Result<Vec<UserId>, StoreError> {
        self.read(load::declared_keys).await
    }

    async fn orders(&self, query: &OrderQuery) -> Result<Page<Arc<Order>>, StoreError> {
        let (query, shared) = (query.clone(), self.shared.clone());
        self.read(move |connection| query::orders(connection, &shared, &query)).await
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Page<(Arc<Order>, TicketId)>, StoreError> {
        let (query, shared) = (query.clone(), self.shared.clone());
        self.read(move |connection| tickets::page(connection, &shared, &query)).await
    }

    async fn contacts(&self, emails: &[String]) -> Result<BTreeMap<String, UserId>, StoreError> {
        let emails = emails.to_vec();
        self.read(move |connection| contacts::find(connection, &emails)).await
    }

    async fn events(&self, order: OrderId) -> Result<Vec<Event>, StoreError> {
        self.read(move |connection| load::events(connection, order)).await
    }

    async fn credit_events(
        &self,
        user: UserId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<CreditEvent>, StoreError> {
        self.read(move |connection| load::credit_events(connection, user, offset, limit)).await
    }

    async fn credit_after(&self, grants: &[CreditId]) -> Result<BTreeMap<CreditId, Amount>, StoreError> {
        let grants = grants.to_vec();
        self.read(move |connection| load::credit_after(connection, &grants)).await
    }

    async fn notice(&self, platform: &str, id: &str) -> Result<Seen, StoreError> {
        let (platform, id) = (platform.to_owned(), id.to_owned());
        self.read(move |connection| notices::seen(connection, &platform, &id)).await
    }

    async fn reply(&self, key: &OnceKey, now: Time) -> Result<Option<SavedReply>, StoreError> {
        let key = *key;
        self.read(move |connection| load::reply(connection, &key, now)).await
    }

    async fn put_file(&self, file: File) -> Result<FileKey, StoreError> {
        let key = file.key();
        self.write(move |tx| files::put(tx, &key, &file)).await?;
        Ok(key)
    }

    async fn file(&self, key: &FileKey) -> Result<Option<File>, StoreError> {
        let key = *key;
        self.read(move |connection| files::find(connection, &key)).await
    }

    async fn lease(
        &self,
        queue: Queue,
        now: Time,
        for_ms: i64,
        limit: usize,
    ) -> Result<Vec<Job>, StoreError> {
        self.shared.pass(now);
        // Whoever looks every second must not write every second.
        if !self.read(move |connection| chores::is_due(connection, queue, now)).await? {
            return Ok(Vec::new());
        }
        self.write(move |tx| chores::lease(tx, queue, now, for_ms, limit)).await
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.write(move |tx| secrets::own(tx, fresh)).await
    }

    async fn id_block(&self, kind: IdKind, count: i64) -> Result<i64, StoreError> {
        self.write(move |tx| tx.draw(kind, count.max(1))).await
    }

    async fn tidy(&self, now: Time) -> Result<u64, StoreError> {
        self.shared.pass(now);
        if !self.read(move |connection| chores::is_untidy(connection, now)).await? {
            return Ok(0);
        }
        self.write(move |tx| chores::tidy(tx, now)).await
    }

    async fn audit(&self) -> Result<Vec<Break>, StoreError> {
        let catalog = self.catalog();
        self.read(move |connection| audit::audit(connection, &catalog)).await
    }

    /// Writes and syncs a row: a full disk shows nowhere else.
    async fn ready(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            // Kinds count from 0; this one only beats.
            tx.run(
                "INSERT INTO counters (kind, next) VALUES (-1, 1) ON CONFLICT (kind) DO UPDATE SET next = next + 1",
                [],
            )
            .map(drop)
        })
        .await
    }
}

fn find_order(
    connection: &Connection,
    shared: &Shared,
    key: &OrderKey,
    freshness: Freshness,
) -> Result<Option<Arc<Order>>, StoreError> {
    let Some(id) = load::order_id(connection, key)? else { return Ok(None) };
    let cached = if freshness == Freshness::Cached { shared.orders.get(id).flatten() } else { None };
    let order = match cached {
        Some(order) => order,
        None => {
            let Some((order, bytes)) = load_order(connection, id)? else { return Ok(None) };
            shared.orders.put(id, order.version, order.clone(), bytes);
            order
        }
    };
    let meant = match key {
        OrderKey::Id(_) => true,
        OrderKey::Number(number) => {
            shared.numbers.insert(number.clone(), id, 1);
            true
        }
        OrderKey::Shipment(number) => crate::rules::has_shipment(&order, number),
        OrderKey::Unit(unit) => crate::rules::has_unit(&order, *unit),
        OrderKey::Ticket(id) => crate::rules::has_ticket(&order, *id),
        OrderKey::TicketNumber(number) => crate::rules::has_ticket_number(&order, number),
        OrderKey::Barcode(event, barcode) => crate::rules::has_barcode(&order, *event, barcode),
    };
    Ok(meant.then_some(order))
}

fn find_user(
    connection: &Connection,
    shared: &Shared,
    key: &UserKey,
) -> Result<Option<Arc<User>>, StoreError> {
    let found = match key {
        UserKey::Id(id) => user_by(connection, "SELECT doc FROM users WHERE id = ?1", [id.0])?,
        UserKey::Email(email) => {
            user_by(connection, "SELECT doc FROM users WHERE account_email = ?1", [email])?
        }
        UserKey::Key(hash) => user_by(
            connection,
            "SELECT doc FROM users JOIN keys ON keys.user_id = users.id WHERE keys.hash = ?1",
            [hash],
        )?,
        UserKey::External(provider, external) => user_by(
            connection,
            "SELECT doc FROM users JOIN user_links ON user_links.user_id = users.id
             WHERE user_links.provider = ?1 AND user_links.external = ?2",
            rusqlite::params![provider.0, external],
        )?,
    };
    let Some((user, bytes)) = found else { return Ok(None) };
    if let UserKey::Key(hash) = key {
        shared.keys.insert(*hash, user.id.0, 1);
    }
    shared.users.put(user.id.0, user.version, user.clone(), bytes);
    Ok(Some(user))
}
