//! Products: who sees them, what making one does, what is wrong with one.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn a_product_is_made_with_all_that_hangs_on_it() {
    let shop = Shop::open().await;
    let body = json!({"product": {
        "name": "The Other Product", "price": "19.99", "shipping_category": "Bulky", "sku": "OTHER", "weight": "0.25",
        "cost_price": 7, "option_types": ["Size"], "description": "Good.",
        "variants": [
            {"price": 19, "sku": "OTHER-S", "options": [{"name": "Size", "value": "Small"}]},
            {"sku": "OTHER-L", "options": [{"name": "Size", "value": "Large"}, {"name": "Color", "value": "Red"}]},
        ],
        "product_properties_attributes": {"0": {"property_name": "Material", "value": "Wool"}},
    }});
    let made = shop.admin().post("/products", body).await.json(201);
    assert_json_snapshot!(made, { ".available_on" => "[time]" });
    let path = format!("/products/{}", made["id"]);
    assert_eq!(shop.customer().get("/products/the-other-product").await.json(200)["id"], made["id"]);
    assert_eq!(shop.customer().get(&path).await.json(200)["master"].get("cost_price"), None);
    let levels = shop.admin().get(&format!("/variants/{}", made["variants"][0]["id"])).await.json(200);
    assert_eq!(levels["stock_items"][0]["count_on_hand"], 0);
    assert_eq!(levels["stock_items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unwrapped_body_will_do_and_unknown_attributes_are_dropped() {
    let shop = Shop::open().await;
    let body = json!({"name": "Flat", "price": 5, "shipping_category_id": 1, "the_wrong": "x"});
    let made = shop.admin().post("/products", body).await.json(201);
    assert_eq!((&made["price"], &made["slug"]), (&json!("5.0"), &json!("flat")));
    assert_eq!(shop.admin().post("/products", json!({})).await.json(422)["missing_param"], "product");
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field() {
    let shop = Shop::open().await;
    let wrong = async |product: Value| {
        let refused = shop.admin().post("/products", json!({"product": product})).await.json(422);
        assert_eq!(refused["error"], INVALID);
        refused["errors"].clone()
    };
    assert_eq!(
        wrong(json!({"description": "x"})).await,
        json!({
            "name": ["can't be blank"], "price": ["can't be blank"], "shipping_category": ["must exist"],
        })
    );
    for (price, message) in [
        (json!("ten"), "is not a number"),
        (json!("1e3"), "is not a number"),
        (json!(["1"]), "is not a number"),
        (json!(-1), "must be greater than or equal to 0"),
        (json!("99999999999"), "must be less than or equal to 99999999"),
    ] {
        let found = wrong(json!({"name": "P", "price": price, "shipping_category_id": 1})).await;
        assert_eq!(found, json!({"price": [message]}), "{price}");
    }
    let taken = wrong(json!({"name": "P", "price": 1, "shipping_category_id": 1, "sku": " mug"})).await;
    assert_eq!(taken, json!({"sku": ["has already been taken"]}));
    let gone = json!({"product": {"name": "P", "price": 1, "shipping_category_id": 1, "taxon_ids": "7"}});
    assert_eq!(shop.admin().post("/products", gone).await.json(404), not_found());
}

#[tokio::test]
async fn buyers_see_what_is_on_sale_and_change_nothing() {
    let shop = Shop::open().await;
    let names = |list: &Value| -> Vec<String> {
        let rows = list["products"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let reply = shop.customer().get("/products").await;
    let list = reply.json(200);
    assert_eq!(names(&list), ["Mug", "Shirt", "Rare", "Gift"]);
    assert_eq!((&list["count"], &list["total_count"], &list["pages"]), (&json!(4), &json!(4), &json!(1)));
    assert_eq!(reply.header("cache-control"), Some("max-age=900, public"));
    assert_eq!(reply.header("surrogate-control"), Some("max-age=900"));
    assert_eq!(names(&shop.admin().get("/products").await.json(200)).len(), 5);
    assert_eq!(shop.customer().get("/products/future").await.json(404), not_found());
    shop.admin().get("/products/future").await.json(200);
    let body = json!({"product": {"name": "Mine"}});
    assert_eq!(shop.customer().post("/products", body.clone()).await.json(401), unauthorized());
    assert_eq!(shop.customer().put("/products/mug", body.clone()).await.json(401), unauthorized());
    assert_eq!(shop.customer().put("/products/future", body).await.json(404), not_found());
    assert_eq!(shop.customer().delete("/products/mug").await.json(401), unauthorized());
    let no_key = json!({"error": "You must specify an API key."});
    assert_eq!(shop.nobody().get("/products").await.json(401), no_key);
}

#[tokio::test]
async fn products_are_searched_sorted_and_paged() {
    let shop = Shop::open().await;
    let found = async |query: &str| {
        let list = shop.admin().get(&format!("/products?{query}")).await.json(200);
        let rows = list["products"].as_array().unwrap().clone();
        rows.iter().map(|row| row["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q[name_cont]=u&q[s]=name%20desc").await, ["mug", "future"]);
    assert_eq!(found("q[master_sku_eq]=RARE").await, ["rare"]);
    assert_eq!(found("q[variants_including_master_sku_cont]=SHI").await, ["shirt"]);
    assert_eq!(found("q[name_or_slug_start]=gi").await, ["gift"]);
    assert_eq!(found("q[created_at_gt]=2000-01-01").await.len(), 5, "not a searchable attribute");
    assert_eq!(found("ids=1,3").await, ["mug", "rare"]);
    assert_eq!(found("ids[]=2").await, ["shirt"]);
    assert_eq!(found("per_page=2&page=2").await, ["rare", "gift"]);
    assert_eq!(found("page=9").await, [""; 0]);
}

#[tokio::test]
async fn a_product_is_changed_and_deleted_softly() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    let cart = shop.cart(&[(MUG, 1)]).await;
    let changed = json!({"product": {"name": "Cup", "price": "11.50", "unknown": 1}});
    let cup = admin.put("/products/mug", changed).await.json(200);
    assert_eq!((&cup["name"], &cup["slug"], &cup["price"]), (&json!("Cup"), &json!("mug"), &json!("11.5")));
    assert_eq!(
        admin.put("/products/mug", json!({"product": {"name": ""}})).await.json(422)["errors"],
        json!({"name": ["can't be blank"]})
    );
    assert_eq!(
        admin.put("/products/mug", json!({"product": {"slug": "shirt"}})).await.json(422)["errors"],
        json!({"slug": ["has already been taken"]})
    );
    let gone = admin.delete("/products/mug").await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert_eq!(admin.get("/products/1").await.json(404), not_found());
    assert_eq!(admin.delete("/products/1").await.json(404), not_found());
    assert_eq!(admin.get("/products/1?show_deleted=1").await.json(200)["master"]["is_destroyed"], true);
    assert_eq!(shop.customer().get("/products/1?show_deleted=1").await.json(404), not_found());
    assert_eq!(cart.show().await["line_items"][0]["variant"]["name"], "Cup", "orders still know it");
    assert_eq!(shop.engine.audit().await.unwrap(), []);
}

#[tokio::test]
async fn a_repeated_request_makes_one_product() {
    let shop = Shop::open().await;
    let once = shop.admin().header("Idempotency-Key", "a-key");
    let body = json!({"product": {"name": "Once", "price": 1, "shipping_category_id": 1}});
    let first = once.post("/products", body.clone()).await.json(201);
    assert_eq!(once.post("/products", body).await.json(201), first);
    let list = shop.admin().get("/products?q[name_eq]=Once").await.json(200);
    assert_eq!(list["total_count"], 1);
    let other = json!({"product": {"name": "Other", "price": 1, "shipping_category_id": 1}});
    once.post("/products", other).await.json(422);
}

#[tokio::test]
async fn forms_tell_what_a_resource_is_made_of() {
    let shop = Shop::open().await;
    let new = shop.customer().get("/products/new").await.json(200);
    assert_eq!(new["required_attributes"], json!(["name", "price", "shipping_category"]));
    assert!(new["attributes"].as_array().unwrap().contains(&json!("slug")));
}
