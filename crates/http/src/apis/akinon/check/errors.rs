//! What is wrong with a body, by field, in the only two shapes the protocol has.

use crate::apis::akinon::tongue::{Say, Tongue};
use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The name of what is wrong with an object as a whole.
pub const WHOLE: &str = "non_field_errors";

/// What is wrong, in the order it was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Errors(IndexMap<String, Node>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// At least one.
    Sentences(Vec<Say>),
    /// At least one, of which at least one is not empty.
    Objects(Vec<Errors>),
}

impl Errors {
    /// One thing that is wrong.
    pub fn one(field: &str, say: Say) -> Errors {
        let mut errors = Errors::default();
        errors.add(field, say);
        errors
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a sentence; one that is there already is not said twice. What is wrong inside a field counts more than what is
    /// wrong with it as a whole.
    pub fn add(&mut self, field: &str, say: Say) {
        match self.0.entry(field.to_owned()).or_insert_with(|| Node::Sentences(Vec::new())) {
            Node::Sentences(sentences) if !sentences.contains(&say) => sentences.push(say),
            Node::Sentences(_) | Node::Objects(_) => {}
        }
    }

    /// What is wrong inside an object.
    pub fn within(&mut self, field: &str, inner: Errors) {
        self.items(field, vec![inner]);
    }

    /// What is wrong inside the items of a list.
    pub fn items(&mut self, field: &str, items: Vec<Errors>) {
        if items.iter().any(|item| !item.is_empty()) {
            self.0.insert(field.to_owned(), Node::Objects(items));
        }
    }

    /// Adds all that is wrong elsewhere; what is said here already stays.
    pub fn also(&mut self, other: Errors) {
        for (field, node) in other.0 {
            match (self.0.get_mut(&field), node) {
                (Some(Node::Sentences(mine)), Node::Sentences(theirs)) => {
                    mine.extend(theirs.into_iter().filter(|say| !mine.contains(say)).collect::<Vec<_>>());
                }
                (Some(_), _) => {}
                (None, node) => drop(self.0.insert(field, node)),
            }
        }
    }

    /// Whether this field is among them.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// The body of an answer.
    pub fn to_json(&self, tongue: Tongue) -> serde_json::Value {
        // Names are texts, so this cannot fail.
        serde_json::to_value(Spoken(self, tongue)).unwrap_or_default()
    }
}

struct Spoken<'a>(&'a Errors, Tongue);

impl Serialize for Spoken<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Spoken(errors, tongue) = self;
        let mut map = serializer.serialize_map(Some(errors.0.len()))?;
        for (field, node) in &errors.0 {
            match node {
                Node::Sentences(sentences) => {
                    let said: Vec<String> = sentences.iter().map(|say| say.to(*tongue)).collect();
                    map.serialize_entry(field, &said)?;
                }
                Node::Objects(objects) => {
                    let said: Vec<Spoken<'_>> = objects.iter().map(|inner| Spoken(inner, *tongue)).collect();
                    map.serialize_entry(field, &said)?;
                }
            }
        }
        map.end()
    }
}
