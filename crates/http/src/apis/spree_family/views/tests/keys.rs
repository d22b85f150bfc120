//! Each view has exactly the keys the protocol lists; staff get theirs on top, nobody else does.

use super::super::*;
use super::fixture::{PLACED, Shop, placed_order, row, shop};
use domain::order::Order;
use domain::{Time, UnitId};
use engine::ports::{CreditAction, CreditEvent, StockMovementRow};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ORDER_SMALL: &str = "id number item_total total ship_total state adjustment_total user_id created_at updated_at \
    completed_at payment_total shipment_state payment_state email special_instructions channel included_tax_total \
    additional_tax_total display_included_tax_total display_additional_tax_total tax_total currency \
    covered_by_store_credit display_total_applicable_store_credit order_total_after_store_credit \
    display_order_total_after_store_credit total_applicable_store_credit display_total_available_store_credit \
    display_store_credit_remaining_after_capture canceler_id customer_metadata display_item_total total_quantity \
    display_total display_ship_total display_tax_total token guest_token checkout_steps";
const ORDER_BIG: &str = "payment_methods bill_address ship_address line_items payments shipments adjustments \
    permissions credit_cards";
const LINE_BRIEF: &str =
    "id quantity price variant_id customer_metadata single_display_amount display_amount total";
const SHIPMENT_CORE: &str = "id tracking tracking_url number cost shipped_at state customer_metadata order_id \
    stock_location_name shipping_rates selected_shipping_rate shipping_methods manifest";
const RATE: &str = "id name cost selected shipping_method_id shipping_method_code display_cost";
const PAYMENT: &str = "id source_type source_id amount display_amount payment_method_id state avs_response \
    created_at updated_at customer_metadata";
const CARD: &str = "id month year cc_type last_digits name";
const ADDRESS: &str = "id name address1 address2 city zipcode phone company alternative_phone country_id country_iso \
    state_id state_name state_text email vat_id reverse_charge_status country state";
const COUNTRY: &str = "id iso_name iso iso3 name numcode";
const STATE: &str = "id name abbr country_id";
const ADJUSTMENT: &str = "id source_type source_id adjustable_type adjustable_id amount label finalized created_at \
    updated_at display_amount promotion_code_id eligible";
const VARIANT: &str = "id name sku gtin condition weight height width depth is_master slug description \
    track_inventory price display_price options_text in_stock is_backorderable total_on_hand is_destroyed \
    option_values images";
const OPTION_VALUE: &str = "id name presentation option_type_name option_type_id option_type_presentation";
const IMAGE: &str = "id position attachment_content_type attachment_file_name type attachment_updated_at \
    attachment_width attachment_height alt viewable_type viewable_id mini_url small_url product_url large_url";
const TAXON: &str = "id name pretty_name permalink parent_id taxonomy_id taxons";

fn json(view: impl serde::Serialize) -> Value {
    serde_json::to_value(view).unwrap()
}

fn check(value: &Value, lists: &[&str]) {
    let expected: BTreeSet<&str> = lists.iter().flat_map(|list| list.split_whitespace()).collect();
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let actual: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(actual, expected);
}

fn given() -> (Shop, Order) {
    (shop(), placed_order())
}

#[test]
fn views_order_keys() {
    let (shop, order) = given();
    check(&json(order_small(&order, &shop.lens(false))), &[ORDER_SMALL]);
    check(&json(order_small(&order, &shop.lens(true))), &[ORDER_SMALL, "admin_metadata"]);
    let big = json(order_big(&order, &shop.lens(false)));
    check(&big, &[ORDER_SMALL, ORDER_BIG]);
    check(&json(order_big(&order, &shop.lens(true))), &[ORDER_SMALL, ORDER_BIG, "admin_metadata"]);
    check(&big["permissions"], &["can_update"]);
    check(&big["payment_methods"][0], &["id name partial_name method_type"]);
    check(&big["credit_cards"][0], &[CARD, "address"]);
    for adjustments in
        [&big["adjustments"], &big["line_items"][0]["adjustments"], &big["shipments"][0]["adjustments"]]
    {
        check(&adjustments[0], &[ADJUSTMENT]);
    }
}

#[test]
fn views_line_item_keys() {
    let (shop, order) = given();
    let line = json(line_item(&order.lines[0], &order, &shop.lens(false)));
    check(&line, &[LINE_BRIEF, "variant adjustments"]);
    check(&line["variant"], &[VARIANT, "product_id"]);
    let line = json(line_item(&order.lines[1], &order, &shop.lens(true)));
    check(&line, &[LINE_BRIEF, "variant adjustments admin_metadata"]);
    check(&line["variant"], &[VARIANT, "product_id cost_price"]);
    check(&line["variant"]["option_values"][0], &[OPTION_VALUE]);
}

#[test]
fn views_shipment_keys() {
    let (shop, order) = given();
    let shipment = &order.shipments[0];
    let small = json(shipment_small(shipment, &order, &shop.lens(false)));
    check(&small, &[SHIPMENT_CORE, "adjustments"]);
    check(&small["shipping_rates"][1], &[RATE]);
    check(&small["selected_shipping_rate"], &[RATE]);
    check(&small["shipping_methods"][0], &["id code name zones shipping_categories"]);
    check(&small["shipping_methods"][0]["zones"][0], &["id name description"]);
    check(&small["shipping_methods"][0]["shipping_categories"][0], &["id name"]);
    check(&small["manifest"][0], &["variant_id quantity states"]);
    check(
        &json(shipment_small(shipment, &order, &shop.lens(true))),
        &[SHIPMENT_CORE, "adjustments admin_metadata"],
    );

    let show = json(shipment_show(shipment, &order, &shop.lens(false)));
    check(&show, &[SHIPMENT_CORE]);
    check(&show["shipping_methods"][0], &["id name zones shipping_categories"]);
    check(&show["manifest"][0], &["variant quantity states"]);
    check(&show["manifest"][0]["variant"], &[VARIANT]);
    check(&json(shipment_show(shipment, &order, &shop.lens(true))), &[SHIPMENT_CORE, "admin_metadata"]);

    let rate = json(estimated_rate(&shipment.rates[0], &order, &shop.lens(false)));
    check(&rate, &["name cost shipping_method_id shipping_method_code display_cost"]);
}

#[test]
fn views_shipment_of_a_buyers_list_keys() {
    let (shop, order) = given();
    let big = json(shipment_big(&order.shipments[0], &order, &shop.lens(false)));
    check(&big, &[SHIPMENT_CORE, "adjustments inventory_units order"]);
    check(&big["inventory_units"][0], &["id state variant_id shipment_id variant line_item"]);
    check(&big["inventory_units"][0]["variant"], &[VARIANT]);
    check(&big["inventory_units"][0]["line_item"], &[LINE_BRIEF]);
    check(&big["order"], &[ORDER_SMALL, "bill_address ship_address payments"]);
    let payments = &big["order"]["payments"];
    check(&payments[0], &["id amount display_amount state payment_method source"]);
    check(&payments[0]["source"], &["id cc_type"]);
    check(&payments[1], &["id amount display_amount state payment_method"]);
    check(&payments[2]["source"], &["id"]);
    check(&json(inventory_unit(&order, UnitId(7002))), &["id state variant_id shipment_id"]);
}

#[test]
fn views_payment_keys() {
    let (shop, order) = given();
    for (admin, staff) in [(false, ""), (true, "admin_metadata")] {
        let lens = shop.lens(admin);
        check(&json(payment(&order.payments[0], &order, &lens)), &[PAYMENT, staff]);
        let card = json(payment_with_source(&order.payments[0], &order, &lens));
        check(&card, &[PAYMENT, "payment_method source", staff]);
        check(&card["payment_method"], &["id name"]);
        let profiles = if admin { "gateway_customer_profile_id gateway_payment_profile_id" } else { "" };
        check(&card["source"], &[CARD, profiles]);
        let check_payment = json(payment_with_source(&order.payments[1], &order, &lens));
        assert_eq!(check_payment["source"], Value::Null);
        let credit = json(payment_with_source(&order.payments[2], &order, &lens));
        check(&credit["source"], &["id memo created_at created_by category"]);
        check(&credit["source"]["category"], &["id name"]);
    }
}

#[test]
fn views_never_show_a_gateways_token() {
    let (shop, order) = given();
    for admin in [false, true] {
        let text = json(order_big(&order, &shop.lens(admin))).to_string();
        assert!(!text.contains("4111111111111111"), "admin: {admin}");
        assert_eq!(text.contains("BGS-123"), admin, "profiles are for staff");
    }
}

#[test]
fn views_address_keys() {
    let (shop, order) = given();
    let geography = &shop.catalog.settings.geography;
    let at = json(address(order.ship_address.as_ref().unwrap(), geography, Dialect::Solidus));
    check(&at, &[ADDRESS]);
    check(&at["country"], &[COUNTRY]);
    check(&at["state"], &[STATE]);
    let shown = json(country_show(geography.by_code("US").unwrap(), geography));
    check(&shown, &[COUNTRY, "states"]);
    check(&shown["states"][0], &[STATE]);
}

#[test]
fn views_variant_and_product_keys() {
    let (shop, _) = given();
    let mug = shop.catalog.product_by_slug("ribbon-mug").unwrap();
    for (admin, staff) in [(false, ""), (true, "cost_price")] {
        let big = json(variant_big(mug, &mug.master, &shop.lens(admin)));
        check(&big, &[VARIANT, "variant_properties stock_items", staff]);
        let item = &big["stock_items"][0];
        check(item, &["id count_on_hand stock_location_id backorderable available stock_location_name"]);
        check(&big["images"][0], &[IMAGE]);
    }
    let view = json(product(mug, &shop.lens(false)));
    check(
        &view,
        &[
            "id name description available_on slug meta_description meta_keywords shipping_category_id taxon_ids \
           meta_title primary_taxon_id total_on_hand price display_price has_variants master variants option_types \
           product_properties classifications",
        ],
    );
    check(&view["product_properties"][0], &["id product_id property_id value property_name"]);
    check(&view["classifications"][0], &["taxon_id position taxon"]);
    check(&view["classifications"][0]["taxon"], &[TAXON]);
    let shirt = shop.catalog.product_by_slug("bow-shirt").unwrap();
    check(&json(product(shirt, &shop.lens(false)))["option_types"][0], &["id name presentation position"]);
}

#[test]
fn views_catalogue_keys() {
    let (shop, _) = given();
    let (catalog, lens) = (&shop.catalog, shop.lens(false));
    let size = json(option_type(catalog.option_types.values().next().unwrap()));
    check(&size, &["id name presentation position option_values"]);
    check(&size["option_values"][0], &[OPTION_VALUE]);
    check(&json(property(catalog.properties.values().next().unwrap())), &["id name presentation"]);
    let tree = json(taxonomy(catalog.taxonomies.values().next().unwrap(), &lens, Below::All));
    check(&tree, &["id name root"]);
    check(&tree["root"], &[TAXON]);
    check(&tree["root"]["taxons"][0], &[TAXON]);
    let world = json(zone(catalog.zones.values().next().unwrap(), &catalog.settings.geography));
    check(&world, &["id name description zone_members"]);
    check(&world["zone_members"][0], &["id name zoneable_type zoneable_id"]);
    check(
        &json(store(catalog.storefronts.values().next().unwrap(), &lens)),
        &[
            "id name url meta_description meta_keywords seo_title mail_from_address default_currency code default \
           available_locales bcc_email reverse_charge_status",
        ],
    );
    check(
        &json(promotion(catalog.promotions.values().next().unwrap(), &lens)),
        &["id name description expires_at starts_at type usage_limit advertise path"],
    );
    let location = json(stock_location(catalog.stock_locations.values().next().unwrap(), &lens));
    check(
        &location,
        &["id name address1 address2 city state_id state_name country_id zipcode phone active country state"],
    );
    check(&location["country"], &[COUNTRY]);
    check(&location["state"], &[STATE]);
}

#[test]
fn views_stock_keys() {
    let (shop, _) = given();
    let level = &shop.stock.of(domain::VariantId(11))[0];
    const ITEM: &str = "id count_on_hand backorderable stock_location_id variant_id variant";
    let item = json(stock_item(level, &shop.lens(false)));
    check(&item, &[ITEM]);
    check(&item["variant"], &[VARIANT]);
    let movement = StockMovementRow {
        id: domain::StockMovementId(1),
        item: level.item,
        variant: level.variant,
        location: level.location,
        quantity: -2,
        order: None,
        at: Time(PLACED),
    };
    let movement = json(stock_movement(&movement, Some(level), &shop.lens(false)));
    check(&movement, &["id quantity stock_item_id stock_item"]);
    check(&movement["stock_item"], &[ITEM]);
}

#[test]
fn views_people_and_returns_keys() {
    let (shop, order) = given();
    const USER: &str = "id email created_at updated_at customer_metadata bill_address ship_address";
    const RETURN: &str = "id number state order_id memo created_at updated_at customer_metadata";
    const RETURNED: &str = "id number stock_location_id created_at updated_at customer_metadata";
    let account = shop.buyer.user.as_ref().unwrap();
    let authorization = row(json!({"id": 1, "number": "RA000000001", "state": "authorized", "location": 1,
        "created_at": PLACED, "updated_at": PLACED}));
    let returned = row(json!({"id": 2, "number": "CR000000001", "location": 1, "items": [],
        "created_at": PLACED, "updated_at": PLACED}));
    for (admin, staff) in [(false, ""), (true, "admin_metadata")] {
        let lens = shop.lens(admin);
        check(&json(user(account, &lens)), &[USER, staff]);
        check(&json(return_authorization(&authorization, &order, &lens)), &[RETURN, staff]);
        check(&json(customer_return(&returned, &lens)), &[RETURNED, staff]);
    }
    let event = CreditEvent {
        credit: domain::CreditId(31),
        action: CreditAction::Capture,
        amount: row(json!({"amount": 500, "currency": "USD"})),
        remaining: row(json!(200)),
        user_total: row(json!(1200)),
        order: Some(order.id),
        at: Time(PLACED),
    };
    assert_eq!(
        json(store_credit_event(&event, Some(&order.number))),
        json!({"display_amount": "$5.00", "display_user_total_amount": "$12.00", "display_action": "Used",
            "display_event_date": "January 05, 2026", "display_remaining_amount": "$2.00",
            "customer_metadata": {}, "order_number": "R123456789"})
    );
}
