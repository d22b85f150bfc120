//! What ran out, sold out, or is given up: what happened, what is kept, and the ways on.
//!
//! What was typed when it happened travels along in the form, so that it stands on the page again once the order goes on.

use super::ask::Outcome;
use super::cart::set;
use super::channel::{step_of, via};
use super::form::Picks;
use super::lang::Lang;
use super::look::zone;
use super::loss::GoneRow;
use super::money::Money;
use super::place::Place;
use super::show::{self, Side};
use super::turn::{self, Asked};
use super::visit::Visit;
use super::{Shell, act, answer, calendar, offer, when};
use crate::kit::{Limits, Params, RawRequest, Value, parse};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{Command, LineChange, Merge, Metadata, NewLine, OrderEdit};
use domain::money::Amount;
use domain::order::{Order, Phase};
use domain::refusal::Refusal;
use domain::ticketing::availability;
use domain::user::{Actor, Who};
use domain::{LineId, Time, VariantId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The note on the page after an order was taken up again: the page around a frame is told.
pub const RESUMED: &str = "resumed";

/// The last part of the address of the sale's beginning.
pub const SALE: &str = "sale.ics";

/// Most that is carried along of what was typed, in bytes.
pub const CARRIED: usize = 60_000;

/// A page that asks nothing but which way to go.
#[derive(Template)]
#[template(path = "plain.html")]
pub struct PlainPage<'a> {
    pub shell: Shell<'a>,
    pub side: Side,
    pub heading: String,
    pub lead: String,
    pub mark: &'static str,
    /// Something is under way.
    pub waits: bool,
    pub rows: Vec<GoneRow>,
    pub link: Option<Link>,
    pub note: String,
    pub buttons: Vec<Button>,
    /// What there is instead.
    pub picks: Vec<Picks>,
    /// Where the sale's beginning is to be had for a calendar.
    pub calendar: Option<String>,
    pub back: Option<(String, &'static str)>,
    pub kept: Vec<(&'static str, String)>,
    /// The lines stand in the page.
    pub lists: bool,
    pub action: String,
    pub seal: String,
    pub token: Option<String>,
    pub hidden: Vec<(&'static str, String)>,
}

#[derive(Default)]
pub struct Link {
    pub href: String,
    pub text: &'static str,
    /// It opens in a tab of its own, and the page goes on here meanwhile; empty: it opens where it stands.
    pub apart: String,
    /// A script follows it by itself.
    pub goes: bool,
    /// A script asks there whether to go on.
    pub polls: bool,
    pub poll: String,
}

pub struct Button {
    pub value: &'static str,
    pub text: Cow<'static, str>,
    pub quiet: bool,
}

impl<'a> PlainPage<'a> {
    /// `page`: the last part of its address, where its form goes too.
    pub fn new(visit: &'a Visit, page: &str, heading: String, lead: String) -> PlainPage<'a> {
        let (order, catalog) = (&*visit.order, &*visit.catalog);
        let shell = Shell::new(catalog, &heading).for_order(order, catalog, visit.now, &visit.door, page);
        PlainPage {
            shell,
            side: Side::new(order, catalog, visit.now, visit.door.lang),
            heading,
            lead,
            mark: "warn",
            waits: false,
            rows: Vec::new(),
            link: None,
            note: String::new(),
            buttons: Vec::new(),
            picks: Vec::new(),
            calendar: None,
            back: None,
            kept: Vec::new(),
            lists: false,
            action: visit.door.path(page),
            seal: visit.seal.text(),
            token: visit.door.token.clone(),
            hidden: Vec::new(),
        }
    }

    pub fn send(&self, visit: &Visit, status: StatusCode) -> Response {
        visit.with_cookies(answer::page(status, self, &visit.origins()))
    }
}

pub fn money(visit: &Visit, amount: Amount) -> String {
    Money { amount, currency: visit.order.currency, lang: visit.door.lang }.to_string()
}

/// The hold ran out.
pub fn expired_page(visit: &Visit) -> Response {
    let lang = visit.door.lang;
    let say = |key: &'static str| lang.say(key);
    let mut page =
        PlainPage::new(visit, "expired", say("expired.heading").to_owned(), say("expired.lead").to_owned());
    let tickets = !visit.order.ticketing.tickets.is_empty();
    let text = say(if tickets { "expired.button" } else { "expired.button_goods" });
    page.buttons = vec![Button { value: "resume", text: text.into(), quiet: false }];
    page.note = format!("{} {}", say("expired.note"), money(visit, visit.order.total()));
    page.kept = show::recap(&visit.order, &visit.catalog, lang);
    page.lists = true;
    page.send(visit, StatusCode::OK)
}

/// From when a line is sold, if that is still to come.
pub fn on_sale_from(order: &Order, catalog: &Catalog, line: LineId, now: Time, lang: Lang) -> Option<String> {
    let sold = order.line(line).and_then(|line| catalog.variant(line.variant));
    let from = sold.and_then(|(_, variant)| variant.window.on_sale_at).filter(|from| now < *from)?;
    Some(lang.fill("gone.from", &[("time", &when::moment(lang, from, zone(order, catalog)))]))
}

/// The beginning of the sale, for whatever calendar the buyer keeps.
pub fn sale(visit: &Visit) -> Response {
    let address = format!("{}{}", visit.pages.app.config.public_url, visit.door.path(""));
    let from = availability::on_sale_from(&visit.order, &visit.catalog, visit.now)
        .or(visit.order.ticketing.can_checkout_at);
    let Some(from) = from else { return answer::not_found_in(&visit.pages, visit.door.lang) };
    let names = show::rows(&visit.order, &visit.catalog, visit.door.lang).into_iter().map(|row| row.thing);
    let names: BTreeSet<String> = names.collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let title = visit.door.lang.fill("gone.calendar_title", &[("name", &names)]);
    let body = calendar::sale(&visit.order, from, &title, &address);
    let kind = (header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    ([kind, (header::CONTENT_DISPOSITION, "attachment; filename=\"sale.ics\"")], body).into_response()
}

/// The order without some of it, as it would be; `None` if the rest is not to be had either.
pub async fn less(visit: &Visit, changes: &[LineChange]) -> Option<Arc<Order>> {
    let actor = Actor { who: Who::Guest, via: via(&visit.catalog).key.clone() };
    let edit = Command::Edit(Box::new(OrderEdit { lines: changes.to_vec(), ..OrderEdit::default() }));
    let preview = visit.pages.app.engine.preview(visit.order.id, vec![edit], &actor).await.ok()?;
    let outcome = preview.outcomes.into_iter().next()?;
    outcome.refusal.is_none().then_some(outcome.order)
}

/// What was typed, as one text.
pub fn carried(said: &Params) -> String {
    let pair = |name: &str, value: &str| {
        format!(
            "{}={}",
            utf8_percent_encode(name, NON_ALPHANUMERIC),
            utf8_percent_encode(value, NON_ALPHANUMERIC)
        )
    };
    let mut pairs = Vec::new();
    for (name, value) in said.root() {
        if ["do", "number", "page", "total"].contains(&name.as_str()) {
            continue;
        }
        match value.list() {
            Some(items) => pairs.extend(
                items.into_iter().filter_map(Value::text).map(|text| pair(&format!("{name}[]"), text)),
            ),
            None => pairs.extend(value.text().map(|text| pair(name, text))),
        }
    }
    pairs.join("&")
}

fn typed(said: &Params) -> Option<(Step, Params)> {
    let step = step_of(said.text("typed_page")?)?;
    let request = RawRequest {
        method: "POST",
        content_type: Some("application/x-www-form-urlencoded"),
        body: said.text("typed")?.to_owned().into(),
        ..RawRequest::default()
    };
    Some((step, parse(request, &Limits::STANDARD).ok()?))
}

/// Takes everything back, or goes on with what is left.
pub async fn resume(mut visit: Visit, said: Params) -> Response {
    let before = visit.order.total();
    let button = said.text("do").unwrap_or_default();
    let dropping = ["drop", "swap"].contains(&button);
    let command = if dropping {
        let lines = changes(&visit, &said, button == "swap");
        Command::Edit(Box::new(OrderEdit { lines, ..OrderEdit::default() }))
    } else {
        Command::Reclaim
    };
    match visit.ask(command).await {
        Outcome::Done => {}
        // Somebody took it up in another tab.
        Outcome::Refused(Refusal::NoSuchMove(_)) => return visit.onward(),
        Outcome::Refused(refusal) => {
            return act::refused(visit, Step::Cart, said, refusal, &Default::default()).await;
        }
        other => return act::trouble(visit, Step::Cart, said, other).await,
    }
    if offer::is_open(&visit) {
        return visit.to(&visit.door.path_and(offer::PAGE, &[("note", RESUMED)]));
    }
    if let Some((step, typed)) = typed(&said)
        && visit.place().reaches(step, &visit.order, &visit.catalog, visit.now)
    {
        return turn::show(&visit, step, Asked::again(&typed)).await;
    }
    match visit.order.total() == before || dropping {
        true => visit.onward_saying(RESUMED),
        false => visit.onward_saying(&format!("price.{}", before.0)),
    }
}

/// What a choice on the page of what is gone does to the lines: fewer pieces, and another kind where one was chosen.
fn changes(visit: &Visit, said: &Params, swaps: bool) -> Vec<LineChange> {
    let mut changes = Vec::new();
    for part in said.text("lines").unwrap_or_default().split(',').take(1000) {
        let Some((Ok(line), Ok(left))) =
            part.split_once(':').map(|(line, left)| (line.parse(), left.parse()))
        else {
            continue;
        };
        let line = LineId(line);
        let other = said.text(&format!("swap_{line}")).filter(|_| swaps).and_then(|id| id.parse().ok());
        match (other, visit.order.line(line)) {
            (Some(variant), Some(known)) => {
                changes.push(set(line, 0));
                changes.push(LineChange::Add(NewLine {
                    variant: VariantId(variant),
                    option: known.option.clone(),
                    quantity: known.quantity,
                    price: None,
                    metadata: Metadata::default(),
                    merge: Merge::WithSame,
                }));
            }
            _ => changes.push(set(line, left)),
        }
    }
    changes
}

/// Whether the buyer may give this order up.
pub fn may_cancel(visit: &Visit) -> bool {
    match visit.place() {
        Place::Cart | Place::Step(_) | Place::Expired => true,
        Place::Processing => false,
        Place::Final => matches!(visit.order.phase, Phase::Requested | Phase::Reserved),
    }
}

pub fn cancel_page(visit: &Visit) -> Response {
    let say = |key: &'static str| visit.door.lang.say(key);
    let (heading, lead, text) = match visit.order.phase {
        Phase::Requested => ("cancel.leave_heading", "cancel.leave_lead", "cancel.leave_button"),
        Phase::Reserved => ("cancel.unreserve_heading", "cancel.unreserve_lead", "cancel.unreserve_button"),
        _ => ("cancel.heading", "cancel.lead", "cancel.button"),
    };
    let mut page = PlainPage::new(visit, "cancel", say(heading).to_owned(), say(lead).to_owned());
    page.buttons = vec![Button { value: "cancel", text: say(text).into(), quiet: false }];
    page.back = Some((visit.door.path(visit.place().page()), say("cancel.keep")));
    page.send(visit, StatusCode::OK)
}

pub async fn cancel(mut visit: Visit) -> Response {
    match visit.ask(Command::GiveUp).await {
        Outcome::Busy | Outcome::Broken => answer::busy(&visit.pages),
        _ => visit.onward(),
    }
}
