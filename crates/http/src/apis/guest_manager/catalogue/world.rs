//! Countries and their states: bare arrays, not paged. A country goes by its id or its code.

use super::views;
use crate::apis::guest_manager::call::{Answered, Call};
use crate::apis::guest_manager::refuse::{Refused, respond};
use crate::kit::Value;
use domain::CountryId;
use domain::catalog::Country;
use serde_json::Value as Json;

pub async fn countries(call: Call) -> Answered {
    let world = &call.catalog.settings.geography;
    let rows: Vec<Json> = world.countries().iter().map(views::country).collect();
    Ok(bare(&call, rows))
}

pub async fn country(call: Call) -> Answered {
    let row = views::country(named(&call)?);
    Ok(respond(call.manner.reply(200, &row)))
}

pub async fn states(call: Call) -> Answered {
    let country = named(&call)?.id;
    let states = call.catalog.settings.geography.states_of(country);
    let rows = states.into_iter().map(views::state).collect();
    Ok(bare(&call, rows))
}

fn named(call: &Call) -> Result<&Country, Refused> {
    let name = call.path("id");
    let world = &call.catalog.settings.geography;
    let by_id = Value::from(name).integer().and_then(|id| world.country(CountryId(id)));
    let found = by_id.or_else(|| world.by_code(&name.to_uppercase()));
    found.ok_or_else(|| Refused::not_found("Country", name))
}

fn bare(call: &Call, mut rows: Vec<Json>) -> axum::response::Response {
    rows.iter_mut().for_each(|row| call.manner.trim(row));
    respond(super::super::answer::Manner::default().reply(200, &rows))
}
