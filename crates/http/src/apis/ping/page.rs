//! Stage five as a page: what was bought, what it came to, and whether it is paid.
//!
//! It says only what is known: nothing is "placed" before the money or the promise of it is there. It changes
//! nothing, and it is opened by the application, by the customer, or by the link in our own redirect.

use super::state::{self, Status};
use crate::kit::format::display;
use crate::pages::{merchant, style_path};
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Order, OrderKind};

#[derive(Template)]
#[template(path = "purchase.html")]
struct Page<'a> {
    merchant: &'a str,
    initial: String,
    style: &'static str,
    heading: &'static str,
    lead: &'static str,
    mark: Mark,
    number: Option<&'a str>,
    rows: Vec<Row<'a>>,
    sums: Vec<Sum>,
    total: Option<String>,
    /// Where the buyer still has to act.
    way_on: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Done,
    Clock,
    Over,
}

struct Row<'a> {
    quantity: u32,
    name: &'a str,
    amount: String,
}

struct Sum {
    label: &'static str,
    amount: String,
    lowers: bool,
}

fn shell<'a>(catalog: &'a Catalog, heading: &'static str, lead: &'static str, mark: Mark) -> Page<'a> {
    let merchant = merchant(catalog);
    Page {
        merchant,
        initial: merchant.chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default(),
        style: style_path(),
        heading,
        lead,
        mark,
        number: None,
        rows: Vec::new(),
        sums: Vec::new(),
        total: None,
        way_on: None,
    }
}

/// The confirmation page of an order.
pub fn confirmation(order: &Order, catalog: &Catalog, status: Status) -> Response {
    let (heading, lead, mark) = words(order, status);
    let money = |amount: Amount| display(amount, order.currency).to_string();
    let rows = order.lines.iter().zip(&order.sheet.lines).map(|(line, sheet)| Row {
        quantity: line.quantity,
        name: catalog.variant(line.variant).map_or("Service", |(product, _)| &product.name),
        amount: money(sheet.amount),
    });
    let mut rows: Vec<Row<'_>> = rows.collect();
    if let OrderKind::TopUp { amount } = order.kind {
        rows.push(Row { quantity: 1, name: "Account credit", amount: money(amount) });
    }
    let credit = super::views::credit_applied(order);
    let promotions = order.sheet.totals.promo_total;
    let lowering = [("Discount", promotions), ("Credit", -credit)];
    let sums = lowering.into_iter().filter(|(_, amount)| *amount < Amount::ZERO);
    let page = Page {
        number: Some(&order.number),
        rows,
        sums: sums.map(|(label, amount)| Sum { label, amount: money(amount), lowers: true }).collect(),
        total: Some(money(order.total() - credit)),
        way_on: state::redirect_url(order)
            .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        ..shell(catalog, heading, lead, mark)
    };
    sent(&page)
}

/// For a buyer who came back by a link that opens nothing.
pub fn thanks(catalog: &Catalog) -> Response {
    let lead = "Your payment is being confirmed. You can close this page and go back to where you began.";
    sent(&shell(catalog, "Thank you", lead, Mark::Clock))
}

fn words(order: &Order, status: Status) -> (&'static str, &'static str, Mark) {
    let top_up = matches!(order.kind, OrderKind::TopUp { .. });
    match (status, top_up) {
        (Status::Paid, false) => {
            ("Your order has been placed", "It is paid, and your services are ready.", Mark::Done)
        }
        (Status::Paid, true) => {
            ("Your top-up has been placed", "The credit has been added to your account.", Mark::Done)
        }
        (Status::AwaitingPayment, _) => (
            "Waiting for your payment",
            "Nothing is charged until you pay. What you chose stays reserved for a while.",
            Mark::Clock,
        ),
        (Status::Underpaid, _) => (
            "A part of your payment is missing",
            "We have received less than the amount due. Please pay the rest, or ask us to look at it.",
            Mark::Clock,
        ),
        (Status::Processing, _) => (
            "Confirming your payment",
            "This usually takes a few seconds, and you pay only once.",
            Mark::Clock,
        ),
        (Status::Failed, false) => {
            ("This order was not placed", "The payment was not made. Nothing was ordered.", Mark::Over)
        }
        (Status::Failed, true) => {
            ("This top-up was not placed", "The payment was not made. No credit was added.", Mark::Over)
        }
    }
}

fn sent(page: &Page<'_>) -> Response {
    match page.render() {
        Ok(text) => (StatusCode::OK, headers(), Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "That did not work on our side.\n").into_response()
        }
    }
}

/// Nothing is loaded from elsewhere, framed, cached or handed on.
fn headers() -> HeaderMap {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
                  frame-ancestors 'none'";
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}
