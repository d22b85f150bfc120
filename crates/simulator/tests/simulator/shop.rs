//! A small shop on a loopback port that speaks to the stand-ins, and the stand-ins on another.
//!
//! The shop keeps what it was sent and answers as it is told; it knows no more than the protocol.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// One call that came in.
#[derive(Debug, Clone)]
pub struct Came {
    pub page: String,
    pub body: Value,
    pub text: String,
    pub headers: HeaderMap,
}

#[derive(Debug, Default)]
struct Kept {
    calls: Vec<Came>,
    /// Statuses to answer notifications and webhooks with, oldest first; then 200.
    statuses: Vec<u16>,
    conversation: String,
    token: String,
}

#[derive(Debug, Clone, Default)]
pub struct Shop(Arc<Mutex<Kept>>);

impl Shop {
    pub fn calls(&self, page: &str) -> Vec<Came> {
        self.0.lock().unwrap().calls.iter().filter(|call| call.page == page).cloned().collect()
    }

    pub fn answer_next_with(&self, statuses: &[u16]) {
        self.0.lock().unwrap().statuses = statuses.to_vec();
    }

    /// What the shop has agreed with the provider, which it checks.
    pub fn agree(&self, conversation: &str, token: &str) {
        let mut kept = self.0.lock().unwrap();
        kept.conversation = conversation.to_owned();
        kept.token = token.to_owned();
    }
}

/// Both, running.
#[derive(Debug)]
pub struct Town {
    pub shop: Shop,
    pub shop_url: String,
    pub sim_url: String,
    pub client: reqwest::Client,
}

pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Starts both; `change` may change the stand-ins' options.
pub async fn town(change: impl FnOnce(&mut simulator::Options)) -> Town {
    let shop = Shop::default();
    let router = Router::new()
        .route("/orders/checkout-provider/", post(checkout))
        .route(
            "/orders/checkout-provider-cancel/",
            get(|| async { (StatusCode::FOUND, [("location", "/basket/")]) }),
        )
        .route("/webhook", post(webhook))
        .route("/back", get(|| async { "back" }))
        .with_state(shop.clone());
    let shop_url = serve(router).await;
    // Nested as in the server, so that links prove that they honour the base path.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sim_url = format!("http://{}/simulator", listener.local_addr().unwrap());
    let mut options = simulator::Options::demo(&sim_url);
    options.pace.slow = std::time::Duration::from_millis(20);
    options.pace.retry = std::time::Duration::from_millis(5);
    change(&mut options);
    let router = Router::new().nest("/simulator", simulator::router(options).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Town { shop, shop_url, sim_url, client }
}

/// The shop's side of pages 3 to 6.
async fn checkout(
    State(shop): State<Shop>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    text: String,
) -> Response {
    let page = query["page"].clone();
    let body: Value = serde_json::from_str(&text).unwrap();
    let mut kept = shop.0.lock().unwrap();
    kept.calls.push(Came { page: page.clone(), body: body.clone(), text, headers });
    let refuse = |field: &str, sentence: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({ field: [sentence] }))).into_response()
    };
    let failed = "Verification failed, please try again";
    if body.get("session_token").is_some_and(|token| *token != kept.token.as_str()) {
        return refuse("session_token", failed);
    }
    if body.get("conversation_id").is_some_and(|word| *word != kept.conversation.as_str()) {
        return refuse("conversation_id", failed);
    }
    let answer = match page.as_str() {
        "CheckoutProviderAddressSelectionPage" if body["shipping_address"]["country"]["code"] != "TR" => {
            return refuse("shipping_address", "We deliver to <Türkiye> only.");
        }
        "CheckoutProviderAddressSelectionPage" => json!({"shipping_options": [
            {"key": 1, "name": "Standard <b>", "slug": "standard", "shipping_amount": "29.90", "description": null},
            {"key": 2, "name": "Express", "slug": "express", "shipping_amount": 49.90, "description": "tomorrow"},
        ]}),
        "CheckoutProviderShippingOptionPage" => json!({"agreements": [
            {"code": "info", "text": "Preliminary information"},
            {"code": "sales", "text": "Distance selling agreement"},
        ]}),
        "CheckoutProviderAgreementListPage" => json!({
            "code": body["code"], "text": "…", "agreement_body": format!("<p>Terms of {}</p>", query["code"]),
        }),
        "CheckoutProviderNotificationPage" => return notified(&mut kept, &body),
        other => panic!("nobody asks for {other}"),
    };
    Json(answer).into_response()
}

fn notified(kept: &mut Kept, body: &Value) -> Response {
    let status = if kept.statuses.is_empty() { 200 } else { kept.statuses.remove(0) };
    let refuse = |field: &str| (StatusCode::BAD_REQUEST, Json(json!({ field: ["No."] }))).into_response();
    if status != 200 {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    if body["agreements"] != true {
        return refuse("agreements");
    }
    if body["is_successful"] != true {
        return refuse("is_successful");
    }
    if body["basket"]["basket_items"][0]["quantity"] != 1 {
        return refuse("basket");
    }
    let t = &body["transaction"];
    let cents = |field: &str| (t[field].as_f64().unwrap() * 100.0).round() as i64;
    if cents("total_paid_amount")
        != cents("order_amount") + cents("shipping_amount") + cents("interest_amount")
    {
        return refuse("non_field_errors");
    }
    Json(json!({ "return_url": "http://shop.example/thanks/", "merchant_customer_id": 7 })).into_response()
}

async fn webhook(State(shop): State<Shop>, headers: HeaderMap, text: String) -> StatusCode {
    let body = serde_json::from_str(&text).unwrap();
    let mut kept = shop.0.lock().unwrap();
    kept.calls.push(Came { page: "webhook".to_owned(), body, text, headers });
    let status = if kept.statuses.is_empty() { 200 } else { kept.statuses.remove(0) };
    StatusCode::from_u16(status).unwrap()
}
