//! Orders of many lines for benches: the shop of the tests with as many more products as an order has lines,
//! each in stock. What is measured never changes the shop.

#[path = "../../tests/common/mod.rs"]
mod common;

pub use common::*;
use domain::catalog::Product;
use domain::channel::Step;
use domain::command::{Command, Go};
use domain::order::Order;
use domain::user::Who;
use domain::{ProductId, VariantId};

/// Sizes of orders to measure.
pub const LINES: [usize; 4] = [1, 10, 100, 1_000];
/// A variant that no order has yet.
pub const NEW: VariantId = VariantId(100);

/// A shop, and an order of so many lines on its last step: with an address, a discount, and a check.
pub fn order_of(lines: usize) -> (Shop, Order) {
    let mut shop = Shop::new();
    let variants: Vec<VariantId> = (0..=lines as i64).map(|more| VariantId(NEW.0 + more)).collect();
    for variant in &variants {
        let product = like_a_mug(&shop, *variant);
        shop.catalog.put(product.into());
        shop.set_stock(*variant, MAIN, 1_000_000, false);
    }
    let contents: Vec<(VariantId, u32)> = variants[1..].iter().map(|variant| (*variant, 2)).collect();
    let order = shop.ready(&contents, CHECK);
    let order = shop.ok(&order, Command::ApplyCode("tenoff".into()));
    assert_eq!((order.lines.len(), order.at), (lines, Step::Confirm));
    assert!(order.sheet.totals.promo_total < usd(0) && order.sheet.totals.additional_tax_total > usd(0));
    assert!(
        shop.ask(Some(&order), go(Go::Complete), Who::Guest).is_ok_and(|placed| placed.refusal.is_none())
    );
    (shop, order)
}

fn like_a_mug(shop: &Shop, variant: VariantId) -> Product {
    let (mug, _) = shop.catalog.variant(MUG).expect("mugs are sold");
    let mut product = Product::clone(mug);
    product.id = ProductId(variant.0);
    product.slug = format!("mug-{variant}");
    product.master.id = variant;
    product.master.sku = format!("MUG-{variant}");
    product
}
