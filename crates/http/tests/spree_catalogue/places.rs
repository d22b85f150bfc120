//! Countries, states and zones.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer, keyed, nobody};
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn countries_and_states_need_no_key() {
    let shop = Shop::open().await;
    let all = nobody(&shop).get("/countries?per_page=500").await.json(200);
    assert_eq!(all["count"], all["total_count"]);
    assert_eq!(keys(&all["countries"][0]), listed("id iso_name iso iso3 name numcode"));
    let us = keyed(&shop, "wrong").get("/countries/840").await.json(200);
    assert_eq!(keys(&us["states"][0]), listed("id name abbr country_id"));
    let states = nobody(&shop).get("/countries/840/states").await.json(200);
    assert_eq!(keys(&states), listed("states states_required"));
    assert_eq!(states["states_required"], true);
    let every = nobody(&shop).get("/states").await.json(200);
    assert_eq!(keys(&every), listed("states"), "no pages unless asked for");
    let paged = nobody(&shop).get("/states?country_id=840&per_page=2").await.json(200);
    assert_eq!((&paged["count"], &paged["states_required"]), (&json!(2), &json!(true)));
    let one = format!("/states/{}", paged["states"][0]["id"]);
    assert_eq!(nobody(&shop).get(&one).await.json(200), paged["states"][0]);
    assert_eq!(nobody(&shop).get("/countries/5").await.json(404), not_found());
}

#[tokio::test]
async fn zones_are_read_by_all_and_changed_by_staff() {
    let shop = Shop::open().await;
    let members = json!([{"zoneable_type": "Spree::Country", "zoneable_id": 124}]);
    let body = json!({"zone": {"name": "North", "description": "cold", "zone_members": members}});
    assert_eq!(customer(&shop).post("/zones", body.clone()).await.json(401), unauthorized());
    let made = admin(&shop).post("/zones", body).await.json(201);
    assert_eq!(keys(&made), listed("id name description zone_members"));
    assert_eq!(made["zone_members"][0]["name"], "Canada");
    let path = format!("/zones/{}", made["id"]);
    assert_eq!(customer(&shop).get(&path).await.json(200), made);
    assert_eq!(customer(&shop).get("/zones?q[description_cont]=old").await.json(200)["count"], 1);
    let changed = admin(&shop).put(&path, json!({"zone": {"name": "Far north"}})).await.json(200);
    assert_eq!((&changed["name"], &changed["zone_members"]), (&json!("Far north"), &made["zone_members"]));
    assert_eq!(customer(&shop).delete(&path).await.json(401), unauthorized());
    assert_eq!(admin(&shop).delete(&path).await.status, 204);
}
