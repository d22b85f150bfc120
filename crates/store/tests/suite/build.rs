//! Builders: the smallest valid orders, users, movements and catalogue rows.

use domain::catalog::{Catalog, Entity, Geography, Settings, StockLevel, TaxCategory};
use domain::channel::{ChannelKey, Step};
use domain::event::{Event, EventKind};
use domain::money::{Amount, Currency};
use domain::movement::{
    CouponChange, CouponMovement, CreditChange, CreditMovement, Movement, StockChange, StockMovement,
    StockPart, Turn,
};
use domain::order::{Order, OrderKind, Phase, Secret};
use domain::price::PriceSheet;
use domain::user::{Credit, User, Who};
use domain::*;
use engine::ports::{Commit, OrderPut, StockItemChange, UserPut};
use std::sync::Arc;

pub const NOW: Time = Time(1_000_000);

pub fn settings() -> Arc<Settings> {
    Arc::new(Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: Vec::new(),
        geography: Geography::default(),
    })
}

pub fn empty_catalog() -> Catalog {
    Catalog::empty(settings())
}

pub fn order(id: i64) -> Order {
    Order {
        id: OrderId(id),
        number: format!("R{id:09}"),
        secret: Secret([7; 16]),
        version: 1,
        kind: OrderKind::Sale,
        origin: ChannelKey::new("pages"),
        currency: Currency::USD,
        phase: Phase::Cart,
        at: Step::Cart,
        customer: None,
        email: None,
        lines: Vec::new(),
        shipments: Vec::new(),
        bill_address: None,
        ship_address: None,
        promotions: Vec::new(),
        payments: Vec::new(),
        returns: Vec::new(),
        customer_returns: Vec::new(),
        sheet: PriceSheet::default(),
        instructions: None,
        customer_metadata: serde_json::Map::new(),
        admin_metadata: serde_json::Map::new(),
        created_at: NOW,
        updated_at: NOW,
        completed_at: None,
        canceled_at: None,
        canceler: None,
        expires_at: None,
        event_count: 0,
        ticketing: Default::default(),
        session: None,
        provider: None,
        left_sessions: Vec::new(),
        supply: Default::default(),
        grants: Vec::new(),
    }
}

/// Stores an order for the first time.
pub fn insert(order: Order) -> Commit {
    put(order, 0)
}

pub fn put(mut order: Order, expected: u64) -> Commit {
    order.version = expected + 1;
    let order = OrderPut {
        order: Arc::new(order),
        expected,
        new_shipments: Vec::new(),
        new_tickets: Vec::new(),
        gone_tickets: Vec::new(),
        changed_tickets: Vec::new(),
    };
    Commit { now: NOW, order: Some(order), ..Commit::default() }
}

pub fn event(sequence: u64) -> Event {
    Event {
        sequence,
        kind: EventKind::OrderEdited,
        subject: None,
        change: format!("{sequence}"),
        at: NOW,
        by: Who::System,
        via: ChannelKey::new("pages"),
    }
}

pub fn user(id: i64, email: &str) -> User {
    User {
        id: UserId(id),
        version: 1,
        email: email.to_owned(),
        password_hash: None,
        second_factor: None,
        roles: Vec::new(),
        is_contact: false,
        addresses: Vec::new(),
        bill_default: None,
        ship_default: None,
        wallet: Vec::new(),
        flags: Default::default(),
        links: Vec::new(),
        customer_metadata: serde_json::Map::new(),
        admin_metadata: serde_json::Map::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn put_user(mut user: User, expected: u64) -> Commit {
    user.version = expected + 1;
    Commit { now: NOW, user: Some(UserPut { user: Arc::new(user), expected }), ..Commit::default() }
}

pub fn level(variant: i64, location: i64, on_hand: i64) -> StockLevel {
    StockLevel {
        item: StockItemId(variant * 100 + location),
        variant: VariantId(variant),
        location: StockLocationId(location),
        on_hand,
        held: 0,
        backorderable: false,
    }
}

pub fn stock_item(change: StockItemChange) -> Commit {
    Commit { now: NOW, stock: vec![change], ..Commit::default() }
}

pub fn create(level: StockLevel) -> Commit {
    stock_item(StockItemChange::Create(level))
}

pub fn moves(now: Time, movements: Vec<Movement>) -> Commit {
    Commit { now, movements, ..Commit::default() }
}

/// A change to variant 1 at location 1 for line 1 of an order.
pub fn stock(order: i64, change: StockChange) -> Movement {
    stock_at(order, 1, 1, change)
}

pub fn stock_at(order: i64, variant: i64, location: i64, change: StockChange) -> Movement {
    Movement::Stock(StockMovement {
        order: OrderId(order),
        part: StockPart::Line(LineId(order)),
        variant: VariantId(variant),
        location: StockLocationId(location),
        change,
        turn: Turn::Ahead,
    })
}

/// The same, behind those who wait.
pub fn behind(movement: Movement) -> Movement {
    match movement {
        Movement::Stock(stock) => Movement::Stock(StockMovement { turn: Turn::Behind, ..stock }),
        other => other,
    }
}

pub fn hold(order: i64, units: u32, until: Time) -> Movement {
    stock(order, StockChange::Hold { units, until })
}

pub fn claim(order: i64, code: Option<&str>, user: Option<i64>, change: CouponChange) -> Movement {
    Movement::Coupon(CouponMovement {
        order: OrderId(order),
        promotion: PromotionId(1),
        code: code.map(str::to_owned),
        user: user.map(UserId),
        change,
    })
}

pub fn credit(order: i64, payment: i64, change: CreditChange) -> Movement {
    Movement::Credit(CreditMovement {
        order: OrderId(order),
        payment: PaymentId(payment),
        credit: CreditId(1),
        change,
    })
}

/// Credit 1 of user 1.
pub fn grant(amount: i64) -> Commit {
    let credit = Credit {
        id: CreditId(1),
        user: UserId(1),
        currency: Currency::USD,
        available: Amount(amount),
        memo: Some("sorry".to_owned()),
        category: None,
        created_by: None,
        created_at: NOW,
    };
    Commit { now: NOW, credits: vec![credit], ..Commit::default() }
}

pub fn tax_category(id: i64, name: &str) -> Entity {
    Entity::from(serde_json::from_value::<TaxCategory>(serde_json::json!({"id": id, "name": name})).unwrap())
}
