//! Variants, their options, and what the first one does to its product's stock.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn the_first_variant_takes_the_masters_stock_away() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let master = admin.get("/variants/1").await.json(200);
    assert_eq!(master["total_on_hand"], 1000);
    let item = format!("/stock_items/{}", master["stock_items"][0]["id"]);
    admin.put(&item, json!({"stock_item": {"backorderable": true}})).await.json(200);
    let body = json!({"variant": {"sku": "MUG-B", "options": [{"name": "Color", "value": "Blue"}]}});
    let blue = admin.post("/products/mug/variants", body.clone()).await.json(201);
    assert_json_snapshot!(blue);
    let master = admin.get("/variants/1").await.json(200);
    assert_eq!(master["stock_items"][0]["count_on_hand"], 0);
    assert_eq!((&master["is_backorderable"], &master["in_stock"]), (&json!(false), &json!(false)));
    admin.put(&item, json!({"stock_item": {"count_on_hand": 4, "force": true}})).await.json(200);
    assert_eq!(
        admin.post("/products/mug/variants", body).await.json(422)["errors"],
        json!({"sku": ["has already been taken"]})
    );
    let body = json!({"variant": {"price": "12.00"}});
    assert_eq!(admin.post("/products/mug/variants", body).await.json(201)["price"], "12.0");
    assert_eq!(admin.get("/variants/1").await.json(200)["total_on_hand"], 4, "only the first does");
    assert_eq!(shop.customer().get("/products/mug").await.json(200)["has_variants"], true);
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn changing_a_foreign_variant_is_404_and_making_one_401() {
    let shop = Shop::open().await;
    let body = json!({"variant": {"sku": "X"}});
    assert_eq!(shop.customer().post("/products/mug/variants", body.clone()).await.json(401), unauthorized());
    assert_eq!(shop.customer().put("/variants/1", body.clone()).await.json(404), not_found());
    assert_eq!(shop.customer().delete("/variants/1").await.json(404), not_found());
    assert_eq!(shop.admin().put("/variants/1", body).await.json(200)["sku"], "X");
    assert_eq!(
        shop.admin().put("/variants/999", json!({"variant": {"sku": "Y"}})).await.json(404),
        not_found()
    );
    assert_eq!(shop.customer().get("/variants/abc").await.json(404), not_found());
}

#[tokio::test]
async fn variants_are_found_by_words_stock_and_product() {
    let shop = Shop::open().await;
    let found = async |query: &str| {
        let list = shop.customer().get(&format!("/variants?{query}")).await.json(200);
        let rows = list["variants"].as_array().unwrap().clone();
        rows.iter().map(|row| row["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("variant_search_term=mu%20ug").await, ["MUG"]);
    assert_eq!(found("variant_search_term=mug%20shirt").await, [""; 0]);
    assert_eq!(found("q[product_name_eq]=Rare").await, ["RARE"]);
    assert_eq!(found("q[sku_in][]=MUG&q[sku_in][]=GIFT&q[s]=sku").await, ["GIFT", "MUG"]);
    let item = shop.admin().get("/variants/3").await.json(200)["stock_items"][0]["id"].clone();
    let empty = json!({"stock_item": {"count_on_hand": -3, "backorderable": true}});
    shop.admin().put(&format!("/stock_items/{item}"), empty).await.json(200);
    assert!(!found("in_stock_only=true").await.contains(&"RARE".to_owned()));
    assert!(found("suppliable_only=true").await.contains(&"RARE".to_owned()));
    let below = shop.customer().get("/products/shirt/variants").await.json(200);
    assert_eq!((&below["total_count"], &below["variants"][0]["sku"]), (&json!(1), &json!("SHIRT")));
    shop.customer().get("/products/shirt/variants/2").await.json(200);
    shop.customer().get("/products/shirt/variants/1").await.json(404);
}

#[tokio::test]
async fn a_deleted_variant_is_out_of_sight_for_buyers() {
    let shop = Shop::open().await;
    assert_eq!(shop.admin().delete("/variants/3").await.status, 204);
    assert_eq!(shop.admin().delete("/variants/3").await.json(404), not_found());
    assert_eq!(shop.admin().get("/variants/3").await.json(404), not_found());
    assert_eq!(shop.admin().get("/variants/3?show_deleted=true").await.json(200)["is_destroyed"], true);
    assert_eq!(shop.customer().get("/variants/3?show_deleted=true").await.json(404), not_found());
}

#[tokio::test]
async fn option_types_are_bare_lists_and_stay_while_used() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let body = json!({"option_type": {
        "name": "size", "presentation": "Size",
        "option_values_attributes": [{"name": "s", "presentation": "S"}, {"name": "m", "presentation": "M"}],
    }});
    assert_eq!(shop.customer().post("/option_types", body.clone()).await.json(401), unauthorized());
    let size = admin.post("/option_types", body).await.json(201);
    let listed = shop.customer().get("/option_types").await.json(200);
    assert_eq!(listed, json!([size]));
    let path = format!("/option_types/{}/option_values", size["id"]);
    let large = json!({"option_value": {"name": "l", "presentation": "L"}});
    let large = admin.post(&path, large).await.json(201);
    let values = shop.customer().get(&path).await.json(200);
    assert_eq!(values.as_array().unwrap().len(), 3);
    let ids = json!({"variant": {"option_value_ids": [large["id"]]}});
    assert_eq!(admin.put("/variants/1", ids).await.json(200)["options_text"], "Size: L");
    let value = format!("/option_values/{}", large["id"]);
    assert_eq!(admin.delete(&value).await.json(422), json!({"error": "Cannot delete record."}));
    let renamed = json!({"option_value": {"presentation": "Large"}});
    assert_eq!(admin.put(&value, renamed).await.json(200)["presentation"], "Large");
    admin.put("/variants/1", json!({"variant": {"option_value_ids": [], "sku": "MUG"}})).await.json(200);
    assert_eq!(admin.delete(&value).await.status, 204);
    let twice = json!({"option_type": {"name": "size", "presentation": "Again"}});
    assert_eq!(
        admin.post("/option_types", twice).await.json(422)["errors"],
        json!({"name": ["has already been taken"]})
    );
    let _: Value = admin.delete(&format!("/option_types/{}", size["id"])).await.json(204);
}
