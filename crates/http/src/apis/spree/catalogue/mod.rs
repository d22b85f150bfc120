//! The paths of the catalogue: those of the family, and what only Spree has; the handlers of that are modules of this
//! folder.

mod after_sale;
mod jstree;
mod openapi;

pub use openapi::OPERATIONS;

use crate::apis::spree_family::catalogue::routes as family;
use crate::server::AppState;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<AppState> {
    family::routes()
        .route("/tags", get(after_sale::tags))
        .route("/customer_returns", get(after_sale::customer_returns))
        .route("/reimbursements", get(after_sale::reimbursements))
        .route("/orders/{order_id}/shipments", get(after_sale::shipments))
        .route("/orders/{order_id}/shipments/{shipment_number}", get(after_sale::shipment))
        .route("/taxonomies/{id}/jstree", get(jstree::of_taxonomy))
        .route("/taxonomies/{id}/taxons/{nested}/jstree", get(jstree::of_taxon))
}
