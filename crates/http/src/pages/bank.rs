//! Payments that need their buyer: out to the bank's page and back. The outcome is never read from the address the buyer
//! comes back with; the gateway is asked.

use super::channel::via;
use super::gone::{Button, Link, PlainPage};
use super::lang::Lang;
use super::place::Place;
use super::token::{is_plain, secure};
use super::visit::{Door, Visit, lang_of};
use super::{Pages, Shell, answer, links};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::command::Outcome;
use domain::order::{AttemptState, Order, Payment};
use domain::{AttemptId, PaymentId};
use engine::ports::Found;
use std::collections::HashMap;
use std::sync::Arc;

/// Pages that need no other host: those of the test bank.
const OURS: &str = "/simulator/payments/";

/// What the buyer says at a bank that moves no money; `true` approves. Answers whether there was such an attempt.
pub type TestBank = Arc<dyn Fn(&AttemptId, bool) -> bool + Send + Sync>;

/// The payment that waits for its buyer, and where they have to go.
pub fn action(order: &Order) -> Option<(&Payment, &str)> {
    order.payments.iter().find_map(|payment| match &payment.attempt.as_ref()?.state {
        AttemptState::ActionRequired { url } if is_safe(url) => Some((payment, url.as_str())),
        _ => None,
    })
}

/// Other hosts only by TLS, but for this machine.
fn is_safe(url: &str) -> bool {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    url.starts_with("https://") || url.starts_with(OURS) || local.iter().any(|host| url.starts_with(host))
}

/// The note on the payment step after the buyer turned back at the bank.
pub const TURNED_BACK: &str = "turned";
/// The note on a page in a frame whose bank stands in a tab of its own.
const APART: &str = "apart";
/// How long a browser knows that a bank's tab belongs to a frame.
const APART_SECONDS: u32 = 60 * 60;

/// Whether the bank's page was opened in a tab of its own, and this one waits for what comes of it.
pub fn is_apart(visit: &Visit) -> bool {
    visit.note == APART
}

/// A payment is being made: wait, or go to the bank.
pub fn waiting(visit: &Visit) -> Response {
    let lang = visit.door.lang;
    let say = |key: &'static str| lang.say(key);
    let Some((_, url)) = action(&visit.order) else {
        let email = visit.order.email.as_deref().unwrap_or("–");
        let lead = lang.fill("processing.lead", &[("email", email)]);
        let mut page = PlainPage::new(visit, "processing", say("processing.heading").to_owned(), lead);
        page.waits = true;
        let (href, poll) = (visit.door.path("processing"), visit.door.path("state"));
        page.link = Some(Link { href, poll, polls: true, text: say("processing.button"), ..Link::default() });
        return page.send(visit, StatusCode::OK);
    };
    let mut page = match is_apart(visit) {
        true => meanwhile(visit),
        false => to_the_bank(visit),
    };
    if let Some(host) = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()) {
        page.note = lang.fill("bank.host", &[("host", host)]);
    }
    page.buttons = vec![Button { value: "other", text: say("bank.other").into(), quiet: true }];
    page.send(visit, StatusCode::OK)
}

/// The way to the bank. From a frame it is a tab of its own: a bank shows itself in no frame, and the page around ours
/// is not left behind.
fn to_the_bank(visit: &Visit) -> PlainPage<'_> {
    let say = |key: &'static str| visit.door.lang.say(key);
    let framed = visit.door.embedded;
    let lead = say(if framed { "bank.lead_apart" } else { "bank.lead" });
    let mut page = PlainPage::new(visit, "processing", say("bank.heading").to_owned(), lead.to_owned());
    page.mark = "calm";
    page.link = Some(Link {
        href: outside(visit),
        text: say("bank.button"),
        apart: if framed { visit.door.path_and("processing", &[("note", APART)]) } else { String::new() },
        goes: !framed && visit.note != "back",
        ..Link::default()
    });
    // Without a script nothing here notices when it is done.
    page.back = framed.then(|| (visit.door.path("return"), say("processing.button")));
    page
}

/// In a frame, while the buyer is at the bank in another tab.
fn meanwhile(visit: &Visit) -> PlainPage<'_> {
    let say = |key: &'static str| visit.door.lang.say(key);
    let (heading, lead) = (say("processing.heading"), say("bank.meanwhile"));
    let mut page = PlainPage::new(visit, "processing", heading.to_owned(), lead.to_owned());
    page.waits = true;
    page.link = Some(Link {
        href: outside(visit),
        text: say("bank.open_again"),
        apart: visit.door.path_and("processing", &[("note", APART)]),
        polls: true,
        poll: visit.door.path_and("state", &[("note", APART)]),
        ..Link::default()
    });
    page.back = Some((visit.door.path("return"), say("processing.button")));
    page
}

/// Out of the frame there are cookies again.
fn outside(visit: &Visit) -> String {
    let door = Door { embedded: false, parent: None, ..visit.door.clone() };
    match visit.door.embedded {
        true => door.path_and("bank", &[("apart", "1")]),
        false => door.path("bank"),
    }
}

/// `GET …/bank`: out.
pub fn away(visit: &Visit) -> Response {
    let mut response = match action(&visit.order) {
        None => visit.onward(),
        Some((_, url)) if url.starts_with(OURS) => {
            let back = Door { embedded: false, parent: None, ..visit.door.clone() }.path("return");
            let back = percent_encoding::utf8_percent_encode(&back, percent_encoding::NON_ALPHANUMERIC);
            visit.to(&format!("{url}?back={back}"))
        }
        Some((_, url)) => visit.to(url),
    };
    let (number, secure) = (&visit.order.number, secure(&visit.pages.app.config.public_url));
    let seconds = if visit.apart { APART_SECONDS } else { 0 };
    let cookie =
        format!("apart-{number}=1; Path={}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", links::CART);
    if is_plain(number)
        && let Ok(cookie) = HeaderValue::from_str(&cookie)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `GET …/return`: back. The gateway says what became of it. Whoever turned back there pays in another way, so the
/// attempt is ended, unless it was paid first.
pub async fn back(mut visit: Visit) -> Response {
    let ask = if visit.turned_back { Ask::GiveUp } else { Ask::Find };
    if let Some((payment, attempt)) = waits(&visit) {
        let found = gateway(&visit, payment, &attempt, ask).await;
        settle(&mut visit, payment, attempt, found).await;
    }
    match action(&visit.order) {
        // In a frame the bank stands in another tab: the page goes on waiting for it.
        Some(_) if visit.door.embedded => visit.onward_saying(APART),
        // Whoever came back without doing anything is not sent away again by a script.
        Some(_) => visit.onward_saying("back"),
        None if visit.apart && !visit.door.embedded => tab_is_done(&visit),
        None if visit.turned_back => chooses_again(&visit),
        None => visit.onward(),
    }
}

/// The end of a tab that was opened for the bank: what became of the payment, and that the checkout goes on in the frame.
fn tab_is_done(visit: &Visit) -> Response {
    let say = |key: &'static str| visit.door.lang.say(key);
    let (heading, mark) = match visit.place() {
        Place::Final => ("bank.apart_paid", "ok"),
        Place::Processing => ("processing.heading", "calm"),
        _ if visit.turned_back => ("bank.apart_open", "calm"),
        _ => ("alert.declined_heading", "warn"),
    };
    let lead = say("bank.apart_lead").to_owned();
    let mut page = PlainPage::new(visit, "return", say(heading).to_owned(), lead);
    page.mark = mark;
    page.link = Some(Link {
        href: visit.door.path(visit.place().page()),
        text: say("bank.apart_button"),
        ..Link::default()
    });
    page.send(visit, StatusCode::OK)
}

/// The buyer wants to pay in another way: the attempt is ended first, so that it cannot succeed any more.
pub async fn another_way(mut visit: Visit) -> Response {
    if let Some((payment, attempt)) = waits(&visit) {
        let found = gateway(&visit, payment, &attempt, Ask::GiveUp).await;
        settle(&mut visit, payment, attempt, found).await;
    }
    chooses_again(&visit)
}

/// Back to the ways to pay: nobody declined anything, and the page does not say so.
fn chooses_again(visit: &Visit) -> Response {
    match visit.place() {
        Place::Step(_) => visit.onward_saying(TURNED_BACK),
        _ => visit.onward(),
    }
}

#[derive(Clone, Copy)]
enum Ask {
    Find,
    GiveUp,
}

fn waits(visit: &Visit) -> Option<(PaymentId, AttemptId)> {
    let (payment, _) = action(&visit.order)?;
    Some((payment.id, payment.attempt.as_ref()?.id.clone()))
}

async fn gateway(visit: &Visit, payment: PaymentId, attempt: &AttemptId, ask: Ask) -> Found {
    let method = visit.order.payment(payment).map(|payment| payment.method);
    let Some(gateway) = method.and_then(|method| visit.pages.app.engine.gateway_of(method)) else {
        return Found::Unclear;
    };
    match ask {
        Ask::Find => gateway.find(attempt).await,
        Ask::GiveUp => gateway.give_up(attempt).await,
    }
}

/// Records what the gateway said, if it said anything new.
async fn settle(visit: &mut Visit, payment: PaymentId, attempt: AttemptId, found: Found) {
    let Found::Known(outcome) = found else { return };
    if matches!(outcome, Outcome::ActionRequired { .. }) {
        return;
    }
    let key = via(&visit.catalog).key.clone();
    let settled = visit.pages.app.engine.settle(visit.order.id, payment, attempt, outcome, key).await;
    if let Err(trouble) = settled {
        tracing::warn!(%trouble, order = %visit.order.number, "an outcome is left to the sweep");
    }
    visit.refresh().await;
}

/// The page of a bank that moves no money.
#[derive(Template)]
#[template(path = "bank.html")]
struct BankPage<'a> {
    shell: Shell<'a>,
}

/// `GET /simulator/payments/{attempt}`
pub async fn test_page(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    let catalog = pages.app.engine.catalog();
    let lang: Lang = lang_of(None, &headers);
    let shell = Shell { lang, ..Shell::new(&catalog, "") };
    answer::page(StatusCode::OK, &BankPage { shell }, &[])
}

/// `POST /simulator/payments/{attempt}`
pub async fn test_answer(
    State(pages): State<Pages>,
    Path(attempt): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
    body: String,
) -> Response {
    let says_yes = body.split('&').any(|pair| pair == "answer=yes");
    let known = pages.bank.as_ref().is_some_and(|bank| bank(&AttemptId(attempt), says_yes));
    // Only back to an order of ours: this is no door to anywhere else.
    match asked.get("back").filter(|back| back.starts_with("/cart/checkout/")) {
        Some(back) => Redirect::to(back).into_response(),
        None if known => (StatusCode::OK, "Thank you. Please go back to the shop.\n").into_response(),
        None => answer::not_found(&pages),
    }
}
