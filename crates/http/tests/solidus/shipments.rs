//! Shipments: rates for buyers, the warehouse for staff, returns afterwards.

use crate::support::*;
use serde_json::{Value, json};

async fn paid_order(shop: &Shop) -> (Cart, String) {
    let cart = shop.cart(&[(MUG, 2)]).await;
    cart.walk_to("complete").await;
    let order = cart.show().await;
    let payment = cart.order(&format!("/payments/{}/capture", order["payments"][0]["id"]));
    shop.admin().put(&payment, Value::Null).await.json(200);
    (cart, format!("/shipments/{}", order["shipments"][0]["number"].as_str().unwrap()))
}

#[tokio::test]
async fn rates_are_shown_with_tax_and_chosen() {
    let shop = Shop::open().await;
    let cart = shop.order_in("delivery").await;
    let shipment = format!("/shipments/{}", cart.show().await["shipments"][0]["number"].as_str().unwrap());
    let rates = cart.guest.get(&format!("{shipment}/estimated_rates")).await.json(200);
    insta::assert_json_snapshot!("estimated_rates", rates);
    let choose = format!("{shipment}/select_shipping_method");
    let missing = cart.guest.put(&choose, Value::Null).await.json(422);
    assert_eq!(missing["missing_param"], "shipping_method_id");
    assert_eq!(cart.guest.put(&choose, json!({"shipping_method_id": 99})).await.json(404), not_found());
    let chosen = cart.guest.put(&choose, json!({"shipping_method_id": TWO_DAY})).await.json(200);
    assert_eq!(chosen["shipping_rates"].as_array().unwrap().len(), 1);
    assert_eq!(chosen["manifest"][0]["variant"]["name"], "Mug");
    assert_eq!(cart.show().await["ship_total"], "10.0");
    // Fresh rates, although the shipment has only the chosen one.
    let rates = cart.guest.get(&format!("{shipment}/estimated_rates")).await.json(200);
    assert_eq!(rates["shipping_rates"].as_array().unwrap().len(), 2);
    for stranger in [shop.other(), shop.nobody().token("AAAAAAAAAAAAAAAAAAAAAA")] {
        assert_eq!(stranger.get(&format!("{shipment}/estimated_rates")).await.json(401), unauthorized());
    }
    assert_eq!(shop.admin().get("/shipments/H000/estimated_rates").await.json(404), not_found());
}

#[tokio::test]
async fn staff_pack_and_ship() {
    let shop = Shop::open().await;
    let waiting = shop.order_in("complete").await;
    let pending = format!("/shipments/{}", waiting.show().await["shipments"][0]["number"].as_str().unwrap());
    let refused = shop.admin().put(&format!("{pending}/ready"), Value::Null).await.json(422);
    assert_eq!(refused, json!({"error": "Cannot ready shipment."}));
    let refused = shop.admin().put(&format!("{pending}/ship"), Value::Null).await.json(422);
    let sentence = "The shipment could not be transitioned. Please fix the errors and try again.";
    assert_eq!(refused, json!({"error": sentence, "errors": {"state": ["cannot transition via \"ship\""]}}));

    let (cart, shipment) = paid_order(&shop).await;
    let admin = shop.admin();
    let body = json!({"shipment": {"tracking": "1Z999", "customer_metadata": {"k": 1}}});
    assert_eq!(admin.put(&shipment, body).await.json(200)["tracking"], "1Z999");
    let pieces = |quantity: u32| json!({"variant_id": MUG, "quantity": quantity});
    let added = admin.put(&format!("{shipment}/add"), pieces(3)).await.json(200);
    assert_eq!(added["manifest"][0]["quantity"], 5);
    let removed = admin.put(&format!("{shipment}/remove"), pieces(3)).await.json(200);
    assert_eq!(removed["manifest"][0]["quantity"], 2);
    assert_eq!(admin.put(&format!("{shipment}/ready"), Value::Null).await.json(200)["state"], "ready");
    let shipped = admin.put(&format!("{shipment}/ship"), Value::Null).await.json(200);
    assert_eq!(shipped["state"], "shipped");
    admin.put(&format!("{shipment}/ship"), Value::Null).await.json(200);
    let refused = admin.put(&format!("{shipment}/remove"), pieces(1)).await.json(422);
    assert_eq!(refused["errors"]["base"], json!(["Cannot remove items from a shipped shipment"]));
    assert_eq!(cart.show().await["shipment_state"], "shipped");
}

#[tokio::test]
async fn shipped_pieces_come_back() {
    let shop = Shop::open().await;
    let (cart, shipment) = paid_order(&shop).await;
    let path = cart.order("/return_authorizations");
    let ask = json!({"return_authorization": {"stock_location_id": 1, "memo": "Broken"}});
    let early = cart.guest.post(&path, ask.clone()).await.json(422);
    assert_eq!(early["errors"], json!({"base": ["has no shipped units"]}));
    shop.admin().put(&format!("{shipment}/ship"), Value::Null).await.json(200);
    let order =
        shop.engine.order(&engine::ports::OrderKey::Number(cart.number.clone())).await.unwrap().unwrap();
    let unit = order.shipments[0].runs[0].first;
    let items = json!([{"inventory_unit_id": unit}]);
    let ask = json!({"return_authorization": {
        "stock_location_id": 1, "memo": "Broken", "return_items_attributes": items,
    }});
    let asked = cart.guest.post(&path, ask.clone()).await.json(201);
    assert_eq!((&asked["state"], &asked["memo"]), (&json!("authorized"), &json!("Broken")));
    assert_eq!(shop.admin().get(&path).await.json(200)["total_count"], 1);
    assert_eq!(shop.admin().get(&format!("/inventory_units/{unit}")).await.json(200)["state"], "shipped");
    let cannot =
        shop.admin().put(&format!("/inventory_units/{unit}"), json!({"fire": "ship"})).await.json(200);
    assert_eq!(cannot, json!({"exception": "cannot transition to ship"}));
    let body = json!({"customer_return": {"stock_location_id": 1, "return_items_attributes": items}});
    shop.admin().post(&cart.order("/customer_returns"), body).await.json(201);
    assert_eq!(shop.admin().get(&format!("/inventory_units/{unit}")).await.json(200)["state"], "returned");
    let cancel = format!("{path}/{}/cancel", asked["id"]);
    let late = shop.admin().put(&cancel, Value::Null).await.json(422);
    assert_eq!(late["errors"], json!({"state": ["cannot transition via \"cancel\""]}));
}

#[tokio::test]
async fn a_piece_comes_back_to_a_place_that_never_had_it() {
    let shop = Shop::open().await;
    let (cart, shipment) = paid_order(&shop).await;
    shop.admin().put(&format!("{shipment}/ship"), Value::Null).await.json(200);
    let annex = json!({"stock_location": {"name": "Annex", "propagate_all_variants": false}});
    let annex = shop.admin().post("/stock_locations", annex).await.json(201)["id"].clone();
    let items = format!("/stock_locations/{annex}/stock_items");
    assert_eq!(shop.admin().get(&items).await.json(200)["total_count"], 0);
    let order =
        shop.engine.order(&engine::ports::OrderKey::Number(cart.number.clone())).await.unwrap().unwrap();
    let unit = order.shipments[0].runs[0].first;
    let body = json!({"customer_return": {
        "stock_location_id": annex, "return_items_attributes": [{"inventory_unit_id": unit}],
    }});
    shop.admin().post(&cart.order("/customer_returns"), body).await.json(201);
    let there = shop.admin().get(&items).await.json(200);
    let item = &there["stock_items"][0];
    assert_eq!((&there["total_count"], &item["count_on_hand"]), (&json!(1), &json!(1)));
    assert_eq!((&item["variant_id"], &item["backorderable"]), (&json!(MUG), &json!(false)));
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn pieces_are_moved_between_places() {
    let shop = Shop::open().await;
    let (cart, _) = paid_order(&shop).await;
    let number = cart.show().await["shipments"][0]["number"].clone();
    let body = |location: i64| {
        json!({
            "original_shipment_number": number, "variant_id": MUG, "quantity": 1, "stock_location_id": location,
        })
    };
    let moved = shop.admin().post("/shipments/transfer_to_location", body(1)).await.json(202);
    assert_eq!(moved, json!({"success": true, "message": "Variants successfully transferred"}));
    assert_eq!(shop.admin().post("/shipments/transfer_to_location", body(9)).await.json(404), not_found());
    assert_eq!(cart.show().await["shipments"].as_array().unwrap().len(), 2);
}
