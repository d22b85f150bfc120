//! Variants: big and small, who may change them, and what of a product they are made from.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer};
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn a_variant_shows_its_stock() {
    let shop = Shop::open().await;
    let rare = customer(&shop).get("/variants/3").await.json(200);
    assert!(rare.get("variant_properties").is_none() && rare.get("gtin").is_none());
    let item = &rare["stock_items"][0];
    assert_eq!(
        keys(item),
        listed("id count_on_hand stock_location_id backorderable available stock_location_name")
    );
    assert_eq!((&item["count_on_hand"], &rare["total_on_hand"]), (&json!(3), &json!(3)));
    let list = customer(&shop).get("/variants?q[id_eq]=3").await.json(200);
    assert_eq!((&list["count"], &list["variants"][0]["sku"]), (&json!(1), &json!("RARE")));
    let below = customer(&shop).get("/products/rare/variants").await.json(200);
    assert_eq!(below["variants"][0]["stock_items"], rare["stock_items"]);
}

#[tokio::test]
async fn what_is_not_counted_has_no_count() {
    let shop = Shop::open().await;
    let body = json!({"variant": {"track_inventory": false}});
    let rare = admin(&shop).put("/variants/3", body).await.json(200);
    assert_eq!((&rare["total_on_hand"], &rare["is_orderable"]), (&json!(null), &json!(true)));
}

#[tokio::test]
async fn buyers_may_not_make_variants_and_find_none_to_change() {
    let shop = Shop::open().await;
    let body = json!({"variant": {"sku": "X"}});
    assert_eq!(customer(&shop).post("/products/mug/variants", body.clone()).await.json(401), unauthorized());
    assert_eq!(customer(&shop).put("/variants/1", body.clone()).await.json(404), not_found());
    assert_eq!(customer(&shop).delete("/variants/1").await.json(404), not_found());
    let made = admin(&shop).post("/products/mug/variants", body).await.json(201);
    let path = format!("/variants/{}", made["id"]);
    assert_eq!(made["stock_items"].as_array().unwrap().len(), 1, "in every location");
    assert_eq!(admin(&shop).patch(&path, json!({"variant": {"price": "3"}})).await.json(200)["price"], "3.0");
    assert_eq!(admin(&shop).delete(&path).await.status, 204);
    assert_eq!(admin(&shop).get(&path).await.json(404), not_found());
    assert_eq!(admin(&shop).get(&format!("{path}?show_deleted=1")).await.json(200)["is_destroyed"], true);
}

#[tokio::test]
async fn options_are_bare_lists_and_make_a_variants_text() {
    let shop = Shop::open().await;
    let staff = admin(&shop);
    let size = json!({"option_type": {"name": "size", "presentation": "Size"}});
    assert_eq!(customer(&shop).post("/option_types", size.clone()).await.json(401), unauthorized());
    let size = staff.post("/option_types", size).await.json(201);
    let small = json!({"option_value": {"name": "s", "presentation": "S"}});
    let small = staff.post(&format!("/option_types/{}/option_values", size["id"]), small).await.json(201);
    assert_eq!(
        keys(&small),
        listed("id name presentation option_type_name option_type_id option_type_presentation")
    );
    let types = customer(&shop).get("/option_types").await.json(200);
    assert_eq!(types[0]["option_values"], json!([small]));
    assert_eq!(customer(&shop).get("/option_values").await.json(200), json!([small]));
    let body = json!({"variant": {"sku": "MUG-S", "option_value_ids": [small["id"]]}});
    let made = staff.post("/products/mug/variants", body).await.json(201);
    assert_eq!(made["options_text"], "Size: S");
    let kept = staff.delete(&format!("/option_values/{}", small["id"])).await.json(422);
    assert_eq!(kept, json!({"exception": "Cannot delete record."}));
}
