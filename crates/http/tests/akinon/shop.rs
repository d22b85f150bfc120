//! A shop behind a listening server, a provider in the same process, and a buyer who knows the way.

use crate::browser::{Browser, Reply};
use crate::rows;
use async_trait::async_trait;
use domain::Time;
use engine::outbox::{Courier, Outbox, Sessions};
use engine::ports::{
    CheckoutProvider, Clock, HashedAddress, OpenedSession, ProviderDown, SignedHeaders, StartSession, Store,
    Verified,
};
use engine::{Engine, Parts, SeededEntropy, ShiftClock, SystemClock};
use http_api::apis;
use http_api::server::{AppState, Config, Mount, Throttle, assemble};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use store::MemoryStore;

pub const INDEX: &str = "CheckoutProviderIndexPage";
pub const SELECTION: &str = "CheckoutProviderSelectionPage";
pub const ADDRESS: &str = "CheckoutProviderAddressSelectionPage";
pub const SHIPPING: &str = "CheckoutProviderShippingOptionPage";
pub const AGREEMENT: &str = "CheckoutProviderAgreementListPage";
pub const NOTIFICATION: &str = "CheckoutProviderNotificationPage";
pub const PAGES: [&str; 6] = [INDEX, SELECTION, ADDRESS, SHIPPING, AGREEMENT, NOTIFICATION];

pub const VERIFICATION_FAILED: &str = "Verification failed, please try again";

pub struct Shop {
    pub address: SocketAddr,
    pub engine: Engine,
    pub clock: Arc<ShiftClock>,
    pub provider: Arc<Fake>,
    pub outbox: Outbox,
}

/// A provider that opens sessions and remembers what it was told.
#[derive(Default)]
pub struct Fake {
    pub opened: Mutex<Vec<(StartSession, OpenedSession)>>,
    pub cancelled: Mutex<Vec<String>>,
    pub is_down: AtomicBool,
}

#[async_trait]
impl CheckoutProvider for Fake {
    async fn start(&self, session: StartSession) -> Result<OpenedSession, ProviderDown> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(ProviderDown("it is down".into()));
        }
        let mut all = self.opened.lock().unwrap();
        let opened = OpenedSession {
            token: format!("00000000-0000-4000-8000-{:012}", all.len() + 1),
            redirect_url: format!("https://pay.example/pay/{}", all.len() + 1),
            ends_at: None,
        };
        all.push((session, opened.clone()));
        Ok(opened)
    }

    fn verify(&self, headers: &SignedHeaders, _: &[u8], _: Time) -> Verified {
        match headers.signature.as_deref() {
            None => Verified::Absent,
            Some("good") => Verified::Good,
            Some(_) => Verified::Bad,
        }
    }

    fn check_address(&self, address: &HashedAddress) -> bool {
        address.hash != "forged"
    }

    async fn cancel(&self, token: &str) -> Result<(), ProviderDown> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(ProviderDown("it is down".into()));
        }
        self.cancelled.lock().unwrap().push(token.to_owned());
        Ok(())
    }
}

impl Shop {
    pub async fn open() -> Shop {
        Shop::with(Config { throttle: Arc::new(Throttle::off()), ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Shop {
        let clock = Arc::new(ShiftClock::new(Arc::new(SystemClock)));
        let memory = Arc::new(MemoryStore::new(rows::catalog()));
        let store: Arc<dyn Store> = Arc::clone(&memory) as Arc<dyn Store>;
        store.commit(rows::stock()).await.unwrap();
        let provider = Arc::new(Fake::default());
        let parts = Parts::new(store, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SeededEntropy::new(7)));
        let engine = Engine::new(parts.provider("fake", Arc::clone(&provider) as Arc<dyn CheckoutProvider>));
        let sessions: Arc<dyn Courier> = Arc::new(Sessions::new(engine.clone()));
        let outbox = Outbox::new(engine.clone(), memory, vec![sessions]);
        let state = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
        let mounts: Vec<Mount> = apis::ALL.iter().flat_map(Mount::usual).collect();
        let router = assemble(&state, &mounts);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Shop { address, engine, clock, provider, outbox }
    }

    /// A new browser, with a session and a token.
    pub async fn browser(&self) -> Browser {
        let browser = Browser::new(self.address);
        browser.get("/csrf_token/").await.is(200);
        browser
    }

    /// Somebody without cookies: the provider's server.
    pub fn server(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A buyer with these things in the basket.
    pub async fn buyer(&self, things: &[(i64, u32)]) -> Buyer<'_> {
        let browser = self.browser().await;
        let mut basket = Value::Null;
        for (product, quantity) in things {
            basket = add(&browser, *product, *quantity).await.is(201)["basket"].clone();
        }
        Buyer { shop: self, browser, basket: basket["pk"].as_i64().unwrap(), provider: rows::AKIFAST }
    }

    /// A buyer with one shirt, about to post this page.
    pub async fn before(&self, page: &str) -> Buyer<'_> {
        let buyer = self.buyer(&[(rows::SHIRT, 1)]).await;
        buyer.walk_to(page).await;
        buyer
    }
}

pub async fn add(browser: &Browser, product: i64, quantity: u32) -> Reply {
    browser
        .post("/baskets/basket/", &json!({"product": product, "quantity": quantity, "attributes": {}}))
        .await
}

pub struct Buyer<'a> {
    pub shop: &'a Shop,
    pub browser: Browser,
    pub basket: i64,
    pub provider: i64,
}

impl Buyer<'_> {
    /// What the provider was told last, and the secrets of its session.
    pub fn session(&self) -> (String, String) {
        let all = self.shop.provider.opened.lock().unwrap();
        let (asked, opened) = all.iter().rfind(|(asked, _)| asked.order.0 == self.basket).unwrap();
        (opened.token.clone(), asked.conversation.clone())
    }

    /// An honest body of a page.
    pub async fn body(&self, page: &str) -> Value {
        let basket_id = self.basket;
        match page {
            INDEX => json!({ "basket_id": basket_id }),
            SELECTION => json!({ "basket_id": basket_id, "checkout_provider": self.provider }),
            ADDRESS => json!({
                "basket_id": basket_id, "session_token": self.session().0,
                "shipping_address": address(), "billing_address": address(),
            }),
            SHIPPING => {
                json!({ "basket_id": basket_id, "conversation_id": self.session().1, "language": "en" })
            }
            AGREEMENT => json!({
                "basket_id": basket_id, "session_token": self.session().0, "code": "info",
                "shipping_option_key": rows::STANDARD, "user": {"email": "Ada@Example.com"},
            }),
            _ => self.notification().await,
        }
    }

    async fn notification(&self) -> Value {
        let basket = self.browser.get("/baskets/basket/").await.is(200)["basket"].clone();
        let cents = |text: &Value| text.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        let total = cents(&basket["total_amount"]) + 2_990;
        let items: Vec<Value> = basket["basketitem_set"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                json!({
                    "sku": item["product"]["sku"], "quantity": item["quantity"],
                    "basket_item_id": format!("item-{}", item["id"]),
                })
            })
            .collect();
        json!({
            "basket_id": self.basket,
            "basket": { "basket_items": items },
            "agreements": true,
            "conversation_id": self.session().1,
            "is_successful": true,
            "akifast_user": {
                "akinon_user_id": format!("ak-{}", self.basket), "name": "Ada", "surname": "Yılmaz",
                "email": format!("Ada.{}@Example.com", self.basket), "phone_number": "+905321112233",
            },
            "transaction": {
                "shipping_option_key": rows::STANDARD, "installment_count": 1, "interest_rate": 0,
                "interest_amount": 0, "total_paid_amount": total as f64 / 100.0, "is_threed": true,
                "payment_system_raw_response": "{\"Response\": \"Approved\"}",
            },
            "payment_info": { "payment_system_code": "akbank" },
            "card_info": [{ "bin": "435508" }],
        })
    }

    /// Posts a page: the first two as the browser, the others as the provider's server.
    pub async fn post(&self, page: &str, body: &Value) -> Reply {
        let by_browser = page == INDEX || page == SELECTION;
        let caller = if by_browser { self.browser.clone() } else { self.shop.server() };
        caller.post(&path(page), body).await
    }

    /// Posts an honest body, changed.
    pub async fn try_with(&self, page: &str, change: impl FnOnce(&mut Value)) -> Reply {
        let mut body = self.body(page).await;
        change(&mut body);
        self.post(page, &body).await
    }

    pub async fn honest(&self, page: &str) -> Value {
        self.try_with(page, |_| ()).await.is(200)
    }

    /// Posts every page before this one.
    pub async fn walk_to(&self, page: &str) {
        for before in PAGES.iter().take_while(|before| **before != page) {
            self.honest(before).await;
        }
    }

    /// The finished order as JSON, from the address that the provider was given.
    pub async fn order_of(&self, thanks: &Value) -> Value {
        let path = path_of(thanks["return_url"].as_str().unwrap());
        self.shop.server().get(&format!("{path}?format=json")).await.is(200)
    }
}

pub fn path(page: &str) -> String {
    format!("/orders/checkout-provider/?page={page}")
}

/// The path of an address.
pub fn path_of(url: &str) -> String {
    let rest = url.split_once("://").unwrap().1;
    rest[rest.find('/').unwrap()..].to_owned()
}

pub fn address() -> Value {
    json!({
        "name": "Ada", "surname": "Yılmaz", "phone_number": "+905321112233", "postal_code": "34710",
        "address_title": "Home", "line": "Bağdat Cad. No 12 D 4", "address_type": "CUSTOMER",
        "tax_no": null, "tax_office": null, "company_name": null, "notes": null,
        "hash_data": "b1946ac92492d2347c6235b4d2611184",
        "country": {"name": "Türkiye", "code": "TR"}, "city": {"name": "İstanbul", "code": "34"},
        "town": {"name": "Kadıköy", "code": "3401"}, "district": {"name": "Caferağa", "code": "340101"},
    })
}
