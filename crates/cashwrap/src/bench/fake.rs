//! A tiny shop for the benchmark's own tests: just enough of the Solidus API, with a flaw on demand.
//!
//! A judge that has never seen a guilty party cannot be trusted: each flaw must be found by the benchmark that
//! guards against it. Nothing here is used outside tests.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::client::Target;

/// What is wrong with the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Completes orders whatever is left of stock and coupon.
    Oversells,
    /// Charges before it refuses.
    ChargesLosers,
    /// Answers `complete` and takes the stock, but does not keep the order so.
    Forgets,
}

#[derive(Debug, Default)]
struct Order {
    state: &'static str,
    lines: Vec<(i64, i64)>,
    payment: Option<&'static str>,
    coupon: bool,
}

#[derive(Debug)]
struct Books {
    stock: BTreeMap<i64, i64>,
    orders: Vec<Order>,
    coupon_used: bool,
    syncs: u64,
}

/// The running shop.
#[derive(Debug)]
pub struct Fake {
    /// Where it listens.
    pub target: Target,
    silent: Arc<AtomicBool>,
}

impl Fake {
    /// Starts a shop with variants 1–3 (ample), 4 (scarce) and 5 (not on sale).
    pub async fn start(flaw: Flaw) -> Self {
        let stock = BTreeMap::from([(1, 10_000), (2, 10_000), (3, 10_000), (4, 5), (5, 10_000)]);
        let books = Books { stock, orders: Vec::new(), coupon_used: false, syncs: 0 };
        let books = Arc::new(Mutex::new(books));
        let silent = Arc::new(AtomicBool::new(false));
        let quiet = Arc::clone(&silent);
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let (books, quiet) = (Arc::clone(&books), Arc::clone(&quiet));
            async move {
                let (status, body) = books.lock().unwrap().answer(flaw, &method, &uri, &headers, &body);
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                if quiet.load(Ordering::SeqCst) {
                    // A body that fails breaks the connection, as a dying server would.
                    response = Response::new(Body::new(Gone));
                }
                response
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        Self { target, silent }
    }

    /// From now on no request gets a whole answer.
    pub fn silence(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// Answers again.
    pub fn speak(&self) {
        self.silent.store(false, Ordering::SeqCst);
    }
}

/// A body that breaks off at once.
struct Gone;

impl hyper::body::Body for Gone {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("gone"))))
    }
}

type Reply = (u16, Value);

fn refuse(status: u16, words: &str) -> Reply {
    (status, json!({"error": "refused", "errors": {"base": [words]}}))
}

impl Books {
    fn answer(
        &mut self,
        flaw: Flaw,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> (u16, String) {
        if uri.path() == "/metrics" {
            return (200, format!("cashwrap_store_syncs_total {}\n", self.syncs));
        }
        let body = serde_json::from_slice(body).unwrap_or_default();
        let path: Vec<_> = uri.path().strip_prefix("/solidus/api/").unwrap_or_default().split('/').collect();
        let admin = headers.get("authorization").is_some_and(|key| key == "Bearer sample-admin-key");
        let token = headers.get("x-spree-order-token").and_then(|token| token.to_str().ok());
        let (status, reply) = match path.as_slice() {
            ["orders" | "checkouts", number, rest @ ..] => {
                let nth = number.strip_prefix('R').and_then(|nth| nth.parse::<usize>().ok());
                let known = nth.filter(|nth| *nth < self.orders.len());
                let allowed = admin || token == Some(&*format!("token-{number}"));
                match known {
                    Some(nth) if allowed => self.order(flaw, nth, method, rest, &body),
                    _ => refuse(401, "You are not authorized to perform that action."),
                }
            }
            ["orders"] if method == Method::POST => self.create(&body),
            _ if admin => self.desk(method, &path, &body),
            _ => refuse(401, "You must specify an API key."),
        };
        (status, reply.to_string())
    }

    fn create(&mut self, body: &Value) -> Reply {
        let lines = body["order"]["line_items"].as_array().cloned().unwrap_or_default();
        let line = |line: &Value| (line["variant_id"].as_i64().unwrap(), line["quantity"].as_i64().unwrap());
        let lines: Vec<_> = lines.iter().map(line).collect();
        if lines.iter().any(|(variant, _)| *variant == 5) {
            return refuse(404, "not on sale");
        }
        self.orders.push(Order { state: "cart", lines, ..Order::default() });
        (201, self.view(self.orders.len() - 1))
    }

    fn order(&mut self, flaw: Flaw, nth: usize, method: &Method, rest: &[&str], body: &Value) -> Reply {
        let order = &mut self.orders[nth];
        match rest {
            [] if method == Method::GET => {}
            [] if order.state == "address" && body["order"]["email"].is_string() => order.state = "delivery",
            [] if order.state == "delivery" => {
                let chosen = &body["order"]["shipments_attributes"][0];
                assert_eq!(chosen, &json!({"id": 40 + nth, "selected_shipping_rate_id": 70}));
                order.state = "payment";
            }
            ["line_items"] => {
                order.lines.push((body["line_item"]["variant_id"].as_i64().unwrap(), 1));
                return (201, json!({"id": 1}));
            }
            ["coupon_codes"] if self.coupon_used => return refuse(422, "Coupon code usage limit exceeded"),
            ["coupon_codes"] => order.coupon = true,
            ["payments"] if order.state == "payment" => {
                order.payment = Some("checkout");
                return (201, json!({"id": 1}));
            }
            ["next"] if order.state == "cart" => order.state = "address",
            ["next"] if order.state == "payment" => order.state = "confirm",
            ["complete"] if order.state == "confirm" => return self.complete(flaw, nth),
            _ => return refuse(422, "cannot transition"),
        }
        (200, self.view(nth))
    }

    fn complete(&mut self, flaw: Flaw, nth: usize) -> Reply {
        let order = &self.orders[nth];
        let mut wanted = BTreeMap::new();
        for (variant, quantity) in &order.lines {
            *wanted.entry(*variant).or_insert(0) += quantity;
        }
        let short = wanted.iter().any(|(variant, quantity)| self.stock[variant] < *quantity);
        let used = order.coupon && self.coupon_used;
        if (short || used) && flaw != Flaw::Oversells {
            if flaw == Flaw::ChargesLosers {
                self.orders[nth].payment = Some("pending");
            }
            if short {
                return (422, json!({"errors": ["Quantity is not available"], "type": "insufficient_stock"}));
            }
            return refuse(422, "One or more of the promotions on your order have become ineligible");
        }
        for (variant, quantity) in wanted {
            *self.stock.get_mut(&variant).unwrap() -= quantity;
        }
        self.coupon_used |= order.coupon;
        self.syncs += 2;
        self.orders[nth].state = "complete";
        self.orders[nth].payment = Some("pending");
        let answer = self.view(nth);
        if flaw == Flaw::Forgets {
            self.orders[nth].state = "confirm";
        }
        (200, answer)
    }

    fn desk(&mut self, method: &Method, path: &[&str], body: &Value) -> Reply {
        let page = |key: &str, rows: Vec<Value>| (200, json!({key: rows, "pages": 1}));
        match path {
            ["orders"] => {
                let complete = self.orders.iter().filter(|order| order.state == "complete").count();
                (200, json!({"orders": [], "total_count": complete}))
            }
            ["products"] if method == Method::POST => {
                let variant = 1 + self.stock.keys().max().unwrap();
                self.stock.insert(variant, 0);
                (201, json!({"master": self.variant(variant)}))
            }
            ["products"] => {
                page("products", self.stock.keys().map(|id| json!({"master": self.variant(*id)})).collect())
            }
            ["variants"] => page("variants", self.stock.keys().map(|id| self.variant(*id)).collect()),
            ["variants", id] => (200, self.variant(id.parse().unwrap())),
            ["stock_items", id] => {
                let (variant, item) = (id.parse::<i64>().unwrap() - 100, &body["stock_item"]);
                assert_eq!(item["force"], true);
                self.stock.insert(variant, item["count_on_hand"].as_i64().unwrap());
                (200, self.variant(variant)["stock_items"][0].clone())
            }
            ["countries"] => {
                page("countries", vec![json!({"id": 9, "iso": "US"}), json!({"id": 8, "iso": "GB"})])
            }
            ["countries", "9"] => (200, json!({"id": 9, "states": [{"id": 3}]})),
            _ => refuse(404, "The resource you were looking for could not be found."),
        }
    }

    fn variant(&self, id: i64) -> Value {
        let count = self.stock[&id];
        let item = json!({"id": 100 + id, "count_on_hand": count});
        json!({"id": id, "sku": format!("SKU-{id}"), "total_on_hand": count, "stock_items": [item]})
    }

    fn view(&self, nth: usize) -> Value {
        let order = &self.orders[nth];
        let source = if order.coupon { "Spree::PromotionAction" } else { "Spree::TaxRate" };
        let adjustment = json!({"source_type": source, "eligible": true});
        let payments = order.payment.map(|state| json!({"state": state}));
        json!({
            "number": format!("R{nth:03}"),
            "token": format!("token-R{nth:03}"),
            "state": order.state,
            "line_items": order.lines.iter().map(|_| json!({"adjustments": [adjustment]})).collect::<Vec<_>>(),
            "adjustments": [],
            "payments": payments.into_iter().collect::<Vec<_>>(),
            "payment_methods": [{"id": 1, "partial_name": "gateway"}, {"id": 2, "partial_name": "check"}],
            "shipments": [{"id": 40 + nth, "shipping_rates": [{"id": 70}, {"id": 71}]}],
        })
    }
}
