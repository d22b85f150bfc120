//! `kill -9` while orders are placed: what was acknowledged is there, what is there is whole.
//!
//! A child process writes and says what was acknowledged; the parent kills it at some point, opens the files and
//! compares. Several rounds on one database.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "../../crates/store/tests/suite/build.rs"]
#[allow(dead_code)] // the builders of the store's suite, of which a few are needed
mod build;

use build::{create, level, settings};
use domain::{OrderId, StockItemId};
use engine::ports::{Freshness, OrderKey, OrderQuery, Store};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use store::{SqliteStore, SqliteTarget};

const STOCK: i64 = 100_000;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(&SqliteTarget::File(path.to_owned()), settings()).unwrap()
}

/// Runs the child until it has acknowledged so many orders, kills it, and says which it had.
fn run_and_kill(path: &Path, after: usize) -> Vec<i64> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_writes_until_killed"))
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut killed = false;
    let mut placed = Vec::new();
    // Lines that were in the pipe when it died were acknowledged too; a line goes into a pipe as a whole.
    for line in lines.map_while(Result::ok) {
        placed.push(line.parse().unwrap());
        if placed.len() >= after && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {} orders", placed.len());
    placed
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    store.commit(create(level(1, 1, STOCK))).await.unwrap();
    drop(store);
    let mut acknowledged = Vec::new();
    for after in [1, 40, 7, 300, 150] {
        acknowledged.extend(run_and_kill(&path, after));
        let store = open(&path);
        for id in &acknowledged {
            let key = OrderKey::Id(OrderId(*id));
            assert!(
                store.order(&key, Freshness::Stored).await.unwrap().is_some(),
                "order {id} was acknowledged"
            );
        }
        assert_eq!(store.audit().await.unwrap(), []);
        let orders = store.orders(&OrderQuery { limit: 1, ..OrderQuery::default() }).await.unwrap().total;
        let left = store.stock_item(StockItemId(101)).await.unwrap().unwrap().on_hand;
        assert_eq!(left, STOCK - i64::try_from(orders).unwrap(), "one piece for each order");
    }
}
