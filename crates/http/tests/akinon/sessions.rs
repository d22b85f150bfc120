//! Sessions and tokens: who gets one, what it opens, and what is said without.

use crate::browser::Browser;
use crate::rows::SHIRT;
use crate::shop::{INDEX, Shop, add, path};
use serde_json::{Value, json};

fn refused(detail: &str) -> Value {
    json!({ "detail": detail })
}

#[tokio::test]
async fn a_browser_gets_a_session_in_two_cookies_and_a_token() {
    let shop = Shop::open().await;
    let browser = Browser::new(shop.address);
    let reply = browser.get("/csrf_token/").await;
    let token = reply.is(200)["csrf_token"].as_str().unwrap().to_owned();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let session = browser.cookie("osessionid").unwrap();
    assert!(session.len() >= 32 && session.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{session}");
    assert_eq!(browser.cookie("sessionid").as_ref(), Some(&session));
    for cookie in reply.set_cookies() {
        assert!(cookie.contains("; Path=/;") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("Secure"), "{cookie}");
        assert_eq!(cookie.contains("HttpOnly"), !cookie.starts_with("csrftoken="), "{cookie}");
        let age = if cookie.starts_with("csrftoken=") { "Max-Age=31536000" } else { "Max-Age=1209600" };
        assert!(cookie.contains(age), "{cookie}");
    }
    // Both stay.
    let again = browser.get("/csrf_token/").await;
    assert_eq!(again.is(200)["csrf_token"], token.as_str());
    assert_eq!(browser.cookie("osessionid").unwrap(), session);
}

#[tokio::test]
async fn looking_makes_no_session() {
    let shop = Shop::open().await;
    let browser = Browser::new(shop.address);
    for path in ["/baskets/basket/", "/orders/checkout-provider-list/", "/orders/checkout/"] {
        assert_eq!(browser.get(path).await.set_cookies(), Vec::<&str>::new(), "{path}");
    }
    let first = add(&browser, SHIRT, 1).await;
    assert_eq!(first.is(201)["osessionid"].as_str(), browser.cookie("osessionid").as_deref());
}

#[tokio::test]
async fn an_unsafe_request_with_a_session_shows_the_token() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    let token = browser.cookie("csrftoken").unwrap();
    let body = json!({"product": SHIRT, "quantity": 1});
    let bare = browser.without_token();
    for (header, detail) in [
        (None, "CSRF Failed: CSRF token missing."),
        (
            Some("short".to_owned()),
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header has incorrect length.",
        ),
        (Some("a".repeat(32)), "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."),
        (
            Some("-".repeat(32)),
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header has invalid characters.",
        ),
    ] {
        let caller = header.as_ref().map_or(bare.clone(), |header| bare.with("X-CSRFToken", header));
        for path in ["/baskets/basket/", &path(INDEX)] {
            assert_eq!(caller.post(path, &body).await.is(403), refused(detail), "{path}");
        }
    }
    bare.with("x-csrftoken", &token).post("/baskets/basket/", &body).await.is(201);
    // Masked with a mask of the alphabet's first letter, a secret is itself.
    bare.with("x-csrftoken", &format!("{}{token}", "a".repeat(32)))
        .post("/baskets/basket/", &body)
        .await
        .is(201);
    browser.set_cookie("csrftoken", "");
    let reply = bare.with("x-csrftoken", &token).post("/baskets/basket/", &body).await;
    assert_eq!(reply.is(403), refused("CSRF Failed: CSRF cookie not set."));
}

#[tokio::test]
async fn the_first_pages_are_for_sessions_only() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    for page in [INDEX, crate::shop::SELECTION] {
        let body = json!({"basket_id": buyer.basket, "checkout_provider": 1});
        let reply = shop.server().post(&path(page), &body).await;
        assert_eq!(reply.is(403), refused("Authentication credentials were not provided."));
    }
}

#[tokio::test]
async fn a_made_up_session_opens_nothing() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let session = buyer.browser.cookie("osessionid").unwrap();
    let thief = shop.browser().await;
    for made_up in [session[1..].to_owned(), session.replace(&session[..1], "_"), "x".repeat(40)] {
        thief.set_cookie("osessionid", &made_up);
        thief.set_cookie("sessionid", &made_up);
        assert_eq!(thief.get("/baskets/basket/").await.is(200)["basket"]["pk"], Value::Null);
    }
    // If the two differ, the first one counts.
    thief.set_cookie("osessionid", &session);
    assert_eq!(thief.get("/baskets/basket/").await.is(200)["basket"]["pk"], buyer.basket);
}

#[tokio::test]
async fn a_session_ends_after_two_weeks() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    shop.clock.advance_seconds(13 * 86_400);
    assert_eq!(buyer.browser.get("/baskets/basket/").await.is(200)["basket"]["pk"], buyer.basket);
    shop.clock.advance_seconds(86_400);
    assert_eq!(buyer.browser.get("/baskets/basket/").await.is(200)["basket"]["pk"], Value::Null);
}

#[tokio::test]
async fn a_session_is_no_key_of_any_other_api() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    let body = json!({"email": "ada@example.com", "password": "open sesame"});
    browser.post("/users/registration/", &body).await.is(201);
    let session = browser.cookie("osessionid").unwrap();
    for path in
        ["/solidus/api/orders/mine", "/spree/api/v1/orders/mine", "/guest-manager/api/public/v2/orders"]
    {
        browser.get(path).await.is(401);
        for header in [format!("Bearer {session}"), format!("Token {session}")] {
            shop.server().with("Authorization", &header).get(path).await.is(401);
        }
    }
}

#[tokio::test]
async fn https_makes_cookies_secure() {
    let config = http_api::server::Config {
        public_url: "https://shop.example".into(),
        ..http_api::server::Config::default()
    };
    let shop = Shop::with(config).await;
    let reply = Browser::new(shop.address).get("/csrf_token/").await;
    assert_eq!(reply.set_cookies().len(), 3);
    assert!(reply.set_cookies().iter().all(|cookie| cookie.ends_with("; Secure")), "{reply:?}");
}
