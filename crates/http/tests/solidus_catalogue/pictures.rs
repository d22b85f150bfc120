//! Pictures: handed in and served again, or somewhere on the web.

use crate::support::*;
use http_api::server::Config;
use serde_json::{Value, json};

const FORM: &str = "multipart/form-data; boundary=b";
const GIF: &str = "GIF89a: a cat, thinking";
/// SHA-256 of the above.
const GIF_PATH: &str = "/files/171ed9b08f9e7ef06174e7fb57adad0c184cfd14df7cccff6466356d67c5f051.gif";

/// A form with a file, said to be of a type, and a text beside it.
fn form(file_name: &str, content_type: &str, bytes: &str) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"image[attachment]\"; filename=\"{file_name}\"\r\n\
         Content-Type: {content_type}\r\n\r\n{bytes}\r\n--b\r\nContent-Disposition: form-data; \
         name=\"image[alt]\"\r\n\r\nA cat\r\n--b--\r\n"
    )
}

fn attachment(image: &Value) -> [&Value; 3] {
    [&image["large_url"], &image["attachment_file_name"], &image["attachment_content_type"]]
}

#[tokio::test]
async fn a_file_is_kept_and_served() {
    let shop = Shop::open().await;
    let body = form("../thinking-cat.jpg", "image/jpeg", GIF);
    let send = async |caller: &Caller| caller.raw("POST", "/products/mug/images", FORM, &body).await;
    let files = shop.nobody().at("");
    assert_eq!(send(&shop.customer()).await.json(401), unauthorized());
    assert_eq!(files.get(GIF_PATH).await.status, 404, "a refused file is not kept");
    let made = send(&shop.admin()).await.json(201);
    let told = [&json!(GIF_PATH), &json!("thinking-cat.jpg"), &json!("image/gif")];
    assert_eq!((attachment(&made), &made["alt"]), (told, &json!("A cat")), "its bytes say what it is");
    assert_eq!(shop.customer().get("/products/mug").await.json(200)["master"]["images"], json!([made]));

    let served = files.get(GIF_PATH).await;
    assert_eq!((served.status, served.body.as_str()), (200, GIF));
    for (name, value) in [
        ("content-type", "image/gif"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(served.header(name), Some(value));
    }
    let key = &GIF_PATH["/files/".len()..GIF_PATH.len() - ".gif".len()];
    for other in [
        GIF_PATH.replace(".gif", ".png"),
        GIF_PATH.replace(".gif", ".gif.gif"),
        GIF_PATH.replace(".gif", ""),
        format!("/files/{}.gif", key.to_uppercase()),
        format!("/files/{}.gif", "0".repeat(64)),
        "/files/cat.gif".to_owned(),
        "/files/..%2fshop.db".to_owned(),
        "/files/%ff.gif".to_owned(),
    ] {
        assert!(matches!(files.get(&other).await.status, 400 | 404), "{other}");
    }
    assert_eq!(files.post(GIF_PATH, json!({})).await.status, 405);

    let again = send(&shop.admin()).await.json(201);
    assert_eq!(attachment(&again), told, "the same bytes are the same file");
    let path = format!("/products/mug/images/{}", made["id"]);
    assert_eq!(shop.admin().delete(&path).await.status, 204);
    assert_eq!(files.get(GIF_PATH).await.status, 200, "another picture shows it");
}

#[tokio::test]
async fn a_picture_may_be_replaced_and_renamed() {
    let shop = Shop::open().await;
    let web = json!({"image": {"attachment": "https://cdn.example.com/cup.png?v=1", "position": 9}});
    let made = shop.admin().post("/variants/1/images", web.clone()).await.json(201);
    let cup = [&json!("https://cdn.example.com/cup.png?v=1"), &json!("cup.png"), &Value::Null];
    assert_eq!(attachment(&made), cup);
    let path = format!("/variants/1/images/{}", made["id"]);
    let kept = shop.admin().raw("PUT", &path, FORM, &form("cat.gif", "", GIF)).await.json(200);
    assert_eq!(attachment(&kept), [&json!(GIF_PATH), &json!("cat.gif"), &json!("image/gif")]);
    assert_eq!((&kept["position"], &kept["alt"]), (&json!(9), &json!("A cat")));
    let renamed = shop.admin().put(&path, json!({"image": {"alt": "The cat"}})).await.json(200);
    assert_eq!((attachment(&renamed), &renamed["alt"]), (attachment(&kept), &json!("The cat")));
    assert_eq!(attachment(&shop.admin().put(&path, web).await.json(200)), cup);
    assert_eq!(shop.admin().delete(&path).await.status, 204);
    assert_eq!(shop.customer().get("/products/mug/images").await.json(200), json!({"images": []}));
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let shop = Shop::open().await;
    for bad in [json!({"alt": "x"}), json!({"attachment": "javascript:alert(1)"})] {
        let refused = shop.admin().post("/variants/1/images", json!({"image": bad})).await.json(422);
        assert!(refused["errors"]["attachment"].is_array(), "{refused}");
    }
    for bytes in ["<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<!doctype html><script>", "JPG", " GIF89a"]
    {
        let body = form("cat.gif", "image/gif", bytes);
        let refused = shop.admin().raw("POST", "/products/mug/images", FORM, &body).await.json(422);
        assert_eq!(refused["errors"], json!({"attachment": ["is invalid"]}), "{bytes}");
    }
    assert_eq!(shop.customer().get("/products/mug/images").await.json(200), json!({"images": []}));
}

#[tokio::test]
async fn a_file_may_be_large_and_nothing_else() {
    let shop = Shop::open().await;
    let gif = |bytes: usize| form("cat.gif", "image/gif", &format!("GIF89a{}", "x".repeat(bytes - 6)));
    let send = async |path: &str, kind: &str, body: &str| shop.admin().raw("POST", path, kind, body).await;
    let pictures = "/products/mug/images";
    let megabyte = 1 << 20;
    send(pictures, FORM, &gif(10 * megabyte)).await.json(201);
    let refused = send(pictures, FORM, &gif(10 * megabyte + 1)).await.json(422);
    assert_eq!(refused["errors"], json!({"attachment": ["is too large (maximum is 10 MB)"]}));
    send(pictures, FORM, &gif(11 * megabyte)).await.json(413);
    let json = json!({"image": {"alt": "x".repeat(3 * megabyte)}}).to_string();
    send(pictures, "application/json", &json).await.json(413);
    send("/products", FORM, &gif(3 * megabyte)).await.json(413);
}

#[tokio::test]
async fn an_address_begins_with_the_servers_own() {
    let config = Config { public_url: "https://shop.example.com".to_owned(), ..Config::default() };
    let shop = Shop::with(config).await;
    let made =
        shop.admin().raw("POST", "/products/mug/images", FORM, &form("cat.gif", "", GIF)).await.json(201);
    assert_eq!(made["large_url"], format!("https://shop.example.com{GIF_PATH}"));
}
