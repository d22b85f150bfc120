//! Whole answers, as a client gets them.

use super::super::*;
use super::fixture::{placed_order, shop};

#[test]
fn order_for_a_customer() {
    let (shop, order) = (shop(), placed_order());
    insta::assert_json_snapshot!(order_big(&order, &shop.lens(false)));
}

#[test]
fn order_for_staff() {
    let (shop, order) = (shop(), placed_order());
    insta::assert_json_snapshot!(order_big(&order, &shop.lens(true)));
}

#[test]
fn shipment_after_a_change() {
    let (shop, order) = (shop(), placed_order());
    insta::assert_json_snapshot!(shipment_show(&order.shipments[0], &order, &shop.lens(true)));
}

#[test]
fn product_with_variants() {
    let shop = shop();
    let shirt = shop.catalog.product_by_slug("bow-shirt").unwrap();
    insta::assert_json_snapshot!(product(shirt, &shop.lens(false)));
}
