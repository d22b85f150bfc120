//! A small shop behind a listening server, and a caller to speak to it.

mod client;
mod goods;

pub use client::{Caller, Reply};
pub use goods::*;

use domain::UserId;
use engine::ports::{Gateway, Store};
use engine::{Engine, Parts, SeededEntropy, SystemClock};
use http_api::apis;
use http_api::server::{AppState, Config, Mount, assemble};
use outbound::gateways::test::TestGateway;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use store::MemoryStore;

pub const ADMIN_KEY: &str = "admin-key";
pub const CUSTOMER_KEY: &str = "customer-key";
pub const OTHER_KEY: &str = "other-key";
pub const ADMIN: UserId = UserId(1001);
pub const CUSTOMER: UserId = UserId(1002);
pub const OTHER: UserId = UserId(1003);

pub const VISA: &str = "4111111111111111";
pub const REFUSED_CARD: &str = "4000000000000002";

pub struct Shop {
    address: SocketAddr,
    pub engine: Engine,
}

impl Shop {
    pub async fn open() -> Shop {
        Shop::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Shop {
        Shop::with_gateway(config, Arc::new(TestGateway::default())).await
    }

    pub async fn with_gateway(config: Config, gateway: Arc<dyn Gateway>) -> Shop {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(catalog()));
        for commit in people_and_stock() {
            store.commit(commit).await.unwrap();
        }
        let parts = Parts::new(store, Arc::new(SystemClock), Arc::new(SeededEntropy::new(7)));
        let engine = Engine::new(parts.gateway("test", gateway));
        let state = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
        let mounts: Vec<Mount> = apis::ALL.iter().flat_map(Mount::usual).collect();
        let router = assemble(&state, &mounts);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Shop { address, engine }
    }

    pub fn nobody(&self) -> Caller {
        Caller::new(self.address, "/solidus/api")
    }

    pub fn admin(&self) -> Caller {
        self.nobody().key(ADMIN_KEY)
    }

    pub fn customer(&self) -> Caller {
        self.nobody().key(CUSTOMER_KEY)
    }

    pub fn other(&self) -> Caller {
        self.nobody().key(OTHER_KEY)
    }

    /// A guest's order with these lines, and the guest.
    pub async fn cart(&self, lines: &[(domain::VariantId, u32)]) -> Cart {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
            .collect();
        let order = self.nobody().post("/orders", json!({"order": {"line_items": lines}})).await.json(201);
        let number = order["number"].as_str().unwrap().to_owned();
        let guest = self.nobody().token(order["token"].as_str().unwrap());
        Cart { number, guest }
    }

    /// A guest's order with one mug in it, in the given state.
    pub async fn order_in(&self, state: &str) -> Cart {
        let cart = self.cart(&[(MUG, 1)]).await;
        cart.walk_to(state).await;
        cart
    }
}

/// A guest's order.
pub struct Cart {
    pub number: String,
    pub guest: Caller,
}

impl Cart {
    pub fn order(&self, rest: &str) -> String {
        format!("/orders/{}{rest}", self.number)
    }

    pub fn checkout(&self, rest: &str) -> String {
        format!("/checkouts/{}{rest}", self.number)
    }

    pub async fn show(&self) -> Value {
        self.guest.get(&self.order("")).await.json(200)
    }

    pub async fn next(&self) -> Reply {
        self.guest.put(&self.checkout("/next"), Value::Null).await
    }

    pub async fn give_address(&self) -> Reply {
        let body = json!({"order": {
            "email": "buyer@example.com",
            "bill_address_attributes": address(),
            "ship_address_attributes": address(),
        }});
        self.guest.patch(&self.checkout(""), body).await
    }

    pub async fn pay(&self, payment: Value) -> Reply {
        self.guest.post(&self.order("/payments"), json!({"payment": payment})).await
    }

    /// Walks the public flow until the order stands in `state`; by check.
    pub async fn walk_to(&self, state: &str) {
        for _ in 0..6 {
            let here = self.show().await["state"].as_str().unwrap().to_owned();
            if here == state {
                return;
            }
            match here.as_str() {
                "cart" | "delivery" => drop(self.next().await.json(200)),
                "address" => drop(self.give_address().await.json(200)),
                "payment" => {
                    self.pay(json!({"payment_method_id": CHECK})).await.json(201);
                    self.next().await.json(200);
                }
                "confirm" => {
                    self.guest.put(&self.checkout("/complete"), Value::Null).await.json(200);
                }
                other => panic!("stuck in {other} on the way to {state}"),
            }
        }
        panic!("never came to {state}");
    }
}

pub fn address() -> Value {
    json!({
        "name": "Ada Lovelace", "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101",
        "phone": "206 555 0100", "country_iso": "US", "state_name": "WA",
    })
}

pub fn card(number: &str) -> Value {
    json!({"number": number, "month": 12, "year": 2031, "verification_value": "123", "name": "Ada Lovelace"})
}

pub fn unauthorized() -> Value {
    json!({"error": "You are not authorized to perform that action."})
}

pub fn not_found() -> Value {
    json!({"error": "The resource you were looking for could not be found."})
}

pub const CANNOT_TRANSITION: &str =
    "The order could not be transitioned. Please fix the errors and try again.";
pub const INVALID: &str = "Invalid resource. Please fix errors and try again.";
