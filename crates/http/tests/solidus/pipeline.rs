//! What happens around every handler, seen on an API that misbehaves on purpose.

use crate::support::*;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_api::apis::solidus;
use http_api::server::{Api, AppState, Config, Mount, Snag, assemble};
use std::sync::Arc;
use std::time::Duration;

fn routes() -> Router<AppState> {
    Router::new()
        .route("/panic", get(panics))
        .route("/sleep", get(|| tokio::time::sleep(Duration::from_secs(60))))
        .route("/shared", get(|| async { [("cache-control", "public")] }))
}

async fn panics() -> &'static str {
    panic!("a secret detail")
}

fn words(snag: Snag) -> Response {
    format!("words for {snag:?}").into_response()
}

const CLUMSY: Api = Api { name: "clumsy", roots: &["/clumsy"], routes, snag: words, ..solidus::API };

#[tokio::test]
async fn panics_delays_and_unknown_paths_are_told_in_the_apis_words() {
    let shop = Shop::open().await;
    let config = Config { request_timeout: Duration::from_millis(50), ..Config::default() };
    let state = AppState { engine: Arc::new(shop.engine.clone()), config: Arc::new(config) };
    let mounts =
        [Mount { api: CLUMSY, root: "/clumsy".into() }, Mount { api: solidus::API, root: String::new() }];
    let router = assemble(&state, &mounts);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let clumsy = Caller::new(address, "/clumsy");
    for (path, said) in [("/panic", "Broken"), ("/sleep", "TooSlow"), ("/nowhere", "NoSuchPath")] {
        let reply = clumsy.get(path).await;
        assert_eq!(reply.body, format!("words for {said}"), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(clumsy.get("/shared").await.header("cache-control"), Some("public"));
    // The same server, another API at the root.
    let root = Caller::new(address, "");
    assert_eq!(root.get("/nowhere").await.json(404), not_found());
    root.post("/orders", serde_json::json!({})).await.json(201);
}
