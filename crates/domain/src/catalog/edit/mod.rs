//! Changes to the catalogue by staff, as pure functions: what creating, changing and deleting things does.
//!
//! A [`Bench`] is a draft of the catalogue. Each function here puts rows on it, so that the second variant of a
//! request finds the option value the first one made. `finish` gives the whole change as a value; nothing is
//! stored here, and nothing is read but the snapshot and the stock levels handed in.
//!
//! What is refused is a [`Refusal`]; then the bench is thrown away.

mod patch;
mod product;
mod slug;
mod taxonomy;
mod variant;

pub use patch::{OptionPatch, Patch, ProductPatch, PropertyPatch, VariantPatch};
pub use product::{create_product, delete_product, update_product};
pub use slug::parameterize;
pub use taxonomy::{
    create_taxonomy, delete_taxon, delete_taxonomy, place_product, put_taxon, taxon_ancestry,
};
pub use variant::{create_variant, delete_variant, update_variant};

use super::{Catalog, Entity, EntityKind, Product, StockLevel};
use crate::refusal::{FieldError, Refusal, Rule, Thing};
use crate::{Ids, ProductId, StockItemId, Time, VariantId};
use std::collections::BTreeMap;

/// Variants of one product, deleted ones included; what the largest shops' exports allow (2 048).
pub const VARIANTS: usize = 2_048;
/// Option types of one product.
pub const OPTION_TYPES: usize = 20;
/// Values of one option type.
pub const OPTION_VALUES: usize = 2_000;
/// Properties of one product.
pub const PROPERTIES: usize = 250;
/// Categories one product is in.
pub const TAXONS: usize = 500;
/// Images of one variant.
pub const IMAGES: usize = 250;
/// Levels of categories below a root.
pub const TAXON_DEPTH: usize = 20;
/// Largest price of one piece in minor units of a currency with cents: what ten digits hold.
pub const PRICE: i64 = 9_999_999_999;

/// What a change does to stock items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockEdit {
    Create(StockLevel),
    /// Sets the pieces on hand.
    Set {
        item: StockItemId,
        on_hand: i64,
    },
    Backorderable {
        item: StockItemId,
        backorderable: bool,
    },
    Remove {
        item: StockItemId,
    },
}

/// A whole change: rows to store, rows to remove, stock items to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    pub put: Vec<Entity>,
    pub removed: Vec<(EntityKind, i64)>,
    pub stock: Vec<StockEdit>,
}

/// A draft of the catalogue that remembers what was done to it.
pub struct Bench<'a> {
    catalog: Catalog,
    ids: &'a dyn Ids,
    now: Time,
    touched: BTreeMap<(EntityKind, i64), Option<Entity>>,
    stock: Vec<StockEdit>,
}

impl std::fmt::Debug for Bench<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("touched", &self.touched.keys()).finish_non_exhaustive()
    }
}

impl<'a> Bench<'a> {
    pub fn new(catalog: &Catalog, ids: &'a dyn Ids, now: Time) -> Bench<'a> {
        Bench { catalog: catalog.clone(), ids, now, touched: BTreeMap::new(), stock: Vec::new() }
    }

    /// The catalogue as it will be.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub fn ids(&self) -> &'a dyn Ids {
        self.ids
    }

    pub fn now(&self) -> Time {
        self.now
    }

    /// A product that is not deleted, to be changed and put back.
    pub fn product(&self, id: ProductId) -> Result<Product, Refusal> {
        let product = self.catalog.products.get(&id).filter(|product| product.deleted_at.is_none());
        product.map(|product| Product::clone(product)).ok_or(Refusal::NotFound(Thing::Product))
    }

    /// The product of a variant, both not deleted, to be changed and put back.
    pub fn product_of(&self, id: VariantId) -> Result<Product, Refusal> {
        let found = self.catalog.variant(id).filter(|(_, variant)| variant.deleted_at.is_none());
        self.product(found.map(|(product, _)| product.id).ok_or(Refusal::NotFound(Thing::Variant))?)
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, row: impl Into<Entity>) {
        let row = row.into();
        self.touched.insert((row.kind(), row.id()), Some(row.clone()));
        self.catalog.put(row);
    }

    pub fn remove(&mut self, kind: EntityKind, id: i64) {
        self.touched.insert((kind, id), None);
        self.catalog.remove(kind, id);
    }

    pub fn stock(&mut self, edit: StockEdit) {
        self.stock.push(edit);
    }

    /// The change as a value.
    pub fn finish(self) -> Edit {
        let mut edit = Edit { stock: self.stock, ..Edit::default() };
        for (key, row) in self.touched {
            match row {
                Some(row) => edit.put.push(row),
                None => edit.removed.push(key),
            }
        }
        edit
    }
}

/// Collects what is wrong, so that the caller hears all of it at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    pub fn add(&mut self, field: &str, rule: Rule) {
        self.0.push(FieldError::new(field, rule));
    }

    /// A text that must be there and fit.
    pub fn required_text(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(field, Rule::Blank);
        }
        self.short(field, text);
    }

    /// A text that must fit a line.
    pub fn short(&mut self, field: &str, text: &str) {
        self.at_most(field, text, crate::limits::TEXT);
    }

    pub fn at_most(&mut self, field: &str, text: &str, maximum: usize) {
        if text.chars().count() > maximum {
            self.add(field, Rule::TooLong { maximum });
        }
    }

    pub fn into_result(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests;
