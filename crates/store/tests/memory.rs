//! The conformance suite on the store in memory.

#![allow(clippy::unwrap_used)] // helpers of tests

mod suite;

use engine::outbox::OutboxRows;
use engine::ports::Store;
use std::sync::Arc;
use store::MemoryStore;

struct Fixture(Arc<MemoryStore>);

impl Fixture {
    fn open() -> Fixture {
        Fixture(Arc::new(MemoryStore::new(suite::build::empty_catalog())))
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    fn rows(&self) -> Arc<dyn OutboxRows> {
        self.0.clone()
    }

    async fn check(self) {
        assert_eq!(self.0.audit().await.unwrap(), []);
    }
}

conformance!(Fixture::open());
outbox_conformance!(Fixture::open());
