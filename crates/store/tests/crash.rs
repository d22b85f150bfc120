//! `kill -9` while orders are placed: what was acknowledged is there, what is there is whole.
//!
//! A child process writes and says what was acknowledged; the parent kills it at some point, opens the files and
//! compares. Several rounds on one database.

#![allow(clippy::unwrap_used)] // helpers of tests

mod suite;

use domain::movement::StockChange;
use domain::order::Order;
use domain::{OrderId, StockItemId, Time};
use engine::ports::{Commit, Freshness, OrderKey, OrderQuery, Store};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::{OpenError, SqliteStore, SqliteTarget, migrate};
use suite::build::*;

const DATABASE: &str = "STORE_CRASH_TEST_DATABASE";
const STOCK: i64 = 100_000;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(&SqliteTarget::File(path.to_owned()), settings()).unwrap()
}

/// An order that takes a piece and leaves an event: all three must be there, or none.
fn place(id: i64) -> Commit {
    Commit {
        events: vec![event(1)],
        movements: vec![stock(id, StockChange::Take { units: 1 })],
        ..insert(Order { event_count: 1, ..order(id) })
    }
}

#[test]
#[ignore = "the child half of the test below, which starts it"]
fn child_places_orders_until_killed() {
    let path = std::env::var(DATABASE).expect("started by its parent");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Arc::new(open(Path::new(&path)));
        let first = store.id_block(domain::IdKind::Order, 1_000_000).await.unwrap();
        let writers = (0..16).map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for id in (first + writer..).step_by(16) {
                    store.commit(place(id)).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "placed {id}").and_then(|()| out.flush()).unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    });
}

/// Runs the child until it has acknowledged so many orders, kills it, and says which it had.
fn run_and_kill(path: &Path, after: usize) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child_places_orders_until_killed", "--nocapture"])
        .env(DATABASE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut killed = false;
    let mut placed = Vec::new();
    // Lines that were in the pipe when it died were acknowledged too; a line goes into a pipe as a whole.
    for line in lines.map_while(Result::ok) {
        // The test harness prints its own words in front of the first line.
        let id: Option<i64> = line.rsplit_once("placed ").and_then(|(_, id)| id.parse().ok());
        placed.extend(id);
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
