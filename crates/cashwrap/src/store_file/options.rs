//! Option types and their values, which grow while products are read.
//!
//! A product names options by their words; a type or value that is new gets an id and a place at the end. What is
//! in the database stays, so that importing a second file never takes a value away from the first one's products.

use super::names::Names;
use domain::catalog::{OptionType, OptionValue};
use domain::{IdKind, OptionTypeId, OptionValueId};

/// All option types of a reading, in order.
#[derive(Debug, Clone, Default)]
pub struct Options {
    types: Vec<OptionType>,
}

impl Options {
    /// Goes on from these.
    pub fn from_rows(types: Vec<OptionType>) -> Options {
        Options { types }
    }

    pub fn into_rows(self) -> Vec<OptionType> {
        self.types
    }

    /// The type with this name, made if it is new.
    pub fn option_type(&mut self, names: &mut Names, name: &str) -> OptionTypeId {
        let id = OptionTypeId(names.part(IdKind::OptionType, name));
        if !self.types.iter().any(|known| known.id == id) {
            let position = self.types.len() as i64 + 1;
            let presentation = name.to_owned();
            self.types.push(OptionType {
                id,
                name: name.to_owned(),
                presentation,
                position,
                values: Vec::new(),
            });
        }
        id
    }

    /// The value of this type with this name, made if it is new.
    pub fn value(&mut self, names: &mut Names, type_name: &str, name: &str) -> OptionValueId {
        let of_type = self.option_type(names, type_name);
        let id = OptionValueId(names.part(IdKind::OptionValue, &value_key(type_name, name)));
        // `option_type` has just made sure that the type is there.
        if let Some(found) = self.types.iter_mut().find(|known| known.id == of_type)
            && !found.values.iter().any(|value| value.id == id)
        {
            let position = found.values.len() as i64 + 1;
            found.values.push(OptionValue {
                id,
                name: name.to_owned(),
                presentation: name.to_owned(),
                position,
            });
        }
        id
    }

    pub fn type_mut(&mut self, id: OptionTypeId) -> Option<&mut OptionType> {
        self.types.iter_mut().find(|known| known.id == id)
    }
}

/// How promotions and the database's index name a value: `Size/S`.
pub fn value_key(type_name: &str, value: &str) -> String {
    format!("{type_name}/{value}")
}
