//! Taxonomies: trees of categories for browsing and for promotion rules.

use super::Catalog;
use crate::{ProductId, TaxonId, TaxonomyId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxonomy {
    pub id: TaxonomyId,
    pub name: String,
    pub root: TaxonId,
    #[serde(default)]
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxon {
    pub id: TaxonId,
    pub taxonomy: TaxonomyId,
    #[serde(default)]
    pub parent: Option<TaxonId>,
    pub name: String,
    pub permalink: String,
    #[serde(default)]
    pub position: i64,
    #[serde(default)]
    pub description: Option<String>,
    /// For search engines.
    #[serde(default)]
    pub meta_title: Option<String>,
    #[serde(default)]
    pub meta_description: Option<String>,
}

/// The order that staff gave the products of a taxon, which has the same id. It is a row of its own, so that a store file,
/// which says how its taxons look, does not undo it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    pub id: TaxonId,
    /// Products that left the taxon since may still be named.
    pub products: Vec<ProductId>,
}

impl Catalog {
    /// The products of a taxon itself, deleted ones left out: those that staff gave a place in that order, then the others
    /// as they were made.
    pub fn products_in(&self, taxon: TaxonId) -> Vec<ProductId> {
        let Some(members) = self.members_of(taxon) else { return Vec::new() };
        let Some(shelf) = self.shelves.get(&taxon) else { return members.iter().copied().collect() };
        let mut others = members.clone();
        let placed = shelf.products.iter().copied().filter(|id| others.remove(id).is_some());
        let mut products: Vec<ProductId> = placed.collect();
        products.extend(others);
        products
    }
}
