//! Taxonomies and their taxons, and the products of one.

use super::base::{Answer, Call, no_content, reply_found};
use super::products;
use crate::apis::spree_family::refuse::{JSON, Refused};
use crate::apis::spree_family::views::{self, Below, Lens};
use crate::kit::filter_value::FieldValue;
use crate::kit::paging::Page;
use domain::catalog::edit::{self, Bench, Patch};
use domain::catalog::{Product, StockView, Taxon, Taxonomy};
use domain::refusal::{Refusal, Thing};
use domain::{ProductId, TaxonId, TaxonomyId};
use engine::Reply;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows on a page of taxons or of their products when the caller does not say.
const PER_PAGE: u32 = 500;

const ATTRIBUTES: &[&str] =
    &["name", "parent_id", "position", "child_index", "description", "meta_title", "meta_description"];

pub async fn taxonomies(call: Call) -> Answer {
    let mut rows: Vec<&Taxonomy> = call.catalog.taxonomies.values().map(|row| &**row).collect();
    rows.sort_by_key(|row| (row.position, row.id));
    let (none, below) = (StockView::default(), call.dialect().below_a_root(&call));
    let lens = call.lens(&none);
    let column = |row: &'_ Taxonomy, name: &str| match name {
        "id" => Some(FieldValue::Int(row.id.0)),
        _ => Some(FieldValue::Text(row.name.clone().into())),
    };
    call.search("taxonomies", rows.into_iter(), &["id", "name"], column, |row| {
        views::taxonomy(row, &lens, below)
    })
}

pub async fn taxonomy(call: Call) -> Answer {
    let found = find_tree(&call)?;
    let below = call.dialect().below_a_root(&call);
    Ok(call.json(200, &views::taxonomy(found, &call.lens(&StockView::default()), below)))
}

pub async fn create_taxonomy(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("taxonomy", &["name"]);
    let name = text(call.root("taxonomy")?.text("name"));
    let create = move |bench: &mut Bench<'_>| edit::create_taxonomy(bench, &name);
    call.change(StockView::default(), create, |id, lens| tree_view(201, *id, lens)).await
}

/// The root carries its tree's name.
pub async fn update_taxonomy(mut call: Call) -> Answer {
    let id = find_tree(&call)?.id;
    call.staff_only()?;
    call.params.wrap("taxonomy", &["name", "position"]);
    let fields = call.root("taxonomy")?;
    let (name, position) = (fields.text("name"), fields.integer("position"));
    let update = move |bench: &mut Bench<'_>| {
        let tree = bench.catalog().taxonomies.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
        let mut tree = Taxonomy::clone(tree);
        name.clone().write_or_default(&mut tree.name);
        tree.position = position.unwrap_or(tree.position);
        let root = bench.catalog().taxons.get(&tree.root).ok_or(Refusal::NotFound(Thing::Entity))?;
        let root = Taxon { name: tree.name.clone(), ..Taxon::clone(root) };
        bench.put(tree);
        edit::put_taxon(bench, root)?;
        Ok(id)
    };
    call.change(StockView::default(), update, |id, lens| tree_view(200, *id, lens)).await
}

pub async fn destroy_taxonomy(call: Call) -> Answer {
    let id = find_tree(&call)?.id;
    call.staff_only()?;
    let delete = move |bench: &mut Bench<'_>| edit::delete_taxonomy(bench, id);
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

/// All taxons; below a taxonomy, the children of its root.
pub async fn taxons(call: Call) -> Answer {
    let root = if call.params.get("id").is_some() { Some(find_tree(&call)?.root) } else { None };
    let ids: Option<Vec<i64>> =
        call.params.get("ids").map(|ids| ids.texts().into_iter().filter_map(|id| id.parse().ok()).collect());
    let filter = call.filter(&["id", "name"]);
    let wanted = |row: &&Taxon| {
        root.is_none_or(|root| row.parent == Some(root))
            && ids.as_ref().is_none_or(|ids| ids.contains(&row.id.0))
            && filter.matches(|name| column(row, name))
    };
    let mut rows: Vec<&Taxon> = call.catalog.taxons.values().map(|row| &**row).filter(wanted).collect();
    rows.sort_by_key(|row| (row.taxonomy, row.position, row.id));
    rows.sort_by(|a, b| filter.compare(|name| column(a, name), |name| column(b, name)));
    let page = Page::from_params(&call.params, PER_PAGE);
    let (none, below) = (StockView::default(), call.dialect().below_a_taxon(&call));
    let lens = call.lens(&none);
    let shown = page.slice(&rows).iter().map(|row| views::taxon(row, &lens, below));
    Ok(call.list("taxons", page.info(rows.len() as u64), shown))
}

fn column<'a>(row: &'a Taxon, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        _ => row.name.as_str().into(),
    })
}

pub async fn taxon(call: Call) -> Answer {
    Ok(call.json(200, &views::taxon(find(&call)?, &call.lens(&StockView::default()), Below::All)))
}

pub async fn create_taxon(mut call: Call) -> Answer {
    call.staff_only()?;
    let tree = find_tree(&call).map_err(|_| call.dialect().no_such_tree())?;
    let (taxonomy, root) = (tree.id, tree.root);
    let said = Said::read(&mut call)?;
    let create = move |bench: &mut Bench<'_>| {
        let siblings = bench.catalog().taxons.values().filter(|row| row.parent == Some(root)).count();
        let taxon = Taxon {
            id: TaxonId::fresh(bench.ids()),
            taxonomy,
            parent: Some(root),
            name: String::new(),
            permalink: String::new(),
            position: siblings as i64 + 1,
            description: None,
            meta_title: None,
            meta_description: None,
        };
        said.write(taxon, bench)
    };
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update_taxon(mut call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let said = Said::read(&mut call)?;
    let update = move |bench: &mut Bench<'_>| {
        let taxon = bench.catalog().taxons.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
        let taxon = Taxon::clone(taxon);
        said.write(taxon, bench)
    };
    call.change(StockView::default(), update, |id, lens| view(200, *id, lens)).await
}

/// A tree's root goes with its tree only.
pub async fn destroy_taxon(call: Call) -> Answer {
    let taxon = find(&call)?;
    call.staff_only()?;
    if taxon.parent.is_none() {
        return Err(call.dialect().cannot_delete());
    }
    let id = taxon.id;
    let delete = move |bench: &mut Bench<'_>| edit::delete_taxon(bench, id);
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

/// Products of a taxon in their order, then of those below it.
pub async fn products(call: Call) -> Answer {
    let id = TaxonId(call.id("id")?);
    if !call.catalog.taxons.contains_key(&id) {
        return Err(Refused::not_found());
    }
    let mut branch = vec![id];
    let mut next = 0;
    while let Some(parent) = branch.get(next).copied() {
        let children = call.catalog.taxons.values().filter(|row| row.parent == Some(parent));
        branch.extend(children.map(|row| row.id).filter(|id| !branch.contains(id)).collect::<Vec<_>>());
        next += 1;
    }
    let wanted = |product: &&Arc<Product>| {
        products::visible(&call, product) && product.taxons.iter().any(|taxon| branch.contains(taxon))
    };
    let mut rows: Vec<&Arc<Product>> = call.catalog.products.values().filter(wanted).collect();
    let own = call.catalog.products_in(id).into_iter().zip(0_usize..).collect::<HashMap<_, _>>();
    // Those of the taxons below have no place in this one; they follow as they were made.
    rows.sort_by_key(|product| own.get(&product.id).copied().unwrap_or(usize::MAX));
    let page = Page::from_params(&call.params, PER_PAGE);
    let shown = page.slice(&rows);
    let info = page.info(rows.len() as u64);
    if call.flag("simple") {
        let brief = |row: &&Arc<Product>| serde_json::json!({ "id": row.id, "name": row.name });
        return Ok(call.list("products", info, shown.iter().map(brief)));
    }
    let stock = call.stock(&products::variants_of(shown.iter().map(|product| &***product))).await?;
    let lens = call.lens(&stock);
    Ok(call.list("products", info, shown.iter().map(|row| views::product(row, &lens))))
}

/// Moves a product of a taxon to a place among the others, counted from 0.
pub async fn classify(call: Call) -> Answer {
    call.staff_only()?;
    let (taxon, product) = (TaxonId(call.id("taxon_id")?), ProductId(call.id("product_id")?));
    let place = call.params.get("position").and_then(|value| value.integer()).unwrap_or(0);
    let place = usize::try_from(place).unwrap_or(0);
    let classify = move |bench: &mut Bench<'_>| edit::place_product(bench, taxon, product, place);
    call.change(StockView::default(), classify, |(), _| Reply::new(200, JSON, Vec::new())).await
}

/// The taxonomy of the path.
pub fn find_tree(call: &Call) -> Result<&Taxonomy, Refused> {
    call.catalog.taxonomies.get(&TaxonomyId(call.id("id")?)).map(|row| &**row).ok_or_else(Refused::not_found)
}

/// The taxon of the path, if it is part of the path's tree.
pub fn find(call: &Call) -> Result<&Taxon, Refused> {
    let tree = find_tree(call)?.id;
    let taxon = call.catalog.taxons.get(&TaxonId(call.id("nested")?)).filter(|row| row.taxonomy == tree);
    taxon.map(|row| &**row).ok_or_else(Refused::not_found)
}

fn tree_view(status: u16, id: TaxonomyId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.taxonomies.get(&id).map(|row| views::taxonomy(row, lens, Below::All)))
}

fn view(status: u16, id: TaxonId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.taxons.get(&id).map(|row| views::taxon(row, lens, Below::All)))
}

fn text(patch: Patch<String>) -> String {
    match patch {
        Patch::Set(text) => text,
        Patch::Keep | Patch::Clear => String::new(),
    }
}

#[derive(Clone)]
struct Said {
    name: Patch<String>,
    parent: Patch<TaxonId>,
    position: Option<i64>,
    description: Patch<String>,
    meta_title: Patch<String>,
    meta_description: Patch<String>,
}

impl Said {
    fn read(call: &mut Call) -> Result<Said, Refused> {
        call.params.wrap("taxon", ATTRIBUTES);
        let fields = call.root("taxon")?;
        Ok(Said {
            name: fields.text("name"),
            parent: fields.id("parent_id", TaxonId),
            position: fields.integer("position").or_else(|| fields.integer("child_index")),
            description: fields.text("description"),
            meta_title: fields.text("meta_title"),
            meta_description: fields.text("meta_description"),
        })
    }

    fn write(&self, mut taxon: Taxon, bench: &mut Bench<'_>) -> Result<TaxonId, Refusal> {
        let said = self.clone();
        said.name.write_or_default(&mut taxon.name);
        // A root stays one, and nothing else becomes one.
        if let (Some(_), Patch::Set(parent)) = (taxon.parent, said.parent) {
            taxon.parent = Some(parent);
        }
        taxon.position = said.position.unwrap_or(taxon.position);
        said.description.write(&mut taxon.description);
        said.meta_title.write(&mut taxon.meta_title);
        said.meta_description.write(&mut taxon.meta_description);
        edit::put_taxon(bench, taxon)
    }
}
