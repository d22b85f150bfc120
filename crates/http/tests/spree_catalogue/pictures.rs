//! Pictures: somewhere on the web, or handed in.

use super::goods::{keys, listed};
use crate::buyer::{admin, customer};
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn a_picture_is_an_address() {
    let shop = Shop::open().await;
    let body = json!({"image": {"attachment": "https://cdn.example.com/cup.png", "alt": "A cup"}});
    assert_eq!(customer(&shop).post("/products/mug/images", body.clone()).await.json(401), unauthorized());
    let made = admin(&shop).post("/products/mug/images", body).await.json(201);
    assert_eq!(
        keys(&made),
        listed(
            "id position attachment_content_type attachment_file_name type attachment_updated_at attachment_width \
             attachment_height alt viewable_type viewable_id mini_url small_url product_url large_url"
        )
    );
    assert_eq!(made["large_url"], "https://cdn.example.com/cup.png");
    assert_eq!(customer(&shop).get("/variants/1/images").await.json(200)["images"], json!([made]));
    assert_eq!(admin(&shop).delete(&format!("/products/mug/images/{}", made["id"])).await.status, 204);
}

#[tokio::test]
async fn a_file_is_kept_and_served() {
    let shop = Shop::open().await;
    let form = |bytes: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"image[attachment]\"; filename=\"cat.gif\"\r\n\
             Content-Type: image/jpeg\r\n\r\n{bytes}\r\n--b--\r\n"
        )
    };
    let send = async |caller: &Caller, bytes: &str| {
        caller.raw("POST", "/products/mug/images", "multipart/form-data; boundary=b", &form(bytes)).await
    };
    assert_eq!(send(&customer(&shop), "GIF89a").await.json(401), unauthorized());
    let refused = send(&admin(&shop), "<svg/>").await.json(422);
    assert_eq!(refused, json!({"error": INVALID, "errors": {"attachment": ["is invalid"]}}));
    let made = send(&admin(&shop), "GIF89a").await.json(201);
    assert_eq!(
        (&made["attachment_file_name"], &made["attachment_content_type"]),
        (&json!("cat.gif"), &json!("image/gif"))
    );
    let served = shop.nobody().at("").get(made["product_url"].as_str().unwrap()).await;
    assert_eq!((served.status, served.body.as_str()), (200, "GIF89a"));
    // More than other bodies may have.
    let large = format!("GIF89a{}", "x".repeat(3 << 20));
    assert_eq!(send(&admin(&shop), &large).await.status, 201);
}
