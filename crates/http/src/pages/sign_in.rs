//! Signing in on the step that asks for the e-mail address: who is known by it proves it with a code that was mailed;
//! who is not goes on to say their name. Where guests may order, the same page is a door beside the cart, which nobody has
//! to take.
//!
//! Only a hash of the code is kept, on the order, so that it outlives a restart. Codes are bounded for each order by the
//! domain and for each address by the postman. A page never says more of an address than whether it asks for a code.

use super::act;
use super::ask::Outcome;
use super::channel::name_of;
use super::form::Problem;
use super::place::Place;
use super::postman::Postman;
use super::problems::Sent;
use super::turn::{self, Alert, Asked};
use super::visit::Visit;
use crate::kit::Params;
use axum::http::StatusCode;
use axum::response::Response;
use domain::UserId;
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{Command, GuestEdit, OrderEdit, SignInStep, StepData, TicketingEdit, Walk};
use domain::order::{CheckoutMode, Order, SignIn};
use domain::refusal::Refusal;
use domain::ticketing;
use domain::user::{self, User};
use engine::Trouble;
use engine::outbox::{Mail, MailKind};
use engine::ports::UserKey;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Buttons beside the way on.
pub const AGAIN: &str = "again";
pub const OTHER: &str = "other";

/// The note of a cart whose buyer was not known.
pub const UNKNOWN: &str = "unknown";

/// How long a code is on its way before another one may be asked for.
const AGAIN_SECONDS: i64 = 30;

/// Whether the buyer is asked who they are by steps of their own: the order says so, or guests may not order.
pub fn asks_who(order: &Order, catalog: &Catalog) -> bool {
    let closed = || ticketing::customization(order, catalog).is_some_and(|row| !row.guest_checkout);
    order.ticketing.mode == CheckoutMode::Standard || closed()
}

/// Whether the order's customer proved on these pages who they are: then they are shown what is theirs.
pub fn is_proved(order: &Order) -> bool {
    let said = order.ticketing.sign_in.as_ref();
    said.is_some_and(|said| !said.awaits_code() && said.account.is_some() && said.account == order.customer)
}

/// The same page is open beside the cart: for whom the checkout does not ask, and who is nobody yet, or proved it here.
pub fn is_beside(visit: &Visit) -> bool {
    let order = &visit.order;
    visit.pages.postman.is_some()
        && visit.place() == Place::Cart
        && !order.lines.is_empty()
        && !asks_who(order, &visit.catalog)
        && (order.customer.is_none() || is_proved(order))
}

/// What the cart says of signing in.
pub enum SignInDoor {
    /// Where it is.
    Open(String),
    /// As whom somebody is signed in.
    Passed(String),
}

pub fn door(visit: &Visit) -> Option<SignInDoor> {
    let known = visit.order.ticketing.sign_in.as_ref().filter(|_| is_proved(&visit.order));
    is_beside(visit).then(|| match known {
        Some(known) => SignInDoor::Passed(visit.door.lang.with("cart.signed_in", "email", &known.email)),
        None => SignInDoor::Open(visit.door.path(name_of(Step::Email))),
    })
}

/// The page asks for a code, and not for an address.
pub fn asks_code<'a>(order: &'a Order, said: Option<&Params>) -> Option<&'a SignIn> {
    let another = said.is_some_and(|said| said.text("do") == Some(OTHER) || said.get("email").is_some());
    order.ticketing.sign_in.as_ref().filter(|known| known.awaits_code() && !another)
}

pub async fn press(visit: Visit, said: Params) -> Response {
    let button = said.text("do").unwrap_or("go");
    match button {
        OTHER => turn::show(&visit, Step::Email, Asked::again(&said)).await,
        AGAIN if code_is_young(&visit) => {
            let text = visit.door.lang.say("code.wait").to_owned();
            let alert = Some(Alert { kind: "warn", heading: String::new(), text });
            let status = StatusCode::TOO_MANY_REQUESTS;
            turn::show(&visit, Step::Email, Asked { alert, status, ..Asked::default() }).await
        }
        AGAIN => {
            let email = visit.order.email.clone().unwrap_or_default();
            ask(visit, said, email).await
        }
        _ if asks_code(&visit.order, Some(&said)).is_some() => prove(visit, said).await,
        _ => {
            let email = said.text("email").unwrap_or_default().trim().to_owned();
            let known = visit.order.ticketing.sign_in.as_ref();
            let same = known.is_some_and(|known| known.settles(Some(&email)))
                && user::contact(visit.order.email.as_deref()) == user::contact(Some(&email));
            match same {
                true if is_beside(&visit) => visit.to(&visit.door.path("cart")),
                true => act::submit(visit, Step::Email, said).await,
                false => ask(visit, said, email).await,
            }
        }
    }
}

/// The code that was sent last may still be on its way.
fn code_is_young(visit: &Visit) -> bool {
    let waiting = visit.order.ticketing.sign_in.as_ref().filter(|known| known.awaits_code());
    let last = waiting.and_then(|known| known.asked.last());
    last.is_some_and(|at| visit.now < at.plus_seconds(AGAIN_SECONDS))
}

/// An address was given, or another code is wanted.
async fn ask(mut visit: Visit, said: Params, email: String) -> Response {
    let postman = visit.pages.postman.clone();
    let found = match (&postman, user::contact(Some(&email))) {
        (Some(postman), Some(contact)) if postman.may_write(&contact, visit.now) => {
            known(&visit, contact).await
        }
        (Some(_), Some(_)) => return act::refused_at(visit, said, Refusal::TooManyTries).await,
        // Nobody can prove anything where no mail is sent: everybody says who they are.
        _ => Ok(None),
    };
    let found = match found {
        Ok(found) => found,
        Err(trouble) => return super::answer::broken(&visit.pages, &trouble),
    };
    let mut drawn = [0; 24];
    visit.pages.app.engine.entropy().fill(&mut drawn);
    let code = code_of(drawn);
    let seal = seal(&visit.order, &email, &code);
    let step = SignInStep::Ask { email: email.clone(), known: found.map(|account| (account, seal)) };
    let (stood, beside) = (visit.place(), is_beside(&visit));
    match visit.ask(command(step, beside)).await {
        Outcome::Done => {}
        Outcome::Refused(refusal) => {
            return act::refused(visit, Step::Email, said, refusal, &Sent::default()).await;
        }
        other => return act::trouble(visit, Step::Email, said, other).await,
    }
    if let (Some(_), Some(postman)) = (found, postman)
        && !sent(&visit, &postman, email, code, drawn).await
    {
        let alert = Some(Alert::bad(&visit, "code.not_sent_heading", "code.not_sent"));
        let asked = Asked { alert, status: StatusCode::SERVICE_UNAVAILABLE, ..Asked::default() };
        return turn::show(&visit, Step::Email, asked).await;
    }
    match (beside, found) {
        (true, Some(_)) => return visit.to(&visit.door.path(name_of(Step::Email))),
        (true, None) => return visit.to(&visit.door.path_and("cart", &[("note", UNKNOWN)])),
        (false, _) => {}
    }
    act::forward(&mut visit, stood).await;
    visit.onward()
}

/// Data of the step where it is one, else a change to the order: beside the cart there is no step to take.
fn command(step: SignInStep, beside: bool) -> Command {
    if beside {
        let edit = TicketingEdit { sign_in: Some(step), ..TicketingEdit::default() };
        return Command::Edit(Box::new(OrderEdit {
            ticketing: Some(Box::new(edit)),
            ..OrderEdit::default()
        }));
    }
    let submit = Some((Step::Email, StepData::SignIn(step)));
    Command::Walk(Box::new(Walk { submit, ..Walk::default() }))
}

/// Who is known by an address: with an account, or from an order.
async fn known(visit: &Visit, contact: String) -> Result<Option<UserId>, Trouble> {
    let engine = &visit.pages.app.engine;
    if let Some(user) = engine.user(&UserKey::Email(contact.clone())).await? {
        return Ok(Some(user.id));
    }
    let found = engine.store().contacts(std::slice::from_ref(&contact)).await?;
    Ok(found.get(&contact).copied())
}

async fn sent(visit: &Visit, postman: &Postman, to: String, code: String, drawn: [u8; 24]) -> bool {
    let mut id = format!("{}.code.", visit.order.id);
    for byte in &drawn[8..16] {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    let mail = Mail {
        to,
        code,
        language: Some(visit.door.lang.code().to_owned()),
        ..Mail::to_buyer(MailKind::Code, id, &visit.order, &visit.catalog)
    };
    match postman.send(&mail).await {
        Ok(()) => true,
        Err(reason) => {
            tracing::warn!(%reason, order = %visit.order.number, "a code could not be mailed");
            false
        }
    }
}

/// A code was typed.
async fn prove(mut visit: Visit, said: Params) -> Response {
    let code: String =
        said.text("code").unwrap_or_default().chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if code.is_empty() {
        let problems = vec![Problem::new("code", visit.door.lang.say("problem.code_blank"))];
        let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
        return turn::show(&visit, Step::Email, asked).await;
    }
    let known = visit.order.ticketing.sign_in.as_ref();
    let email = known.map(|known| known.email.clone()).unwrap_or_default();
    let user = match known.and_then(|known| known.account) {
        Some(id) => visit.pages.app.engine.user(&UserKey::Id(id)).await,
        None => Ok(None),
    };
    let user = match user {
        Ok(user) => user,
        Err(trouble) => return super::answer::broken(&visit.pages, &trouble),
    };
    let step =
        SignInStep::Prove { seal: seal(&visit.order, &email, &code), name: usual_name(user.as_deref()) };
    let (stood, beside) = (visit.place(), is_beside(&visit));
    match visit.ask(command(step, beside)).await {
        Outcome::Done if beside => visit.to(&visit.door.path("cart")),
        Outcome::Done => {
            act::forward(&mut visit, stood).await;
            visit.onward()
        }
        Outcome::Refused(refusal) => act::refused(visit, Step::Email, said, refusal, &Sent::default()).await,
        other => act::trouble(visit, Step::Email, said, other).await,
    }
}

/// The name on the buyer's usual address.
fn usual_name(user: Option<&User>) -> GuestEdit {
    let address = user.and_then(|user| {
        let usual = user.bill_default.or(user.ship_default);
        user.addresses.iter().find(|address| Some(address.id) == usual).or(user.addresses.first())
    });
    let Some((first, last)) = address.map(|address| address.fields.split_name()) else {
        return GuestEdit::default();
    };
    GuestEdit { first_name: Some(first), last_name: Some(last), ..GuestEdit::default() }
}

/// Six digits out of eight random bytes: so many that none is likelier than another by anything to speak of.
fn code_of(drawn: [u8; 24]) -> String {
    let mut first = [0; 8];
    first.copy_from_slice(&drawn[..8]);
    format!("{:06}", u64::from_be_bytes(first) % 1_000_000)
}

/// What is kept of a code: a hash that is good for this order and this address alone.
fn seal(order: &Order, email: &str, code: &str) -> [u8; 32] {
    let email = user::contact(Some(email)).unwrap_or_default();
    Sha256::new()
        .chain_update(b"a code to sign in with\0")
        .chain_update(order.secret.0)
        .chain_update(order.id.0.to_be_bytes())
        .chain_update(email.as_bytes())
        .chain_update([0])
        .chain_update(code.as_bytes())
        .finalize()
        .into()
}
