//! Stock locations, items and movements, which are staff's alone in this protocol.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer};
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn buyers_hear_that_there_is_no_such_stock() {
    let shop = Shop::open().await;
    let buyer = customer(&shop);
    let body = json!({"stock_location": {"name": "Mine"}});
    assert_eq!(buyer.get("/stock_locations").await.json(401), unauthorized());
    assert_eq!(buyer.post("/stock_locations", body.clone()).await.json(401), unauthorized());
    let item = json!({"stock_item": {"variant_id": 1, "count_on_hand": 1}});
    let movement = json!({"stock_movement": {"stock_item_id": 1, "quantity": 1}});
    for reply in [
        buyer.get("/stock_locations/1").await,
        buyer.put("/stock_locations/1", body).await,
        buyer.delete("/stock_locations/1").await,
        buyer.get("/stock_locations/1/stock_items").await,
        buyer.get("/stock_locations/1/stock_items/1").await,
        buyer.post("/stock_locations/1/stock_items", item.clone()).await,
        buyer.get("/stock_items?stock_location_id=1").await,
        buyer.put("/stock_items/1", item).await,
        buyer.delete("/stock_items/1").await,
        buyer.get("/stock_locations/1/stock_movements").await,
        buyer.post("/stock_locations/1/stock_movements", movement).await,
    ] {
        assert_eq!(reply.json(404), not_found());
    }
}

#[tokio::test]
async fn a_location_is_made_changed_and_removed() {
    let shop = Shop::open().await;
    let staff = admin(&shop);
    let made = staff.post("/stock_locations", json!({"stock_location": {"name": "Annex"}})).await.json(201);
    assert_eq!(
        keys(&made),
        listed(
            "id name address1 address2 city state_id state_name country_id zipcode phone active country state"
        )
    );
    let path = format!("/stock_locations/{}", made["id"]);
    let items = staff.get(&format!("{path}/stock_items")).await.json(200);
    assert_eq!(items["total_count"], 4, "one for each variant of goods that ship");
    let closed = staff.put(&path, json!({"stock_location": {"active": false}})).await.json(200);
    assert_eq!(closed["active"], false);
    assert_eq!(staff.get("/stock_locations?q[name_eq]=Annex").await.json(200)["count"], 1);
    assert_eq!(staff.delete(&path).await.status, 204);
    assert_eq!(staff.get(&path).await.json(404), not_found());
    let nameless = staff.post("/stock_locations", json!({"stock_location": {"city": "Ulm"}})).await.json(422);
    assert_eq!(nameless["errors"], json!({"name": ["can't be blank"]}));
}

#[tokio::test]
async fn a_count_is_added_unless_forced() {
    let shop = Shop::open().await;
    let set = async |body: Value| admin(&shop).put("/stock_items/3", json!({"stock_item": body})).await;
    assert_eq!(set(json!({"count_on_hand": 40})).await.json(200)["count_on_hand"], 43);
    assert_eq!(set(json!({"count_on_hand": "7", "force": "true"})).await.json(200)["count_on_hand"], 7);
    let form = "stock_item[count_on_hand]=9&stock_item[force]=True";
    let type_ = "application/x-www-form-urlencoded";
    let forced = admin(&shop).raw("PUT", "/stock_items/3", type_, form).await.json(200);
    assert_eq!(forced["count_on_hand"], 9, "as Python writes it");
    assert_eq!(set(json!({"count_on_hand": 1, "force": "false"})).await.json(200)["count_on_hand"], 10);
    let below = set(json!({"count_on_hand": -11})).await.json(422);
    let errors = json!({"count_on_hand": ["must be greater than or equal to 0"]});
    assert_eq!(below, json!({"error": INVALID, "errors": errors}));
    assert_eq!(set(json!({"backorderable": true})).await.json(200)["count_on_hand"], 10);
    assert_eq!(set(json!({"force": true})).await.json(200)["count_on_hand"], 0, "no count is none");
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn items_are_listed_made_and_removed() {
    let shop = Shop::open().await;
    let staff = admin(&shop);
    let nowhere = staff.get("/stock_items").await.json(422);
    let sentence = "A stock_location_id parameter must be provided in order to retrieve stock movements.";
    assert_eq!(nowhere, json!({"error": sentence}));
    let list = staff.get("/stock_items?stock_location_id=1&q[variant_id_eq]=3").await.json(200);
    let item = &list["stock_items"][0];
    assert_eq!(
        keys(item),
        listed("id count_on_hand backorderable lock_version stock_location_id variant_id variant")
    );
    assert_eq!(item["variant"]["sku"], "RARE");
    assert_eq!(staff.delete("/stock_locations/1/stock_items/3").await.status, 204);
    let body = json!({"stock_item": {"variant_id": 3, "count_on_hand": 8}});
    let made = staff.post("/stock_locations/1/stock_items", body).await.json(201);
    assert_eq!(made["count_on_hand"], 8);
    let gone = json!({"stock_item": {"variant_id": 999}});
    let refused = staff.post("/stock_locations/1/stock_items", gone).await.json(422);
    assert_eq!(refused["errors"], json!({"variant": ["can't be blank"]}));
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn a_movement_changes_what_is_there() {
    let shop = Shop::open().await;
    let staff = admin(&shop);
    let path = "/stock_locations/1/stock_movements";
    let movement = |quantity: i64| json!({"stock_movement": {"stock_item_id": 3, "quantity": quantity}});
    let made = staff.post(path, movement(10)).await.json(201);
    assert_eq!(keys(&made), listed("id quantity stock_item_id stock_item"));
    assert_eq!((&made["quantity"], &made["stock_item"]["count_on_hand"]), (&json!(10), &json!(13)));
    let shown = staff.get(&format!("{path}/{}", made["id"])).await.json(200);
    assert_eq!(shown["stock_item"]["variant"]["sku"], "RARE");
    let below = staff.post(path, movement(-14)).await.json(422);
    assert_eq!(below["errors"], json!({"quantity": ["must be greater than or equal to 0"]}));
    let listed = staff.get(&format!("{path}?q[quantity_eq]=10&q[variant_sku_eq]=RARE")).await.json(200);
    assert_eq!((&listed["count"], &listed["stock_movements"][0]["id"]), (&json!(1), &made["id"]));
}
