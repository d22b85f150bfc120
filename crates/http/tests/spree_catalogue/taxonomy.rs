//! Taxonomies, taxons with their products, the tree widget's nodes, and properties.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer};
use crate::support::*;
use serde_json::{Value, json};

const TAXON: &str = "id name pretty_name permalink parent_id taxonomy_id meta_title meta_description taxons";

/// Brands -> Ruby -> Rails; gives the tree and its taxons.
async fn brands(shop: &Shop) -> [Value; 3] {
    let staff = admin(shop);
    let tree = staff.post("/taxonomies", json!({"taxonomy": {"name": "Brands"}})).await.json(201);
    let path = format!("/taxonomies/{}/taxons", tree["id"]);
    let ruby = json!({"taxon": {"name": "Ruby", "meta_title": "Gems"}});
    let ruby = staff.post(&path, ruby).await.json(201);
    let rails = json!({"taxon": {"name": "Rails", "parent_id": ruby["id"]}});
    let rails = staff.post(&path, rails).await.json(201);
    [tree, ruby, rails]
}

#[tokio::test]
async fn a_tree_is_shown_one_level_deep_unless_nested() {
    let shop = Shop::open().await;
    let [tree, ruby, _] = brands(&shop).await;
    let path = format!("/taxonomies/{}", tree["id"]);
    let plain = customer(&shop).get(&path).await.json(200);
    assert_eq!(keys(&plain["root"]), listed(TAXON));
    assert_eq!(plain["root"]["taxons"][0]["id"], ruby["id"]);
    assert_eq!(plain["root"]["taxons"][0].get("taxons"), None);
    let nested = customer(&shop).get(&format!("{path}?set=nested")).await.json(200);
    assert_eq!(nested["root"]["taxons"][0]["taxons"][0]["name"], "Rails");
    let sibling = shop.customer().get(&path).await.json(200);
    assert_eq!(sibling["root"]["taxons"][0]["taxons"][0]["name"], "Rails", "the sibling nests always");
}

#[tokio::test]
async fn taxons_are_listed_with_or_without_what_is_below() {
    let shop = Shop::open().await;
    let [tree, ruby, rails] = brands(&shop).await;
    let path = format!("/taxonomies/{}/taxons", tree["id"]);
    let list = customer(&shop).get(&path).await.json(200);
    assert_eq!((&list["count"], &list["taxons"][0]["taxons"][0]["id"]), (&json!(1), &rails["id"]));
    assert_eq!(list["taxons"][0]["meta_title"], "Gems");
    let flat = customer(&shop).get(&format!("{path}?without_children=1")).await.json(200);
    assert_eq!(flat["taxons"][0].get("taxons"), None);
    let some = customer(&shop).get(&format!("/taxons?ids={},{}", ruby["id"], rails["id"])).await.json(200);
    assert_eq!(some["total_count"], 2);
    let one = customer(&shop).get(&format!("{path}/{}", rails["id"])).await.json(200);
    assert_eq!((&one["permalink"], &one["taxons"]), (&json!("brands/ruby/rails"), &json!([])));
}

#[tokio::test]
async fn taxons_are_staffs_to_change() {
    let shop = Shop::open().await;
    let [tree, ruby, _] = brands(&shop).await;
    let path = format!("/taxonomies/{}/taxons", tree["id"]);
    let body = json!({"taxon": {"name": "X"}});
    assert_eq!(customer(&shop).post(&path, body.clone()).await.json(401), unauthorized());
    let nowhere = admin(&shop).post("/taxonomies/999/taxons", body.clone()).await.json(422);
    assert_eq!(nowhere, json!({"error": INVALID, "errors": {"taxonomy_id": ["Invalid taxonomy id."]}}));
    let one = format!("{path}/{}", ruby["id"]);
    assert_eq!(customer(&shop).put(&one, body.clone()).await.json(401), unauthorized());
    assert_eq!(admin(&shop).put(&one, body).await.json(200)["name"], "X");
    assert_eq!(admin(&shop).delete(&one).await.status, 204);
    let root = admin(&shop).delete(&format!("{path}/{}", tree["root"]["id"])).await.json(422);
    assert_eq!(root, json!({"exception": "Cannot delete record."}));
}

#[tokio::test]
async fn a_taxons_products_come_in_large_pages() {
    let shop = Shop::open().await;
    let [_, ruby, _] = brands(&shop).await;
    let body = json!({"product": {"taxon_ids": [ruby["id"]]}});
    let mug = admin(&shop).put("/products/mug", body).await.json(200);
    assert_eq!(mug["classifications"][0]["taxon"]["name"], "Ruby");
    let list = customer(&shop).get(&format!("/taxons/products?id={}", ruby["id"])).await.json(200);
    assert_eq!((&list["products"][0]["id"], &list["per_page"]), (&json!(1), &json!(500)));
    assert_eq!(customer(&shop).get("/taxons/products?id=999").await.json(404), not_found());
}

#[tokio::test]
async fn the_tree_widget_gets_one_level_of_nodes() {
    let shop = Shop::open().await;
    let [tree, ruby, rails] = brands(&shop).await;
    let path = format!("/taxonomies/{}", tree["id"]);
    let node =
        |name: &str, id: &Value| json!({"data": name, "attr": {"id": id, "name": name}, "state": "closed"});
    let root = customer(&shop).get(&format!("{path}/jstree")).await.json(200);
    assert_eq!(root, node("Brands", &tree["root"]["id"]));
    let below = customer(&shop).get(&format!("{path}/taxons/{}/jstree", ruby["id"])).await.json(200);
    assert_eq!(below, json!([node("Rails", &rails["id"])]));
}

#[tokio::test]
async fn products_have_places_within_a_taxon() {
    let shop = Shop::open().await;
    let [_, ruby, _] = brands(&shop).await;
    for slug in ["mug", "shirt"] {
        let body = json!({"product": {"taxon_ids": [ruby["id"]]}});
        admin(&shop).put(&format!("/products/{slug}"), body).await.json(200);
    }
    let body = json!({"product_id": 2, "taxon_id": ruby["id"], "position": 0});
    assert_eq!(customer(&shop).put("/classifications", body.clone()).await.json(401), unauthorized());
    assert_eq!(admin(&shop).put("/classifications", body).await.status, 200);
    let path = format!("/taxons/products?simple=1&id={}", ruby["id"]);
    let list = customer(&shop).get(&path).await.json(200);
    assert_eq!(list["products"], json!([{"id": 2, "name": "Shirt"}, {"id": 1, "name": "Mug"}]));
    let mug = customer(&shop).get("/products/mug").await.json(200);
    assert_eq!(mug["classifications"][0]["position"], 2);
}

#[tokio::test]
async fn properties_hang_on_products_by_name() {
    let shop = Shop::open().await;
    let path = "/products/mug/product_properties";
    let body = json!({"product_property": {"property_name": "Material", "value": "Clay"}});
    assert_eq!(customer(&shop).post(path, body.clone()).await.json(401), unauthorized());
    let clay = admin(&shop).post(path, body).await.json(201);
    assert_eq!(keys(&clay), listed("id product_id property_id value property_name"));
    assert_eq!(customer(&shop).get(&format!("{path}/Material")).await.json(200), clay);
    let list = customer(&shop).get("/properties?q[name_eq]=Material").await.json(200);
    assert_eq!(list["properties"][0]["id"], clay["property_id"]);
    assert_eq!(customer(&shop).delete("/properties/Material").await.json(401), unauthorized());
    assert_eq!(admin(&shop).delete(&format!("{path}/Material")).await.status, 204);
}
