//! Orders of a customer: one, all, and the way back from a payment platform.
//!
//! Somebody else's order and one that never was look the same. Coming back from a platform marks nothing as paid: only
//! the platform itself can say so (`webhooks`).

use super::auth;
use super::call::{Answered, Call, CustomerCall, answer, base, json_response};
use super::channel::NAME;
use super::page;
use super::refuse::{Refused, respond};
use super::state::Status;
use super::views::{self, OrderView, PageOf};
use crate::kit::Limits;
use crate::kit::paging::Page;
use crate::pages::purchase::thanks;
use crate::server::{AppState, Incoming, secret_of};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::CreditId;
use domain::money::Amount;
use domain::order::Order;
use domain::user::User;
use engine::Reply;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderKey, OrderQuery, Scalar, Test};
use std::collections::BTreeMap;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Orders on one page of the list, unless the caller says otherwise.
const PER_PAGE: u32 = 25;

/// Who wants to see an order.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub enum Viewer {
    Customer(Box<CustomerCall>),
    /// Somebody with a link of ours.
    Link {
        app: AppState,
        number: String,
        headers: HeaderMap,
    },
}

impl FromRequest<AppState> for Viewer {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Viewer, Refused> {
        let is_link = wants_page(request.headers().get(header::ACCEPT)) && request.uri().query().is_some();
        if !is_link || request.headers().contains_key("x-application-api-public-key") {
            return CustomerCall::from_request(request, app)
                .await
                .map(|call| Viewer::Customer(Box::new(call)));
        }
        let incoming = read(request).await?;
        let number = incoming.path_param("order_id").unwrap_or_default().to_owned();
        let token = token_of(&incoming);
        let signer = auth::page_signer(app).await?;
        if !token.is_some_and(|token| signer.is_signed(number.as_bytes(), &token)) {
            return Err(Refused::application_unauthorized());
        }
        Ok(Viewer::Link { app: app.clone(), number, headers: incoming.headers })
    }
}

async fn read(request: Request) -> Result<Incoming, Refused> {
    Incoming::read(request, &Limits::STANDARD).await.map_err(|error| Refused::unreadable(&error))
}

fn token_of(incoming: &Incoming) -> Option<String> {
    asked(incoming, "token")
}

fn asked(incoming: &Incoming, name: &str) -> Option<String> {
    incoming.query_params(&Limits::STANDARD).ok()?.text(name).map(str::to_owned)
}

/// Whether a page is wanted rather than data: what stands first counts.
fn wants_page(accept: Option<&HeaderValue>) -> bool {
    let Some(accept) = accept.and_then(|accept| accept.to_str().ok()) else { return false };
    let mut kinds = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    kinds.find(|kind| matches!(*kind, "text/html" | "application/json" | "*/*")) == Some("text/html")
}

/// `GET /private/user/order/retrieve/{order_id}`, as data or as the confirmation page.
pub async fn retrieve(viewer: Viewer) -> Answered {
    match viewer {
        Viewer::Customer(call) => {
            let CustomerCall { call, customer } = *call;
            let (order, status) = of_customer(&call, &customer).await?;
            let catalog = call.app.engine.catalog();
            if wants_page(call.incoming.headers.get(header::ACCEPT)) {
                return Ok(page::confirmation(&order, &catalog, status, &call.incoming.headers));
            }
            let balances = balances(&call.app, std::slice::from_ref(&order)).await?;
            let view = views::order(&order, &catalog, status, balance_after(&order, &balances));
            Ok(answer(&view, "Order retrieved successfully."))
        }
        Viewer::Link { app, number, headers } => {
            let order = find(&app, &number).await?.ok_or_else(|| Refused::not_found("order"))?;
            let status = Status::of(&order).ok_or_else(|| Refused::not_found("order"))?;
            Ok(page::confirmation(&order, &app.engine.catalog(), status, &headers))
        }
    }
}

async fn find(app: &AppState, number: &str) -> Result<Option<Arc<Order>>, Refused> {
    let found = app.engine.order(&OrderKey::Number(number.to_owned())).await;
    found.map_err(|error| Refused::trouble(&error))
}

async fn of_customer(call: &Call, customer: &User) -> Result<(Arc<Order>, Status), Refused> {
    let none = || Refused::not_found("order");
    let order = find(&call.app, call.path("order_id")).await?.ok_or_else(none)?;
    let status = visible(&order).filter(|_| order.customer == Some(customer.id)).ok_or_else(none)?;
    Ok((order, status))
}

/// Orders begun elsewhere are seen once they are placed.
fn visible(order: &Order) -> Option<Status> {
    let here = &*order.origin.0 == NAME || order.is_placed();
    Status::of(order).filter(|_| here)
}

/// What the ledger says of these orders' top-ups.
async fn balances(app: &AppState, orders: &[Arc<Order>]) -> Result<BTreeMap<CreditId, Amount>, Refused> {
    let bought: Vec<CreditId> = orders.iter().filter_map(|order| views::bought(order)).collect();
    app.engine.credit_after(&bought).await.map_err(|error| Refused::trouble(&error))
}

fn balance_after(order: &Order, balances: &BTreeMap<CreditId, Amount>) -> Option<Amount> {
    balances.get(&views::bought(order)?).copied()
}

/// `GET /private/user/order/search`, the newest first.
pub async fn search(CustomerCall { call, customer }: CustomerCall) -> Answered {
    let page = Page::from_params(&call.asked, PER_PAGE);
    let test = |column, test| OrderFilter { columns: vec![column], test };
    let query = OrderQuery {
        filters: vec![
            test(OrderColumn::Origin, Test::Equals(Scalar::Text(NAME.to_owned()))),
            test(OrderColumn::CompletedAt, Test::IsNotNull),
        ],
        any: true,
        sort: vec![(OrderColumn::CreatedAt, Direction::Descending), (OrderColumn::Id, Direction::Descending)],
        customer: Some(customer.id),
        offset: page.offset(),
        limit: u64::from(page.size),
        ..OrderQuery::default()
    };
    let found = call.app.engine.orders(&query).await.map_err(|error| Refused::trouble(&error))?;
    let catalog = call.app.engine.catalog();
    let balances = balances(&call.app, &found.rows).await?;
    let rows: Vec<OrderView<'_>> = found
        .rows
        .iter()
        .filter_map(|order| {
            Some(views::order(order, &catalog, visible(order)?, balance_after(order, &balances)))
        })
        .collect();
    let list = PageOf {
        data: &rows,
        item_count: rows.len(),
        page: page.number,
        per_page: page.size,
        total_count: found.total,
        message: "Orders retrieved successfully.",
    };
    // Texts as keys, written to memory: this cannot fail.
    Ok(json_response(serde_json::to_vec(&list).unwrap_or_default()))
}

/// `GET /checkout/return/{order_id}?token=…`: the buyer comes back from a platform.
pub async fn come_back(app: AppState, incoming: Incoming) -> Answered {
    let number = incoming.path_param("order_id").unwrap_or_default();
    let order = find(&app, number).await?.filter(|order| &*order.origin.0 == NAME);
    let order = order.ok_or_else(|| Refused::not_found("order"))?;
    let sent = || order.payments.iter().rev().find_map(|payment| payment.sent());
    // Whoever turned back may be here before the platform has told us; who paid first is not turned away.
    let turned_back = asked(&incoming, "canceled").is_some();
    let shop = match Status::of(&order) {
        Some(Status::Failed) => {
            sent().and_then(|sent| sent.cancel_url.as_ref().or(sent.success_url.as_ref()))
        }
        Some(Status::AwaitingPayment) if turned_back => {
            sent().and_then(|sent| sent.cancel_url.as_ref().or(sent.success_url.as_ref()))
        }
        _ => sent().and_then(|sent| sent.success_url.as_ref()),
    };
    if let Some(address) = shop {
        return Ok(see_other(address));
    }
    let told = token_of(&incoming).and_then(|token| secret_of(&token));
    if told.is_some_and(|told| bool::from(told.0.ct_eq(&order.secret.0))) {
        // The page's link opens the page and nothing else; the order's secret goes no further.
        let token = auth::page_signer(&app).await?.sign(number.as_bytes());
        let base = base(&app, &incoming);
        return Ok(see_other(&format!("{base}/private/user/order/retrieve/{number}?token={token}")));
    }
    // Whoever knows a number only is told nothing about the order.
    Ok(thanks(&app.engine.catalog(), &incoming.headers))
}

fn see_other(address: &str) -> Response {
    let mut reply = Reply::new(StatusCode::SEE_OTHER.as_u16(), "", Vec::new());
    reply.headers.push(("location", address.to_owned()));
    let mut response = respond(reply);
    response.headers_mut().remove(header::CONTENT_TYPE);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// [`come_back`] as a handler.
pub async fn returned(
    axum::extract::State(app): axum::extract::State<AppState>,
    request: Request,
) -> Response {
    let answered = match read(request).await {
        Ok(incoming) => come_back(app, incoming).await,
        Err(refused) => Err(refused),
    };
    answered.unwrap_or_else(IntoResponse::into_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_those_who_ask_for_it_first() {
        for (accept, page) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("text/html; charset=utf-8", true),
            ("application/json, text/html", false),
            ("application/json", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(wants_page(Some(&HeaderValue::from_static(accept))), page, "{accept}");
        }
        assert!(!wants_page(None));
    }
}
