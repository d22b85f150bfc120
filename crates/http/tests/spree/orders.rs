//! Orders, their lines and addresses: what is shown, and what may be said of them.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_has_the_keys_of_this_api_and_no_others() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await.show().await;
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(
        keys(&order),
        "additional_tax_total adjustment_total adjustments bill_address canceler_id channel checkout_steps \
         completed_at considered_risky created_at credit_cards currency display_additional_tax_total \
         display_adjustment_total display_included_tax_total display_item_total display_ship_total \
         display_tax_total display_total email id included_tax_total item_total line_items number payment_state \
         payment_total payments permissions ship_address ship_total shipment_state shipments \
         special_instructions state tax_total token total total_quantity updated_at user_id"
    );
    assert_eq!(
        keys(&order["ship_address"]),
        "address1 address2 alternative_phone city company country country_id firstname full_name id lastname phone \
         state state_id state_name state_text zipcode"
    );
    assert_eq!(
        keys(&order["line_items"][0]),
        "adjustments display_amount id price quantity single_display_amount total variant variant_id"
    );
    assert_eq!(
        keys(&order["payments"][0]),
        "amount avs_response created_at display_amount id number payment_method payment_method_id source source_id \
         source_type state updated_at"
    );
    assert_eq!(keys(&order["payments"][0]["source"]), "cc_type id last_digits month name year");
    assert_eq!(
        keys(&order["shipments"][0]),
        "adjustments cost id manifest number order_id selected_shipping_rate shipped_at shipping_methods \
         shipping_rates state stock_location_name tracking"
    );
    assert_eq!(
        keys(&order["line_items"][0]["adjustments"][0]),
        "adjustable_id adjustable_type amount created_at display_amount eligible id label locked mandatory \
         originator_id originator_type source_id source_type updated_at"
    );
    assert!(order["shipments"][0]["manifest"][0].get("variant").is_none());
    let number = order["payments"][0]["number"].as_str().unwrap();
    assert!(number.len() == 8 && number.starts_with('P'), "{number}");
    let number = order["shipments"][0]["number"].as_str().unwrap();
    assert!(number.len() == 12 && number.starts_with('H'), "{number}");
}

#[tokio::test]
async fn lists_are_objects_with_their_figures() {
    let shop = Shop::open().await;
    let empty = admin(&shop).get("/orders").await.json(200);
    assert_eq!((&empty["orders"], &empty["count"], &empty["pages"]), (&json!([]), &json!(0), &json!(0)));
    customer(&shop).get("/orders/current").await.json(204);
    let first = Order::at(&shop, "cart").await;
    let second = Order::at(&shop, "complete").await;
    let mine = customer(&shop).get("/orders/mine").await.json(200);
    let numbers = [&mine["orders"][0]["number"], &mine["orders"][1]["number"]];
    assert_eq!(numbers, [second.number.as_str(), first.number.as_str()]);
    assert_eq!(customer(&shop).get("/orders/current").await.json(200)["number"], first.number.as_str());
    let found = admin(&shop).get("/orders?q[state_eq]=complete&q[nonsense_eq]=1").await.json(200);
    assert_eq!((&found["count"], &found["orders"][0]["number"]), (&json!(1), &json!(second.number)));
    assert!(found["orders"][0].get("line_items").is_none());
}

#[tokio::test]
async fn an_order_belongs_to_whoever_begins_it() {
    let shop = Shop::open().await;
    let body = json!({"order": {"user_id": 1001, "line_items": {"0": {"variant_id": MUG, "quantity": 1, "price": "0.01"}}}});
    let own = customer(&shop).post("/orders", body.clone()).await.json(201);
    assert_eq!((&own["user_id"], &own["email"]), (&json!(1002), &json!("customer@example.com")));
    assert_eq!(own["item_total"], "10.0");
    let list = json!({"order": {"user_id": 1003, "line_items": [{"variant_id": MUG, "quantity": 1, "price": "0.5"}]}});
    let given = admin(&shop).post("/orders", list).await.json(201);
    assert_eq!((&given["user_id"], &given["item_total"]), (&json!(1003), &json!("0.5")));
    let path = format!("/orders/{}", given["number"].as_str().unwrap());
    let handed = admin(&shop).put(&path, json!({"order": {"user_id": 1002}})).await.json(200);
    assert_eq!((&handed["user_id"], &handed["email"]), (&json!(1002), &json!("customer@example.com")));
}

#[tokio::test]
async fn lines_are_added_up_changed_and_removed() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let form = order.by.get(&order.path("/line_items/new")).await.json(200);
    assert_eq!(form["required_attributes"], json!(["variant_id", "quantity"]));
    let line = json!({"line_item": {"variant_id": MUG, "quantity": 2}});
    let added = order.by.post(&order.path("/line_items"), line).await.json(201);
    assert_eq!((&added["quantity"], &added["display_amount"]), (&json!(3), &json!("$30.00")));
    let id = &added["id"];
    let path = order.path(&format!("/line_items/{id}"));
    let changed = order.by.put(&path, json!({"line_item": {"quantity": "5"}})).await.json(200);
    assert_eq!(changed["quantity"], 5);
    let missing = order.by.post(&order.path("/line_items"), Value::Null).await.json(422);
    assert_eq!(missing, json!({"exception": "param is missing or the value is empty: line_item"}));
    let body = json!({"order": {"line_items": {
        "0": {"id": id, "quantity": 0}, "1": {"id": 999_999, "quantity": 4}, "2": {"variant_id": SHIRT, "quantity": 1},
        "3": {"variant_id": SHIRT, "quantity": 1},
    }}});
    let shown = order.by.put(&order.path(""), body).await.json(200);
    assert_eq!((&shown["total_quantity"], &shown["line_items"][1]), (&json!(2), &Value::Null));
    let id = &shown["line_items"][0]["id"];
    order.by.delete(&order.path(&format!("/line_items/{id}"))).await.json(204);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_put_into_the_cart() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let line = json!({"line_item": {"variant_id": RARE, "quantity": 4}});
    let errors = json!({"quantity": ["selected of \"Rare\" is not available."]});
    let refused = order.by.post(&order.path("/line_items"), line).await.json(422);
    assert_eq!(refused, json!({"error": INVALID, "errors": errors}));
    let unknown = json!({"line_item": {"variant_id": 999}});
    assert_eq!(order.by.post(&order.path("/line_items"), unknown).await.json(404), not_found());
}

#[tokio::test]
async fn addresses_are_looked_at_and_changed_by_id() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "delivery").await;
    let id = order.show().await["ship_address"]["id"].clone();
    let path = order.path(&format!("/addresses/{id}"));
    assert_eq!(order.by.get(&path).await.json(200)["state_text"], "WA");
    let renamed = order.by.put(&path, json!({"address": {"first_name": "Grace"}})).await.json(200);
    assert_eq!((&renamed["firstname"], &renamed["full_name"]), (&json!("Grace"), &json!("Grace Lovelace")));
    assert_eq!(renamed["id"], id, "an edited address stays the same one");
    assert_eq!(order.show().await["ship_address"]["firstname"], "Grace");
    let refused = order.by.put(&path, json!({"address": {"lastname": ""}})).await.json(422);
    assert_eq!(refused["errors"], json!({"lastname": ["can't be blank"]}));
    order.by.get(&order.path("/addresses/999999")).await.json(401);
}

#[tokio::test]
async fn staff_cancel_and_approve() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let fine = admin(&shop).put(&order.path("/approve"), Value::Null).await.json(200);
    assert_eq!((&fine["state"], &fine["considered_risky"]), (&json!("complete"), &json!(false)));
    let gone = admin(&shop).put(&order.path("/cancel"), Value::Null).await.json(200);
    assert_eq!((&gone["state"], &gone["canceler_id"]), (&json!("canceled"), &json!(1001)));
    assert_eq!(gone["payments"][0]["state"], "void");
    let unfinished = Order::at(&shop, "address").await;
    admin(&shop).put(&unfinished.path("/cancel"), Value::Null).await.json(422);
}
