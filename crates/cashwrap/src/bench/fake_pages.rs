//! A tiny shop with the Akinon and Ping APIs and their simulator, for the benchmark's own tests.
//!
//! It knows just enough to tell a right request from a wrong one: cookies, tokens, sums and credit are checked, and a
//! wrong one is refused. Like `fake`, it can misbehave, so that the benchmark is seen to notice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::client::Target;

/// What is wrong with the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Says yes, but makes no order.
    Forgets,
    /// Writes whenever it is asked for a price.
    Writes,
    /// Takes money for credit and does not give it.
    Poor,
}

/// The running shop.
#[derive(Debug)]
pub struct FakePages {
    /// Where it listens.
    pub target: Target,
}

#[derive(Debug, Default)]
struct Books {
    /// Pieces in each basket.
    baskets: Vec<u32>,
    /// Cents by token.
    credit: BTreeMap<String, u64>,
    /// Buyers of top-ups that wait for their money, by order.
    top_ups: Vec<String>,
    commits: u64,
}

type Reply = (u16, Value);

impl FakePages {
    /// Starts the shop.
    pub async fn start(trouble: Trouble) -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let books = Arc::clone(&books);
            async move { books.lock().unwrap().answer(trouble, &method, &uri, &headers, &body) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        Self { target }
    }
}

impl Books {
    fn answer(
        &mut self,
        trouble: Trouble,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Response {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        if path == "/metrics" {
            let n = self.commits;
            return format!("cashwrap_store_commits_total {n}\ncashwrap_store_syncs_total {n}\n")
                .into_response();
        }
        if path == "/akinon/csrf_token/" && method == Method::GET {
            let mut response = "{}".into_response();
            for cookie in ["osessionid=own; Path=/", "csrftoken=secret; Path=/"] {
                response.headers_mut().append(SET_COOKIE, HeaderValue::from_static(cookie));
            }
            return response;
        }
        let is_shopper =
            header("cookie") == "osessionid=own; csrftoken=secret" && header("x-csrftoken") == "secret";
        let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        let is_application = header("x-application-api-private-key") == "app-priv-demo";
        let (status, reply) = if path == "/akinon/baskets/basket/" && is_shopper {
            self.put(&body)
        } else if let Some(page) = query.strip_prefix("page=CheckoutProvider") {
            page_of(trouble, page, is_shopper, &body)
        } else if path == "/simulator/sim/sessions" {
            let basket = query.strip_prefix("basket_id=").and_then(|rest| rest.strip_suffix("&limit=1"));
            let basket = basket.expect("one basket's newest session is asked for");
            (
                200,
                json!([{"session_token": format!("token-{basket}"), "conversation_id": format!("talk-{basket}")}]),
            )
        } else if let Some(order) = path.strip_prefix("/simulator/sim/payments/") {
            self.paid(trouble, order)
        } else if path == "/solidus/api/users" && token == "sample-admin-key" {
            (201, json!({"id": 1, "email": body["user"]["email"]}))
        } else if let (Some(tail), true) = (path.strip_prefix("/ping/1.0/private/user/"), is_application) {
            self.ping(trouble, tail, token, &body)
        } else {
            (404, json!({"error": "Not found."}))
        };
        (StatusCode::from_u16(status).unwrap(), reply.to_string()).into_response()
    }

    fn put(&mut self, body: &Value) -> Reply {
        let second = body["product"] == 2;
        if !second {
            self.baskets.push(0);
        }
        // Callers take turns here, and a basket belongs to nobody: its newest one will do.
        let pk = self.baskets.len();
        let item = |id: i64| json!({"id": id, "quantity": 1, "product": {"sku": format!("SKU-{id}")}});
        let items = if second { vec![item(1), item(2)] } else { vec![item(1)] };
        let sum = if second { "658.90" } else { "199.90" };
        (201, json!({"basket": {"pk": pk, "total_amount": sum, "basketitem_set": items}}))
    }

    fn paid(&mut self, trouble: Trouble, order: &str) -> Reply {
        let nth: Option<usize> = order.strip_suffix("/run").and_then(|nth| nth.parse().ok());
        let Some(token) = nth.and_then(|nth| self.top_ups.get(nth)) else { return (404, Value::Null) };
        if trouble != Trouble::Poor {
            *self.credit.entry(token.clone()).or_default() += 1_000_000;
        }
        (200, json!({"deliveries": [{"status": 200}]}))
    }

    fn ping(&mut self, trouble: Trouble, tail: &str, token: &str, body: &Value) -> Reply {
        match tail {
            "customer/login" => (200, json!({"data": {"access_token": body["customer_email_address"]}})),
            "cart/calculate" => {
                self.commits += u64::from(trouble == Trouble::Writes);
                let validated = body["validate_payment_platform"] == true;
                (200, json!({"data": {"is_valid": true, "payment_platform_validated": validated}}))
            }
            "checkout/create" if body["is_top_up"] == true => {
                self.top_ups.push(token.to_owned());
                (201, json!({"data": {"order_id": (self.top_ups.len() - 1).to_string()}}))
            }
            "checkout/create" if trouble == Trouble::Forgets => (201, json!({"data": {"status": "failed"}})),
            "checkout/create" => match self.credit.get_mut(token).filter(|credit| **credit >= 800) {
                Some(credit) => {
                    *credit -= 800;
                    self.commits += 1;
                    (201, json!({"data": {"status": "paid"}}))
                }
                None => (422, json!({"error": "refused", "code": "payment_method_not_allowed"})),
            },
            _ => (404, Value::Null),
        }
    }
}

/// One page of the checkout with a provider, its number in the contract's order.
fn page_of(trouble: Trouble, page: &str, is_shopper: bool, body: &Value) -> Reply {
    let basket = &body["basket_id"];
    let token = body["session_token"] == format!("token-{basket}");
    let talk = body["conversation_id"] == format!("talk-{basket}");
    match page {
        "IndexPage" if is_shopper => (200, json!({"checkout_providers": [{"pk": 1}]})),
        "SelectionPage" if is_shopper && body["checkout_provider"] == 1 => (200, json!({})),
        "AddressSelectionPage" if token && body["billing_address"]["country"]["code"] == "TR" => {
            (200, json!({"shipping_options": [{"key": 7, "shipping_amount": "29.90"}]}))
        }
        "ShippingOptionPage" if talk => (200, json!({"agreements": []})),
        "AgreementListPage" if token && body["shipping_option_key"] == 7 => (200, json!({"code": "info"})),
        "NotificationPage"
            if talk
                && body["transaction"]["total_paid_amount"].as_f64() == Some(688.8)
                && body["basket"]["basket_items"][1]["basket_item_id"] == "item-2" =>
        {
            let url = if trouble == Trouble::Forgets { "" } else { "http://shop.test/done/1" };
            (200, json!({"return_url": url}))
        }
        _ => (400, json!({"error": [format!("wrong: {page}")]})),
    }
}
