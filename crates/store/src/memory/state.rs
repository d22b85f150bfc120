//! Everything the memory store knows, in persistent maps: a clone costs nothing, so a commit works on a clone
//! that replaces the original only if all of it went well.

use super::claims::Claimed;
use super::outbox::Outbox;
use crate::counters::{entities_of, ids_in};
use crate::levels::{Place, StockBook};
use domain::catalog::Catalog;
use domain::event::Event;
use domain::money::Amount;
use domain::movement::{ClaimKey, StockPart};
use domain::order::Order;
use domain::user::{Credit, User};
use domain::{
    CreditId, EventId, IdKind, OrderId, PaymentId, PromotionId, ProviderId, StockItemId, TicketId, Time,
    UserId,
};
use engine::ports::{CreditEvent, Notice, OnceKey, Queue, SavedReply, StockMovementRow, TicketName};
use engine::{File, FileKey};
use imbl::{HashMap, HashSet, OrdMap, Vector};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct State {
    pub catalog: Arc<Catalog>,
    pub orders: OrdMap<OrderId, Arc<Order>>,
    pub numbers: HashMap<String, OrderId>,
    pub shipments: HashMap<String, OrderId>,
    /// By first unit id of a run.
    pub units: OrdMap<i64, OrderId>,
    pub events: OrdMap<OrderId, Vector<Event>>,
    pub outbox: Outbox,
    pub users: OrdMap<UserId, Arc<User>>,
    /// Accounts only.
    pub emails: HashMap<String, UserId>,
    /// People without an account, by their address.
    pub contacts: HashMap<String, UserId>,
    pub keys: HashMap<[u8; 32], UserId>,
    /// Those of them that the store file declares.
    pub declared_keys: HashSet<[u8; 32]>,
    /// Users of checkout providers.
    pub links: HashMap<(ProviderId, String), UserId>,
    pub secret: Option<[u8; 32]>,
    pub stock: StockBook,
    /// Stock items that may stay below zero because they already were when backorders were switched off.
    pub floors: OrdMap<StockItemId, i64>,
    pub holds: OrdMap<HoldKey, HoldRow>,
    pub movements: Vector<StockMovementRow>,
    pub claims: OrdMap<(PromotionId, OrderId), Claim>,
    /// Uses by promotion and code; the empty code counts all.
    pub uses: OrdMap<(PromotionId, String), u32>,
    /// Units counted across orders.
    pub claimed: OrdMap<(ClaimKey, OrderId), Claimed>,
    pub tickets: HashMap<TicketId, TicketName>,
    pub ticket_numbers: HashMap<String, OrderId>,
    pub barcodes: HashMap<(EventId, String), OrderId>,
    pub credits: OrdMap<CreditId, CreditRow>,
    pub credit_parts: OrdMap<(CreditId, OrderId, PaymentId), CreditPart>,
    /// Money of orders that became credit, by order and number.
    pub grants: OrdMap<(OrderId, u32), (CreditId, Amount)>,
    pub ledger: Vector<(UserId, CreditEvent)>,
    pub replies: HashMap<OnceKey, SavedReply>,
    /// When each event of a payment platform was noted, and whose it is.
    pub notices: HashMap<(String, String), (Time, Notice)>,
    pub files: HashMap<FileKey, File>,
    pub jobs: OrdMap<(&'static str, i64), JobRow>,
    pub counters: OrdMap<IdKind, i64>,
    /// The latest time any write was made at.
    pub now: Time,
}

pub(super) type HoldKey = (Place, OrderId, StockPart);

#[derive(Clone, Copy)]
pub(super) enum HoldRow {
    Held {
        units: i64,
        until: Time,
    },
    /// Sold: kept, so that taking twice is taking once.
    Taken {
        units: i64,
    },
}

#[derive(Clone)]
pub(super) struct Claim {
    /// Empty without a code.
    pub code: String,
    pub user: Option<UserId>,
    /// The limits this use was counted under, of the promotion and of the code.
    pub limits: [Option<u32>; 2],
}

#[derive(Clone)]
pub(super) struct CreditRow {
    /// As granted; `available` is kept up to date.
    pub credit: Credit,
    pub granted: i64,
    pub used: i64,
    pub held: i64,
}

/// What one payment holds, captured and gave back of one grant.
#[derive(Clone, Copy, Default)]
pub(super) struct CreditPart {
    pub held: i64,
    pub captured: i64,
    pub refunded: i64,
}

#[derive(Clone, Copy)]
pub(super) struct JobRow {
    pub due_at: Time,
    pub leased_until: Time,
    pub tries: u32,
}

impl State {
    pub fn new(catalog: Catalog) -> State {
        let entities = entities_of(&catalog);
        let mut state = State {
            catalog: Arc::new(catalog),
            orders: OrdMap::new(),
            numbers: HashMap::new(),
            shipments: HashMap::new(),
            units: OrdMap::new(),
            events: OrdMap::new(),
            outbox: Outbox::default(),
            users: OrdMap::new(),
            emails: HashMap::new(),
            contacts: HashMap::new(),
            keys: HashMap::new(),
            declared_keys: HashSet::new(),
            links: HashMap::new(),
            secret: None,
            stock: StockBook::default(),
            floors: OrdMap::new(),
            holds: OrdMap::new(),
            movements: Vector::new(),
            claims: OrdMap::new(),
            claimed: OrdMap::new(),
            tickets: HashMap::new(),
            ticket_numbers: HashMap::new(),
            barcodes: HashMap::new(),
            uses: OrdMap::new(),
            credits: OrdMap::new(),
            credit_parts: OrdMap::new(),
            grants: OrdMap::new(),
            ledger: Vector::new(),
            replies: HashMap::new(),
            notices: HashMap::new(),
            files: HashMap::new(),
            jobs: OrdMap::new(),
            counters: OrdMap::new(),
            now: Time(0),
        };
        for (kind, id) in entities.iter().flat_map(ids_in) {
            state.lift(kind, id);
        }
        state
    }

    /// Keeps an id that came from outside from being drawn again.
    pub fn lift(&mut self, kind: IdKind, id: i64) {
        let next = self.counters.entry(kind).or_insert(1);
        *next = (*next).max(id.saturating_add(1));
    }

    pub fn draw(&mut self, kind: IdKind, count: i64) -> i64 {
        let next = self.counters.entry(kind).or_insert(1);
        let first = *next;
        *next += count;
        first
    }

    /// Later is later: the stock reads of a process never go back in time.
    pub fn pass(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    /// Leases due jobs; each lease counts one try.
    pub fn lease(&mut self, queue: Queue, now: Time, for_ms: i64, limit: usize) -> Vec<engine::ports::Job> {
        let name = queue.name();
        let rows = self.jobs.range((name, i64::MIN)..=(name, i64::MAX));
        let free = rows.filter(|(_, row)| row.due_at <= now && row.leased_until <= now);
        let mut due: Vec<(Time, i64)> = free.map(|((_, key), row)| (row.due_at, *key)).collect();
        due.sort_unstable();
        due.truncate(limit);
        let mut leased = Vec::with_capacity(due.len());
        for (_, key) in due {
            if let Some(row) = self.jobs.get_mut(&(name, key)) {
                row.leased_until = Time(now.0.saturating_add(for_ms));
                row.tries += 1;
                leased.push(engine::ports::Job { key, tries: row.tries });
            }
        }
        leased
    }
}
