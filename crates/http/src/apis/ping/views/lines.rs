//! Lines of orders and quotes, and their sums.
//!
//! `item_total` is what the pieces cost by their tiers; a discount stands beside it, never in it.

use super::stock::available;
use domain::catalog::{Catalog, Product, Service, StockView as Levels};
use domain::money::Amount;
use domain::order::{Line, Order, OrderKind};
use domain::price::{AdjustmentSource, LineSheet};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::fmt;

/// Where the wishes about a service stand among a line's metadata.
pub const FILTER: &str = "service_fulfillment_filter";

#[derive(Debug, Serialize)]
pub struct LineView<'a> {
    item_price_id: &'a str,
    item_product_id: Option<ProductId<'a>>,
    item_name: &'a str,
    item_type: &'a str,
    item_country_id: Option<CountryId<'a>>,
    item_price_type: &'static str,
    item_quantity: u32,
    item_per_unit_amount: i64,
    item_total: i64,
    item_discount: i64,
    /// −1 without an end; absent on orders, whose goods are theirs already.
    #[serde(skip_serializing_if = "Option::is_none")]
    item_stock: Option<i64>,
    service_fulfillment_filter: Filter<'a>,
}

/// `prod_isp_us`, written without an allocation.
#[derive(Debug)]
pub struct ProductId<'a>(&'a Product);

impl fmt::Display for ProductId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("prod")?;
        self.0.slug.split('-').try_for_each(|part| write!(f, "_{part}"))
    }
}

impl Serialize for ProductId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A country in small letters.
#[derive(Debug)]
struct CountryId<'a>(&'a Service);

impl Serialize for CountryId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.country {
            Some(country) => {
                let mut small = [0; 2];
                for (small, letter) in small.iter_mut().zip(country.as_str().bytes()) {
                    *small = letter.to_ascii_lowercase();
                }
                serializer.serialize_str(std::str::from_utf8(&small).unwrap_or_default())
            }
            None => serializer.serialize_none(),
        }
    }
}

/// What was wished, or the empty wish.
#[derive(Debug)]
struct Filter<'a>(Option<&'a Value>);

impl Serialize for Filter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(filter) => filter.serialize(serializer),
            None => Map::new().serialize(serializer),
        }
    }
}

/// The parts that a total is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    pub before: Amount,
    /// At most `before`; above zero if anything is taken off.
    pub discount: Amount,
}

/// What the goods cost, and what promotions take off.
pub fn sums(order: &Order) -> Sums {
    let before = match order.kind {
        OrderKind::TopUp { amount } => amount,
        OrderKind::Sale => order.sheet.lines.iter().map(item_total).sum(),
    };
    Sums { before, discount: -order.sheet.totals.promo_total }
}

/// Price times quantity, put right by graduated tiers.
fn item_total(sheet: &LineSheet) -> Amount {
    let volume =
        sheet.adjustments.iter().filter(|adjustment| adjustment.source == AdjustmentSource::VolumePrice);
    sheet.amount + volume.map(|adjustment| adjustment.amount).sum()
}

fn item_discount(sheet: &LineSheet) -> Amount {
    let own =
        sheet.adjustments.iter().filter(|adjustment| adjustment.counts() && adjustment.source.is_promotion());
    -(own.map(|adjustment| adjustment.amount).sum::<Amount>() + sheet.order_share)
}

/// All lines, in the order's order. With levels: as quotes show them.
pub fn lines<'a>(order: &'a Order, catalog: &'a Catalog, levels: Option<&Levels>) -> Vec<LineView<'a>> {
    order
        .lines
        .iter()
        .zip(&order.sheet.lines)
        .map(|(line, sheet)| view(line, sheet, order, catalog, levels))
        .collect()
}

fn view<'a>(
    line: &'a Line,
    sheet: &LineSheet,
    order: &Order,
    catalog: &'a Catalog,
    levels: Option<&Levels>,
) -> LineView<'a> {
    let found = catalog.variant(line.variant);
    let product = found.map(|(product, _)| &**product);
    let service = product.and_then(|product| product.service.as_ref());
    let option = found.and_then(|(_, variant)| variant.price_option(&line.option, order.currency));
    let renews = option.is_some_and(|option| option.interval.is_some());
    LineView {
        item_price_id: &line.option,
        item_product_id: product.map(ProductId),
        item_name: product.map_or("", |product| &product.name),
        item_type: service.map_or("", |service| &service.kind),
        item_country_id: service.map(CountryId),
        item_price_type: if renews { "recurring" } else { "one_time" },
        item_quantity: line.quantity,
        item_per_unit_amount: line.price.0,
        item_total: item_total(sheet).0,
        item_discount: item_discount(sheet).0,
        item_stock: levels.zip(found).map(|(levels, (_, variant))| available(variant, levels)),
        service_fulfillment_filter: Filter(line.customer_metadata.get(FILTER)),
    }
}
