//! The shop's own things: promotions, stores, settings, and the forms of new resources.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer, nobody};
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn promotions_tell_their_code_to_staff() {
    let shop = Shop::open().await;
    let tenoff = admin(&shop).get("/promotions/1").await.json(200);
    assert_eq!(
        keys(&tenoff),
        listed("id name description expires_at starts_at type usage_limit match_policy code advertise path")
    );
    assert_eq!((&tenoff["code"], &tenoff["match_policy"]), (&json!("tenoff"), &json!("all")));
    assert_eq!(admin(&shop).get("/promotions/TenOff").await.json(200), tenoff);
    assert_eq!(customer(&shop).get("/promotions/1").await.json(401), unauthorized());
    assert_eq!(admin(&shop).get("/promotions/nothing").await.json(404), not_found());
}

#[tokio::test]
async fn stores_are_for_staff() {
    let shop = Shop::open().await;
    assert_eq!(customer(&shop).get("/stores").await.json(401), unauthorized());
    let store = json!({"store": {
        "name": "Main", "code": "main", "url": "shop.example.com", "mail_from_address": "shop@example.com",
    }});
    let made = admin(&shop).post("/stores", store).await.json(201);
    assert_eq!(
        keys(&made),
        listed(
            "id name url meta_description meta_keywords seo_title mail_from_address default_currency code default"
        )
    );
    let path = format!("/stores/{}", made["id"]);
    assert_eq!(admin(&shop).put(&path, json!({"store": {"name": "First"}})).await.json(200)["name"], "First");
    assert_eq!(admin(&shop).delete(&path).await.json(422), json!({"exception": "Cannot delete record."}));
}

#[tokio::test]
async fn settings_need_a_key() {
    let shop = Shop::open().await;
    assert_eq!(customer(&shop).get("/config/money").await.json(200), json!({"symbol": "$"}));
    nobody(&shop).get("/config").await.json(401);
}

#[tokio::test]
async fn forms_tell_what_a_resource_is_made_of() {
    let shop = Shop::open().await;
    for path in [
        "/products/new",
        "/variants/new",
        "/zones/new",
        "/taxonomies/new",
        "/properties/new",
        "/option_types/new",
        "/users/new",
        "/products/mug/product_properties/new",
        "/stock_locations/new",
    ] {
        let form = customer(&shop).get(path).await.json(200);
        assert_eq!(keys(&form), listed("attributes required_attributes"), "{path}");
        assert!(!form["attributes"].as_array().unwrap().is_empty(), "{path}");
    }
}
