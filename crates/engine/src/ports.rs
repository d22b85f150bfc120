//! Ports: what the engine needs of the outside, as traits and values.
//!
//! A store is a handful of verbs on values; a gateway is asked with our own idempotency key and can be asked
//! again what became of it. Nothing here knows SQL or HTTP.

mod gateway;
mod provider;

pub use gateway::*;
pub use provider::*;

use crate::file::{File, FileKey};
use async_trait::async_trait;
use domain::catalog::{Catalog, CountryCode, Entity, EntityKind, StockLevel, StockView};
use domain::channel::ChannelKey;
use domain::command::Outcome;
use domain::event::Event;
use domain::money::{Amount, Money};
use domain::movement::{ClaimKey, Movement};
use domain::order::{GatewayAction, Order, SaveCard, Secret, TicketStatus};
use domain::refusal::Shortage;
use domain::user::{Buyer, Credit, User};
use domain::{
    AttemptId, CreditId, EventId, IdKind, OrderId, PromotionId, ProviderId, StockItemId, StockLocationId,
    StockMovementId, TicketId, Time, UserId, VariantId,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How an order is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OrderKey {
    Id(OrderId),
    Number(String),
    /// By the number of one of its shipments.
    Shipment(String),
    /// By one of its pieces.
    Unit(domain::UnitId),
    /// By one of its tickets.
    Ticket(domain::TicketId),
    /// By the number of one of its tickets.
    TicketNumber(String),
    /// By the barcode of a ticket for an event.
    Barcode(domain::EventId, String),
}

/// How a user is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UserKey {
    Id(UserId),
    /// Lower case; accounts only.
    Email(String),
    /// SHA-256 of an API key or session token.
    Key([u8; 32]),
    /// By their id at a checkout provider.
    External(ProviderId, String),
}

/// Whether a cached order will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Cached,
    /// Straight from the database: after a version conflict.
    Stored,
}

/// One all-or-nothing change. Empty parts cost nothing.
#[derive(Debug, Default)]
pub struct Commit {
    pub now: Time,
    pub order: Option<OrderPut>,
    pub events: Vec<Event>,
    pub movements: Vec<Movement>,
    pub user: Option<UserPut>,
    /// People known by nothing but their address, who have no row yet. An address that has one fails with `EmailTaken`.
    pub contacts: Vec<Arc<User>>,
    pub removed_user: Option<UserId>,
    pub entities: Vec<EntityChange>,
    pub stock: Vec<StockItemChange>,
    /// New grants of store credit.
    pub credits: Vec<Credit>,
    /// API keys and session tokens: SHA-256 of the key, and whose it is.
    pub keys: Vec<([u8; 32], UserId)>,
    /// All keys that the store file declares now, by their hashes; they are there already. Those that it declared
    /// before, and no longer does, are good for nothing from here on.
    pub declared_keys: Option<Vec<[u8; 32]>>,
    /// Keys and tokens that open nothing any more. One that is not there is gone already.
    pub dropped_keys: Vec<[u8; 32]>,
    pub reply: Option<(OnceKey, SavedReply)>,
    pub jobs: Vec<JobChange>,
    /// An event of a payment platform that was settled or set aside. One that is there fails with `Duplicate`.
    pub notice: Option<Notice>,
}

/// What a payment platform told by itself, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub platform: String,
    /// The platform's own id of the event.
    pub id: String,
    /// `None`: it names an order nobody knows.
    pub order: Option<OrderId>,
    /// The event itself, where somebody has to look at it.
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Before,
    Never,
}

/// An order to store: `order.version` must be `expected + 1`; `expected` 0 inserts.
#[derive(Debug, Clone)]
pub struct OrderPut {
    pub order: Arc<Order>,
    pub expected: u64,
    /// Shipment numbers and first unit ids that were not on the order before: `(number, first unit ids)`.
    pub new_shipments: Vec<(String, Vec<i64>)>,
    /// Tickets that were not on the order before, and ids of those that are not any more. Numbers, and barcodes of
    /// an event, are unique: a clash fails with `NumberTaken`, and the next decision draws again.
    pub new_tickets: Vec<TicketName>,
    pub gone_tickets: Vec<domain::TicketId>,
    /// Tickets whose marks are not what they were; those of a new one are `Pending` and no address.
    pub changed_tickets: Vec<TicketMark>,
}

/// The names a ticket is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketName {
    pub id: domain::TicketId,
    pub number: String,
    pub event: domain::EventId,
    pub barcode: String,
}

/// What lists of tickets are narrowed to, beside a ticket's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketMark {
    pub id: domain::TicketId,
    pub status: TicketStatus,
    /// As `domain::user::contact` has it.
    pub email: Option<String>,
}

/// A user to store: `user.version` must be `expected + 1`; `expected` 0 inserts.
#[derive(Debug, Clone)]
pub struct UserPut {
    pub user: Arc<User>,
    pub expected: u64,
}

#[derive(Debug, Clone)]
pub enum EntityChange {
    Put(Entity),
    Remove(EntityKind, i64),
}

/// Staff changes to stock items. All but `Create` name an existing item; what moves stock leaves a movement row.
#[derive(Debug, Clone)]
pub enum StockItemChange {
    Create(StockLevel),
    /// `on_hand += delta`; refused below zero unless backorderable.
    Adjust {
        item: StockItemId,
        delta: i64,
    },
    /// `on_hand += delta`, below zero too: a pool may be made smaller than what is sold of it.
    Resize {
        item: StockItemId,
        delta: i64,
    },
    /// `on_hand = on_hand`; becomes a movement of the difference, holds stay.
    Set {
        item: StockItemId,
        on_hand: i64,
    },
    Backorderable {
        item: StockItemId,
        backorderable: bool,
    },
    /// Refused while an order holds pieces of it; overdue holds are given back first.
    Remove {
        item: StockItemId,
    },
}

/// What a committed change made: ids the store drew, for answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// One per stock change or stock movement that wrote a movement row, in order.
    pub stock_movements: Vec<StockMovementId>,
}

/// Which condition of a commit failed. Nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    #[error("the order was changed meanwhile")]
    OrderConflict,
    #[error("the user was changed meanwhile")]
    UserConflict,
    #[error("the order number is taken")]
    NumberTaken,
    #[error("the e-mail address is taken")]
    EmailTaken,
    #[error("the request was answered already")]
    ReplyExists,
    #[error("stock is short")]
    Short(Vec<Shortage>),
    #[error("stock would go below zero")]
    StockBelowZero,
    #[error("no such stock item")]
    NoStockItem,
    #[error("pieces of the stock item are held")]
    StockHeld,
    #[error("the promotion is used up")]
    UsedUp(PromotionId),
    #[error("used up: {0:?}")]
    Claimed(ClaimKey),
    #[error("the credit does not suffice")]
    CreditShort(CreditId),
    #[error("this exists already: {0}")]
    Duplicate(String),
    /// Disk full, database locked, writer gone: nothing was done, try later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct StoreError(pub String);

/// A request that must happen once: SHA-256 over channel, caller, method, path and the client's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OnceKey(pub [u8; 32]);

/// An answer kept for a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedReply {
    /// SHA-256 of the request body: another body under the same key is refused.
    pub fingerprint: [u8; 32],
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
    pub expires_at: Time,
}

/// Work that must be done after a commit, by the rows and not by memory. One job per (queue, key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobChange {
    Put { queue: Queue, key: i64, due_at: Time },
    Done { queue: Queue, key: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Orders with an unsettled gateway attempt; the key is the order id.
    Settle,
    /// Unfinished orders whose hold runs out; the key is the order id.
    Expire,
}

impl Queue {
    pub fn name(self) -> &'static str {
        match self {
            Queue::Settle => "settle",
            Queue::Expire => "expire",
        }
    }
}

/// A leased job: nobody else gets it until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub key: i64,
    pub tries: u32,
}

/// A list request over index columns; documents are never scanned.
#[derive(Debug, Clone, Default)]
pub struct OrderQuery {
    pub filters: Vec<OrderFilter>,
    /// Any filter suffices; else all must hold.
    pub any: bool,
    pub sort: Vec<(OrderColumn, Direction)>,
    /// Restricts to orders of this customer, whatever the filters say.
    pub customer: Option<UserId>,
    /// Restricts to orders that have a ticket for one of these events, whatever the filters say.
    pub events: Option<Vec<EventId>>,
    pub offset: u64,
    pub limit: u64,
}

/// A list of tickets, those of the newest order first; documents are never scanned. What is `None` narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct TicketQuery {
    /// The channel that began the order.
    pub origin: Option<ChannelKey>,
    pub orders: Option<Vec<OrderId>>,
    pub events: Option<Vec<EventId>>,
    /// Only who asks for `Pending` gets tickets of orders that are not placed.
    pub statuses: Option<Vec<TicketStatus>>,
    /// As `domain::user::contact` has them.
    pub emails: Option<Vec<String>>,
    pub numbers: Option<Vec<String>>,
    pub barcodes: Option<Vec<String>>,
    /// Tickets that are equal in it, and all without it, stand as they do in general.
    pub sort: Option<(TicketColumn, Direction)>,
    pub offset: u64,
    pub limit: u64,
}

/// What lists of tickets can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketColumn {
    Id,
    Order,
    Event,
    Number,
    Barcode,
    Status,
    /// As `domain::user::contact` has it; without one comes first.
    Email,
}

#[derive(Debug, Clone)]
pub struct OrderFilter {
    /// One of these must match.
    pub columns: Vec<OrderColumn>,
    pub test: Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderColumn {
    Id,
    Number,
    Email,
    /// The position's name in the domain's words: `cart`, `address`, `complete` …, as text.
    State,
    PaymentState,
    ShipmentState,
    /// Minor units.
    Total,
    Customer,
    CreatedAt,
    UpdatedAt,
    CompletedAt,
    Origin,
    /// SHA-256 of the browser session that owns it, as 64 hexadecimal digits.
    Session,
}

/// A condition on a column. Texts compare case-sensitively unless said otherwise; numbers and times as integers.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Equals(Scalar),
    NotEquals(Scalar),
    In(Vec<Scalar>),
    /// Case-insensitive.
    Contains(String),
    /// One of these texts; case-insensitive.
    Resembles(Vec<String>),
    StartsWith(String),
    EndsWith(String),
    Below(Scalar),
    AtMost(Scalar),
    Above(Scalar),
    AtLeast(Scalar),
    IsNull,
    IsNotNull,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Text(String),
    Integer(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub total: u64,
}

/// One row of the stock ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMovementRow {
    pub id: StockMovementId,
    pub item: StockItemId,
    pub variant: VariantId,
    pub location: StockLocationId,
    pub quantity: i64,
    pub order: Option<OrderId>,
    pub at: Time,
}

/// One row of the credit ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditEvent {
    pub credit: CreditId,
    pub action: CreditAction,
    pub amount: Money,
    /// What was left of this grant afterwards.
    pub remaining: Amount,
    /// What the user had in all afterwards.
    pub user_total: Amount,
    pub order: Option<OrderId>,
    pub at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditAction {
    Grant,
    Hold,
    Capture,
    Release,
    Refund,
}

/// The first invariant that the stored rows break, in a sentence; from `audit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break(pub String);

#[async_trait]
pub trait Store: Send + Sync {
    /// The current catalogue snapshot; every committed change is in it before its answer goes out.
    fn catalog(&self) -> Arc<Catalog>;
    async fn order(&self, key: &OrderKey, freshness: Freshness) -> Result<Option<Arc<Order>>, StoreError>;
    /// Applies all of it durably, or nothing.
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError>;
    /// What time it is. Holds that have run out by then count as given back in every later look at levels, whether
    /// anything was written since or not.
    fn passed(&self, now: Time);
    /// Current levels of these variants (all locations, in location order). A level with overdue holds counts
    /// them as given back.
    async fn stock(&self, variants: &[VariantId]) -> Result<StockView, StoreError>;
    async fn stock_item(&self, item: StockItemId) -> Result<Option<StockLevel>, StoreError>;
    /// Items of one location, by id.
    async fn stock_items(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockLevel>, StoreError>;
    async fn stock_movements(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockMovementRow>, StoreError>;
    async fn stock_movement(&self, id: StockMovementId) -> Result<Option<StockMovementRow>, StoreError>;
    /// What is known of a buyer, and how often these promotions (and codes) are used.
    async fn buyer(
        &self,
        user: Option<UserId>,
        promotions: &[(PromotionId, Option<String>)],
        except: OrderId,
    ) -> Result<Buyer, StoreError>;
    /// Units of each key that orders other than `except` have claimed; keys that nobody has are left out.
    async fn claims(&self, keys: &[ClaimKey], except: OrderId)
    -> Result<BTreeMap<ClaimKey, u32>, StoreError>;
    async fn user(&self, key: &UserKey) -> Result<Option<Arc<User>>, StoreError>;
    /// All accounts, by id. Shops have few enough of them to filter in memory.
    async fn users(&self) -> Result<Vec<Arc<User>>, StoreError>;
    /// Whose keys the store file declares, by id, each once.
    async fn declared_keys(&self) -> Result<Vec<UserId>, StoreError>;
    /// The contacts of these addresses (as `domain::user::contact` has them); those without one are left out.
    async fn contacts(&self, emails: &[String]) -> Result<BTreeMap<String, UserId>, StoreError>;
    async fn orders(&self, query: &OrderQuery) -> Result<Page<Arc<Order>>, StoreError>;
    /// Tickets, each with its order.
    async fn tickets(&self, query: &TicketQuery) -> Result<Page<(Arc<Order>, TicketId)>, StoreError>;
    async fn events(&self, order: OrderId) -> Result<Vec<Event>, StoreError>;
    async fn credit_events(
        &self,
        user: UserId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<CreditEvent>, StoreError>;
    /// What their owners had in all, in the currency of each, once these credits were granted; those that nobody
    /// granted are left out.
    async fn credit_after(&self, grants: &[CreditId]) -> Result<BTreeMap<CreditId, Amount>, StoreError>;
    /// Whether an event of a payment platform was noted already.
    async fn notice(&self, platform: &str, id: &str) -> Result<Seen, StoreError>;
    async fn reply(&self, key: &OnceKey, now: Time) -> Result<Option<SavedReply>, StoreError>;
    /// Leases up to `limit` jobs that are due, until `now + for_ms`; each lease counts one try.
    async fn lease(&self, queue: Queue, now: Time, for_ms: i64, limit: usize)
    -> Result<Vec<Job>, StoreError>;
    /// Keeps a file durably, for good, under the SHA-256 of its bytes; one that is there already is kept once.
    async fn put_file(&self, file: File) -> Result<FileKey, StoreError>;
    async fn file(&self, key: &FileKey) -> Result<Option<File>, StoreError>;
    /// The store's own key, for signatures that must outlive the process: the one it has, else `fresh`, kept for good.
    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;
    /// Reserves `count` ids of a kind durably and returns the first.
    async fn id_block(&self, kind: IdKind, count: i64) -> Result<i64, StoreError>;
    /// Gives overdue holds back and forgets expired replies; bounded work. Returns how many rows it tidied.
    async fn tidy(&self, now: Time) -> Result<u64, StoreError>;
    /// Recomputes stock, money and limits from the stored rows; the first break of each kind.
    async fn audit(&self) -> Result<Vec<Break>, StoreError>;
    /// Whether the store can take writes.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// Where addresses on networks are.
pub trait Geo: Send + Sync {
    /// `None`: private, reserved or unknown.
    fn country(&self, address: std::net::IpAddr) -> Option<CountryCode>;
}

pub trait Clock: Send + Sync {
    fn now(&self) -> Time;
}
