//! Figures and words that depend on where an order stands and who looks.

use super::super::*;
use super::fixture::{Shop, address as address_json, placed_order, row, shop};
use crate::apis::spree_family::state::state_of;
use domain::channel::{ChannelKey, Step};
use domain::order::{Completion, Order, Phase};
use domain::{TaxonId, UnitId, VariantId};
use serde_json::{Value, json};

fn json(view: impl serde::Serialize) -> Value {
    serde_json::to_value(view).unwrap()
}

/// The same order before it was placed.
fn unplaced(phase: Phase, at: Step) -> Order {
    Order { phase, at, completed_at: None, ..placed_order() }
}

#[test]
fn views_state_follows_phase_and_step() {
    let of = |phase, at| state_of(&unplaced(phase, at));
    for (at, state) in [
        (Step::Cart, "cart"),
        (Step::Email, "address"),
        (Step::Attendees, "address"),
        (Step::Address, "address"),
        (Step::Delivery, "delivery"),
        (Step::Form, "delivery"),
        (Step::Conflict, "delivery"),
        (Step::Terms, "delivery"),
        (Step::Payment, "payment"),
        (Step::Confirm, "confirm"),
    ] {
        assert_eq!(of(Phase::Checkout, at), state, "{at:?}");
    }
    for (phase, state) in [
        (Phase::Cart, "cart"),
        (Phase::Expired, "cart"),
        (Phase::Abandoned, "cart"),
        (Phase::Placing, "confirm"),
        (Phase::Requested, "confirm"),
        (Phase::Reserved, "confirm"),
        (Phase::Complete(Completion::Normal), "complete"),
        (Phase::Complete(Completion::Review), "complete"),
        (Phase::Complete(Completion::Resumed), "resumed"),
        (Phase::Complete(Completion::AwaitingReturn), "awaiting_return"),
        (Phase::Returned, "returned"),
        (Phase::Canceled, "canceled"),
        (Phase::Voided, "canceled"),
    ] {
        assert_eq!(of(phase, Step::Payment), state, "{phase:?}");
    }
}

#[test]
fn views_states_of_money_and_goods_are_null_before_completion() {
    let shop = shop();
    let open = json(order_small(&unplaced(Phase::Checkout, Step::Payment), &shop.lens(false)));
    assert_eq!((&open["payment_state"], &open["shipment_state"]), (&Value::Null, &Value::Null));
    assert_eq!(open["completed_at"], Value::Null);
    let placed = json(order_small(&placed_order(), &shop.lens(false)));
    assert_eq!(
        (&placed["payment_state"], &placed["shipment_state"]),
        (&json!("balance_due"), &json!("backorder"))
    );
}

#[test]
fn views_store_credit_before_confirm_is_what_the_buyer_has_and_afterwards_what_is_used() {
    let shop = shop();
    let figures = |order: &Order| {
        let view = json(order_small(order, &shop.lens(false)));
        [
            "total_applicable_store_credit",
            "display_total_applicable_store_credit",
            "order_total_after_store_credit",
            "display_total_available_store_credit",
            "display_store_credit_remaining_after_capture",
        ]
        .map(|key| view[key].as_str().unwrap().to_owned())
    };
    let before = ["7.0", "-$7.00", "2389.46", "$7.00", "$0.00"];
    assert_eq!(figures(&unplaced(Phase::Checkout, Step::Payment)), before);
    let used = ["5.0", "-$5.00", "2391.46", "$7.00", "$2.00"];
    assert_eq!(figures(&unplaced(Phase::Checkout, Step::Confirm)), used);
    assert_eq!(figures(&placed_order()), used);
    let guest = Order { customer: None, ..unplaced(Phase::Checkout, Step::Payment) };
    assert_eq!(figures(&guest), ["0.0", "$0.00", "2396.46", "$0.00", "$0.00"]);
}

#[test]
fn views_store_credit_covers_only_users() {
    let shop = shop();
    let covered =
        |order: &Order| json(order_small(order, &shop.lens(false)))["covered_by_store_credit"].clone();
    let mut order = unplaced(Phase::Checkout, Step::Payment);
    assert_eq!(covered(&order), json!(false));
    order.sheet.totals.total = row(json!(700));
    assert_eq!(covered(&order), json!(true));
    order.customer = None;
    assert_eq!(covered(&order), json!(false));
}

#[test]
fn views_checkout_steps_have_payment_only_when_something_is_to_pay() {
    let shop = shop();
    let mut order = unplaced(Phase::Cart, Step::Cart);
    assert_eq!(
        checkout_steps(&order, &shop.lens(false)),
        ["address", "delivery", "payment", "confirm", "complete"]
    );
    order.sheet.totals.total = row(json!(0));
    assert_eq!(checkout_steps(&order, &shop.lens(false)), ["address", "delivery", "confirm", "complete"]);
}

#[test]
fn views_channel_is_spree_for_the_two_that_share_a_parent() {
    let shop = shop();
    for (origin, shown) in
        [("solidus", "spree"), ("spree", "spree"), ("akinon", "akinon"), ("pages", "pages")]
    {
        let order = Order { origin: ChannelKey::new(origin), ..placed_order() };
        assert_eq!(json(order_small(&order, &shop.lens(false)))["channel"], json!(shown));
    }
}

#[test]
fn views_rate_costs_name_their_taxes() {
    let shop = shop();
    let cost = |order: &Order, cost: i64| {
        let mut one = order.shipments[0].rates[0].clone();
        one.cost = row(json!(cost));
        json(rate(&one, order, &shop.lens(false)))["display_cost"].clone()
    };
    let mut order = placed_order();
    assert_eq!(cost(&order, 500), json!("$5.00 (+ $0.25 North America)"));
    assert_eq!(cost(&order, 0), json!("$0.00"));
    assert_eq!(
        json(rate(&order.shipments[0].rates[1], &order, &shop.lens(false)))["display_cost"],
        json!("$10.00")
    );
    let mut abroad = address_json(403);
    abroad["country"] = json!(250);
    abroad["state"] = Value::Null;
    order.ship_address = Some(row(abroad));
    assert_eq!(cost(&order, 600), json!("$6.00 (incl. $1.00 TVA, + $0.10 Eco)"));
    (order.ship_address, order.bill_address) = (None, None);
    assert_eq!(cost(&order, 500), json!("$5.00"), "no address, no tax");
}

fn small(shop: &Shop, id: i64) -> Value {
    let (product, variant) = shop.catalog.variant(VariantId(id)).unwrap();
    json(variant_small(product, variant, &shop.lens(false)))
}

#[test]
fn views_stock_counts_active_shown_locations_less_what_is_held() {
    let shop = shop();
    let figures = |id| {
        let view = small(&shop, id);
        (view["total_on_hand"].clone(), view["in_stock"].clone(), view["is_backorderable"].clone())
    };
    assert_eq!(figures(11), (json!(7), json!(true), json!(false)));
    assert_eq!(figures(21), (json!(0), json!(false), json!(true)));
    assert_eq!(figures(22), (json!(0), json!(false), json!(false)));
    assert_eq!(figures(20), (Value::Null, json!(true), json!(false)), "not tracked");
}

#[test]
fn views_stock_items_are_at_active_locations_unless_staff_asks() {
    let shop = shop();
    let (product, variant) = shop.catalog.variant(VariantId(11)).unwrap();
    let items = |admin| json(variant_big(product, variant, &shop.lens(admin)))["stock_items"].clone();
    assert_eq!(
        items(false),
        json!([{"id": 91, "count_on_hand": 10, "stock_location_id": 1, "backorderable": false, "available": true,
            "stock_location_name": "default"}])
    );
    let ids: Vec<Value> = items(true).as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [91, 92], "never of another channel");
}

#[test]
fn views_options_are_a_sentence_by_type_position() {
    let shop = shop();
    assert_eq!(small(&shop, 11)["options_text"], json!(""));
    assert_eq!(small(&shop, 21)["options_text"], json!("Size: Small, Color: Red"));
    assert_eq!(small(&shop, 22)["options_text"], json!("Size: Small, Color: Red, and Fit: Slim"));
}

#[test]
fn views_prices_are_in_the_default_currency_or_null() {
    let shop = shop();
    let price = |id| (small(&shop, id)["price"].clone(), small(&shop, id)["display_price"].clone());
    assert_eq!(price(11), (json!("1234.5"), json!("$1,234.50")));
    assert_eq!(price(22), (Value::Null, Value::Null));
}

#[test]
fn views_measures_are_kilograms_and_metres() {
    let mug = small(&shop(), 11);
    assert_eq!(
        (&mug["weight"], &mug["height"], &mug["width"]),
        (&json!("0.35"), &json!("0.095"), &Value::Null)
    );
}

#[test]
fn views_pieces_come_from_runs() {
    let (shop, order) = (shop(), placed_order());
    let big = json(shipment_big(&order.shipments[0], &order, &shop.lens(false)));
    let pieces: Vec<(i64, &str)> = big["inventory_units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| (unit["id"].as_i64().unwrap(), unit["state"].as_str().unwrap()))
        .collect();
    assert_eq!(pieces, [(7001, "on_hand"), (7002, "on_hand"), (7003, "shipped")]);
    let second = json(inventory_unit(&order, UnitId(7011)));
    assert_eq!(second, json!({"id": 7011, "state": "backordered", "variant_id": 21, "shipment_id": 302}));
    assert_eq!(json(inventory_unit(&order, UnitId(7012))), Value::Null);
    assert_eq!(json(inventory_unit(&order, UnitId(7000))), Value::Null);
}

#[test]
fn views_manifest_sums_runs_of_one_variant() {
    let (shop, mut order) = (shop(), placed_order());
    let pieces = order.shipments[1].runs[0];
    order.shipments[0].runs.push(pieces);
    let manifest = json(shipment_small(&order.shipments[0], &order, &shop.lens(false)))["manifest"].clone();
    assert_eq!(
        manifest,
        json!([{"variant_id": 11, "quantity": 2, "states": {"on_hand": 2}},
            {"variant_id": 21, "quantity": 3, "states": {"shipped": 1, "backordered": 2}}])
    );
}

#[test]
fn views_tracking_has_an_address_once_there_is_a_number() {
    let (shop, mut order) = (shop(), placed_order());
    let url = |order: &Order| {
        json(shipment_small(&order.shipments[0], order, &shop.lens(false)))["tracking_url"].clone()
    };
    assert_eq!(url(&order), json!("https://carrier.example/?q=1Z%209"));
    order.shipments[0].tracking = None;
    assert_eq!(url(&order), Value::Null);
}

#[test]
fn views_taxons_are_named_from_the_root_and_sorted_by_position() {
    let shop = shop();
    let root = json(taxon(&shop.catalog.taxons[&TaxonId(1)], &shop.lens(false), Below::All));
    assert_eq!(root["taxons"][0]["pretty_name"], json!("Categories -> Bags"));
    let mugs = json(taxon(&shop.catalog.taxons[&TaxonId(2)], &shop.lens(false), Below::All));
    assert_eq!(mugs["pretty_name"], json!("Categories -> Mugs"));
}

#[test]
fn views_a_line_without_a_sheet_or_variant_is_still_shown() {
    let (shop, mut order) = (shop(), placed_order());
    order.sheet.lines.clear();
    order.lines[0].variant = VariantId(404);
    let line = json(line_item(&order.lines[0], &order, &shop.lens(false)));
    assert_eq!(
        (&line["total"], &line["variant"], &line["adjustments"]),
        (&json!("2469.0"), &Value::Null, &json!([]))
    );
}

#[test]
fn views_payment_methods_are_the_active_ones_of_this_channel_by_position() {
    let shop = shop();
    assert_eq!(
        json(payment_methods(&placed_order(), &shop.lens(true))),
        json!([{"id": 2, "name": "Check", "partial_name": "check", "method_type": "check"},
            {"id": 1, "name": "Credit Card", "partial_name": "gateway", "method_type": "gateway"},
            {"id": 4, "name": "Store Credit", "partial_name": "store_credit", "method_type": "store_credit"}])
    );
}
