//! Writes of the catalogue: one request, one commit, answered with the row as it is then.

use super::admin::{self, Resource};
use super::draft::Draft;
use super::fields::Fields;
use super::registrations::Look;
use crate::apis::guest_manager::answer::Manner;
use crate::apis::guest_manager::call::{Answered, Call, StaffCall};
use crate::apis::guest_manager::refuse::{Flawed, JSON, Refused, Validation, respond};
use crate::kit::{Map, Value};
use domain::StorefrontId;
use domain::catalog::{Catalog, StockView, Storefront};
use domain::money::Currency;
use engine::ports::CommitError;
use engine::{Desk, Reply, WriteScope, Written};
use serde_json::{Value as Json, json};

pub async fn create(call: Call, resource: &'static Resource) -> Answered {
    let Some(put) = resource.put else { return Err(Refused::no_method()) };
    let map = wrapped(&call, resource)?;
    commit(&call, resource, 201, move |draft| put(draft, None, map)).await
}

pub async fn update(call: Call, resource: &'static Resource) -> Answered {
    let Some(put) = resource.put else { return Err(Refused::no_method()) };
    let id = id(&call, resource)?;
    let map = wrapped(&call, resource)?;
    commit(&call, resource, 200, move |draft| put(draft, Some(id), map)).await
}

/// A type made for one event.
pub async fn create_for_event(mut call: Call) -> Answered {
    let resource = &admin::TICKET_TYPES;
    let event = event(&call)?;
    let mut map = wrapped(&call, resource)?.clone();
    map.insert("event_id".to_owned(), Value::Number(event.to_string()));
    call.params.insert(resource.singular, Value::Map(map));
    create(call, resource).await
}

/// A type that is there, for this event too.
pub async fn add_to_event(call: Call) -> Answered {
    let event = event(&call)?;
    let paths = [&["ticket_type_id"][..], &["ticket_type", "id"], &["ticket_type", "ticket_type_id"]];
    let named = paths.into_iter().find_map(|path| call.params.path(path)?.integer());
    let id = named.ok_or_else(|| Refused::parameter_missing("ticket_type_id"))?;
    commit(&call, &admin::TICKET_TYPES, 200, move |draft| admin::add_to_event(draft, event, id)).await
}

fn event(call: &Call) -> Result<i64, Refused> {
    let none = || Refused::not_found("Event", call.path("id"));
    let id = call.catalogue_id().ok_or_else(none)?;
    let is_there = call.catalog.ticketing.events.contains_key(&domain::EventId(id));
    if is_there { Ok(id) } else { Err(none()) }
}

pub async fn destroy(call: Call, resource: &'static Resource) -> Answered {
    let Some(remove) = resource.remove else { return Err(Refused::no_method()) };
    let id = id(&call, resource)?;
    let build = |desk: &Desk<'_>| {
        let mut draft = Draft::new(desk);
        remove(&mut draft, id)?;
        Ok((draft.into_commit(), ()))
    };
    let answer = |written: Written<'_, (), Refused>| match written {
        Written::Done { .. } => Reply::new(204, JSON, Vec::new()),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => failed(error, resource.model).into_reply(),
    };
    let reply = call.app.engine.write(WriteScope::Catalogue, call.once, build, answer).await;
    reply.map(respond).map_err(|error| Refused::trouble(&error))
}

fn id(call: &Call, resource: &Resource) -> Result<i64, Refused> {
    call.catalogue_id().ok_or_else(|| Refused::not_found(resource.model, call.path("id")))
}

/// The attributes, which stand under the resource's name.
fn wrapped<'a>(call: &'a Call, resource: &Resource) -> Result<&'a Map, Refused> {
    let found = call.params.get(resource.singular).and_then(Value::map);
    found.ok_or_else(|| Refused::parameter_missing(resource.singular))
}

async fn commit(
    call: &Call,
    resource: &'static Resource,
    status: u16,
    edit: impl Fn(&mut Draft<'_>) -> Result<i64, Refused> + Send + Sync,
) -> Answered {
    let stock = if super::counts(resource) { call.all_levels().await? } else { StockView::default() };
    let build = |desk: &Desk<'_>| {
        let mut draft = Draft::new(desk);
        let id = edit(&mut draft)?;
        let levels = draft.levels(&stock);
        Ok((draft.into_commit(), (id, levels)))
    };
    let answer = |written: Written<'_, (i64, StockView), Refused>| match written {
        Written::Done { value: (id, stock), catalog, now, .. } => {
            let look = Look { catalog, stock, now };
            let row = (resource.rows)(&look).into_iter().find(|row| row["id"].as_i64() == Some(*id));
            Manner::default().reply(status, &row)
        }
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => failed(error, resource.model).into_reply(),
    };
    let reply = call.app.engine.write(WriteScope::Catalogue, call.once, build, answer).await;
    reply.map(respond).map_err(|error| Refused::trouble(&error))
}

/// A condition of the store that did not hold.
fn failed(error: &CommitError, model: &'static str) -> Refused {
    match error {
        CommitError::Duplicate(what) => {
            let message = format!("This exists already: {what}.");
            Refused::invalid(&Validation::new(model, None).with(Flawed::new("base", "taken", message)))
        }
        other => {
            tracing::warn!(%other, "a write did not go through");
            Refused::unavailable()
        }
    }
}

/// The company: the store as a whole.
pub async fn company(StaffCall(call): StaffCall) -> Answered {
    Ok(respond(call.manner.reply(200, &company_view(&call.catalog))))
}

fn storefront(catalog: &Catalog) -> Option<&Storefront> {
    catalog.storefronts.values().map(|row| &**row).find(|row| row.is_default)
}

fn first_storefront(desk: &Desk<'_>) -> Storefront {
    Storefront {
        id: StorefrontId::fresh(desk.ids),
        name: String::new(),
        code: "default".to_owned(),
        url: String::new(),
        mail_from: String::new(),
        seo_title: None,
        meta_description: None,
        meta_keywords: None,
        default_currency: desk.catalog.settings.currency,
        multi_currency: None,
        is_default: true,
    }
}

/// Whether several currencies are sold, so that a key alone opens no order: as the company says, else as the channel is.
pub fn is_multi_currency(catalog: &Catalog) -> bool {
    let chosen = storefront(catalog).and_then(|row| row.multi_currency);
    chosen.unwrap_or_else(|| super::super::answer::via(catalog).currencies.len() > 1)
}

/// The currency of prices that name none.
pub fn default_currency(catalog: &Catalog) -> Currency {
    storefront(catalog).map_or(catalog.settings.currency, |row| row.default_currency)
}

fn company_view(catalog: &Catalog) -> Json {
    let storefront = storefront(catalog);
    json!({
        "name": storefront.map(|row| &row.name),
        "multi_currency": is_multi_currency(catalog),
        "default_currency": default_currency(catalog).code(),
        "public_url": storefront.map(|row| &row.url),
    })
}

/// Name and address of the shop, whether orders need their secret, and which of the currencies that are sold counts
/// where none is named. Which are sold is configuration.
pub async fn update_company(StaffCall(call): StaffCall) -> Answered {
    let map = call.params.get("company").and_then(Value::map);
    let map = map.ok_or_else(|| Refused::parameter_missing("company"))?;
    let build = |desk: &Desk<'_>| {
        let known = storefront(desk.catalog).cloned();
        let mut row = known.unwrap_or_else(|| first_storefront(desk));
        let fields = Fields::new(map);
        // A store that was never called anything may be told something else first.
        if fields.get("name").is_some() {
            fields.name("name", &mut row.name);
        }
        fields.text("public_url", &mut row.url);
        let mut several = is_multi_currency(desk.catalog);
        if fields.get("multi_currency").is_some() {
            fields.flag("multi_currency", &mut several);
            row.multi_currency = Some(several);
        }
        let sold = &super::super::answer::via(desk.catalog).currencies;
        let sold: Vec<_> = sold.iter().map(|currency| (currency.code(), *currency)).collect();
        fields.choice("default_currency", &sold, &mut row.default_currency);
        fields.finish("Company", None)?;
        let mut draft = Draft::new(desk);
        draft.put(row);
        Ok((draft.into_commit(), ()))
    };
    let answer = |written: Written<'_, (), Refused>| match written {
        Written::Done { catalog, .. } => Manner::default().reply(200, &company_view(catalog)),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => failed(error, "Company").into_reply(),
    };
    let reply = call.app.engine.write(WriteScope::Catalogue, call.once, build, answer).await;
    reply.map(respond).map_err(|error| Refused::trouble(&error))
}
