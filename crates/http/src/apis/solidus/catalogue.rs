//! The paths of the catalogue: those of the family, and what only Solidus has, which is its customers' address book and
//! changes to their cards.

use crate::apis::spree_family::catalogue::{address_book, cards, routes as family};
use crate::apis::spree_family::update;
use crate::server::AppState;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<AppState> {
    family::routes()
        .route(
            "/users/{id}/address_book",
            get(address_book::show).merge(update(address_book::update)).delete(address_book::destroy),
        )
        .route("/credit_cards/{id}", update(cards::update))
}
