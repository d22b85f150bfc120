//! The staff's side of the catalogue: one table of resources, each with its rows, how one is written, and what
//! keeps one from being removed.
//!
//! Each write is one commit of the catalogue; it acts on open carts at their next call. An attribute that cannot be
//! set is refused, never dropped.

mod carriage;
mod choices;
mod events;
mod forms;
mod members;
mod payment_methods;
mod people;
mod pools;
mod products;
mod trade;
mod webhooks;

use super::draft::Draft;
use super::registrations::Look;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::Map;
use serde_json::Value as Json;

/// One kind of row.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations)] // only function pointers beside the names
pub struct Resource {
    /// In paths.
    pub plural: &'static str,
    /// What its attributes are wrapped in.
    pub singular: &'static str,
    pub model: &'static str,
    pub rows: fn(&Look<'_>) -> Vec<Json>,
    /// Writes a row, a new one without an id; `None` if staff cannot write such rows here.
    pub put: Option<Put>,
    pub remove: Option<Remove>,
}

/// The id of what was written.
pub type Put = fn(&mut Draft<'_>, Option<i64>, &Map) -> Result<i64, Refused>;
pub type Remove = fn(&mut Draft<'_>, i64) -> Result<(), Refused>;

/// Every resource, by the page its code stands on.
pub const ALL: &[&Resource] = &[
    &events::EVENTS,
    &events::VENUES,
    &events::CATEGORIES,
    &events::TICKET_TYPES,
    &forms::FORMS,
    &forms::FIELDS,
    &forms::OPTIONS,
    &forms::ORDER_FORMS,
    &people::INVITATIONS,
    &people::PLANS,
    &people::MEMBERSHIPS,
    &members::MEMBERS,
    &pools::POOLS,
    &products::PRODUCTS,
    &products::VARIANTS,
    &choices::CHECKOUTS,
    &choices::FEES,
    &trade::PROMOTIONS,
    &payment_methods::PAYMENT_METHODS,
    &carriage::SHIPPING_METHODS,
    &carriage::TAX_RATES,
    &webhooks::WEBHOOKS,
];

pub use events::{CATEGORIES, EVENTS, TICKET_TYPES, VENUES, add_to_event};

/// Refuses to take a row away that others stand on.
fn in_use(model: &'static str, id: i64, by: &str) -> Refused {
    use crate::apis::guest_manager::refuse::{Flawed, Validation};
    let message = format!("It cannot be removed: {by} still use it.");
    Refused::invalid(&Validation::new(model, Some(id)).with(Flawed::new("base", "invalid", message)))
}
