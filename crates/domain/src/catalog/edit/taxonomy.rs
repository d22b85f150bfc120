//! Trees of categories: a taxonomy's root, taxons below it, the order of their products, and what goes when a branch is
//! cut.
//!
//! A taxon's permalink is its parent's with its own name behind it, so renaming or moving one renames the branch.

use super::super::{EntityKind, Product, Shelf, Taxon, Taxonomy};
use super::slug::parameterize;
use super::{Bench, Faults, TAXON_DEPTH};
use crate::refusal::{Refusal, Rule, Thing};
use crate::{ProductId, TaxonId, TaxonomyId};

/// A new tree with its root, which carries the same name.
pub fn create_taxonomy(bench: &mut Bench<'_>, name: &str) -> Result<TaxonomyId, Refusal> {
    let mut faults = Faults::default();
    faults.required_text("name", name);
    faults.into_result()?;
    let (id, root) = (TaxonomyId::fresh(bench.ids), TaxonId::fresh(bench.ids));
    let position = bench.catalog.taxonomies.len() as i64 + 1;
    bench.put(Taxonomy { id, name: name.to_owned(), root, position });
    bench.put(Taxon {
        id: root,
        taxonomy: id,
        parent: None,
        name: name.to_owned(),
        permalink: parameterize(name),
        position: 0,
        description: None,
        meta_title: None,
        meta_description: None,
    });
    Ok(id)
}

/// Adds or changes a taxon; its permalink, and those below it, are made anew.
pub fn put_taxon(bench: &mut Bench<'_>, mut taxon: Taxon) -> Result<TaxonId, Refusal> {
    let mut faults = Faults::default();
    faults.required_text("name", &taxon.name);
    for (field, text) in [
        ("description", &taxon.description),
        ("meta_title", &taxon.meta_title),
        ("meta_description", &taxon.meta_description),
    ] {
        faults.at_most(field, text.as_deref().unwrap_or_default(), crate::limits::LONG_TEXT);
    }
    let id = taxon.id;
    if let Some(parent) = taxon.parent {
        let above = taxon_ancestry(bench, parent);
        let belongs =
            bench.catalog.taxons.get(&parent).is_some_and(|parent| parent.taxonomy == taxon.taxonomy);
        if !belongs || above.contains(&id) {
            faults.add("parent", Rule::Invalid);
        } else if above.len() >= TAXON_DEPTH {
            return Err(Refusal::TooMany("levels".to_owned()));
        }
    }
    faults.into_result()?;
    let above = taxon.parent.and_then(|parent| bench.catalog.taxons.get(&parent));
    let own = parameterize(&taxon.name);
    taxon.permalink = above.map_or_else(|| own.clone(), |above| format!("{}/{own}", above.permalink));
    bench.put(taxon);
    let below: Vec<Taxon> = children(bench, id);
    below.into_iter().try_for_each(|child| put_taxon(bench, child).map(drop))?;
    Ok(id)
}

/// A taxon and those above it, from itself up. A cycle, which `put_taxon` refuses, would end at the bound.
pub fn taxon_ancestry(bench: &Bench<'_>, id: TaxonId) -> Vec<TaxonId> {
    let up = |id: &TaxonId| bench.catalog.taxons.get(id).and_then(|taxon| taxon.parent);
    std::iter::successors(Some(id), up).take(TAXON_DEPTH + 1).collect()
}

/// Removes a taxon with all below it, and takes products out of them.
pub fn delete_taxon(bench: &mut Bench<'_>, id: TaxonId) -> Result<(), Refusal> {
    if !bench.catalog.taxons.contains_key(&id) {
        return Err(Refusal::NotFound(Thing::Entity));
    }
    let mut gone = vec![id];
    let mut next = 0;
    while let Some(parent) = gone.get(next).copied() {
        gone.extend(children(bench, parent).into_iter().map(|child| child.id).filter(|child| *child != id));
        next += 1;
    }
    let listed = |product: &Product| product.taxons.iter().any(|taxon| gone.contains(taxon));
    let products = bench.catalog.products.values().filter(|product| listed(product));
    let products: Vec<Product> = products.map(|product| Product::clone(product)).collect();
    for mut product in products {
        product.taxons.retain(|taxon| !gone.contains(taxon));
        bench.put(product);
    }
    for id in gone {
        bench.remove(EntityKind::Taxon, id.0);
        bench.remove(EntityKind::Shelf, id.0);
    }
    Ok(())
}

/// Puts a product of a taxon at a place among the others, counted from 0; beyond the end is the end.
pub fn place_product(
    bench: &mut Bench<'_>,
    taxon: TaxonId,
    product: ProductId,
    place: usize,
) -> Result<(), Refusal> {
    let mut products = bench.catalog.products_in(taxon);
    let before = products.iter().position(|id| *id == product);
    products.remove(before.ok_or(Refusal::NotFound(Thing::Product))?);
    products.insert(place.min(products.len()), product);
    bench.put(Shelf { id: taxon, products });
    Ok(())
}

/// Removes a whole tree.
pub fn delete_taxonomy(bench: &mut Bench<'_>, id: TaxonomyId) -> Result<(), Refusal> {
    let root = bench.catalog.taxonomies.get(&id).map(|taxonomy| taxonomy.root);
    delete_taxon(bench, root.ok_or(Refusal::NotFound(Thing::Entity))?)?;
    bench.remove(EntityKind::Taxonomy, id.0);
    Ok(())
}

fn children(bench: &Bench<'_>, id: TaxonId) -> Vec<Taxon> {
    let taxons = bench.catalog.taxons.values().filter(|taxon| taxon.parent == Some(id));
    taxons.map(|taxon| Taxon::clone(taxon)).collect()
}
