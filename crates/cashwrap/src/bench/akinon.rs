//! A shopper's way through the Akinon checkout with a checkout provider: nine requests from a new session to an order.
//!
//! The benchmark is the shopper's browser and, from the address on, the provider who calls the shop back. The session
//! at the provider is a real one: the server starts it at its simulator, which is asked afterwards for the two secrets
//! that a provider would know; that question is no step and its time counts nowhere. A journey counts only if the last
//! answer says where the new order can be seen.

use bytes::Bytes;
use hyper::Method;
use hyper::header::{COOKIE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::client::{Answer, Caller, Conn};
use super::load::{Laps, Shoppers, Stop, letters};
use super::talk::{ask, odd, read};

/// Root of the API in a Cashwrap server.
const API: &str = "/akinon";

/// Variants bought, one piece each: the two of the sample store that are sold in lira.
pub const VARIANTS: [i64; 2] = [1, 2];

/// The sample store's checkout provider.
const PROVIDER: i64 = 1;

/// The requests of a journey, in order.
const STEPS: [&str; 9] =
    ["session", "item 1", "item 2", "index", "selection", "address", "shipping", "agreement", "notification"];

/// Shoppers of this API. Each is new: a session, an address book and an account of its own.
#[derive(Debug)]
pub struct Akinon {
    /// JSON of the address, for delivery and billing.
    address: String,
}

impl Akinon {
    /// Shoppers who live in one place.
    pub fn new() -> Self {
        let place = |name: &str, code: &str| json!({"name": name, "code": code});
        let address = json!({
            "name": "Bench", "surname": "Shopper", "phone_number": "+905551112233", "address_title": "Ev",
            "line": "Moda Caddesi 12 D:3", "postal_code": "34710", "hash_data": "bench-address",
            "country": place("Türkiye", "TR"), "city": place("İstanbul", "34"),
            "town": place("Kadıköy", "Kadıköy"), "district": place("Caferağa", "Caferağa"),
        });
        Self { address: address.to_string() }
    }
}

impl Shoppers for Akinon {
    fn steps(&self) -> Vec<&'static str> {
        STEPS.to_vec()
    }

    async fn walk(&self, conn: &mut Conn, n: u64, laps: &mut Laps) -> Result<(), Stop> {
        let mut page = Page { conn, laps, headers: HeaderMap::new() };
        page.begin().await?;
        page.put(STEPS[1], VARIANTS[0]).await?;
        let basket = page.put(STEPS[2], VARIANTS[1]).await?;
        let pk = basket.pk;
        page.shopper(STEPS[3], "Index", format!(r#"{{"basket_id":{pk}}}"#)).await?;
        let chosen = format!(r#"{{"basket_id":{pk},"checkout_provider":{PROVIDER}}}"#);
        page.shopper(STEPS[4], "Selection", chosen).await?;
        let session = page.session(pk).await?;
        let Listed { session_token: token, conversation_id: conversation } = &session;
        let address = &self.address;
        let body = format!(
            r#"{{"basket_id":{pk},"session_token":"{token}","shipping_address":{address},"billing_address":{address}}}"#
        );
        let offered: Offered = read(STEPS[5], &page.provider(STEPS[5], "AddressSelection", body).await?)?;
        let option = offered.shipping_options.first();
        let option = option.ok_or_else(|| odd(STEPS[5], "no shipping option"))?;
        let body = format!(r#"{{"basket_id":{pk},"conversation_id":"{conversation}"}}"#);
        page.provider(STEPS[6], "ShippingOption", body).await?;
        let email = format!("bench-{}@example.com", letters(n));
        let key = option.key;
        let body = format!(
            r#"{{"basket_id":{pk},"session_token":"{token}","shipping_option_key":{key},"code":"info","user":{{"email":"{email}"}}}}"#
        );
        page.provider(STEPS[7], "AgreementList", body).await?;
        let body = notification(&basket, &session, option, &email)?;
        let thanks: Thanks =
            read(STEPS[8], &page.provider_unfinished(STEPS[8], "Notification", body).await?)?;
        if thanks.return_url.is_empty() {
            return Err(odd(STEPS[8], "no order"));
        }
        page.laps.step();
        Ok(())
    }
}

/// What page six is told: the payment of the whole sum, at once.
fn notification(basket: &Basket, session: &Listed, option: &Offer, email: &str) -> Result<Bytes, Stop> {
    let total = cents(&basket.total_amount).zip(cents(&option.shipping_amount));
    let total = total.ok_or_else(|| odd(STEPS[8], "a sum that is none"))?;
    let total = total.0 + total.1;
    let item = |item: &Item| {
        json!({
            "sku": item.product.sku, "quantity": item.quantity, "basket_item_id": format!("item-{}", item.id),
        })
    };
    let items = serde_json::Value::from(basket.basketitem_set.iter().map(item).collect::<Vec<_>>());
    let (pk, conversation, key) = (basket.pk, &session.conversation_id, option.key);
    let body = format!(
        r#"{{"basket_id":{pk},"basket":{{"basket_items":{items}}},"agreements":true,"conversation_id":"{conversation}","is_successful":true,"akifast_user":{{"akinon_user_id":"{email}","name":"Bench","surname":"Shopper","email":"{email}"}},"transaction":{{"shipping_option_key":{key},"installment_count":1,"interest_amount":0,"total_paid_amount":{}.{:02},"is_threed":true,"payment_system_raw_response":"{{}}"}},"payment_info":{{"payment_system_code":"akbank"}},"card_info":[{{"bin":"454360"}}]}}"#,
        total / 100,
        total % 100,
    );
    Ok(body.into())
}

/// An amount with two decimals in hundredths.
fn cents(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (part.len() == 2 && digits(whole) && digits(part)).then_some(())?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)
}

/// A browser, and the provider's server behind it.
struct Page<'a> {
    conn: &'a mut Conn,
    laps: &'a mut Laps,
    /// The browser's cookies, and the token that its pages repeat.
    headers: HeaderMap,
}

impl Page<'_> {
    /// A new session, kept as a browser would.
    async fn begin(&mut self) -> Result<(), Stop> {
        let path = format!("{API}/csrf_token/");
        let answer = ask(self.conn, STEPS[0], (Method::GET, &path), Caller::Anonymous, "").await?;
        let cookies: Vec<_> = answer.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let csrf = answer.cookies.iter().find(|(name, _)| name == "csrftoken").map(|(_, value)| value);
        let csrf = csrf.and_then(|csrf| HeaderValue::from_str(csrf).ok());
        let cookies = HeaderValue::from_str(&cookies.join("; ")).ok();
        let (csrf, cookies) = csrf.zip(cookies).ok_or_else(|| odd(STEPS[0], "no cookies"))?;
        self.headers.insert("x-csrftoken", csrf);
        self.headers.insert(COOKIE, cookies);
        self.laps.step();
        Ok(())
    }

    /// One piece into the basket.
    async fn put(&mut self, step: &str, variant: i64) -> Result<Basket, Stop> {
        let body = format!(r#"{{"product":{variant},"quantity":1,"attributes":{{}}}}"#);
        let path = format!("{API}/baskets/basket/");
        let caller = Caller::Carrying(&self.headers);
        let answer = ask(self.conn, step, (Method::POST, &path), caller, body).await?;
        let filled: Filled = read(step, &answer)?;
        self.laps.step();
        Ok(filled.basket)
    }

    /// A page that the shopper's browser posts.
    async fn shopper(&mut self, step: &str, page: &str, body: String) -> Result<(), Stop> {
        let caller = Caller::Carrying(&self.headers);
        ask(self.conn, step, (Method::POST, &address_of(page)), caller, body).await?;
        self.laps.step();
        Ok(())
    }

    /// A page that the provider's server posts: no cookies.
    async fn provider(&mut self, step: &str, page: &str, body: String) -> Result<Answer, Stop> {
        let answer = self.provider_unfinished(step, page, body).await?;
        self.laps.step();
        Ok(answer)
    }

    /// The same, where more than the status decides whether the step succeeded.
    async fn provider_unfinished(
        &mut self,
        step: &str,
        page: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, Stop> {
        ask(self.conn, step, (Method::POST, &address_of(page)), Caller::Anonymous, body).await
    }

    /// What the provider knows of the session; no step of the journey.
    async fn session(&mut self, basket: i64) -> Result<Listed, Stop> {
        const WHAT: &str = "simulator's session";
        let path = format!("/simulator/sim/sessions?basket_id={basket}&limit=1");
        let answer = ask(self.conn, WHAT, (Method::GET, &path), Caller::Anonymous, "").await?;
        let listed: Vec<Listed> = read(WHAT, &answer)?;
        self.laps.forget();
        listed.into_iter().next().ok_or_else(|| odd(WHAT, "there is none"))
    }
}

fn address_of(page: &str) -> String {
    format!("{API}/orders/checkout-provider/?page=CheckoutProvider{page}Page")
}

#[derive(Deserialize)]
struct Filled {
    basket: Basket,
}

#[derive(Deserialize)]
struct Basket {
    pk: i64,
    total_amount: String,
    basketitem_set: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: i64,
    quantity: u32,
    product: Product,
}

#[derive(Deserialize)]
struct Product {
    sku: String,
}

#[derive(Deserialize)]
struct Listed {
    session_token: String,
    conversation_id: String,
}

#[derive(Deserialize)]
struct Offered {
    shipping_options: Vec<Offer>,
}

#[derive(Deserialize)]
struct Offer {
    key: i64,
    shipping_amount: String,
}

#[derive(Deserialize)]
struct Thanks {
    #[serde(default)]
    return_url: String,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::bench::fake_pages::{FakePages, Trouble};
    use crate::bench::load::{Level, Pace, measure};
    use crate::bench::stats::Stats;

    async fn measured(trouble: Trouble) -> Stats {
        let shop = FakePages::start(trouble).await;
        let (warm_up, window) = (Duration::ZERO, Duration::from_millis(300));
        let level = Level { pace: Pace::Closed, callers: 2, warm_up, window };
        measure(&shop.target, None, Arc::new(Akinon::new()), level, 0).await.unwrap().stats
    }

    #[tokio::test]
    async fn nine_requests_make_an_order() {
        let stats = measured(Trouble::None).await;
        assert!(stats.journeys() > 0 && stats.errors() == 0, "{}", stats.error_list());
        assert_eq!(stats.requests(), 9 * stats.journeys());
    }

    #[tokio::test]
    async fn an_answer_without_an_order_is_an_error() {
        let stats = measured(Trouble::Forgets).await;
        assert!(stats.journeys() == 0 && stats.errors() > 0);
        assert!(stats.error_list().contains("notification: odd answer: no order"), "{}", stats.error_list());
    }

    #[test]
    fn sums_are_read_exactly() {
        for (text, sum) in
            [("658.90", Some(65_890)), ("0.05", Some(5)), ("29.9", None), ("-1.00", None), ("7", None)]
        {
            assert_eq!(cents(text), sum, "{text}");
        }
    }
}
