//! The child half of the crash test: places orders on a database as fast as it can and says, a line each, which of
//! them were acknowledged. It ends only when it is killed.

#![allow(clippy::unwrap_used)] // part of a test: what fails here must fail loudly

#[path = "../../../crates/store/tests/suite/build.rs"]
#[allow(dead_code)] // the builders of the store's suite, of which a few are needed
mod build;

use build::{event, insert, order, settings, stock};
use domain::movement::StockChange;
use domain::order::Order;
use engine::ports::{Commit, Store};
use std::io::Write;
use std::sync::Arc;
use store::{SqliteStore, SqliteTarget};

const WRITERS: usize = 16;

/// An order that takes a piece and leaves an event: all three must be there, or none.
fn place(id: i64) -> Commit {
    Commit {
        events: vec![event(1)],
        movements: vec![stock(id, StockChange::Take { units: 1 })],
        ..insert(Order { event_count: 1, ..order(id) })
    }
}

#[tokio::main]
async fn main() {
    let path = std::env::args_os().nth(1).expect("the database as the only argument");
    let store = Arc::new(SqliteStore::open(&SqliteTarget::File(path.into()), settings()).unwrap());
    let first = store.id_block(domain::IdKind::Order, 1_000_000).await.unwrap();
    let writers = (first..).take(WRITERS).map(|first| {
        let store = store.clone();
        tokio::spawn(async move {
            for id in (first..).step_by(WRITERS) {
                store.commit(place(id)).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "{id}").and_then(|()| out.flush()).unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}
