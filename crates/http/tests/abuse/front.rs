//! One shop in front of which all checkout APIs stand, and the same deed said in the words of each of them.
//!
//! Orders are guests' orders, begun through the Solidus API; each API changes them on proof of the order's token.
//! What an order is, is looked up through `/cashwrap/v1`, byte by byte.

use crate::support::{
    ADMIN_KEY, CARD, CHECK, CUSTOMER_KEY, Caller, MUG, RARE, Reply, VISA, address, card, catalog,
    people_and_stock,
};
use domain::catalog::{Catalog, Channels, Entity, Product, Promotion};
use domain::channel::ChannelKey;
use domain::user::User;
use domain::{ProductId, PromotionId, Time, UserId, VariantId};
use engine::ports::{Commit, OrderQuery, Store, UserPut};
use engine::{Engine, Parts, SeededEntropy, SystemClock};
use http_api::apis;
use http_api::server::{AppState, Config, Mount, Throttle, assemble};
use outbound::gateways::test::TestGateway;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use store::MemoryStore;

/// A shop front's key of the Guest Manager API.
pub const OFFICE_KEY: &str = "office-key";
/// Sold through a channel that is none of these APIs'.
pub const ELSEWHERE: VariantId = VariantId(51);
pub const DELETED: VariantId = VariantId(52);
pub const DISCONTINUED: VariantId = VariantId(53);
/// A code that is good once.
pub const SINGLE: &str = "single";
/// A code that takes everything off.
pub const WHOLE: &str = "whole";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Solidus,
    Spree,
    GuestManager,
}

pub const APIS: [Api; 3] = [Api::Solidus, Api::Spree, Api::GuestManager];

impl Api {
    pub fn root(self) -> &'static str {
        match self {
            Api::Solidus => "/solidus/api",
            Api::Spree => "/spree/api/v1",
            Api::GuestManager => "/guest-manager/api/public/v2",
        }
    }

    fn is_office(self) -> bool {
        self == Api::GuestManager
    }

    /// More of a variant; `members` are those of the JSON object, as text.
    pub fn add(self, order: &Basket, members: &str) -> Deed {
        match self {
            Api::GuestManager => Deed::new("POST", order.path("/line_items/add"), format!("{{{members}}}")),
            _ => Deed::new("POST", order.path("/line_items"), format!(r#"{{"line_item":{{{members}}}}}"#)),
        }
    }

    /// A change of one line.
    pub fn set(self, order: &Basket, line: &str, members: &str) -> Deed {
        let path = order.path(&format!("/line_items/{line}"));
        Deed::new("PATCH", path, format!(r#"{{"line_item":{{{members}}}}}"#))
    }

    /// A change of the order.
    pub fn edit(self, order: &Basket, members: &str) -> Deed {
        Deed::new("PATCH", order.path(""), format!(r#"{{"order":{{{members}}}}}"#))
    }

    pub fn code(self, order: &Basket, code: &Value) -> Deed {
        let body = json!({ "coupon_code": code }).to_string();
        match self {
            Api::Solidus => Deed::new("POST", order.path("/coupon_codes"), body),
            Api::Spree => Deed::new("PUT", order.path("/apply_coupon_code"), body),
            Api::GuestManager => Deed::new("PATCH", order.path("/apply_coupon_code"), body),
        }
    }

    /// The last move of a checkout.
    pub fn complete(self, order: &Basket) -> Deed {
        let number = &order.number;
        match self {
            Api::Solidus => Deed::new("PUT", format!("/checkouts/{number}/complete"), String::new()),
            Api::Spree => Deed::new("PUT", format!("/checkouts/{number}/next"), String::new()),
            Api::GuestManager => Deed::new("PATCH", format!("/checkout/{number}/next"), "{}".to_owned()),
        }
    }
}

/// A request on an order, without its credentials.
#[derive(Clone, Debug)]
pub struct Deed {
    pub method: &'static str,
    pub path: String,
    pub body: String,
}

impl Deed {
    pub fn new(method: &'static str, path: String, body: String) -> Deed {
        Deed { method, path, body }
    }
}

/// A guest's order.
#[derive(Clone, Debug)]
pub struct Basket {
    pub number: String,
    pub token: String,
}

impl Basket {
    pub fn path(&self, rest: &str) -> String {
        format!("/orders/{}{rest}", self.number)
    }
}

#[derive(Clone)]
pub struct Front {
    pub address: SocketAddr,
    pub engine: Engine,
    pub gateway: Arc<TestGateway>,
}

impl Front {
    pub async fn open() -> Front {
        let full = rows().into_iter().fold(catalog(), Catalog::with);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(full));
        for commit in people_and_stock().into_iter().chain([office()]) {
            store.commit(commit).await.unwrap();
        }
        let gateway = Arc::new(TestGateway::default());
        let parts = Parts::new(store, Arc::new(SystemClock), Arc::new(SeededEntropy::new(23)));
        let engine = Engine::new(parts.gateway("test", Arc::clone(&gateway) as _));
        let config = Config { throttle: Arc::new(Throttle::off()), ..Config::default() };
        let state = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
        let mounts: Vec<Mount> = apis::ALL.iter().flat_map(Mount::usual).collect();
        let router = assemble(&state, &mounts);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Front { address, engine, gateway }
    }

    pub fn nobody(&self, api: Api) -> Caller {
        Caller::new(self.address, api.root())
    }

    pub fn staff(&self, api: Api) -> Caller {
        self.nobody(api).key(ADMIN_KEY).header("X-Spree-Token", ADMIN_KEY)
    }

    /// Somebody with an account (with a shop front's key, where there are no accounts) and without any token.
    pub fn keyed(&self, api: Api) -> Caller {
        match api {
            Api::GuestManager => self.nobody(api).key(OFFICE_KEY),
            Api::Solidus => self.nobody(api).key(CUSTOMER_KEY),
            Api::Spree => self.nobody(api).header("X-Spree-Token", CUSTOMER_KEY),
        }
    }

    /// A caller and a path that prove this token.
    pub fn proof(&self, api: Api, token: &str, path: &str) -> (Caller, String) {
        if api.is_office() {
            let mark = if path.contains('?') { '&' } else { '?' };
            return (self.keyed(api), format!("{path}{mark}guest_token={token}"));
        }
        (self.nobody(api).token(token), path.to_owned())
    }

    pub async fn act(&self, api: Api, order: &Basket, deed: &Deed) -> Reply {
        self.act_as(api, &order.token, deed).await
    }

    pub async fn act_as(&self, api: Api, token: &str, deed: &Deed) -> Reply {
        let (caller, path) = self.proof(api, token, &deed.path);
        caller.raw(deed.method, &path, "application/json", &deed.body).await
    }

    /// A guest's order of so many mugs.
    pub async fn basket(&self, mugs: u32) -> Basket {
        self.basket_of(MUG, mugs).await
    }

    pub async fn basket_of(&self, variant: VariantId, quantity: u32) -> Basket {
        let lines = json!([{"variant_id": variant, "quantity": quantity}]);
        let body = json!({"order": {"line_items": lines}});
        let order = self.nobody(Api::Solidus).post("/orders", body).await.json(201);
        let text = |key: &str| order[key].as_str().unwrap().to_owned();
        Basket { number: text("number"), token: text("token") }
    }

    /// Walks the order to its last move, to be paid by card if there is anything to pay.
    pub async fn ready(&self, order: &Basket) {
        let guest = self.nobody(Api::Solidus).token(&order.token);
        let checkout = |rest: &str| format!("/checkouts/{}{rest}", order.number);
        for _ in 0..6 {
            let shown = self.show(Api::Solidus, order).await;
            let reply = match shown["state"].as_str().unwrap() {
                "confirm" => return,
                "address" => {
                    let body = json!({"order": {
                        "email": "buyer@example.com", "bill_address_attributes": address(),
                        "ship_address_attributes": address(),
                    }});
                    guest.patch(&checkout(""), body).await
                }
                "payment" => {
                    let payment = match shown["total"] == "0.0" {
                        true => json!({"payment_method_id": CHECK}),
                        false => json!({"payment_method_id": CARD, "source_attributes": card(VISA)}),
                    };
                    guest.post(&order.path("/payments"), json!({ "payment": payment })).await.json(201);
                    guest.put(&checkout("/next"), Value::Null).await
                }
                _ => guest.put(&checkout("/next"), Value::Null).await,
            };
            reply.json(200);
        }
        panic!("never came to the last move");
    }

    /// The canonical order.
    pub async fn order(&self, order: &Basket) -> Value {
        self.nobody(Api::Solidus).at("/cashwrap/v1").key(ADMIN_KEY).get(&order.path("")).await.json(200)
    }

    /// The canonical order and its history, byte by byte.
    pub async fn whole(&self, order: &Basket) -> String {
        let staff = self.nobody(Api::Solidus).at("/cashwrap/v1").key(ADMIN_KEY);
        let (shown, events) = (staff.get(&order.path("")).await, staff.get(&order.path("/events")).await);
        assert_eq!((shown.status, events.status), (200, 200), "{}", shown.body);
        shown.body + &events.body
    }

    /// The order in the words of an API.
    pub async fn show(&self, api: Api, order: &Basket) -> Value {
        self.act(api, order, &Deed::new("GET", order.path(""), String::new())).await.json(200)
    }

    /// The first line of the order.
    pub async fn line(&self, order: &Basket) -> String {
        self.order(order).await["lines"][0]["id"].to_string()
    }

    /// Pieces in the order.
    pub async fn pieces(&self, order: &Basket) -> i64 {
        let order = self.order(order).await;
        let lines = order["lines"].as_array().unwrap();
        lines.iter().map(|line| line["quantity"].as_i64().unwrap()).sum()
    }

    /// What was taken for this order, in cents.
    pub fn charged(&self, order: &Basket) -> Vec<i64> {
        self.gateway.charges(&order.number).iter().map(|entry| entry.money.amount.0).collect()
    }

    pub async fn is_placed(&self, order: &Basket) -> bool {
        self.show(Api::Solidus, order).await["completed_at"].is_string()
    }

    /// Every rule about what is stored holds.
    pub async fn is_sound(&self) {
        assert_eq!(self.engine.store().audit().await.unwrap(), Vec::new());
    }

    /// Everything about orders, accounts and history that the store holds, as text.
    pub async fn stored(&self) -> String {
        let store = self.engine.store();
        let mut all = format!("{:?}", store.users().await.unwrap());
        let page = store.orders(&OrderQuery { limit: 1_000, ..OrderQuery::default() }).await.unwrap();
        assert!(!page.rows.is_empty());
        for order in page.rows {
            all.push_str(&serde_json::to_string(&*order).unwrap());
            all.push_str(&format!("{:?}", store.events(order.id).await.unwrap()));
        }
        all
    }
}

/// A refusal: a sentence in JSON, and nothing about the insides.
#[track_caller]
pub fn refused(reply: &Reply, what: &str) {
    assert!((400..500).contains(&reply.status), "{what}: {} {}", reply.status, reply.body);
    assert_eq!(serde_json::from_str::<Value>(&reply.body).map(drop).ok(), Some(()), "{what}: {}", reply.body);
    for inside in ["panicked", "src/", "SELECT ", "sqlite"] {
        assert!(!reply.body.contains(inside), "{what}: {}", reply.body);
    }
}

fn rows() -> Vec<Entity> {
    let known = catalog();
    let like_mug = |variant: VariantId, name: &str| {
        let mut product = Product::clone(&known.products[&ProductId(MUG.0)]);
        product.id = ProductId(variant.0);
        product.master.id = variant;
        product.master.sku = name.to_uppercase();
        product.slug = name.into();
        product.name = name.into();
        product
    };
    let elsewhere = Product {
        channels: Channels::Only(vec![ChannelKey::new("nowhere")]),
        ..like_mug(ELSEWHERE, "elsewhere")
    };
    let deleted = Product { deleted_at: Some(Time(1)), ..like_mug(DELETED, "deleted") };
    let discontinued = Product { discontinue_on: Some(Time(1)), ..like_mug(DISCONTINUED, "discontinued") };
    let promotion = |id: i64, code: &str| {
        let plain = Promotion::clone(&known.promotions[&PromotionId(1)]);
        Promotion { id: PromotionId(id), name: code.into(), codes: vec![code.into()], ..plain }
    };
    let single = Promotion { usage_limit: Some(1), ..promotion(51, SINGLE) };
    let mut whole = promotion(52, WHOLE);
    whole.actions[0].kind = domain::catalog::PromotionActionKind::AdjustLines(
        domain::catalog::PromotionCalculator::Percent(domain::money::Rate::percent(100)),
    );
    vec![elsewhere.into(), deleted.into(), discontinued.into(), single.into(), whole.into()]
}

fn office() -> Commit {
    let user = User {
        id: UserId(3001),
        version: 1,
        email: "office@example.com".into(),
        password_hash: None,
        second_factor: None,
        roles: ["api:read", "api:write"].map(str::to_owned).into_iter().collect(),
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
    let keys = vec![(Sha256::digest(OFFICE_KEY.as_bytes()).into(), user.id)];
    Commit { user: Some(UserPut { user: Arc::new(user), expected: 0 }), keys, ..Commit::default() }
}

/// So many pieces as there are of this.
pub const LAST_PIECES: (VariantId, usize) = (RARE, 3);
