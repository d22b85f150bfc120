//! What was ordered, line by line: how many, what, when or which kind, and for how much.

use crate::pages::lang::Lang;
use crate::pages::money::Money;
use crate::pages::when::{self, Leaf};
use domain::LineId;
use domain::catalog::{Catalog, Event, Product, Variant};
use domain::money::Amount;
use domain::order::{Line, Order};

/// One line of an order.
#[derive(Clone)]
pub struct LineRow {
    pub id: LineId,
    pub quantity: u32,
    pub name: String,
    /// What it is about: the event a ticket is for, else the name.
    pub thing: String,
    /// Date, place, size, colour …
    pub about: String,
    pub amount: Money,
    /// Of one piece, if there are several.
    pub each: Option<Money>,
    /// The event's day; goods have none.
    pub leaf: Option<Leaf>,
    /// It is not to be had: its price is struck through.
    pub gone: bool,
}

/// Add-ons follow what they hang on.
pub fn rows(order: &Order, catalog: &Catalog, lang: Lang) -> Vec<LineRow> {
    let parents =
        order.lines.iter().filter(|line| line.parent.is_none_or(|parent| order.line(parent).is_none()));
    let family = |parent: &Line| {
        let id = parent.id;
        let children = order.lines.iter().filter(move |line| line.parent == Some(id));
        children.map(|line| row(line, order, catalog, lang)).collect::<Vec<_>>()
    };
    let mut rows = Vec::with_capacity(order.lines.len());
    for parent in parents {
        rows.push(row(parent, order, catalog, lang));
        rows.extend(family(parent));
    }
    rows
}

fn row(line: &Line, order: &Order, catalog: &Catalog, lang: Lang) -> LineRow {
    let sold = catalog.variant(line.variant);
    let event = sold.and_then(|(_, variant)| event(variant, catalog));
    let name = sold.map_or(lang.say("sheet.gone_name"), |(product, _)| &product.name);
    let amount = order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount);
    let money = |amount| Money { amount, currency: order.currency, lang };
    let about = match event {
        Some(event) => {
            let day = when::date(lang, event.starts_at, &event.timezone);
            if event.name == *name { day } else { format!("{} · {day}", event.name) }
        }
        None => sold.map(|(product, variant)| options(product, variant, catalog)).unwrap_or_default(),
    };
    LineRow {
        id: line.id,
        quantity: line.quantity,
        name: name.to_owned(),
        thing: event.map_or(name, |event| &event.name).to_owned(),
        about,
        amount: money(amount),
        each: (line.quantity > 1).then(|| money(line.price)),
        leaf: event.map(|event| when::leaf(lang, event.starts_at, &event.timezone)),
        gone: false,
    }
}

/// The event it is a ticket for. What is only sold along with an event is goods.
fn event<'a>(variant: &Variant, catalog: &'a Catalog) -> Option<&'a Event> {
    let issued = variant.package.first()?;
    catalog.ticketing.events.get(&issued.event).map(|event| &**event)
}

/// `Black, M`
pub fn options(product: &Product, variant: &Variant, catalog: &Catalog) -> String {
    let types = || product.option_types.iter().filter_map(|id| catalog.option_types.get(id));
    let value = |id| types().flat_map(|kind| &kind.values).find(|value| value.id == id);
    let chosen = variant.options.iter().filter_map(|id| value(*id));
    chosen.map(|value| value.presentation.as_str()).collect::<Vec<_>>().join(", ")
}
