//! Our clients against the stand-ins, over HTTP on loopback ports.

#![allow(clippy::unwrap_used)] // helpers of tests may panic like tests

mod akifast;
mod platform;
mod wallet;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use engine::ports::SignedHeaders;
use std::sync::{Arc, Mutex};

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// The stand-ins at a base path; their address.
async fn simulator(change: impl FnOnce(&mut simulator::Options)) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/simulator", listener.local_addr().unwrap());
    let mut options = simulator::Options::demo(&url);
    change(&mut options);
    let router = Router::new().nest("/simulator", simulator::router(options).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Somebody who writes down what comes and answers with what was put ready.
#[derive(Debug, Clone, Default)]
struct Listener(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    calls: Vec<(String, HeaderMap, Vec<u8>)>,
    answers: Vec<(u16, &'static str)>,
}

impl Listener {
    /// Answers in order; the last one again and again.
    fn with(answers: &[(u16, &'static str)]) -> Listener {
        let heard = Heard { calls: Vec::new(), answers: answers.to_vec() };
        Listener(Arc::new(Mutex::new(heard)))
    }

    async fn start(&self) -> String {
        serve(Router::new().fallback(any(listen)).with_state(self.clone())).await
    }

    fn calls(&self) -> Vec<(String, HeaderMap, Vec<u8>)> {
        self.0.lock().unwrap().calls.clone()
    }
}

async fn listen(
    State(listener): State<Listener>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> (StatusCode, &'static str) {
    let mut heard = listener.0.lock().unwrap();
    heard.calls.push((uri.to_string(), headers, body.to_vec()));
    let place = (heard.calls.len() - 1).min(heard.answers.len() - 1);
    let (status, text) = heard.answers[place];
    (StatusCode::from_u16(status).unwrap(), text)
}

fn signed(headers: &HeaderMap) -> SignedHeaders {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    SignedHeaders {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
    }
}

async fn post(url: &str, body: serde_json::Value) -> serde_json::Value {
    let client = outbound::http::client(std::time::Duration::from_secs(20)).unwrap();
    client.post(url).json(&body).send().await.unwrap().json().await.unwrap()
}
