//! The catalogue of this API: what may be bought, and for staff how it is made.
//!
//! Reading shows what this channel sells. Every write is one commit of the catalogue, by the table in `admin`.

mod admin;
mod api_keys;
mod draft;
mod fields;
mod registrations;
mod sift;
mod views;
mod world;
mod write;

pub use write::is_multi_currency;

use super::call::{Answered, Call, StaffCall};
use super::list::{PAGE_SIZE, Part, list};
use super::refuse::{Refused, respond};
use crate::kit::Value;
use crate::server::AppState;
use admin::Resource;
use axum::Router;
use axum::routing::{get, patch, post};
use domain::catalog::{Event, Product, ProductKind, StockView};
use domain::{EventId, Time, VariantId};
use registrations::Look;
use serde_json::{Value as Json, json};

/// Most events of a page: they bring what is sold for them along.
const EVENTS_OF_A_PAGE: u64 = 50;

/// The paths of the catalogue.
pub fn routes() -> Router<AppState> {
    let paths = Router::new()
        .route("/events", get(events).post(async |call: Call| write::create(call, &admin::EVENTS).await))
        .route("/events/{id}", get(event).merge(changing(&admin::EVENTS)))
        .route("/events/{id}/ticket_types", post(write::create_for_event))
        .route("/events/{id}/ticket_types/add", post(write::add_to_event))
        .route(
            "/ticket_types",
            get(async |call: Call| rows(&call, &admin::TICKET_TYPES).await)
                .post(async |call: Call| write::create(call, &admin::TICKET_TYPES).await),
        )
        .route(
            "/ticket_types/{id}",
            get(async |call: Call| row(&call, &admin::TICKET_TYPES).await)
                .merge(changing(&admin::TICKET_TYPES))
                .delete(async |call: Call| write::destroy(call, &admin::TICKET_TYPES).await),
        )
        .route(
            "/venues",
            get(async |call: Call| rows(&call, &admin::VENUES).await)
                .post(async |call: Call| write::create(call, &admin::VENUES).await),
        )
        .route("/venues/{id}", get(async |call: Call| row(&call, &admin::VENUES).await))
        .route("/categories", get(async |call: Call| rows(&call, &admin::CATEGORIES).await))
        .route("/categories/{id}", get(async |call: Call| row(&call, &admin::CATEGORIES).await))
        .route("/products", get(products))
        .route("/products/{id}", get(product))
        .route("/countries", get(world::countries))
        .route("/countries/{id}", get(world::country))
        .route("/countries/{id}/states", get(world::states))
        .route("/admin/company", get(write::company).patch(write::update_company))
        .route("/admin/api_keys", get(api_keys::index).post(api_keys::create))
        .route(
            "/admin/api_keys/{id}",
            get(api_keys::show).patch(api_keys::update).put(api_keys::update).delete(api_keys::destroy),
        );
    admin::ALL.iter().copied().fold(paths, for_staff)
}

/// What is served here: path, method, what it does.
pub fn operations() -> Vec<(String, &'static str, String)> {
    const READ: [(&str, &str); 12] = [
        ("/events", "Lists events, with what is sold for them if `include` asks for it"),
        ("/events/{record}", "Shows an event"),
        ("/ticket_types", "Lists ticket types"),
        ("/ticket_types/{record}", "Shows a ticket type"),
        ("/venues", "Lists venues"),
        ("/venues/{record}", "Shows a venue"),
        ("/categories", "Lists categories of events"),
        ("/products", "Lists what is sold and is no ticket"),
        ("/products/{record}", "Shows a product with its variants"),
        ("/countries", "Lists all countries"),
        ("/countries/{record}", "Shows a country"),
        ("/countries/{record}/states", "Lists the states of a country"),
    ];
    const WRITE: [(&str, &str, &str); 8] = [
        ("/events", "post", "Makes an event"),
        ("/events/{record}", "patch", "Changes an event"),
        ("/events/{record}/ticket_types", "post", "Makes a ticket type for an event"),
        ("/events/{record}/ticket_types/add", "post", "Takes a ticket type that is there for an event"),
        ("/ticket_types", "post", "Makes a ticket type"),
        ("/ticket_types/{record}", "patch", "Changes a ticket type"),
        ("/ticket_types/{record}", "delete", "Removes a ticket type that nothing issues"),
        ("/venues", "post", "Makes a venue"),
    ];
    let read = READ.map(|(path, words)| (path.to_owned(), "get", words.to_owned()));
    let write = WRITE.map(|(path, method, words)| (path.to_owned(), method, words.to_owned()));
    let staff = admin::ALL.iter().flat_map(|resource| {
        let (all, one) =
            (format!("/admin/{}", resource.plural), format!("/admin/{}/{{record}}", resource.plural));
        let words = |verb: &str| format!("{verb}: {} (staff)", resource.plural.replace('_', " "));
        let put = resource.put.map(|_| (one.clone(), "patch", words("Changes")));
        let make = resource.put.map(|_| (all.clone(), "post", words("Makes")));
        let remove = resource.remove.map(|_| (one.clone(), "delete", words("Removes")));
        let reads = [(all, "get", words("Lists")), (one, "get", words("Shows"))];
        reads.into_iter().chain(make).chain(put).chain(remove)
    });
    let company = [("get", "Shows"), ("patch", "Changes")]
        .map(|(method, verb)| ("/admin/company".to_owned(), method, format!("{verb} the company (staff)")));
    let keys = [
        ("/admin/api_keys", "get", "Lists API keys (staff)"),
        ("/admin/api_keys", "post", "Makes an API key, which is shown this once (staff)"),
        ("/admin/api_keys/{record}", "get", "Shows an API key (staff)"),
        ("/admin/api_keys/{record}", "patch", "Changes name or permissions of an API key (staff)"),
        ("/admin/api_keys/{record}", "delete", "Revokes an API key (staff)"),
    ]
    .map(|(path, method, words)| (path.to_owned(), method, words.to_owned()));
    read.into_iter().chain(write).chain(company).chain(keys).chain(staff).collect()
}

fn changing(resource: &'static Resource) -> axum::routing::MethodRouter<AppState> {
    let update = async move |call: Call| write::update(call, resource).await;
    patch(update).put(update)
}

/// The four ways to deal with one resource of the staff's.
fn for_staff(router: Router<AppState>, resource: &'static Resource) -> Router<AppState> {
    let update = async move |StaffCall(call): StaffCall| write::update(call, resource).await;
    router
        .route(
            &format!("/admin/{}", resource.plural),
            get(async move |StaffCall(call): StaffCall| rows(&call, resource).await)
                .post(async move |StaffCall(call): StaffCall| write::create(call, resource).await),
        )
        .route(
            &format!("/admin/{}/{{id}}", resource.plural),
            get(async move |StaffCall(call): StaffCall| row(&call, resource).await)
                .patch(update)
                .put(update)
                .delete(async move |StaffCall(call): StaffCall| write::destroy(call, resource).await),
        )
}

impl Call {
    fn catalogue_id(&self) -> Option<i64> {
        Value::from(self.path("id")).integer()
    }

    /// What is included, at any depth: `a.b` includes `a`.
    fn includes(&self, name: &str) -> bool {
        let words = self.params.get("include").map(sift::words).unwrap_or_default();
        words.iter().any(|word| word == name || word.split('.').next() == Some(name))
    }

    async fn levels(&self, variants: &[VariantId]) -> Result<StockView, Refused> {
        self.app.engine.stock(variants).await.map_err(|error| Refused::trouble(&error))
    }

    /// Levels of everything that is sold, and of all pools: for the staff's tables.
    async fn all_levels(&self) -> Result<StockView, Refused> {
        let products = self.catalog.products.values().filter(|product| product.deleted_at.is_none());
        let mut variants = registrations::stocked(&self.catalog, products.map(|product| &**product));
        variants.extend(self.catalog.ticketing.pools.keys());
        self.levels(&variants).await
    }
}

/// Whether rows of a resource show what is left of them.
fn counts(resource: &Resource) -> bool {
    matches!(resource.plural, "products" | "variants" | "pools")
}

async fn rows(call: &Call, resource: &Resource) -> Answered {
    let stock = if counts(resource) { call.all_levels().await? } else { StockView::default() };
    let look = Look { catalog: &call.catalog, stock: &stock, now: call.app.engine.now() };
    let mut rows = (resource.rows)(&look);
    let filters = call.params.get("filter").and_then(Value::map);
    let names: Vec<&str> = filters.into_iter().flat_map(|map| map.keys()).map(String::as_str).collect();
    sift::filter(&mut rows, &call.params, &names, |row, name, _| row.get(name).is_none().then_some(true));
    sift::sort(&mut rows, &call.params);
    let part = Part::read(&call.params, PAGE_SIZE);
    list(call, part, part.of(&rows), rows.len() as u64)
}

async fn row(call: &Call, resource: &Resource) -> Answered {
    let stock = if counts(resource) { call.all_levels().await? } else { StockView::default() };
    let look = Look { catalog: &call.catalog, stock: &stock, now: call.app.engine.now() };
    let id = call.catalogue_id();
    let row = (resource.rows)(&look).into_iter().find(|row| row["id"].as_i64() == id);
    let row = row.filter(|_| id.is_some());
    let row = row.ok_or_else(|| Refused::not_found(resource.model, call.path("id")))?;
    Ok(respond(call.manner.reply(200, &row)))
}

const EVENT_FILTERS: &[&str] = &[
    "published",
    "venue_id",
    "category_id",
    "parent_event_id",
    "starts_at",
    "ends_at",
    "status",
    "name",
    "id",
];

async fn events(call: Call) -> Answered {
    let now = call.app.engine.now();
    let channel = registrations::channel();
    let shown = call.catalog.ticketing.events.values().filter(|event| event.channels.show(&channel));
    let mut rows: Vec<Json> = shown.map(|event| views::event(event, now)).collect();
    let catalog = &call.catalog.ticketing;
    sift::filter(&mut rows, &call.params, EVENT_FILTERS, |row, name, value| {
        let event = catalog.events.get(&EventId(row["id"].as_i64()?))?;
        special(event, name, value, now)
    });
    sift::sort(&mut rows, &call.params);
    let part = Part::read(&call.params, PAGE_SIZE).at_most(EVENTS_OF_A_PAGE);
    let page = include(&call, part.of(&rows).to_vec(), now).await?;
    list(&call, part, &page, rows.len() as u64)
}

/// Filters that are no plain attribute of an event.
fn special(event: &Event, name: &str, value: &Value, now: Time) -> Option<bool> {
    match name {
        "published" => {
            let is_published = event.published_at.is_some_and(|at| at <= now);
            Some(value.flag().is_none_or(|wanted| wanted == is_published))
        }
        "category_id" => {
            let wanted = value.texts().into_iter().flat_map(|text| text.split(','));
            let mut wanted = wanted.filter_map(|text| text.trim().parse().ok());
            Some(wanted.any(|id: i64| event.categories.iter().any(|category| category.0 == id)))
        }
        "starts_at" => Some(sift::in_span(event.starts_at, value)),
        "ends_at" => Some(sift::in_span(event.ends_at, value)),
        _ => None,
    }
}

async fn event(call: Call) -> Answered {
    let now = call.app.engine.now();
    let none = || Refused::not_found("Event", call.path("id"));
    let id = EventId(call.catalogue_id().ok_or_else(none)?);
    let channel = registrations::channel();
    let event = call.catalog.ticketing.events.get(&id).filter(|event| event.channels.show(&channel));
    let event = views::event(event.ok_or_else(none)?, now);
    let event = include(&call, vec![event], now).await?.pop();
    Ok(respond(call.manner.reply(200, &event)))
}

/// Puts into events what the caller wants with them.
async fn include(call: &Call, mut rows: Vec<Json>, now: Time) -> Result<Vec<Json>, Refused> {
    let catalog = &call.catalog;
    let sold = registrations::by_event(catalog, now);
    let of = |row: &Json| catalog.ticketing.events.get(&EventId(row["id"].as_i64()?));
    let stock = if call.includes("registration_types") {
        let products = rows.iter().filter_map(of).filter_map(|event| sold.get(&event.id)).flatten().copied();
        call.levels(&registrations::stocked(catalog, products)).await?
    } else {
        StockView::default()
    };
    let look = Look { catalog, stock: &stock, now };
    for row in &mut rows {
        let Some(event) = of(row) else { continue };
        if call.includes("registration_types") {
            let products = sold.get(&event.id).map(Vec::as_slice).unwrap_or_default();
            row["registration_types"] = json!(registrations::of_event(event, products, &look));
        }
        if call.includes("venue") {
            let venue = event.venue.and_then(|id| catalog.ticketing.venues.get(&id));
            row["venue"] = json!(venue.map(|venue| views::venue(venue)));
        }
        if call.includes("categories") {
            let rows = event.categories.iter().filter_map(|id| catalog.ticketing.categories.get(id));
            row["categories"] = rows.map(|category| views::category(category)).collect();
        }
    }
    Ok(rows)
}

/// What is sold here and is no ticket.
async fn products(call: Call) -> Answered {
    let now = call.app.engine.now();
    let channel = registrations::channel();
    let sold = |product: &&Product| {
        product.sales.kind != ProductKind::Registration && registrations::shown(product, &channel, now)
    };
    let products: Vec<&Product> = call.catalog.products.values().map(|row| &**row).filter(sold).collect();
    let stock = call.levels(&registrations::stocked(&call.catalog, products.iter().copied())).await?;
    let look = Look { catalog: &call.catalog, stock: &stock, now };
    let mut rows: Vec<Json> = products.into_iter().map(|product| views::product(product, &look)).collect();
    sift::filter(&mut rows, &call.params, &["kind", "event_id", "name", "id"], |_, _, _| None);
    sift::sort(&mut rows, &call.params);
    let part = Part::read(&call.params, PAGE_SIZE);
    list(&call, part, part.of(&rows), rows.len() as u64)
}

async fn product(call: Call) -> Answered {
    let now = call.app.engine.now();
    let none = || Refused::not_found("Product", call.path("id"));
    let id = domain::ProductId(call.catalogue_id().ok_or_else(none)?);
    let channel = registrations::channel();
    let known = call.catalog.products.get(&id).filter(|row| registrations::shown(row, &channel, now));
    let known: &Product = known.ok_or_else(none)?;
    let stock = call.levels(&registrations::stocked(&call.catalog, [known])).await?;
    let look = Look { catalog: &call.catalog, stock: &stock, now };
    Ok(respond(call.manner.reply(200, &views::product(known, &look))))
}
