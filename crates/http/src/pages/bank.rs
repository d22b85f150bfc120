//! Payments that need their buyer: out to the bank's page and back. The outcome is never read from the address the buyer
//! comes back with; the gateway is asked.

use super::channel::via;
use super::gone::{Button, Link, PlainPage};
use super::lang::Lang;
use super::visit::{Door, Visit, lang_of};
use super::{Pages, Shell, answer};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
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
    let mut page =
        PlainPage::new(visit, "processing", say("bank.heading").to_owned(), say("bank.lead").to_owned());
    page.mark = "calm";
    // Out of the frame there are cookies again.
    let open = Door { embedded: false, parent: None, ..visit.door.clone() };
    page.link = Some(Link {
        href: open.path("bank"),
        text: say("bank.button"),
        top: visit.door.embedded,
        goes: !visit.door.embedded && visit.note != "back",
        ..Link::default()
    });
    if let Some(host) = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()) {
        page.note = lang.fill("bank.host", &[("host", host)]);
    }
    page.buttons = vec![Button { value: "other", text: say("bank.other"), quiet: true }];
    page.send(visit, StatusCode::OK)
}

/// `GET …/bank`: out.
pub fn away(visit: &Visit) -> Response {
    match action(&visit.order) {
        None => visit.onward(),
        Some((_, url)) if url.starts_with(OURS) => {
            let back = Door { embedded: false, parent: None, ..visit.door.clone() }.path("return");
            let back = percent_encoding::utf8_percent_encode(&back, percent_encoding::NON_ALPHANUMERIC);
            visit.to(&format!("{url}?back={back}"))
        }
        Some((_, url)) => visit.to(url),
    }
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
        // Whoever came back without doing anything is not sent away again by a script.
        Some(_) => visit.onward_saying("back"),
        None => visit.onward(),
    }
}

/// The buyer wants to pay in another way: the attempt is ended first, so that it cannot succeed any more.
pub async fn another_way(mut visit: Visit) -> Response {
    if let Some((payment, attempt)) = waits(&visit) {
        let found = gateway(&visit, payment, &attempt, Ask::GiveUp).await;
        settle(&mut visit, payment, attempt, found).await;
    }
    visit.onward()
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
