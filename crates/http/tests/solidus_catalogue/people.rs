//! Accounts, address books and saved cards.

use crate::support::*;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

fn new_user(email: &str) -> Value {
    json!({"user": {"email": email, "password": "spree123", "password_confirmation": "spree123"}})
}

#[tokio::test]
async fn an_account_is_made_and_its_password_is_hashed() {
    let shop = Shop::open().await;
    let made = shop.customer().post("/users", new_user("New@Example.com")).await.json(201);
    assert_json_snapshot!(made, { ".id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]" });
    let flat =
        json!({"email": "flat@example.com", "password": "spree123", "password_confirmation": "spree123"});
    shop.customer().post("/users", flat).await.json(201);
    let key = engine::ports::UserKey::Email("new@example.com".into());
    let stored = shop.engine.user(&key).await.unwrap().unwrap();
    assert!(stored.password_hash.as_ref().unwrap().starts_with("$argon2id$"));
    let taken = shop.admin().post("/users", new_user("new@example.com")).await.json(422);
    assert_eq!(taken["errors"], json!({"email": ["has already been taken"]}));
    let bad = json!({"user": {"email": "nobody", "password": "a", "password_confirmation": "b"}});
    assert_json_snapshot!(shop.admin().post("/users", bad).await.json(422));
    assert_eq!(shop.admin().post("/users", json!({"user": {}})).await.json(422)["missing_param"], "user");
}

#[tokio::test]
async fn people_see_and_change_themselves_only() {
    let shop = Shop::open().await;
    let (mine, other) = ("/users/1002", "/users/1003");
    let list = shop.customer().get("/users").await.json(200);
    assert_eq!((&list["total_count"], &list["users"][0]["id"]), (&json!(1), &json!(1002)));
    assert_eq!(shop.admin().get("/users?q[email_start]=other").await.json(200)["users"][0]["id"], 1003);
    shop.customer().get(mine).await.json(200);
    assert_eq!(shop.customer().get(other).await.json(404), not_found());
    assert_eq!(
        shop.customer().put(other, json!({"user": {"email": "x@example.com"}})).await.json(404),
        not_found()
    );
    let changed = json!({"user": {
        "email": "mine@example.com", "customer_metadata": {"a": 1}, "admin_metadata": {"b": 2},
        "bill_address": address(),
    }});
    let me = shop.customer().put(mine, changed).await.json(200);
    assert_eq!((&me["email"], &me["bill_address"]["city"]), (&json!("mine@example.com"), &json!("Seattle")));
    assert_eq!(shop.admin().get(mine).await.json(200)["admin_metadata"], json!({}), "staff's alone");
    let bad = json!({"user": {"ship_address": {"name": "Ada"}}});
    let errors = shop.customer().put(mine, bad).await.json(422)["errors"].clone();
    assert_eq!(errors["ship_address.city"], json!(["can't be blank"]));
    assert_eq!(shop.customer().delete(mine).await.json(401), unauthorized());
    assert_eq!(shop.customer().delete(other).await.json(404), not_found());
}

#[tokio::test]
async fn whoever_has_ordered_stays_on_record() {
    let shop = Shop::open().await;
    shop.customer().post("/orders", json!({})).await.json(201);
    assert_eq!(shop.admin().delete("/users/1002").await.json(422), json!({"error": "Cannot delete record."}));
    assert_eq!(shop.admin().delete("/users/1003").await.status, 204);
    assert_eq!(shop.admin().get("/users/1003").await.json(404), not_found());
    shop.other().get("/users/1003").await.json(401);
}

#[tokio::test]
async fn an_address_book_is_answered_as_a_whole() {
    let shop = Shop::open().await;
    let path = "/users/1002/address_book";
    assert_eq!(shop.customer().get(path).await.json(200), json!([]));
    let put = async |address: Value| shop.customer().put(path, json!({"address_book": address})).await;
    let first = put(address()).await.json(200);
    assert_eq!((&first[0]["default"], &first[0]["update_target"]), (&json!(false), &json!(true)));
    let mut second = address();
    second["city"] = json!("Tacoma");
    second["default"] = json!(true);
    let both = put(second).await.json(200);
    assert_eq!(
        (&both[0]["city"], &both[0]["default"], &both[1]["update_target"]),
        (&json!("Tacoma"), &json!(true), &json!(false))
    );
    let moved = put(json!({"id": both[0]["id"], "city": "Spokane"})).await.json(200);
    assert_eq!(
        (&moved[0]["city"], &moved[0]["default"], &moved[0]["zipcode"]),
        (&json!("Spokane"), &json!(true), &json!("98101"))
    );
    assert_eq!(moved.as_array().unwrap().len(), 2);
    let bad = put(json!({"name": "Ada", "country_iso": "US"})).await.json(422);
    assert_eq!(bad["errors"]["city"], json!(["can't be blank"]));
    assert_eq!(shop.other().get(path).await.json(401), unauthorized());
    assert_eq!(shop.other().put(path, json!({"address_book": address()})).await.json(401), unauthorized());
    let gone = shop.customer().delete(&format!("{path}?address_id={}", moved[0]["id"])).await.json(200);
    assert_eq!((gone.as_array().unwrap().len(), &gone[0]["city"]), (1, &json!("Seattle")));
    assert_eq!(shop.customer().delete(&format!("{path}?address_id=99")).await.json(404), not_found());
}

#[tokio::test]
async fn cards_are_their_owners() {
    let shop = Shop::open().await;
    let order = shop
        .customer()
        .post("/orders", json!({"order": {"line_items": [{"variant_id": 1}]}}))
        .await
        .json(201);
    let cart = Cart { number: order["number"].as_str().unwrap().to_owned(), guest: shop.customer() };
    cart.walk_to("payment").await;
    cart.pay(json!({"payment_method_id": CARD, "source_attributes": card(VISA)})).await.json(201);
    cart.next().await.json(200);
    cart.walk_to("complete").await;
    let list = shop.customer().get("/users/1002/credit_cards").await.json(200);
    assert_eq!((&list["count"], &list["credit_cards"][0]["last_digits"]), (&json!(1), &json!("1111")));
    assert_eq!(shop.other().get("/users/1002/credit_cards").await.json(404), not_found());
    let path = format!("/credit_cards/{}", list["credit_cards"][0]["id"]);
    let body = json!({"credit_card": {"name": "Grace", "month": "1", "year": 2040}});
    assert_eq!(shop.other().put(&path, body.clone()).await.json(401), unauthorized());
    let changed = shop.customer().put(&path, body).await.json(200);
    assert_eq!(
        (&changed["name"], &changed["month"], &changed["year"]),
        (&json!("Grace"), &json!("1"), &json!("2040"))
    );
    shop.customer().put(&path, json!({"credit_card": {"month": 13}})).await.json(422);
    assert_eq!(
        shop.customer().put("/credit_cards/9", json!({"credit_card": {"month": 1}})).await.json(404),
        not_found()
    );
}
