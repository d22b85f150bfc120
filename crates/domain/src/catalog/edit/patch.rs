//! What staff may ask of a product or variant. A field that was not named stays as it is.

use super::super::Measures;
use crate::{OptionValueId, PropertyId, ShippingCategoryId, TaxCategoryId, TaxonId, Time, VariantId};

/// One field: not named, emptied, or set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// Writes into a field that may be empty.
    pub fn write(self, field: &mut Option<T>) {
        match self {
            Patch::Keep => {}
            Patch::Clear => *field = None,
            Patch::Set(value) => *field = Some(value),
        }
    }

    pub fn is_keep(&self) -> bool {
        matches!(self, Patch::Keep)
    }
}

impl<T: Default> Patch<T> {
    /// Writes into a field that is never absent; emptied is its default.
    pub fn write_or_default(self, field: &mut T) {
        match self {
            Patch::Keep => {}
            Patch::Clear => *field = T::default(),
            Patch::Set(value) => *field = value,
        }
    }
}

/// A product's own fields, its master variant, and what hangs on it.
#[derive(Debug, Clone, Default)]
pub struct ProductPatch {
    pub name: Patch<String>,
    /// Made from the name if never given.
    pub slug: Patch<String>,
    pub description: Patch<String>,
    pub available_on: Patch<Time>,
    pub discontinue_on: Patch<Time>,
    pub shipping_category: Patch<ShippingCategoryId>,
    /// By name; made if there is none. Wins over `shipping_category`.
    pub shipping_category_name: Patch<String>,
    pub tax_category: Patch<TaxCategoryId>,
    pub meta_title: Patch<String>,
    pub meta_description: Patch<String>,
    pub meta_keywords: Patch<String>,
    pub promotionable: Option<bool>,
    /// Names; those that do not exist are made. Replaces the whole list.
    pub option_types: Option<Vec<String>>,
    /// Replaces the whole list.
    pub taxons: Option<Vec<TaxonId>>,
    pub properties: Vec<PropertyPatch>,
    pub master: VariantPatch,
    /// New ones, and changes to those with an id.
    pub variants: Vec<(Option<VariantId>, VariantPatch)>,
}

/// A property's value on a product.
#[derive(Debug, Clone, Default)]
pub struct PropertyPatch {
    /// The value to change; without it one is added, or the one of the same name is changed.
    pub id: Option<PropertyId>,
    /// The property's name; made if there is none.
    pub name: Option<String>,
    pub value: Option<String>,
    pub remove: bool,
}

#[derive(Debug, Clone, Default)]
pub struct VariantPatch {
    pub sku: Patch<String>,
    pub gtin: Patch<String>,
    pub condition: Patch<String>,
    /// A plain decimal in the store's currency, as written.
    pub price: Patch<String>,
    pub cost_price: Patch<String>,
    pub measures: Option<Measures>,
    /// Measures that could not be read, by field.
    pub not_numbers: Vec<&'static str>,
    pub track_inventory: Option<bool>,
    pub tax_category: Patch<TaxCategoryId>,
    pub position: Option<i64>,
    /// Replaces all options.
    pub option_values: Option<Vec<OptionValueId>>,
    /// By name; each replaces the option of the same type. Types and values that do not exist are made.
    pub options: Vec<OptionPatch>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionPatch {
    /// The option type's name.
    pub name: String,
    /// The option value's name.
    pub value: String,
}
