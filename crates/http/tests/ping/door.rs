//! Who may ask: applications, customers, sessions, second factors, and the shopper's address.

use crate::client::Reply;
use crate::goods::*;
use crate::shop::*;
use domain::user::User;
use engine::ports::{Commit, UserKey, UserPut};
use serde_json::{Value, json};
use std::sync::Arc;

const LOGIN: &str = "/private/user/customer/login";
const PASSWORD: &str = "Passw0rd!";

/// Changes an account.
async fn change(shop: &Shop, email: &str, change: impl FnOnce(&mut User)) {
    let key = UserKey::Email(email.to_owned());
    let mut user = User::clone(&*shop.engine.user(&key).await.unwrap().unwrap());
    let expected = user.version;
    user.version += 1;
    change(&mut user);
    let user = Some(UserPut { user: Arc::new(user), expected });
    shop.engine.store().commit(Commit { user, ..Commit::default() }).await.unwrap();
}

async fn shop_with_password() -> Shop {
    let shop = Shop::open().await;
    let hash = http_api::kit::password::hash(PASSWORD.to_owned()).await.unwrap();
    change(&shop, "ada@example.com", |user| user.password_hash = Some(hash)).await;
    shop
}

async fn login(shop: &Shop, email: &str, password: &str, more: Value) -> Reply {
    let body = json!({ "customer_email_address": email, "customer_password": password });
    shop.application().post(LOGIN, with(body, more)).await
}

#[tokio::test]
async fn without_an_application_there_is_no_answer() {
    let shop = Shop::open().await;
    let public = ("X-Application-API-Public-Key", "app-pub-demo");
    let private = ("X-Application-API-Private-Key", "app-priv-demo");
    let callers = [
        shop.nobody(),
        shop.nobody().header(public.0, public.1),
        shop.nobody().header(private.0, private.1),
        shop.nobody().header(public.0, "wrong").header(private.0, private.1),
        shop.nobody().header(public.0, public.1).header(private.0, "wrong"),
        shop.nobody().header(public.0, private.1).header(private.0, public.1),
        // The keys of a customer are no application's.
        shop.nobody().header(public.0, "pk_ada").header(private.0, "sk_ada"),
        shop.key_holder("ada"),
    ];
    for caller in callers {
        let caller = caller.header("Authorization", "tok_ada").header(IP, "8.8.8.8");
        for reply in [caller.get(STOCK).await, caller.post(CART, items(&[(ISP, 1)])).await] {
            assert_eq!(refusal(&reply), (401, "application_unauthorized".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_customer_is_known_by_a_token_bare_or_as_bearer() {
    let shop = Shop::open().await;
    for fine in ["tok_ada", "Bearer tok_ada", "bearer tok_ada"] {
        let caller = shop.application().header("Authorization", fine);
        assert_eq!(quote(&caller, items(&[(ISP, 1)])).await["total"], 350, "{fine}");
    }
    let strangers =
        ["tok_nobody", "Bearer tok_nobody", "a.b.c", "Basic dG9rX2FkYQ==", "app-pub-demo:app-priv-demo"];
    for wrong in strangers {
        let caller = shop.application().header("Authorization", wrong);
        let reply = caller.post(CART, items(&[(ISP, 1)])).await;
        assert_eq!(refusal(&reply), (401, "user_unauthorized".to_owned()), "{wrong}");
        assert_eq!(refusal(&caller.get(STOCK).await).0, 401, "a wrong token is not none");
    }
    let none = shop.application();
    assert_eq!(refusal(&none.post(CART, items(&[(ISP, 1)])).await), (401, "user_unauthorized".to_owned()));
    none.get(STOCK).await.json(200);
}

#[tokio::test]
async fn a_login_opens_a_session_that_ends_by_time_and_by_a_new_password() {
    let shop = shop_with_password().await;
    let reply = login(&shop, "ADA@example.com ", PASSWORD, json!({})).await.json(200);
    assert_eq!(reply["message"], "Login successful.");
    let token = reply["data"]["access_token"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);
    let session = shop.application().header("Authorization", &token);
    quote(&session, items(&[(ISP, 1)])).await;
    quote(&shop.application().header("Authorization", &format!("Bearer {token}")), items(&[(ISP, 1)])).await;
    shop.clock.advance_seconds(12 * 3_600 + 1);
    let over = session.post(CART, items(&[(ISP, 1)])).await;
    assert_eq!(refusal(&over), (401, "user_unauthorized".to_owned()));
    let again = login(&shop, "ada@example.com", PASSWORD, json!({})).await.json(200);
    let session = shop.application().header("Authorization", again["data"]["access_token"].as_str().unwrap());
    quote(&session, items(&[(ISP, 1)])).await;
    change(&shop, "ada@example.com", |user| user.password_hash = Some("another".to_owned())).await;
    assert_eq!(refusal(&session.post(CART, items(&[(ISP, 1)])).await).0, 401);
}

#[tokio::test]
async fn a_wrong_login_does_not_tell_whether_there_is_an_account() {
    let shop = shop_with_password().await;
    let mut said = Vec::new();
    for (email, password) in
        [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("rich@example.com", PASSWORD)]
    {
        let reply = login(&shop, email, password, json!({})).await;
        assert_eq!(refusal(&reply), (401, "invalid_credentials".to_owned()));
        said.push(reply.json(401)["message"].clone());
    }
    said.dedup();
    assert_eq!(said.len(), 1);
    let missing = shop.application().post(LOGIN, json!({})).await.json(400);
    assert_eq!(missing["details"].as_array().unwrap().len(), 2);
    assert_eq!(refusal(&shop.nobody().post(LOGIN, json!({})).await).0, 401);
}

#[tokio::test]
async fn an_account_with_a_second_factor_asks_for_it() {
    let shop = shop_with_password().await;
    change(&shop, "ada@example.com", |user| {
        user.second_factor = Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned());
    })
    .await;
    let asked = login(&shop, "ada@example.com", PASSWORD, json!({})).await;
    assert_eq!(refusal(&asked), (499, "two_factor_authentication_required".to_owned()));
    let asked = asked.json(499);
    let key = asked["two_factor_authentication_public_key"].as_str().unwrap();
    assert_eq!(asked["two_factor_authentication_service"], "totp");
    assert!(asked["two_factor_authentication_target"].is_string());
    for (public, code) in [(key, "000000"), ("2fa_x.y", "000000"), (key, "")] {
        let more = json!({
            "two_factor_authentication_public_key": public, "two_factor_authentication_private_key": code,
        });
        let reply = login(&shop, "ada@example.com", PASSWORD, more).await;
        assert!(matches!(reply.status, 401 | 499), "{reply:?}");
    }
    let wrong = login(&shop, "ada@example.com", "wrong", json!({})).await;
    assert_eq!(wrong.status, 401, "the password comes first");
    let code = totp(shop.engine.now().0.div_euclid(30_000));
    let more =
        json!({ "two_factor_authentication_public_key": key, "two_factor_authentication_private_key": code });
    let fine = login(&shop, "ada@example.com", PASSWORD, more).await.json(200);
    assert!(fine["data"]["access_token"].is_string());
}

/// RFC 6238 with the secret of its appendix.
fn totp(step: i64) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"12345678901234567890").unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[tokio::test]
async fn the_shoppers_address_is_needed_where_it_is_used_and_nowhere_else() {
    let shop = Shop::open().await;
    let without = shop.application().header("Authorization", "tok_ada");
    quote(&without, items(&[(ISP, 1)])).await;
    let validate = with(items(&[(ISP, 1)]), json!({ "validate_payment_platform": true }));
    let pay = with(items(&[(ISP, 1)]), json!({ "payment_method_id": "stripe:card" }));
    for address in
        [None, Some(""), Some("localhost"), Some("8.8.8.8, 36.72.0.1"), Some("8.8.8.8:80"), Some("999.1.1.1")]
    {
        let caller = address.map_or(without.clone(), |address| without.header(IP, address));
        for reply in [caller.post(CART, validate.clone()).await, caller.post(CHECKOUT, pay.clone()).await] {
            assert_eq!(refusal(&reply), (400, "client_ip_required".to_owned()), "{address:?}");
        }
    }
    let twice = without.header(IP, "8.8.8.8").header(IP, "36.72.0.1");
    assert_eq!(refusal(&twice.post(CART, validate.clone()).await).0, 400, "two addresses are none");
    for (address, country) in [
        ("36.72.0.1", json!("ID")),
        ("2404:c0::1", json!("ID")),
        ("::ffff:36.72.0.1", json!("ID")),
        ("8.8.8.8", json!("US")),
        ("10.0.0.1", Value::Null),
        ("127.0.0.1", Value::Null),
        ("::1", Value::Null),
        ("203.0.113.9", Value::Null),
    ] {
        let judged = validated(&without.header(IP, address), items(&[(ISP, 1)])).await;
        assert_eq!(judged["customer_location"]["country"], country, "{address}");
    }
}
