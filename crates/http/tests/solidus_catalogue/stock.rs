//! Stock locations, items and movements: counts that never go below zero by hand.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

const BELOW_ZERO: &str = "Stock must not be below zero.";

#[tokio::test]
async fn a_count_is_a_difference_unless_forced() {
    let shop = Shop::open().await;
    let set = async |body: Value| shop.admin().put("/stock_items/3", json!({"stock_item": body})).await;
    assert_eq!(set(json!({"count_on_hand": 40})).await.json(200)["count_on_hand"], 43);
    assert_eq!(set(json!({"count_on_hand": "-3"})).await.json(200)["count_on_hand"], 40);
    assert_eq!(set(json!({"count_on_hand": 7, "force": true})).await.json(200)["count_on_hand"], 7);
    assert_eq!(set(json!({"count_on_hand": -8})).await.json(422), json!({"error": BELOW_ZERO}));
    assert_eq!(
        set(json!({"count_on_hand": -1, "force": true})).await.json(422),
        json!({"error": BELOW_ZERO})
    );
    let backorders = json!({"count_on_hand": -8, "backorderable": true});
    assert_eq!(set(backorders).await.json(422), json!({"error": BELOW_ZERO}));
    assert_eq!(
        set(json!({"count_on_hand": "many"})).await.json(422)["errors"],
        json!({"count_on_hand": ["is not a number"]})
    );
    assert_eq!(set(json!({"count_on_hand": i64::MAX})).await.status, 422);
    assert_eq!(set(json!({"backorderable": true})).await.json(200)["backorderable"], true);
    let item = shop.admin().get("/stock_locations/1/stock_items/3").await.json(200);
    assert_eq!((&item["count_on_hand"], &item["variant"]["sku"]), (&json!(7), &json!("RARE")));
    let body = json!({"stock_item": {"count_on_hand": 1}});
    assert_eq!(shop.customer().put("/stock_items/3", body).await.json(404), not_found());
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn untracked_variants_keep_their_count() {
    let shop = Shop::open().await;
    shop.admin().put("/variants/3", json!({"variant": {"track_inventory": false}})).await.json(200);
    let body = json!({"stock_item": {"count_on_hand": 5}});
    assert_eq!(shop.admin().put("/stock_items/3", body).await.json(200)["count_on_hand"], 3);
}

#[tokio::test]
async fn items_are_listed_searched_made_and_removed() {
    let shop = Shop::open().await;
    let missing = shop.customer().get("/stock_items").await.json(422);
    assert_eq!(missing["missing_param"], "stock_location_id");
    let list = shop.customer().get("/stock_items?stock_location_id=1&per_page=2").await.json(200);
    assert_eq!((&list["count"], &list["total_count"], &list["pages"]), (&json!(2), &json!(5), &json!(3)));
    let found = shop.admin().get("/stock_locations/1/stock_items?q[variant_sku_eq]=RARE").await.json(200);
    assert_eq!(found["total_count"], 1);
    assert_json_snapshot!(found["stock_items"][0]);
    let annex = json!({"stock_location": {"name": "Annex", "propagate_all_variants": false}});
    let annex = shop.admin().post("/stock_locations", annex).await.json(201);
    let path = format!("/stock_locations/{}/stock_items", annex["id"]);
    let body = json!({"stock_item": {"variant_id": 1, "count_on_hand": 20}});
    assert_eq!(shop.customer().post(&path, body.clone()).await.json(401), unauthorized());
    let made = shop.admin().post(&path, body.clone()).await.json(201);
    assert_eq!((&made["count_on_hand"], &made["backorderable"]), (&json!(20), &json!(false)));
    assert_eq!(
        shop.admin().post(&path, body).await.json(422)["errors"],
        json!({"variant_id": ["has already been taken"]})
    );
    let below = json!({"stock_item": {"variant_id": 2, "count_on_hand": -1}});
    assert_eq!(shop.admin().post(&path, below).await.json(422), json!({"error": BELOW_ZERO}));
    assert_eq!(shop.customer().get("/variants/1").await.json(200)["total_on_hand"], 1020);
    let item = format!("/stock_items/{}", made["id"]);
    assert_eq!(shop.customer().delete(&item).await.json(404), not_found());
    assert_eq!(shop.admin().delete(&item).await.status, 204);
    assert_eq!(shop.admin().delete(&item).await.json(404), not_found());
}

#[tokio::test]
async fn locations_have_names_and_hide_when_inactive() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let body = json!({"stock_location": {"name": "Attic", "active": false, "country_id": 840, "backorderable_default": true}});
    assert_eq!(shop.customer().post("/stock_locations", body.clone()).await.json(401), unauthorized());
    let attic = admin.post("/stock_locations", body).await.json(201);
    assert_eq!(attic["country"]["iso"], "US");
    let path = format!("/stock_locations/{}", attic["id"]);
    for hidden in [path.clone(), format!("{path}/stock_items")] {
        assert_eq!(shop.customer().get(&hidden).await.json(404), not_found());
    }
    assert_eq!(
        shop.customer().put(&path, json!({"stock_location": {"name": "x"}})).await.json(404),
        not_found()
    );
    assert_eq!(
        shop.customer().put("/stock_locations/1", json!({"stock_location": {"name": "x"}})).await.json(401),
        unauthorized()
    );
    let names = |list: Value| -> Vec<Value> {
        list["stock_locations"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(names(shop.customer().get("/stock_locations").await.json(200)), ["default"]);
    assert_eq!(names(admin.get("/stock_locations").await.json(200)), ["Attic", "default"]);
    let items = admin.get(&format!("{path}/stock_items")).await.json(200);
    assert_eq!(items["total_count"], 4, "everything that ships");
    assert_eq!(items["stock_items"][0]["backorderable"], true);
    let refused = admin
        .post("/stock_locations", json!({"stock_location": {"country_id": 5, "phone": "1"}}))
        .await
        .json(422);
    assert_eq!(refused["errors"], json!({"name": ["can't be blank"], "country": ["must exist"]}));
    assert_eq!(admin.put(&path, json!({"stock_location": {"active": true}})).await.json(200)["active"], true);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.json(404), not_found());
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn movements_are_the_staffs_ledger() {
    let shop = Shop::open().await;
    let path = "/stock_locations/1/stock_movements";
    let body = json!({"stock_movement": {"quantity": 5, "stock_item_id": 3}});
    assert_eq!(shop.customer().post(path, body.clone()).await.json(401), unauthorized());
    assert_eq!(shop.customer().get(path).await.json(401), unauthorized());
    let made = shop.admin().post(path, body).await.json(201);
    assert_eq!((&made["quantity"], &made["stock_item"]["count_on_hand"]), (&json!(5), &json!(8)));
    let one = format!("{path}/{}", made["id"]);
    assert_eq!(shop.admin().get(&one).await.json(200), made);
    assert_eq!(shop.customer().get(&one).await.json(404), not_found());
    let found = shop.admin().get(&format!("{path}?q[quantity_eq]=5")).await.json(200);
    assert_eq!(found["total_count"], 1);
    let below = json!({"stock_movement": {"quantity": -9, "stock_item_id": 3}});
    assert_eq!(shop.admin().post(path, below).await.json(422), json!({"error": BELOW_ZERO}));
    let nothing = json!({"stock_movement": {"quantity": 1, "stock_item_id": 99}});
    assert_eq!(
        shop.admin().post(path, nothing).await.json(422)["errors"],
        json!({"stock_item": ["must exist"]})
    );
}

#[tokio::test]
async fn many_hands_at_once_leave_the_sum() {
    let shop = Shop::open().await;
    let hands = (0..20).map(|_| {
        let admin = shop.admin();
        tokio::spawn(async move {
            admin.put("/stock_items/3", json!({"stock_item": {"count_on_hand": -1}})).await.status
        })
    });
    let mut taken = 0;
    for hand in hands.collect::<Vec<_>>() {
        taken += usize::from(hand.await.unwrap() == 200);
    }
    assert_eq!(taken, 3);
    let item = shop.admin().get("/stock_locations/1/stock_items/3").await.json(200);
    assert_eq!(item["count_on_hand"], 0);
}
