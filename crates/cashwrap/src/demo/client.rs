//! The demo's own small HTTP client: one JSON call at a time, as a shop's front end would make it.

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;

#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    root: &'static str,
}

/// An answer; `body` is null if it is no JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Client {
    pub fn new(address: SocketAddr, root: &'static str) -> Client {
        Client { address, root }
    }

    /// Calls `path` below the root; `secret` is the order's own, which is all a guest has.
    pub async fn call(
        &self,
        method: &Method,
        path: &str,
        secret: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(self.address).await.context("cannot reach the server")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header(HOST, self.address.to_string())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        if let Some(secret) = secret {
            request = request.header("X-Spree-Order-Token", secret);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let response = sender.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        driver.abort();
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}
