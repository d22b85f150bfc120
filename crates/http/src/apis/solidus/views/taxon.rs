//! Taxonomies and taxons: trees that are nested all the way down.

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
    taxons: Vec<TaxonView<'a>>,
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

    pub(super) fn view(&self, taxon: &'a Taxon, catalog: &Catalog) -> TaxonView<'a> {
        self.below(taxon, pretty_name(taxon, catalog), DEPTH)
    }

    fn below(&self, taxon: &'a Taxon, pretty_name: String, levels: usize) -> TaxonView<'a> {
        let children = self.children.get(&taxon.id).filter(|_| levels > 0).into_iter().flatten();
        let taxons = children
            .map(|child| self.below(child, format!("{pretty_name} -> {}", child.name), levels - 1))
            .collect();
        TaxonView {
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

pub fn taxon<'a>(taxon: &'a Taxon, catalog: &'a Catalog) -> TaxonView<'a> {
    Tree::of(catalog).view(taxon, catalog)
}

pub fn taxonomy<'a>(taxonomy: &'a Taxonomy, catalog: &'a Catalog) -> TaxonomyView<'a> {
    let root = catalog.taxons.get(&taxonomy.root).map(|root| taxon(root, catalog));
    TaxonomyView { id: taxonomy.id, name: &taxonomy.name, root }
}
