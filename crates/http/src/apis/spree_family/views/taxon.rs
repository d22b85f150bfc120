//! Taxonomies and taxons: trees, nested all the way down or as far as was asked.

use super::Lens;
use domain::catalog::{Catalog, Taxon, Taxonomy};
use domain::{TaxonId, TaxonomyId};
use serde::Serialize;
use std::collections::BTreeMap;

/// Levels shown below a taxon, and names in front of it. A deeper tree is cut here; one that bites its own tail
/// ends here too.
const DEPTH: usize = 16;

#[derive(Debug, Serialize)]
pub struct TaxonView<'a> {
    id: TaxonId,
    name: &'a str,
    /// The names from the root down: `Categories -> Bags`.
    pretty_name: String,
    permalink: &'a str,
    parent_id: Option<TaxonId>,
    taxonomy_id: TaxonomyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_title: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_description: Option<Option<&'a str>>,
    /// Left out below the levels that were asked for: an empty list would be a lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    taxons: Option<Vec<TaxonView<'a>>>,
}

/// How much is shown below a taxon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    Nothing,
    Children,
    All,
}

impl Below {
    fn next(self) -> Below {
        if self == Below::All { Below::All } else { Below::Nothing }
    }
}

#[derive(Debug, Serialize)]
pub struct TaxonomyView<'a> {
    id: TaxonomyId,
    name: &'a str,
    root: Option<TaxonView<'a>>,
}

/// Taxons by parent, in the order they are shown.
pub(super) struct Tree<'a> {
    children: BTreeMap<TaxonId, Vec<&'a Taxon>>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(catalog: &'a Catalog) -> Tree<'a> {
        let mut children: BTreeMap<TaxonId, Vec<&'a Taxon>> = BTreeMap::new();
        for taxon in catalog.taxons.values() {
            if let Some(parent) = taxon.parent {
                children.entry(parent).or_default().push(taxon);
            }
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|taxon| (taxon.position, taxon.id));
        }
        Tree { children }
    }

    pub(super) fn view(&self, taxon: &'a Taxon, lens: &Lens<'a>, below: Below) -> TaxonView<'a> {
        self.at(taxon, pretty_name(taxon, lens.catalog), lens, below, DEPTH)
    }

    fn at(
        &self,
        taxon: &'a Taxon,
        pretty_name: String,
        lens: &Lens<'a>,
        below: Below,
        levels: usize,
    ) -> TaxonView<'a> {
        let children = self.children.get(&taxon.id).filter(|_| levels > 0).into_iter().flatten();
        let named = |child: &Taxon| format!("{pretty_name} -> {}", child.name);
        let taxons = (below != Below::Nothing).then(|| {
            children.map(|child| self.at(child, named(child), lens, below.next(), levels - 1)).collect()
        });
        TaxonView {
            meta_title: lens.spree(taxon.meta_title.as_deref()),
            meta_description: lens.spree(taxon.meta_description.as_deref()),
            id: taxon.id,
            name: &taxon.name,
            permalink: &taxon.permalink,
            parent_id: taxon.parent,
            taxonomy_id: taxon.taxonomy,
            taxons,
            pretty_name,
        }
    }
}

fn pretty_name(taxon: &Taxon, catalog: &Catalog) -> String {
    let parent_of =
        |taxon: &&Taxon| taxon.parent.and_then(|id| catalog.taxons.get(&id)).map(|parent| &**parent);
    let mut names: Vec<&str> =
        std::iter::successors(Some(taxon), parent_of).take(DEPTH).map(|taxon| taxon.name.as_str()).collect();
    names.reverse();
    names.join(" -> ")
}

pub fn taxon<'a>(taxon: &'a Taxon, lens: &Lens<'a>, below: Below) -> TaxonView<'a> {
    Tree::of(lens.catalog).view(taxon, lens, below)
}

pub fn taxonomy<'a>(taxonomy: &'a Taxonomy, lens: &Lens<'a>, below: Below) -> TaxonomyView<'a> {
    let root = lens.catalog.taxons.get(&taxonomy.root).map(|root| taxon(root, lens, below));
    TaxonomyView { id: taxonomy.id, name: &taxonomy.name, root }
}
