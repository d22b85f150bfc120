//! The rows of the outbox: how far the events were read, and what is to be delivered because of them.
//!
//! A delivery is made in the same write that moves the position past its event, so that there is one of each, whatever
//! crashes. One that was done is no row any more; one that was given up is kept for a while, with the reason. An order's
//! deliveries to one target are leased in the order of their events: a later one waits until the earlier one is done or
//! given up.

use crate::ports::StoreError;
use async_trait::async_trait;
use domain::event::Event;
use domain::{OrderId, Time};

/// An event, and its place among all events of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Grows in the order of the commits; has gaps.
    pub position: i64,
    pub order: OrderId,
    pub event: Event,
}

/// Which delivery: one for each target, order, event and part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// Who delivers to whom, in words of the couriers.
    pub target: String,
    pub order: OrderId,
    /// The position of the event.
    pub event: i64,
    /// What of the order it is about, where one event makes several deliveries to one target; 0 is the whole order.
    pub part: i64,
}

/// A delivery to be made, and when it is first due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub key: DeliveryKey,
    pub due_at: Time,
}

/// A leased delivery: nobody else gets it until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub key: DeliveryKey,
    pub event: Event,
    /// This one included.
    pub tries: u32,
    pub first_try_at: Time,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The row goes.
    Done,
    /// Again later. Nothing happens if somebody else has leased it meanwhile.
    Again { due_at: Time, error: String },
    /// Never again; the row stays, to be looked at. Nothing happens if somebody else has leased it meanwhile.
    GivenUp { at: Time, error: String },
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    pub waiting: u64,
    pub given_up: u64,
}

/// What the outbox needs of a store.
#[async_trait]
pub trait OutboxRows: Send + Sync {
    /// The position of the last event that was read.
    async fn outbox_position(&self) -> Result<i64, StoreError>;
    /// The next events after a position, in order. Every event that is committed before one of them is at or before it.
    async fn events_after(&self, position: i64, limit: usize) -> Result<Vec<Posted>, StoreError>;
    /// Moves the position and makes deliveries, all or nothing. `false`: it is not at `from` any more, so that nothing
    /// was done.
    async fn advance_outbox(&self, from: i64, to: i64, made: Vec<NewDelivery>) -> Result<bool, StoreError>;
    /// Targets that have deliveries which could be leased, by name.
    async fn due_targets(&self, now: Time) -> Result<Vec<String>, StoreError>;
    /// Leases up to `limit` deliveries of a target that are due, until `now + for_ms`; each lease counts one try.
    async fn lease_deliveries(
        &self,
        target: &str,
        now: Time,
        for_ms: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// Ends the try with this number.
    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        tries: u32,
        settled: Settled,
    ) -> Result<(), StoreError>;
    /// Forgets what was given up before; bounded work. Returns how many rows it removed.
    async fn forget_deliveries(&self, before: Time) -> Result<u64, StoreError>;
    async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError>;
}
