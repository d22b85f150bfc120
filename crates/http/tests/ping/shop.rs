//! The shop behind a listening server, and callers to speak to it.

use crate::client::{Caller, Reply};
use crate::goods::{catalog, people_and_stock};
use crate::platform::{Book, Message, Platform, World, secret_of, signature};
use engine::ports::Store;
use engine::{Engine, Parts, SeededEntropy, ShiftClock, SystemClock};
use http_api::apis;
use http_api::server::{AppState, Config, Mount, assemble};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use store::MemoryStore;

pub const CART: &str = "/private/user/cart/calculate";
pub const CHECKOUT: &str = "/private/user/checkout/create";
pub const STOCK: &str = "/private/user/product/stock";
pub const ORDER: &str = "/private/user/order/retrieve/";
pub const IP: &str = "X-Application-Forwarded-Client-IP-Address";

pub struct Shop {
    pub address: SocketAddr,
    pub engine: Engine,
    pub book: Arc<Book>,
    pub clock: Arc<ShiftClock>,
}

impl Shop {
    pub async fn open() -> Shop {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(catalog()));
        for commit in people_and_stock() {
            store.commit(commit).await.unwrap();
        }
        let clock = Arc::new(ShiftClock::new(Arc::new(SystemClock)));
        let time = Arc::clone(&clock) as Arc<dyn engine::ports::Clock>;
        let mut parts = Parts::new(store, time, Arc::new(SeededEntropy::new(7))).geo(Arc::new(World));
        let book = Arc::new(Book::default());
        for name in ["stripe", "bitpay", "coinpayments", "paypal"] {
            parts = parts.gateway(name, Arc::new(Platform::new(name, Arc::clone(&book))));
        }
        let engine = Engine::new(parts);
        engine.warm_up().await;
        let config = Config { public_url: "https://shop.example".to_owned(), ..Config::default() };
        let state = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
        let mounts: Vec<Mount> = apis::ALL.iter().flat_map(Mount::usual).collect();
        let router = assemble(&state, &mounts);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Shop { address, engine, book, clock }
    }

    /// Nobody we know.
    pub fn nobody(&self) -> Caller {
        Caller::new(self.address, "/ping/1.0")
    }

    /// The application, for nobody in particular.
    pub fn application(&self) -> Caller {
        self.nobody()
            .header("X-Application-API-Public-Key", "app-pub-demo")
            .header("X-Application-API-Private-Key", "app-priv-demo")
    }

    /// The application, for a customer in the United States.
    pub fn customer(&self, name: &str) -> Caller {
        self.customer_at(name, "8.8.8.8")
    }

    pub fn customer_at(&self, name: &str, address: &str) -> Caller {
        self.application().header("Authorization", &format!("tok_{name}")).header(IP, address)
    }

    /// A customer with keys of their own.
    pub fn key_holder(&self, name: &str) -> Caller {
        self.nobody()
            .header("X-API-Public-Key", &format!("pk_{name}"))
            .header("X-API-Private-Key", &format!("sk_{name}"))
    }

    /// Tells the shop something, signed as the platform signs it.
    pub async fn tell(&self, platform: &str, message: &Message) -> Reply {
        self.tell_with(platform, message, &secret_of(platform)).await
    }

    pub async fn tell_with(&self, platform: &str, message: &Message, secret: &str) -> Reply {
        let (body, at) = (message.body(platform), self.engine.now().0.div_euclid(1_000));
        let caller = self
            .nobody()
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", &at.to_string())
            .header("webhook-signature", &signature(secret, &message.id, at, &body));
        caller.raw("POST", &format!("/webhook/{platform}"), "application/json", &body).await
    }

    /// An order that waits for its buyer at a platform: its number.
    pub async fn waiting(&self, name: &str, body: Value) -> String {
        let placed = self.customer(name).post(CHECKOUT, body).await.json(201);
        assert_eq!(placed["data"]["status"], "awaiting_payment", "{placed}");
        placed["data"]["order_id"].as_str().unwrap().to_owned()
    }

    pub async fn order(&self, name: &str, number: &str) -> Value {
        self.customer(name).get(&format!("{ORDER}{number}")).await.json(200)["data"].clone()
    }

    /// The customer's credit.
    pub async fn balance(&self, name: &str) -> i64 {
        let quote = quote(&self.customer(name), items(&[(crate::goods::DATACENTER, 1)])).await;
        quote["credit_balance"].as_i64().unwrap()
    }

    pub async fn settled(&self) {
        assert_eq!(self.engine.idle(std::time::Duration::from_secs(10)).await, 0);
    }

    /// Nothing of the ledger is broken.
    pub async fn audit(&self) {
        assert_eq!(self.engine.audit().await.unwrap(), []);
    }
}

pub fn items(lines: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(price, quantity)| json!({ "price_id": price, "quantity": quantity })).collect();
    json!({ "line_items": lines })
}

pub fn top_up(cents: i64) -> Value {
    json!({ "is_top_up": true, "top_up_amount": cents })
}

/// The same body with more in it.
pub fn with(mut body: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

pub async fn quote(caller: &Caller, body: Value) -> Value {
    caller.post(CART, body).await.json(200)["data"].clone()
}

/// With payment methods.
pub async fn validated(caller: &Caller, body: Value) -> Value {
    quote(caller, with(body, json!({ "validate_payment_platform": true }))).await
}

/// Status and code of a refusal.
pub fn refusal(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("{reply:?}"));
    for key in ["error", "message", "api_request_id"] {
        assert!(body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {body}");
    }
    assert_eq!(body["api_request_id"].as_str(), reply.header("x-request-id"), "{reply:?}");
    (reply.status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// Finds the row of a method in a list.
pub fn row<'a>(list: &'a Value, id: &str) -> Option<&'a Value> {
    list.as_array().unwrap().iter().find(|row| row["payment_method_id"] == id)
}
