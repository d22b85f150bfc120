//! Taxons as the tree widget of Spree's own back office asks for them: one level at a time, every node closed.

use crate::apis::spree_family::catalogue::base::{Answer, Call};
use crate::apis::spree_family::catalogue::taxons::{find, find_tree};
use crate::apis::spree_family::refuse::Refused;
use domain::TaxonId;
use domain::catalog::Taxon;
use serde::Serialize;

#[derive(Serialize)]
struct Node<'a> {
    data: &'a str,
    attr: Attributes<'a>,
    state: &'static str,
}

#[derive(Serialize)]
struct Attributes<'a> {
    id: TaxonId,
    name: &'a str,
}

fn node(taxon: &Taxon) -> Node<'_> {
    Node { data: &taxon.name, attr: Attributes { id: taxon.id, name: &taxon.name }, state: "closed" }
}

/// The root of a tree.
pub async fn of_taxonomy(call: Call) -> Answer {
    let root = call.catalog.taxons.get(&find_tree(&call)?.root).ok_or_else(Refused::not_found)?;
    Ok(call.json(200, &node(root)))
}

/// What is right below a taxon.
pub async fn of_taxon(call: Call) -> Answer {
    let parent = find(&call)?.id;
    let taxons = call.catalog.taxons.values().filter(|taxon| taxon.parent == Some(parent));
    let mut children: Vec<&Taxon> = taxons.map(|taxon| &**taxon).collect();
    children.sort_by_key(|taxon| (taxon.position, taxon.id));
    Ok(call.json(200, &children.into_iter().map(node).collect::<Vec<_>>()))
}
