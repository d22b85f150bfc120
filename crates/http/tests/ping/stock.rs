//! Stage one: what is sold, in which ways, and how much is left.

use crate::goods::*;
use crate::shop::*;
use serde_json::Value;

fn products(body: &Value) -> Vec<&str> {
    let rows = body["data"]["products"].as_array().unwrap();
    rows.iter().map(|row| row["product_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn products_come_with_prices_and_stock() {
    let shop = Shop::open().await;
    let reply = shop.application().get(STOCK).await;
    let body = reply.json(200);
    assert_eq!(reply.header("cache-control"), Some("private, max-age=5"));
    insta::assert_json_snapshot!("stock", body);
}

#[tokio::test]
async fn stock_works_with_and_without_a_customer_and_falls_by_what_is_bought() {
    let shop = Shop::open().await;
    let stock = async || {
        let body = shop.customer("rich").get(&format!("{STOCK}?product_id=prod_isp_gb")).await.json(200);
        body["data"]["products"][0]["product_stock"].as_i64().unwrap()
    };
    assert_eq!(stock().await, 3);
    let bought = with(items(&[(SCARCE, 2)]), serde_json::json!({ "payment_method_id": "credit" }));
    shop.customer("rich").post(CHECKOUT, bought).await.json(201);
    assert_eq!(stock().await, 1);
}

#[tokio::test]
async fn the_list_is_narrowed_by_the_query() {
    let shop = Shop::open().await;
    let rich = shop.customer("rich");
    let three = with(items(&[(SCARCE, 3)]), serde_json::json!({ "payment_method_id": "credit" }));
    rich.post(CHECKOUT, three).await.json(201);
    for (query, expected) in [
        ("product_type=isp", &["prod_isp_us", "prod_isp_gb", "prod_isp_de"][..]),
        ("product_type=isp&only_available=true", &["prod_isp_us", "prod_isp_de"]),
        ("country_id=us", &["prod_isp_us", "prod_datacenter_us"]),
        ("country_id=US&product_type=datacenter", &["prod_datacenter_us"]),
        ("product_id=prod_residential_global", &["prod_residential_global"]),
        ("product_id=prod_isp_fr", &[]),
        ("product_id=prod_mug", &[]),
        ("product_type=nothing", &[]),
    ] {
        let body = shop.application().get(&format!("{STOCK}?{query}")).await.json(200);
        assert_eq!(products(&body), expected, "{query}");
    }
    let unclear = shop.application().get(&format!("{STOCK}?only_available=perhaps")).await;
    assert_eq!(refusal(&unclear), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn the_public_list_has_pages_and_the_catalogue_is_keyed_by_code() {
    let shop = Shop::open().await;
    for caller in [shop.key_holder("ada"), shop.application()] {
        let list = caller.get("/public/user/product/search?page=2&per_page=2").await.json(200);
        assert_eq!(
            (&list["item_count"], &list["page"], &list["per_page"], &list["total_count"]),
            (&2.into(), &2.into(), &2.into(), &5.into())
        );
        assert_eq!(list["data"][0]["product_id"], "prod_datacenter_us");
        let catalog = caller.get("/public/user/checkout/catalog").await.json(200);
        insta::assert_json_snapshot!("catalog", catalog["data"]);
    }
}
