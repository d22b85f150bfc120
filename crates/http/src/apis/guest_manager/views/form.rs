//! The answers to the forms of an order's events, with the questions.

use super::Lens;
use domain::catalog::{FieldKind, FormField, FormOption};
use domain::order::{Answer, Order, Response};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize)]
pub struct ResponseView<'a> {
    id: i64,
    form_id: i64,
    answers: Vec<AnswerView<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct AnswerView<'a> {
    id: i64,
    form_field_id: i64,
    value: Value,
    human_value: Option<String>,
    field: Option<FieldView<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct FieldView<'a> {
    id: i64,
    label: &'a str,
    required: bool,
    enabled: bool,
    help_text: Option<&'a str>,
    position: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    options: Vec<OptionView<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct OptionView<'a> {
    id: i64,
    form_field_id: i64,
    name: &'a str,
    value: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    position: i64,
}

pub fn responses<'a>(order: &'a Order, lens: &Lens<'a>) -> Vec<ResponseView<'a>> {
    order.ticketing.responses.iter().map(|response| view(response, lens)).collect()
}

fn view<'a>(response: &'a Response, lens: &Lens<'a>) -> ResponseView<'a> {
    let form = lens.catalog.ticketing.forms.get(&response.form);
    let answer = |answer: &'a Answer| {
        let field = form.and_then(|form| form.field(answer.field));
        AnswerView {
            id: answer.id.0,
            form_field_id: answer.field.0,
            value: value(answer, field),
            human_value: human(answer, field),
            field: field.map(field_view),
        }
    };
    ResponseView {
        id: response.id.0,
        form_id: response.form.0,
        answers: response.answers.iter().map(answer).collect(),
    }
}

fn value(answer: &Answer, field: Option<&FormField>) -> Value {
    match (field.map(|field| field.kind), answer.values.as_slice()) {
        (Some(FieldKind::Checkboxes), values) => json!(values),
        (_, []) => Value::Null,
        (_, [first, ..]) => json!(first),
    }
}

fn human(answer: &Answer, field: Option<&FormField>) -> Option<String> {
    let values = field.map_or_else(|| answer.values.clone(), |field| field.human(&answer.values));
    if values.is_empty() { None } else { Some(values.join(", ")) }
}

fn field_view(field: &FormField) -> FieldView<'_> {
    let kind = kind(field.kind);
    let option = |option: &'_ FormOption| (option.position, option.id);
    let mut options: Vec<&FormOption> = field.options.iter().collect();
    options.sort_by_key(|row| option(row));
    FieldView {
        id: field.id.0,
        label: &field.label,
        required: field.required,
        enabled: field.enabled,
        help_text: field.help_text.as_deref(),
        position: field.position,
        kind,
        options: options
            .into_iter()
            .map(|row| OptionView {
                id: row.id.0,
                form_field_id: field.id.0,
                name: &row.name,
                value: row.value.as_deref().unwrap_or(&row.name),
                kind,
                position: row.position,
            })
            .collect(),
    }
}

/// The name of a kind of field.
pub fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text_field",
        FieldKind::LongText => "text_area",
        FieldKind::Email => "email",
        FieldKind::Phone => "phone",
        FieldKind::Number => "number",
        FieldKind::Date => "date",
        FieldKind::Choice => "multiple_choice",
        FieldKind::Select => "select",
        FieldKind::Checkbox => "checkbox",
        FieldKind::Checkboxes => "checkboxes",
    }
}
