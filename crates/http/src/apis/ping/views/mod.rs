//! What callers get to see: typed structs that borrow, written straight into the answer's bytes.
//!
//! Pure functions of orders, quotes and catalogue. Amounts are whole cents; where an order stands is translated in
//! `state` only.

mod cart;
mod lines;
mod methods;
mod order;
mod stock;

pub use cart::{Around, CartView, Checked, cart};
pub use lines::FILTER;
pub use methods::{card_id, card_method_id, judged, names};
pub use order::{OrderView, bought, checkout, credit_applied, order, public_checkout};
pub use stock::{CatalogEntry, PageOf, ProductView, catalog_entry, code_of, product, stock};

use crate::kit::format::display;
use domain::money::{Amount, Currency};

/// Minor units of the protocol's currency, for people.
pub fn dollars(minor: i64) -> String {
    display(Amount(minor), Currency::USD).to_string()
}
