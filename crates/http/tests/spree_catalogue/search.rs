//! `q[…]` and sorting: what may be asked, and that anything else is as if it had not been.

use crate::buyer::admin;
use crate::support::*;

async fn found(shop: &Shop, path: &str, list: &str, key: &str) -> Vec<String> {
    let body = admin(shop).get(path).await.json(200);
    let rows = body[list].as_array().unwrap().clone();
    rows.iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn products_are_found_by_their_own_and_their_variants_attributes() {
    let shop = Shop::open().await;
    let patch = serde_json::json!({"product": {"description": "Fired clay", "discontinue_on": "2999-01-01"}});
    admin(&shop).put("/products/mug", patch).await.json(200);
    for (query, expected) in [
        ("q[name_cont]=u&q[s]=name%20desc", &["mug", "future"][..]),
        ("q[master_sku_eq]=RARE", &["rare"]),
        ("q[variants_including_master_sku_start]=SHI", &["shirt"]),
        ("q[description_cont]=clay", &["mug"]),
        ("q[discontinue_on_not_null]=1", &["mug"]),
        ("q[updated_at_gt]=2000-01-01", &["mug"]),
        ("q[s]=updated_at+desc&per_page=1", &["mug"]),
        ("ids=1,3", &["mug", "rare"]),
        ("ids[]=2", &["shirt"]),
        ("q[price_eq]=10&ids=3", &["rare"]),
        ("page=9", &[]),
    ] {
        assert_eq!(
            found(&shop, &format!("/products?{query}"), "products", "slug").await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn variants_are_found_through_their_product() {
    let shop = Shop::open().await;
    for (query, expected) in [
        ("q[sku_eq]=MUG", &["MUG"][..]),
        ("q[product_name_cont]=shi", &["SHIRT"]),
        ("q[product_slug_or_sku_eq]=rare", &["RARE"]),
        ("q[created_at_lt]=1999-01-01&q[sku_eq]=GIFT", &["GIFT"]),
    ] {
        assert_eq!(found(&shop, &format!("/variants?{query}"), "variants", "sku").await, expected, "{query}");
    }
}

#[tokio::test]
async fn states_are_found_by_abbreviation_and_people_by_mail() {
    let shop = Shop::open().await;
    assert_eq!(found(&shop, "/states?q[abbr_eq]=WA&country_id=840", "states", "name").await, ["Washington"]);
    let mails = found(&shop, "/users?q[email_start]=cust", "users", "email").await;
    assert_eq!(mails, ["customer@example.com"]);
}
