//! Accounts and their cards. Somebody else's does not exist.

use super::goods::{keys, listed};
use crate::buyer::{Order, admin, customer, home, keyed};
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn anyone_with_a_key_makes_accounts() {
    let shop = Shop::open().await;
    let body = json!({"user": {"email": "new@example.com", "password": "spree123", "password_confirmation": "spree123"}});
    let made = customer(&shop).post("/users", body).await.json(201);
    assert_eq!(keys(&made), listed("id email created_at updated_at bill_address ship_address"));
    let refused = customer(&shop).post("/users", json!({"user": {"email": ""}})).await.json(422);
    assert_eq!(refused["errors"]["email"], json!(["can't be blank"]));
}

#[tokio::test]
async fn people_see_themselves_only() {
    let shop = Shop::open().await;
    let list = customer(&shop).get("/users").await.json(200);
    assert_eq!((&list["count"], &list["users"][0]["id"]), (&json!(1), &json!(1002)));
    assert_eq!(admin(&shop).get("/users").await.json(200)["count"], 3);
    for reply in [
        customer(&shop).get("/users/1003").await,
        customer(&shop).put("/users/1003", json!({"user": {"email": "x@example.com"}})).await,
        customer(&shop).delete("/users/1003").await,
        customer(&shop).get("/users/1003/credit_cards").await,
        customer(&shop).get("/users/1003/address_book").await,
    ] {
        assert_eq!(reply.json(404), not_found());
    }
}

#[tokio::test]
async fn addresses_have_two_names_and_so_have_their_errors() {
    let shop = Shop::open().await;
    let body = json!({"user": {"bill_address": home()}});
    let me = customer(&shop).put("/users/1002", body).await.json(200);
    assert_eq!(
        (&me["bill_address"]["firstname"], &me["bill_address"]["lastname"]),
        (&json!("Ada"), &json!("Lovelace"))
    );
    let mut nameless = home();
    nameless["firstname"] = json!("");
    nameless["lastname"] = json!("");
    let refused =
        customer(&shop).put("/users/1002", json!({"user": {"ship_address": nameless}})).await.json(422);
    assert_eq!(refused["errors"]["ship_address.firstname"], json!(["can't be blank"]));
}

#[tokio::test]
async fn whoever_has_a_complete_order_stays_and_others_may_go() {
    let shop = Shop::open().await;
    Order::at(&shop, "complete").await;
    let kept = json!({"exception": "Spree::Core::DestroyWithOrdersError"});
    assert_eq!(admin(&shop).delete("/users/1002").await.json(422), kept);
    assert_eq!(customer(&shop).delete("/users/1002").await.json(422), kept);
    let cart = Order::of(keyed(&shop, OTHER_KEY), &[(MUG, 1)]).await;
    assert_eq!(keyed(&shop, OTHER_KEY).delete("/users/1003").await.status, 204);
    assert_eq!(admin(&shop).get("/users/1003").await.json(404), not_found());
    let left = admin(&shop).get(&cart.path("")).await.json(200);
    assert_eq!(left["total_quantity"], 1, "the cart is still there");
}

#[tokio::test]
async fn cards_are_their_owners_and_staffs() {
    let shop = Shop::open().await;
    Order::at(&shop, "complete").await;
    let path = "/users/1002/credit_cards";
    let list = customer(&shop).get(path).await.json(200);
    assert_eq!((&list["count"], &list["credit_cards"][0]["last_digits"]), (&json!(1), &json!("1111")));
    for key in
        ["month", "year", "cc_type", "name", "gateway_customer_profile_id", "gateway_payment_profile_id"]
    {
        let staffs = admin(&shop).get(path).await.json(200)["credit_cards"][0].clone();
        assert!(staffs.get(key).is_some(), "{key}");
    }
    assert_eq!(keyed(&shop, OTHER_KEY).get(path).await.json(404), not_found());
}
