//! Cookies on the provider's way, and providers that must sign.

use crate::rows::{SHIRT, SIGNING};
use crate::shop::{ADDRESS, SELECTION, Shop, path};
use serde_json::json;

#[tokio::test]
async fn a_relay_with_cookies_needs_a_token_or_a_signature() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let body = buyer.body(ADDRESS).await;
    let relay = buyer.browser.without_token();
    let missing = relay.post(&path(ADDRESS), &body).await;
    assert_eq!(missing.is(403), json!({"detail": "CSRF Failed: CSRF token missing."}));
    relay.with("webhook-signature", "bad").post(&path(ADDRESS), &body).await.is(403);
    relay.with("webhook-signature", "good").post(&path(ADDRESS), &body).await.is(200);
    let wrong = relay.with("webhook-signature", "good").with("X-CSRFToken", &"a".repeat(32));
    wrong.post(&path(ADDRESS), &body).await.is(403);
    buyer.browser.post(&path(ADDRESS), &body).await.is(200);
    // Somebody else's cookies do not lead to this basket.
    let stranger = shop.browser().await;
    assert_eq!(stranger.post(&path(ADDRESS), &body).await.is(400), json!({"basket": ["Basket not found."]}));
}

#[tokio::test]
async fn who_must_sign_signs_every_call() {
    let shop = Shop::open().await;
    let mut buyer = shop.buyer(&[(SHIRT, 1)]).await;
    buyer.provider = SIGNING;
    buyer.honest(SELECTION).await;
    let body = buyer.body(ADDRESS).await;
    let refused = json!({"detail": "Invalid signature."});
    assert_eq!(shop.server().post(&path(ADDRESS), &body).await.is(403), refused);
    let bad = shop.server().with("webhook-signature", "bad");
    assert_eq!(bad.post(&path(ADDRESS), &body).await.is(403), refused);
    shop.server().with("webhook-signature", "good").post(&path(ADDRESS), &body).await.is(200);
}

#[tokio::test]
async fn without_signing_a_bad_signature_is_as_good_as_none() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let body = buyer.body(ADDRESS).await;
    shop.server().with("webhook-signature", "bad").post(&path(ADDRESS), &body).await.is(200);
}

#[tokio::test]
async fn the_same_letters_composed_or_not_are_the_same_address() {
    let shop = Shop::open().await;
    let buyer = shop.before(ADDRESS).await;
    let line = |text: &str| {
        let text = text.to_owned();
        move |body: &mut serde_json::Value| {
            // Both come with the same proof.
            for address in ["shipping_address", "billing_address"] {
                body[address]["line"] = text.clone().into();
            }
        }
    };
    buyer.try_with(ADDRESS, line("Caf\u{e9} 1")).await.is(200);
    buyer.try_with(ADDRESS, line("Cafe\u{301} 1")).await.is(200);
    buyer.try_with(ADDRESS, line("Cafe 1")).await.is(400);
}
