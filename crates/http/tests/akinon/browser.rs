//! Somebody who calls: with cookies like a browser, or without like a provider's server.

use crate::schema;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    root: &'static str,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
    headers: Vec<(String, String)>,
    /// Whether unsafe requests show the token, as the shop's own pages do.
    shows_token: bool,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Browser {
    pub fn new(address: SocketAddr) -> Browser {
        Browser { address, root: "", jar: Arc::default(), headers: Vec::new(), shows_token: true }
    }

    /// The same browser at the API's own root.
    pub fn at(&self, root: &'static str) -> Browser {
        Browser { root, ..self.clone() }
    }

    pub fn with(&self, name: &str, value: &str) -> Browser {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    /// A page of somebody else's in this browser: cookies go along, the token does not.
    pub fn without_token(&self) -> Browser {
        Browser { shows_token: false, ..self.clone() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.json("GET", path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.json("PUT", path, body).await
    }

    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, "application/json", &body).await
    }

    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: &str) -> Reply {
        let mut request = format!("{method} {}{path} HTTP/1.1\r\nHost: {}\r\n", self.root, self.address);
        request.push_str("Connection: close\r\n");
        let mut headers = self.headers.clone();
        {
            let jar = self.jar.lock().unwrap();
            let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !cookies.is_empty() {
                headers.push(("Cookie".to_owned(), cookies.join("; ")));
            }
            if let Some(token) = jar.get("csrftoken").filter(|_| self.shows_token && method != "GET") {
                headers.push(("X-CSRFToken".to_owned(), token.clone()));
            }
        }
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses a large body may answer and close before all of it was written.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let reply = Reply::parse(&bytes);
        self.keep(&reply);
        reply.check(path);
        reply
    }

    fn keep(&self, reply: &Reply) {
        let mut jar = self.jar.lock().unwrap();
        for (_, value) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((name, value)) = value.split(';').next().and_then(|pair| pair.split_once('=')) {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
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

    /// Every answer is held against the schema, whatever a test asks of it.
    fn check(&self, path: &str) {
        let is_json = self.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        if is_json && let Some(part) = schema::part(path, self.status) {
            schema::holds(part, &serde_json::from_str(&self.body).unwrap());
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as JSON, after a look at the status.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { serde_json::from_str(&self.body).unwrap() }
    }
}
