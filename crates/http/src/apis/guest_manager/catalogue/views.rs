//! Events, ticket types, venues, categories, products and the world as JSON.

use super::draft::capacity_of;
use super::registrations::{Look, options};
use crate::apis::guest_manager::views::time;
use domain::Time;
use domain::catalog::{
    Catalog, Country, Entry, Event, EventCategory, Product, ProductKind, State, Switch, TicketType, Variant,
    Venue,
};
use domain::money::Currency;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The words for what a product is.
pub const KINDS: [&str; 3] = ["merchandise", "registration", "membership"];

pub fn event(event: &Event, now: Time) -> Json {
    let status = match () {
        () if event.ends_at <= now => "past",
        () if event.starts_at <= now => "in_progress",
        () => "future",
    };
    json!({
        "id": event.id,
        "name": event.name,
        "slug": event.slug,
        "description": event.description,
        "status": status,
        "venue_id": event.venue,
        "parent_event_id": event.parent,
        "calendar_id": null,
        "category_ids": event.categories,
        "published_at": event.published_at.map(time),
        "start": moment(event.starts_at, &event.timezone),
        "end": moment(event.ends_at, &event.timezone),
        "password_protected": event.password.is_some(),
        "invite_only": event.entry == Entry::InviteOnly,
        "form_id": event.form,
    })
}

/// What staff sees beside: never the password.
pub fn event_for_staff(row: &Event, catalog: &Catalog, now: Time) -> Json {
    let mut view = event(row, now);
    view["starts_at"] = json!(time(row.starts_at));
    view["ends_at"] = json!(time(row.ends_at));
    view["timezone"] = json!(row.timezone);
    view["conflict_group"] = json!(row.conflict_group);
    let capacity = capacity_of(catalog, row.id);
    view["capacity"] = json!(capacity.and_then(|pool| pool.size));
    view["capacity_pool_id"] = json!(capacity.map(|pool| pool.id));
    view
}

/// A moment in its zone and in UTC.
fn moment(at: Time, zone: &str) -> Json {
    let known = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let local = jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_zoned(known).strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string());
    json!({ "tz": if zone.is_empty() { "UTC" } else { zone }, "local": local.ok(), "utc": time(at) })
}

pub fn ticket_type(row: &TicketType) -> Json {
    use domain::catalog::Asked;
    json!({
        "id": row.id,
        "name": row.name,
        "display_name": row.display_name.as_deref().unwrap_or(&row.name),
        "event_id": row.event,
        "include_name": row.name_asked.is_asked(),
        "require_name": row.name_asked == Asked::Required,
        "include_email": row.email_asked.is_asked(),
        "require_email": row.email_asked == Asked::Required,
        "collect_member_id": row.member_id.is_some(),
        "member_id_format": row.member_id.as_ref().and_then(|rule| rule.format.as_deref()),
        "attachable": row.attachable,
        "transferable": row.transferable,
        "pdf_template_id": null,
        "wallet_template_id": null,
        "enforce_barcode_pool": false,
    })
}

pub fn venue(row: &Venue) -> Json {
    json!({
        "id": row.id,
        "name": row.name,
        "address1": row.address1,
        "city": row.city,
        "state": row.state,
        "zipcode": row.zipcode,
        "country_code": row.country,
        "timezone": row.timezone,
    })
}

pub fn category(row: &EventCategory) -> Json {
    json!({ "id": row.id, "name": row.name, "position": row.position })
}

pub fn product(row: &Product, look: &Look<'_>) -> Json {
    let kind = match row.sales.kind {
        ProductKind::Merchandise => KINDS[0],
        ProductKind::Registration => KINDS[1],
        ProductKind::Membership(_) => KINDS[2],
    };
    let plan = match row.sales.kind {
        ProductKind::Membership(plan) => plan,
        _ => None,
    };
    let living = row.all_variants().filter(|variant| variant.deleted_at.is_none());
    json!({
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "kind": kind,
        "event_id": row.sales.event,
        "membership_plan_id": plan,
        "can_request": row.sales.can_request,
        "can_reserve": row.sales.can_reserve,
        "requires_shipping": row.ships(),
        "required_membership_plan_ids": row.sales.membership_plans,
        "min_per_order": row.sales.min_per_order,
        "max_per_order": row.sales.max_per_order,
        "max_per_contact": row.sales.max_per_contact,
        "addons": row.sales.addons.iter()
            .map(|addon| json!({ "product_id": addon.product, "min": addon.min, "max": addon.max }))
            .collect::<Vec<_>>(),
        "variants": living.map(|each| variant(row, each, look)).collect::<Vec<_>>(),
    })
}

pub fn variant(of: &Product, row: &Variant, look: &Look<'_>) -> Json {
    let words = options(look.catalog, row);
    json!({
        "id": row.id,
        "variant_id": row.id,
        "product_id": of.id,
        "is_master": row.is_master,
        "name": if words.is_empty() { &of.name } else { &words },
        "sku": row.sku,
        "enabled": row.window.switch != Switch::Off,
        "paused": row.window.switch == Switch::Paused,
        "on_sale_at": row.window.on_sale_at.map(time),
        "end_sale_at": row.window.end_sale_at.map(time),
        "prices": look.prices(row),
        "pools": row.draws.iter()
            .map(|draw| json!({ "pool_id": draw.pool, "units": draw.units }))
            .collect::<Vec<_>>(),
        "package": row.package.iter()
            .map(|each| json!({
                "event_id": each.event, "ticket_type_id": each.ticket_type, "quantity": each.quantity,
            }))
            .collect::<Vec<_>>(),
        "stock_item": look.stock_item(of, row),
    })
}

/// A country with the prefix of its telephone numbers and its currency, where they are known.
pub fn country(row: &Country) -> Json {
    let metadata = phonenumber::metadata::DATABASE.by_id(row.alpha2.as_str());
    json!({
        "id": row.id,
        "name": row.name,
        "code": row.alpha2,
        "phone_prefix": metadata.map(|known| known.country_code().to_string()),
        "currency_code": currency_of(&row.alpha2),
    })
}

pub fn state(row: &State) -> Json {
    json!({ "id": row.id, "name": row.name, "country_id": row.country, "code": row.code })
}

/// The first currency in the order of ISO 4217 numbers that a country uses and that is money, not a fund.
fn currency_of(alpha2: &str) -> Option<&'static str> {
    static BY_COUNTRY: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let table = BY_COUNTRY.get_or_init(|| {
        let mut table = HashMap::new();
        let money = (0..1000).filter_map(Currency::from_numeric).filter(|currency| !currency.is_fund());
        for currency in money {
            for country in currency.used_by() {
                table.entry(country.to_string()).or_insert(currency.code());
            }
        }
        table
    });
    table.get(alpha2).copied()
}
