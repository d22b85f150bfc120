//! Accounts. Buyers see and change their own; anybody else's does not exist for them.
//!
//! A password is hashed before anything is stored, and the hash never leaves the store.

use super::base::{Answer, Call, no_content, reply};
use super::columns;
use super::fields::Fields;
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::read::{self, address, metadata, nested};
use crate::apis::spree_family::refuse::{About, Fields as Errors, Refused, field_errors};
use crate::apis::spree_family::views;
use crate::kit::filter_value::FieldValue;
use crate::kit::{Value, password};
use domain::address::{Address, AddressFields};
use domain::catalog::StockView;
use domain::catalog::edit::Patch;
use domain::command::Metadata;
use domain::refusal::{FieldError, Rule};
use domain::user::User;
use domain::{AddressId, UserId};
use engine::ports::{Commit, CommitError, OrderColumn, OrderFilter, OrderQuery, Test, UserKey, UserPut};
use engine::{Desk, WriteScope, Written};
use std::sync::Arc;

const ATTRIBUTES: &[&str] = &[
    "email",
    "password",
    "password_confirmation",
    "bill_address",
    "ship_address",
    "customer_metadata",
    "admin_metadata",
    "spree_role_ids",
];
/// Addresses in one book.
pub const ADDRESSES: usize = 200;
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=128;

pub async fn index(call: Call) -> Answer {
    let users = match call.user() {
        Some(own) if !call.is_staff() => vec![Arc::clone(own)],
        Some(_) => call.app.engine.users().await.map_err(|error| call.trouble(&error))?,
        None => Vec::new(),
    };
    let none = StockView::default();
    let lens = call.lens(&none);
    let rows = users.iter().map(|user| &**user).filter(|user| is_person(user));
    call.search("users", rows, &columns::USER.of(call.dialect()), column, |user| views::user(user, &lens))
}

fn column<'a>(user: &'a User, name: &str) -> Option<FieldValue<'a>> {
    let book =
        |value: fn(&Address) -> FieldValue<'_>| FieldValue::Any(user.addresses.iter().map(value).collect());
    Some(match name {
        "id" => FieldValue::Int(user.id.0),
        "email" => user.email.as_str().into(),
        "created_at" => FieldValue::Time(user.created_at.0),
        "updated_at" => FieldValue::Time(user.updated_at.0),
        "addresses_id" => book(|address| FieldValue::Int(address.id.0)),
        "spree_roles_name" => FieldValue::Any(user.roles.iter().map(|role| role.as_str().into()).collect()),
        // An account has no name but those in its address book.
        _ => book(|address| address.fields.name.as_str().into()),
    })
}

pub async fn show(call: Call) -> Answer {
    let user = find(&call).await?;
    Ok(call.json(200, &views::user(&user, &call.lens(&StockView::default()))))
}

pub async fn create(mut call: Call) -> Answer {
    let said = Said::read(&mut call).await?;
    let build = |desk: &Desk<'_>| {
        let id = UserId::fresh(desk.ids);
        let user = User::account(id, String::new(), desk.now);
        said.write(user, desk)
    };
    write(&call, WriteScope::Nothing, 201, build).await
}

pub async fn update(mut call: Call) -> Answer {
    let id = find(&call).await?.id;
    let said = Said::read(&mut call).await?;
    let build = |desk: &Desk<'_>| match &desk.user {
        Some(user) => said.write(User::clone(user), desk),
        None => Err(Refused::not_found()),
    };
    write(&call, WriteScope::User(UserKey::Id(id)), 200, build).await
}

/// Whoever has ordered stays on record.
pub async fn destroy(call: Call) -> Answer {
    let id = find(&call).await?.id;
    if !call.dialect().lets_people_go() {
        call.staff_only()?;
    }
    let complete = OrderFilter { columns: vec![OrderColumn::CompletedAt], test: Test::IsNotNull };
    let filters = if call.dialect().carts_keep_accounts() { Vec::new() } else { vec![complete] };
    let orders = OrderQuery { customer: Some(id), filters, limit: 1, ..OrderQuery::default() };
    if call.app.engine.orders(&orders).await.map_err(|error| call.trouble(&error))?.total > 0 {
        return Err(call.dialect().has_ordered());
    }
    let build = |desk: &Desk<'_>| match &desk.user {
        Some(user) => Ok((Commit { removed_user: Some(user.id), ..Commit::default() }, ())),
        None => Err(Refused::not_found()),
    };
    let answer = |written: Written<'_, (), Refused>| match written {
        Written::Done { .. } => no_content(),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(CommitError::Duplicate(_)) => call.dialect().has_ordered().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::User(UserKey::Id(id)), call.once, build, answer).await)
}

/// The account of the path, if the caller may see it.
///
/// # Errors
/// 404, also for somebody else's.
pub async fn find(call: &Call) -> Result<Arc<User>, Refused> {
    let id = UserId(call.id("id")?);
    if !call.is_staff() && !call.is(id) {
        return Err(Refused::not_found());
    }
    user(call, id).await
}

pub async fn user(call: &Call, id: UserId) -> Result<Arc<User>, Refused> {
    let found = call.app.engine.user(&UserKey::Id(id)).await.map_err(|error| call.trouble(&error))?;
    found.filter(|user| is_person(user)).ok_or_else(Refused::not_found)
}

/// Accounts of people: neither contacts of orders, nor keys of programs.
fn is_person(user: &User) -> bool {
    !user.is_contact && !user.is_program()
}

async fn write(
    call: &Call,
    scope: WriteScope,
    status: u16,
    build: impl Fn(&Desk<'_>) -> Result<(Commit, Arc<User>), Refused> + Send + Sync,
) -> Answer {
    let none = StockView::default();
    let answer = |written: Written<'_, Arc<User>, Refused>| match written {
        Written::Done { value, .. } => reply(status, &views::user(value, &call.lens(&none))),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(scope, call.once, build, answer).await)
}

/// A changed user as a commit; the version goes up by one.
pub fn put(mut user: User, desk: &Desk<'_>) -> (Commit, Arc<User>) {
    let expected = user.version;
    user.version += 1;
    user.updated_at = desk.now;
    let user = Arc::new(user);
    let commit = Commit { user: Some(UserPut { user: Arc::clone(&user), expected }), ..Commit::default() };
    (commit, user)
}

/// What a request says of an account.
struct Said {
    dialect: Dialect,
    email: Patch<String>,
    /// The hash, not the password.
    password_hash: Option<String>,
    bill_address: Option<Value>,
    ship_address: Option<Value>,
    metadata: Metadata,
}

impl Said {
    async fn read(call: &mut Call) -> Result<Said, Refused> {
        call.params.wrap("user", ATTRIBUTES);
        // Taken out of the tree, so that it is nowhere else from here on.
        let typed = call.params.take(&["user", "password"]);
        let again = call.params.take(&["user", "password_confirmation"]);
        let given = call.params.get("user").and_then(Value::map).cloned().unwrap_or_default();
        if given.is_empty() && typed.is_none() {
            return Err(call.missing_param("user"));
        }
        let fields = Fields(call.params.get("user"));
        let is_new = call.params.get("id").is_none();
        let errors = faults(fields, typed.as_ref(), again.as_ref(), is_new);
        if !errors.is_empty() {
            return Err(Refused::invalid(errors));
        }
        let email = match fields.text("email") {
            Patch::Set(email) => Patch::Set(email.trim().to_lowercase()),
            other => other,
        };
        let metadata = metadata(&given, call.is_staff());
        let bounded = |map: &Option<serde_json::Map<String, serde_json::Value>>| {
            map.as_ref().is_none_or(|map| {
                serde_json::to_vec(map).is_ok_and(|bytes| bytes.len() <= domain::limits::METADATA_BYTES)
            })
        };
        if !bounded(&metadata.customer) || !bounded(&metadata.admin) {
            let rule = Rule::TooLong { maximum: domain::limits::METADATA_BYTES };
            return Err(read::invalid(About::Address, "metadata", rule));
        }
        let typed = typed.as_ref().and_then(Value::text).filter(|text| !text.is_empty()).map(str::to_owned);
        let password_hash = match typed {
            None => None,
            Some(typed) => Some(password::hash(typed).await.map_err(|error| {
                tracing::error!(%error, "a password could not be hashed");
                Refused::unavailable()
            })?),
        };
        let part = |name: &str| nested(&given, name).cloned();
        Ok(Said {
            dialect: call.dialect(),
            email,
            password_hash,
            bill_address: part("bill_address"),
            ship_address: part("ship_address"),
            metadata,
        })
    }

    fn write(&self, mut user: User, desk: &Desk<'_>) -> Result<(Commit, Arc<User>), Refused> {
        self.email.clone().write_or_default(&mut user.email);
        if let Some(hash) = &self.password_hash {
            user.password_hash = Some(hash.clone());
        }
        if let Some(metadata) = &self.metadata.customer {
            user.customer_metadata = metadata.clone();
        }
        if let Some(metadata) = &self.metadata.admin {
            user.admin_metadata = metadata.clone();
        }
        if let Some(id) = self.keep_address(&mut user, self.bill_address.as_ref(), "bill_address", desk)? {
            user.bill_default = Some(id);
        }
        if let Some(id) = self.keep_address(&mut user, self.ship_address.as_ref(), "ship_address", desk)? {
            user.ship_default = Some(id);
        }
        Ok(put(user, desk))
    }

    fn keep_address(
        &self,
        user: &mut User,
        given: Option<&Value>,
        name: &str,
        desk: &Desk<'_>,
    ) -> Result<Option<AddressId>, Refused> {
        let geography = &desk.catalog.settings.geography;
        let fields = given.map(|given| address(given, None, geography)).transpose()?.flatten();
        let Some(fields) = fields else { return Ok(None) };
        remember(user, fields, name, desk, self.dialect).map(Some)
    }
}

/// Puts an address into the book; one that is there already keeps its id.
pub fn remember(
    user: &mut User,
    mut fields: AddressFields,
    within: &str,
    desk: &Desk<'_>,
    dialect: Dialect,
) -> Result<AddressId, Refused> {
    let geography = &desk.catalog.settings.geography;
    fields.resolve_state(geography);
    let errors: Vec<FieldError> = fields.errors(geography);
    if !errors.is_empty() {
        let errors =
            errors.into_iter().map(|error| if within.is_empty() { error } else { error.within(within) });
        let errors: Vec<FieldError> = errors.collect();
        // Only a lone address tells its errors without a prefix.
        let about = if within.is_empty() { About::Address } else { About::Order };
        return Err(Refused::invalid(field_errors(&errors, about, dialect)));
    }
    let known = user.addresses.iter().find(|known| known.fields == fields).map(|known| known.id);
    if known.is_none() && user.addresses.len() >= ADDRESSES {
        return Err(Refused::invalid_base("There are too many addresses."));
    }
    Ok(known.unwrap_or_else(|| user.remember(&Address { id: AddressId::fresh(desk.ids), fields })))
}

fn faults(fields: Fields<'_>, typed: Option<&Value>, again: Option<&Value>, is_new: bool) -> Errors {
    let mut errors = Errors::default();
    match fields.text("email") {
        Patch::Set(email) if !is_email(email.trim()) => errors.add("email", "is invalid"),
        Patch::Clear => errors.add("email", "can't be blank"),
        Patch::Keep if is_new => errors.add("email", "can't be blank"),
        Patch::Set(_) | Patch::Keep => {}
    }
    let text = typed.and_then(Value::text).unwrap_or_default();
    match text.chars().count() {
        0 if is_new || typed.is_some() => errors.add("password", "can't be blank"),
        0 => {}
        short if short < *PASSWORD.start() => {
            errors.add("password", format!("is too short (minimum is {} characters)", PASSWORD.start()));
        }
        long if long > *PASSWORD.end() => {
            errors.add("password", format!("is too long (maximum is {} characters)", PASSWORD.end()));
        }
        _ => {}
    }
    if again.is_some_and(|again| again.text().unwrap_or_default() != text) {
        errors.add("password_confirmation", "doesn't match Password");
    }
    errors
}

/// One `@` with something on both sides, no white space, and no longer than mail allows.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    let is_plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    is_plain && parts.is_some_and(|(name, host)| !name.is_empty() && !host.contains('@') && is_host(host))
}

fn is_host(host: &str) -> bool {
    host.contains('.') && host.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn addresses_of_mail_have_two_sides() {
        for good in ["a@b.co", "ada.lovelace+x@example.com", "ü@example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "a@", "@b.co", "a@b", "a@b..co", "a b@c.co", "a@b@c.co", "a@b.co\n"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
