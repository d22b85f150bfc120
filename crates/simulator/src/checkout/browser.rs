//! The hosted page: address, shipping, agreements and payment, one form after the other, without a script.
//!
//! A form that the shop refuses is shown again with the shop's own words. The page never asks for a card number.

use super::run::{Verdict, deliver};
use super::session::{Agreement, Session, Status};
use super::steps::{self, Paying, Person, ShippingOption, Steps};
use super::{change, find};
use crate::Sim;
use crate::caller::Call;
use crate::decimal::Cents;
use crate::page::{self, Reply, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::Value;

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    home: String,
    session: &'a Session,
    step: Step,
    person: Person,
    options: &'a [ShippingOption],
    chosen: Option<&'a ShippingOption>,
    agreements: &'a [Agreement],
    /// Goods and delivery.
    total: Cents,
    plans: Vec<Plan>,
    bin: &'a str,
    problem: Option<String>,
    link: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Address,
    Shipping,
    Pay,
}

/// A way to pay in installments.
struct Plan {
    count: u8,
    interest: Cents,
    total: Cents,
}

impl CheckoutPage<'_> {
    fn number(&self) -> u8 {
        match self.step {
            Step::Address => 1,
            Step::Shipping => 2,
            Step::Pay => 3,
        }
    }
}

fn show_step(
    sim: &Sim,
    session: &Session,
    step: Step,
    person: Option<Person>,
    problem: Option<String>,
) -> Response {
    let progress = &session.progress;
    let chosen = progress.chosen.and_then(|key| progress.options.iter().find(|option| option.key == key));
    let shipping = chosen.map_or(Cents(0), |option| option.shipping_amount);
    let counts: &[u8] = if session.request.enable_installments { &[1, 2, 3, 6, 9, 12] } else { &[1] };
    let plan = |&count: &u8| {
        let interest = session.request.amount.share(steps::interest_basis(count));
        Plan { count, interest, total: session.request.amount.plus(shipping).plus(interest) }
    };
    let mut fresh = Person::default();
    if let Some(email) = &session.request.merchant_customer_email {
        fresh.email.clone_from(email);
    }
    let page = CheckoutPage {
        home: sim.link(""),
        session,
        step,
        person: person.or_else(|| progress.person.clone()).unwrap_or(fresh),
        options: &progress.options,
        chosen,
        agreements: &progress.agreements,
        total: session.request.amount.plus(shipping),
        plans: counts.iter().map(plan).collect(),
        bin: "454360",
        link: sim.link(&format!("/pay/{}", session.token)),
        problem,
    };
    let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &page)
}

/// The page of a session that goes no further.
fn over(sim: &Sim, session: &Session) -> Option<Response> {
    if !session.is_over(sim.options.clock.now()) {
        return None;
    }
    let (title, text, next) = match session.status {
        Status::Paid => ("This is paid", "The shop took the order.", session.return_url.as_deref()),
        Status::Refunded => ("Your money goes back", "The shop did not take the order.", None),
        Status::Declined => ("The bank declined", "Nothing was charged.", None),
        Status::Cancelled => ("This payment was cancelled", "Nothing was charged.", None),
        Status::Open => ("This payment has expired", "Begin again in the shop.", None),
    };
    Some(page::notice_with(sim, title, text, next.unwrap_or(&session.request.cancel_url)))
}

/// A session that can still be paid, or the page to show instead.
fn open(sim: &Sim, token: &str) -> Result<Session, Reply> {
    let session = find(sim, token)?;
    match over(sim, &session) {
        Some(page) => Err(Reply(Box::new(page))),
        None => Ok(session),
    }
}

/// `GET /pay/{token}`.
pub async fn show(State(sim): State<Sim>, Path(token): Path<String>) -> Result<Response, Reply> {
    let session = open(&sim, &token)?;
    Ok(show_step(&sim, &session, Step::Address, None, None))
}

/// `POST /pay/{token}/address`: the shop is asked for shipping options and for its agreements.
pub async fn address(
    State(sim): State<Sim>,
    Path(token): Path<String>,
    Form(person): Form<Person>,
) -> Result<Response, Reply> {
    let session = open(&sim, &token)?;
    let steps = Steps::new(&sim, &session);
    let call = steps.address(&person, &token).await;
    let options = steps::options_of(&call);
    if !call.is_ok() || options.is_empty() {
        let problem = words(&call).unwrap_or_else(|| "The shop delivers nothing to this address.".to_owned());
        return Ok(show_step(&sim, &session, Step::Address, Some(person), Some(problem)));
    }
    let types = steps.agreement_types(&session.request.conversation_id, Some("en")).await;
    let agreements = types.as_ref().map(steps::types_of).unwrap_or_default();
    if let Some(refused) = types.filter(|call| !call.is_ok()) {
        return Ok(show_step(&sim, &session, Step::Address, Some(person), words(&refused)));
    }
    change(&sim, &token, |stored| {
        stored.progress.person = Some(person);
        stored.progress.options = options;
        stored.progress.agreements = agreements;
        stored.progress.chosen = None;
    });
    Ok(show_step(&sim, &find(&sim, &token)?, Step::Shipping, None, None))
}

#[derive(Debug, Deserialize)]
pub struct ShippingForm {
    option: i64,
}

/// `POST /pay/{token}/shipping`: the shop writes its agreements for the chosen option.
pub async fn shipping(
    State(sim): State<Sim>,
    Path(token): Path<String>,
    Form(form): Form<ShippingForm>,
) -> Result<Response, Reply> {
    let session = open(&sim, &token)?;
    let Some(person) = session.progress.person.clone() else {
        return Ok(show_step(&sim, &session, Step::Address, None, None));
    };
    let steps = Steps::new(&sim, &session);
    let mut written = Vec::new();
    for agreement in &session.progress.agreements {
        let Some(call) = steps.agreement(&token, form.option, &agreement.code, &person.email).await else {
            break;
        };
        if !call.is_ok() {
            return Ok(show_step(&sim, &session, Step::Shipping, None, words(&call)));
        }
        let body = steps::text_of(&call, "agreement_body").unwrap_or_default();
        written.push(Agreement { body, ..agreement.clone() });
    }
    change(&sim, &token, |stored| {
        stored.progress.agreements = written;
        stored.progress.chosen = Some(form.option);
    });
    Ok(show_step(&sim, &find(&sim, &token)?, Step::Pay, None, None))
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage<'a> {
    home: String,
    agreement: &'a Agreement,
}

/// `GET /pay/{token}/agreements/{code}`: the shop's text in a frame that can do nothing.
pub async fn agreement(
    State(sim): State<Sim>,
    Path((token, code)): Path<(String, String)>,
) -> Result<Response, Reply> {
    let session = find(&sim, &token)?;
    match session.progress.agreements.iter().find(|agreement| agreement.code == code) {
        Some(agreement) => Ok(html(StatusCode::OK, &AgreementPage { home: sim.link(""), agreement })),
        None => Ok(page::notice(
            &sim,
            StatusCode::NOT_FOUND,
            "There is no such agreement",
            "Go back to the payment.",
        )),
    }
}

#[derive(Debug, Deserialize)]
pub struct PayForm {
    #[serde(default)]
    bin: String,
    #[serde(default = "once")]
    installments: u8,
    accept: Option<String>,
    press: Press,
}

fn once() -> u8 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    Pay,
    Decline,
    Cancel,
}

/// `POST /pay/{token}/pay`: the shop is told, and the browser goes where the answer says.
pub async fn pay(
    State(sim): State<Sim>,
    Path(token): Path<String>,
    Form(form): Form<PayForm>,
) -> Result<Response, Reply> {
    let session = open(&sim, &token)?;
    if form.press == Press::Cancel {
        change(&sim, &token, |stored| stored.status = Status::Cancelled);
        return Ok(Redirect::to(&session.request.cancel_url).into_response());
    }
    let progress = &session.progress;
    let option = progress.chosen.and_then(|key| progress.options.iter().find(|option| option.key == key));
    let (Some(person), Some(option)) = (&progress.person, option) else {
        return Ok(show_step(&sim, &session, Step::Address, None, None));
    };
    if form.press == Press::Pay && !is_bin(&form.bin) {
        let problem = "Give the first six to eight digits of a card, and nothing more.".to_owned();
        return Ok(show_step(&sim, &session, Step::Pay, None, Some(problem)));
    }
    let bin = if is_bin(&form.bin) { form.bin } else { Paying::default().bin };
    let paying = Paying { installments: form.installments.clamp(1, 12), bin };
    let mut notification = steps::notification(&session, person, option, &paying, sim.options.clock.now());
    notification.agreements = form.accept.is_some();
    let steps = Steps::new(&sim, &session);
    if form.press == Press::Decline {
        notification.is_successful = false;
        steps.notify(&notification).await;
        change(&sim, &token, |stored| stored.status = Status::Declined);
        return Ok(Redirect::to(&session.request.cancel_url).into_response());
    }
    let mut calls = Vec::new();
    let (kept, _) = deliver(&steps, &notification, 0, &mut calls).await;
    let last = calls.last();
    if kept == Verdict::Kept {
        let back = last.and_then(|call| steps::text_of(call, "return_url"));
        let back = back.unwrap_or_else(|| session.request.success_url.clone());
        change(&sim, &token, |stored| {
            stored.status = Status::Paid;
            stored.return_url = Some(back.clone());
        });
        return Ok(Redirect::to(&back).into_response());
    }
    let said = last.and_then(words).unwrap_or_else(|| "The shop did not answer.".to_owned());
    let problem = format!("{said} What was charged goes back to your card.");
    Ok(show_step(&sim, &session, Step::Pay, None, Some(problem)))
}

fn is_bin(text: &str) -> bool {
    (6..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The shop's sentences in a refused call.
fn words(call: &Call) -> Option<String> {
    if call.is_ok() {
        return None;
    }
    let mut sentences = Vec::new();
    collect(&call.answer, &mut sentences);
    if sentences.is_empty() {
        sentences.push(match call.status {
            Some(status) => format!("The shop answered with status {status}."),
            None => "The shop did not answer.".to_owned(),
        });
    }
    sentences.truncate(5);
    Some(sentences.join(" "))
}

fn collect(value: &Value, sentences: &mut Vec<String>) {
    match value {
        // A page of HTML is no sentence.
        Value::String(text) if text.len() < 300 && !text.contains('<') => sentences.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, sentences)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, sentences)),
        _ => {}
    }
}
