//! Zones: named sets of countries and states. Anyone with a key may read them, staff changes them.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::fields::Fields;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use crate::kit::filter_value::FieldValue;
use domain::catalog::edit::{Bench, Faults, Patch};
use domain::catalog::{EntityKind, StockView, Zone, ZoneMember, ZonePlace};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{CountryId, IdKind, StateId, ZoneId};
use engine::Reply;

const ATTRIBUTES: &[&str] = &["name", "description", "zone_members"];
/// Members of one zone: more than there are countries and states.
const MEMBERS: usize = 6_000;

pub async fn index(call: Call) -> Answer {
    let geography = &call.catalog.settings.geography;
    let rows = call.catalog.zones.values().map(|row| &**row);
    call.search("zones", rows, &["id", "name", "description"], column, |row| views::zone(row, geography))
}

fn column<'a>(row: &'a Zone, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "name" => row.name.as_str().into(),
        _ => row.description.as_str().into(),
    })
}

pub async fn show(call: Call) -> Answer {
    let zone = find(&call)?;
    Ok(call.json(200, &views::zone(zone, &call.catalog.settings.geography)))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    let said = Said::read(&mut call)?;
    let create = move |bench: &mut Bench<'_>| {
        let id = ZoneId::fresh(bench.ids());
        let zone = Zone { id, name: String::new(), description: String::new(), members: Vec::new() };
        said.write(zone, bench)
    };
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let said = Said::read(&mut call)?;
    let update = move |bench: &mut Bench<'_>| {
        let zone = bench.catalog().zones.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
        let zone = Zone::clone(zone);
        said.write(zone, bench)
    };
    call.change(StockView::default(), update, |id, lens| view(200, *id, lens)).await
}

/// Rates and methods that name the zone stay; without it they apply nowhere by it.
pub async fn destroy(call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let delete = move |bench: &mut Bench<'_>| {
        entity(bench.catalog().zones.contains_key(&id))?;
        bench.remove(EntityKind::Zone, id.0);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

fn find(call: &Call) -> Result<&Zone, Refused> {
    call.catalog.zones.get(&ZoneId(call.id("id")?)).map(|zone| &**zone).ok_or_else(Refused::not_found)
}

fn view(status: u16, id: ZoneId, lens: &Lens<'_>) -> Reply {
    let geography = &lens.catalog.settings.geography;
    reply_found(status, lens.catalog.zones.get(&id).map(|zone| views::zone(zone, geography)))
}

#[derive(Clone)]
struct Said {
    name: Patch<String>,
    description: Patch<String>,
    /// `None` for a member that is neither a country nor a state.
    members: Option<Vec<Option<ZonePlace>>>,
}

impl Said {
    fn read(call: &mut Call) -> Result<Said, Refused> {
        call.params.wrap("zone", ATTRIBUTES);
        let fields = call.root("zone")?;
        let members = fields.items("zone_members").or_else(|| fields.items("zone_members_attributes"));
        Ok(Said {
            name: fields.text("name"),
            description: fields.text("description"),
            members: members.map(|members| members.into_iter().map(place).collect()),
        })
    }

    fn write(&self, mut zone: Zone, bench: &mut Bench<'_>) -> Result<ZoneId, Refusal> {
        let said = self.clone();
        let mut faults = Faults::default();
        said.name.write_or_default(&mut zone.name);
        faults.required_text("name", &zone.name);
        if bench.catalog().zones.values().any(|other| other.id != zone.id && other.name == zone.name) {
            faults.add("name", Rule::Taken);
        }
        said.description.write_or_default(&mut zone.description);
        faults.at_most("description", &zone.description, domain::limits::LONG_TEXT);
        if let Some(members) = said.members {
            if members.len() > MEMBERS {
                return Err(Refusal::TooMany("zone members".to_owned()));
            }
            let known = std::mem::take(&mut zone.members);
            for place in members {
                let place = place.filter(|place| is_known(bench, *place));
                let Some(place) = place else {
                    faults.add("zone_members.zoneable", Rule::MustExist);
                    continue;
                };
                if zone.members.iter().all(|member| member.place != place) {
                    let same = known.iter().find(|member| member.place == place);
                    let id = same.map_or_else(|| bench.ids().take(IdKind::ZoneMember, 1), |member| member.id);
                    zone.members.push(ZoneMember { id, place });
                }
            }
        }
        faults.into_result()?;
        let id = zone.id;
        bench.put(zone);
        Ok(id)
    }
}

fn place(fields: Fields<'_>) -> Option<ZonePlace> {
    let id = fields.integer("zoneable_id")?;
    match fields.get("zoneable_type")?.text()? {
        "Spree::Country" => Some(ZonePlace::Country(CountryId(id))),
        "Spree::State" => Some(ZonePlace::State(StateId(id))),
        _ => None,
    }
}

fn is_known(bench: &Bench<'_>, place: ZonePlace) -> bool {
    let geography = &bench.catalog().settings.geography;
    match place {
        ZonePlace::Country(id) => geography.country(id).is_some(),
        ZonePlace::State(id) => geography.state(id).is_some(),
    }
}
