//! Taxonomies: trees of categories for browsing and for promotion rules.

use crate::{TaxonId, TaxonomyId};
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
