//! Forms (questions asked with an order), and order forms (conditions on what is in the cart).

use crate::{ConditionId, FormFieldId, FormId, FormOptionId, OrderFormId, VariantId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub id: FormId,
    pub name: String,
    /// By position.
    #[serde(default)]
    pub fields: Vec<FormField>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    pub id: FormFieldId,
    pub label: String,
    #[serde(default)]
    pub help_text: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    pub position: i64,
    #[serde(default)]
    pub kind: FieldKind,
    #[serde(default)]
    pub options: Vec<FormOption>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    #[default]
    Text,
    LongText,
    Email,
    Phone,
    Number,
    Date,
    /// One of the options, all of them in sight.
    Choice,
    /// One of the options, from a list.
    Select,
    /// Yes or no.
    Checkbox,
    /// Any of the options.
    Checkboxes,
}

impl FieldKind {
    /// Whether an answer names options.
    pub fn has_options(self) -> bool {
        matches!(self, FieldKind::Choice | FieldKind::Select | FieldKind::Checkboxes)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormOption {
    pub id: FormOptionId,
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub position: i64,
}

impl Form {
    /// The fields that are asked now, by position.
    pub fn asked(&self) -> impl Iterator<Item = &FormField> {
        self.fields.iter().filter(|field| field.enabled)
    }

    pub fn field(&self, id: FormFieldId) -> Option<&FormField> {
        self.fields.iter().find(|field| field.id == id)
    }
}

impl FormField {
    /// The names behind an answer: of the options chosen, else the answer itself.
    pub fn human(&self, values: &[String]) -> Vec<String> {
        let name = |value: &String| {
            let option = self.options.iter().find(|option| option.id.0.to_string() == *value);
            option.map_or_else(|| value.clone(), |option| option.name.clone())
        };
        if self.kind.has_options() { values.iter().map(name).collect() } else { values.to_vec() }
    }
}

/// Conditions that the cart of an order with this form must meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForm {
    pub id: OrderFormId,
    pub name: String,
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// The pieces of these variants together number at least `minimum` and at most `maximum`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub id: ConditionId,
    #[serde(default)]
    pub label: String,
    pub variants: Vec<VariantId>,
    #[serde(default)]
    pub minimum: u32,
    #[serde(default)]
    pub maximum: Option<u32>,
}
