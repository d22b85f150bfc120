//! Registering, logging in, and what becomes of a guest's session.

use crate::rows::SHIRT;
use crate::shop::{Shop, add};
use serde_json::{Value, json};

#[tokio::test]
async fn a_guest_registers_and_keeps_the_basket() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    add(&browser, SHIRT, 2).await.is(201);
    let before = browser.cookie("osessionid").unwrap();
    // The storefront's own page sends no token here.
    let body = json!({"email": "Ada@Example.com", "password": "open sesame", "first_name": "Ada",
        "last_name": "Yılmaz", "email_allowed": true, "formType": "register", "locale": "en"});
    let reply = browser.without_token().post("/users/registration/", &body).await;
    assert!(reply.is(201)["key"].as_str().is_some_and(|key| !key.is_empty()));
    let after = browser.cookie("osessionid").unwrap();
    assert_ne!(before, after, "nobody goes on with a session that somebody else may know");
    assert_eq!(browser.get("/baskets/basket/").await.is(200)["basket"]["total_quantity"], 2);
    let account = browser.get("/current_user/").await.is(200);
    insta::assert_json_snapshot!(account, { ".pk" => "[id]", ".date_joined" => "[time]" });
    browser.set_cookie("osessionid", &before);
    browser.get("/current_user/").await.is(403);
    assert_eq!(browser.get("/baskets/basket/").await.is(200)["basket"]["pk"], Value::Null);
}

#[tokio::test]
async fn only_the_right_password_logs_in() {
    let shop = Shop::open().await;
    let known = json!({"email": "ada@example.com", "password": "open sesame"});
    shop.browser().await.post("/users/registration/", &known).await.is(201);
    let browser = shop.browser().await;
    for body in [
        json!({"email": "ada@example.com", "password": "open barley"}),
        json!({"email": "nobody@example.com", "password": "open sesame"}),
    ] {
        let refused = browser.post("/users/login/", &body).await;
        assert_eq!(
            refused.is(400),
            json!({"non_field_errors": ["Unable to log in with provided credentials."]})
        );
    }
    let empty = browser.post("/users/login/", &json!({})).await;
    let required = json!({"email": ["This field is required."], "password": ["This field is required."]});
    assert_eq!(empty.is(400), required);
    browser
        .post("/users/login/", &json!({"username": "Ada@example.com", "password": "open sesame"}))
        .await
        .is(200);
    assert_eq!(browser.get("/current_user/").await.is(200)["email"], "ada@example.com");
    let twice = browser.post("/users/registration/", &known).await.is(400);
    assert_eq!(twice["email"], json!(["A user is already registered with this e-mail address."]));
    let weak = json!({"email": "a", "password": "12345"});
    assert_eq!(
        browser.post("/users/registration/", &weak).await.is(400),
        json!({
            "email": ["Enter a valid email address."], "password": ["Ensure this field has at least 6 characters."],
        })
    );
}

#[tokio::test]
async fn a_form_of_another_site_logs_nobody_in() {
    let shop = Shop::open().await;
    let browser = shop.browser().await.without_token();
    let form = "email=a%40b.co&password=open+sesame";
    browser.send("POST", "/users/login/", "application/x-www-form-urlencoded", form).await.is(415);
    browser.send("POST", "/users/login/", "text/plain", "{\"email\":\"a@b.co\"}").await.is(415);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_is_no_fault_for_strangers() {
    let shop = Shop::open().await;
    let known = json!({"email": "ada@example.com", "password": "open sesame"});
    for by_post in [false, true] {
        let browser = shop.browser().await;
        let enter = if by_post { "/users/login/" } else { "/users/registration/" };
        assert!(browser.post(enter, &known).await.status < 300);
        browser.get("/current_user/").await.is(200);
        let before = browser.cookie("osessionid").unwrap();
        browser.send("HEAD", "/users/logout/", "", "").await;
        browser.get("/current_user/").await.is(200);
        if by_post {
            assert_eq!(browser.without_token().post("/users/logout/", &json!({})).await.status, 403);
            browser.post("/users/logout/", &json!({})).await.is(200);
        } else {
            browser.get("/users/logout/").await.is(200);
        }
        assert_ne!(browser.cookie("osessionid").unwrap(), before);
        browser.get("/current_user/").await.is(403);
        browser.set_cookie("osessionid", &before);
        browser.get("/current_user/").await.is(403);
    }
    shop.browser().await.get("/users/logout/").await.is(200);
    shop.server().get("/users/logout/").await.is(200);
}
