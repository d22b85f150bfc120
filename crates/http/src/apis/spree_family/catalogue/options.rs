//! Option types and option values. Lists are bare arrays here, without an envelope.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::fields::Fields;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use crate::kit::filter_value::FieldValue;
use domain::catalog::edit::{Bench, Faults, OPTION_VALUES, Patch};
use domain::catalog::{EntityKind, OptionType, OptionValue, StockView};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{OptionTypeId, OptionValueId};
use engine::Reply;

const TYPE_ATTRIBUTES: &[&str] = &["name", "presentation", "position", "option_values"];
const VALUE_ATTRIBUTES: &[&str] = &["name", "presentation", "position", "option_type_id"];

pub async fn types(call: Call) -> Answer {
    let filter = call.filter(&["id", "name"]);
    let ids: Option<Vec<i64>> =
        call.params.get("ids").map(|ids| ids.texts().into_iter().filter_map(|id| id.parse().ok()).collect());
    let wanted = |row: &&OptionType| {
        ids.as_ref().is_none_or(|ids| ids.contains(&row.id.0))
            && filter.matches(|name| type_column(row, name))
    };
    let mut rows: Vec<&OptionType> =
        call.catalog.option_types.values().map(|row| &**row).filter(wanted).collect();
    rows.sort_by_key(|row| (row.position, row.id));
    rows.sort_by(|a, b| filter.compare(|name| type_column(a, name), |name| type_column(b, name)));
    Ok(call.json(200, &rows.into_iter().map(views::option_type).collect::<Vec<_>>()))
}

pub async fn show_type(call: Call) -> Answer {
    Ok(call.json(200, &views::option_type(find(&call)?)))
}

pub async fn create_type(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("option_type", TYPE_ATTRIBUTES);
    let said = Said::read(call.root("option_type")?);
    let create = move |bench: &mut Bench<'_>| {
        let position = bench.catalog().option_types.len() as i64 + 1;
        let id = OptionTypeId::fresh(bench.ids());
        let new =
            OptionType { id, name: String::new(), presentation: String::new(), position, values: Vec::new() };
        said.write_type(new, bench)
    };
    call.change(StockView::default(), create, |id, lens| type_view(201, *id, lens)).await
}

pub async fn update_type(mut call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    call.params.wrap("option_type", TYPE_ATTRIBUTES);
    let said = Said::read(call.root("option_type")?);
    let update = move |bench: &mut Bench<'_>| {
        let row = option_type(bench, id)?;
        said.write_type(row, bench)
    };
    call.change(StockView::default(), update, |id, lens| type_view(200, *id, lens)).await
}

/// A type that products are made of stays.
pub async fn destroy_type(call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    if call
        .catalog
        .products
        .values()
        .any(|product| product.deleted_at.is_none() && product.option_types.contains(&id))
    {
        return Err(call.dialect().cannot_delete());
    }
    let delete = move |bench: &mut Bench<'_>| {
        entity(bench.catalog().option_types.contains_key(&id))?;
        bench.remove(EntityKind::OptionType, id.0);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

/// Values of all types, or of the one in the path.
pub async fn values(call: Call) -> Answer {
    let of = if call.params.get("id").is_some() { Some(find(&call)?.id) } else { None };
    let filter = call.filter(&["id", "name", "presentation", "variants_id", "variants_sku"]);
    let types = call.catalog.option_types.values().filter(|row| of.is_none_or(|id| row.id == id));
    let mut rows: Vec<(&OptionType, &OptionValue)> = types
        .flat_map(|row| row.values.iter().map(move |value| (&**row, value)))
        .filter(|(_, value)| filter.matches(|name| value_column(&call, value, name)))
        .collect();
    rows.sort_by(|a, b| {
        filter.compare(|name| value_column(&call, a.1, name), |name| value_column(&call, b.1, name))
    });
    Ok(call
        .json(200, &rows.into_iter().map(|(row, value)| views::option_value(value, row)).collect::<Vec<_>>()))
}

pub async fn show_value(call: Call) -> Answer {
    let (row, value) = find_value(&call)?;
    Ok(call.json(200, &views::option_value(value, row)))
}

pub async fn create_value(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("option_value", VALUE_ATTRIBUTES);
    let fields = call.root("option_value")?;
    let of = match call.params.get("id") {
        Some(_) => find(&call)?.id,
        None => OptionTypeId(fields.integer("option_type_id").unwrap_or(0)),
    };
    let said = Said::read(fields);
    let create = move |bench: &mut Bench<'_>| {
        let mut row = option_type(bench, of)?;
        let id = OptionValueId::fresh(bench.ids());
        let mut faults = Faults::default();
        said.add_value(&mut row, id, &mut faults)?;
        faults.into_result()?;
        bench.put(row);
        Ok(id)
    };
    call.change(StockView::default(), create, |id, lens| value_view(201, *id, lens)).await
}

pub async fn update_value(mut call: Call) -> Answer {
    let (row, value) = find_value(&call)?;
    let (of, id) = (row.id, value.id);
    call.staff_only()?;
    call.params.wrap("option_value", VALUE_ATTRIBUTES);
    let said = Said::read(call.root("option_value")?);
    let update = move |bench: &mut Bench<'_>| {
        let mut row = option_type(bench, of)?;
        let mut faults = Faults::default();
        said.write_value(&mut row, id, &mut faults);
        faults.into_result()?;
        bench.put(row);
        Ok(id)
    };
    call.change(StockView::default(), update, |id, lens| value_view(200, *id, lens)).await
}

/// A value that a variant has stays.
pub async fn destroy_value(call: Call) -> Answer {
    let (row, value) = find_value(&call)?;
    let (of, id) = (row.id, value.id);
    call.staff_only()?;
    let mut variants = call.catalog.products.values().flat_map(|product| product.all_variants());
    if variants.any(|variant| variant.deleted_at.is_none() && variant.options.contains(&id)) {
        return Err(call.dialect().cannot_delete());
    }
    let delete = move |bench: &mut Bench<'_>| {
        let mut row = option_type(bench, of)?;
        row.values.retain(|value| value.id != id);
        bench.put(row);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

fn option_type(bench: &Bench<'_>, id: OptionTypeId) -> Result<OptionType, Refusal> {
    let row = bench.catalog().option_types.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
    Ok(OptionType::clone(row))
}

fn find(call: &Call) -> Result<&OptionType, Refused> {
    call.catalog
        .option_types
        .get(&OptionTypeId(call.id("id")?))
        .map(|row| &**row)
        .ok_or_else(Refused::not_found)
}

/// The value of `/option_values/{value}` or below its type.
fn find_value(call: &Call) -> Result<(&OptionType, &OptionValue), Refused> {
    let id = OptionValueId(call.id("value")?);
    let of = if call.params.get("id").is_some() { Some(find(call)?.id) } else { None };
    let mut types = call.catalog.option_types.values().filter(|row| of.is_none_or(|id| row.id == id));
    let found =
        types.find_map(|row| row.values.iter().find(|value| value.id == id).map(|value| (&**row, value)));
    found.ok_or_else(Refused::not_found)
}

fn type_view(status: u16, id: OptionTypeId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.option_types.get(&id).map(|row| views::option_type(row)))
}

fn value_view(status: u16, id: OptionValueId, lens: &Lens<'_>) -> Reply {
    let mut types = lens.catalog.option_types.values();
    let found =
        types.find_map(|row| row.values.iter().find(|value| value.id == id).map(|value| (row, value)));
    reply_found(status, found.map(|(row, value)| views::option_value(value, row)))
}

fn type_column<'a>(row: &'a OptionType, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        _ => row.name.as_str().into(),
    })
}

fn value_column<'a>(call: &'a Call, row: &'a OptionValue, name: &str) -> Option<FieldValue<'a>> {
    let variants = || {
        let all = call.catalog.products.values().flat_map(|product| product.all_variants());
        all.filter(|variant| variant.options.contains(&row.id))
    };
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "name" => row.name.as_str().into(),
        "presentation" => row.presentation.as_str().into(),
        "variants_id" => FieldValue::Any(variants().map(|variant| FieldValue::Int(variant.id.0)).collect()),
        _ => FieldValue::Any(variants().map(|variant| variant.sku.as_str().into()).collect()),
    })
}

#[derive(Clone)]
struct Said {
    id: Option<i64>,
    name: Patch<String>,
    presentation: Patch<String>,
    position: Option<i64>,
    values: Vec<Said>,
}

impl Said {
    fn read(fields: Fields<'_>) -> Said {
        let values = fields.items("option_values_attributes").unwrap_or_default();
        Said { values: values.into_iter().map(Said::one).collect(), ..Said::one(fields) }
    }

    fn one(fields: Fields<'_>) -> Said {
        Said {
            id: fields.integer("id"),
            name: fields.text("name"),
            presentation: fields.text("presentation"),
            position: fields.integer("position"),
            values: Vec::new(),
        }
    }

    fn write_type(&self, mut row: OptionType, bench: &mut Bench<'_>) -> Result<OptionTypeId, Refusal> {
        let said = self.clone();
        let mut faults = Faults::default();
        said.name.write_or_default(&mut row.name);
        said.presentation.write_or_default(&mut row.presentation);
        faults.required_text("name", &row.name);
        faults.required_text("presentation", &row.presentation);
        if bench.catalog().option_types.values().any(|other| other.id != row.id && other.name == row.name) {
            faults.add("name", Rule::Taken);
        }
        row.position = said.position.unwrap_or(row.position);
        for value in &said.values {
            match value.id {
                Some(id) => value.write_value(&mut row, OptionValueId(id), &mut faults),
                None => value.add_value(&mut row, OptionValueId::fresh(bench.ids()), &mut faults)?,
            }
        }
        faults.into_result()?;
        let id = row.id;
        bench.put(row);
        Ok(id)
    }

    fn add_value(&self, row: &mut OptionType, id: OptionValueId, faults: &mut Faults) -> Result<(), Refusal> {
        if row.values.len() >= OPTION_VALUES {
            return Err(Refusal::TooMany("option values".to_owned()));
        }
        let position = row.values.iter().map(|value| value.position).max().unwrap_or(0).saturating_add(1);
        row.values.push(OptionValue { id, name: String::new(), presentation: String::new(), position });
        self.write_value(row, id, faults);
        Ok(())
    }

    fn write_value(&self, row: &mut OptionType, id: OptionValueId, faults: &mut Faults) {
        let said = self.clone();
        let Some(at) = row.values.iter().position(|value| value.id == id) else {
            return faults.add("option_values", Rule::MustExist);
        };
        let mut value = row.values[at].clone();
        said.name.write_or_default(&mut value.name);
        said.presentation.write_or_default(&mut value.presentation);
        value.position = said.position.unwrap_or(value.position);
        faults.required_text("name", &value.name);
        faults.required_text("presentation", &value.presentation);
        if row.values.iter().any(|other| other.id != id && other.name == value.name) {
            faults.add("name", Rule::Taken);
        }
        row.values[at] = value;
        row.values.sort_by_key(|value| (value.position, value.id));
    }
}
