//! Countries and states, open to anyone: address forms are filled before anybody logs in.

use super::base::{Answer, Call};
use super::call::OpenCall;
use super::columns;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views;
use crate::kit::filter_value::FieldValue;
use domain::catalog::{Country, Geography, State};
use domain::{CountryId, StateId};
use serde::Serialize;

const COUNTRY_COLUMNS: &[&str] = &["id", "name"];

pub async fn countries(OpenCall(call): OpenCall) -> Answer {
    let rows = geography(&call).countries().iter();
    call.search("countries", rows, COUNTRY_COLUMNS, country_column, views::country)
}

pub async fn country(OpenCall(call): OpenCall) -> Answer {
    let found = find(&call)?;
    Ok(call.json(200, &views::country_show(found, geography(&call))))
}

#[derive(Serialize)]
struct States<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    states_required: Option<bool>,
    #[serde(flatten)]
    page: Option<Figures>,
    states: Vec<views::StateView<'a>>,
}

#[derive(Serialize)]
struct Figures {
    count: u64,
    total_count: u64,
    current_page: u64,
    pages: u64,
    per_page: u32,
}

/// All states, or those of one country; a page of them only if a page is asked for.
pub async fn states(OpenCall(call): OpenCall) -> Answer {
    let is_nested = call.params.get("id").is_some() || call.params.get("country_id").is_some();
    let country = if is_nested { Some(find(&call)?) } else { None };
    let geography = geography(&call);
    let filter = call.filter(&columns::STATE.of(call.dialect()));
    let mut rows: Vec<&State> = match country {
        Some(country) => geography.states_of(country.id),
        None => geography.states().iter().collect(),
    };
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows.retain(|row| filter.matches(|name| state_column(row, geography, name)));
    rows.sort_by(|a, b| {
        filter.compare(|name| state_column(a, geography, name), |name| state_column(b, geography, name))
    });
    let is_paged =
        ["page", "per_page"].iter().any(|key| call.params.get(key).is_some_and(|value| !value.is_blank()));
    let page = call.page();
    let info = page.info(rows.len() as u64);
    let shown = if is_paged { page.slice(&rows) } else { &rows[..] };
    let body = States {
        states_required: country.map(|country| country.states_required),
        page: is_paged.then_some(Figures {
            count: info.count,
            total_count: info.total_count,
            current_page: info.current_page,
            pages: info.pages,
            per_page: info.per_page,
        }),
        states: shown.iter().map(|row| views::state(row)).collect(),
    };
    Ok(call.json(200, &body))
}

pub async fn state(OpenCall(call): OpenCall) -> Answer {
    let name = if call.params.get("nested").is_some() { "nested" } else { "id" };
    let found = geography(&call).state(StateId(call.id(name)?)).ok_or_else(Refused::not_found)?;
    if name == "nested" && found.country != find(&call)?.id {
        return Err(Refused::not_found());
    }
    Ok(call.json(200, &views::state(found)))
}

fn geography(call: &Call) -> &Geography {
    &call.catalog.settings.geography
}

/// The country of the path, or of `country_id`.
fn find(call: &Call) -> Result<&Country, Refused> {
    let id = if call.params.get("id").is_some() { call.id("id")? } else { call.id("country_id")? };
    geography(call).country(CountryId(id)).ok_or_else(Refused::not_found)
}

fn country_column<'a>(row: &'a Country, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        _ => row.name.as_str().into(),
    })
}

fn state_column<'a>(row: &'a State, geography: &'a Geography, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "name" => row.name.as_str().into(),
        "abbr" => row.code.as_str().into(),
        "country_id" => FieldValue::Int(row.country.0),
        _ => geography.country(row.country)?.name.as_str().into(),
    })
}
