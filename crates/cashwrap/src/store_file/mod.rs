//! The store file: a shop as one TOML file, checked to the last key, with errors that name line and key.
//!
//! Reading is pure: text in, rows with ids out, or every mistake at once. `load` puts the rows into a database. No
//! price, name or key is ever made up here; secrets come from the environment. The format is written down in
//! `docs/store-file.md`.

mod csv_products;
mod document;
mod events;
mod exact;
mod fault;
mod forms;
mod goods;
mod known;
mod load;
mod merge;
mod model;
mod names;
mod options;
mod payments;
mod people;
mod places;
mod promotions;
mod providers;
mod reader;
mod sales;
mod section;
mod webhooks;

#[cfg(test)]
mod tests;

pub use csv_products::{Mapped, Mapping, map};
#[cfg(test)]
pub use fault::Faults;
pub use fault::{quoted, suggestion};
pub use goods::slug_of;
pub use known::{known, reserve};
pub use load::{Loaded, Reading, load, stock_rows};
pub use merge::{Changes, changes};
pub use model::{FirstStock, Grant, Shop, StoreFile};
pub use names::{Names, Numbers};
pub use options::Options;
pub use places::tax_rate_key;

use domain::{ProductId, Time};
use std::collections::BTreeMap;

/// Every channel a store file may name, mounted in this build or not: a file written for all APIs is no mistake.
pub const CHANNELS: &[&str] = &["solidus", "spree", "guest_manager", "akinon", "ping", "pages"];

/// What a reading takes from outside the text.
#[derive(Clone)]
pub struct Outside<'a> {
    /// The value of an environment variable.
    pub secret: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file that the store file names, or why they cannot be had.
    pub beside: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// When rows that are new were made.
    pub now: Time,
    /// When the products of the database were made.
    pub created: &'a BTreeMap<ProductId, Time>,
    /// Ids of the rows the database has, and where new ones go on.
    pub numbers: Numbers,
}

impl std::fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("now", &self.now).finish_non_exhaustive()
    }
}

/// How a variant is found again: by its SKU, else by its product and options.
pub fn variant_key(sku: &str, slug: &str, options: &str) -> String {
    match domain::catalog::normal_sku(sku) {
        sku if sku.is_empty() => format!("{slug}/{options}"),
        sku => format!("sku {sku}"),
    }
}

/// How an image is found again: by its variant and place.
pub fn image_key(variant: &str, position: i64) -> String {
    format!("{variant}#{position}")
}
