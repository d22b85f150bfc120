//! One shop with a store, a gateway and a clock, and as many engines on them as a test needs.

use crate::shop::{self, MAIN};
use domain::catalog::{Catalog, GatewayKind, Settings, StockLevel};
use domain::channel::{ChannelKey, Policy, Step};
use domain::command::*;
use domain::order::{CardDetails, Order, Phase};
use domain::refusal::Refusal;
use domain::user::{Actor, Who};
use domain::{OrderId, StockItemId, Time, VariantId};
use engine::outbox::OutboxRows;
use engine::ports::{Clock, Commit, Gateway, OnceKey, OrderKey, OrderQuery, StockItemChange, Store};
use engine::{Answer, Ask, Engine, Once, OsEntropy, Parts, Reply, ShiftClock, Sweep, Target, Trouble};
use outbound::gateways::test::{TestGateway, Timing};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::MemoryStore;

pub struct Rig {
    pub store: Arc<dyn Store>,
    /// The outbox's rows of the same store.
    pub rows: Arc<dyn OutboxRows>,
    pub gateway: Arc<TestGateway>,
    pub clock: Arc<ShiftClock>,
    pub engine: Engine,
}

/// Stands still but for `ShiftClock`, so that only what a test pushes becomes due.
struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

/// The shop's catalogue with another policy.
fn catalog(change: impl Fn(&mut Policy)) -> Catalog {
    let mut channel = shop::channel();
    change(&mut channel.policy);
    let mut catalog = shop::Shop::new().catalog;
    catalog.settings = Arc::new(Settings {
        currency: catalog.settings.currency,
        default_country: catalog.settings.default_country.clone(),
        channels: vec![channel],
        geography: domain::catalog::Geography::world(),
    });
    catalog
}

impl Rig {
    pub async fn new() -> Rig {
        Rig::with(|_| {}).await
    }

    pub async fn with(change: impl Fn(&mut Policy)) -> Rig {
        let rig = Rig::of(catalog(change));
        rig.stock(shop::MUG, 1_000).await;
        rig.stock(shop::SEAT, 4).await;
        rig
    }

    /// A catalogue without any stock.
    pub fn of(catalog: Catalog) -> Rig {
        let timing = Timing {
            token: Duration::from_millis(150),
            slow: Duration::from_millis(300),
            late: Duration::from_millis(1_000),
            silence: Duration::from_secs(60),
            ..Timing::default()
        };
        let memory = Arc::new(MemoryStore::new(catalog));
        let rows: Arc<dyn OutboxRows> = memory.clone();
        let store: Arc<dyn Store> = memory;
        let gateway = Arc::new(TestGateway::new(timing));
        let clock = Arc::new(ShiftClock::new(Arc::new(Still(AtomicI64::new(1_700_000_000_000)))));
        let engine = engine(&store, &gateway, &clock);
        Rig { store, rows, gateway, clock, engine }
    }

    /// Another process on the same store.
    pub fn replica(&self) -> Engine {
        engine(&self.store, &self.gateway, &self.clock)
    }

    /// Another process with all the time in the world, that reaches the gateway in its own way.
    pub fn patient(&self, gateway: Arc<dyn Gateway>) -> Engine {
        let mut parts = Parts::new(Arc::clone(&self.store), self.clock.clone(), Arc::new(OsEntropy));
        parts.gateways.insert(GatewayKind("test".into()), gateway);
        parts.gateway_deadline = Duration::from_secs(3_600);
        Engine::new(parts)
    }

    pub async fn stock(&self, variant: VariantId, on_hand: i64) {
        let item = StockItemId(variant.0 * 100 + 1);
        let level = StockLevel { item, variant, location: MAIN, on_hand, held: 0, backorderable: false };
        let stock = vec![StockItemChange::Create(level)];
        let commit = Commit { now: self.clock.now(), stock, ..Commit::default() };
        self.store.commit(commit).await.expect("a stock item");
    }

    pub async fn order(&self, id: OrderId) -> Arc<Order> {
        self.engine.order(&OrderKey::Id(id)).await.expect("the store is up").expect("the order is there")
    }

    pub async fn orders(&self) -> u64 {
        let query = OrderQuery { limit: 1, ..OrderQuery::default() };
        self.engine.orders(&query).await.expect("the store is up").total
    }

    /// The order after a command that must work.
    pub async fn ok(&self, order: OrderId, command: Command) -> Arc<Order> {
        let reply = self.engine.execute(ask(Target::Order(order), command.clone())).await.expect("an answer");
        assert_eq!(reply.status, 200, "{command:?}: {}", text(&reply));
        self.order(order).await
    }

    pub async fn cart(&self, lines: &[(VariantId, u32)]) -> OrderId {
        let reply = self.engine.execute(ask(Target::New, new_cart(lines))).await.expect("an answer");
        assert_eq!(reply.status, 200, "{}", text(&reply));
        order_of(&reply)
    }

    /// An order on its last step, to be paid with a card of this token.
    pub async fn ready(&self, lines: &[(VariantId, u32)], token: &str) -> OrderId {
        let id = self.cart(lines).await;
        self.ok(id, shop::go(Go::Next)).await;
        let edit = OrderEdit { ship_address: Some(shop::address(shop::US)), ..OrderEdit::default() };
        self.ok(id, Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) }))).await;
        self.ok(id, shop::go(Go::Next)).await;
        self.ok(id, Command::AddPayment(Box::new(card(token)))).await;
        let order = self.ok(id, shop::go(Go::Next)).await;
        assert_eq!(order.at, Step::Confirm);
        id
    }

    pub async fn complete(&self, order: OrderId) -> Result<Reply, Trouble> {
        self.engine.execute(ask(Target::Order(order), shop::go(Go::Complete))).await
    }

    /// Lets the jobs become due and sweeps them with a fresh process.
    pub async fn sweep_after(&self, seconds: u32) -> usize {
        self.clock.advance_seconds(seconds);
        self.replica().sweep(Sweep::Settle).await
    }

    pub async fn is_complete(&self, order: OrderId) -> bool {
        matches!(self.order(order).await.phase, Phase::Complete(_))
    }

    /// Nothing is under way, the store's rows agree, and every charge belongs to an order that has it.
    pub async fn is_sound(&self) {
        assert_eq!(self.engine.idle(Duration::from_secs(10)).await, 0, "still running");
        assert_eq!(self.engine.audit().await.expect("the store is up"), []);
        for entry in self.gateway.ledger().into_iter().filter(|entry| entry.is_charge()) {
            let key = OrderKey::Number(entry.order_number.clone());
            let order = self.engine.order(&key).await.expect("the store is up");
            assert!(order.is_some(), "a charge without an order: {entry:?}");
        }
    }
}

fn engine(store: &Arc<dyn Store>, gateway: &Arc<TestGateway>, clock: &Arc<ShiftClock>) -> Engine {
    let mut parts = Parts::new(Arc::clone(store), clock.clone(), Arc::new(OsEntropy));
    parts.gateways.insert(GatewayKind("test".into()), gateway.clone());
    parts.gateway_deadline = Duration::from_millis(1_500);
    Engine::new(parts)
}

pub fn guest() -> Actor {
    Actor { who: Who::Guest, via: ChannelKey::new("shop") }
}

pub fn ask(target: Target, command: Command) -> Ask {
    Ask::new(target, command, guest(), write)
}

/// `200` with the order's id and phase, or the refusal.
pub fn write(answer: &Answer<'_>) -> Reply {
    match answer.result {
        Ok(done) => {
            Reply::new(200, "text/plain", format!("{} {:?}", done.order.id, done.order.phase).into_bytes())
        }
        Err(refusal @ Refusal::Placing) => Reply::new(409, "text/plain", format!("{refusal:?}").into_bytes()),
        Err(refusal) => Reply::new(422, "text/plain", format!("{refusal:?}").into_bytes()),
    }
}

pub fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("text")
}

pub fn order_of(reply: &Reply) -> OrderId {
    OrderId(text(reply).split(' ').next().and_then(|id| id.parse().ok()).expect("an id"))
}

pub fn once(key: u8, fingerprint: u8) -> Option<Once> {
    Some(Once { key: OnceKey([key; 32]), fingerprint: [fingerprint; 32] })
}

pub fn new_cart(lines: &[(VariantId, u32)]) -> Command {
    let edit = OrderEdit {
        email: Some("buyer@example.com".into()),
        lines: lines
            .iter()
            .map(|(variant, quantity)| LineChange::Add(shop::line(*variant, *quantity)))
            .collect(),
        ..OrderEdit::default()
    };
    Command::Create(Box::new(NewOrder { edit, ..NewOrder::default() }))
}

pub fn card(token: &str) -> NewPayment {
    let details = CardDetails { month: 12, year: 2030, token: token.into(), ..CardDetails::default() };
    NewPayment { source: NewSource::Card(details), ..shop::payment(shop::CARD) }
}
