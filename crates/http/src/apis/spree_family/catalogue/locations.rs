//! Stock locations. Buyers see the active ones in Solidus and none in Spree.

use super::base::{Answer, Call, no_content, reply_found};
use super::fields::Fields;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use crate::kit::filter_value::FieldValue;
use domain::catalog::edit::{Bench, Faults, Patch, StockEdit};
use domain::catalog::{Channels, EntityKind, StockLevel, StockLocation, StockView};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{CountryId, StateId, StockItemId, StockLocationId};
use engine::Reply;

const ATTRIBUTES: &[&str] = &[
    "name",
    "address1",
    "address2",
    "city",
    "state_id",
    "state_name",
    "country_id",
    "zipcode",
    "phone",
    "active",
    "backorderable_default",
    "propagate_all_variants",
];
/// Stock items that one request may remove with their location.
const ITEMS: u64 = 100_000;
/// Stock items read at once.
const BATCH: u64 = 1_000;

pub async fn index(call: Call) -> Answer {
    if !call.dialect().shows_stock_to_buyers() {
        call.staff_only()?;
    }
    let mut rows: Vec<&StockLocation> =
        call.catalog.stock_locations.values().map(|row| &**row).filter(|row| visible(&call, row)).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    let none = StockView::default();
    let lens = call.lens(&none);
    let column = |row: &'_ StockLocation, name: &str| column(row, name);
    call.search("stock_locations", rows.into_iter(), &["id", "name"], column, |row| {
        views::stock_location(row, &lens)
    })
}

fn column<'a>(row: &StockLocation, name: &str) -> Option<FieldValue<'a>> {
    match name {
        "id" => Some(FieldValue::Int(row.id.0)),
        "name" => Some(FieldValue::Text(row.name.clone().into())),
        _ => None,
    }
}

pub async fn show(call: Call) -> Answer {
    let location = find(&call)?;
    Ok(call.json(200, &views::stock_location(location, &call.lens(&StockView::default()))))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("stock_location", ATTRIBUTES);
    let said = Said::read(call.root("stock_location")?);
    let create = move |bench: &mut Bench<'_>| {
        let mut location = StockLocation {
            id: StockLocationId::fresh(bench.ids()),
            name: String::new(),
            address1: None,
            address2: None,
            city: None,
            zipcode: None,
            phone: None,
            state: None,
            state_name: None,
            country: None,
            active: true,
            propagate_all_variants: true,
            backorderable_default: false,
            channels: Channels::All,
        };
        said.write(&mut location, bench)?;
        let id = location.id;
        if location.propagate_all_variants {
            stock_everything(bench, &location);
        }
        bench.put(location);
        Ok(id)
    };
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    call.params.wrap("stock_location", ATTRIBUTES);
    let said = Said::read(call.root("stock_location")?);
    let update = move |bench: &mut Bench<'_>| {
        let location =
            bench.catalog().stock_locations.get(&id).ok_or(Refusal::NotFound(Thing::StockLocation))?;
        let mut location = StockLocation::clone(location);
        said.write(&mut location, bench)?;
        bench.put(location);
        Ok(id)
    };
    call.change(StockView::default(), update, |id, lens| view(200, *id, lens)).await
}

/// A location that promised pieces to an order stays.
pub async fn destroy(call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let levels = everything_at(&call, id).await?;
    if levels.iter().any(|level| level.held > 0) {
        return Err(call.dialect().cannot_delete());
    }
    let items: Vec<StockItemId> = levels.into_iter().map(|level| level.item).collect();
    let delete = move |bench: &mut Bench<'_>| {
        super::base::entity(bench.catalog().stock_locations.contains_key(&id))?;
        items.iter().for_each(|item| bench.stock(StockEdit::Remove { item: *item }));
        bench.remove(EntityKind::StockLocation, id.0);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

async fn everything_at(call: &Call, id: StockLocationId) -> Result<Vec<StockLevel>, Refused> {
    let mut levels = Vec::new();
    loop {
        let page = call.app.engine.stock_items(id, levels.len() as u64, BATCH).await;
        let page = page.map_err(|error| call.trouble(&error))?;
        if page.total > ITEMS {
            return Err(call.dialect().cannot_delete());
        }
        let is_last = page.rows.is_empty();
        levels.extend(page.rows);
        if is_last || levels.len() as u64 >= page.total {
            return Ok(levels);
        }
    }
}

/// A stock item for each variant of goods that ship.
fn stock_everything(bench: &mut Bench<'_>, location: &StockLocation) {
    let products =
        bench.catalog().products.values().filter(|product| product.deleted_at.is_none() && product.ships());
    let variants =
        products.flat_map(|product| product.all_variants()).filter(|variant| variant.deleted_at.is_none());
    let levels: Vec<StockLevel> = variants
        .map(|variant| StockLevel {
            item: StockItemId::fresh(bench.ids()),
            variant: variant.id,
            location: location.id,
            on_hand: 0,
            held: 0,
            backorderable: location.backorderable_default,
        })
        .collect();
    levels.into_iter().for_each(|level| bench.stock(StockEdit::Create(level)));
}

/// The location the path names, if it exists for this caller.
pub fn find(call: &Call) -> Result<&StockLocation, Refused> {
    find_id(call, StockLocationId(call.id("id")?))
}

pub fn find_id(call: &Call, id: StockLocationId) -> Result<&StockLocation, Refused> {
    let location = call.catalog.stock_locations.get(&id).filter(|location| visible(call, location));
    location.map(|location| &**location).ok_or_else(Refused::not_found)
}

fn visible(call: &Call, location: &StockLocation) -> bool {
    let is_shown = call.is_staff() || (location.active && call.dialect().shows_stock_to_buyers());
    location.channels.show(&call.channel().key) && is_shown
}

fn view(status: u16, id: StockLocationId, lens: &Lens<'_>) -> Reply {
    let location = lens.catalog.stock_locations.get(&id);
    reply_found(status, location.map(|location| views::stock_location(location, lens)))
}

/// What a request says of a location.
#[derive(Clone)]
struct Said {
    name: Patch<String>,
    texts: [Patch<String>; 6],
    state: Patch<StateId>,
    country: Patch<CountryId>,
    active: Option<bool>,
    backorderable_default: Option<bool>,
    propagate_all_variants: Option<bool>,
}

impl Said {
    fn read(fields: Fields<'_>) -> Said {
        Said {
            name: fields.text("name"),
            texts: ["address1", "address2", "city", "zipcode", "phone", "state_name"]
                .map(|key| fields.text(key)),
            state: fields.id("state_id", StateId),
            country: fields.id("country_id", CountryId),
            active: fields.flag("active"),
            backorderable_default: fields.flag("backorderable_default"),
            propagate_all_variants: fields.flag("propagate_all_variants"),
        }
    }

    fn write(&self, location: &mut StockLocation, bench: &Bench<'_>) -> Result<(), Refusal> {
        let said = self.clone();
        let mut faults = Faults::default();
        said.name.write_or_default(&mut location.name);
        faults.required_text("name", &location.name);
        let fields = [
            ("address1", &mut location.address1),
            ("address2", &mut location.address2),
            ("city", &mut location.city),
            ("zipcode", &mut location.zipcode),
            ("phone", &mut location.phone),
            ("state_name", &mut location.state_name),
        ];
        for ((name, field), text) in fields.into_iter().zip(said.texts) {
            text.write(field);
            faults.short(name, field.as_deref().unwrap_or_default());
        }
        said.state.write(&mut location.state);
        said.country.write(&mut location.country);
        let geography = &bench.catalog().settings.geography;
        if location.country.is_some_and(|id| geography.country(id).is_none()) {
            faults.add("country", Rule::MustExist);
        }
        if location.state.is_some_and(|id| geography.state(id).is_none()) {
            faults.add("state", Rule::MustExist);
        }
        location.active = said.active.unwrap_or(location.active);
        location.backorderable_default = said.backorderable_default.unwrap_or(location.backorderable_default);
        location.propagate_all_variants =
            said.propagate_all_variants.unwrap_or(location.propagate_all_variants);
        faults.into_result()
    }
}
