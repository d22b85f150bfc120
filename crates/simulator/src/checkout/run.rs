//! Scenarios: the provider's side of a checkout without a browser, good and bad, with a transcript.
//!
//! The verdict on the money follows the provider's rule: an accepted notification keeps it, a refused one gives it
//! back, and two answers that get lost give it back too.

use super::session::{Agreement, Status};
use super::steps::{self, Notification, Paying, Person, ShippingOption, Steps};
use super::{change, session};
use crate::Sim;
use crate::caller::{Call, Signed};
use crate::decimal::Cents;
use crate::page::refuse;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Identical notifications sent at once.
const PARALLEL: usize = 10;
/// Sends of a notification before the money goes back.
const TRIES: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    Happy,
    #[serde(rename = "installments_6")]
    Installments6,
    Decline,
    Cancel,
    NoAgreement,
    WrongConversation,
    WrongToken,
    BasketSnapshotTampered,
    Underpaid,
    ReplayNotification,
    ParallelNotification,
    LostReply,
    OutOfOrder,
    Slow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Signature {
    /// As the options say.
    #[default]
    Agreed,
    None,
    Wrong,
}

/// What to run. Everything but the scenario has a default.
#[derive(Debug, Deserialize)]
pub struct RunRequest {
    scenario: Scenario,
    #[serde(default)]
    person: Person,
    /// One of the shop's options; else the first.
    shipping_option_key: Option<i64>,
    installments: Option<u8>,
    bin: Option<String>,
    language: Option<String>,
    #[serde(default)]
    signature: Signature,
    /// Sent with `cancel`, which a browser does and not the provider.
    cookie: Option<String>,
    /// How many answers get lost in `lost_reply`.
    lost: Option<u32>,
}

/// What the provider did with the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Kept,
    Refunded,
    /// None was ever taken.
    None,
}

#[derive(Debug, Serialize)]
pub struct Money {
    pub state: Verdict,
    pub amount: String,
    pub currency: String,
    pub why: &'static str,
}

#[derive(Debug, Serialize)]
struct Transcript {
    scenario: Scenario,
    session_token: String,
    basket_id: i64,
    calls: Vec<Call>,
    money: Money,
    /// Where the buyer's browser would be sent.
    browser_goes_to: Option<String>,
}

/// `POST /sim/{session_token}/run`.
pub async fn run(
    State(sim): State<Sim>,
    Path(token): Path<String>,
    request: Result<Json<RunRequest>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Json(request) = match request {
        Ok(request) => request,
        Err(wrong) => return refuse(StatusCode::BAD_REQUEST, &wrong.body_text()),
    };
    let Some(session) = sim.sessions.lock().get(&token).cloned() else {
        return refuse(StatusCode::NOT_FOUND, "Not found.");
    };
    let mut steps = Steps::new(&sim, &session);
    match request.signature {
        Signature::Agreed => {}
        Signature::None => steps.signed = Signed::No,
        Signature::Wrong => steps.signed = Signed::Wrongly,
    }
    let mut run = Run { steps, request: &request, calls: Vec::new(), pause: Duration::ZERO };
    let (money, goes_to) = run.scenario().await;
    let calls = run.calls;
    let status = match money.state {
        Verdict::Kept => Status::Paid,
        Verdict::Refunded => Status::Refunded,
        Verdict::None if request.scenario == Scenario::Decline => Status::Declined,
        Verdict::None if request.scenario == Scenario::Cancel => Status::Cancelled,
        Verdict::None => session.status,
    };
    change(&sim, &token, |stored| stored.status = status);
    let (session_token, basket_id) = (session.token.clone(), session.basket_id());
    let scenario = request.scenario;
    Json(Transcript { scenario, session_token, basket_id, calls, money, browser_goes_to: goes_to })
        .into_response()
}

struct Run<'a> {
    steps: Steps<'a>,
    request: &'a RunRequest,
    calls: Vec<Call>,
    pause: Duration,
}

impl Run<'_> {
    fn session(&self) -> &session::Session {
        self.steps.session
    }

    fn now(&self) -> jiff::Timestamp {
        self.steps.sim.options.clock.now()
    }

    async fn scenario(&mut self) -> (Money, Option<String>) {
        match self.request.scenario {
            Scenario::Cancel => return self.cancel().await,
            Scenario::OutOfOrder => self.jump_ahead().await,
            Scenario::WrongToken => self.wrong_token().await,
            Scenario::Slow => self.pause = self.steps.sim.options.pace.slow,
            _ => {}
        }
        let Some(option) = self.prepare().await else {
            return (
                self.money(None, Verdict::None, "an earlier step was refused, so nothing was charged"),
                None,
            );
        };
        let notification = self.notification(&option);
        let total = Some(notification.transaction.total_paid_amount);
        let (kept, why) = match self.request.scenario {
            Scenario::Decline => {
                let call = self.steps.notify(&notification).await;
                self.calls.push(call);
                (Verdict::None, "the bank declined, so nothing was charged")
            }
            Scenario::ParallelNotification => self.parallel(&notification).await,
            Scenario::ReplayNotification => {
                let first = self.deliver(&notification, 0).await;
                self.send(&notification).await;
                first
            }
            Scenario::LostReply => {
                let lost = self.request.lost.unwrap_or(1);
                self.deliver(&notification, lost).await
            }
            _ => self.deliver(&notification, 0).await,
        };
        let money = self.money(total, kept, why);
        let returned = self.calls.iter().rev().find_map(|call| steps::text_of(call, "return_url"));
        let goes_to = match kept {
            Verdict::Kept => returned.or_else(|| Some(self.session().request.success_url.clone())),
            Verdict::Refunded | Verdict::None => Some(self.session().request.cancel_url.clone()),
        };
        (money, goes_to)
    }

    /// Pages 3 to 5. `None`: the shop refused one.
    async fn prepare(&mut self) -> Option<ShippingOption> {
        let token = self.session().token.clone();
        let person = &self.request.person;
        let call = self.steps.address(person, &token).await;
        let options = steps::options_of(&call);
        if !self.went_well(call) {
            return None;
        }
        let wanted = self.request.shipping_option_key;
        let option = match wanted {
            Some(key) => {
                options.iter().find(|option| option.key == key).cloned().or_else(|| Some(unknown(key)))
            }
            None => options.first().cloned(),
        }?;
        tokio::time::sleep(self.pause).await;
        let agreements = self.agreement_types().await?;
        for agreement in agreements {
            tokio::time::sleep(self.pause).await;
            let email = &self.request.person.email;
            let call = self.steps.agreement(&token, option.key, &agreement.code, email).await;
            if !call.is_none_or(|call| self.went_well(call)) {
                return None;
            }
        }
        tokio::time::sleep(self.pause).await;
        Some(option)
    }

    async fn agreement_types(&mut self) -> Option<Vec<Agreement>> {
        let conversation = self.session().request.conversation_id.clone();
        let language = self.request.language.as_deref();
        if self.request.scenario == Scenario::WrongConversation {
            let wrong = self.steps.agreement_types("not-this-conversation", language).await;
            self.calls.extend(wrong);
        }
        let Some(call) = self.steps.agreement_types(&conversation, language).await else {
            return Some(Vec::new());
        };
        let agreements = steps::types_of(&call);
        self.went_well(call).then_some(agreements)
    }

    /// The notification, spoiled as the scenario says.
    fn notification(&self, option: &ShippingOption) -> Notification {
        let mut paying = Paying::default();
        if let Some(bin) = &self.request.bin {
            paying.bin.clone_from(bin);
        }
        let six = (self.request.scenario == Scenario::Installments6).then_some(6);
        paying.installments = self.request.installments.or(six).unwrap_or(1);
        let mut notification =
            steps::notification(self.session(), &self.request.person, option, &paying, self.now());
        match self.request.scenario {
            Scenario::Decline => notification.is_successful = false,
            Scenario::NoAgreement => notification.agreements = false,
            Scenario::WrongConversation => notification.conversation_id = "not-this-conversation".to_owned(),
            Scenario::BasketSnapshotTampered => {
                if let Some(item) = notification.basket.basket_items.first_mut() {
                    item.quantity += 1;
                }
            }
            Scenario::Underpaid => {
                let total = &mut notification.transaction.total_paid_amount;
                *total = total.plus(Cents(-100));
            }
            _ => {}
        }
        notification
    }

    async fn deliver(&mut self, notification: &Notification, lose: u32) -> (Verdict, &'static str) {
        deliver(&self.steps, notification, lose, &mut self.calls).await
    }

    async fn send(&mut self, notification: &Notification) {
        let call = self.steps.notify(notification).await;
        self.calls.push(call);
    }

    async fn parallel(&mut self, notification: &Notification) -> (Verdict, &'static str) {
        let mut at_once = tokio::task::JoinSet::new();
        let url = self.session().request.notification_url.clone();
        let body = crate::caller::json(notification);
        // A task outlives this call, so it owns its secret.
        let secret = match self.steps.signed {
            Signed::With(secret) => Some(secret.to_owned()),
            Signed::No | Signed::Wrongly => None,
        };
        let is_wrong = matches!(self.steps.signed, Signed::Wrongly);
        for _ in 0..PARALLEL {
            let (caller, url, body) = (self.steps.sim.caller.clone(), url.clone(), body.clone());
            let secret = secret.clone();
            at_once.spawn(async move {
                let signed = match &secret {
                    Some(secret) => Signed::With(secret),
                    None if is_wrong => Signed::Wrongly,
                    None => Signed::No,
                };
                caller.post("notification", &url, body, signed).await
            });
        }
        let calls = at_once.join_all().await;
        let is_taken = calls.iter().any(Call::is_ok);
        self.calls.extend(calls);
        if is_taken {
            (Verdict::Kept, "the shop took the order")
        } else {
            (Verdict::Refunded, "the shop refused the order")
        }
    }

    /// Pages 5 and 6 before anybody gave an address.
    async fn jump_ahead(&mut self) {
        let token = self.session().token.clone();
        let early = self.steps.agreement(&token, 1, "info", &self.request.person.email).await;
        self.calls.extend(early);
        let person = &self.request.person;
        let notification =
            steps::notification(self.session(), person, &unknown(1), &Paying::default(), self.now());
        self.send(&notification).await;
    }

    /// Pages 3 and 5 under a token that belongs to nobody. What follows is a good payment: nothing was changed.
    async fn wrong_token(&mut self) {
        let wrong = uuid::Uuid::new_v4().to_string();
        let call = self.steps.address(&self.request.person, &wrong).await;
        self.calls.push(call);
        let early = self.steps.agreement(&wrong, 1, "info", &self.request.person.email).await;
        self.calls.extend(early);
    }

    async fn cancel(&mut self) -> (Money, Option<String>) {
        let token = self.session().token.clone();
        let call = self.steps.address(&self.request.person, &token).await;
        self.calls.push(call);
        let url = self.session().request.cancel_url.clone();
        let cookie = self.request.cookie.as_deref();
        let call = self.steps.sim.caller.visit("cancel (the browser)", &url, cookie).await;
        self.calls.push(call);
        (self.money(None, Verdict::None, "the buyer left, so nothing was charged"), Some(url))
    }

    fn went_well(&mut self, call: Call) -> bool {
        let is_ok = call.is_ok();
        self.calls.push(call);
        is_ok
    }

    fn money(&self, amount: Option<Cents>, state: Verdict, why: &'static str) -> Money {
        let amount = amount.filter(|_| state != Verdict::None).unwrap_or_default();
        Money { state, amount: amount.to_string(), currency: self.session().request.currency.clone(), why }
    }
}

/// An option that the shop did not offer, so that it can be asked for.
fn unknown(key: i64) -> ShippingOption {
    ShippingOption { key, name: String::new(), shipping_amount: Cents(0), description: None }
}

/// Sends until there is an answer, twice at most; the first `lose` answers are thrown away.
pub async fn deliver(
    steps: &Steps<'_>,
    notification: &Notification,
    lose: u32,
    calls: &mut Vec<Call>,
) -> (Verdict, &'static str) {
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(steps.sim.options.pace.retry).await;
        }
        let mut call = steps.notify(notification).await;
        call.lost = attempt < lose;
        let (is_ok, is_unanswered) = (call.is_ok(), call.is_unanswered());
        calls.push(call);
        if is_ok {
            return (Verdict::Kept, "the shop took the order");
        }
        if !is_unanswered {
            return (Verdict::Refunded, "the shop refused the order");
        }
    }
    (Verdict::Refunded, "two answers were lost")
}
