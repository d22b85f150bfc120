//! Variants, on their own and below their product.
//!
//! A variant one may not change is looked up through one's rights, so for buyers a change is 404; making one is
//! refused in the open (401).

use super::base::{Answer, Call, no_content, reply_found};
use super::patches::{VARIANT_ATTRIBUTES, variant_patch};
use super::{columns, products};
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use domain::VariantId;
use domain::catalog::edit::{self, Bench};
use domain::catalog::{Product, StockView, Variant};
use engine::Reply;
use std::sync::Arc;

/// Words of one search that are looked at.
const SEARCH_WORDS: usize = 16;
/// Variants whose stock is read at once.
const STOCK_BATCH: usize = 1_000;

type Row<'a> = (&'a Arc<Product>, &'a Variant);

pub async fn index(call: Call) -> Answer {
    let product = match call.params.text("id").or_else(|| call.params.text("product_id")) {
        Some(name) => Some(products::find_named(&call, name)?.id),
        None => None,
    };
    let filter = call.filter(&columns::VARIANT.of(call.dialect()));
    let words = words(&call);
    let mut rows: Vec<Row<'_>> = call
        .catalog
        .products
        .values()
        .filter(|owner| product.is_none_or(|id| owner.id == id))
        .flat_map(|owner| owner.all_variants().map(move |variant| (owner, variant)))
        .filter(|row| visible(&call, row))
        .filter(|(owner, variant)| {
            filter.matches(|name| columns::variant(owner, variant, &call.catalog, name))
                && words.iter().all(|word| speaks_of(&call, owner, variant, word))
        })
        .collect();
    rows.sort_by(|a, b| {
        filter.compare(
            |name| columns::variant(a.0, a.1, &call.catalog, name),
            |name| columns::variant(b.0, b.1, &call.catalog, name),
        )
    });
    let (in_stock, suppliable) = (call.flag("in_stock_only"), call.flag("suppliable_only"));
    if in_stock || suppliable {
        rows = supplied(&call, rows, suppliable && !in_stock).await?;
    }
    let page = call.page();
    let shown = page.slice(&rows);
    let stock = call.stock(&shown.iter().map(|(_, variant)| variant.id).collect::<Vec<_>>()).await?;
    let lens = call.lens(&stock);
    let views = shown.iter().map(|(owner, variant)| views::variant_big(owner, variant, &lens));
    Ok(call.list("variants", page.info(rows.len() as u64), views))
}

pub async fn show(call: Call) -> Answer {
    let id = named(&call)?;
    let (owner, variant) =
        call.catalog.variant(id).filter(|row| visible(&call, row)).ok_or_else(Refused::not_found)?;
    let stock = call.stock(&[id]).await?;
    Ok(call.json(200, &views::variant_big(owner, variant, &call.lens(&stock))))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    let name = call.params.text("id").or_else(|| call.params.text("product_id")).unwrap_or_default();
    let product = products::find_named(&call, name)?;
    call.params.wrap("variant", VARIANT_ATTRIBUTES);
    let patch = variant_patch(call.root("variant")?, None);
    let stock = call.stock(&[product.master.id]).await?;
    let (product, before) = (product.id, stock.clone());
    let create = move |bench: &mut Bench<'_>| edit::create_variant(bench, product, patch.clone(), &before);
    call.change(stock, create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    call.staff_or_nothing()?;
    let id = named(&call)?;
    call.params.wrap("variant", VARIANT_ATTRIBUTES);
    let now = call.catalog.variant(id).map(|(_, variant)| variant);
    let patch = variant_patch(call.root("variant")?, now);
    let stock = call.stock(&[id]).await?;
    let update = move |bench: &mut Bench<'_>| edit::update_variant(bench, id, patch.clone());
    call.change(stock, update, |(), lens| view(200, id, lens)).await
}

pub async fn destroy(call: Call) -> Answer {
    call.staff_or_nothing()?;
    let id = named(&call)?;
    let stock = call.stock(&[id]).await?;
    let before = stock.clone();
    let delete = move |bench: &mut Bench<'_>| edit::delete_variant(bench, id, &before);
    call.change(stock, delete, |(), _| no_content()).await
}

/// The variant the path names: last in it, whether below a product or not; then it must be that product's.
fn named(call: &Call) -> Result<VariantId, Refused> {
    if call.params.get("nested").is_none() {
        return call.id("id").map(VariantId);
    }
    let id = VariantId(call.id("nested")?);
    let product = products::find(call)?;
    product.variant(id).map(|variant| variant.id).ok_or_else(Refused::not_found)
}

fn visible(call: &Call, (owner, variant): &Row<'_>) -> bool {
    let is_deleted = owner.deleted_at.is_some() || variant.deleted_at.is_some();
    owner.channels.show(&call.channel().key)
        && (!is_deleted || (call.is_staff() && call.flag("show_deleted")))
}

fn words(call: &Call) -> Vec<String> {
    let term = call.params.text("variant_search_term").unwrap_or_default().to_lowercase();
    term.split_whitespace().take(SEARCH_WORDS).map(str::to_owned).collect()
}

/// Whether a word is part of the variant's SKU, its product's name or slug, or one of its option values.
fn speaks_of(call: &Call, owner: &Product, variant: &Variant, word: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(word);
    has(&variant.sku)
        || has(&owner.name)
        || has(&owner.slug)
        || call.catalog.option_types.values().any(|kind| {
            let values = kind.values.iter().filter(|value| variant.options.contains(&value.id));
            values.into_iter().any(|value| has(&value.name) || has(&value.presentation))
        })
}

/// The rows that something is left of at the active locations; with `backorders`, also those that may be ordered
/// all the same.
async fn supplied<'a>(call: &Call, rows: Vec<Row<'a>>, backorders: bool) -> Result<Vec<Row<'a>>, Refused> {
    let mut kept = Vec::with_capacity(rows.len());
    for batch in rows.chunks(STOCK_BATCH) {
        let ids: Vec<VariantId> = batch.iter().map(|(_, variant)| variant.id).collect();
        let stock = call.stock(&ids).await?;
        kept.extend(batch.iter().filter(|(_, variant)| is_supplied(call, variant, &stock, backorders)));
    }
    Ok(kept)
}

fn is_supplied(call: &Call, variant: &Variant, stock: &StockView, backorders: bool) -> bool {
    let mut on_hand = 0;
    let mut backorderable = false;
    for level in stock.of(variant.id) {
        let location = call.catalog.stock_locations.get(&level.location);
        if location.is_some_and(|location| location.active && location.channels.show(&call.channel().key)) {
            on_hand += level.available();
            backorderable |= level.backorderable;
        }
    }
    !variant.track_inventory || on_hand > 0 || (backorders && backorderable)
}

fn view(status: u16, id: VariantId, lens: &Lens<'_>) -> Reply {
    reply_found(
        status,
        lens.catalog.variant(id).map(|(owner, variant)| views::variant_big(owner, variant, lens)),
    )
}
