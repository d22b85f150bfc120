//! The port to whoever carries deliveries away: which events they are for, to whom, and how a try ended.

use super::rows::Delivery;
use async_trait::async_trait;
use domain::Time;
use domain::catalog::Catalog;
use domain::command::Command;
use domain::event::{Event, EventKind};
use domain::order::Order;
use std::sync::Arc;

/// Something that happened to an order, with the order as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'a> {
    pub event: &'a Event,
    pub order: &'a Order,
    pub catalog: &'a Catalog,
}

/// One delivery to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Deliveries of one order to one target are made in the order of their events.
    pub target: String,
    /// See `DeliveryKey::part`.
    pub part: i64,
    /// How long to wait before the first try: what may settle itself meanwhile need not be told.
    pub after_seconds: i64,
}

/// What a courier is given for one try. The order and the catalogue are as they are now, not as they were.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub delivery: Delivery,
    pub order: Arc<Order>,
    pub catalog: Arc<Catalog>,
    pub now: Time,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivered {
    Done,
    /// Done, and this is to be written down on the order.
    DoneAnd(Vec<Command>),
    /// Nobody needs it any more.
    Dropped,
    /// Not this time. The reason is for the log: it never holds a secret or what was sent.
    Later(String),
    /// Trying again would change nothing.
    Never(String),
}

#[async_trait]
pub trait Courier: Send + Sync {
    /// Whether such an event may make a delivery at all. Asked for every event, before the order is read.
    fn listens(&self, kind: EventKind, catalog: &Catalog) -> bool;
    /// Whom to tell.
    fn addressees(&self, happening: Happening<'_>) -> Vec<Addressee>;
    /// Whether deliveries to this target are its own.
    fn serves(&self, target: &str) -> bool;
    /// One try. It may be cut off at any moment, and made again although it had arrived.
    async fn deliver(&self, parcel: &Parcel) -> Delivered;
}
