//! What `price` costs by the lines of an order with a discount on each line, taxes, and one shipment.

mod shop;

use divan::Bencher;
use domain::price::price;
use shop::{LINES, order_of};

fn main() {
    divan::main();
}

#[divan::bench(args = LINES)]
fn price_an_order(bencher: Bencher<'_, '_>, lines: usize) {
    let (shop, order) = order_of(lines);
    bencher.bench_local(|| price(&order, &shop.catalog, &shop.buyer, shop.now));
}
