//! Shipments and returns, which are staff's.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

/// A complete order of two mugs, its money taken, and the number of its shipment.
async fn paid(shop: &Shop) -> (Order, String) {
    let order = Order::of(customer(shop), &[(MUG, 2)]).await;
    order.walk_to("complete").await;
    let shown = order.show().await;
    let payment = shown["payments"][0]["number"].as_str().unwrap();
    let capture = order.path(&format!("/payments/{payment}/capture"));
    admin(shop).put(&capture, Value::Null).await.json(200);
    let shipment = shown["shipments"][0]["number"].as_str().unwrap().to_owned();
    (order, shipment)
}

#[tokio::test]
async fn money_makes_a_shipment_ready_and_it_ships_once() {
    let shop = Shop::open().await;
    let unpaid = Order::at(&shop, "complete").await;
    let number = unpaid.show().await["shipments"][0]["number"].as_str().unwrap().to_owned();
    let refused = admin(&shop).put(&format!("/shipments/{number}/ready"), Value::Null).await.json(422);
    assert_eq!(refused, json!({"error": "Cannot ready shipment."}));

    let (_, number) = paid(&shop).await;
    let path = |action: &str| format!("/shipments/{number}/{action}");
    assert_eq!(admin(&shop).put(&path("ready"), Value::Null).await.json(200)["state"], "ready");
    let body = json!({"shipment": {"tracking": "1Z"}});
    for _ in 0..2 {
        let shipped = admin(&shop).put(&path("ship"), body.clone()).await.json(200);
        assert_eq!((&shipped["state"], &shipped["tracking"]), (&json!("shipped"), &json!("1Z")));
        assert_eq!(shipped["manifest"][0]["variant"]["name"], "Mug");
    }
}

#[tokio::test]
async fn pieces_are_added_and_all_of_them_removed() {
    let shop = Shop::open().await;
    let (_, number) = paid(&shop).await;
    let path = |action: &str| format!("/shipments/{number}/{action}");
    let more = json!({"variant_id": SHIRT, "quantity": 2});
    let shown = admin(&shop).put(&path("add"), more).await.json(200);
    assert_eq!(shown["manifest"][1]["quantity"], 2);
    let shown = admin(&shop).put(&path("remove"), json!({"variant_id": SHIRT})).await.json(200);
    assert_eq!(shown["manifest"].as_array().unwrap().len(), 1);
    let mine = customer(&shop).get("/shipments/mine").await.json(200);
    assert_eq!((&mine["count"], &mine["shipments"][0]["number"]), (&json!(1), &json!(number)));
    assert_eq!(mine["shipments"][0]["inventory_units"][0]["variant"]["name"], "Mug");
}

#[tokio::test]
async fn transfers_say_what_is_wrong_with_them() {
    let shop = Shop::open().await;
    let (_, number) = paid(&shop).await;
    let body = |quantity: i64| {
        json!({"original_shipment_number": number, "target_shipment_number": number, "variant_id": MUG,
            "quantity": quantity})
    };
    let intro = "Following errors occured while attempting this action: \n";
    let itself = "target shipment is the same as original shipment";
    let refused = admin(&shop).post("/shipments/transfer_to_shipment", body(-1)).await.json(422);
    assert_eq!(refused, json!({"exception": format!("{intro}quantity is negative, \n{itself}")}));
    let refused = admin(&shop).post("/shipments/transfer_to_shipment", body(1)).await.json(422);
    assert_eq!(refused, json!({"exception": format!("{intro}{itself}")}));
    let moved =
        json!({"original_shipment_number": number, "variant_id": MUG, "quantity": 1, "stock_location_id": 1});
    let reply = admin(&shop).post("/shipments/transfer_to_location", moved).await.json(201);
    assert_eq!(reply, json!({"success": true, "message": "Variants successfully transferred"}));
}

#[tokio::test]
async fn a_shipment_is_made_for_a_variant_at_a_location() {
    let shop = Shop::open().await;
    let (order, _) = paid(&shop).await;
    let body = json!({"variant_id": SHIRT, "quantity": 1, "stock_location_id": 1,
        "shipment": {"order_id": order.number}});
    for name in ["variant_id", "stock_location_id"] {
        let mut incomplete = body.clone();
        incomplete[name] = Value::Null;
        let refused = admin(&shop).post("/shipments", incomplete).await.json(422);
        assert_eq!(refused, json!({"exception": format!("param is missing or the value is empty: {name}")}));
    }
    let made = admin(&shop).post("/shipments", body).await.json(200);
    assert_eq!((&made["order_id"], &made["manifest"][0]["quantity"]), (&json!(order.number), &json!(1)));
}

#[tokio::test]
async fn a_return_is_allowed_changed_canceled_and_removed() {
    let shop = Shop::open().await;
    let (order, number) = paid(&shop).await;
    let root = order.path("/return_authorizations");
    let body = json!({"return_authorization": {"stock_location_id": 1, "memo": "too blue"}});
    admin(&shop).post(&root, body.clone()).await.json(422);
    admin(&shop).put(&format!("/shipments/{number}/ship"), Value::Null).await.json(200);
    let made = admin(&shop).post(&root, body).await.json(201);
    assert_eq!((&made["state"], &made["memo"]), (&json!("authorized"), &json!("too blue")));
    let path = format!("{root}/{}", made["id"]);
    let changed =
        admin(&shop).put(&path, json!({"return_authorization": {"memo": "too red"}})).await.json(200);
    assert_eq!(changed["memo"], "too red");
    assert_eq!(admin(&shop).put(&format!("{path}/cancel"), Value::Null).await.json(200)["state"], "canceled");
    let list = admin(&shop).get(&root).await.json(200);
    assert_eq!((&list["count"], &list["return_authorizations"][0]["id"]), (&json!(1), &made["id"]));
    admin(&shop).delete(&path).await.json(204);
    admin(&shop).get(&path).await.json(404);
}
