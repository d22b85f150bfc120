//! Purchases through the engine on SQLite: one credit is spent once, time ends what nobody pays, and what platforms
//! tell counts once.

use crate::shop::{self, CREDIT, MAIN, PASS};
use async_trait::async_trait;
use domain::catalog::*;
use domain::channel::{Capture, ChannelKey, OnDecline, UseStoreCredit};
use domain::command::*;
use domain::money::{Amount, Currency};
use domain::order::{GrantReason, Order, Phase, SaveCard};
use domain::user::{Actor, Credit, User, Who};
use domain::{AttemptId, CreditId, OrderId, PaymentMethodId, StockItemId, Time, UserId};
use engine::ports::*;
use engine::{Answer, Ask, Engine, Noticed, OsEntropy, Parts, Reply, ShiftClock, Sweep, Target};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{SqliteStore, SqliteTarget};

const REDIRECT: PaymentMethodId = PaymentMethodId(4);
const BUYER: UserId = UserId(7);

struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

/// A platform that sends the buyer away and never says more by itself.
struct Silent;

#[async_trait]
impl Gateway for Silent {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        assert_eq!(request.method, "card");
        Outcome::ActionRequired { url: format!("https://pay.example/{}", request.order_number) }
    }
    async fn find(&self, _: &AttemptId) -> Found {
        Found::Unclear
    }
    fn tokenise(&self, _: &str) -> Result<Tokenised, TokenError> {
        Err(TokenError::RealCard)
    }
    fn saves_cards(&self) -> bool {
        false
    }
}

struct Counter {
    engine: Engine,
    store: Arc<SqliteStore>,
    clock: Arc<ShiftClock>,
}

impl Counter {
    /// A shop of passes at 15.00, and a buyer with so much credit.
    async fn open(passes: i64, credit: i64) -> Counter {
        let sample = shop::Shop::new().catalog;
        let mut channel = shop::channel();
        channel.policy.on_decline = OnDecline::Cancel;
        channel.policy.capture = Capture::AtOnce;
        channel.policy.store_credit = UseStoreCredit::Never;
        let settings = Settings {
            currency: Currency::USD,
            default_country: "US".into(),
            channels: vec![channel],
            geography: Geography::world(),
        };
        let store = Arc::new(SqliteStore::open(&SqliteTarget::Memory, Arc::new(settings)).expect("a store"));
        let clock = Arc::new(ShiftClock::new(Arc::new(Still(AtomicI64::new(1_700_000_000_000)))));
        let mut rows: Vec<Entity> = sample.products.values().map(|row| Product::clone(row).into()).collect();
        rows.extend(sample.stock_locations.values().map(|row| Entity::from(StockLocation::clone(row))));
        rows.extend(sample.payment_methods.values().map(|row| Entity::from(PaymentMethod::clone(row))));
        let kind = MethodKind::Platform(Platform {
            gateway: GatewayKind("silent".into()),
            platform: "stripe".into(),
            method: "card".into(),
            flow: PayFlow::Redirect,
            saving: Saving::NotSupported,
            renewal: Renewal::Automatic,
        });
        let like = PaymentMethod::clone(&sample.payment_methods[&CREDIT]);
        rows.push(PaymentMethod { id: REDIRECT, key: "stripe:card".into(), kind, ..like }.into());
        let (variant, location) = (PASS, MAIN);
        let level = StockLevel {
            item: StockItemId(501),
            variant,
            location,
            on_hand: passes,
            held: 0,
            backorderable: false,
        };
        let granted = Credit {
            id: CreditId(1),
            user: BUYER,
            currency: Currency::USD,
            available: Amount(credit),
            memo: None,
            category: None,
            created_by: None,
            created_at: clock.now(),
        };
        let commit = Commit {
            now: clock.now(),
            entities: rows.into_iter().map(EntityChange::Put).collect(),
            stock: vec![StockItemChange::Create(level)],
            user: Some(UserPut { user: Arc::new(User { version: 1, ..shop::customer(BUYER) }), expected: 0 }),
            credits: (credit > 0).then_some(granted).into_iter().collect(),
            ..Commit::default()
        };
        store.commit(commit).await.expect("a shop");
        let port: Arc<dyn Store> = store.clone();
        let parts = Parts::new(port, clock.clone(), Arc::new(OsEntropy)).gateway("silent", Arc::new(Silent));
        let engine = Engine::new(parts);
        engine.warm_up().await;
        Counter { engine, store, clock }
    }

    async fn buy(&self, method: PaymentMethodId, contents: Contents) -> Reply {
        let cart =
            Cart { customer: BUYER, currency: Currency::USD, contents, code: None, credit: UseCredit::Yes };
        let purchase = Purchase {
            cart,
            method,
            card: None,
            save: SaveCard::No,
            expected_payable: None,
            country: None,
            success_url: None,
            cancel_url: None,
            vouched: Vouched::No,
            hold_minutes: 60,
            down: self.engine.platforms_down(),
        };
        let command = Command::Purchase(Box::new(purchase));
        self.engine.execute(Ask::new(Target::New, command, actor(), write)).await.expect("an answer")
    }

    async fn order(&self, reply: &Reply) -> Arc<Order> {
        let id = String::from_utf8(reply.body.clone()).expect("text").parse().expect("an id");
        self.engine.order(&OrderKey::Id(OrderId(id))).await.expect("the store is up").expect("the order")
    }

    async fn balance(&self) -> i64 {
        let buyer = self.store.buyer(Some(BUYER), &[], OrderId(0)).await.expect("the store is up");
        buyer.available_credit(Currency::USD).0
    }

    async fn is_sound(&self) {
        assert_eq!(self.engine.idle(std::time::Duration::from_secs(10)).await, 0, "still running");
        assert_eq!(self.engine.audit().await.expect("the store is up"), []);
    }

    /// What the platform tells of an order's payment.
    async fn tell(&self, id: &str, order: &Order, amount: i64) -> Noticed {
        let attempt = order.payments.iter().find_map(|payment| payment.sent()?.attempt.clone());
        let outcome = Outcome::Received { amount: Amount(amount), reference: None, card: None };
        let event = GatewayEvent {
            id: id.into(),
            sequence: 1,
            attempt: attempt.expect("an attempt"),
            order_number: order.number.clone(),
            outcome,
        };
        self.engine.notice("stripe", event, b"{}").await.expect("taken in")
    }
}

fn actor() -> Actor {
    Actor { who: Who::Customer(BUYER), via: ChannelKey::new("shop") }
}

fn write(answer: &Answer<'_>) -> Reply {
    match answer.result {
        Ok(done) => Reply::new(200, "text/plain", done.order.id.to_string().into_bytes()),
        Err(refusal) => Reply::new(422, "text/plain", format!("{refusal:?}").into_bytes()),
    }
}

fn passes(quantity: u32) -> Contents {
    let metadata = Metadata::default();
    Contents::Lines(vec![CartLine { variant: PASS, option: String::new(), quantity, metadata }])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_spend_one_credit_once() {
    let shop = Arc::new(Counter::open(64, 1_500).await);
    let buyers = (0..64).map(|_| {
        let shop = shop.clone();
        tokio::spawn(async move { shop.buy(CREDIT, passes(1)).await.status })
    });
    let mut bought = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        bought += u32::from(buyer.await.expect("no panic") == 200);
    }
    assert_eq!((bought, shop.balance().await), (1, 0));
    shop.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_sixty_four_redirects_gets_the_credit() {
    let shop = Arc::new(Counter::open(64, 1_000).await);
    let buyers = (0..64).map(|_| {
        let shop = shop.clone();
        tokio::spawn(async move { shop.buy(REDIRECT, passes(1)).await })
    });
    let mut credit = 0;
    let mut begun = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        let reply = buyer.await.expect("no panic");
        if reply.status == 200 {
            begun += 1;
            let order = shop.order(&reply).await;
            let own = order.payments.iter().filter(|payment| payment.is_store_credit());
            credit += own.map(|payment| payment.amount.0).sum::<i64>();
            let all: Amount = order.payments.iter().map(|payment| payment.amount).sum();
            assert_eq!((order.phase, all), (Phase::Placing, order.total()));
        }
    }
    assert_eq!((begun, credit, shop.balance().await), (64, 1_000, 0));
    shop.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_ends_it_and_late_money_is_credit() {
    let shop = Counter::open(2, 500).await;
    let reply = shop.buy(REDIRECT, passes(1)).await;
    let begun = shop.order(&reply).await;
    assert_eq!((begun.phase, shop.balance().await), (Phase::Placing, 0));
    assert_eq!(shop.engine.sweep(Sweep::Expire).await, 0);
    shop.clock.advance_seconds(60 * 60);
    assert_eq!(shop.engine.sweep(Sweep::Expire).await, 1);
    let over = shop.order(&reply).await;
    assert_eq!((over.phase, shop.balance().await), (Phase::Canceled, 500));
    assert_eq!(shop.tell("evt_1", &over, 1_000).await, Noticed::Settled);
    assert_eq!(shop.tell("evt_1", &over, 1_000).await, Noticed::Seen);
    assert_eq!(shop.tell("evt_2", &over, 1_000).await, Noticed::Settled);
    let late = shop.order(&reply).await;
    assert_eq!(late.grants.iter().map(|granted| granted.reason).collect::<Vec<_>>(), [GrantReason::Late]);
    assert_eq!(shop.balance().await, 1_500);
    let stranger = Order { number: "nobody's".into(), ..Order::clone(&over) };
    assert_eq!(shop.tell("evt_3", &stranger, 1_000).await, Noticed::Parked);
    assert_eq!(shop.tell("evt_3", &stranger, 1_000).await, Noticed::Seen);
    shop.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_top_up_told_by_many_at_once_is_credit_once() {
    let shop = Arc::new(Counter::open(1, 0).await);
    let reply = shop.buy(REDIRECT, Contents::TopUp(Amount(2_500))).await;
    let begun = shop.order(&reply).await;
    let tellers = (0..16).map(|id| {
        let (shop, begun) = (shop.clone(), begun.clone());
        tokio::spawn(async move { shop.tell(&format!("evt_{}", id % 4), &begun, 2_500).await })
    });
    for teller in tellers.collect::<Vec<_>>() {
        teller.await.expect("no panic");
    }
    let paid = shop.order(&reply).await;
    assert!(paid.is_placed());
    assert_eq!((paid.grants.len(), shop.balance().await), (1, 2_500));
    let ledger = shop.engine.credit_events(BUYER, 0, 10).await.expect("the store is up").rows;
    assert_eq!((ledger.len(), ledger[0].order, ledger[0].user_total), (1, Some(paid.id), Amount(2_500)));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_quote_leaves_no_trace() {
    let shop = Counter::open(2, 500).await;
    let cart = Cart {
        customer: BUYER,
        currency: Currency::USD,
        contents: passes(3),
        code: None,
        credit: UseCredit::Yes,
    };
    let priced = shop.engine.price_cart(&cart, &actor()).await.expect("a price");
    let quoted = &priced.quoted;
    assert_eq!((quoted.order.total().0, quoted.credit.0, quoted.payable.0), (4_500, 500, 4_000));
    assert_eq!(quoted.shortages.iter().map(|short| short.available).collect::<Vec<_>>(), [2]);
    let all = shop.engine.orders(&OrderQuery { limit: 1, ..OrderQuery::default() }).await;
    assert_eq!((all.expect("the store is up").total, shop.balance().await), (0, 500));
}
