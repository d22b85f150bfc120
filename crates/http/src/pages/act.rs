//! What is sent: a form becomes one command, and its outcome a page. Whatever goes wrong, the page comes back with what
//! was typed; whatever goes right leads on by redirect, so that going back or loading again sends nothing.

use super::ask::Outcome;
use super::cart;
use super::channel::step_of;
use super::form::Problem;
use super::lang::Lang;
use super::look::Look;
use super::place::Place;
use super::problems::{self, Sent};
use super::turn::{self, Alert, Asked};
use super::visit::Visit;
use super::{Pages, answer, bank, gone, loss, offer, sign_in, steps};
use crate::kit::card_guard::{self, Allow};
use crate::kit::{Params, Value};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::channel::Step;
use domain::command::{Command, Walk, WalkTo};
use domain::fault::{Fault, Flaw, Spot};
use domain::money::Amount;
use domain::refusal::Refusal;

/// `POST /cart?id=NUMBER`
pub async fn cart(state: State<Pages>, request: Request) -> Response {
    sent(state, request, Some("cart")).await
}

/// `POST /cart/checkout/NUMBER/PAGE`
pub async fn page(state: State<Pages>, request: Request) -> Response {
    sent(state, request, None).await
}

async fn sent(State(pages): State<Pages>, request: Request, page: Option<&str>) -> Response {
    let mut visit = match Visit::open(pages, request).await {
        Ok(visit) => visit,
        Err(away) => return away,
    };
    if let Some(page) = page {
        visit.page = page.to_owned();
    }
    let said = std::mem::take(&mut visit.said);
    let step = step_of(&visit.page);
    if let Some(status) = visit.unread {
        let alert = Some(Alert::bad(&visit, "alert.refused_heading", "alert.refused"));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        return turn::show(&visit, step.unwrap_or(Step::Cart), Asked { alert, status, ..Asked::default() })
            .await;
    }
    if !visit.sealed {
        return stale(visit, step, &said).await;
    }
    match (step, visit.page.as_str()) {
        (Some(step), _) => on_step(visit, step, said).await,
        (None, "expired" | "resume") => gone::resume(visit, said).await,
        (None, "cancel") => gone::cancel(visit).await,
        (None, offer::PAGE) => offer::press(visit, said).await,
        (None, "processing") => bank::another_way(visit).await,
        _ => answer::not_found_in(&visit.pages, visit.door.lang),
    }
}

/// The form was not sent by a page of ours in this browser. Nothing happens, and nothing is lost.
async fn stale(visit: Visit, step: Option<Step>, said: &Params) -> Response {
    let Some(step) = step.filter(|step| turn::reaches(&visit, *step)) else {
        return visit.onward();
    };
    let alert = Some(Alert::bad(&visit, "alert.stale_heading", "alert.stale"));
    turn::show(&visit, step, Asked { alert, status: StatusCode::FORBIDDEN, ..Asked::again(said) }).await
}

async fn on_step(mut visit: Visit, step: Step, mut said: Params) -> Response {
    if let Some(found) = card_guard::find(&said, &Allow::NOTHING) {
        let field = found.path.split('.').next().unwrap_or_default().to_owned();
        said.insert(field.clone(), Value::from(""));
        let problems = vec![Problem::new(field, visit.door.lang.say("problem.card"))];
        let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
        return turn::show(&visit, step, asked).await;
    }
    let button = said.text("do").unwrap_or("go").to_owned();
    let (word, rest) = button.split_once(':').unwrap_or((&button, ""));
    let place = visit.place();
    let beside = matches!(word, "lang" | "redraw" | "put" | "extend");
    if beside && !turn::reaches(&visit, step) && place != Place::Expired {
        return visit.onward();
    }
    match word {
        "lang" => {
            if let Some(lang) = Lang::named(rest) {
                visit.speak(lang);
            }
            turn::show(&visit, step, Asked::again(&said)).await
        }
        "redraw" => turn::show(&visit, step, Asked::again(&said)).await,
        "put" => {
            if let Some((name, value)) = rest.split_once(':') {
                said.insert(name.to_owned(), Value::from(value));
            }
            turn::show(&visit, step, Asked::again(&said)).await
        }
        "extend" => {
            let done = visit.ask(Command::Prolong).await == Outcome::Done;
            let alert = Some(Alert::extended(&visit, done));
            turn::show(&visit, step, Asked { alert, ..Asked::again(&said) }).await
        }
        _ if step == Step::Cart => cart::press(visit, said).await,
        _ if step == Step::Email => sign_in::press(visit, said).await,
        _ => submit(visit, step, said).await,
    }
}

/// Data of a step, and the step after it.
pub async fn submit(mut visit: Visit, step: Step, said: Params) -> Response {
    let stood = visit.place();
    let stock = match cart::stock(&visit).await {
        Ok(stock) => stock,
        Err(trouble) => return answer::broken(&visit.pages, &trouble),
    };
    let buyer = match visit.pages.app.engine.buyer_of(&visit.order).await {
        Ok(buyer) => buyer,
        Err(trouble) => return answer::broken(&visit.pages, &trouble),
    };
    let look = Look {
        order: &visit.order,
        catalog: &visit.catalog,
        stock: &stock,
        buyer: &buyer,
        now: visit.now,
        door: &visit.door,
        said: Some(&said),
        problems: &[],
    };
    let read = match steps::read(step, &said, &look) {
        Ok(read) => read,
        Err(problems) => {
            let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
            return turn::show(&visit, step, asked).await;
        }
    };
    let walk = Walk {
        expected_total: read.total,
        guest: if step == Step::Register { steps::guest(&said) } else { None },
        submit: Some((step, read.data)),
        to: WalkTo::Next,
    };
    match visit.ask(Command::Walk(Box::new(walk))).await {
        Outcome::Done => {
            forward(&mut visit, stood).await;
            visit.onward()
        }
        Outcome::Refused(refusal) => refused(visit, step, said, refusal, &read.sent).await,
        other => trouble(visit, step, said, other).await,
    }
}

/// Whoever came back to change something goes on where they were, if nothing between needs them.
pub async fn forward(visit: &mut Visit, stood: Place) {
    if let (Place::Step(there), Place::Step(here)) = (stood, visit.place())
        && cart::before(here, there)
    {
        let walk = Walk { to: WalkTo::Step(there), ..Walk::default() };
        // Refused: something between is open, and that is where the order stands.
        visit.ask(Command::Walk(Box::new(walk))).await;
    }
}

/// The step e-mail, refused before the domain was asked.
pub async fn refused_at(visit: Visit, said: Params, refusal: Refusal) -> Response {
    refused(visit, Step::Email, said, refusal, &Sent::default()).await
}

/// The domain said no: the page that says what to do about it.
pub async fn refused(mut visit: Visit, step: Step, said: Params, refusal: Refusal, sent: &Sent) -> Response {
    let lang = visit.door.lang;
    let mut asked = Asked { status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
    match &refusal {
        Refusal::Faults(faults) | Refusal::StepOpen { faults, .. } => {
            asked.problems = problems::problems(faults, &visit.order, sent, lang);
            let same = step == Step::Address && said.get("same").is_some_and(|value| !value.is_blank());
            // One address stands for both: what is wrong with it is said once, where it was typed.
            if same && asked.problems.iter().any(|problem| problem.field.starts_with("ship_")) {
                asked.problems.retain(|problem| !problem.field.starts_with("bill_"));
            }
        }
        Refusal::CheckoutNotAllowed(faults) => return cart::not_allowed(visit, &said, faults).await,
        Refusal::InsufficientStock(short) => {
            let fault = |short: &domain::refusal::Shortage| {
                let flaw = Flaw::SoldOut { requested: short.requested, available: short.available };
                Fault::new(short.line.map_or(Spot::Order, Spot::Line), "quantity", flaw)
            };
            let faults: Vec<Fault> = short.iter().map(fault).collect();
            return loss::page(visit, &said, &faults).await;
        }
        Refusal::VariantsGone(lines) => {
            let fault =
                |line: &domain::LineId| Fault::new(Spot::Line(*line), "variant_id", Flaw::NotAvailable);
            let faults: Vec<Fault> = lines.iter().map(fault).collect();
            return loss::page(visit, &said, &faults).await;
        }
        Refusal::TotalMismatch { .. } | Refusal::PromotionsChanged => {
            if let Refusal::TotalMismatch { actual } = refusal {
                take_over(&mut visit, actual).await;
            }
            let known = visit.before.as_ref().unwrap_or(&visit.order);
            let before = steps_seen(&said).unwrap_or_else(|| known.total());
            let cause = turn::cause_since(&visit, before);
            if !visit.place().reaches(step, &visit.order, &visit.catalog, visit.now) {
                return visit.onward_saying(&turn::price_note(before, cause));
            }
            asked.alert = Some(Alert::price(&visit, before, cause));
        }
        Refusal::NoSuchStep { .. } | Refusal::RequirementsOpen(_) | Refusal::NoSuchMove(_) => {
            return visit.onward_saying("moved");
        }
        Refusal::Placing | Refusal::AlreadyComplete | Refusal::NotModifiable | Refusal::Declined(_) => {
            return visit.onward();
        }
        Refusal::TooManyTries => asked.alert = Some(Alert::bad(&visit, "alert.tries_heading", "alert.tries")),
        Refusal::NotGuestCheckout | Refusal::AccountRequired => {
            asked.alert = Some(Alert::bad(&visit, "alert.guests_heading", "alert.guests"));
        }
        Refusal::StoreCreditCannotFund => {
            asked.alert = Some(Alert::bad(&visit, "alert.refused_heading", "alert.credit"));
        }
        Refusal::EmailRequired => return visit.to(&visit.door.path("cart")),
        other => {
            tracing::info!(refusal = %other, order = %visit.order.number, "a page has no words of its own for this");
            asked.alert = Some(Alert::bad(&visit, "alert.refused_heading", "alert.refused"));
        }
    }
    turn::show(&visit, step, asked).await
}

/// A refused command keeps nothing. Today's prices are taken over by themselves, or the total that the page shows next
/// would be refused as this one was.
async fn take_over(visit: &mut Visit, actual: Amount) {
    let before = visit.before.clone();
    if let Place::Step(at) = visit.place()
        && visit.order.total() != actual
    {
        visit.ask(Command::Walk(Box::new(Walk { to: WalkTo::Step(at), ..Walk::default() }))).await;
        visit.before = before;
    }
}

fn steps_seen(said: &Params) -> Option<Amount> {
    said.text("total").and_then(|text| text.parse().ok()).map(Amount)
}

/// No answer to the command.
pub async fn trouble(visit: Visit, step: Step, said: Params, outcome: Outcome) -> Response {
    let (alert, status) = match outcome {
        Outcome::Waiting => return visit.onward(),
        Outcome::Busy => {
            (Alert::bad(&visit, "alert.busy_heading", "alert.busy"), StatusCode::SERVICE_UNAVAILABLE)
        }
        _ => (
            Alert::bad(&visit, "alert.refused_heading", "alert.we_failed"),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    };
    turn::show(&visit, step, Asked { alert: Some(alert), status, ..Asked::again(&said) }).await
}
