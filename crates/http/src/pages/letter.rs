//! What a mail says of an order: facts for its templates, and the sheets of the tickets that go with it.
//!
//! A letter to the buyer holds the address that opens the order; one to the holder of a ticket holds that ticket's
//! address and nothing that opens more, and one with a code no address at all. How it is worded and sent is the far
//! side's.

use super::lang::Lang;
use super::money::Money;
use super::printer::{Sheet, Sheets};
use super::tickets::sheet;
use super::{links, merchant, show, theme, when};
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Line, Order, Ticket};
use domain::ticketing;
use domain::{TicketId, Time};
use engine::outbox::{Mail, MailKind};
use serde_json::{Map, Value, json};

/// What a letter says. `base` is how the server is reached, without a slash at the end; empty leaves addresses out.
pub fn facts(mail: &Mail, base: &str) -> Value {
    let (order, catalog) = (&*mail.order, &*mail.catalog);
    let lang = mail.language.as_deref().and_then(Lang::named).unwrap_or_else(|| language(order));
    let tickets: Vec<Value> =
        chosen(order, &mail.tickets).map(|ticket| ticket_facts(ticket, catalog, base, lang)).collect();
    let mut facts = Map::new();
    let mut say = |name: &str, fact: Value| facts.insert(name.to_owned(), fact);
    let shop = merchant(catalog);
    say("lang", lang.code().into());
    say("shop", shop.into());
    say("initial", shop.chars().next().map(|first| first.to_uppercase().to_string()).into());
    let colour = ticketing::customization(order, catalog).and_then(|row| row.colour.as_deref());
    // Without a colour of the shop's the templates have those of the pages.
    if let Some([light, dark]) = colour.and_then(theme::inks) {
        say("accent", light.accent.into());
        say("on_accent", light.on_accent.into());
        say("accent_text", light.text.into());
        say("dark_accent", dark.accent.into());
        say("dark_on_accent", dark.on_accent.into());
        say("dark_accent_text", dark.text.into());
    }
    say("number", order.number.as_str().into());
    say("tickets", tickets.into());
    match mail.kind {
        // Its reader may be somebody else, who must not reach the order.
        MailKind::Ticket => {}
        // A code proves who reads it, so nothing else in its mail may.
        MailKind::Code => drop(say("code", mail.code.as_str().into())),
        _ => facts.extend(buyer_facts(order, catalog, lang, base)),
    }
    Value::Object(facts)
}

/// What the buyer alone is told.
fn buyer_facts(order: &Order, catalog: &Catalog, lang: Lang, base: &str) -> Map<String, Value> {
    let open = |address: String| if base.is_empty() { Value::Null } else { Value::String(address) };
    let zone = zone(order, catalog);
    let moment = |at: Option<Time>| at.map(|at| when::moment(lang, at, zone));
    let sheet = show::sheet(order, catalog, zone, lang);
    let sums: Vec<Value> = sheet
        .rows
        .iter()
        .map(|row| json!({ "label": row.label, "amount": row.amount.to_string(), "lowers": row.lowers }))
        .collect();
    let included = sheet.included_tax.map(|tax| lang.with("sheet.includes_tax", "amount", tax));
    let paid = sheet.paid.map(|paid| {
        let amount = lang.with("sheet.paid", "amount", paid.amount);
        if paid.how.is_empty() { amount } else { format!("{amount} · {}", paid.how) }
    });
    let said = show::recap(order, catalog, lang);
    let goes = [lang.say("recap.ship"), lang.say("recap.delivery")];
    let recap: Vec<Value> = said
        .into_iter()
        .filter(|(label, _)| goes.contains(label))
        .map(|(label, said)| json!({ "label": label, "said": said }))
        .collect();
    let facts = json!({
        "name": first_name(order),
        "lines": order.lines.iter().map(|line| line_facts(line, order, catalog, lang)).collect::<Vec<_>>(),
        "sums": sums,
        "later": sheet.later.then(|| json!({
            "label": lang.say("sheet.later"), "amount": lang.say("sheet.after_address"),
        })),
        "total": sheet.total.to_string(),
        "included_tax": included,
        "paid": paid,
        "due": sheet.due.map(|due| lang.with("sheet.due", "amount", due)),
        "recap": recap,
        "order_url": open(links::cart(base, order)),
        "checkout_url": open(links::checkout(base, order)),
        "until": moment(order.expires_at),
        "begins": moment(order.ticketing.can_checkout_at),
    });
    match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    }
}

/// The sheets of those tickets that a mail brings along; `None`: all of them are only linked to.
pub fn sheets(mail: &Mail) -> Option<Sheets> {
    let (order, catalog) = (&*mail.order, &*mail.catalog);
    let kinds = &catalog.ticketing.ticket_types;
    let attached = chosen(order, &mail.tickets)
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
