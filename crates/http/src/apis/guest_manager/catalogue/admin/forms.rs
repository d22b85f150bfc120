//! Forms with their fields and options, and order forms.

use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::field_kind;
use crate::kit::Map;
use domain::catalog::{Catalog, Condition, EntityKind, FieldKind, Form, FormField, FormOption, OrderForm};
use domain::{ConditionId, FormFieldId, FormId, FormOptionId, OrderFormId, VariantId};
use serde_json::{Value as Json, json};

const KINDS: [FieldKind; 10] = [
    FieldKind::Text,
    FieldKind::LongText,
    FieldKind::Email,
    FieldKind::Phone,
    FieldKind::Number,
    FieldKind::Date,
    FieldKind::Choice,
    FieldKind::Select,
    FieldKind::Checkbox,
    FieldKind::Checkboxes,
];

pub const FORMS: Resource = Resource {
    plural: "forms",
    singular: "form",
    model: "Form",
    rows: |look| look.catalog.ticketing.forms.values().map(|form| form_view(form)).collect(),
    put: Some(put_form),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.forms.get(&FormId(id)), "Form", id)?;
        if draft.catalog().ticketing.events.values().any(|event| event.form == Some(FormId(id))) {
            return Err(in_use("Form", id, "events"));
        }
        draft.remove(EntityKind::Form, id);
        Ok(())
    }),
};

pub const FIELDS: Resource = Resource {
    plural: "form_fields",
    singular: "form_field",
    model: "FormField",
    rows: |look| {
        let forms = look.catalog.ticketing.forms.values();
        forms.flat_map(|form| form.fields.iter().map(|field| field_view(form, field))).collect()
    },
    put: Some(put_field),
    remove: Some(|draft, id| {
        let (mut form, place) = with_field(draft.catalog(), id)?;
        form.fields.remove(place);
        draft.put(form);
        Ok(())
    }),
};

pub const OPTIONS: Resource = Resource {
    plural: "form_field_options",
    singular: "form_field_option",
    model: "FormFieldOption",
    rows: |look| {
        let fields = look.catalog.ticketing.forms.values().flat_map(|form| &form.fields);
        fields.flat_map(|field| field.options.iter().map(|option| option_view(field, option))).collect()
    },
    put: Some(put_option),
    remove: Some(|draft, id| {
        let (mut form, field, place) = with_option(draft.catalog(), id)?;
        form.fields[field].options.remove(place);
        draft.put(form);
        Ok(())
    }),
};

pub const ORDER_FORMS: Resource = Resource {
    plural: "order_forms",
    singular: "order_form",
    model: "OrderForm",
    rows: |look| look.catalog.ticketing.order_forms.values().map(|form| order_form_view(form)).collect(),
    put: Some(put_order_form),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.order_forms.get(&OrderFormId(id)), "OrderForm", id)?;
        draft.remove(EntityKind::OrderForm, id);
        Ok(())
    }),
};

fn form_view(form: &Form) -> Json {
    let fields: Vec<Json> = form.fields.iter().map(|field| field_view(form, field)).collect();
    json!({ "id": form.id, "name": form.name, "fields": fields })
}

fn field_view(form: &Form, field: &FormField) -> Json {
    json!({
        "id": field.id,
        "form_id": form.id,
        "label": field.label,
        "required": field.required,
        "enabled": field.enabled,
        "help_text": field.help_text,
        "position": field.position,
        "type": field_kind(field.kind),
        "options": field.options.iter().map(|option| option_view(field, option)).collect::<Vec<_>>(),
    })
}

fn option_view(field: &FormField, option: &FormOption) -> Json {
    json!({
        "id": option.id,
        "form_field_id": field.id,
        "name": option.name,
        "value": option.value.as_deref().unwrap_or(&option.name),
        "type": field_kind(field.kind),
        "position": option.position,
    })
}

fn order_form_view(form: &OrderForm) -> Json {
    let condition = |row: &Condition| {
        json!({
            "id": row.id,
            "label": row.label,
            "variant_ids": row.variants,
            "min_quantity": row.minimum,
            "max_quantity": row.maximum,
        })
    };
    json!({ "id": form.id, "name": form.name, "conditions": form.conditions.iter().map(condition).collect::<Vec<_>>() })
}

fn put_form(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let mut form = match id {
        Some(id) => Form::clone(found(draft.catalog().ticketing.forms.get(&FormId(id)), "Form", id)?),
        None => Form { id: FormId::fresh(draft.ids), name: String::new(), fields: Vec::new() },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut form.name);
    let new = fields.maps("fields").unwrap_or_default();
    fields.finish("Form", id)?;
    for map in new {
        let known = map.get("id").and_then(|id| id.integer());
        let place = form.fields.iter().position(|field| Some(field.id.0) == known);
        write_field(draft, &mut form, place, map, false)?;
    }
    let id = form.id.0;
    draft.put(form);
    Ok(id)
}

fn put_field(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let (mut form, place) = match id {
        Some(id) => with_field(draft.catalog(), id).map(|(form, place)| (form, Some(place)))?,
        None => {
            let forms = &draft.catalog().ticketing.forms;
            let form = map.get("form_id").and_then(|id| forms.get(&FormId(id.integer()?)));
            (Form::clone(form.ok_or_else(|| Refused::parameter_missing("form_id"))?), None)
        }
    };
    let id = write_field(draft, &mut form, place, map, true)?;
    draft.put(form);
    Ok(id.0)
}

/// A new field stands last unless its position is named.
fn write_field(
    draft: &Draft<'_>,
    form: &mut Form,
    place: Option<usize>,
    map: &Map,
    alone: bool,
) -> Result<FormFieldId, Refused> {
    let mut row = match place {
        Some(place) => form.fields[place].clone(),
        None => FormField {
            id: FormFieldId::fresh(draft.ids),
            label: String::new(),
            help_text: None,
            required: false,
            enabled: true,
            position: form.fields.iter().map(|field| field.position).max().unwrap_or(0) + 1,
            kind: FieldKind::Text,
            options: Vec::new(),
        },
    };
    let fields = Fields::new(map);
    if alone {
        fields.get("form_id");
    }
    fields.name("label", &mut row.label);
    fields.maybe("help_text", &mut row.help_text);
    fields.flag("required", &mut row.required);
    fields.flag("enabled", &mut row.enabled);
    let words = KINDS.map(|kind| (field_kind(kind), kind));
    fields.choice("type", &words, &mut row.kind);
    let mut position = u32::try_from(row.position).unwrap_or(0);
    fields.whole("position", 0..=i64::from(u32::MAX), &mut position);
    row.position = i64::from(position);
    let options = fields.maps("options").unwrap_or_default();
    fields.finish("FormField", place.map(|_| row.id.0))?;
    for map in options {
        let known = map.get("id").and_then(|id| id.integer());
        let place = row.options.iter().position(|option| Some(option.id.0) == known);
        write_option(draft, &mut row, place, map, false)?;
    }
    let id = row.id;
    match place {
        Some(place) => form.fields[place] = row,
        None => form.fields.push(row),
    }
    form.fields.sort_by_key(|field| (field.position, field.id));
    Ok(id)
}

fn put_option(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let (mut form, field, place) = match id {
        Some(id) => {
            with_option(draft.catalog(), id).map(|(form, field, place)| (form, field, Some(place)))?
        }
        None => {
            let field = map.get("form_field_id").and_then(|id| id.integer());
            let field = field.ok_or_else(|| Refused::parameter_missing("form_field_id"))?;
            let (form, field) = with_field(draft.catalog(), field)?;
            (form, field, None)
        }
    };
    let id = write_option(draft, &mut form.fields[field], place, map, true)?;
    draft.put(form);
    Ok(id.0)
}

fn write_option(
    draft: &Draft<'_>,
    field: &mut FormField,
    place: Option<usize>,
    map: &Map,
    alone: bool,
) -> Result<FormOptionId, Refused> {
    let mut row = match place {
        Some(place) => field.options[place].clone(),
        None => FormOption {
            id: FormOptionId::fresh(draft.ids),
            name: String::new(),
            value: None,
            position: field.options.iter().map(|option| option.position).max().unwrap_or(0) + 1,
        },
    };
    let fields = Fields::new(map);
    if alone {
        fields.get("form_field_id");
    }
    fields.name("name", &mut row.name);
    fields.maybe("value", &mut row.value);
    let mut position = u32::try_from(row.position).unwrap_or(0);
    fields.whole("position", 0..=i64::from(u32::MAX), &mut position);
    row.position = i64::from(position);
    fields.finish("FormFieldOption", place.map(|_| row.id.0))?;
    let id = row.id;
    match place {
        Some(place) => field.options[place] = row,
        None => field.options.push(row),
    }
    Ok(id)
}

/// The form that has a field, and the field's place in it.
fn with_field(catalog: &Catalog, id: i64) -> Result<(Form, usize), Refused> {
    let of = |form: &Form| form.fields.iter().position(|field| field.id == FormFieldId(id));
    let mut forms = catalog.ticketing.forms.values();
    let hit = forms.find_map(|form| of(form).map(|place| (Form::clone(form), place)));
    found(hit, "FormField", id)
}

fn with_option(catalog: &Catalog, id: i64) -> Result<(Form, usize, usize), Refused> {
    let of = |form: &Form| {
        form.fields.iter().enumerate().find_map(|(field, row)| {
            let place = row.options.iter().position(|option| option.id == FormOptionId(id))?;
            Some((field, place))
        })
    };
    let mut forms = catalog.ticketing.forms.values();
    let hit = forms.find_map(|form| of(form).map(|(field, place)| (Form::clone(form), field, place)));
    found(hit, "FormFieldOption", id)
}

fn put_order_form(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let known = &draft.catalog().ticketing.order_forms;
    let mut form = match id {
        Some(id) => OrderForm::clone(found(known.get(&OrderFormId(id)), "OrderForm", id)?),
        None => OrderForm { id: OrderFormId::fresh(draft.ids), name: String::new(), conditions: Vec::new() },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut form.name);
    let conditions = fields.maps("conditions");
    fields.finish("OrderForm", id)?;
    if let Some(conditions) = conditions {
        let rows = conditions.into_iter().map(|map| condition(draft, &form, map));
        form.conditions = rows.collect::<Result<_, _>>()?;
    }
    let id = form.id.0;
    draft.put(form);
    Ok(id)
}

/// The list of conditions is replaced; one that names its id keeps it.
fn condition(draft: &Draft<'_>, form: &OrderForm, map: &Map) -> Result<Condition, Refused> {
    let known = map.get("id").and_then(|id| id.integer());
    let kept = form.conditions.iter().find(|row| Some(row.id.0) == known).cloned();
    let mut row = kept.unwrap_or_else(|| Condition {
        id: ConditionId::fresh(draft.ids),
        label: String::new(),
        variants: Vec::new(),
        minimum: 0,
        maximum: None,
    });
    let fields = Fields::new(map);
    fields.text("label", &mut row.label);
    let is_there = |id: &VariantId| draft.catalog().variant(*id).is_some();
    fields.ids("variant_ids", VariantId, is_there, &mut row.variants);
    fields.whole("min_quantity", 0..=i64::from(u32::MAX), &mut row.minimum);
    fields.count("max_quantity", 0..=i64::from(u32::MAX), &mut row.maximum);
    if row.maximum.is_some_and(|maximum| maximum < row.minimum) {
        fields.wrong("max_quantity", "invalid", "must not be below the minimum");
    }
    fields.finish("OrderFormCondition", known)?;
    Ok(row)
}
