//! The queue before what is sold out: who has to leave alone what others wait for.
//!
//! An order on the wait list claims the units it waits for (`ClaimKey::Wait`). Whoever comes after it sees them as
//! held, and takes stock with `Turn::Behind`, so that the write itself refuses what the queue waits for; what was
//! read before decides nothing.
//!
//! | who | turn |
//! | --- | --- |
//! | an order that is being offered stock | ahead |
//! | an order that had its offer, from then on | behind |
//! | anybody, while a checkout offers stock by itself | behind |
//! | anybody else | ahead: staff decide what becomes of returned stock |

use crate::VariantId;
use crate::catalog::{Catalog, StockView};
use crate::command::Command;
use crate::movement::{ClaimKey, Turn};
use crate::order::Order;
use std::collections::BTreeMap;

/// The turn of a command on an order (`None`: on no order yet).
pub fn turn(order: Option<&Order>, command: &Command, catalog: &Catalog) -> Turn {
    let had_its_offer = order.is_some_and(|order| order.ticketing.offered_at.is_some());
    match command {
        Command::Offer => Turn::Ahead,
        _ if had_its_offer => Turn::Behind,
        _ => of_shop_front(catalog),
    }
}

/// The turn of somebody who just looks.
pub fn of_shop_front(catalog: &Catalog) -> Turn {
    let offers = catalog.ticketing.customizations.values().any(|choices| choices.auto_offer);
    if offers { Turn::Behind } else { Turn::Ahead }
}

/// What tells how many units of these variants and pools are waited for.
pub fn keys(variants: &[VariantId]) -> Vec<ClaimKey> {
    variants.iter().copied().map(ClaimKey::Wait).collect()
}

/// Levels as those see them who stand behind the queue: what is waited for counts as held, as far as it is there.
pub fn behind(stock: &mut StockView, awaited: &BTreeMap<ClaimKey, u32>) {
    for (key, units) in awaited {
        let ClaimKey::Wait(variant) = key else { continue };
        for level in stock.0.get_mut(variant).into_iter().flatten() {
            level.held += i64::from(*units).min(level.available().max(0));
        }
    }
}
