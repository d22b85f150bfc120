//! From an order to an answer: which view, with which status, in bytes.
//!
//! The engine calls this before it commits, so that a kept reply and the change it tells of become durable
//! together. It only writes.

use super::channel::{NAME, channel};
use super::refuse::{About, JSON, Refused, words};
use super::views::{self, Lens};
use crate::kit::{Params, Value};
use domain::catalog::{Catalog, StockView};
use domain::channel::{Channel, ChannelKey};
use domain::money::Amount;
use domain::order::Order;
use domain::user::Buyer;
use domain::{LineId, TicketId, Time};
use engine::{Answer, Reply};
use serde::Serialize;
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// What an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    Order,
    NewOrder,
    Ticket(TicketId),
}

/// The channel as configured; as a stock installation has it if it is not.
pub fn via(catalog: &Catalog) -> &Channel {
    static STOCK: OnceLock<Channel> = OnceLock::new();
    let configured = catalog.settings.channel(&ChannelKey::new(NAME));
    configured.unwrap_or_else(|| STOCK.get_or_init(channel))
}

/// How a caller wants to be answered.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// How callers reach the server, without a slash at the end.
    pub public_url: Arc<str>,
    /// The only keys that are wanted; empty: all.
    pub fields: Arc<[String]>,
}

impl Manner {
    /// Reads `fields=a,b`, also as `fields[]=a&fields[]=b`.
    pub fn fields(params: &Params) -> Arc<[String]> {
        let texts = params.get("fields").map(Value::texts).unwrap_or_default();
        texts.into_iter().map(str::to_owned).collect()
    }

    /// A view as a reply, with the keys that are wanted.
    pub fn reply(&self, status: u16, view: &impl Serialize) -> Reply {
        let bytes = if self.fields.is_empty() {
            serde_json::to_vec(view)
        } else {
            serde_json::to_value(view).map(|mut value| {
                self.trim(&mut value);
                value.to_string().into_bytes()
            })
        };
        // Views have texts as keys, so this cannot fail.
        bytes.map_or_else(|_| Refused::broken().into_reply(), |bytes| Reply::new(status, JSON, bytes))
    }

    /// Drops what is not wanted.
    pub fn trim(&self, value: &mut serde_json::Value) {
        if let Some(map) = value.as_object_mut()
            && !self.fields.is_empty()
        {
            map.retain(|key, _| self.fields.iter().any(|wanted| wanted == key));
        }
    }
}

/// What is read beside an order to show it.
#[derive(Debug)]
pub struct Surroundings {
    pub catalog: Arc<Catalog>,
    pub stock: StockView,
    pub buyer: Buyer,
    pub now: Time,
    /// Places on the wait list.
    pub places: Vec<(LineId, u64)>,
    pub public_url: Arc<str>,
}

impl Surroundings {
    pub fn lens(&self) -> Lens<'_> {
        Lens {
            catalog: &self.catalog,
            stock: &self.stock,
            channel: via(&self.catalog),
            buyer: &self.buyer,
            now: self.now,
            places: &self.places,
            public_url: &self.public_url,
        }
    }
}

/// The reply to a command.
pub fn write(answer: &Answer<'_>, show: Show, about: &About, manner: &Manner) -> Reply {
    let lens = Lens {
        catalog: answer.catalog,
        stock: answer.stock,
        channel: via(answer.catalog),
        buyer: answer.buyer,
        now: answer.now,
        // They are known once the order has its place: see `Call::with_places`.
        places: &[],
        public_url: &manner.public_url,
    };
    match answer.result {
        Ok(done) => written(done.order, show, answer.repriced, &lens, manner),
        Err(refusal) => {
            let refused = words(refusal, about, answer.order, &lens);
            // What was taken up stays so; what it costs now is said beside why it did not go on.
            let changed =
                answer.repriced.zip(answer.order).map(|(before, order)| price_change(order, before));
            changed.into_iter().fold(refused, Refused::beside).into_reply()
        }
    }
}

fn written(order: &Order, show: Show, before: Option<Amount>, lens: &Lens<'_>, manner: &Manner) -> Reply {
    match show {
        Show::Order => shown(200, order, before, lens, manner),
        Show::NewOrder => shown(201, order, before, lens, manner),
        Show::Ticket(id) => match order.ticketing.ticket(id) {
            Some(ticket) => manner.reply(200, &views::ticket(ticket, order, lens)),
            None => Refused::not_found("Ticket", &id.to_string()).into_reply(),
        },
    }
}

/// An order; if it was taken up again and came to another total than `before`, that is said beside it.
fn shown(status: u16, order: &Order, before: Option<Amount>, lens: &Lens<'_>, manner: &Manner) -> Reply {
    #[derive(Serialize)]
    struct Repriced<'a> {
        #[serde(flatten)]
        order: views::OrderView<'a>,
        detail: serde_json::Value,
    }
    let view = views::order(order, lens);
    let Some(before) = before else { return manner.reply(status, &view) };
    manner.reply(status, &Repriced { order: view, detail: price_change(order, before) })
}

fn price_change(order: &Order, before: Amount) -> serde_json::Value {
    let amount = |amount| views::money(amount, order.currency);
    json!({ "price_changed": true, "total_before": amount(before), "total": amount(order.total()) })
}
