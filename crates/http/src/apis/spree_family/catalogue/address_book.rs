//! A user's address book, which only Solidus has. The answer to every request is the whole book, the default address first.

use super::base::{Answer, Call, reply};
use super::users;
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::read::address;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views;
use crate::kit::Value;
use domain::catalog::Geography;
use domain::user::User;
use domain::{AddressId, UserId};
use engine::ports::{Commit, UserKey};
use engine::{Desk, WriteScope, Written};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    address: views::AddressView<'a>,
    default: bool,
    /// The address the request was about; not there when it was about none.
    #[serde(skip_serializing_if = "Option::is_none")]
    update_target: Option<bool>,
}

pub async fn show(call: Call) -> Answer {
    let user = owner(&call).await?;
    Ok(call.json(200, &book(&user, None, &call.catalog.settings.geography)))
}

/// Adds an address, or changes the one with the given `id`; `default` makes it the one goods go to.
pub async fn update(call: Call) -> Answer {
    let id = owner(&call).await?.id;
    let given = call.params.get("address_book").filter(|given| !given.is_blank()).cloned();
    let given = given.ok_or_else(|| call.missing_param("address_book"))?;
    let build = |desk: &Desk<'_>| -> Result<(Commit, (Arc<User>, AddressId)), Refused> {
        let mut user = desk.user.as_deref().cloned().ok_or_else(Refused::not_found)?;
        let target = keep(&mut user, &given, desk)?;
        let (commit, user) = users::put(user, desk);
        Ok((commit, (user, target)))
    };
    let geography = &call.catalog.settings.geography;
    let answer = |written: Written<'_, (Arc<User>, AddressId), Refused>| match written {
        Written::Done { value: (user, target), .. } => reply(200, &book(user, Some(*target), geography)),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::User(UserKey::Id(id)), call.once, build, answer).await)
}

pub async fn destroy(call: Call) -> Answer {
    let id = owner(&call).await?.id;
    let address = AddressId(call.params.get("address_id").and_then(Value::integer).unwrap_or(0));
    let build = |desk: &Desk<'_>| -> Result<(Commit, Arc<User>), Refused> {
        let mut user = desk.user.as_deref().cloned().ok_or_else(Refused::not_found)?;
        user.address(Some(address)).ok_or_else(Refused::not_found)?;
        forget(&mut user, address);
        Ok(users::put(user, desk))
    };
    let geography = &call.catalog.settings.geography;
    let answer = |written: Written<'_, Arc<User>, Refused>| match written {
        Written::Done { value, .. } => reply(200, &book(value, None, geography)),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::User(UserKey::Id(id)), call.once, build, answer).await)
}

/// A changed address gets a new id, because orders may show the old one.
fn keep(user: &mut User, given: &Value, desk: &Desk<'_>) -> Result<AddressId, Refused> {
    let before = given.get("id").and_then(Value::integer).map(AddressId);
    let known = match before {
        Some(id) => Some(user.address(Some(id)).ok_or_else(Refused::not_found)?.fields.clone()),
        None => None,
    };
    let geography = &desk.catalog.settings.geography;
    let fields = address(given, known.as_ref(), geography)?.unwrap_or_default();
    let target = users::remember(user, fields, "", desk, Dialect::Solidus)?;
    let (was_bill, was_ship) = (user.bill_default == before, user.ship_default == before);
    if let Some(id) = before.filter(|id| *id != target) {
        forget(user, id);
        user.bill_default = if was_bill { Some(target) } else { user.bill_default };
        user.ship_default = if was_ship { Some(target) } else { user.ship_default };
    }
    let flag = |name: &str| given.get(name).and_then(Value::flag);
    match flag("default") {
        Some(true) => user.ship_default = Some(target),
        Some(false) if user.ship_default == Some(target) => user.ship_default = None,
        Some(false) | None => {}
    }
    if flag("default_billing") == Some(true) {
        user.bill_default = Some(target);
    }
    Ok(target)
}

fn forget(user: &mut User, id: AddressId) {
    user.addresses.retain(|address| address.id != id);
    user.bill_default = user.bill_default.filter(|default| *default != id);
    user.ship_default = user.ship_default.filter(|default| *default != id);
}

/// The user of the path, if the book is the caller's to open.
async fn owner(call: &Call) -> Result<Arc<User>, Refused> {
    let id = UserId(call.id("id")?);
    let user = users::user(call, id).await?;
    if call.is_staff() || call.is(id) { Ok(user) } else { Err(Refused::not_permitted()) }
}

fn book<'a>(user: &'a User, target: Option<AddressId>, geography: &'a Geography) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = user.addresses.iter().collect();
    entries.sort_by_key(|address| (user.ship_default != Some(address.id), std::cmp::Reverse(address.id)));
    let entry = |address: &'a domain::address::Address| Entry {
        address: views::address(address, geography, Dialect::Solidus),
        default: user.ship_default == Some(address.id),
        update_target: target.map(|target| target == address.id),
    };
    entries.into_iter().map(entry).collect()
}
