//! Countries, states, zones, stores, settings and promotions.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn places_are_open_to_anyone() {
    let shop = Shop::open().await;
    let countries = shop.nobody().get("/countries?per_page=500").await.json(200);
    assert_eq!(countries["count"], countries["total_count"]);
    let found = shop.nobody().get("/countries?q[name_cont]=united%20states").await.json(200);
    let us = found["countries"].as_array().unwrap().iter().find(|row| row["iso"] == "US").unwrap();
    assert_json_snapshot!(us);
    let us = shop.nobody().get("/countries/840").await.json(200);
    assert!(us["states"].as_array().unwrap().len() > 50);
    let states = shop.nobody().get("/countries/840/states").await.json(200);
    assert_eq!((&states["states_required"], states.get("count")), (&json!(true), None));
    let paged =
        shop.nobody().key("wrong").get("/countries/840/states?per_page=2&q[name_start]=wa").await.json(200);
    assert_eq!(paged["count"], 2);
    let washington = &paged["states"][0];
    assert_eq!(shop.nobody().get(&format!("/states/{}", washington["id"])).await.json(200), *washington);
    let by_country = shop.nobody().get("/states?q[country_name_eq]=Canada").await.json(200);
    assert!(by_country["states"].as_array().unwrap().iter().any(|row| row["abbr"] == "ON"));
    assert_eq!(shop.nobody().get("/countries/5").await.json(404), not_found());
    assert_eq!(shop.nobody().get("/states/x").await.json(404), not_found());
}

#[tokio::test]
async fn settings_need_a_key() {
    let shop = Shop::open().await;
    assert_eq!(shop.customer().get("/config").await.json(200), json!({"default_country_iso": "US"}));
    assert_eq!(shop.customer().get("/config/money").await.json(200), json!({"symbol": "$"}));
    shop.nobody().get("/config").await.json(401);
}

#[tokio::test]
async fn zones_are_read_by_all_and_changed_by_staff() {
    let shop = Shop::open().await;
    let body = json!({"zone": {
        "name": "Neighbours", "description": "near",
        "zone_members": [{"zoneable_type": "Spree::Country", "zoneable_id": 124}, {"zoneable_type": "Spree::State", "zoneable_id": 1}],
    }});
    assert_eq!(shop.customer().post("/zones", body.clone()).await.json(401), unauthorized());
    let made = shop.admin().post("/zones", body).await.json(201);
    assert_eq!(made["zone_members"].as_array().unwrap().len(), 2);
    let path = format!("/zones/{}", made["id"]);
    assert_eq!(shop.customer().get(&path).await.json(200), made);
    let kept = &made["zone_members"][0];
    let fewer =
        json!({"zone": {"zone_members": [{"zoneable_type": "Spree::Country", "zoneable_id": "124"}]}});
    assert_eq!(
        shop.admin().put(&path, fewer).await.json(200)["zone_members"],
        json!([kept]),
        "and keeps its id"
    );
    let nowhere = json!({"zone": {"zone_members": [{"zoneable_type": "Spree::Country", "zoneable_id": 5}]}});
    shop.admin().put(&path, nowhere).await.json(422);
    assert_eq!(shop.customer().get("/zones?q[name_eq]=Neighbours").await.json(200)["total_count"], 1);
    assert_eq!(shop.customer().delete(&path).await.json(401), unauthorized());
    assert_eq!(shop.admin().delete(&path).await.status, 204);
    shop.admin().get(&path).await.json(404);
}

#[tokio::test]
async fn stores_are_for_staff_and_one_is_the_default() {
    let shop = Shop::open().await;
    let admin = shop.admin();
    assert_eq!(shop.customer().get("/stores").await.json(401), unauthorized());
    let store = |code: &str| json!({"store": {"name": code, "code": code, "url": "shop.example.com", "mail_from_address": "shop@example.com"}});
    let first = admin.post("/stores", store("first")).await.json(201);
    assert_json_snapshot!(first, { ".id" => "[id]" });
    let second = admin.post("/stores", store("second")).await.json(201);
    assert_eq!(second["default"], false);
    let second = format!("/stores/{}", second["id"]);
    admin.put(&second, json!({"store": {"default": true, "default_currency": "EUR"}})).await.json(200);
    assert_eq!(admin.get(&format!("/stores/{}", first["id"])).await.json(200)["default"], false);
    assert_eq!(admin.delete(&second).await.json(422), json!({"error": "Cannot delete record."}));
    assert_eq!(
        admin.post("/stores", store("first")).await.json(422)["errors"],
        json!({"code": ["has already been taken"]})
    );
    admin.put(&second, json!({"store": {"default_currency": "XYZ1"}})).await.json(422);
    assert_eq!(admin.delete(&format!("/stores/{}", first["id"])).await.status, 204);
}

#[tokio::test]
async fn promotions_are_shown_to_staff_by_id_or_code() {
    let shop = Shop::open().await;
    let by_id: Value = shop.admin().get("/promotions/1").await.json(200);
    assert_eq!(by_id["name"], "tenoff");
    assert_eq!(shop.admin().get("/promotions/TenOff").await.json(200), by_id);
    assert_eq!(shop.customer().get("/promotions/1").await.json(401), unauthorized());
    assert_eq!(shop.admin().get("/promotions/nothing").await.json(404), not_found());
}
