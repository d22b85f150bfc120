//! Shipping rates of a package: which methods serve it, and what they cost.
//!
//! A method serves a package if it takes all its shipping categories, leaves from its location, reaches its
//! address, is shown in the channel, and works in the order's currency. A cost that is below zero or out of
//! bounds is no rate: nothing ships free by accident.

use super::units::narrow;
use super::working::{Choice, Formula, Working};
use crate::address::AddressFields;
use crate::catalog::{Catalog, ShippingCalculator, ShippingMethod};
use crate::channel::ChannelKey;
use crate::money::{Amount, Currency, Money};
use crate::{ShippingCategoryId, ShippingMethodId, StockLocationId, VariantId};

/// What leaves one location together.
#[derive(Debug, Clone, Copy)]
pub struct Package<'a> {
    pub location: StockLocationId,
    /// Variant, pieces, price of one piece.
    pub contents: &'a [(VariantId, u32, Amount)],
}

/// For whom rates are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Buyers,
    /// Also sees methods that are not offered to buyers.
    Staff,
}

/// The rates of a package: method, its name, and cost; cheapest first, of equal cost the older method. A package
/// with a variant that the catalogue does not know has none, nor has one without an address.
pub fn rates(
    package: &Package<'_>,
    address: Option<&AddressFields>,
    currency: Currency,
    catalog: &Catalog,
    audience: Audience,
    channel: &ChannelKey,
) -> Vec<(ShippingMethodId, String, Amount)> {
    let (Some(load), Some(address)) = (Load::of(package, catalog), address) else { return Vec::new() };
    let serves = |method: &&ShippingMethod| {
        (audience == Audience::Staff || method.for_buyers)
            && method.channels.show(channel)
            && takes(method, &load)
            && leaves_from(method, package.location)
            && reaches(method, address, catalog)
    };
    let methods = catalog.shipping_methods.values().map(|method| &**method).filter(serves);
    let mut rates: Vec<(ShippingMethodId, String, Amount)> = methods
        .filter_map(|method| {
            Some((method.id, method.name.clone(), cost(&method.calculator, &load, currency)?))
        })
        .collect();
    rates.sort_by_key(|(id, _, cost)| (*cost, *id));
    rates
}

fn takes(method: &ShippingMethod, load: &Load) -> bool {
    load.categories.iter().all(|category| method.categories.contains(category))
}

fn leaves_from(method: &ShippingMethod, location: StockLocationId) -> bool {
    method.locations.is_empty() || method.locations.contains(&location)
}

fn reaches(method: &ShippingMethod, address: &AddressFields, catalog: &Catalog) -> bool {
    let mut zones = method.zones.iter().filter_map(|id| catalog.zones.get(id));
    zones.any(|zone| zone.contains(address.country, address.state))
}

/// Why a method that a buyer sees carries no package of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It does not take these goods.
    Goods(Vec<VariantId>),
    /// It leaves from other places only.
    Location,
    Address,
    /// Its prices end at a lower weight.
    Weight,
    /// Its prices end at a lower value of the goods.
    Value,
    /// It has no price in the order's currency, or none in bounds.
    Price,
}

/// What keeps a method from carrying a package; `None` where nothing does, or where the catalogue does not know what
/// is in the package.
pub fn obstacle(
    package: &Package<'_>,
    method: &ShippingMethod,
    address: &AddressFields,
    currency: Currency,
    catalog: &Catalog,
) -> Option<Obstacle> {
    let load = Load::of(package, catalog)?;
    if !takes(method, &load) {
        let left = |variant: &VariantId| {
            let category = catalog.variant(*variant).and_then(|(product, _)| product.shipping_category);
            category.is_some_and(|category| !method.categories.contains(&category))
        };
        let goods = package.contents.iter().map(|(variant, ..)| *variant).filter(left);
        return Some(Obstacle::Goods(goods.collect()));
    }
    if !leaves_from(method, package.location) {
        return Some(Obstacle::Location);
    }
    if !reaches(method, address, catalog) {
        return Some(Obstacle::Address);
    }
    let speaks = method.calculator.currency().is_none_or(|own| own == currency);
    match (cost(&method.calculator, &load, currency), &method.calculator) {
        (Some(_), _) => None,
        (None, ShippingCalculator::ByWeight(_)) if speaks => Some(Obstacle::Weight),
        (None, ShippingCalculator::ByPrice(_)) if speaks => Some(Obstacle::Value),
        (None, _) => Some(Obstacle::Price),
    }
}

/// What a method charges for a package, and from which figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWorking {
    pub pieces: u64,
    pub grams: i64,
    /// Value of the goods in the package at line prices.
    pub goods: Amount,
    pub working: Working,
    pub cost: Amount,
}

/// How a method's cost for a package comes about, whether or not it serves the package; `None` where it has no
/// price for it.
pub fn rate_working(
    package: &Package<'_>,
    method: &ShippingMethod,
    currency: Currency,
    catalog: &Catalog,
) -> Option<RateWorking> {
    let load = Load::of(package, catalog)?;
    let working = working(&method.calculator, &load, currency)?;
    Some(RateWorking {
        pieces: load.pieces,
        grams: i64::try_from(load.grams).ok()?,
        goods: narrow(load.goods).ok()?,
        working,
        cost: bounded(working)?,
    })
}

/// What calculators look at.
#[derive(Debug, Default)]
struct Load {
    pieces: u64,
    grams: i128,
    goods: i128,
    categories: Vec<ShippingCategoryId>,
}

impl Load {
    fn of(package: &Package<'_>, catalog: &Catalog) -> Option<Load> {
        let mut load = Load::default();
        for (variant, quantity, unit_price) in package.contents {
            let (product, variant) = catalog.variant(*variant)?;
            load.pieces = load.pieces.saturating_add(u64::from(*quantity));
            load.grams += i128::from(variant.measures.grams) * i128::from(*quantity);
            load.goods += i128::from(unit_price.0) * i128::from(*quantity);
            load.categories.extend(product.shipping_category);
        }
        load.categories.sort_unstable();
        load.categories.dedup();
        Some(load)
    }
}

/// The cost, or `None` where the calculator has no answer in this currency.
fn cost(calculator: &ShippingCalculator, load: &Load, currency: Currency) -> Option<Amount> {
    bounded(working(calculator, load, currency)?)
}

fn bounded(working: Working) -> Option<Amount> {
    narrow(working.formula.wide()).ok().filter(|cost| *cost >= Amount::ZERO)
}

fn working(calculator: &ShippingCalculator, load: &Load, currency: Currency) -> Option<Working> {
    let minor = |money: &Money| money.amount_in(currency);
    let goods = || narrow(load.goods).ok();
    Some(match calculator {
        ShippingCalculator::Flat(money) => Working::only(Formula::Given(minor(money)?)),
        ShippingCalculator::PerItem(money) => {
            Working::only(Formula::Pieces { each: minor(money)?, pieces: load.pieces })
        }
        ShippingCalculator::Percent(rate) => Working::only(Formula::Share { rate: *rate, base: goods()? }),
        ShippingCalculator::Flexible { first, additional, max_items } => {
            // The first price comes back at every piece whose index `max_items` divides.
            let firsts = match u64::from(*max_items) {
                0 => load.pieces.min(1),
                max => load.pieces.div_ceil(max),
            };
            Working::only(Formula::FirstAndMore {
                first: minor(first)?,
                firsts,
                additional: minor(additional)?,
                others: load.pieces - firsts,
            })
        }
        ShippingCalculator::PriceSack { minimal, normal, discount } => {
            let (minimal, goods) = (minor(minimal)?, goods()?);
            let chosen = if goods < minimal { minor(normal)? } else { minor(discount)? };
            Working { formula: Formula::Given(chosen), choice: Choice::Sack { minimal, goods } }
        }
        ShippingCalculator::ByWeight(buckets) => {
            let (up_to, price) = buckets.iter().find(|(up_to, _)| load.grams <= i128::from(*up_to))?;
            let grams = i64::try_from(load.grams).ok()?;
            Working {
                formula: Formula::Given(minor(price)?),
                choice: Choice::Weight { up_to: *up_to, grams },
            }
        }
        ShippingCalculator::ByPrice(buckets) => {
            let goods = goods()?;
            let holds = |(up_to, _): &&(Money, Money)| minor(up_to).is_some_and(|up_to| goods <= up_to);
            let (up_to, price) = buckets.iter().find(holds)?;
            Working {
                formula: Formula::Given(minor(price)?),
                choice: Choice::Value { up_to: minor(up_to)?, goods },
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Channels;
    use crate::money::Rate;
    use crate::price::samples;
    use ShippingCalculator::{ByPrice, ByWeight, Flat, Flexible, PerItem, Percent, PriceSack};

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    /// Pieces, grams and goods value against the expected cost.
    fn check(
        calculator: &ShippingCalculator,
        (pieces, grams, goods): (u64, i128, i128),
        expected: Option<i64>,
    ) {
        let load = Load { pieces, grams, goods, categories: vec![] };
        assert_eq!(
            cost(calculator, &load, Currency::USD),
            expected.map(Amount),
            "{calculator:?} of {load:?}"
        );
    }

    #[test]
    fn flat_per_item_and_percent() {
        check(&Flat(usd(500)), (3, 0, 0), Some(500));
        check(&Flat(usd(0)), (3, 0, 0), Some(0));
        check(&Flat(usd(-1)), (3, 0, 0), None);
        check(&Flat(Money::new(500, Currency::EUR)), (3, 0, 0), None);
        check(&PerItem(usd(150)), (3, 0, 0), Some(450));
        check(&PerItem(usd(i64::MAX)), (u64::from(u32::MAX), 0, 0), None);
        check(&Percent(Rate::percent(10)), (1, 0, 1995), Some(200));
        check(&Percent(Rate::percent(-10)), (1, 0, 1995), None);
    }

    #[test]
    fn the_flexible_first_price_returns_after_every_max_items() {
        let flexible = |max_items| Flexible { first: usd(500), additional: usd(100), max_items };
        for (max_items, pieces, expected) in
            [(0, 1, 500), (0, 4, 800), (3, 3, 700), (3, 4, 1200), (3, 7, 1900), (1, 2, 1000), (0, 0, 0)]
        {
            check(&flexible(max_items), (pieces, 0, 0), Some(expected));
        }
    }

    #[test]
    fn sacks_and_buckets() {
        let sack = PriceSack { minimal: usd(5000), normal: usd(600), discount: usd(100) };
        check(&sack, (1, 0, 4999), Some(600));
        check(&sack, (1, 0, 5000), Some(100));
        let weight = ByWeight(vec![(1000, usd(400)), (5000, usd(900))]);
        check(&weight, (1, 1000, 0), Some(400));
        check(&weight, (1, 1001, 0), Some(900));
        check(&weight, (1, 5001, 0), None);
        let price = ByPrice(vec![(usd(2000), usd(700)), (usd(9000), usd(300))]);
        check(&price, (1, 0, 2000), Some(700));
        check(&price, (1, 0, 2001), Some(300));
        check(&price, (1, 0, 9001), None);
    }

    fn found(change: impl FnOnce(&mut ShippingMethod), audience: Audience) -> Vec<(i64, i64)> {
        let mut catalog = samples::catalog();
        let mut second = samples::method(2, Flat(usd(300)));
        change(&mut second);
        catalog.put(samples::method(1, Flat(usd(500))).into());
        catalog.put(second.into());
        catalog.put(samples::method(3, PerItem(usd(250))).into());
        let contents = [(VariantId(1), 1, Amount(1000)), (VariantId(2), 1, Amount(1000))];
        let package = Package { location: StockLocationId(1), contents: &contents };
        let channel = ChannelKey::new("shop");
        let rates =
            rates(&package, Some(&samples::address().fields), Currency::USD, &catalog, audience, &channel);
        rates.into_iter().map(|(id, _, cost)| (id.0, cost.0)).collect()
    }

    #[test]
    fn what_is_not_offered_has_a_reason() {
        let contents = [(VariantId(1), 1, Amount(1000)), (VariantId(2), 1, Amount(1000))];
        let package = Package { location: StockLocationId(1), contents: &contents };
        let found = |change: &dyn Fn(&mut ShippingMethod)| {
            let mut method = samples::method(2, Flat(usd(300)));
            change(&mut method);
            let address = samples::address().fields;
            obstacle(&package, &method, &address, Currency::USD, &samples::catalog())
        };
        assert_eq!(found(&|_| {}), None);
        let goods = found(&|m| m.categories.clear());
        assert_eq!(goods, Some(Obstacle::Goods(vec![VariantId(1), VariantId(2)])));
        assert_eq!(found(&|m| m.locations = vec![StockLocationId(2)]), Some(Obstacle::Location));
        assert_eq!(found(&|m| m.zones.clear()), Some(Obstacle::Address));
        let price = |method: &mut ShippingMethod| method.calculator = ByPrice(vec![(usd(1999), usd(1))]);
        assert_eq!(found(&price), Some(Obstacle::Value));
        let weight = |method: &mut ShippingMethod| method.calculator = ByWeight(vec![(-1, usd(1))]);
        assert_eq!(found(&weight), Some(Obstacle::Weight));
        let euro = |method: &mut ShippingMethod| method.calculator = Flat(Money::new(1, Currency::EUR));
        assert_eq!(found(&euro), Some(Obstacle::Price));
    }

    #[test]
    fn methods_that_serve_the_package_are_offered_cheapest_first() {
        let without = [(1, 500), (3, 500)];
        let with = [(2, 300), (1, 500), (3, 500)];
        assert_eq!(found(|_| {}, Audience::Buyers), with);
        assert_eq!(found(|m| m.for_buyers = false, Audience::Buyers), without);
        assert_eq!(found(|m| m.for_buyers = false, Audience::Staff), with);
        assert_eq!(found(|m| m.zones.clear(), Audience::Buyers), without);
        assert_eq!(found(|m| m.categories.clear(), Audience::Buyers), without);
        assert_eq!(found(|m| m.locations = vec![StockLocationId(2)], Audience::Buyers), without);
        assert_eq!(found(|m| m.locations = vec![StockLocationId(1)], Audience::Buyers), with);
        assert_eq!(
            found(|m| m.channels = Channels::Only(vec![ChannelKey::new("pos")]), Audience::Buyers),
            without
        );
        assert_eq!(found(|m| m.calculator = Flat(Money::new(1, Currency::EUR)), Audience::Buyers), without);
    }
}
