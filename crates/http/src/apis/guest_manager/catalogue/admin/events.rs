//! Events, venues, categories and ticket types.

use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, capacity_name, capacity_of, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::catalogue::registrations::Look;
use crate::apis::guest_manager::catalogue::views;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::Map;
use domain::catalog::edit::parameterize;
use domain::catalog::{
    Asked, Channels, Draw, EntityKind, Entry, Event, EventCategory, MemberIdRule, Pool, Product, TicketType,
    Venue,
};
use domain::{EventCategoryId, EventId, FormId, TicketTypeId, Time, VenueId};

/// Most places of an event.
const PLACES: i64 = 100_000_000;

pub const EVENTS: Resource = Resource {
    plural: "events",
    singular: "event",
    model: "Event",
    rows: |look| {
        let events = look.catalog.ticketing.events.values();
        events.map(|event| views::event_for_staff(event, look.catalog, look.now)).collect()
    },
    put: Some(put_event),
    remove: Some(remove_event),
};

pub const VENUES: Resource = Resource {
    plural: "venues",
    singular: "venue",
    model: "Venue",
    rows: |look| look.catalog.ticketing.venues.values().map(|row| views::venue(row)).collect(),
    put: Some(put_venue),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.venues.get(&VenueId(id)), "Venue", id)?;
        if draft.catalog().ticketing.events.values().any(|event| event.venue == Some(VenueId(id))) {
            return Err(in_use("Venue", id, "events"));
        }
        draft.remove(EntityKind::Venue, id);
        Ok(())
    }),
};

pub const CATEGORIES: Resource = Resource {
    plural: "categories",
    singular: "category",
    model: "Category",
    rows: |look| look.catalog.ticketing.categories.values().map(|row| views::category(row)).collect(),
    put: Some(put_category),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.categories.get(&EventCategoryId(id)), "Category", id)?;
        let mut events = draft.catalog().ticketing.events.values();
        if events.any(|event| event.categories.contains(&EventCategoryId(id))) {
            return Err(in_use("Category", id, "events"));
        }
        draft.remove(EntityKind::EventCategory, id);
        Ok(())
    }),
};

pub const TICKET_TYPES: Resource = Resource {
    plural: "ticket_types",
    singular: "ticket_type",
    model: "TicketType",
    rows: |look: &Look<'_>| {
        look.catalog.ticketing.ticket_types.values().map(|row| views::ticket_type(row)).collect()
    },
    put: Some(put_ticket_type),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.ticket_types.get(&TicketTypeId(id)), "TicketType", id)?;
        let issues = |product: &Product| {
            let living = product.all_variants().filter(|variant| variant.deleted_at.is_none());
            product.deleted_at.is_none()
                && living.flat_map(|variant| &variant.package).any(|each| each.ticket_type.0 == id)
        };
        if draft.catalog().products.values().any(|product| issues(product)) {
            return Err(in_use("TicketType", id, "variants"));
        }
        draft.remove(EntityKind::TicketType, id);
        Ok(())
    }),
};

fn put_event(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let rows = draft.catalog().ticketing.clone();
    let mut event = match id {
        Some(id) => Event::clone(found(rows.events.get(&EventId(id)), "Event", id)?),
        None => blank(EventId::fresh(draft.ids)),
    };
    let fields = Fields::new(map);
    fields.name("name", &mut event.name);
    fields.text("description", &mut event.description);
    fields.text("slug", &mut event.slug);
    if event.slug.is_empty() {
        event.slug = parameterize(&event.name);
    }
    fields.id("venue_id", VenueId, |id| rows.venues.contains_key(id), &mut event.venue);
    let other = |other: &EventId| *other != event.id && rows.events.contains_key(other);
    fields.id("parent_event_id", EventId, other, &mut event.parent);
    let known = |id: &EventCategoryId| rows.categories.contains_key(id);
    fields.ids("category_ids", EventCategoryId, known, &mut event.categories);
    times(&fields, &mut event, id.is_none());
    fields.text("timezone", &mut event.timezone);
    if jiff::tz::TimeZone::get(&event.timezone).is_err() {
        fields.wrong("timezone", "inclusion", "is no time zone of the IANA table");
    }
    fields.moment("published_at", &mut event.published_at);
    fields.maybe("password", &mut event.password);
    let mut invite_only = event.entry == Entry::InviteOnly;
    fields.flag("invite_only", &mut invite_only);
    event.entry = if invite_only { Entry::InviteOnly } else { Entry::Open };
    fields.id("form_id", FormId, |id| rows.forms.contains_key(id), &mut event.form);
    fields.maybe("conflict_group", &mut event.conflict_group);
    let before = capacity_of(draft.catalog(), event.id).cloned();
    let mut capacity = before.as_ref().and_then(|pool| pool.size);
    let is_said = fields.get("capacity").is_some();
    fields.count("capacity", 0..=PLACES, &mut capacity);
    fields.finish("Event", id)?;
    let id = event.id;
    draft.put(event);
    if is_said {
        set_capacity(draft, id, before, capacity);
    }
    Ok(id.0)
}

fn blank(id: EventId) -> Event {
    Event {
        id,
        name: String::new(),
        slug: String::new(),
        description: String::new(),
        venue: None,
        parent: None,
        categories: Vec::new(),
        starts_at: Time(0),
        ends_at: Time(0),
        timezone: "UTC".to_owned(),
        published_at: None,
        password: None,
        entry: Entry::Open,
        form: None,
        conflict_group: None,
        channels: Channels::All,
    }
}

/// Both times of an event are needed; an event without an end lasts two hours.
fn times(fields: &Fields<'_>, event: &mut Event, is_new: bool) {
    const TWO_HOURS_MS: i64 = 7_200_000;
    let (mut starts_at, mut ends_at) = match is_new {
        true => (None, None),
        false => (Some(event.starts_at), Some(event.ends_at)),
    };
    fields.moment("starts_at", &mut starts_at);
    fields.moment("ends_at", &mut ends_at);
    let Some(starts_at) = starts_at else { return fields.wrong("starts_at", "blank", "can't be blank") };
    let ends_at = ends_at.unwrap_or(Time(starts_at.0.saturating_add(TWO_HOURS_MS)));
    if ends_at < starts_at {
        fields.wrong("ends_at", "invalid", "must not be before the start");
    }
    (event.starts_at, event.ends_at) = (starts_at, ends_at);
}

/// An event's capacity is a pool of its own that everything sold for it draws on.
fn set_capacity(draft: &mut Draft<'_>, event: EventId, before: Option<Pool>, size: Option<u32>) {
    let pool = match before {
        Some(pool) => {
            let id = pool.id;
            draft.put_pool(Pool { size, ..pool });
            id
        }
        None if size.is_none() => return,
        None => draft.new_pool(capacity_name(event), size),
    };
    let products: Vec<Product> = draft.catalog().products.values().map(|row| Product::clone(row)).collect();
    for mut product in products {
        let mut is_changed = false;
        for variant in std::iter::once(&mut product.master).chain(&mut product.variants) {
            let of_event = variant.package.iter().filter(|each| each.event == event);
            let units: u32 = of_event.map(|each| each.quantity).sum();
            if units > 0 && variant.draws.iter().all(|draw| draw.pool != pool) {
                variant.draws.push(Draw { pool, units });
                is_changed = true;
            }
        }
        if is_changed {
            draft.put(product);
        }
    }
}

/// An event with tickets stays, for the orders that name it.
fn remove_event(draft: &mut Draft<'_>, id: i64) -> Result<(), Refused> {
    found(draft.catalog().ticketing.events.get(&EventId(id)), "Event", id)?;
    let sold = |product: &Product| {
        let packed =
            product.all_variants().flat_map(|variant| &variant.package).any(|each| each.event.0 == id);
        product.deleted_at.is_none() && (packed || product.sales.event == Some(EventId(id)))
    };
    if draft.catalog().products.values().any(|product| sold(product)) {
        return Err(in_use("Event", id, "products"));
    }
    draft.remove(EntityKind::Event, id);
    Ok(())
}

fn put_venue(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let mut venue = match id {
        Some(id) => Venue::clone(found(draft.catalog().ticketing.venues.get(&VenueId(id)), "Venue", id)?),
        None => Venue {
            id: VenueId::fresh(draft.ids),
            name: String::new(),
            address1: None,
            city: None,
            state: None,
            zipcode: None,
            country: None,
            timezone: "UTC".to_owned(),
        },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut venue.name);
    fields.maybe("address1", &mut venue.address1);
    fields.maybe("city", &mut venue.city);
    fields.maybe("state", &mut venue.state);
    fields.maybe("zipcode", &mut venue.zipcode);
    fields.maybe("country_code", &mut venue.country);
    let world = &draft.catalog().settings.geography;
    if venue.country.as_deref().is_some_and(|code| world.by_code(&code.to_uppercase()).is_none()) {
        fields.wrong("country_code", "inclusion", "is not included in the list");
    }
    venue.country = venue.country.map(|code| code.to_uppercase());
    fields.text("timezone", &mut venue.timezone);
    if jiff::tz::TimeZone::get(&venue.timezone).is_err() {
        fields.wrong("timezone", "inclusion", "is no time zone of the IANA table");
    }
    fields.finish("Venue", id)?;
    let id = venue.id.0;
    draft.put(venue);
    Ok(id)
}

fn put_category(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let known = &draft.catalog().ticketing.categories;
    let mut row = match id {
        Some(id) => EventCategory::clone(found(known.get(&EventCategoryId(id)), "Category", id)?),
        None => {
            let id = EventCategoryId::fresh(draft.ids);
            EventCategory { id, name: String::new(), position: id.0 }
        }
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    let mut position = u32::try_from(row.position).ok();
    fields.count("position", 0..=i64::from(u32::MAX), &mut position);
    row.position = i64::from(position.unwrap_or(0));
    fields.finish("Category", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn put_ticket_type(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let rows = draft.catalog().ticketing.clone();
    let mut row = match id {
        Some(id) => TicketType::clone(found(rows.ticket_types.get(&TicketTypeId(id)), "TicketType", id)?),
        None => TicketType {
            id: TicketTypeId::fresh(draft.ids),
            name: String::new(),
            display_name: None,
            event: None,
            name_asked: Asked::No,
            email_asked: Asked::No,
            member_id: None,
            attachable: false,
            transferable: false,
        },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    fields.maybe("display_name", &mut row.display_name);
    fields.id("event_id", EventId, |id| rows.events.contains_key(id), &mut row.event);
    row.name_asked = asked(&fields, ["include_name", "require_name"], row.name_asked);
    row.email_asked = asked(&fields, ["include_email", "require_email"], row.email_asked);
    member_id(&fields, &mut row);
    fields.flag("attachable", &mut row.attachable);
    fields.flag("transferable", &mut row.transferable);
    for name in ["pdf_template_id", "wallet_template_id", "enforce_barcode_pool"] {
        let asks = fields.get(name).is_some_and(|value| !value.is_blank() && value.flag() != Some(false));
        if asks {
            fields.wrong(name, "not_enabled", "is not enabled");
        }
    }
    fields.finish("TicketType", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

/// What must be given is asked for.
fn asked(fields: &Fields<'_>, [include, require]: [&'static str; 2], before: Asked) -> Asked {
    let (mut included, mut required) = (before.is_asked(), before == Asked::Required);
    fields.flag(include, &mut included);
    fields.flag(require, &mut required);
    match (included, required) {
        (false, true) if fields.get(require).is_some() && fields.get(include).is_none() => Asked::Required,
        (false, _) => Asked::No,
        (true, true) => Asked::Required,
        (true, false) => Asked::Optional,
    }
}

fn member_id(fields: &Fields<'_>, row: &mut TicketType) {
    let mut collects = row.member_id.is_some();
    fields.flag("collect_member_id", &mut collects);
    let mut rule = row.member_id.take().unwrap_or_default();
    fields.maybe("member_id_format", &mut rule.format);
    if rule.format.as_deref().is_some_and(|format| !MemberIdRule::is_form(format)) {
        fields.wrong("member_id_format", "invalid", "is no regular expression");
    }
    if let Some(list) = fields.get("member_ids") {
        let ids: Vec<String> = list.texts().into_iter().map(str::to_owned).collect();
        rule.list = (!ids.is_empty()).then_some(ids);
    }
    row.member_id = collects.then_some(rule);
}

/// Makes a type that is there usable for an event: one made for another event is for all of them from now on.
pub fn add_to_event(draft: &mut Draft<'_>, event: i64, id: i64) -> Result<i64, Refused> {
    let rows = &draft.catalog().ticketing;
    found(rows.events.get(&EventId(event)), "Event", event)?;
    let mut row = TicketType::clone(found(rows.ticket_types.get(&TicketTypeId(id)), "TicketType", id)?);
    if row.event.is_some_and(|of| of.0 != event) {
        row.event = None;
        draft.put(row);
    }
    Ok(id)
}
