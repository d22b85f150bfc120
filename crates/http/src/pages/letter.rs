//! What a mail says of an order: facts for its templates, and the sheets of the tickets that go with it.
//!
//! A letter to the buyer holds the address that opens the order; one to the holder of a ticket holds that ticket's
//! address and nothing that opens more. How it is worded and sent is the far side's.

use super::lang::Lang;
use super::money::Money;
use super::printer::{Sheet, Sheets};
use super::tickets::sheet;
use super::{links, merchant, when};
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Line, Order, Ticket};
use domain::{TicketId, Time};
use serde_json::{Value, json};

/// Whom a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Buyer,
    /// The holder of one ticket, who must not reach the order.
    Holder,
}

/// What a letter says. `base` is how the server is reached, without a slash at the end; empty leaves addresses out.
pub fn facts(order: &Order, catalog: &Catalog, reader: Reader, tickets: &[TicketId], base: &str) -> Value {
    let lang = language(order);
    let tickets: Vec<Value> =
        chosen(order, tickets).map(|ticket| ticket_facts(ticket, catalog, base, lang)).collect();
    let shop = merchant(catalog);
    if reader == Reader::Holder {
        return json!({ "lang": lang.code(), "shop": shop, "number": order.number, "tickets": tickets });
    }
    let open = |address: String| if base.is_empty() { Value::Null } else { Value::String(address) };
    let zone = zone(order, catalog);
    let moment = |at: Option<Time>| at.map(|at| when::moment(lang, at, zone));
    json!({
        "lang": lang.code(),
        "shop": shop,
        "name": first_name(order),
        "number": order.number,
        "lines": order.lines.iter().map(|line| line_facts(line, order, catalog, lang)).collect::<Vec<_>>(),
        "total": Money { amount: order.total(), currency: order.currency, lang }.to_string(),
        "order_url": open(links::cart(base, order)),
        "checkout_url": open(links::checkout(base, order)),
        "until": moment(order.expires_at),
        "begins": moment(order.ticketing.can_checkout_at),
        "tickets": tickets,
    })
}

/// The sheets of those tickets that a mail brings along; `None`: all of them are only linked to.
pub fn sheets(order: &Order, catalog: &Catalog, tickets: &[TicketId]) -> Option<Sheets> {
    let kinds = &catalog.ticketing.ticket_types;
    let attached = chosen(order, tickets)
        .filter(|ticket| kinds.get(&ticket.ticket_type).is_some_and(|kind| kind.attachable));
    let sheets: Vec<Sheet> = attached.map(|ticket| sheet(ticket, catalog)).collect();
    let is_some = (1..=super::printer::MAX_TICKETS).contains(&sheets.len());
    is_some.then(|| Sheets {
        merchant: merchant(catalog).to_owned(),
        order: order.number.clone(),
        tickets: sheets,
    })
}

/// What the buyer reads, as far as the pages know it.
fn language(order: &Order) -> Lang {
    order.ticketing.language.as_deref().and_then(Lang::named).unwrap_or_default()
}

/// By id, issued ones only.
fn chosen<'a>(order: &'a Order, tickets: &'a [TicketId]) -> impl Iterator<Item = &'a Ticket> {
    let all = order.ticketing.tickets.iter();
    all.filter(|ticket| ticket.status.is_issued() && tickets.contains(&ticket.id))
}

fn ticket_facts(ticket: &Ticket, catalog: &Catalog, base: &str, lang: Lang) -> Value {
    let Sheet { event, venue, ticket_type, holder, .. } = sheet(ticket, catalog);
    let row = catalog.ticketing.events.get(&ticket.event);
    let starts = row.map(|row| when::moment(lang, row.starts_at, &row.timezone)).unwrap_or_default();
    let url = if base.is_empty() { String::new() } else { links::ticket(base, ticket) };
    json!({
        "event": event, "starts": starts, "venue": venue, "ticket_type": ticket_type, "holder": holder, "url": url,
    })
}

fn line_facts(line: &Line, order: &Order, catalog: &Catalog, lang: Lang) -> Value {
    let sold = catalog.variant(line.variant);
    let name = sold.map_or("Something no longer sold", |(product, _)| product.name.as_str());
    let amount = order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount);
    let issued = sold.and_then(|(_, variant)| variant.package.first());
    let event = issued.and_then(|issued| catalog.ticketing.events.get(&issued.event));
    let about = match event {
        Some(event) => {
            let day = when::date(lang, event.starts_at, &event.timezone);
            if event.name == name { day } else { format!("{}, {day}", event.name) }
        }
        None => {
            let options = sold.map(|(_, variant)| variant.options.as_slice()).unwrap_or_default();
            let value = |id| {
                let mut values = catalog.option_types.values().flat_map(|kind| &kind.values);
                values.find(|value| value.id == id).map(|value| value.presentation.as_str())
            };
            options.iter().filter_map(|id| value(*id)).collect::<Vec<_>>().join(", ")
        }
    };
    let amount = Money { amount, currency: order.currency, lang }.to_string();
    json!({ "quantity": line.quantity, "name": name, "about": about, "amount": amount })
}

fn first_name(order: &Order) -> &str {
    let guest = order.ticketing.guest.first_name.trim();
    let address = order.bill_address.as_ref().and_then(|address| address.fields.given.as_deref());
    if guest.is_empty() { address.unwrap_or_default().trim() } else { guest }
}

/// The zone of the first event that the order has tickets for; UTC without one.
fn zone<'a>(order: &Order, catalog: &'a Catalog) -> &'a str {
    let first =
        order.ticketing.tickets.first().and_then(|ticket| catalog.ticketing.events.get(&ticket.event));
    first.map_or("UTC", |event| event.timezone.as_str())
}
