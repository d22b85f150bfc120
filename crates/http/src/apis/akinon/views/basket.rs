//! A basket: its items at today's prices, and what they come to without delivery.

use super::{Lens, choice, money, picture, time};
use domain::catalog::{Product, TaxCalculator, TaxShown, Variant};
use domain::money::Amount;
use domain::order::{Line, Order};
use domain::price::AdjustmentSource;
use domain::ticketing::availability;
use domain::{LineId, VariantId};
use serde_json::{Value, json};

/// Most pieces that are said to be there, where nobody counts.
const PLENTY: u64 = 9_999_999;

/// The basket.
pub fn basket(order: &Order, lens: &Lens<'_>) -> Value {
    let currency = order.currency;
    let items: Vec<Value> = order.lines.iter().map(|line| item(line, order, lens)).collect();
    let products: Amount = order.sheet.lines.iter().map(|line| line.amount).sum();
    json!({
        "pk": order.id.0,
        "basketitem_set": items,
        "total_quantity": order.total_quantity(),
        "total_product_amount": money(products, currency),
        "total_discount_amount": money(-discount(order), currency),
        "total_amount": money(total(order), currency),
        "currency": super::currency(currency),
        "discounts": discounts(order),
        "voucher_code": voucher(order),
        "upsell_details": [],
        "unavailable_basket_products": [],
        "segment": null,
        "is_active": order.phase.is_unfinished(),
        "version": order.version,
        "created_date": time(order.created_at),
        "modified_date": time(order.updated_at),
    })
}

/// What is shown where there is no basket yet.
pub fn no_basket(lens: &Lens<'_>) -> Value {
    let currency = lens.channel.currencies.first().copied().unwrap_or(lens.catalog.settings.currency);
    let nothing = money(Amount::ZERO, currency);
    json!({
        "pk": null,
        "basketitem_set": [],
        "total_quantity": 0,
        "total_product_amount": nothing,
        "total_discount_amount": nothing,
        "total_amount": nothing,
        "currency": super::currency(currency),
        "discounts": [],
        "voucher_code": null,
        "upsell_details": [],
        "unavailable_basket_products": [],
        "segment": null,
        "is_active": true,
        "version": 0,
        "created_date": null,
        "modified_date": null,
    })
}

/// The code that is applied; of several, the last.
pub fn voucher(order: &Order) -> Option<&str> {
    order.promotions.iter().rev().find_map(|applied| applied.code.as_deref())
}

/// Everything but delivery and what paying in parts costs.
pub fn total(order: &Order) -> Amount {
    let lines: Amount = order.sheet.lines.iter().map(domain::price::LineSheet::total).sum();
    let whole = order.sheet.order.iter().filter(|a| a.counts() && a.source != AdjustmentSource::Interest);
    lines + whole.map(|adjustment| adjustment.amount).sum()
}

/// What promotions take off the goods, ≤ 0.
pub fn discount(order: &Order) -> Amount {
    let of_lines = order.sheet.lines.iter().flat_map(|line| &line.adjustments);
    let promotions = of_lines.chain(&order.sheet.order).filter(|a| a.counts() && a.source.is_promotion());
    promotions.map(|adjustment| adjustment.amount).sum()
}

fn discounts(order: &Order) -> Vec<Value> {
    let mut named: Vec<(&str, Amount)> = Vec::new();
    let of_lines = order.sheet.lines.iter().flat_map(|line| &line.adjustments);
    for adjustment in of_lines.chain(&order.sheet.order).filter(|a| a.counts() && a.source.is_promotion()) {
        match named.iter_mut().find(|(label, _)| *label == adjustment.label) {
            Some((_, amount)) => *amount += adjustment.amount,
            None => named.push((&adjustment.label, adjustment.amount)),
        }
    }
    let shown = named.into_iter();
    shown
        .map(|(label, amount)| json!({ "description": label, "discount": money(-amount, order.currency) }))
        .collect()
}

fn item(line: &Line, order: &Order, lens: &Lens<'_>) -> Value {
    let currency = order.currency;
    let sheet = order.sheet.line(line.id);
    let total = sheet.map_or(Amount::ZERO, domain::price::LineSheet::total);
    let off: Amount = sheet
        .map(|sheet| sheet.adjustments.iter().filter(|a| a.counts() && a.source.is_promotion()))
        .map_or(Amount::ZERO, |adjustments| adjustments.map(|adjustment| adjustment.amount).sum());
    let price = money(line.price, currency);
    let found = lens.catalog.variant(line.variant);
    let stock = found.map_or(0, |(_, variant)| pieces(variant, lens));
    json!({
        "id": line.id.0,
        "quantity": line.quantity,
        "product": found.map(|(owner, variant)| product(owner, variant, line, order, lens)),
        "unit_price": price,
        "price": price,
        "retail_price": price,
        "total_amount": money(total, currency),
        "discount_amount": money(-off, currency),
        "tax_rate": found.map_or_else(|| "0.00".to_owned(), |(_, variant)| tax_rate(variant.id, lens)),
        "currency_type": super::currency(currency),
        "stock": stock,
        "attributes": line.customer_metadata.get("attributes").cloned().unwrap_or_else(|| json!({})),
        "attributes_kwargs": {},
        "image": found.and_then(|(owner, variant)| picture(owner, variant)),
        "parent": line.parent.map(|parent| parent.0),
        "offer_badges": [],
        "shipping_discount": null,
    })
}

fn product(product: &Product, variant: &Variant, line: &Line, order: &Order, lens: &Lens<'_>) -> Value {
    let stock = pieces(variant, lens);
    let price = money(line.price, order.currency);
    let image = picture(product, variant);
    json!({
        "pk": variant.id.0,
        "sku": variant.sku,
        "name": product.name,
        "base_code": product.slug,
        "price": price,
        "retail_price": price,
        "currency_type": choice(&order.currency.code().to_lowercase(), order.currency.code()),
        "in_stock": stock > 0,
        "stock": stock,
        "is_active": is_sold(product, variant, lens),
        "absolute_url": format!("/{}/", product.slug),
        "productimage_set": image.iter().map(|url| json!({ "image": url, "order": 0 })).collect::<Vec<_>>(),
    })
}

/// Pieces that can be had in this channel.
fn pieces(variant: &Variant, lens: &Lens<'_>) -> u64 {
    if !variant.track_inventory {
        return PLENTY;
    }
    let levels = lens.stock.of(variant.id).iter().filter(|level| {
        let place = lens.catalog.stock_locations.get(&level.location);
        place.is_some_and(|place| place.active && place.channels.show(&lens.channel.key))
    });
    let mut pieces = 0u64;
    for level in levels {
        if level.backorderable {
            return PLENTY;
        }
        pieces += u64::try_from(level.available()).unwrap_or_default();
    }
    let pools = availability::free(lens.catalog, variant, lens.stock).filter(|_| !variant.draws.is_empty());
    pools.map_or(pieces, |free| free.min(pieces))
}

fn is_sold(product: &Product, variant: &Variant, lens: &Lens<'_>) -> bool {
    variant.deleted_at.is_none()
        && product.is_available(lens.now)
        && product.channels.show(&lens.channel.key)
        && availability::window(product, variant, lens.now).can_be_ordered()
}

/// Percent of tax that is inside the price.
fn tax_rate(variant: VariantId, lens: &Lens<'_>) -> String {
    let category = lens.catalog.tax_category_of(variant);
    let mut rates = lens.catalog.tax_rates.values().filter(|rate| {
        rate.shown == TaxShown::Included
            && rate.period.contains(lens.now)
            && category.is_some_and(|category| rate.categories.contains(&category))
    });
    match rates.next().map(|rate| rate.calculator) {
        Some(TaxCalculator::Percent(rate)) => rate.percent_text(2),
        _ => "0.00".to_owned(),
    }
}

/// A line of which there is not enough any more, or that is not sold any more.
#[derive(Debug, Clone)]
pub struct Unavailable {
    pub line: LineId,
    /// What is left of it.
    pub left: u32,
    pub view: Value,
}

/// What cannot be had any more of what is in a basket.
pub fn unavailable(order: &Order, lens: &Lens<'_>) -> Vec<Unavailable> {
    let mut gone = Vec::new();
    for line in order.lines.iter().filter(|line| line.parent.is_none()) {
        let found = lens.catalog.variant(line.variant);
        let sold = found.filter(|(product, variant)| is_sold(product, variant, lens));
        let left = sold.map_or(0, |(_, variant)| pieces(variant, lens)).min(u64::from(line.quantity));
        let left = u32::try_from(left).unwrap_or(line.quantity);
        if left < line.quantity {
            let name = found.map_or("", |(product, _)| product.name.as_str());
            let missing = line.quantity - left;
            let view = json!({ "pk": line.variant.0, "name": name, "unavailable_quantity": missing });
            gone.push(Unavailable { line: line.id, left, view });
        }
    }
    gone
}
