//! What a question is made from: the order as it is, what was typed, and what is wrong with it.

use super::form::{Field, Problem};
use super::lang::Lang;
use super::money::Money;
use super::visit::Door;
use super::when;
use crate::kit::{Params, Value};
use domain::Time;
use domain::catalog::{Catalog, Event, StockView};
use domain::money::Amount;
use domain::order::Order;
use domain::user::Buyer;

/// Longest text that is shown again in a field, in characters; more than any field takes.
const SHOWN_AGAIN: usize = 20_000;

#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub order: &'a Order,
    pub catalog: &'a Catalog,
    pub stock: &'a StockView,
    pub buyer: &'a Buyer,
    pub now: Time,
    pub door: &'a Door,
    /// What a form said, if the page answers one.
    pub said: Option<&'a Params>,
    pub problems: &'a [Problem],
}

impl<'a> Look<'a> {
    pub fn lang(&self) -> Lang {
        self.door.lang
    }

    pub fn say(&self, key: &'static str) -> &'static str {
        self.lang().say(key)
    }

    pub fn money(&self, amount: Amount) -> Money {
        Money { amount, currency: self.order.currency, lang: self.lang() }
    }

    /// What was typed into a field, else what is kept.
    pub fn value(&self, name: &str, kept: impl AsRef<str>) -> String {
        let typed = self.said.and_then(|said| said.text(name));
        let value = typed.unwrap_or(kept.as_ref());
        value.chars().filter(|letter| *letter != '\0').take(SHOWN_AGAIN).collect()
    }

    /// Whether a box was ticked; a form that says nothing of it left it empty.
    pub fn ticked(&self, name: &str, kept: bool) -> bool {
        self.said.map_or(kept, |said| said.get(name).is_some_and(|value| !value.is_blank()))
    }

    /// What was chosen of several.
    pub fn chosen(&self, name: &str, kept: &[String]) -> Vec<String> {
        match self.said {
            Some(said) => said.get(name).map(texts).unwrap_or_default(),
            None => kept.to_vec(),
        }
    }

    pub fn count(&self, name: &str, kept: u32) -> u32 {
        self.said.and_then(|said| said.text(name)).and_then(|text| text.trim().parse().ok()).unwrap_or(kept)
    }

    pub fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|problem| problem.field == name).map(|problem| problem.text.clone())
    }

    /// A line to type in, with what was typed and what is wrong.
    pub fn field(&self, name: impl Into<String>, label: &'static str, kept: impl AsRef<str>) -> Field {
        let name = name.into();
        Field {
            value: self.value(&name, kept),
            error: self.problem(&name),
            label: self.say(label).to_owned(),
            kind: "text",
            name,
            ..Field::default()
        }
    }

    pub fn event(&self, id: domain::EventId) -> Option<&'a Event> {
        self.catalog.ticketing.events.get(&id).map(|event| &**event)
    }

    pub fn moment(&self, event: &Event) -> String {
        when::moment(self.lang(), event.starts_at, &event.timezone)
    }
}

/// One text or several; commas belong to what was typed.
pub fn texts(value: &Value) -> Vec<String> {
    match value.list() {
        Some(items) => items.into_iter().filter_map(Value::text).map(str::to_owned).collect(),
        None => value.text().map(str::to_owned).into_iter().collect(),
    }
}

/// The zone of the order's first event; without one, none is known.
pub fn zone<'a>(order: &Order, catalog: &'a Catalog) -> &'a str {
    let events = &catalog.ticketing.events;
    let first = order.ticketing.tickets.iter().find_map(|ticket| events.get(&ticket.event));
    first.map_or("", |event| &event.timezone)
}
