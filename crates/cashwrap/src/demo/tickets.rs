//! Ticket orders through the Guest Manager API, into every state that an API client can meet: each order buys at an event
//! that asks for one special thing, and the buyer answers whatever state the order is in.
//!
//! The table tells which event brought a state in and what satisfied it. `email` and `register` belong to hosted pages.

use super::client::Client;
use super::talk::{Talk, text};
use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// More steps than any order has.
const MOST_STEPS: usize = 12;
/// A second more than an order is held.
const UNTIL_EXPIRED_S: u32 = 15 * 60 + 1;

/// What each order buys. Ids as the sample store has them.
const CARTS: [(&str, &[(i64, u32)]); 14] = [
    ("Paper Fair: a name on each ticket", &[(1003, 2)]),
    ("Bookbinding Course: a form", &[(1005, 1)]),
    ("Festival Shop: a poster is shipped", &[(15, 1)]),
    ("Secret Supper: a password", &[(1007, 1)]),
    ("Private View: an invitation", &[(1008, 1)]),
    ("Card Holders' Morning: a member id", &[(1009, 1)]),
    ("Friends' Preview: a membership", &[(1010, 1)]),
    ("Theatre Night: stalls or circle", &[(1011, 1)]),
    ("Sewing Workshop: lunch, if you like", &[(1012, 1)]),
    ("Group Tour: an adult and two at least", &[(1103, 1)]),
    ("Two lectures at once", &[(1015, 1), (1016, 1)]),
    ("Winter Ball: sold out, on request", &[(1017, 1)]),
    ("Spring Fair: not on sale yet", &[(1019, 1)]),
    ("Evening Concert: to be reviewed", &[(1002, 1)]),
];

/// The evening concert is sold through a checkout that has the order reviewed before it is placed.
const REVIEWED: (i64, i64) = (1002, 2);
/// The group tour has an order form to be met.
const FORMED: (i64, i64) = (1103, 1);

/// A state an order was in: what brought it in, and what was sent.
struct Met {
    cart: &'static str,
    answer: String,
}

struct BoxOffice<'a> {
    talk: &'a Talk,
    staff: &'a Talk,
    met: BTreeMap<String, Met>,
}

/// Buys at every kind of event; answers with the order of the Paper Fair.
pub async fn walk(talk: &Talk, staff: &Talk) -> anyhow::Result<Value> {
    let mut office = BoxOffice { talk, staff, met: BTreeMap::new() };
    let mut first = None;
    for (number, (name, lines)) in CARTS.into_iter().enumerate() {
        talk.screen.step(number + 1, name);
        let order = office.buy(name, lines).await?;
        first.get_or_insert(order);
    }
    talk.screen.step(CARTS.len() + 1, "Cellar Tasting: too late");
    office.come_too_late().await?;
    office.show()?;
    first.context("nothing was bought")
}

/// A cart with two tickets and a poster that nobody has bought yet; the address of its page.
pub async fn begun(client: &Client) -> anyhow::Result<String> {
    let items = json!([{ "variant_id": 1003, "quantity": 2 }, { "variant_id": 15, "quantity": 1 }]);
    let order = json!({ "order": { "currency": "USD", "guest_checkout": true, "line_items": items } });
    let answer = client.call(&Method::POST, "/orders", Some(&order)).await?;
    let link = answer.body["links"]["checkout"].as_str();
    link.map(str::to_owned).with_context(|| format!("the order was answered with {}", answer.status))
}

impl BoxOffice<'_> {
    async fn create(&self, lines: &[(i64, u32)]) -> anyhow::Result<Value> {
        let items: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({ "variant_id": variant, "quantity": quantity }))
            .collect();
        let only =
            |(variant, id): (i64, i64)| lines.iter().any(|(bought, _)| *bought == variant).then_some(id);
        let order = json!({ "order": {
            "currency": "USD", "guest_checkout": true, "line_items": items,
            "order_form_id": only(FORMED), "checkout_customization_id": only(REVIEWED),
            "first_name": "Robin", "last_name": "Reader", "email": "robin@example.com",
        } });
        self.talk.call(Method::POST, "/orders", Some(order), 201).await
    }

    /// From the cart to whatever the order ends in.
    async fn buy(&mut self, cart: &'static str, lines: &[(i64, u32)]) -> anyhow::Result<Value> {
        let mut order = self.create(lines).await?;
        self.note("cart", cart, "next".to_owned());
        let path = format!("/checkout/{}", order["id"]);
        order = self.talk.call(Method::PATCH, &format!("{path}/next"), None, 200).await?;
        for _ in 0..MOST_STEPS {
            let state = text(&order, "state").to_owned();
            if matches!(state.as_str(), "complete" | "requested" | "reserved") {
                self.note(&state, cart, "nothing: it is final".to_owned());
                return Ok(order);
            }
            if state == "processing" {
                order = self.poll(&order).await?;
                self.note(&state, cart, "poll until the gateway has answered".to_owned());
                continue;
            }
            let data = answer(&state, &order)?;
            self.note(&state, cart, short(&data));
            let mut body = json!({ "order": data });
            body["order"]["state"] = json!(state);
            order = self.talk.call(Method::PATCH, &path, Some(body), 200).await?;
        }
        bail!("{cart}: no end after {MOST_STEPS} steps: {}", order["checkout_steps"]);
    }

    async fn poll(&self, order: &Value) -> anyhow::Result<Value> {
        let path = format!("/orders/{}/poll?guest_token={}", order["id"], text(order, "guest_token"));
        for _ in 0..100 {
            let answer = self.talk.client.call(&Method::GET, &path, None).await?.body;
            if answer["state"] != "processing" {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the order is still processing after 5 s")
    }

    /// Time runs out, the tickets go back, and the buyer takes them again.
    async fn come_too_late(&mut self) -> anyhow::Result<()> {
        let cart = "Cellar Tasting: too late";
        let order = self.create(&[(1021, 1)]).await?;
        let clock = Talk { client: self.staff.client.at("/admin/test"), screen: self.staff.screen };
        clock.call(Method::POST, "/clock", Some(json!({ "advance_seconds": UNTIL_EXPIRED_S })), 200).await?;
        let path = format!("/orders/{}?guest_token={}", order["id"], text(&order, "guest_token"));
        let late = self.talk.call(Method::GET, &path, None, 200).await?;
        ensure!(late["state"] == "expired", "the order is in {}", late["state"]);
        let resume = format!("/checkout/{}/resume", text(&order, "number"));
        self.talk.call(Method::PATCH, &resume, None, 200).await?;
        self.note("expired", cart, "resume".to_owned());
        Ok(())
    }

    fn note(&mut self, state: &str, cart: &'static str, answer: String) {
        self.met.entry(state.to_owned()).or_insert(Met { cart, answer });
    }

    /// State → what brought it in → what satisfied it.
    fn show(&self) -> anyhow::Result<()> {
        const STATES: [&str; 20] = [
            "cart",
            "order_form",
            "customize",
            "addon",
            "tickets",
            "password",
            "invite",
            "member",
            "membership",
            "address",
            "delivery",
            "form",
            "reserved",
            "requested",
            "conflict",
            "payment",
            "confirm",
            "processing",
            "complete",
            "expired",
        ];
        self.talk.screen.title("Every state, what brought it in, and what satisfied it");
        for state in STATES {
            let met = self.met.get(state).with_context(|| format!("no order was in {state}"))?;
            self.talk.screen.row(state, met.cart, &met.answer);
        }
        Ok(())
    }
}

/// What the buyer sends for a state: the answer to what the order itself lists there.
fn answer(state: &str, order: &Value) -> anyhow::Result<Value> {
    let list = |key: &str| order[key].as_array().cloned().unwrap_or_default();
    let each = |key: &str, one: fn(usize, &Value) -> Value| -> Value {
        list(key).iter().enumerate().map(|(nth, member)| one(nth, member)).collect()
    };
    Ok(match state {
        "order_form" => json!({ "line_items": [{ "variant_id": 1013, "quantity": 1 }] }),
        "customize" => json!({ "line_items": each("customizations", |_, one| {
            json!({ "id": one["line_item_id"], "variant_id": one["options"][0]["variant_id"] })
        }) }),
        "addon" => json!({ "addons": each("addons", |_, one| {
            json!({ "line_item_id": one["line_item_id"], "variant_id": one["variants"][0]["variant_id"], "quantity": 1 })
        }) }),
        "tickets" => json!({ "tickets": each("tickets", |nth, ticket| match nth {
            0 => json!({ "id": ticket["id"], "keep": true }),
            _ => json!({ "id": ticket["id"], "name": "Sam Friend" }),
        }) }),
        "password" => json!({ "password": "open-sesame" }),
        "invite" => {
            let event = &order["access"]["invites"][0]["event_id"];
            json!({ "invites": [{ "event_id": event, "code": "GUESTLIST" }] })
        }
        "member" => json!({ "members": each("tickets", |nth, ticket| {
            json!({ "ticket_id": ticket["id"], "member_id": format!("CARD-{}", 7 + nth) })
        }) }),
        "membership" => {
            let line = &order["access"]["memberships"][0]["line_item_id"];
            json!({ "memberships": [{ "line_item_id": line, "number": "FRIEND-0001" }] })
        }
        "address" => {
            let address = json!({
                "first_name": "Robin", "last_name": "Reader", "address1": "500 Pine Street", "city": "Seattle",
                "zipcode": "98101", "state_code": "WA", "country_code": "US",
            });
            json!({ "bill_address": address, "ship_to_bill_address": true })
        }
        "delivery" => json!({ "shipping_method_id": order["shipping_methods"][0]["id"] }),
        "form" => json!({ "responses": each("responses", |_, response| {
            let answers: Vec<Value> =
                response["answers"].as_array().into_iter().flatten().map(reply).collect();
            json!({ "id": response["id"], "answers": answers })
        }) }),
        "conflict" => json!({ "accept_conflicts": true }),
        "payment" => {
            let source = json!({ "brand": "visa", "last_four": "1111", "token": "tok_demo", "cardholder_name": "Robin Reader" });
            json!({ "payments": [{ "payment_method_id": order["payment_methods"][0]["id"], "source": source }] })
        }
        "confirm" => json!({ "confirm": true, "expected_total": order["total"]["decimal"] }),
        other => bail!("nobody knows what to send for {other}"),
    })
}

/// The answer to one question of a form: its first option, or a few words.
fn reply(question: &Value) -> Value {
    let option = question.pointer("/field/options/0/id");
    let value = option.map_or_else(|| json!("None that I know of"), |id| json!(id.to_string()));
    json!({ "id": question["id"], "value": value })
}

/// A body in one line of the table: no ids, only what a person would say.
fn short(data: &Value) -> String {
    let keys: Vec<&str> = data.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.join(", ")
}
