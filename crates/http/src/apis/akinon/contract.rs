//! An agreement as the storefront shows it before checkout: `GET /orders/contract/?contract_name=sales`.
//!
//! It is what the provider would show for the same basket, in the reader's language; it accepts nothing and changes nothing.

use super::answer::via;
use super::baskets;
use super::call::{Answered, Call};
use super::refuse::Refused;
use super::tongue::Say;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::provider;

/// The agreement's HTML, filled in from the session's basket.
pub async fn show(call: Call) -> Answered {
    let name = call.query.text("contract_name").unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(call.field("contract_name", Say::Required));
    }
    let language = call.tongue.code();
    let found = provider::agreement(&call.catalog, &via(&call.catalog).key, Some(language), &name);
    let basket = baskets::main(&call).await?.filter(|order| !order.lines.is_empty());
    let (Some(agreement), Some(basket)) = (found, basket) else { return Err(Refused::not_found()) };
    let html = provider::render(agreement, &basket, &call.catalog, call.app.engine.now());
    let mut response: Response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The merchant's own words, to be shown inside a page: nothing in them runs or loads anything.
    let nothing = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    Ok(call.sent(response))
}
