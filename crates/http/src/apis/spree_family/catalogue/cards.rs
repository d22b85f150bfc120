//! Saved cards: those a gateway can charge again. Numbers are neither kept nor shown.

use super::base::{Answer, Call, reply};
use super::users;
use crate::apis::spree_family::read::{self, address};
use crate::apis::spree_family::refuse::{About, Refused};
use crate::apis::spree_family::views;
use crate::kit::Value;
use crate::kit::filter_value::FieldValue;
use domain::refusal::Rule;
use domain::user::{SavedCard, User};
use domain::{CardId, UserId};
use engine::ports::{Commit, UserKey};
use engine::{Desk, WriteScope, Written};
use std::sync::Arc;

pub async fn index(call: Call) -> Answer {
    let user = users::find(&call).await?;
    let geography = &call.catalog.settings.geography;
    let cards = user.wallet.iter().filter(|saved| saved.card.details.profile.is_some());
    let column = |saved: &'_ SavedCard, _: &str| Some(FieldValue::Int(saved.card.id.0));
    call.search("credit_cards", cards, &["id"], column, |saved| {
        views::saved_card(saved, geography, call.caller.dialect, call.is_staff())
    })
}

/// Name, expiry, address and default may change; a new number is a new card.
pub async fn update(call: Call) -> Answer {
    let id = CardId(call.id("id")?);
    let owner = owner(&call, id).await?;
    let given = call.params.get("credit_card").filter(|given| !given.is_blank()).cloned();
    let given = given.ok_or_else(|| call.missing_param("credit_card"))?;
    let build = |desk: &Desk<'_>| -> Result<(Commit, Arc<User>), Refused> {
        let mut user = desk.user.as_deref().cloned().ok_or_else(Refused::not_found)?;
        if given.get("default").and_then(Value::flag) == Some(true) {
            user.wallet.iter_mut().for_each(|saved| saved.is_default = saved.card.id == id);
        }
        let saved =
            user.wallet.iter_mut().find(|saved| saved.card.id == id).ok_or_else(Refused::not_found)?;
        write(saved, &given, desk)?;
        Ok(users::put(user, desk))
    };
    let geography = &call.catalog.settings.geography;
    let answer = |written: Written<'_, Arc<User>, Refused>| match written {
        Written::Done { value, .. } => match value.wallet.iter().find(|saved| saved.card.id == id) {
            Some(saved) => {
                reply(200, &views::saved_card(saved, geography, call.caller.dialect, call.is_staff()))
            }
            None => Refused::not_found().into_reply(),
        },
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::User(UserKey::Id(owner)), call.once, build, answer).await)
}

fn write(saved: &mut SavedCard, given: &Value, desk: &Desk<'_>) -> Result<(), Refused> {
    let details = &mut saved.card.details;
    if let Some(name) = given.get("name").and_then(Value::text) {
        if name.chars().count() > domain::limits::TEXT {
            return Err(read::invalid(
                About::Address,
                "name",
                Rule::TooLong { maximum: domain::limits::TEXT },
            ));
        }
        details.name = name.to_owned();
    }
    if let Some(month) = given.get("month") {
        let month = month
            .integer()
            .filter(|month| (1..=12).contains(month))
            .and_then(|month| u8::try_from(month).ok());
        details.month = month.ok_or_else(|| read::invalid(About::Address, "month", Rule::NotANumber))?;
    }
    if let Some(year) = given.get("year") {
        let year = year
            .integer()
            .filter(|year| (2000..=2200).contains(year))
            .and_then(|year| u16::try_from(year).ok());
        details.year = year.ok_or_else(|| read::invalid(About::Address, "year", Rule::NotANumber))?;
    }
    if let Some(given) = given.get("address_attributes").or_else(|| given.get("address")) {
        saved.address = address(given, saved.address.as_ref(), &desk.catalog.settings.geography)?;
    }
    Ok(())
}

/// Whose card it is.
///
/// # Errors
/// 404 if there is no such card, 401 if it is somebody else's.
async fn owner(call: &Call, id: CardId) -> Result<UserId, Refused> {
    let holds = |user: &User| user.wallet.iter().any(|saved| saved.card.id == id);
    if let Some(user) = call.user().filter(|user| holds(user)) {
        return Ok(user.id);
    }
    let users = call.app.engine.users().await.map_err(|error| call.trouble(&error))?;
    let owner = users.iter().find(|user| holds(user)).ok_or_else(Refused::not_found)?.id;
    if call.is_staff() { Ok(owner) } else { Err(Refused::not_permitted()) }
}
