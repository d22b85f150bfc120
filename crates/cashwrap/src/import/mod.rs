//! Bringing data into a database: products from a Shopify product file, tax rates from a table.
//!
//! Both take the database for themselves (a server on it is refused by the store's own lock), check the whole file
//! before they write, and find rows again by their names, so that running them twice changes nothing.

mod products;
mod taxes;

#[cfg(test)]
mod tests;

pub use products::{ProductsArgs, run as products};
pub use taxes::{TaxesArgs, run as taxes};

use crate::store_file::suggestion;
use anyhow::bail;

/// The id of the row with this name, or an error that names what there is.
fn named<'a, T: Copy>(
    what: &str,
    name: &str,
    rows: impl IntoIterator<Item = (&'a str, T)>,
) -> anyhow::Result<T> {
    let rows: Vec<(&str, T)> = rows.into_iter().collect();
    match rows.iter().find(|(known, _)| *known == name) {
        Some((_, id)) => Ok(*id),
        None => {
            let hint = suggestion(name, rows.iter().map(|(known, _)| *known));
            bail!("there is no {what} \"{name}\" in this store{hint}")
        }
    }
}
