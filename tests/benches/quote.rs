//! What `Engine::price_cart` costs: two lines of one kind of service, one of them with volume tiers, for a customer
//! with credit. Nothing is written, so every round asks the same. Twenty thousand a second are 50 µs each.

// The small shop of the domain's tests: one catalogue, not two that drift apart.
#[path = "../../crates/domain/tests/common/mod.rs"]
mod shop;

use divan::Bencher;
use domain::catalog::*;
use domain::channel::ChannelKey;
use domain::command::{Cart, CartLine, Contents, Metadata, UseCredit};
use domain::money::{Amount, Currency, Money};
use domain::user::{Actor, Credit, User, Who};
use domain::{CreditId, ProductId, StockItemId, Time, UserId, VariantId};
use engine::ports::{Clock, Commit, EntityChange, StockItemChange, Store, UserPut};
use engine::{Engine, OsEntropy, Parts};
use shop::{CREDIT, MAIN, PASS};
use std::sync::Arc;
use store::{MemoryStore, SqliteStore, SqliteTarget};

const BUYER: UserId = UserId(7);
const NOW: Time = Time(1_700_000_000_000);
/// Variant, price key, pieces.
const LINES: [(VariantId, &str, u32); 2] =
    [(VariantId(101), "price_one", 5), (VariantId(102), "price_two", 1)];

fn main() {
    divan::main();
}

/// Where the shop is kept.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Memory,
    Sqlite,
}

#[divan::bench(args = [Kept::Memory, Kept::Sqlite])]
fn price_a_cart(bencher: Bencher<'_, '_>, kept: Kept) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let engine = runtime.block_on(opened(kept));
    let (cart, actor) = (cart(), actor());
    let priced = runtime.block_on(engine.price_cart(&cart, &actor)).expect("a price");
    // 5 × 3.20 by the second tier, and 3.50; the credit covers 10.00 of it.
    let figures = (priced.quoted.order.total(), priced.quoted.credit, priced.quoted.payable);
    assert_eq!(figures, (Amount(1_950), Amount(1_000), Amount(950)));
    bencher.bench_local(|| runtime.block_on(engine.price_cart(&cart, &actor)));
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

async fn opened(kept: Kept) -> Engine {
    let settings = Arc::new(Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: vec![shop::channel()],
        geography: Geography::world(),
    });
    let store: Arc<dyn Store> = match kept {
        Kept::Memory => Arc::new(MemoryStore::new(Catalog::empty(settings))),
        Kept::Sqlite => Arc::new(SqliteStore::open(&SqliteTarget::Memory, settings).expect("a store")),
    };
    store.commit(goods()).await.expect("a shop");
    let engine = Engine::new(Parts::new(store, Arc::new(Still), Arc::new(OsEntropy)));
    engine.warm_up().await;
    engine
}

/// Two services with stock, and a customer with 10.00 of credit.
fn goods() -> Commit {
    let sample = shop::Shop::new().catalog;
    let mut rows: Vec<Entity> =
        sample.stock_locations.values().map(|row| Entity::from(StockLocation::clone(row))).collect();
    rows.push(PaymentMethod::clone(&sample.payment_methods[&CREDIT]).into());
    let (pass, _) = sample.variant(PASS).expect("passes are sold");
    for (variant, key, _) in LINES {
        rows.push(service(pass, variant, key).into());
    }
    let level = |(variant, _, _): (VariantId, &str, u32)| {
        let item = StockItemId(variant.0);
        StockItemChange::Create(StockLevel {
            item,
            variant,
            location: MAIN,
            on_hand: 1_000,
            held: 0,
            backorderable: false,
        })
    };
    let credit = Credit {
        id: CreditId(1),
        user: BUYER,
        currency: Currency::USD,
        available: Amount(1_000),
        memo: None,
        category: None,
        created_by: None,
        created_at: NOW,
    };
    Commit {
        now: NOW,
        entities: rows.into_iter().map(EntityChange::Put).collect(),
        stock: LINES.into_iter().map(level).collect(),
        user: Some(UserPut { user: Arc::new(User { version: 1, ..shop::customer(BUYER) }), expected: 0 }),
        credits: vec![credit],
        ..Commit::default()
    }
}

/// 3.50 a month; from five pieces on 3.20 if it is the first.
fn service(pass: &Product, variant: VariantId, key: &str) -> Product {
    let tier = |up_to, price| Tier { up_to, price: Amount(price) };
    let tiers = if key == LINES[0].1 {
        Tiers::Volume(vec![tier(Some(4), 350), tier(None, 320)])
    } else {
        Tiers::None
    };
    let mut product = Product::clone(pass);
    product.id = ProductId(variant.0);
    product.slug = key.to_owned();
    product.tax_category = None;
    product.service =
        Some(Service { kind: "isp".to_owned(), country: None, protocol: None, per_ip: true, hidden: false });
    product.master.id = variant;
    product.master.sku = key.to_uppercase();
    let interval = Some(Interval { unit: "month".to_owned(), count: 1 });
    let price = Money::new(350, Currency::USD);
    product.master.prices =
        vec![PriceOption { key: key.to_owned(), price, tiers, interval, inactive: false }];
    product
}

fn cart() -> Cart {
    let line = |(variant, key, quantity): (VariantId, &str, u32)| CartLine {
        variant,
        option: key.to_owned(),
        quantity,
        metadata: Metadata::default(),
    };
    let contents = Contents::Lines(LINES.into_iter().map(line).collect());
    Cart { customer: BUYER, currency: Currency::USD, contents, code: None, credit: UseCredit::Yes }
}

fn actor() -> Actor {
    Actor { who: Who::Customer(BUYER), via: ChannelKey::new("shop") }
}
