//! A customer who can talk to any of the APIs, and to another one at every part of the checkout.

use crate::server::{CUSTOMER, Server};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    Solidus,
    Spree,
}

/// The parts of a checkout, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Cart,
    Code,
    Begin,
    Address,
    Delivery,
    Payment,
    Place,
}

impl Part {
    pub const ALL: [Part; 7] =
        [Part::Cart, Part::Code, Part::Begin, Part::Address, Part::Delivery, Part::Payment, Part::Place];
}

impl Api {
    fn root(self) -> &'static str {
        match self {
            Api::Solidus => "/solidus/api",
            Api::Spree => "/spree/api/v1",
        }
    }
}

pub struct Shopper<'a> {
    server: &'a Server,
    order: Value,
}

impl<'a> Shopper<'a> {
    pub fn new(server: &'a Server) -> Shopper<'a> {
        Shopper { server, order: Value::Null }
    }

    pub fn number(&self) -> &str {
        self.order["number"].as_str().unwrap()
    }

    pub fn go(&mut self, api: Api, part: Part) {
        match part {
            Part::Cart => self.fill(api),
            Part::Code => self.apply_code(api),
            Part::Begin => self.tell(api, "next", &json!({})),
            Part::Address => self.tell(api, "", &json!({ "order": addresses(api) })),
            Part::Delivery => self.choose_rates(api),
            Part::Payment => {
                let payment = json!({ "order": { "payments_attributes": [{ "payment_method_id": 2 }] } });
                self.tell(api, "", &payment);
            }
            Part::Place => self.place(api),
        }
    }

    fn fill(&mut self, api: Api) {
        let path = format!("{}/orders", api.root());
        let lines = json!({ "order": { "line_items": [
            { "variant_id": 1, "quantity": 3 }, { "variant_id": 2, "quantity": 2 },
        ] } });
        self.order = self.must("POST", &path, &lines);
    }

    fn apply_code(&mut self, api: Api) {
        let order = format!("{}/orders/{}", api.root(), self.number());
        let code = json!({ "coupon_code": "tenoff" });
        match api {
            Api::Solidus => self.must("POST", &format!("{order}/coupon_codes"), &code),
            Api::Spree => self.must("PUT", &format!("{order}/apply_coupon_code"), &code),
        };
    }

    /// The dearer rate for the first parcel, the cheaper one for the second.
    fn choose_rates(&mut self, api: Api) {
        let shown =
            self.server.ask("GET", &format!("{}/orders/{}", api.root(), self.number()), CUSTOMER, None).1;
        let parcels = shown["shipments"].as_array().unwrap_or_else(|| panic!("no shipments: {shown:#}"));
        assert_eq!(parcels.len(), 2, "{shown:#}");
        let rate = |parcel: &Value, code: &str| {
            let rates = parcel["shipping_rates"].as_array().unwrap();
            rates.iter().find(|rate| rate["name"] == code).unwrap_or_else(|| panic!("{parcel:#}"))["id"]
                .clone()
        };
        let chosen = json!([
            { "id": parcels[0]["id"], "selected_shipping_rate_id": rate(&parcels[0], "Overnight") },
            { "id": parcels[1]["id"], "selected_shipping_rate_id": rate(&parcels[1], "Ground") },
        ]);
        self.tell(api, "", &json!({ "order": { "shipments_attributes": chosen } }));
    }

    /// Places the order. In Spree, whose checkout asks nobody who pays by check to confirm, paying has done that.
    fn place(&mut self, api: Api) {
        if self.order["state"] == "payment" {
            self.tell(api, "next", &json!({}));
        }
        match api {
            _ if self.order["state"] == "complete" => {}
            Api::Solidus => self.tell(api, "complete", &json!({})),
            Api::Spree => self.tell(api, "next", &json!({})),
        }
        assert_eq!(self.order["state"], "complete", "{:#}", self.order);
    }

    /// `PUT /checkouts/:number`, or what comes after it in the path.
    fn tell(&mut self, api: Api, what: &str, body: &Value) {
        let path = format!("{}/checkouts/{}/{what}", api.root(), self.number());
        self.order = self.must("PUT", path.trim_end_matches('/'), body);
    }

    fn must(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.server.ask(method, path, CUSTOMER, Some(body));
        assert!((200..300).contains(&status), "{method} {path} {body}: {status} {answer:#}");
        answer
    }
}

/// The same person in the words of an API.
fn addresses(api: Api) -> Value {
    let mut address = json!({
        "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101", "phone": "206 555 0100",
        "country_iso": "US", "state_name": "Washington",
    });
    match api {
        Api::Solidus => address["name"] = json!("Ada Lovelace"),
        Api::Spree => {
            address["firstname"] = json!("Ada");
            address["lastname"] = json!("Lovelace");
        }
    }
    json!({ "bill_address_attributes": address, "ship_address_attributes": address })
}
