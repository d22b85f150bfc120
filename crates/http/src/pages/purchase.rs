//! What became of a purchase of services or credit: the page a buyer sees when they come back from a payment platform.
//!
//! It says only what is known: nothing is placed before the money or the promise of it is there, and money that did
//! not buy anything is named. It changes nothing and asks nothing; whether somebody may see it, the API decides.

use super::lang::Lang;
use super::money::Money;
use super::visit::lang_of;
use super::{Shell, answer};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{GrantReason, Order, OrderKind};

/// Where a purchase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Paid,
    /// The buyer has yet to pay.
    Waiting,
    /// A part of the money has come.
    Underpaid,
    /// Nobody knows yet whether the money came.
    Confirming,
    Failed,
}

#[derive(Template)]
#[template(path = "purchase.html")]
struct Page<'a> {
    shell: Shell<'a>,
    heading: &'static str,
    lead: &'static str,
    mark: Mark,
    /// What became of money that the purchase did not need.
    credited: Option<String>,
    /// Where the buyer still has to act.
    way_on: Option<&'a str>,
    rows: Vec<Row<'a>>,
    sums: Vec<(&'static str, Money)>,
    total: Option<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Done,
    Clock,
    Over,
}

struct Row<'a> {
    quantity: Option<u32>,
    name: &'a str,
    amount: Money,
}

/// The page of a purchase. `credit` is what the buyer's credit pays of it, `way_on` where they can still pay.
pub fn purchase(
    order: &Order,
    catalog: &Catalog,
    standing: Standing,
    credit: Amount,
    way_on: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let lang = lang_of(None, headers);
    let money = |amount: Amount| Money { amount, currency: order.currency, lang };
    let (heading, lead, mark) = words(order, standing);
    let mut shell = Shell::new(catalog, lang.say(heading));
    (shell.order, shell.lang) = (Some(order.number.as_str()), lang);
    let lowering = [("purchase.discount", order.sheet.totals.promo_total), ("purchase.credit", -credit)];
    let sums = lowering.into_iter().filter(|(_, amount)| *amount < Amount::ZERO);
    let credited: Amount = order
        .grants
        .iter()
        .filter(|grant| grant.reason != GrantReason::TopUp)
        .map(|grant| grant.amount)
        .sum();
    send(&Page {
        heading: lang.say(heading),
        lead: lang.say(lead),
        mark,
        credited: credited.is_positive().then(|| lang.with("purchase.credited", "amount", money(credited))),
        way_on: way_on.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        rows: rows(order, catalog, lang),
        sums: sums.map(|(label, amount)| (lang.say(label), money(amount))).collect(),
        total: Some(money(order.total() - credit)),
        shell,
    })
}

/// For a buyer who came back by a link that opens nothing.
pub fn thanks(catalog: &Catalog, headers: &HeaderMap) -> Response {
    let lang = lang_of(None, headers);
    let mut shell = Shell::new(catalog, lang.say("purchase.thanks"));
    shell.lang = lang;
    send(&Page {
        heading: lang.say("purchase.thanks"),
        lead: lang.say("purchase.thanks_lead"),
        mark: Mark::Clock,
        credited: None,
        way_on: None,
        rows: Vec::new(),
        sums: Vec::new(),
        total: None,
        shell,
    })
}

fn rows<'a>(order: &Order, catalog: &'a Catalog, lang: Lang) -> Vec<Row<'a>> {
    let money = |amount: Amount| Money { amount, currency: order.currency, lang };
    let rows = order.lines.iter().zip(&order.sheet.lines).map(|(line, sheet)| Row {
        quantity: Some(line.quantity),
        name: catalog.variant(line.variant).map_or("", |(product, _)| &product.name),
        amount: money(sheet.amount),
    });
    let mut rows: Vec<Row<'a>> = rows.collect();
    if let OrderKind::TopUp { amount } = order.kind {
        rows.push(Row { quantity: None, name: lang.say("purchase.bought_credit"), amount: money(amount) });
    }
    rows
}

/// Keys of heading and lead.
fn words(order: &Order, standing: Standing) -> (&'static str, &'static str, Mark) {
    let top_up = matches!(order.kind, OrderKind::TopUp { .. });
    match (standing, top_up) {
        (Standing::Paid, false) => ("purchase.placed", "purchase.placed_lead", Mark::Done),
        (Standing::Paid, true) => ("purchase.topped_up", "purchase.topped_up_lead", Mark::Done),
        (Standing::Waiting, _) => ("purchase.waiting", "purchase.waiting_lead", Mark::Clock),
        (Standing::Underpaid, _) => ("purchase.underpaid", "purchase.underpaid_lead", Mark::Clock),
        (Standing::Confirming, _) => ("purchase.confirming", "purchase.confirming_lead", Mark::Clock),
        (Standing::Failed, false) => ("purchase.failed", "purchase.failed_lead", Mark::Over),
        (Standing::Failed, true) => ("purchase.no_top_up", "purchase.no_top_up_lead", Mark::Over),
    }
}

fn send(page: &Page<'_>) -> Response {
    // No other site shows it in a frame.
    answer::private(answer::page(StatusCode::OK, page, &[String::new()]))
}
