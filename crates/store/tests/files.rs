//! What belongs to the files themselves: one process at a time, and nothing left of a database in memory.

#![allow(clippy::unwrap_used)] // helpers of tests

mod suite;

use domain::{OrderId, Time};
use engine::ports::{Freshness, OrderKey, Store};
use std::path::Path;
use store::{OpenError, SqliteStore, SqliteTarget, migrate};
use suite::build::*;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(&SqliteTarget::File(path.to_owned()), settings()).unwrap()
}

#[test]
fn a_second_process_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    migrate(&path).unwrap();
    let store = open(&path);
    let target = SqliteTarget::File(path.clone());
    let second = SqliteStore::open(&target, settings()).err().unwrap();
    assert!(matches!(&second, OpenError::InUse(in_use) if *in_use == path), "{second}");
    assert!(matches!(migrate(&path), Err(OpenError::InUse(_))));
    drop(store);
    drop(open(&path));
    migrate(&path).unwrap();
}

#[tokio::test]
async fn nothing_of_a_memory_database_survives() {
    let open = || SqliteStore::open(&SqliteTarget::Memory, settings()).unwrap();
    let (one, other) = (open(), open());
    one.commit(insert(order(1))).await.unwrap();
    let find = async |store: &SqliteStore| {
        store.order(&OrderKey::Id(OrderId(1)), Freshness::Cached).await.unwrap().is_some()
    };
    assert!(find(&one).await);
    assert!(!find(&other).await);
    assert!(!find(&open()).await);
    one.tidy(Time(0)).await.unwrap();
}
