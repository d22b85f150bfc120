//! Taxonomies, taxons with their products, and properties.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn trees_grow_are_renamed_and_cut() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    assert_eq!(
        shop.customer().post("/taxonomies", json!({"taxonomy": {"name": "x"}})).await.json(401),
        unauthorized()
    );
    let tree = admin.post("/taxonomies", json!({"taxonomy": {"name": "Brands"}})).await.json(201);
    let path = format!("/taxonomies/{}/taxons", tree["id"]);
    let ruby = admin.post(&path, json!({"taxon": {"name": "Ruby"}})).await.json(201);
    let rails = json!({"taxon": {"name": "Rails", "parent_id": ruby["id"]}});
    let rails = admin.post(&path, rails).await.json(201);
    assert_eq!(
        (&rails["permalink"], &rails["pretty_name"]),
        (&json!("brands/ruby/rails"), &json!("Brands -> Ruby -> Rails"))
    );
    let shown = shop.customer().get(&format!("/taxonomies/{}", tree["id"])).await.json(200);
    assert_eq!(shown["root"]["taxons"][0]["taxons"][0]["name"], "Rails");
    admin.put("/products/mug", json!({"product": {"taxon_ids": rails["id"].to_string()}})).await.json(200);
    let of = |id: &Value| format!("/taxons/products?id={id}");
    let found = shop.customer().get(&of(&ruby["id"])).await.json(200);
    assert_eq!((&found["products"][0]["slug"], &found["per_page"]), (&json!("mug"), &json!(500)));
    let simple = shop.customer().get(&format!("{}&simple=1", of(&rails["id"]))).await.json(200);
    assert_eq!(simple["products"], json!([{"id": 1, "name": "Mug"}]));
    let into_itself = json!({"taxon": {"parent_id": rails["id"]}});
    admin.put(&format!("{path}/{}", ruby["id"]), into_itself).await.json(422);
    assert_eq!(shop.customer().get("/taxons?q[name_eq]=Rails").await.json(200)["count"], 1);
    assert_eq!(shop.customer().get(&path).await.json(200)["count"], 1, "children of the root");
    assert_eq!(
        admin.delete(&format!("{path}/{}", tree["root"]["id"])).await.json(422),
        json!({"error": "Cannot delete record."})
    );
    assert_eq!(admin.delete(&format!("{path}/{}", ruby["id"])).await.status, 204);
    assert_eq!(shop.customer().get("/products/mug").await.json(200)["taxon_ids"], json!([]));
    assert_eq!(shop.customer().get(&of(&rails["id"])).await.json(404), not_found());
    assert_eq!(admin.delete(&format!("/taxonomies/{}", tree["id"])).await.status, 204);
    assert_eq!(shop.customer().get("/taxonomies").await.json(200)["pages"], 0);
}

#[tokio::test]
async fn properties_hang_on_products_by_name() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let path = "/products/mug/product_properties";
    let body = json!({"product_property": {"property_name": "Material", "value": "Clay"}});
    assert_eq!(shop.customer().post(path, body.clone()).await.json(401), unauthorized());
    let clay = admin.post(path, body).await.json(201);
    assert_json_snapshot!(clay, { ".id" => "[id]", ".property_id" => "[id]" });
    let one = format!("{path}/Material");
    assert_eq!(shop.customer().get(&one).await.json(200), clay);
    let glass = admin.put(&one, json!({"product_property": {"value": "Glass"}})).await.json(200);
    assert_eq!((&glass["value"], &glass["property_name"]), (&json!("Glass"), &json!("Material")));
    let list = shop.customer().get(path).await.json(200);
    assert_eq!((&list["count"], &list["product_properties"][0]["value"]), (&json!(1), &json!("Glass")));
    assert_eq!(admin.delete(&one).await.status, 204);
    assert_eq!(admin.get(&one).await.json(404), not_found());
    let named = shop.customer().get("/properties/Material").await.json(200);
    assert_eq!(named["id"], clay["property_id"]);
    let renamed = json!({"property": {"presentation": "Made of"}});
    assert_eq!(admin.put("/properties/Material", renamed).await.json(200)["presentation"], "Made of");
    assert_eq!(admin.delete("/properties/Material").await.status, 204);
    assert_eq!(shop.customer().get("/properties").await.json(200)["total_count"], 0);
}

#[tokio::test]
async fn products_have_places_within_a_taxon() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let tree = admin.post("/taxonomies", json!({"taxonomy": {"name": "Brands"}})).await.json(201);
    let path = format!("/taxonomies/{}/taxons", tree["id"]);
    let ruby = admin.post(&path, json!({"taxon": {"name": "Ruby"}})).await.json(201);
    let below = json!({"taxon": {"name": "Rails", "parent_id": ruby["id"]}});
    let rails = admin.post(&path, below).await.json(201);
    for (slug, taxon) in [("mug", &ruby), ("shirt", &ruby), ("rare", &ruby), ("gift", &rails)] {
        let body = json!({"product": {"taxon_ids": [taxon["id"]]}});
        admin.put(&format!("/products/{slug}"), body).await.json(200);
    }
    let listed = async || {
        let path = format!("/taxons/products?simple=1&id={}", ruby["id"]);
        let list = shop.customer().get(&path).await.json(200);
        list["products"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let place = |product: i64, position: i64| json!({"product_id": product, "taxon_id": ruby["id"], "position": position});
    assert_eq!(listed().await, [1, 2, 3, 4]);
    assert_eq!(shop.customer().put("/classifications", place(3, 0)).await.json(401), unauthorized());
    assert_eq!(listed().await, [1, 2, 3, 4]);
    for (product, position, expected) in
        [(3, 0, [3, 1, 2, 4]), (3, 1, [1, 3, 2, 4]), (1, 99, [3, 2, 1, 4]), (2, -1, [2, 3, 1, 4])]
    {
        let reply = admin.put("/classifications", place(product, position)).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, ""));
        assert_eq!(listed().await, expected, "{product} to {position}; those of taxons below stay behind");
    }
    let mug = shop.customer().get("/products/mug").await.json(200);
    let classification = &mug["classifications"][0];
    assert_eq!((&classification["taxon_id"], &classification["position"]), (&ruby["id"], &json!(3)));
    let renamed = json!({"taxon": {"name": "Rubies"}});
    admin.put(&format!("{path}/{}", ruby["id"]), renamed).await.json(200);
    assert_eq!(listed().await, [2, 3, 1, 4], "another change of the taxon leaves its order alone");
    for nothing in [place(4, 0), place(999, 0), json!({"product_id": 1, "taxon_id": 999}), json!({})] {
        assert_eq!(admin.put("/classifications", nothing).await.json(404), not_found());
    }
}
