//! Callers of this API, and an order on its way through checkout.

use crate::support::*;
use serde_json::{Value, json};

pub const V1: &str = "/spree/api/v1";
pub const UNVERSIONED: &str = "/spree/api";

pub fn nobody(shop: &Shop) -> Caller {
    shop.nobody().at(V1)
}

pub fn keyed(shop: &Shop, key: &str) -> Caller {
    nobody(shop).header("X-Spree-Token", key)
}

pub fn admin(shop: &Shop) -> Caller {
    keyed(shop, ADMIN_KEY)
}

pub fn customer(shop: &Shop) -> Caller {
    keyed(shop, CUSTOMER_KEY)
}

/// An order of the customer.
pub struct Order {
    pub number: String,
    pub token: String,
    pub by: Caller,
}

impl Order {
    /// An order with these lines.
    pub async fn of(by: Caller, lines: &[(domain::VariantId, u32)]) -> Order {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
            .collect();
        let order = by.post("/orders", json!({"order": {"line_items": lines}})).await.json(201);
        let text = |key: &str| order[key].as_str().unwrap().to_owned();
        Order { number: text("number"), token: text("token"), by }
    }

    /// The customer's order with one mug in it, in this state; paid by card if it goes so far.
    pub async fn at(shop: &Shop, state: &str) -> Order {
        let order = Order::of(customer(shop), &[(MUG, 1)]).await;
        order.walk_to(state).await;
        order
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/orders/{}{rest}", self.number)
    }

    pub async fn show(&self) -> Value {
        self.by.get(&self.path("")).await.json(200)
    }

    pub async fn put(&self, body: Value) -> Reply {
        self.by.put(&format!("/checkouts/{}", self.number), body).await
    }

    pub async fn member(&self, action: &str) -> Reply {
        self.by.put(&format!("/checkouts/{}/{action}", self.number), Value::Null).await
    }

    pub async fn give_address(&self) -> Reply {
        let home = home();
        self.put(json!({"order": {"bill_address_attributes": home, "ship_address_attributes": home}})).await
    }

    pub async fn pay(&self, number: &str) -> Reply {
        let payment = json!({"payment_method_id": CARD, "source_attributes": card(number)});
        self.put(json!({"order": {"payments_attributes": [payment]}})).await
    }

    pub async fn walk_to(&self, state: &str) {
        for _ in 0..6 {
            let here = self.show().await["state"].as_str().unwrap().to_owned();
            if here == state {
                return;
            }
            let reply = match here.as_str() {
                "address" => self.give_address().await,
                "payment" => self.pay(VISA).await,
                _ => self.put(Value::Null).await,
            };
            reply.json(200);
        }
        panic!("never came to {state}");
    }
}

pub fn home() -> Value {
    json!({
        "firstname": "Ada", "lastname": "Lovelace", "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101",
        "phone": "206 555 0100", "country_id": 840, "state_name": "WA",
    })
}

/// Could not be transitioned, for this reason.
pub fn stuck(sentence: &str) -> Value {
    json!({"error": CANNOT_TRANSITION, "errors": {"base": [sentence]}})
}
