//! Whether a variant can be had now, and in which way.
//!
//! | first row that fits | standing |
//! | --- | --- |
//! | deleted, switched off, or past the end of its sale | closed |
//! | paused | paused |
//! | before its sale, may be reserved | reserve |
//! | before its sale | not yet |
//! | fewer units than asked for, may be requested | request |
//! | fewer units than asked for | sold out |
//! | else | selling |
//!
//! What an order holds is there for itself. A line that may be reserved holds its units like any other; if they
//! are not there, it is on the wait list or sold out.

use crate::catalog::{Catalog, Product, StockView, Variant};
use crate::fault::{Fault, Flaw, Spot};
use crate::order::{Line, Order, Phase};
use crate::{LineId, ProductId, StockLocationId, Time, VariantId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Selling,
    /// Sold out; may be asked for on a wait list.
    Request,
    /// Not on sale yet; may be reserved.
    Reserve,
    SoldOut,
    Paused,
    NotYet,
    Closed,
}

impl Standing {
    /// May be in an order that goes through checkout.
    pub fn can_be_ordered(self) -> bool {
        matches!(self, Standing::Selling | Standing::Request | Standing::Reserve)
    }
}

/// What an order comes to at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    Complete,
    Requested,
    Reserved,
}

/// Units of a variant there are for anyone, in pieces: the least that its own stock and its pools allow. `None`:
/// no end of them. `stock` must hold the levels of the variant and of its pools (`stock_of`).
pub fn free(catalog: &Catalog, variant: &Variant, stock: &StockView) -> Option<u64> {
    let own = variant.track_inventory.then(|| {
        let levels = stock.of(variant.id);
        if levels.iter().any(|level| level.backorderable) {
            return None;
        }
        let known = |location| catalog.stock_locations.get(&location).is_some_and(|place| place.active);
        let there = levels.iter().filter(|level| known(level.location));
        Some(there.map(|level| level.available().max(0).unsigned_abs()).sum())
    });
    let pools = variant.draws.iter().map(|draw| {
        let pool = catalog.ticketing.pools.get(&draw.pool);
        if pool.is_some_and(|pool| pool.size.is_none()) || draw.units == 0 {
            return None;
        }
        Some(free_units(stock, draw.pool) / u64::from(draw.units))
    });
    own.into_iter().chain(pools).flatten().min()
}

/// Units of a pool that nobody has.
pub fn free_units(stock: &StockView, pool: VariantId) -> u64 {
    let level = stock.of(pool).iter().find(|level| level.location == StockLocationId::NOWHERE);
    level.map_or(0, |level| level.available().max(0).unsigned_abs())
}

/// The variants whose levels tell how many pieces of some variants there are: those, and the pools they draw on.
pub fn stock_of(catalog: &Catalog, variants: impl IntoIterator<Item = VariantId>) -> Vec<VariantId> {
    let mut all = BTreeSet::new();
    for id in variants {
        all.insert(id);
        if let Some((_, variant)) = catalog.variant(id) {
            all.extend(variant.draws.iter().map(|draw| draw.pool));
        }
    }
    all.into_iter().collect()
}

/// The standing of so many pieces, of which there are `free` (`None`: no end of them).
pub fn of_variant(
    product: &Product,
    variant: &Variant,
    quantity: u64,
    free: Option<u64>,
    now: Time,
) -> Standing {
    let short = free.is_some_and(|free| free < quantity);
    match window(product, variant, now) {
        Standing::Selling | Standing::Reserve if short && product.sales.can_request => Standing::Request,
        Standing::Selling | Standing::Reserve if short => Standing::SoldOut,
        standing => standing,
    }
}

/// The same for a line of an order: what it holds it has, and what it waits for it has not.
pub fn of_line(order: &Order, line: &Line, catalog: &Catalog, now: Time) -> Standing {
    let Some((product, variant)) = catalog.variant(line.variant) else { return Standing::Closed };
    let window = window(product, variant, now);
    if window.can_be_ordered() && order.ticketing.waiting.contains(&line.id) {
        return if product.sales.can_request { Standing::Request } else { Standing::SoldOut };
    }
    window
}

/// What the times and switches of a sale say, whatever there is left.
pub fn window(product: &Product, variant: &Variant, now: Time) -> Standing {
    use crate::catalog::Switch;
    let window = &variant.window;
    let deleted = product.deleted_at.is_some() || variant.deleted_at.is_some();
    let over = window.end_sale_at.is_some_and(|end| end <= now);
    let before = window.on_sale_at.is_some_and(|start| now < start);
    match window.switch {
        _ if deleted || over => Standing::Closed,
        Switch::Off => Standing::Closed,
        Switch::Paused => Standing::Paused,
        Switch::On if before && product.sales.can_reserve => Standing::Reserve,
        Switch::On if before => Standing::NotYet,
        Switch::On => Standing::Selling,
    }
}

/// What the order comes to as it stands: the wait list if anything has to be asked for, else reserved if
/// anything is not on sale yet, else complete.
pub fn ending(order: &Order, catalog: &Catalog, now: Time) -> Ending {
    let mut ending = Ending::Complete;
    for line in &order.lines {
        match of_line(order, line, catalog, now) {
            Standing::Request => return Ending::Requested,
            Standing::Reserve => ending = Ending::Reserved,
            _ => {}
        }
    }
    ending
}

/// Every line that may not be in an order now.
pub fn blocked(order: &Order, catalog: &Catalog, now: Time) -> Vec<Fault> {
    let fault = |line: &Line| match of_line(order, line, catalog, now) {
        Standing::Selling | Standing::Request | Standing::Reserve => None,
        Standing::SoldOut => {
            let flaw = Flaw::SoldOut { requested: u64::from(line.quantity), available: 0 };
            Some(Fault::new(Spot::Line(line.id), "quantity", flaw))
        }
        Standing::Paused | Standing::NotYet | Standing::Closed => {
            Some(Fault::new(Spot::Line(line.id), "variant_id", Flaw::NotAvailable))
        }
    };
    order.lines.iter().filter_map(fault).collect()
}

/// Every product of which the order has fewer or more pieces than one order may. A product of which there is none
/// is not missed.
pub fn out_of_bounds(order: &Order, catalog: &Catalog) -> Vec<Fault> {
    let mut counts: BTreeMap<ProductId, (LineId, u64)> = BTreeMap::new();
    for (line, product, _) in super::goods(order, catalog) {
        let (_, count) = counts.entry(product.id).or_insert((line.id, 0));
        *count += u64::from(line.quantity);
    }
    let fault = |(product, (line, current)): (ProductId, (LineId, u64))| {
        let sales = &catalog.products.get(&product)?.sales;
        let most = sales.max_per_order.map(u64::from).filter(|most| current > *most);
        let least = sales.min_per_order.map(u64::from).filter(|least| current < *least);
        let flaw = match (most, least) {
            (Some(maximum), _) => Flaw::AtMost { maximum, current, condition: None },
            (None, Some(minimum)) => Flaw::AtLeast { minimum, current, condition: None },
            (None, None) => return None,
        };
        Some(Fault::new(Spot::Line(line), "quantity", flaw))
    };
    counts.into_iter().filter_map(fault).collect()
}

/// From when everything on the order is on sale: the latest beginning that is still to come.
pub fn on_sale_from(order: &Order, catalog: &Catalog, now: Time) -> Option<Time> {
    let goods = super::goods(order, catalog);
    goods.filter_map(|(_, _, variant)| variant.window.on_sale_at).filter(|start| now < *start).max()
}

impl Order {
    /// Its time is over, whether or not a sweep has written so. What it held is there for others.
    pub fn has_run_out(&self, now: Time) -> bool {
        matches!(self.phase, Phase::Cart | Phase::Checkout) && self.expires_at.is_some_and(|end| end <= now)
    }

    /// Expired, by the clock or by the sweep.
    pub fn is_expired(&self, now: Time) -> bool {
        self.phase == Phase::Expired || self.has_run_out(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{SaleRules, SaleWindow, Switch};
    use crate::price::samples::product;

    #[test]
    fn the_table_of_standings() {
        const NOW: Time = Time(100);
        let check =
            |switch, on_sale_at: Option<i64>, end_sale_at: Option<i64>, request, reserve, free, expected| {
                let mut product = product(1, &[]);
                product.sales =
                    SaleRules { can_request: request, can_reserve: reserve, ..SaleRules::default() };
                product.master.window = SaleWindow {
                    switch,
                    on_sale_at: on_sale_at.map(Time),
                    end_sale_at: end_sale_at.map(Time),
                };
                let standing = of_variant(&product, &product.master, 2, free, NOW);
                assert_eq!(
                    standing, expected,
                    "{switch:?} {on_sale_at:?} {end_sale_at:?} {request} {reserve} {free:?}"
                );
            };
        use Standing::*;
        use Switch::{Off, On};
        check(On, None, None, false, false, None, Selling);
        check(On, None, None, false, false, Some(2), Selling);
        check(On, None, None, false, false, Some(1), SoldOut);
        check(On, None, None, true, false, Some(1), Request);
        check(On, Some(100), Some(101), false, false, None, Selling);
        check(On, Some(101), None, false, false, None, NotYet);
        check(On, Some(101), None, false, true, None, Reserve);
        check(On, Some(101), None, true, true, Some(0), Request);
        check(On, Some(101), None, false, true, Some(0), SoldOut);
        check(On, None, Some(100), true, true, None, Closed);
        check(Off, Some(101), None, true, true, None, Closed);
        check(Switch::Paused, Some(101), None, true, true, Some(0), Paused);
    }
}
