//! Reading the product CSV that a Shopify shop exports, one product at a time.
//!
//! The rule guarded here: a product comes out whole or not at all. Every row that names a handle is read,
//! every error of every row is kept with its line and column, and one error is enough to hold the product back.
//! Memory holds one product plus the handles and SKUs seen so far, however long the file is.
//! This module knows nothing of the catalogue and writes nothing; prices are exact integers, never floats.
//!
//! What only shows later in the file (a SKU used again, a handle that returns) is reported on the later product:
//! the earlier one has been handed out by then. Who must not import such a product reads the file twice.

mod columns;
mod draft;
mod error;
mod export;
mod limits;
mod model;
mod reader;
mod rows;
mod source;
mod values;

#[cfg(test)]
mod tests;

pub use error::ReadError;
#[cfg(test)]
pub use error::{FaultyProduct, Problem};
pub use export::csv_safe;
#[cfg(test)]
pub use model::WeightUnit;
pub use model::{InventoryPolicy, ShopProduct, ShopStatus, ShopVariant};
pub use reader::{Options, Products, Progress, read};
