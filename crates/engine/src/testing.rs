//! A store with nothing in it but id counters, for the tests of this crate.

use crate::file::{File, FileKey};
use crate::ports::{
    Break, Commit, CommitError, Committed, CreditEvent, Freshness, Job, OnceKey, OrderKey, OrderQuery, Page,
    Queue, SavedReply, StockMovementRow, Store, StoreError, TicketQuery, UserKey,
};
use async_trait::async_trait;
use domain::catalog::{Catalog, StockLevel, StockView};
use domain::event::Event;
use domain::money::Amount;
use domain::order::Order;
use domain::user::{Buyer, User};
use domain::{
    CreditId, IdKind, OrderId, PromotionId, StockItemId, StockLocationId, StockMovementId, TicketId, Time,
    UserId, VariantId,
};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Counters(Mutex<HashMap<IdKind, i64>>);

impl Counters {
    pub fn set(&self, kind: IdKind, next: i64) {
        self.0.lock().insert(kind, next);
    }
}

const EMPTY: &str = "this store has only counters";

fn nothing<T>() -> Result<T, StoreError> {
    Err(StoreError(EMPTY.to_owned()))
}

#[async_trait]
impl Store for Counters {
    async fn id_block(&self, kind: IdKind, count: i64) -> Result<i64, StoreError> {
        tokio::task::yield_now().await;
        let mut counters = self.0.lock();
        let next = counters.entry(kind).or_insert(1);
        let first = *next;
        *next += count;
        Ok(first)
    }
    fn catalog(&self) -> Arc<Catalog> {
        panic!("{EMPTY}")
    }
    async fn order(&self, _: &OrderKey, _: Freshness) -> Result<Option<Arc<Order>>, StoreError> {
        nothing()
    }
    async fn commit(&self, _: Commit) -> Result<Committed, CommitError> {
        Err(CommitError::Unavailable(EMPTY.to_owned()))
    }
    fn passed(&self, _: Time) {}
    async fn stock(&self, _: &[VariantId]) -> Result<StockView, StoreError> {
        nothing()
    }
    async fn stock_item(&self, _: StockItemId) -> Result<Option<StockLevel>, StoreError> {
        nothing()
    }
    async fn stock_items(&self, _: StockLocationId, _: u64, _: u64) -> Result<Page<StockLevel>, StoreError> {
        nothing()
    }
    async fn stock_movements(
        &self,
        _: StockLocationId,
        _: u64,
        _: u64,
    ) -> Result<Page<StockMovementRow>, StoreError> {
        nothing()
    }
    async fn stock_movement(&self, _: StockMovementId) -> Result<Option<StockMovementRow>, StoreError> {
        nothing()
    }
    async fn buyer(
        &self,
        _: Option<UserId>,
        _: &[(PromotionId, Option<String>)],
        _: OrderId,
    ) -> Result<Buyer, StoreError> {
        nothing()
    }
    async fn claims(
        &self,
        _: &[domain::movement::ClaimKey],
        _: OrderId,
    ) -> Result<std::collections::BTreeMap<domain::movement::ClaimKey, u32>, StoreError> {
        nothing()
    }
    async fn user(&self, _: &UserKey) -> Result<Option<Arc<User>>, StoreError> {
        nothing()
    }
    async fn users(&self) -> Result<Vec<Arc<User>>, StoreError> {
        nothing()
    }
    async fn declared_keys(&self) -> Result<Vec<UserId>, StoreError> {
        nothing()
    }
    async fn contacts(&self, _: &[String]) -> Result<BTreeMap<String, UserId>, StoreError> {
        nothing()
    }
    async fn tickets(&self, _: &TicketQuery) -> Result<Page<(Arc<Order>, TicketId)>, StoreError> {
        nothing()
    }
    async fn orders(&self, _: &OrderQuery) -> Result<Page<Arc<Order>>, StoreError> {
        nothing()
    }
    async fn events(&self, _: OrderId) -> Result<Vec<Event>, StoreError> {
        nothing()
    }
    async fn credit_events(&self, _: UserId, _: u64, _: u64) -> Result<Page<CreditEvent>, StoreError> {
        nothing()
    }
    async fn credit_after(&self, _: &[CreditId]) -> Result<BTreeMap<CreditId, Amount>, StoreError> {
        nothing()
    }
    async fn notice(&self, _: &str, _: &str) -> Result<crate::ports::Seen, StoreError> {
        nothing()
    }
    async fn reply(&self, _: &OnceKey, _: Time) -> Result<Option<SavedReply>, StoreError> {
        nothing()
    }
    async fn secret(&self, _: [u8; 32]) -> Result<[u8; 32], StoreError> {
        nothing()
    }
    async fn put_file(&self, _: File) -> Result<FileKey, StoreError> {
        nothing()
    }
    async fn file(&self, _: &FileKey) -> Result<Option<File>, StoreError> {
        nothing()
    }
    async fn lease(&self, _: Queue, _: Time, _: i64, _: usize) -> Result<Vec<Job>, StoreError> {
        nothing()
    }
    async fn tidy(&self, _: Time) -> Result<u64, StoreError> {
        nothing()
    }
    async fn audit(&self) -> Result<Vec<Break>, StoreError> {
        nothing()
    }
    async fn ready(&self) -> Result<(), StoreError> {
        nothing()
    }
}
