//! A buyer with a browser and a basket, who knows the way through a provider's checkout; and honest bodies for every page.

use crate::town::{Reply, Town, send};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub const INDEX: &str = "CheckoutProviderIndexPage";
pub const SELECTION: &str = "CheckoutProviderSelectionPage";
pub const ADDRESS: &str = "CheckoutProviderAddressSelectionPage";
pub const SHIPPING: &str = "CheckoutProviderShippingOptionPage";
pub const AGREEMENT: &str = "CheckoutProviderAgreementListPage";
pub const NOTIFICATION: &str = "CheckoutProviderNotificationPage";

pub const SHIRT: i64 = 1;
pub const JEANS: i64 = 2;
/// The standard way to be delivered to costs 29.90.
pub const DELIVERY: i64 = 2_990;

pub struct Buyer<'a> {
    pub town: &'a Town,
    cookies: Mutex<BTreeMap<String, String>>,
    csrf: String,
    pub basket: i64,
}

/// A session as the provider knows it.
#[derive(Debug, Clone)]
pub struct Session {
    pub token: String,
    pub conversation: String,
    /// What the shop asked for.
    pub request: Value,
}

impl<'a> Buyer<'a> {
    /// With these things in the basket: product and quantity.
    pub fn new(town: &'a Town, things: &[(i64, u32)]) -> Buyer<'a> {
        let mut buyer = Buyer { town, cookies: Mutex::default(), csrf: String::new(), basket: 0 };
        let csrf = buyer.ask("GET", "/csrf_token/", None).is(200);
        buyer.csrf = csrf["csrf_token"].as_str().unwrap().to_owned();
        for (product, quantity) in things {
            let wanted = json!({ "product": product, "quantity": quantity });
            let added = buyer.ask("POST", "/baskets/basket/", Some(&wanted)).is(201);
            buyer.basket = added["basket"]["pk"].as_i64().unwrap();
        }
        buyer
    }

    /// A buyer who has chosen the provider.
    pub fn at_provider(town: &'a Town, things: &[(i64, u32)]) -> (Buyer<'a>, Session) {
        let buyer = Buyer::new(town, things);
        buyer.post(INDEX, &json!({ "basket_id": buyer.basket })).is(200);
        let session = buyer.select();
        (buyer, session)
    }

    pub fn cookie(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.try_to_ask(method, path, body).unwrap()
    }

    /// The same where the shop may be gone.
    fn try_to_ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Reply, ureq::Error> {
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("x-csrftoken", self.csrf.as_str())];
        let url = format!("{}{path}", self.town.shop_url);
        let reply = send(method, &url, &headers, body.map(Value::to_string).as_deref())?;
        for cookie in &reply.cookies {
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        Ok(reply)
    }

    /// Posts a page with the browser's cookies.
    pub fn post(&self, page: &str, body: &Value) -> Reply {
        self.ask("POST", &path(page), Some(body))
    }

    pub fn choose_provider(&self) -> Reply {
        self.try_to_choose_provider().unwrap()
    }

    /// The same where the shop may be gone.
    pub fn try_to_choose_provider(&self) -> Result<Reply, ureq::Error> {
        let choice = json!({ "basket_id": self.basket, "checkout_provider": 1 });
        self.try_to_ask("POST", &path(SELECTION), Some(&choice))
    }

    /// Chooses the provider: its newest session.
    pub fn select(&self) -> Session {
        let chosen = self.choose_provider().is(200);
        let url = format!("{}/sim/sessions?basket_id={}&limit=1", self.town.provider_url, self.basket);
        let listed = send("GET", &url, &[], None).unwrap().is(200);
        let text = |key: &str| listed[0][key].as_str().unwrap().to_owned();
        assert_eq!(chosen["redirect_url"], listed[0]["redirect_url"]);
        let (token, conversation) = (text("session_token"), text("conversation_id"));
        Session { token, conversation, request: listed[0]["request"].clone() }
    }

    pub fn set(&self, product: i64, quantity: u32) -> Reply {
        let wanted = json!({ "product": product, "quantity": quantity });
        self.ask("PUT", "/baskets/basket/", Some(&wanted))
    }

    /// The basket's items: product and quantity.
    pub fn items(&self) -> Vec<(i64, u64)> {
        let basket = self.ask("GET", "/baskets/basket/", None).is(200)["basket"].clone();
        let items = basket["basketitem_set"].as_array().unwrap();
        let item =
            |item: &Value| (item["product"]["pk"].as_i64().unwrap(), item["quantity"].as_u64().unwrap());
        items.iter().map(item).collect()
    }

    /// Pieces of the first thing in the basket that can be had at this moment.
    pub fn stock(&self) -> i64 {
        let basket = self.ask("GET", "/baskets/basket/", None).is(200);
        basket["basket"]["basketitem_set"][0]["product"]["stock"].as_i64().unwrap()
    }

    /// The checkout as the storefront sees it: the page that is expected, and the pre-order.
    pub fn checkout(&self) -> (String, Value) {
        let shown = self.ask("GET", "/orders/checkout/", None).is(200);
        let page = shown["context_list"][0]["page_name"].as_str().unwrap().to_owned();
        (page, shown["pre_order"].clone())
    }

    /// An honest body of a page that the provider posts.
    pub fn body(&self, page: &str, session: &Session) -> Value {
        let (basket_id, token) = (self.basket, &session.token);
        match page {
            ADDRESS => json!({
                "basket_id": basket_id, "session_token": token,
                "shipping_address": address(), "billing_address": address(),
            }),
            SHIPPING => json!({ "basket_id": basket_id, "conversation_id": session.conversation }),
            AGREEMENT => json!({
                "basket_id": basket_id, "session_token": token, "code": "info", "shipping_option_key": 1,
                "user": { "email": "ada@example.com" },
            }),
            NOTIFICATION => self.notification(session),
            other => panic!("the provider posts no {other}"),
        }
    }

    fn notification(&self, session: &Session) -> Value {
        let goods = (session.request["amount"].as_f64().unwrap() * 100.0).round();
        json!({
            "basket_id": self.basket,
            "basket": session.request["basket"],
            "agreements": true,
            "conversation_id": session.conversation,
            "is_successful": true,
            "akifast_user": {
                "akinon_user_id": format!("user-of-{}", self.basket), "name": "Ada", "surname": "Yılmaz",
                "email": format!("ada.{}@example.com", self.basket),
            },
            "transaction": {
                "shipping_option_key": 1, "installment_count": 1, "interest_amount": 0, "is_threed": true,
                "total_paid_amount": (goods + DELIVERY as f64) / 100.0,
                "payment_system_raw_response": "{\"Response\": \"Approved\"}",
            },
            "payment_info": { "payment_system_code": "akbank" },
            "card_info": [{ "bin": "435508" }],
        })
    }

    /// Posts honest pages as the provider's server does.
    pub fn provider_posts(&self, pages: &[&str], session: &Session) {
        for page in pages {
            self.town.post(&path(page), &self.body(page, session)).is(200);
        }
    }
}

/// The provider's own page, as a browser fills it in.
pub struct HostedPage<'a> {
    town: &'a Town,
    url: String,
}

impl<'a> HostedPage<'a> {
    /// Filled in up to the payment: the shop was asked for everything but that.
    pub fn before_paying(town: &'a Town, session: &Session) -> HostedPage<'a> {
        let page = HostedPage { town, url: format!("{}/pay/{}", town.provider_url, session.token) };
        // Everybody is somebody else, so that nobody's account is in another one's way.
        let who = &session.token;
        let person = format!(
            "email={who}%40example.com&name=Ada&surname=Y&phone_number=%2B905551112233&address_title=Ev\
             &line=Moda+Caddesi+12&postal_code=34710&country=TR&city=34&town=K&district=C&akinon_user_id={who}"
        );
        assert_eq!(page.form("address", &person).status, 200);
        assert_eq!(page.form("shipping", "option=1").status, 200);
        page
    }

    fn form(&self, step: &str, fields: &str) -> Reply {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        send("POST", &format!("{}/{step}", self.url), &headers, Some(fields)).unwrap()
    }

    /// Presses "pay": the address of the completed order, or why the money goes back.
    pub fn pay(&self) -> Result<String, String> {
        let reply = self.form("pay", "bin=454360&installments=1&accept=yes&press=pay");
        if reply.status == 303 {
            let to = reply.location.unwrap();
            assert!(to.starts_with(&format!("{}/orders/checkout-provider-completed/", self.town.shop_url)));
            return Ok(to);
        }
        let page = reply.body.as_str().unwrap().to_owned();
        let (_, from) = page.split_once(r#"role="alert">"#).unwrap_or_else(|| panic!("{page}"));
        let told = from.split_once("</p>").unwrap().0;
        assert!(told.ends_with("What was charged goes back to your card."), "{told}");
        Err(told.to_owned())
    }
}

pub fn path(page: &str) -> String {
    format!("/orders/checkout-provider/?page={page}")
}

/// The completed order as JSON, from the address that the provider was given.
pub fn completed(return_url: &str) -> Value {
    let body = send("GET", &format!("{return_url}?format=json"), &[], None).unwrap().is(200);
    body["order"].clone()
}

/// The order's number, which is inside the signed link.
pub fn number_in(return_url: &str) -> String {
    let signed = return_url.trim_end_matches('/').rsplit('/').next().unwrap();
    signed.split(':').next().unwrap().to_owned()
}

fn address() -> Value {
    json!({
        "name": "Ada", "surname": "Yılmaz", "phone_number": "+905321112233", "postal_code": "34710",
        "address_title": "Home", "line": "Bağdat Cad. No 12 D 4", "address_type": "CUSTOMER",
        "hash_data": "b1946ac92492d2347c6235b4d2611184",
        "country": {"name": "Türkiye", "code": "TR"}, "city": {"name": "İstanbul", "code": "34"},
        "town": {"name": "Kadıköy", "code": "3401"}, "district": {"name": "Caferağa", "code": "340101"},
    })
}
