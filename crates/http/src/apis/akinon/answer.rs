//! From an order to an answer: which view, with which status, in bytes.
//!
//! The engine calls this before it commits, so that a kept reply and the change it tells of become durable together. It only
//! writes.

use super::channel::{NAME, channel};
use super::page::Page;
use super::refuse::{About, JSON, Refused, words};
use super::signer::Signer;
use super::tongue::Tongue;
use super::views::{self, Lens};
use domain::Time;
use domain::catalog::{Catalog, StockView};
use domain::channel::{Channel, ChannelKey};
use domain::order::Order;
use engine::{Answer, Reply};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// What an answer shows.
#[derive(Debug, Clone)]
pub enum Show {
    Basket {
        status: u16,
        /// The session that the basket is kept for, where it is told.
        session: Option<String>,
        /// What was taken out because there is none of it any more.
        unavailable: Vec<Value>,
    },
    Page(Box<PageShow>),
}

/// The answer to a page that was posted: the context of the next one.
#[derive(Debug, Clone)]
pub struct PageShow {
    pub page: Page,
    pub wrap: Wrap,
    pub public_url: Arc<str>,
    pub signer: Signer,
    /// What the first page lists.
    pub providers: Value,
    /// What the fifth page shows.
    pub code: String,
}

impl Show {
    /// A basket as it is after a change.
    pub fn basket() -> Show {
        Show::Basket { status: 200, session: None, unavailable: Vec::new() }
    }
}

/// The two ways in: contexts alone, or inside what the storefront's own checkout looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    Bare,
    Envelope,
}

/// The channel as configured; as a stock installation has it if it is not.
pub fn via(catalog: &Catalog) -> &Channel {
    static STOCK: OnceLock<Channel> = OnceLock::new();
    let configured = catalog.settings.channel(&ChannelKey::new(NAME));
    configured.unwrap_or_else(|| STOCK.get_or_init(channel))
}

/// What is read beside an order to show it.
#[derive(Debug)]
pub struct Surroundings {
    pub catalog: Arc<Catalog>,
    pub stock: StockView,
    pub now: Time,
}

impl Surroundings {
    pub fn lens(&self) -> Lens<'_> {
        Lens { catalog: &self.catalog, stock: &self.stock, channel: via(&self.catalog), now: self.now }
    }
}

/// A view as a reply.
pub fn json(status: u16, view: &impl Serialize) -> Reply {
    // Views have texts as keys, so this cannot fail.
    serde_json::to_vec(view)
        .map_or_else(|_| Refused::broken().into_reply(), |bytes| Reply::new(status, JSON, bytes))
}

/// The reply to a command.
pub fn write(answer: &Answer<'_>, show: &Show, about: About, tongue: Tongue) -> Reply {
    let lens =
        Lens { catalog: answer.catalog, stock: answer.stock, channel: via(answer.catalog), now: answer.now };
    match (&answer.result, show) {
        (Ok(done), Show::Basket { status, session, unavailable }) => {
            let mut body = json!({ "basket": views::basket(done.order, &lens) });
            body["basket"]["unavailable_basket_products"] = Value::from(unavailable.clone());
            if let Some(session) = session {
                body["osessionid"] = json!(session);
            }
            json(*status, &body)
        }
        (Ok(done), Show::Page(page)) => {
            let context = views::context(done.order, answer.buyer, page, &lens);
            match page.wrap {
                Wrap::Bare => json(200, &context),
                Wrap::Envelope => {
                    json(200, &envelope(page.page.next(), context, Value::Null, Some(done.order), &lens))
                }
            }
        }
        (Err(refusal), show) => {
            let refused = words(refusal, about, tongue);
            match show {
                Show::Page(page) if page.wrap == Wrap::Envelope => {
                    refused_in_envelope(refused, page.page, answer.order, &lens)
                }
                _ => refused.into_reply(),
            }
        }
    }
}

/// What the storefront's client reads: it looks for errors in here, not at the status.
pub fn refused_in_envelope(refused: Refused, page: Page, order: Option<&Order>, lens: &Lens<'_>) -> Reply {
    if !refused.is_about_fields() {
        return refused.into_reply();
    }
    json(200, &envelope(page, json!({}), refused.body().clone(), order, lens))
}

/// A page's context inside what the storefront's own checkout looks like.
pub fn envelope(page: Page, context: Value, errors: Value, order: Option<&Order>, lens: &Lens<'_>) -> Value {
    json!({
        "context_list": [{
            "page_name": page.name(),
            "page_slug": page.name().to_lowercase(),
            "page_context": context,
        }],
        "template_name": "orders/checkout.html",
        "errors": errors,
        "pre_order": views::pre_order(order, lens),
    })
}
