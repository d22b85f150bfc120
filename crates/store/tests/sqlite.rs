//! The conformance suite on the SQLite store. After each case the files are opened again: what memory said
//! before must be what the rows say now.

#![allow(clippy::unwrap_used)] // helpers of tests

mod suite;

use domain::catalog::StockView;
use domain::user::Credit;
use domain::{OrderId, Time, UserId, VariantId};
use engine::outbox::OutboxRows;
use engine::ports::{Freshness, OrderKey, OrderQuery, Queue, Store};
use std::sync::Arc;
use store::{SqliteStore, SqliteTarget};
use suite::build::settings;

struct Fixture {
    store: Arc<SqliteStore>,
    target: SqliteTarget,
    _directory: tempfile::TempDir,
}

impl Fixture {
    fn open() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let target = SqliteTarget::File(directory.path().join("shop.db"));
        let store = Arc::new(SqliteStore::open(&target, settings()).unwrap());
        Fixture { store, target, _directory: directory }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn rows(&self) -> Arc<dyn OutboxRows> {
        self.store.clone()
    }

    async fn check(self) {
        assert_eq!(self.store.audit().await.unwrap(), []);
        let all = OrderQuery { limit: 1_000, ..OrderQuery::default() };
        let orders = self.store.orders(&all).await.unwrap().rows;
        let stock = at_the_end_of_time(&self.store).await;
        let catalog = self.store.catalog();
        let buyers = buyers(&self.store).await;
        drop(Arc::into_inner(self.store).expect("nobody else has the store"));
        let again = SqliteStore::open(&self.target, settings()).unwrap();
        for order in &orders {
            let stored = again.order(&OrderKey::Id(order.id), Freshness::Cached).await.unwrap();
            assert_eq!(stored.as_ref(), Some(order));
        }
        assert_eq!(again.orders(&all).await.unwrap().rows, orders);
        assert_eq!(again.catalog().tax_categories, catalog.tax_categories);
        assert_eq!(again.audit().await.unwrap(), []);
        assert_eq!(self::buyers(&again).await, buyers);
        assert_eq!(at_the_end_of_time(&again).await, stock);
        assert!(
            stock.0.values().flatten().all(|level| level.held == 0),
            "every hold runs out one day: {stock:?}"
        );
    }
}

/// What is known of the users of the suite: orders placed, and each credit with what is left of it.
async fn buyers(store: &SqliteStore) -> Vec<(u32, Vec<Credit>)> {
    let mut known = Vec::new();
    for user in 1..5 {
        let buyer = store.buyer(Some(UserId(user)), &[], OrderId(0)).await.unwrap();
        known.push((buyer.completed_orders, buyer.credits));
    }
    known
}

/// All levels when every hold has run out. Leasing nothing is how time passes without a change.
async fn at_the_end_of_time(store: &SqliteStore) -> StockView {
    store.lease(Queue::Expire, Time(i64::MAX), 0, 0).await.unwrap();
    let variants: Vec<VariantId> = (1..10).map(VariantId).collect();
    store.stock(&variants).await.unwrap()
}

conformance!(Fixture::open());
outbox_conformance!(Fixture::open());
