//! Orders and their lines before checkout, and what a change does to one that is past its cart.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn lines_are_added_merged_changed_and_removed() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let lines = cart.order("/line_items");
    let add = |quantity: Value| json!({"line_item": {"variant_id": MUG, "quantity": quantity}});
    let first = cart.guest.post(&lines, add(json!(10))).await.json(201);
    let again = cart.guest.post(&lines, add(json!("1"))).await.json(201);
    assert_eq!((&again["id"], &again["quantity"]), (&first["id"], &json!(11)));
    let line = format!("{lines}/{}", first["id"]);
    let changed = cart.guest.put(&line, json!({"line_item": {"quantity": 101}})).await.json(200);
    assert_eq!(
        (&changed["display_amount"], &changed["single_display_amount"]),
        (&json!("$1,010.00"), &json!("$10.00"))
    );
    let unwrapped = cart.guest.patch(&line, json!({"quantity": 3})).await.json(200);
    assert_eq!(unwrapped["quantity"], 3);
    let removed = cart.guest.delete(&line).await;
    assert_eq!((removed.status, removed.body.as_str()), (204, ""));
    assert_eq!(cart.show().await["total"], "0.0");
}

#[tokio::test]
async fn a_line_set_to_zero_is_gone_and_cannot_be_shown() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 2)]).await;
    let line = cart.order(&format!("/line_items/{}", cart.show().await["line_items"][0]["id"]));
    let reply = cart.guest.put(&line, json!({"line_item": {"quantity": 0}})).await;
    assert_eq!(reply.json(404), not_found());
    assert_eq!(cart.show().await["line_items"], json!([]));
}

#[tokio::test]
async fn unknown_things_are_404_and_a_missing_root_is_named() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let lines = cart.order("/line_items");
    for body in [
        json!({"line_item": {"variant_id": 99_999, "quantity": 1}}),
        json!({"line_item": {"variant_id": FUTURE}}),
        json!({"line_item": {"quantity": 1}}),
    ] {
        assert_eq!(cart.guest.post(&lines, body).await.json(404), not_found());
    }
    assert_eq!(cart.guest.delete(&format!("{lines}/99999")).await.json(404), not_found());
    let missing = cart.guest.post(&lines, json!({})).await.json(422);
    let sentence = "param is missing or the value is empty or invalid: line_item";
    assert_eq!(missing, json!({"exception": sentence, "error": sentence, "missing_param": "line_item"}));
}

#[tokio::test]
async fn stock_is_not_looked_at_when_adding_and_staff_set_prices() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(RARE, 50)]).await;
    assert_eq!(cart.show().await["total_quantity"], 50);
    let lines = cart.order("/line_items");
    let priced = json!({"line_item": {"variant_id": MUG, "price": "1.23"}});
    assert_eq!(cart.guest.post(&lines, priced).await.json(201)["price"], "10.0");
    let priced = json!({"line_item": {"sku": "shirt", "price": "1.23", "admin_metadata": {"a": 1}}});
    let line = shop.admin().post(&lines, priced).await.json(201);
    assert_eq!((&line["price"], &line["admin_metadata"]), (&json!("1.23"), &json!({"a": 1})));
}

#[tokio::test]
async fn collections_come_as_lists_index_maps_and_forms() {
    let shop = Shop::open().await;
    let listed = json!({"order": {"line_items": [{"variant_id": MUG}]}});
    let mapped = json!({"order": {"line_items_attributes": {"0": {"variant_id": MUG, "quantity": "2"}}}});
    let flat = json!({"email": "a@example.com", "line_items": [{"variant_id": MUG, "quantity": 3}]});
    for (body, quantity) in [(listed, 1), (mapped, 2), (flat, 3)] {
        assert_eq!(shop.nobody().post("/orders", body).await.json(201)["total_quantity"], quantity);
    }
    let form =
        "order[line_items][][variant_id]=1&order[line_items][][quantity]=4&order[email]=a%40example.com";
    let reply =
        shop.nobody().raw("POST", "/orders", "application/x-www-form-urlencoded", form).await.json(201);
    assert_eq!((&reply["total_quantity"], &reply["email"]), (&json!(4), &json!("a@example.com")));
}

#[tokio::test]
async fn a_changed_cart_goes_back_to_address_without_shipments() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let line = json!({"line_item": {"variant_id": SHIRT}});
    cart.guest.post(&cart.order("/line_items"), line).await.json(201);
    let order = cart.show().await;
    assert_eq!(
        (&order["state"], &order["shipments"], &order["ship_total"]),
        (&json!("address"), &json!([]), &json!("0.0"))
    );
}

#[tokio::test]
async fn an_order_is_updated_emptied_and_keeps_what_nobody_may_set() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let line = cart.show().await["line_items"][0]["id"].clone();
    let body = json!({"order": {
        "number": "R1", "user_id": 1003, "email": "new@example.com", "customer_metadata": {"k": "v"},
        "line_items": [{"id": line, "quantity": 5}, {"variant_id": MUG}],
    }});
    let order = cart.guest.put(&cart.order(""), body).await.json(200);
    assert_eq!(order["number"].as_str(), Some(cart.number.as_str()));
    assert_eq!((&order["user_id"], &order["email"]), (&Value::Null, &json!("new@example.com")));
    let quantities: Vec<&Value> =
        order["line_items"].as_array().unwrap().iter().map(|line| &line["quantity"]).collect();
    assert_eq!(quantities, [5, 1]);
    let emptied = cart.guest.put(&cart.order("/empty"), Value::Null).await.json(200);
    assert_eq!(emptied["line_items"], json!([]));
    let given = shop.admin().put(&cart.order(""), json!({"order": {"user_id": 1003}})).await.json(200);
    assert_eq!((&given["user_id"], &given["email"]), (&json!(1003), &json!("other@example.com")));
}

#[tokio::test]
async fn addresses_are_replaced_and_told_of_without_a_prefix() {
    let shop = Shop::open().await;
    let cart = shop.order_in("delivery").await;
    let id = cart.show().await["ship_address"]["id"].clone();
    let path = cart.order(&format!("/addresses/{id}"));
    assert_eq!(cart.guest.get(&path).await.json(200)["city"], "Seattle");
    let changed = cart.guest.put(&path, json!({"address": {"city": "Tacoma"}})).await.json(200);
    assert_eq!(changed["city"], "Tacoma");
    assert_ne!(changed["id"], id);
    let path = cart.order(&format!("/addresses/{}", changed["id"]));
    let refused = cart.guest.put(&path, json!({"address": {"address1": ""}})).await.json(422);
    assert_eq!(refused, json!({"error": INVALID, "errors": {"address1": ["can't be blank"]}}));
    assert_eq!(cart.guest.get(&cart.order("/addresses/99999")).await.json(401), unauthorized());
}

#[tokio::test]
async fn staff_bring_orders_in_from_elsewhere() {
    let shop = Shop::open().await;
    let body = json!({"order": {
        "number": "OLD-1", "completed_at": "2025-01-02T03:04:05Z", "email": "old@example.com",
        "line_items": [{"sku": "MUG", "quantity": 2, "price": "7.00"}],
        "bill_address_attributes": address(), "ship_address_attributes": address(),
        "shipments": [{
            "tracking": "1Z", "cost": "4.00", "stock_location": "default", "shipping_method": "UPS Ground (USD)",
            "inventory_units": [{"sku": "MUG"}, {"sku": "MUG"}],
        }],
        "payments": [{"amount": "18.00", "payment_method": "Check"}],
    }});
    let order = shop.admin().post("/orders", body).await.json(201);
    assert_eq!(
        (&order["number"], &order["completed_at"]),
        (&json!("OLD-1"), &json!("2025-01-02T03:04:05.000Z"))
    );
    assert_eq!((&order["item_total"], &order["payments"][0]["state"]), (&json!("14.0"), &json!("completed")));
    assert_eq!(order["shipments"][0]["tracking"], "1Z");
    let unknown = json!({"order": {"payments": [{"amount": "1", "payment_method": "Barter"}]}});
    assert_eq!(shop.admin().post("/orders", unknown).await.json(404), not_found());
}

#[tokio::test]
async fn staff_begin_ordinary_orders_too() {
    let shop = Shop::open().await;
    let body = json!({"order": {"line_items": [{"variant_id": MUG, "quantity": 1}]}});
    let order = shop.admin().post("/orders", body).await.json(201);
    assert_eq!((&order["state"], &order["user_id"]), (&json!("cart"), &json!(1001)));
}
