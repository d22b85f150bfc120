//! Tests of a running server: its endpoints, the routes it documents, its end, and the demo's walk through it.

use super::*;
use crate::cli::{DatabaseArgs, Format};
use crate::database::Database;
use crate::demo;
use crate::export;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;

const LOOPBACK: &str = "127.0.0.1:0";

fn sample(database: Database) -> ShopArgs {
    ShopArgs { store: shop::SAMPLE.to_owned(), database: DatabaseArgs { database } }
}

async fn server(mode: Mode) -> Server {
    Server::start(&sample(Database::Memory), LOOPBACK.parse().unwrap(), mode, "").await.unwrap()
}

async fn call(server: &Server, method: &str, path: &str, key: Option<&str>, body: &str) -> (u16, String) {
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header("Host", "localhost")
        .header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header("Authorization", format!("Bearer {key}"));
    }
    let request = request.body(Full::new(bytes::Bytes::from(body.to_owned()))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes: bytes::Bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

async fn get(server: &Server, path: &str) -> (u16, String) {
    call(server, "GET", path, None, "").await
}

#[tokio::test]
async fn the_operators_endpoints() {
    let server = server(Mode::Real).await;
    assert_eq!(get(&server, "/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(get(&server, "/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(get(&server, "/solidus/api/nowhere").await.0, 404);
    let metrics = get(&server, "/metrics").await.1;
    let syncs = metrics.lines().find_map(|line| line.strip_prefix("cashwrap_store_syncs_total "));
    assert!(syncs.unwrap().parse::<u64>().unwrap() > 0, "the sample store was written");
    assert!(
        metrics.contains("cashwrap_requests_total{class=\"solidus\",method=\"GET\",status=\"404\"} 1"),
        "{metrics}"
    );
    assert!(get(&server, "/docs").await.1.contains("Solidus"));
    assert_eq!(get(&server, "/docs/nothing").await.0, 404);
    assert_eq!(call(&server, "POST", "/admin/test/clock", Some("sample-admin-key"), "{}").await.0, 404);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn every_documented_route_is_there() {
    let server = server(Mode::Real).await;
    let document: serde_json::Value =
        serde_json::from_str(&get(&server, "/docs/solidus/openapi.json").await.1).unwrap();
    assert_eq!(document["servers"][0]["url"], "/solidus/api");
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        // Without a key and with an id that names nothing: who asks is looked at before what is asked for.
        let asked = path.replace(['{', '}'], "");
        for method in item.as_object().unwrap().keys() {
            let url = format!("/solidus/api{asked}");
            let (status, body) = call(&server, &method.to_uppercase(), &url, None, "{}").await;
            // Countries and states are open to everyone, so there an unknown id is a 404 of its own.
            let open = ["/countries/", "/states/"].iter().any(|part| asked.contains(part));
            assert!(open || status != 404, "{method} {path}: {status} {body}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} operations");
    assert_eq!(
        get(&server, "/solidus/api/orders/x/nothing").await.0,
        404,
        "a path that is not there is a 404"
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_test_clock_goes_forward_for_administrators_only() {
    let server = server(Mode::Test).await;
    let push = |key, body| call(&server, "POST", "/admin/test/clock", key, body);
    assert_eq!(push(None, "{\"advance_seconds\": 1}").await.0, 401);
    assert_eq!(push(Some("sample-customer-key"), "{\"advance_seconds\": 1}").await.0, 401);
    let now = |answer: (u16, String)| {
        assert_eq!(answer.0, 200, "{}", answer.1);
        let body: serde_json::Value = serde_json::from_str(&answer.1).unwrap();
        body["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
    };
    let before = now(push(Some("sample-admin-key"), "{\"advance_seconds\": 0}").await);
    let after = now(push(Some("sample-admin-key"), "{\"advance_seconds\": 1000}").await);
    assert!((1000..1060).contains(&(after - before)), "{before} {after}");
    assert_eq!(push(Some("sample-admin-key"), "{\"now\": \"2000-01-01T00:00:00Z\"}").await.0, 422);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_test_clock_is_for_this_machine_only() {
    let shop = sample(Database::Memory);
    let started = Server::start(&shop, "0.0.0.0:0".parse().unwrap(), Mode::Test, "").await;
    let error = started.err().expect("refused").to_string();
    assert!(error.contains("only listens on this machine"), "{error}");
}

#[tokio::test]
async fn the_walks_end_with_placed_orders_that_a_restart_still_knows() {
    let folder = tempfile::tempdir().unwrap();
    let shop = sample(Database::File(folder.path().join("shop.db")));
    let server = Server::start(&shop, LOOPBACK.parse().unwrap(), Mode::Test, "").await.unwrap();
    let orders = demo::walk(server.address).await.unwrap();
    let is_placed = |order: &serde_json::Value| order["state"] == "complete" || order["status"] == "paid";
    assert!(orders.iter().all(is_placed), "{orders:#?}");
    let order = &orders[0];
    server.stop().await.unwrap();

    let exported = async |format| {
        let mut text = Vec::new();
        export::write_orders(&shop::open_as_is(&shop).unwrap(), format, &mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    };
    let table = exported(Format::Csv).await;
    let row: Vec<&str> = table.lines().nth(1).unwrap().split(',').collect();
    assert_eq!((row[0], row[2]), (order["number"].as_str().unwrap(), "complete"), "{table}");
    assert_eq!(
        (row[4], row[14], row[18]),
        ("guest@example.com", order["total"].as_str().unwrap(), "US"),
        "{table}"
    );
    let documents = exported(Format::Jsonl).await;
    assert_eq!(
        documents.lines().count() + 1,
        table.lines().count(),
        "a line for each order, and the heading"
    );
    let document: serde_json::Value = serde_json::from_str(documents.lines().next().unwrap()).unwrap();
    assert_eq!(document["number"], order["number"]);
    let secret = order["token"].as_str().unwrap();
    assert!(!document.to_string().contains(secret) && document.get("secret").is_none());

    let server = Server::start(&shop, LOOPBACK.parse().unwrap(), Mode::Real, "").await.unwrap();
    let path = format!("/solidus/api/orders/{}", order["number"].as_str().unwrap());
    let (status, body) = call(&server, "GET", &path, Some("sample-admin-key"), "").await;
    assert_eq!(status, 200, "{body}");
    let again: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(again["state"], "complete");
    assert_eq!(again["total"], order["total"]);
    server.stop().await.unwrap();
}
