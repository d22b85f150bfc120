//! The least HTTP client that can be: one connection a request, everything visible.

use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Someone who calls: a root, and the headers they always send.
#[derive(Clone)]
pub struct Caller {
    address: SocketAddr,
    root: &'static str,
    headers: Vec<(String, String)>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Caller {
    pub fn new(address: SocketAddr, root: &'static str) -> Caller {
        Caller { address, root, headers: Vec::new() }
    }

    /// The same caller at another API.
    #[allow(dead_code)] // this shop also serves the tests of other APIs
    pub fn at(&self, root: &'static str) -> Caller {
        Caller { root, ..self.clone() }
    }

    pub fn key(&self, key: &str) -> Caller {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    pub fn token(&self, token: &str) -> Caller {
        self.header("X-Spree-Order-Token", token)
    }

    pub fn header(&self, name: &str, value: &str) -> Caller {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.json_request("GET", path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.json_request("POST", path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.json_request("PUT", path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.json_request("PATCH", path, body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.json_request("DELETE", path, Value::Null).await
    }

    async fn json_request(&self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, path, "application/json", &body).await
    }

    pub async fn raw(&self, method: &str, path: &str, content_type: &str, body: &str) -> Reply {
        let Caller { address, root, headers } = self;
        let mut request =
            format!("{method} {root}{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Type: {content_type}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A server that refuses a large body may answer and close before all of it was written.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        Reply::parse(&bytes)
    }
}

impl Reply {
    fn parse(bytes: &[u8]) -> Reply {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Reply { status, headers, body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, after a look at the status.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { serde_json::from_str(&self.body).unwrap() }
    }
}
