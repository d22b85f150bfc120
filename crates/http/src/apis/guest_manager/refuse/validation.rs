//! The tree of a validation error: a record, what is wrong with its attributes, and the same for the records that
//! hang on it.
//!
//! An order always names its tickets, form responses and line items, also when nothing is wrong with them.

use domain::order::Order;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The associations an order's error always shows.
const ALWAYS: [&str; 3] = ["tickets", "form_responses", "line_items"];

/// One wrong attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Flawed {
    attribute: String,
    code: &'static str,
    message: String,
    detail: Value,
}

impl Flawed {
    /// `message` goes on from the attribute's label (`can't be blank`); of `base` it is a sentence.
    pub fn new(attribute: &str, code: &'static str, message: impl Into<String>) -> Flawed {
        Flawed { attribute: attribute.to_owned(), code, message: message.into(), detail: json!({}) }
    }

    #[must_use]
    pub fn detail(self, detail: Value) -> Flawed {
        Flawed { detail, ..self }
    }

    fn sentence(&self) -> String {
        match self.attribute.as_str() {
            "base" => self.message.clone(),
            attribute => format!("{} {}", label(attribute), self.message),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "attribute": self.attribute,
            "label": label(&self.attribute),
            "name": null,
            "code": self.code,
            "message": self.message,
            "detail": self.detail,
        })
    }
}

/// `first_name` is `First name`.
fn label(attribute: &str) -> String {
    let words = attribute.strip_suffix("_id").unwrap_or(attribute).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What is wrong with one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    model: &'static str,
    id: Option<i64>,
    /// In front of the summary of this record.
    opening: Option<String>,
    attributes: Vec<Flawed>,
    associations: BTreeMap<&'static str, BTreeMap<String, Validation>>,
}

impl Validation {
    pub fn new(model: &'static str, id: Option<i64>) -> Validation {
        Validation { model, id, opening: None, attributes: Vec::new(), associations: BTreeMap::new() }
    }

    /// Of an order; `None` if it is not there yet.
    pub fn order(order: Option<&Order>) -> Validation {
        Validation::new("Order", order.map(|order| order.id.0))
    }

    #[must_use]
    pub fn with(mut self, flawed: Flawed) -> Validation {
        self.attributes.push(flawed);
        self
    }

    #[must_use]
    pub fn opening(self, words: String) -> Validation {
        Validation { opening: Some(words), ..self }
    }

    /// Hangs a record below this one, under its id or its place in the request.
    #[must_use]
    pub fn child(mut self, association: &'static str, key: &str, record: Validation) -> Validation {
        self.associations.entry(association).or_default().insert(key.to_owned(), record);
        self
    }

    /// The record under a key, made if it is not there.
    pub fn at(
        &mut self,
        association: &'static str,
        key: String,
        new: impl FnOnce() -> Validation,
    ) -> &mut Validation {
        self.associations.entry(association).or_default().entry(key).or_insert_with(new)
    }

    pub fn add(&mut self, flawed: Flawed) {
        self.attributes.push(flawed);
    }

    /// All messages of the record and those below it.
    pub fn summary(&self) -> String {
        let mut all = Vec::new();
        self.sentences(&mut all);
        all.dedup();
        match &self.opening {
            Some(opening) if all.is_empty() => opening.clone(),
            Some(opening) => format!("{opening} ({})", all.join(", ")),
            None => all.join(", "),
        }
    }

    fn sentences(&self, all: &mut Vec<String>) {
        all.extend(self.attributes.iter().map(Flawed::sentence));
        for record in self.associations.values().flat_map(BTreeMap::values) {
            record.sentences(all);
        }
    }

    pub fn to_json(&self) -> Value {
        let mut associations = Map::new();
        if self.model == "Order" {
            associations.extend(ALWAYS.map(|name| (name.to_owned(), json!({}))));
        }
        for (name, records) in &self.associations {
            let records: Map<String, Value> =
                records.iter().map(|(key, record)| (key.clone(), record.to_json())).collect();
            associations.insert((*name).to_owned(), Value::Object(records));
        }
        let attributes: Vec<Value> = self.attributes.iter().map(Flawed::to_json).collect();
        json!({
            "type": "validation_error",
            "message": self.summary(),
            "model": self.model,
            "id": self.id,
            "errors": { "attributes": attributes, "associations": associations },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_names_records_by_id_and_sums_their_messages_up() {
        let ticket = Validation::new("Ticket", Some(7)).with(Flawed::new("name", "blank", "can't be blank"));
        let order = Validation::new("Order", Some(1))
            .with(Flawed::new("first_name", "blank", "can't be blank"))
            .child("tickets", "7", ticket);
        let json = order.to_json();
        assert_eq!(json["message"], "First name can't be blank, Name can't be blank");
        assert_eq!(json["errors"]["attributes"][0]["label"], "First name");
        assert_eq!(json["errors"]["associations"]["tickets"]["7"]["model"], "Ticket");
        assert_eq!(json["errors"]["associations"]["line_items"], json!({}));
        assert_eq!(json["errors"]["associations"]["tickets"]["7"]["errors"]["associations"], json!({}));
    }
}
