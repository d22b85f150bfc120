//! Rules of ticketing: pure looks at an order, the catalogue and the time. What they find is acted on in `decide`.
//!
//! | file | question |
//! | --- | --- |
//! | `availability` | may this variant, or this line, be had now, and how? |
//! | `access` | which locked things are open for this order? |
//! | `conflicts` | which events of the order can nobody go to both? |
//! | `steps` | which steps does the order need, and what is open at each? |
//! | `faults` | which record is an open requirement about? |
//! | `queue` | who has to leave alone what the wait list waits for? |
//!
//! Nothing in here looks at stock but `availability`, and that only where it is told what there is: what an order
//! holds is written on it, so its steps follow from the order alone.

pub mod access;
pub mod availability;
pub mod conflicts;
pub mod faults;
pub mod queue;
pub mod steps;

use crate::catalog::{Catalog, Customization, Product, Variant};
use crate::order::{Line, Order};
use std::sync::Arc;

/// The choices of the checkout an order goes through; `None`: the merchant has made none.
pub fn customization<'a>(order: &Order, catalog: &'a Catalog) -> Option<&'a Arc<Customization>> {
    catalog.ticketing.customization(order.ticketing.customization)
}

/// Lines with the product and variant they are of, as far as the catalogue has them.
pub(crate) fn goods<'a>(
    order: &'a Order,
    catalog: &'a Catalog,
) -> impl Iterator<Item = (&'a Line, &'a Arc<Product>, &'a Variant)> {
    order.lines.iter().filter_map(|line| {
        let (product, variant) = catalog.variant(line.variant)?;
        Some((line, product, variant))
    })
}
