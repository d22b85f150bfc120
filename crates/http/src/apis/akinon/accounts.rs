//! Logging in, registering, and who is logged in: as much as the storefront's own client asks for.
//!
//! Logging in gives the browser a new session, so that nobody can hand theirs to somebody else, and the guest's baskets go
//! along. Which account a session belongs to is kept under the session's hash, where no other API looks for keys.

use super::baskets;
use super::call::{Answered, Call, LoginCall};
use super::check::{Form, Need};
use super::refuse::{Refused, WHOLE};
use super::tongue::Say;
use super::views;
use crate::kit::{Value, password};
use axum::http::Method;
use domain::channel::ChannelKey;
use domain::command::{Command, OrderEdit};
use domain::limits::TEXT;
use domain::order::SessionHash;
use domain::user::{Actor, User, Who};
use domain::{Time, UserId};
use engine::ports::{Commit, CommitError, UserKey, UserPut};
use engine::{Ask, Desk, Reply, Target, WriteScope, Written};
use serde_json::json;
use std::sync::Arc;

/// Characters of a password.
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=128;

/// What is kept of a registration beside address and password.
const SAID: [&str; 5] = ["first_name", "last_name", "phone", "gender", "date_of_birth"];
const ALLOWED: [&str; 2] = ["email_allowed", "sms_allowed"];

/// `GET /current_user/`
pub async fn current(call: Call) -> Answered {
    match &call.user {
        Some(user) => Ok(call.json(200, &views::account(user))),
        None => Err(Refused::not_authenticated()),
    }
}

/// `POST /users/login/`
pub async fn log_in(LoginCall(mut call): LoginCall) -> Answered {
    let typed = call.body.take(&["password"]);
    let mut form = Form::new(call.body.root());
    // Either name will do; the usual one is asked for.
    let named = if call.body.get("email").is_none() && call.body.get("username").is_some() {
        "username"
    } else {
        "email"
    };
    let email = form.text(named, Need::Required, TEXT);
    let typed = password_of(&mut form, typed.as_ref(), 1);
    form.finish().map_err(|errors| call.fields(&errors))?;
    let (email, typed) = (email.unwrap_or_default().to_lowercase(), typed.unwrap_or_default());
    let user = call.app.engine.user(&UserKey::Email(email)).await.map_err(|error| call.trouble(&error))?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = match hash {
        Some(hash) => password::verify(typed, hash).await,
        // As much work as for an account that is there.
        None => password::hash(typed).await.map(|_| false),
    };
    match (user, right) {
        (Some(user), Ok(true)) => {
            enter(&mut call, user.id, &user.email).await?;
            let key = call.session.as_ref().map(|session| session.id().to_owned());
            Ok(call.json(200, &json!({ "key": key })))
        }
        _ => Err(call.field(WHOLE, Say::WrongLogin)),
    }
}

/// `GET|POST /users/logout/`: the browser goes on as a stranger, and the session it had opens the account no more. Whoever is
/// logged in nowhere is told the same.
pub async fn log_out(mut call: Call) -> Answered {
    let asked = call.incoming.method != Method::HEAD;
    if let (true, Some(session), Some(_)) = (asked, call.session.clone(), &call.user) {
        let gone = session.hash();
        let build =
            |_: &Desk<'_>| Ok::<_, Refused>((Commit { dropped_keys: vec![gone], ..Commit::default() }, ()));
        let answer = |written: Written<'_, (), Refused>| match written {
            Written::Done { .. } => Reply::new(200, "", Vec::new()),
            Written::Refused(refused) => refused.clone().into_reply(),
            Written::Failed(_) => Refused::unavailable().into_reply(),
        };
        let reply = call.app.engine.write(WriteScope::Nothing, None, build, answer).await;
        if reply.map_err(|error| call.trouble(&error))?.status != 200 {
            return Err(Refused::unavailable());
        }
        call.renew().await?;
    }
    Ok(call.json(200, &json!({ "detail": "Successfully logged out." })))
}

/// `POST /users/registration/`
pub async fn register(LoginCall(mut call): LoginCall) -> Answered {
    let typed = call.body.take(&["password"]);
    let mut form = Form::new(call.body.root());
    let email = form.email("email");
    let typed = password_of(&mut form, typed.as_ref(), *PASSWORD.start());
    let mut said = serde_json::Map::new();
    for name in SAID {
        if let Some(text) = form.text(name, Need::Optional, TEXT) {
            said.insert(name.to_owned(), text.into());
        }
    }
    for name in ALLOWED {
        let allowed = call.body.get(name).and_then(Value::flag);
        said.insert(name.to_owned(), allowed.unwrap_or(false).into());
    }
    form.finish().map_err(|errors| call.fields(&errors))?;
    let hash = password::hash(typed.unwrap_or_default()).await.map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Refused::unavailable()
    })?;
    let email = email.unwrap_or_default();
    let build = |desk: &Desk<'_>| {
        let mut user = blank(UserId::fresh(desk.ids), desk.now);
        user.email.clone_from(&email);
        user.password_hash = Some(hash.clone());
        user.customer_metadata = said.clone();
        let id = user.id;
        let user = Some(UserPut { user: Arc::new(user), expected: 0 });
        Ok::<_, Refused>((Commit { user, ..Commit::default() }, id))
    };
    let answer = |written: Written<'_, UserId, Refused>| match written {
        // Only the id is wanted here; the answer itself follows.
        Written::Done { value, .. } => super::answer::json(201, &json!(value.0)),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(CommitError::EmailTaken) => call.field("email", Say::EmailTaken).into_reply(),
        Written::Failed(_) => Refused::unavailable().into_reply(),
    };
    let reply = call.app.engine.write(WriteScope::Nothing, None, build, answer).await;
    let reply = reply.map_err(|error| call.trouble(&error))?;
    let Ok(id) = serde_json::from_slice::<i64>(&reply.body) else { return Ok(super::refuse::respond(reply)) };
    enter(&mut call, UserId(id), &email).await?;
    let key = call.session.as_ref().map(|session| session.id().to_owned());
    Ok(call.json(201, &json!({ "key": key })))
}

/// Reads what was typed; it is nowhere else in the tree any more.
fn password_of(form: &mut Form<'_>, typed: Option<&Value>, least: usize) -> Option<String> {
    let text = match typed {
        None => {
            form.wrong("password", Say::Required);
            return None;
        }
        Some(Value::Text(text)) => text.clone(),
        Some(_) => {
            form.wrong("password", Say::NotText);
            return None;
        }
    };
    match text.chars().count() {
        0 => form.wrong("password", Say::Blank),
        short if short < least => form.wrong("password", Say::TooShort(least)),
        long if long > *PASSWORD.end() => form.wrong("password", Say::TooLong(*PASSWORD.end())),
        _ => return Some(text),
    }
    None
}

/// Makes the session one of this account: a new session, with the baskets of the old one.
async fn enter(call: &mut Call, id: UserId, email: &str) -> Result<(), Refused> {
    let baskets = baskets::all(call).await?;
    let session = call.renew().await?;
    let hash = session.hash();
    let build = |_: &Desk<'_>| Ok::<_, Refused>((Commit { keys: vec![(hash, id)], ..Commit::default() }, ()));
    let answer = |written: Written<'_, (), Refused>| match written {
        Written::Done { .. } => Reply::new(200, "", Vec::new()),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(_) => Refused::unavailable().into_reply(),
    };
    let reply = call.app.engine.write(WriteScope::Nothing, None, build, answer).await;
    if reply.map_err(|error| call.trouble(&error))?.status != 200 {
        return Err(Refused::unavailable());
    }
    for basket in baskets {
        let edit = OrderEdit {
            session: Some(SessionHash(hash)),
            customer: Some(id),
            customer_email: Some(email.to_owned()),
            ..OrderEdit::default()
        };
        // The server itself hands the basket over; its new owner has just shown their password.
        let actor = Actor { who: Who::System, via: ChannelKey::new(super::channel::NAME) };
        let command = Command::Edit(Box::new(edit));
        let ask = Ask::new(Target::Order(basket.id), command, actor, |_| Reply::new(200, "", Vec::new()));
        // A basket that is being paid for at this moment stays where it is.
        if let Err(trouble) = call.app.engine.execute(ask).await {
            tracing::warn!(%trouble, "a basket could not be handed over");
        }
    }
    Ok(())
}

fn blank(id: UserId, now: Time) -> User {
    User { version: 1, ..User::account(id, String::new(), now) }
}
