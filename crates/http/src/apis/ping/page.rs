//! Stage five as a page: which of this protocol's states is which standing of the shared page.
//!
//! It is opened by the application, by the customer, or by the link in our own redirect, and it changes nothing.

use super::state::{self, Status};
use super::views::credit_applied;
use crate::pages::purchase::{Standing, purchase};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::catalog::Catalog;
use domain::order::Order;

/// The confirmation page of an order, in the language of the browser.
pub fn confirmation(order: &Order, catalog: &Catalog, status: Status, headers: &HeaderMap) -> Response {
    let standing = match status {
        Status::Paid => Standing::Paid,
        Status::AwaitingPayment => Standing::Waiting,
        Status::Underpaid => Standing::Underpaid,
        Status::Processing => Standing::Confirming,
        Status::Failed => Standing::Failed,
    };
    purchase(order, catalog, standing, credit_applied(order), state::redirect_url(order), headers)
}
