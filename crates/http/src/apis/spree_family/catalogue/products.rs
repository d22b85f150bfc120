//! Products.
//!
//! Buyers see what is on sale in this channel; staff see everything the channel shows, deleted ones on request. A
//! product that the caller cannot see does not exist (404); one they see but may not change is refused (401).

use super::base::{Answer, Call, no_content, reply_found};
use super::columns;
use super::patches::{PRODUCT_ATTRIBUTES, product_patch};
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::catalog::edit::{self, Bench};
use domain::catalog::{Product, StockView};
use domain::{ProductId, VariantId};
use engine::Reply;
use std::sync::Arc;

/// How long a shared cache may keep a list of products.
const CACHE: HeaderValue = HeaderValue::from_static("max-age=900, public");
const SURROGATE: HeaderValue = HeaderValue::from_static("max-age=900");

pub async fn index(call: Call) -> Answer {
    let filter = call.filter(&columns::PRODUCT.of(call.dialect()));
    let ids =
        call.params.get("ids").map(|ids| ids.texts().into_iter().filter_map(|id| id.parse().ok()).collect());
    let ids: Option<Vec<i64>> = ids;
    let wanted = |product: &&Arc<Product>| {
        visible(&call, product)
            && ids.as_ref().is_none_or(|ids| ids.contains(&product.id.0))
            && filter.matches(|name| columns::product(product, &call.catalog, name))
    };
    let mut rows: Vec<&Arc<Product>> = call.catalog.products.values().filter(wanted).collect();
    rows.sort_by(|a, b| {
        filter.compare(
            |name| columns::product(a, &call.catalog, name),
            |name| columns::product(b, &call.catalog, name),
        )
    });
    let page = call.page();
    let shown = page.slice(&rows);
    let stock = call.stock(&variants_of(shown.iter().map(|product| &***product))).await?;
    let lens = call.lens(&stock);
    let response = call.list(
        "products",
        page.info(rows.len() as u64),
        shown.iter().map(|row| views::product(row, &lens)),
    );
    Ok(for_caches(response, call.dialect()))
}

pub async fn show(call: Call) -> Answer {
    let product = find(&call)?;
    let stock = call.stock(&variants_of([&*product])).await?;
    let response = call.json(200, &views::product(&product, &call.lens(&stock)));
    Ok(for_caches(response, call.dialect()))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("product", PRODUCT_ATTRIBUTES);
    let patch = product_patch(call.root("product")?, None);
    let create = move |bench: &mut Bench<'_>| edit::create_product(bench, patch.clone());
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    let product = find(&call)?;
    call.staff_only()?;
    call.params.wrap("product", PRODUCT_ATTRIBUTES);
    let patch = product_patch(call.root("product")?, Some(&product.master));
    let stock = call.stock(&variants_of([&*product])).await?;
    let (id, before) = (product.id, stock.clone());
    let update = move |bench: &mut Bench<'_>| {
        edit::update_product(bench, id, patch.clone(), &before)?;
        Ok(id)
    };
    call.change(stock, update, |id, lens| view(200, *id, lens)).await
}

pub async fn destroy(call: Call) -> Answer {
    let product = find(&call)?;
    call.staff_only()?;
    let stock = call.stock(&variants_of([&*product])).await?;
    let (id, before) = (product.id, stock.clone());
    let delete = move |bench: &mut Bench<'_>| edit::delete_product(bench, id, &before);
    call.change(stock, delete, |(), _| no_content()).await
}

/// The product the path names: by slug first, then by id.
pub fn find(call: &Call) -> Result<Arc<Product>, Refused> {
    let name = call.params.text("id").unwrap_or_default();
    find_named(call, name)
}

pub fn find_named(call: &Call, name: &str) -> Result<Arc<Product>, Refused> {
    let by_id = || name.parse().ok().and_then(|id| call.catalog.products.get(&ProductId(id)));
    let by_slug = call.catalog.product_by_slug(name).filter(|product| visible(call, product));
    let found = by_slug.or_else(by_id).filter(|product| visible(call, product));
    found.cloned().ok_or_else(Refused::not_found)
}

/// Whether the product exists for this caller.
pub fn visible(call: &Call, product: &Product) -> bool {
    if !product.channels.show(&call.channel().key) {
        return false;
    }
    if call.is_staff() {
        let shows_deleted = product.deleted_at.is_none() || call.flag("show_deleted");
        return shows_deleted && call.dialect().shows_given_up(product, call);
    }
    product.is_available(call.now)
}

/// All variants of some products, to read their stock at once.
pub fn variants_of<'a>(products: impl IntoIterator<Item = &'a Product>) -> Vec<VariantId> {
    products.into_iter().flat_map(|product| product.all_variants().map(|variant| variant.id)).collect()
}

fn view(status: u16, id: ProductId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.products.get(&id).map(|product| views::product(product, lens)))
}

fn for_caches(mut response: Response, dialect: Dialect) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert("surrogate-control", SURROGATE);
    headers.insert(header::VARY, dialect.vary());
    response
}
