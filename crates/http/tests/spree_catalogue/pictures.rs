//! Pictures: kept by address; a file is refused, because its bytes would be lost.

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
async fn a_file_is_refused_rather_than_lost() {
    let shop = Shop::open().await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"image[attachment]\"; filename=\"cat.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\nJPG\r\n--b--\r\n";
    let kind = "multipart/form-data; boundary=b";
    assert_eq!(
        customer(&shop).raw("POST", "/products/mug/images", kind, body).await.json(401),
        unauthorized()
    );
    let refused = admin(&shop).raw("POST", "/products/mug/images", kind, body).await.json(422);
    assert_eq!(refused["error"], INVALID);
    assert!(refused["errors"]["attachment"][0].as_str().unwrap().contains("keeps no files"), "{refused}");
    assert_eq!(customer(&shop).get("/products/mug/images").await.json(200), json!({"images": []}));
}
