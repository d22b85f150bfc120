//! The demo's own small HTTP client: one JSON call at a time, as a shop's front end would make it.

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;

#[derive(Debug)]
pub struct Client {
    pub address: SocketAddr,
    pub root: &'static str,
    headers: Vec<(&'static str, String)>,
}

/// An answer; `body` is null if it is no JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// `name=value` of each cookie that was set.
    pub cookies: Vec<String>,
    pub body: Value,
}

impl Client {
    pub fn new(address: SocketAddr, root: &'static str) -> Client {
        Client { address, root, headers: Vec::new() }
    }

    /// Sends this header from now on.
    pub fn send(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    /// The same caller at another root of the same server.
    pub fn at(&self, root: &'static str) -> Client {
        Client { address: self.address, root, headers: self.headers.clone() }
    }

    /// What is sent beside the usual.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// Calls `path` below the root.
    pub async fn call(&self, method: &Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(self.address).await.context("cannot reach the server")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header(HOST, self.address.to_string())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let response = sender.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
        let status = response.status();
        let set = response.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let cookies = set.filter_map(|cookie| cookie.split(';').next()).map(str::to_owned).collect();
        let bytes = response.into_body().collect().await?.to_bytes();
        driver.abort();
        Ok(Answer { status, cookies, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}
