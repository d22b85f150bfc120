//! A box office: one event per peculiarity, and a buyer who knows the way.

use crate::support::{Caller, Reply, catalog, people_and_stock};
use domain::catalog::{
    AddOn, Asked, Catalog, Channels, ConflictPolicy, Customization, Draw, Entity, Entry, Event, FieldKind,
    Form, FormField, FormOption, Invitation, MemberIdRule, Membership, MembershipPlan, OrderForm, Packaged,
    Pool, PriceOption, Product, ProductKind, SaleRules, ServiceFee, StockLevel, TicketType, Variant,
};
use domain::money::{Currency, Money, Rate};
use domain::order::Secret;
use domain::user::User;
use domain::*;
use engine::ports::{Clock, Commit, EntityChange, StockItemChange, Store, UserPut};
use engine::{Engine, Parts, SeededEntropy, ShiftClock, Sweep, SystemClock};
use http_api::apis;
use http_api::server::{AppState, Config, Mount, Throttle, assemble};
use outbound::gateways::test::{TestGateway, Timing};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::MemoryStore;

pub const KEY: &str = "both-key";
pub const READ_KEY: &str = "read-key";
pub const WRITE_KEY: &str = "write-key";

/// Free, asks nothing.
pub const FREE: i64 = 101;
/// 15.00, asks for names.
pub const NAMED: i64 = 102;
/// 20.00, with a form.
pub const FORMED: i64 = 103;
/// Free, event with the password `Open Sesame`.
pub const SECRET: i64 = 104;
/// Free, by invitation; code `VIP`.
pub const INVITED: i64 = 105;
/// Free, asks for a member id `M` and three digits.
pub const MEMBERS: i64 = 106;
/// Free, needs a membership; number `GOLD-1`.
pub const PLAN: i64 = 107;
/// A master with two variants.
pub const MASTER: i64 = 108;
pub const SMALL: i64 = 1081;
pub const LARGE: i64 = 1082;
/// Free, sold with at most one `DINNER` each.
pub const EXTRA: i64 = 109;
/// 30.00.
pub const DINNER: i64 = 110;
/// Free; at the same time as `FREE`.
pub const CLASH: i64 = 111;
/// Sold out, may be requested.
pub const WANTED: i64 = 112;
/// Sold out.
pub const GONE: i64 = 113;
/// Not on sale yet, may be reserved.
pub const EARLY: i64 = 114;
/// Not on sale yet.
pub const LATER: i64 = 115;
/// Free, five places.
pub const FEW: i64 = 116;
/// Switched off.
pub const OFF: i64 = 117;
/// 15.00 with a fee of 1.00 and 3 %.
pub const FEE: i64 = 118;
/// Two tickets a piece.
pub const FAMILY: i64 = 119;
/// Free, one place, may be requested.
pub const LAST: i64 = 120;

pub const ORDER_FORM: i64 = 1;
/// Asks to confirm.
pub const CONFIRMED: i64 = 2;
/// Warns of conflicts.
pub const WARNED: i64 = 3;
/// Allows no guests.
pub const NO_GUESTS: i64 = 4;

/// Seconds from now until sales of what comes later begin.
pub const SALE_IN: u32 = 3_600;

pub struct Office {
    address: SocketAddr,
    pub engine: Engine,
    pub clock: Arc<ShiftClock>,
    /// Where buyers are sent who have to act.
    pub bank: Arc<TestGateway>,
}

impl Office {
    pub async fn open() -> Office {
        Office::with(Config { throttle: Arc::new(Throttle::off()), ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Office {
        let clock = Arc::new(ShiftClock::new(Arc::new(SystemClock)));
        let now = clock.now();
        let rows = rows(now);
        let full = rows.into_iter().fold(catalog(), Catalog::with);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(full));
        let people =
            [(KEY, &["api:read", "api:write"][..]), (READ_KEY, &["api:read"]), (WRITE_KEY, &["api:write"])];
        let keys =
            people.iter().enumerate().map(|(place, (key, roles))| account(2001 + place as i64, key, roles));
        let stock = pools().into_iter().map(|pool| {
            StockItemChange::Create(StockLevel {
                item: pool.item,
                variant: pool.id,
                location: StockLocationId::NOWHERE,
                on_hand: pool.units(),
                held: 0,
                backorderable: false,
            })
        });
        let stock = Commit { stock: stock.collect(), ..Commit::default() };
        for commit in people_and_stock().into_iter().chain(keys).chain([stock]) {
            store.commit(commit).await.unwrap();
        }
        let timing = Timing {
            token: Duration::from_millis(20),
            slow: Duration::from_millis(600),
            ..Timing::default()
        };
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let parts = Parts::new(store, shared, Arc::new(SeededEntropy::new(11)));
        let bank = Arc::new(TestGateway::new(timing));
        let engine = Engine::new(parts.gateway("test", Arc::clone(&bank) as _));
        let state = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
        let mounts: Vec<Mount> = apis::ALL.iter().flat_map(Mount::usual).collect();
        let router = assemble(&state, &mounts).into_make_service_with_connect_info::<SocketAddr>();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Office { address, engine, clock, bank }
    }

    /// The price of a variant is another one from now on.
    pub async fn price(&self, variant: i64, cents: i64) {
        let catalog = self.engine.catalog();
        let mut product = Product::clone(&catalog.products[&ProductId(variant)]);
        product.master.set_price(Money::new(cents, Currency::USD));
        let entities = vec![EntityChange::Put(product.into())];
        self.engine.store().commit(Commit { entities, ..Commit::default() }).await.unwrap();
    }

    pub fn nobody(&self) -> Caller {
        self.nobody_at("/guest-manager/api/public/v2")
    }

    /// Without a key, at another API.
    pub fn nobody_at(&self, root: &'static str) -> Caller {
        Caller::new(self.address, root)
    }

    pub fn shown(&self, key: &str) -> Caller {
        self.nobody().header("Authorization", &format!("Token {key}"))
    }

    pub fn api(&self) -> Caller {
        self.shown(KEY)
    }

    pub fn staff(&self) -> Caller {
        self.shown(crate::support::ADMIN_KEY)
    }

    /// Time passes, and the store hears of it; no order is swept.
    pub async fn pass(&self, seconds: u32) {
        self.clock.advance_seconds(seconds);
        self.engine.sweep(Sweep::Tidy).await;
    }

    /// All that is due is done.
    pub async fn sweep(&self) {
        for sweep in Sweep::ALL {
            self.engine.sweep(sweep).await;
        }
        self.engine.idle(Duration::from_secs(10)).await;
    }

    /// Asks for an order.
    pub async fn post(&self, mut order: Value) -> Reply {
        order["currency"] = json!("USD");
        order["guest_checkout"] = json!(true);
        self.api().post("/orders", json!({"order": order})).await
    }

    /// An order of these variants by a buyer with a name.
    pub async fn order(&self, lines: &[(i64, u32)]) -> Value {
        self.order_with(lines, json!({})).await
    }

    pub async fn order_with(&self, lines: &[(i64, u32)], more: Value) -> Value {
        let mut order = buyer();
        let lines: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
            .collect();
        order["line_items"] = json!(lines);
        for (key, value) in more.as_object().unwrap() {
            order[key] = value.clone();
        }
        self.post(order).await.json(201)
    }

    pub async fn get(&self, order: &Value) -> Value {
        self.api().get(&path(order, "")).await.json(200)
    }

    /// Data for a step.
    pub async fn give(&self, order: &Value, state: &str, data: Value) -> Reply {
        let mut body = data;
        body["state"] = json!(state);
        self.api().patch(&format!("/checkout/{}", order["id"]), json!({"order": body})).await
    }

    pub async fn next(&self, order: &Value) -> Reply {
        self.api().patch(&format!("/checkout/{}/next", order["id"]), json!({})).await
    }

    pub async fn next_to(&self, order: &Value, state: &str) -> Reply {
        self.api().patch(&format!("/checkout/{}/next", order["id"]), json!({"state": state})).await
    }

    /// An order of these variants that stands on the first step it has.
    pub async fn begun(&self, lines: &[(i64, u32)]) -> Value {
        let order = self.order(lines).await;
        self.next(&order).await.json(200)
    }

    /// An order that stands at the payment.
    pub async fn at_payment(&self, variant: i64) -> Value {
        let mut order = self.begun(&[(variant, 1)]).await;
        for _ in 0..5 {
            let state = order["state"].as_str().unwrap().to_owned();
            let data = match state.as_str() {
                "payment" => return order,
                "tickets" => json!({"tickets": [{"id": order["tickets"][0]["id"], "keep": true}]}),
                "address" => json!({"bill_address": address()}),
                other => panic!("stuck in {other}"),
            };
            order = self.give(&order, &state, data).await.json(200);
        }
        panic!("never came to the payment");
    }

    pub async fn pay(&self, order: &Value, token: &str) -> Reply {
        self.give(order, "payment", json!({"payments": [by_card(token)]})).await
    }

    /// Waits until a payment is through.
    pub async fn settled(&self, order: &Value) -> Value {
        for _ in 0..200 {
            let now = self.api().get(&path(order, "/poll")).await.json(200);
            if now["state"] != "processing" {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still processing");
    }

    /// A free order, complete.
    pub async fn complete(&self) -> Value {
        let done = self.begun(&[(FREE, 1)]).await;
        assert_eq!(done["state"], "complete", "{done}");
        done
    }
}

pub fn path(order: &Value, rest: &str) -> String {
    format!("/orders/{}{rest}", order["id"])
}

pub fn buyer() -> Value {
    json!({"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"})
}

pub fn address() -> Value {
    json!({"address1": "1 Pine St", "city": "Perth", "zipcode": "6000", "state_code": "WA", "country_code": "AU"})
}

pub fn by_card(token: &str) -> Value {
    let source =
        json!({"brand": "visa", "last_four": "4680", "token": token, "cvv": "123", "cardholder_name": "Ada"});
    json!({"payment_method_id": crate::support::CARD, "source": source})
}

/// The errors of an attribute, by their codes.
pub fn codes(errors: &Value, attribute: &str) -> Vec<String> {
    let all = errors["attributes"].as_array().unwrap();
    let found = all.iter().filter(|error| error["attribute"] == attribute);
    found.map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

fn account(id: i64, key: &str, roles: &[&str]) -> Commit {
    let user = User {
        id: UserId(id),
        version: 1,
        email: format!("{key}@example.com"),
        password_hash: None,
        second_factor: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        is_contact: false,
        addresses: Vec::new(),
        bill_default: None,
        ship_default: None,
        wallet: Vec::new(),
        flags: Default::default(),
        links: Vec::new(),
        customer_metadata: Default::default(),
        admin_metadata: Default::default(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let keys = vec![(Sha256::digest(key.as_bytes()).into(), UserId(id))];
    Commit { user: Some(UserPut { user: Arc::new(user), expected: 0 }), keys, ..Commit::default() }
}

const FEW_POOL: VariantId = VariantId(9001);
const EMPTY_POOL: VariantId = VariantId(9002);
const LAST_POOL: VariantId = VariantId(9003);

fn pools() -> Vec<Pool> {
    let pool = |id: VariantId, size| Pool {
        id,
        item: StockItemId(id.0),
        name: format!("Pool {id}"),
        size: Some(size),
    };
    vec![pool(FEW_POOL, 5), pool(EMPTY_POOL, 0), pool(LAST_POOL, 1)]
}

/// The day after tomorrow, `hour` hours later.
fn event(id: i64, now: Time, hour: i64) -> Event {
    let starts_at = now.plus_minutes(60 * (48 + hour));
    Event {
        id: EventId(id),
        name: format!("Event {id}"),
        slug: format!("event-{id}"),
        description: String::new(),
        venue: None,
        parent: None,
        categories: Vec::new(),
        starts_at,
        ends_at: starts_at.plus_minutes(60),
        timezone: "UTC".into(),
        published_at: Some(Time(0)),
        password: None,
        entry: Entry::Open,
        form: None,
        conflict_group: None,
        channels: Channels::All,
    }
}

fn ticket_type(id: i64) -> TicketType {
    TicketType {
        id: TicketTypeId(id),
        name: format!("Type {id}"),
        display_name: None,
        event: None,
        name_asked: Asked::No,
        email_asked: Asked::No,
        member_id: None,
        attachable: false,
        transferable: true,
    }
}

/// A product of one variant, with a ticket for the event of the same number.
fn product(id: i64, cents: i64, kind: i64) -> Product {
    let master = Variant {
        id: VariantId(id),
        sku: format!("T-{id}"),
        is_master: true,
        prices: vec![PriceOption::plain(Money::new(cents, Currency::USD))],
        track_inventory: false,
        package: vec![Packaged { event: EventId(id), ticket_type: TicketTypeId(kind), quantity: 1 }],
        ..Variant::default()
    };
    let (_, sample) = catalog().products.iter().next().map(|(id, row)| (*id, Product::clone(row))).unwrap();
    Product {
        id: ProductId(id),
        name: format!("Ticket {id}"),
        slug: format!("ticket-{id}"),
        shipping_category: None,
        // Tickets carry no tax.
        tax_category: Some(TaxCategoryId(99)),
        master,
        sales: SaleRules {
            kind: ProductKind::Registration,
            event: Some(EventId(id)),
            ..SaleRules::default()
        },
        ..sample
    }
}

const PLAIN: i64 = 1;
const WITH_NAME: i64 = 2;
const WITH_MEMBER: i64 = 3;

fn rows(now: Time) -> Vec<Entity> {
    let mut rows: Vec<Entity> = Vec::new();
    let sale = now.plus_seconds(i64::from(SALE_IN));
    rows.push(ticket_type(PLAIN).into());
    rows.push(
        TicketType { name_asked: Asked::Required, email_asked: Asked::Optional, ..ticket_type(WITH_NAME) }
            .into(),
    );
    let rule = MemberIdRule { format: Some("M[0-9]{3}".into()), list: None };
    rows.push(TicketType { member_id: Some(rule), ..ticket_type(WITH_MEMBER) }.into());
    for (place, id) in (FREE..=LAST).enumerate() {
        let hour = if id == CLASH { 0 } else { place as i64 };
        let plain = event(id, now, hour);
        rows.push(match id {
            SECRET => Event { password: Some("Open Sesame".into()), ..plain }.into(),
            INVITED => Event { entry: Entry::InviteOnly, ..plain }.into(),
            FORMED => Event { form: Some(FormId(1)), ..plain }.into(),
            _ => plain.into(),
        });
    }
    rows.extend(products(sale));
    rows.extend(pools().into_iter().map(Entity::from));
    rows.extend(access(now));
    rows.extend(choices());
    rows
}

fn products(sale: Time) -> Vec<Entity> {
    let with = |id, cents, kind, change: &dyn Fn(&mut Product)| {
        let mut row = product(id, cents, kind);
        change(&mut row);
        Entity::from(row)
    };
    let as_is = |_: &mut Product| {};
    let draws = |pool| move |row: &mut Product| row.master.draws = vec![Draw { pool, units: 1 }];
    vec![
        with(FREE, 0, PLAIN, &as_is),
        with(NAMED, 1500, WITH_NAME, &as_is),
        with(FORMED, 2000, PLAIN, &as_is),
        with(SECRET, 0, PLAIN, &as_is),
        with(INVITED, 0, PLAIN, &as_is),
        with(MEMBERS, 0, WITH_MEMBER, &as_is),
        with(PLAN, 0, PLAIN, &|row| row.sales.membership_plans = vec![MembershipPlanId(1)]),
        with(MASTER, 0, PLAIN, &|row| {
            let part = |id| Variant {
                id: VariantId(id),
                is_master: false,
                sku: format!("T-{id}"),
                ..row.master.clone()
            };
            row.variants = vec![part(SMALL), part(LARGE)];
        }),
        with(EXTRA, 0, PLAIN, &|row| {
            row.sales.addons = vec![AddOn { product: ProductId(DINNER), min: 0, max: Some(1) }];
        }),
        with(DINNER, 3000, PLAIN, &|row| row.master.package.clear()),
        with(CLASH, 0, PLAIN, &as_is),
        with(WANTED, 0, PLAIN, &|row| {
            draws(EMPTY_POOL)(row);
            row.sales.can_request = true;
        }),
        with(GONE, 0, PLAIN, &draws(EMPTY_POOL)),
        with(EARLY, 0, PLAIN, &|row| {
            row.master.window.on_sale_at = Some(sale);
            row.sales.can_reserve = true;
        }),
        with(LATER, 0, PLAIN, &|row| row.master.window.on_sale_at = Some(sale)),
        with(FEW, 0, PLAIN, &draws(FEW_POOL)),
        with(OFF, 0, PLAIN, &|row| row.master.window.switch = domain::catalog::Switch::Off),
        with(FEE, 1500, PLAIN, &as_is),
        with(FAMILY, 0, WITH_NAME, &|row| row.master.package[0].quantity = 2),
        with(LAST, 0, PLAIN, &|row| {
            draws(LAST_POOL)(row);
            row.sales.can_request = true;
        }),
    ]
}

fn access(now: Time) -> Vec<Entity> {
    vec![
        Invitation {
            id: InvitationId(1),
            event: EventId(INVITED),
            code: "VIP".into(),
            email: None,
            max_tickets: Some(10),
            expires_at: None,
        }
        .into(),
        MembershipPlan { id: MembershipPlanId(1), name: "Gold".into() }.into(),
        Membership {
            id: MembershipId(1),
            plan: MembershipPlanId(1),
            number: "GOLD-1".into(),
            email: None,
            bound: false,
            starts_at: Some(now.plus_minutes(-60)),
            ends_at: None,
            max_uses: None,
            canceled: false,
        }
        .into(),
        Form {
            id: FormId(1),
            name: "Survey".into(),
            fields: vec![
                field(1, "Diet", FieldKind::Text, &[]),
                field(2, "Colour", FieldKind::Choice, &[(784, "Red"), (785, "Blue")]),
            ],
        }
        .into(),
        OrderForm {
            id: OrderFormId(ORDER_FORM),
            name: "Two at least".into(),
            conditions: vec![domain::catalog::Condition {
                id: ConditionId(1),
                label: "Seats".into(),
                variants: vec![VariantId(FREE)],
                minimum: 2,
                maximum: Some(4),
            }],
        }
        .into(),
        ServiceFee {
            id: ServiceFeeId(1),
            name: "Booking fee".into(),
            flat: Some(Money::new(100, Currency::USD)),
            percent: Rate::percent(3),
            scope: domain::catalog::FeeScope::Variants(vec![VariantId(FEE)]),
            active: true,
        }
        .into(),
    ]
}

fn field(id: i64, label: &str, kind: FieldKind, options: &[(i64, &str)]) -> FormField {
    let option = |(id, name): &(i64, &str)| FormOption {
        id: FormOptionId(*id),
        name: (*name).into(),
        value: None,
        position: *id,
    };
    FormField {
        id: FormFieldId(id),
        label: label.into(),
        help_text: None,
        required: true,
        enabled: true,
        position: id,
        kind,
        options: options.iter().map(option).collect(),
    }
}

fn choices() -> Vec<Entity> {
    let row = |id| Customization {
        id: CustomizationId(id),
        name: format!("Checkout {id}"),
        ..Customization::default()
    };
    vec![
        Customization { is_default: true, ..row(1) }.into(),
        Customization { confirm_order: true, ..row(CONFIRMED) }.into(),
        Customization { conflicts: ConflictPolicy::Warn, ..row(WARNED) }.into(),
        Customization { guest_checkout: false, ..row(NO_GUESTS) }.into(),
    ]
}

/// A secret of nobody.
pub fn other_secret() -> String {
    Secret([7; 16]).0.iter().map(|byte| format!("{byte:02x}")).collect()
}
