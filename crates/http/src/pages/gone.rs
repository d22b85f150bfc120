//! What ran out, sold out, or is given up: what happened, what is kept, and the ways on.
//!
//! What was typed when it happened travels along in the form, so that it stands on the page again once the order goes on.

use super::ask::Outcome;
use super::cart::set;
use super::channel::{step_of, via};
use super::look::zone;
use super::money::Money;
use super::place::Place;
use super::show::{self, LineRow, Side};
use super::turn::{self, Asked};
use super::visit::Visit;
use super::{Shell, act, answer, when};
use crate::kit::{Limits, Params, RawRequest, Value, parse};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::LineId;
use domain::channel::Step;
use domain::command::{Command, LineChange, OrderEdit};
use domain::fault::{Fault, Flaw, Spot};
use domain::money::Amount;
use domain::order::Phase;
use domain::refusal::Refusal;
use domain::user::{Actor, Who};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The note on the page after an order was taken up again: the page around a frame is told.
pub const RESUMED: &str = "resumed";

/// Most that is carried along of what was typed, in bytes.
const CARRIED: usize = 60_000;

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
    pub back: Option<(String, &'static str)>,
    pub kept: Vec<(&'static str, String)>,
    /// The lines stand in the page.
    pub lists: bool,
    pub action: String,
    pub seal: String,
    pub token: Option<String>,
    pub hidden: Vec<(&'static str, String)>,
}

pub struct GoneRow {
    pub line: LineRow,
    pub gone: bool,
    pub tag: String,
    pub class: &'static str,
}

#[derive(Default)]
pub struct Link {
    pub href: String,
    pub text: &'static str,
    /// Out of a frame.
    pub top: bool,
    /// A script follows it by itself.
    pub goes: bool,
    /// A script asks there whether to go on.
    pub polls: bool,
    pub poll: String,
}

pub struct Button {
    pub value: &'static str,
    pub text: &'static str,
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

fn money(visit: &Visit, amount: Amount) -> String {
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
    page.buttons = vec![Button { value: "resume", text, quiet: false }];
    page.note = format!("{} {}", say("expired.note"), money(visit, visit.order.total()));
    page.kept = show::recap(&visit.order, &visit.catalog, lang);
    page.lists = true;
    page.send(visit, StatusCode::OK)
}

/// Some of the order is not to be had: each line with what is left of it, and the rest as a way on.
pub async fn gone_page(visit: Visit, said: &Params, faults: &[Fault]) -> Response {
    let lang = visit.door.lang;
    let left = |line: LineId| {
        let mut of = faults.iter().filter(|fault| fault.at == Spot::Line(line));
        of.next().map(|fault| match fault.flaw {
            Flaw::SoldOut { available, .. } => u32::try_from(available).unwrap_or(u32::MAX),
            _ => 0,
        })
    };
    let off = faults.iter().any(|fault| fault.flaw == Flaw::NotAvailable);
    let mut rows = Vec::new();
    let mut changes: Vec<(LineId, u32)> = Vec::new();
    for line in show::rows(&visit.order, &visit.catalog, lang) {
        let (tag, class) = match left(line.id) {
            None => (lang.say("cart.available").to_owned(), "ok"),
            Some(0) => (why(&visit, line.id, off), "bad"),
            Some(some) => (lang.number("gone.left", some), "warn"),
        };
        let gone = left(line.id);
        changes.extend(gone.map(|left| (line.id, left.min(line.quantity.saturating_sub(1)))));
        rows.push(GoneRow { gone: gone == Some(0), line, tag, class });
    }
    let lost: Vec<&GoneRow> = rows.iter().filter(|row| row.class != "ok").collect();
    let heading = match (&lost[..], off) {
        (_, true) => lang.say("gone.off_heading").to_owned(),
        ([one], _) => lang.fill("gone.heading_one", &[("name", &one.line.thing)]),
        _ => lang.say("gone.heading").to_owned(),
    };
    let lead = lang.say(if off { "gone.off_lead" } else { "gone.lead" });
    let some_left = rows.iter().any(|row| !row.gone) && !changes.is_empty();
    let fewer = changes.iter().any(|(_, left)| *left > 0);
    let total = if some_left { new_total(&visit, &changes).await } else { None };
    let mut page = PlainPage::new(&visit, "resume", heading, lead.to_owned());
    page.rows = rows;
    if some_left {
        let text = lang.say(if fewer { "gone.fewer" } else { "gone.without" });
        page.buttons = vec![Button { value: "drop", text, quiet: false }];
    } else {
        page.lead = lang.say("gone.nothing").to_owned();
    }
    if let Some(total) = total.filter(|total| *total != visit.order.total()) {
        let (amount, before) = (money(&visit, total), money(&visit, visit.order.total()));
        page.note = lang.fill("gone.new_total", &[("amount", &amount), ("before", &before)]);
    }
    let lines: Vec<String> = changes.iter().map(|(line, left)| format!("{line}:{left}")).collect();
    page.hidden = vec![("lines", lines.join(","))];
    let typed = carried(said);
    if step_of(&visit.page).is_some_and(|step| step != Step::Cart) && typed.len() <= CARRIED {
        page.hidden.extend([("typed", typed), ("typed_page", visit.page.clone())]);
    }
    page.back = Some((visit.door.path("cancel"), lang.say("cart.cancel"))).filter(|_| may_cancel(&visit));
    page.send(&visit, StatusCode::CONFLICT)
}

/// Why a line is not to be had.
fn why(visit: &Visit, line: LineId, off: bool) -> String {
    let lang = visit.door.lang;
    let sold = visit.order.line(line).and_then(|line| visit.catalog.variant(line.variant));
    let from = sold.and_then(|(_, variant)| variant.window.on_sale_at).filter(|from| visit.now < *from);
    match from {
        Some(from) => {
            let time = when::moment(lang, from, zone(&visit.order, &visit.catalog));
            lang.fill("gone.from", &[("time", &time)])
        }
        None => lang.say(if off { "cart.not_on_sale" } else { "cart.sold_out" }).to_owned(),
    }
}

/// What the rest would come to.
async fn new_total(visit: &Visit, changes: &[(LineId, u32)]) -> Option<Amount> {
    let actor = Actor { who: Who::Guest, via: via(&visit.catalog).key.clone() };
    let lines: Vec<LineChange> = changes.iter().map(|(line, left)| set(*line, *left)).collect();
    let edit = Command::Edit(Box::new(OrderEdit { lines, ..OrderEdit::default() }));
    let preview = visit.pages.app.engine.preview(visit.order.id, vec![edit], &actor).await.ok()?;
    preview.outcomes.first().filter(|outcome| outcome.refusal.is_none()).map(|outcome| outcome.order.total())
}

/// What was typed, as one text.
fn carried(said: &Params) -> String {
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
    let dropping = said.text("do") == Some("drop");
    let command = if dropping {
        let change = |part: &str| {
            let (line, left) = part.split_once(':')?;
            Some(set(LineId(line.parse().ok()?), left.parse().ok()?))
        };
        let lines = said.text("lines").unwrap_or_default().split(',').filter_map(change).take(1000).collect();
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
    let mut page =
        PlainPage::new(visit, "cancel", say("cancel.heading").to_owned(), say("cancel.lead").to_owned());
    let text = match visit.order.phase {
        Phase::Requested => "cancel.leave_button",
        Phase::Reserved => "cancel.unreserve_button",
        _ => "cancel.button",
    };
    page.buttons = vec![Button { value: "cancel", text: say(text), quiet: false }];
    page.back = Some((visit.door.path(visit.place().page()), say("cancel.keep")));
    page.send(visit, StatusCode::OK)
}

pub async fn cancel(mut visit: Visit) -> Response {
    match visit.ask(Command::GiveUp).await {
        Outcome::Busy | Outcome::Broken => answer::busy(&visit.pages),
        _ => visit.onward(),
    }
}
