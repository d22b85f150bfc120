//! Products: their keys, who sees which, what is said of a bad one.

use crate::buyer::{UNVERSIONED, admin, customer, keyed, nobody};
use crate::support::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PRODUCT: &str = "id name description price display_price available_on slug meta_description meta_keywords \
    shipping_category_id taxon_ids total_on_hand has_variants master variants option_types product_properties \
    classifications";
const SMALL_VARIANT: &str = "id name sku price weight height width depth is_master slug description track_inventory \
    display_price options_text in_stock is_backorderable is_orderable total_on_hand is_destroyed option_values images";

pub fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

pub fn listed(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

#[tokio::test]
async fn a_product_has_the_keys_of_this_protocol() {
    let shop = Shop::open().await;
    let mug = customer(&shop).get("/products/mug").await.json(200);
    assert_eq!(keys(&mug), listed(PRODUCT));
    assert_eq!(keys(&mug["master"]), listed(SMALL_VARIANT));
    assert_eq!((&mug["price"], &mug["display_price"]), (&json!("10.0"), &json!("$10.00")));
    assert_eq!((&mug["total_on_hand"], &mug["master"]["is_orderable"]), (&json!(1000), &json!(true)));
    let staff = admin(&shop).get("/products/1.json").await.json(200);
    assert_eq!(keys(&staff["master"]), listed(&format!("{SMALL_VARIANT} cost_price")));
}

#[tokio::test]
async fn lists_have_five_figures_on_either_path() {
    let shop = Shop::open().await;
    for root in [crate::buyer::V1, UNVERSIONED] {
        let list = customer(&shop).at(root).get("/products?per_page=3&page=2").await.json(200);
        assert_eq!(keys(&list), listed("count total_count current_page pages per_page products"), "{root}");
        let figures =
            ["count", "total_count", "current_page", "pages", "per_page"].map(|key| list[key].clone());
        assert_eq!(figures, [json!(1), json!(4), json!(2), json!(2), json!(3)], "{root}");
    }
}

#[tokio::test]
async fn caches_are_told_that_the_key_matters() {
    let shop = Shop::open().await;
    for path in ["/products", "/products/mug"] {
        let reply = customer(&shop).get(path).await;
        let vary = reply.header("vary").unwrap();
        assert!(vary.split(", ").any(|name| name == "X-Spree-Token"), "{vary}");
    }
}

#[tokio::test]
async fn buyers_see_what_is_on_sale_and_change_nothing() {
    let shop = Shop::open().await;
    assert_eq!(customer(&shop).get("/products/future").await.json(404), not_found());
    let body = json!({"product": {"name": "Mine"}});
    assert_eq!(customer(&shop).post("/products", body.clone()).await.json(401), unauthorized());
    assert_eq!(customer(&shop).put("/products/mug", body.clone()).await.json(401), unauthorized());
    assert_eq!(customer(&shop).delete("/products/mug").await.json(401), unauthorized());
    assert_eq!(customer(&shop).put("/products/future", body).await.json(404), not_found());
    let no_key = json!({"error": "You must specify an API key."});
    assert_eq!(nobody(&shop).get("/products").await.json(401), no_key);
    let bad_key = json!({"error": "Invalid API key (wrong) specified."});
    assert_eq!(keyed(&shop, "wrong").get("/products").await.json(401), bad_key);
    let by_parameter = format!("/products?token={CUSTOMER_KEY}");
    assert_eq!(nobody(&shop).get(&by_parameter).await.json(200)["count"], 4);
}

#[tokio::test]
async fn a_guest_with_an_order_looks_around_without_a_key() {
    let shop = Shop::open().await;
    let order = admin(&shop).post("/orders", json!({})).await.json(201);
    let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
    let guest = nobody(&shop);
    for resource in ["products", "zones", "taxons"] {
        let path = format!("/{resource}?order_id={number}&order_token=");
        assert_eq!(guest.get(&format!("{path}{token}")).await.status, 200, "{resource}");
        assert_eq!(guest.get(&format!("{path}wrong")).await.json(401), unauthorized(), "{resource}");
    }
}

#[tokio::test]
async fn a_new_product_is_for_sale_at_once() {
    let shop = Shop::open().await;
    let form = "product[name]=Form&product[price]=5&product[shipping_category_id]=1&product[sku]=F1";
    let type_ = "application/x-www-form-urlencoded";
    let made = admin(&shop).raw("POST", "/products", type_, form).await.json(201);
    assert!(made["available_on"].is_string());
    assert_eq!(customer(&shop).get("/products/form").await.json(200)["master"]["sku"], "F1");
    let query = "/products?product[name]=Query&product[price]=5&product[shipping_category]=Bulky";
    let made = admin(&shop).post(query, Value::Null).await.json(201);
    assert_eq!(customer(&shop).get(&format!("/products/{}", made["id"])).await.json(200)["name"], "Query");
    let on_hand = admin(&shop).get(&format!("/variants/{}", made["master"]["id"])).await.json(200);
    assert_eq!(on_hand["stock_items"][0]["count_on_hand"], 0);
}

#[tokio::test]
async fn what_is_missing_is_said_by_field() {
    let shop = Shop::open().await;
    let refused = admin(&shop).post("/products", json!({"product": {"description": "x"}})).await.json(422);
    let blank = json!(["can't be blank"]);
    let errors = json!({"name": blank, "price": blank, "shipping_category": blank});
    assert_eq!(refused, json!({"error": INVALID, "errors": errors}));
    let none = admin(&shop).post("/products", json!({})).await.json(422);
    assert_eq!(none, json!({"exception": "param is missing or the value is empty: product"}));
}

#[tokio::test]
async fn staff_sees_deleted_and_discontinued_products_on_request() {
    let shop = Shop::open().await;
    let staff = admin(&shop);
    let given_up = json!({"product": {"discontinue_on": "2001-01-01"}});
    staff.put("/products/shirt", given_up).await.json(200);
    assert_eq!(staff.delete("/products/mug").await.status, 204);
    for (path, flag) in [("/products/shirt", "show_discontinued=1"), ("/products/1", "show_deleted=true")] {
        assert_eq!(staff.get(path).await.json(404), not_found(), "{path}");
        staff.get(&format!("{path}?{flag}")).await.json(200);
        assert_eq!(customer(&shop).get(&format!("{path}?{flag}")).await.json(404), not_found(), "{path}");
    }
    let all = staff.get("/products?show_deleted=1&show_discontinued=1").await.json(200);
    assert_eq!(all["total_count"], 5);
    assert_eq!(staff.get("/products").await.json(200)["total_count"], 3);
    assert_eq!(
        shop.admin().get("/products").await.json(200)["total_count"],
        4,
        "the sibling hides deleted ones only"
    );
}

#[tokio::test]
async fn old_paths_answer_scripts_too() {
    let shop = Shop::open().await;
    let reply = customer(&shop).at(UNVERSIONED).get("/products/mug?callback=show").await;
    assert!(reply.body.starts_with("show({") && reply.body.ends_with("})"), "{}", reply.body);
    customer(&shop).get("/products/mug?callback=show").await.json(200);
}
