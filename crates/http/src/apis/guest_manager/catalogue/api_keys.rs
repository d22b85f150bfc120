//! API keys: made and revoked by staff. A key is shown in the answer that makes it and never again; what is kept is
//! its SHA-256.
//!
//! A key made here is an account of its own, which is no person's: its roles are what the key is good for, and to
//! revoke it is to remove the account. Keys that the store file declares belong to people or applications: they are listed
//! by their owner, and changed and revoked in the file alone.

use super::fields::Fields;
use super::sift;
use crate::apis::guest_manager::answer::Manner;
use crate::apis::guest_manager::auth::{READ_ROLE, WRITE_ROLE};
use crate::apis::guest_manager::call::{Answered, Call, StaffCall};
use crate::apis::guest_manager::list::{PAGE_SIZE, Part, list};
use crate::apis::guest_manager::refuse::{JSON, Refused, respond};
use crate::apis::guest_manager::views::time;
use crate::kit::{Map, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::card_number::never_a_card;
use domain::user::User;
use domain::{Entropy, UserId};
use engine::ports::{Commit, UserKey, UserPut};
use engine::{Desk, Once, Reply, WriteScope, Written};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How every key begins, so that people and scanners know one when they see it.
const PREFIX: &str = "gm_";
/// Characters of a key that are kept to tell it by.
const HINT: usize = 8;
/// Where an account keeps what is said about its key.
const ABOUT: &str = "api_key";
/// What a key may be allowed, and the role that allows it.
const PERMISSIONS: [(&str, &str); 3] = [("read", READ_ROLE), ("write", WRITE_ROLE), ("admin", "admin")];

pub async fn index(StaffCall(call): StaffCall) -> Answered {
    let users = call.app.engine.users().await.map_err(|error| Refused::trouble(&error))?;
    let declared = declared(&call).await?;
    let rows = users.iter().filter_map(|user| match declared.contains(&user.id) {
        true => Some(declared_view(user)),
        false => user.is_program().then(|| view(user)),
    });
    let mut rows: Vec<Json> = rows.collect();
    sift::filter(&mut rows, &call.params, &["id", "name"], |_, _, _| None);
    sift::sort(&mut rows, &call.params);
    let part = Part::read(&call.params, PAGE_SIZE);
    list(&call, part, part.of(&rows), rows.len() as u64)
}

pub async fn show(StaffCall(call): StaffCall) -> Answered {
    let id = UserId(call.catalogue_id().ok_or_else(|| none(&call))?);
    if declared(&call).await?.contains(&id) {
        let user = call.app.engine.user(&UserKey::Id(id)).await.map_err(|error| Refused::trouble(&error))?;
        let user = user.ok_or_else(|| none(&call))?;
        return Ok(respond(call.manner.reply(200, &declared_view(&user))));
    }
    let user = find(&call).await?;
    Ok(respond(call.manner.reply(200, &view(&user))))
}

/// Whose keys the store file declares.
async fn declared(call: &Call) -> Result<Vec<UserId>, Refused> {
    call.app.engine.declared_keys().await.map_err(|error| Refused::trouble(&error))
}

/// Never kept for a replay, because the answer has the key in it: who has lost it makes another one.
pub async fn create(StaffCall(call): StaffCall) -> Answered {
    let map = wrapped(&call)?;
    let build = |desk: &Desk<'_>| {
        let mut user = User::contact(UserId::fresh(desk.ids), String::new(), desk.now);
        user.is_contact = false;
        // An address nobody can have, so that the account is one of a kind.
        user.email = format!("api-key-{}@keys.invalid", user.id);
        user.roles = vec![User::PROGRAM.to_owned()];
        edit(map, &mut user, None)?;
        let key = draw(desk.entropy);
        note(&mut user, "hint", key.get(..HINT).unwrap_or_default());
        let mut shown = view(&user);
        shown["key"] = json!(key);
        let keys = vec![(Sha256::digest(key.as_bytes()).into(), user.id)];
        let put = UserPut { user: Arc::new(user), expected: 0 };
        Ok((Commit { user: Some(put), keys, ..Commit::default() }, shown))
    };
    write(&call, WriteScope::Nothing, None, 201, build).await
}

pub async fn update(StaffCall(call): StaffCall) -> Answered {
    let id = find(&call).await?.id;
    let map = wrapped(&call)?;
    let build = |desk: &Desk<'_>| {
        let mut user = User::clone(desk.user.as_deref().ok_or_else(|| none(&call))?);
        edit(map, &mut user, Some(id.0))?;
        let expected = user.version;
        (user.version, user.updated_at) = (expected + 1, desk.now);
        let shown = view(&user);
        let put = UserPut { user: Arc::new(user), expected };
        Ok((Commit { user: Some(put), ..Commit::default() }, shown))
    };
    write(&call, WriteScope::User(UserKey::Id(id)), call.once, 200, build).await
}

pub async fn destroy(StaffCall(call): StaffCall) -> Answered {
    let id = find(&call).await?.id;
    let build = |_: &Desk<'_>| Ok((Commit { removed_user: Some(id), ..Commit::default() }, Json::Null));
    write(&call, WriteScope::User(UserKey::Id(id)), call.once, 204, build).await
}

async fn write(
    call: &Call,
    scope: WriteScope,
    once: Option<Once>,
    status: u16,
    build: impl Fn(&Desk<'_>) -> Result<(Commit, Json), Refused> + Send + Sync,
) -> Answered {
    let answer = |written: Written<'_, Json, Refused>| match written {
        Written::Done { .. } if status == 204 => Reply::new(204, JSON, Vec::new()),
        Written::Done { value, .. } => Manner::default().reply(status, value),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => {
            tracing::warn!(%error, "an API key could not be written");
            Refused::unavailable().into_reply()
        }
    };
    let reply = call.app.engine.write(scope, once, build, answer).await;
    reply.map(respond).map_err(|error| Refused::trouble(&error))
}

fn none(call: &Call) -> Refused {
    Refused::not_found("ApiKey", call.path("id"))
}

/// The account of a key that may be changed here. Other accounts of people do not exist here.
async fn find(call: &Call) -> Result<Arc<User>, Refused> {
    let id = UserId(call.catalogue_id().ok_or_else(|| none(call))?);
    if declared(call).await?.contains(&id) {
        return Err(Refused::declared_key());
    }
    let user = call.app.engine.user(&UserKey::Id(id)).await.map_err(|error| Refused::trouble(&error))?;
    user.filter(|user| user.is_program()).ok_or_else(|| none(call))
}

fn wrapped(call: &Call) -> Result<&Map, Refused> {
    let map = call.params.get("api_key").and_then(Value::map);
    map.ok_or_else(|| Refused::parameter_missing("api_key"))
}

fn edit(map: &Map, user: &mut User, id: Option<i64>) -> Result<(), Refused> {
    let fields = Fields::new(map);
    let mut name = said(user, "name").unwrap_or_default().to_owned();
    fields.name("name", &mut name);
    note(user, "name", &name);
    match fields.get("permissions") {
        None if id.is_none() => fields.wrong("permissions", "blank", "can't be blank"),
        None => {}
        Some(value) => match roles(value) {
            Some(roles) => user.roles = roles,
            None => fields.wrong("permissions", "inclusion", "must name read, write or admin"),
        },
    }
    fields.finish("ApiKey", id)
}

/// The roles of an account whose key has these permissions; `None` if there are none, or one is unknown.
fn roles(value: &Value) -> Option<Vec<String>> {
    let named = value.list_or_one()?;
    let role = |value: &Value| {
        let known = PERMISSIONS.iter().find(|(name, _)| value.text() == Some(name));
        known.map(|(_, role)| (*role).to_owned())
    };
    let mut roles: Vec<String> = named.into_iter().map(role).collect::<Option<_>>()?;
    if roles.is_empty() {
        return None;
    }
    roles.sort();
    roles.dedup();
    roles.push(User::PROGRAM.to_owned());
    Some(roles)
}

/// Keeps something about the key, beside its hash.
fn note(user: &mut User, name: &str, value: &str) {
    let about = user.admin_metadata.entry(ABOUT).or_insert(Json::Null);
    if !about.is_object() {
        *about = json!({});
    }
    about[name] = json!(value);
}

fn said<'a>(user: &'a User, name: &str) -> Option<&'a str> {
    user.admin_metadata.get(ABOUT)?.get(name)?.as_str()
}

fn view(user: &User) -> Json {
    row(user, said(user, "name"), "api")
}

/// A key of the store file, by whose it is. Nothing of the key itself is known that could be shown.
fn declared_view(user: &User) -> Json {
    row(user, Some(&user.email), "store_file")
}

/// `source` is who made the key, and who can take it back: staff by this API, or the store file.
fn row(user: &User, name: Option<&str>, source: &str) -> Json {
    let has = |role: &str| user.roles.iter().any(|known| known == role);
    // Staff may do everything.
    let allowed = |role: &str| has(role) || (source == "store_file" && has("admin"));
    let permissions = PERMISSIONS.iter().filter(|(_, role)| allowed(role)).map(|(name, _)| *name);
    json!({
        "id": user.id,
        "name": name,
        "hint": said(user, "hint"),
        "source": source,
        "permissions": permissions.collect::<Vec<_>>(),
        "created_at": time(user.created_at),
        "updated_at": time(user.updated_at),
    })
}

/// 256 random bits; never what could be taken for a card number.
fn draw(entropy: &dyn Entropy) -> String {
    loop {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        if never_a_card(&key) {
            return key;
        }
    }
}
