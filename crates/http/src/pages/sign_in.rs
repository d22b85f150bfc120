//! Signing in on the step that asks for the e-mail address: who is known by it proves it with a code that was mailed;
//! who is not goes on to say their name.
//!
//! Only a hash of the code is kept, on the order, so that it outlives a restart. Codes are bounded for each order by the
//! domain and for each address by the postman. A page never says more of an address than whether it asks for a code.

use super::act;
use super::ask::Outcome;
use super::form::Problem;
use super::postman::{CodeMail, Postman};
use super::problems::Sent;
use super::turn::{self, Alert, Asked};
use super::visit::Visit;
use crate::kit::Params;
use axum::http::StatusCode;
use axum::response::Response;
use domain::UserId;
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{Command, GuestEdit, SignInStep, StepData, Walk};
use domain::order::{CheckoutMode, Order, SignIn};
use domain::refusal::Refusal;
use domain::ticketing;
use domain::user::{self, User};
use engine::Trouble;
use engine::ports::UserKey;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// Buttons beside the way on.
pub const AGAIN: &str = "again";
pub const OTHER: &str = "other";

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

/// The page asks for a code, and not for an address.
pub fn asks_code<'a>(order: &'a Order, said: Option<&Params>) -> Option<&'a SignIn> {
    let another = said.is_some_and(|said| said.text("do") == Some(OTHER) || said.get("email").is_some());
    order.ticketing.sign_in.as_ref().filter(|known| known.awaits_code() && !another)
}

pub async fn press(visit: Visit, said: Params) -> Response {
    let button = said.text("do").unwrap_or("go");
    match button {
        OTHER => turn::show(&visit, Step::Email, Asked::again(&said)).await,
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
            if same { act::submit(visit, Step::Email, said).await } else { ask(visit, said, email).await }
        }
    }
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
    let stood = visit.place();
    match visit.ask(walk(step)).await {
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
    act::forward(&mut visit, stood).await;
    visit.onward()
}

fn walk(step: SignInStep) -> Command {
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
    let mail = CodeMail {
        id,
        to,
        code,
        order: Arc::clone(&visit.order),
        catalog: Arc::clone(&visit.catalog),
        language: visit.door.lang.code(),
    };
    match postman.send(mail).await {
        Ok(()) => true,
        Err(reason) => {
            tracing::warn!(reason, order = %visit.order.number, "a code could not be mailed");
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
    let step = SignInStep::Prove { seal: seal(&visit.order, &email, &code), name: name_of(user.as_deref()) };
    let stood = visit.place();
    match visit.ask(walk(step)).await {
        Outcome::Done => {
            act::forward(&mut visit, stood).await;
            visit.onward()
        }
        Outcome::Refused(refusal) => act::refused(visit, Step::Email, said, refusal, &Sent::default()).await,
        other => act::trouble(visit, Step::Email, said, other).await,
    }
}

/// The name on the buyer's usual address.
fn name_of(user: Option<&User>) -> GuestEdit {
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
