//! Stage one: what is sold, in which ways, and how many are left.
//!
//! Stock is a picture of a moment, for choosing by; it is looked at again when the order is placed.

use super::call::{Answered, Call, KeyCall, answer, json_response};
use super::channel::NAME;
use super::refuse::{Detail, Refused};
use super::views::{self, PageOf, ProductView};
use crate::kit::paging::Page;
use crate::server::AppState;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, header};
use domain::VariantId;
use domain::catalog::{Catalog, Product, Service, StockView as Levels};
use domain::channel::ChannelKey;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Products on one page of the list, unless the caller says otherwise.
const PER_PAGE: u32 = 100;

/// Services that this channel lists, by id.
pub fn services(catalog: &Catalog) -> Vec<(&Arc<Product>, &Service)> {
    let channel = ChannelKey::new(NAME);
    let listed = catalog.products.values().filter_map(|product| {
        let service = product.service.as_ref().filter(|service| !service.hidden)?;
        let shown = product.deleted_at.is_none() && product.channels.show(&channel);
        shown.then_some((product, service))
    });
    listed.collect()
}

async fn levels(app: &AppState, catalog: &Catalog) -> Result<Levels, Refused> {
    let variants: Vec<VariantId> = services(catalog)
        .into_iter()
        .flat_map(|(product, _)| product.all_variants())
        .filter(|variant| variant.has_price())
        .map(|variant| variant.id)
        .collect();
    app.engine.stock(&variants).await.map_err(|error| Refused::trouble(&error))
}

/// What the query asks for.
struct Sieve<'a> {
    product_type: Option<&'a str>,
    country: Option<&'a str>,
    product: Option<&'a str>,
    only_available: bool,
}

impl<'a> Sieve<'a> {
    fn read(call: &'a Call) -> Result<Sieve<'a>, Refused> {
        let text = |name| call.asked.text(name).map(str::trim).filter(|text| !text.is_empty());
        let only_available = match call.asked.get("only_available").filter(|value| !value.is_blank()) {
            None => false,
            Some(value) => value.flag().ok_or_else(|| {
                let message = "only_available must be true or false.";
                Refused::invalid(vec![Detail::new("only_available", "invalid_request", message)])
            })?,
        };
        Ok(Sieve {
            product_type: text("product_type"),
            country: text("country_id"),
            product: text("product_id"),
            only_available,
        })
    }

    fn passes(&self, product: &ProductView<'_>) -> bool {
        self.product_type.is_none_or(|kind| product.product_type.eq_ignore_ascii_case(kind))
            && self.country.is_none_or(|country| {
                product.country_id.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(country))
            })
            && self.product.is_none_or(|id| product.product_id == id)
            && (!self.only_available || product.product_is_available)
    }
}

fn products<'a>(call: &Call, catalog: &'a Catalog, levels: &Levels) -> Result<Vec<ProductView<'a>>, Refused> {
    let (sieve, now) = (Sieve::read(call)?, call.app.engine.now());
    let views =
        services(catalog).into_iter().map(|(product, service)| views::product(product, service, levels, now));
    Ok(views.filter(|product| product.has_prices() && sieve.passes(product)).collect())
}

/// `GET /private/user/product/stock`
pub async fn show(call: Call) -> Answered {
    let catalog = call.app.engine.catalog();
    let levels = levels(&call.app, &catalog).await?;
    let products = products(&call, &catalog, &levels)?;
    let mut response = answer(&views::stock(&products), "Product stock retrieved successfully.");
    let briefly = HeaderValue::from_static("private, max-age=5");
    response.headers_mut().insert(header::CACHE_CONTROL, briefly);
    Ok(response)
}

/// A caller of the public routes: a customer's own keys, or an application's.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct AnyKeyCall(Call);

impl FromRequest<AppState> for AnyKeyCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<AnyKeyCall, Refused> {
        if request.headers().contains_key("x-application-api-public-key") {
            Call::from_request(request, app).await.map(AnyKeyCall)
        } else {
            KeyCall::from_request(request, app).await.map(|call| AnyKeyCall(call.call))
        }
    }
}

/// `GET /public/user/product/search`
pub async fn search(AnyKeyCall(call): AnyKeyCall) -> Answered {
    let catalog = call.app.engine.catalog();
    let levels = levels(&call.app, &catalog).await?;
    let products = products(&call, &catalog, &levels)?;
    let page = Page::from_params(&call.asked, PER_PAGE);
    let rows = page.slice(&products);
    let list = PageOf {
        data: rows,
        item_count: rows.len(),
        page: page.number,
        per_page: page.size,
        total_count: products.len() as u64,
        message: "Products retrieved successfully.",
    };
    // Texts as keys, written to memory: this cannot fail.
    Ok(json_response(serde_json::to_vec(&list).unwrap_or_default()))
}

/// `GET /public/user/checkout/catalog`
pub async fn catalog(AnyKeyCall(call): AnyKeyCall) -> Answered {
    let catalog = call.app.engine.catalog();
    let (levels, now) = (levels(&call.app, &catalog).await?, call.app.engine.now());
    let entries: BTreeMap<String, views::CatalogEntry<'_>> = services(&catalog)
        .into_iter()
        .map(|(product, service)| {
            (views::code_of(product), views::catalog_entry(product, service, &levels, now))
        })
        .collect();
    Ok(answer(&entries, "Catalog retrieved successfully."))
}
