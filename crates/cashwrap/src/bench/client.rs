//! One keep-alive HTTP/1.1 connection, as a shopper's browser or a front end would hold it.
//!
//! The load generator shares the machine with the server it measures, so this client does as little as
//! possible: no pool, no redirects, no decompression, one request at a time. A request that may have reached
//! the server is never sent twice: whoever counts answers must know that each one belongs to one request.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest wait for one answer. Far above any figure worth reporting; a request that takes longer is an error.
const DEADLINE: Duration = Duration::from_secs(30);

/// Longest answer read. A basket of 1 100 lines, the largest real one known, answers about 2 MB.
const LONGEST_ANSWER: usize = 64 << 20;

/// Where the server listens: `http://host:port`, with an optional path in front of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    authority: String,
    prefix: String,
}

impl Target {
    /// Reads an address such as `http://127.0.0.1:8080`. Only plain HTTP: TLS would measure the generator.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let Some(rest) = url.trim().strip_prefix("http://") else {
            bail!("`{url}` is not an address the benchmark can use: it must begin with http://");
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.is_empty() {
            bail!("`{url}` names no host");
        }
        let authority = match authority.rsplit_once(':') {
            Some((_, port)) if port.parse::<u16>().is_ok() => authority.to_owned(),
            _ => format!("{authority}:80"),
        };
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { authority, prefix })
    }

    /// The address, as `parse` takes it.
    #[cfg(test)]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.prefix)
    }
}

/// Who is asking.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// Nobody in particular.
    Anonymous,
    /// The holder of an order's secret.
    Guest(&'a str),
    /// The holder of an API key.
    Key(&'a str),
    /// Whoever these headers make one: cookies, keys of an application.
    Carrying(&'a HeaderMap),
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Bytes,
    /// Names and values of the cookies it sets.
    pub cookies: Vec<(String, String)>,
}

impl Answer {
    /// True for 200–299: what the server promises to keep.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A connection that is opened when first needed and again after the server closed it.
#[derive(Debug)]
pub struct Conn {
    target: Target,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Conn {
    /// A connection to `target`; nothing is opened yet.
    pub fn new(target: &Target) -> Self {
        Self { target: target.clone(), sender: None }
    }

    /// Opens the connection now, so that the first request does not pay for it.
    pub async fn open(&mut self) -> anyhow::Result<()> {
        self.ready().await.map(|_| ())
    }

    /// Sends one request and reads its whole answer. An error means that no answer was received; whether the
    /// server acted is then unknown.
    pub async fn call(
        &mut self,
        method: Method,
        path: &str,
        caller: Caller<'_>,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Answer> {
        let request = self.request(method, path, caller, body.into())?;
        self.send(request).await
    }

    /// As `call`, under an idempotency key: sent again after an error, it still acts once.
    pub async fn call_once(
        &mut self,
        method: Method,
        path: &str,
        caller: Caller<'_>,
        body: impl Into<Bytes>,
        once: &str,
    ) -> anyhow::Result<Answer> {
        let mut request = self.request(method, path, caller, body.into())?;
        request.headers_mut().insert("idempotency-key", HeaderValue::from_str(once)?);
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let outcome = tokio::time::timeout(DEADLINE, self.exchange(request)).await;
        let outcome = outcome.unwrap_or_else(|_| bail!("no answer within {} s", DEADLINE.as_secs()));
        if outcome.is_err() {
            // The stream may hold half an answer; the next request must not read it.
            self.sender = None;
        }
        outcome
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        caller: Caller<'_>,
        body: Bytes,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut builder = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.target.prefix))
            .header(HOST, self.target.authority.as_str());
        if !body.is_empty() {
            builder = builder.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        builder = match caller {
            Caller::Anonymous => builder,
            Caller::Guest(token) => builder.header("x-spree-order-token", token),
            Caller::Key(key) => builder.header(AUTHORIZATION, format!("Bearer {key}")),
            Caller::Carrying(headers) => {
                headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value))
            }
        };
        builder.body(Full::new(body)).with_context(|| format!("`{path}` cannot be asked for"))
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let response = self.ready().await?.send_request(request).await.context("the connection broke")?;
        let status = response.status().as_u16();
        let cookies = cookies(response.headers());
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|cause| anyhow::anyhow!("the answer broke off: {cause}"))?.to_bytes();
        Ok(Answer { status, body, cookies })
    }

    async fn ready(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let usable = match self.sender.as_mut() {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            self.sender = None;
            let stream = TcpStream::connect(&self.target.authority).await;
            let stream = stream.with_context(|| format!("cannot connect to {}", self.target.authority))?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            // A broken connection shows itself to the caller as a failed request; nothing is lost here.
            tokio::spawn(async move { drop(connection.await) });
            self.sender = Some(sender);
        }
        self.sender.as_mut().context("the connection was not kept")
    }
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter_map(|value| value.split(';').next()?.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_read_without_their_attributes() {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("a=1; Path=/; HttpOnly"));
        headers.append(SET_COOKIE, HeaderValue::from_static("b=x=y"));
        headers.append(SET_COOKIE, HeaderValue::from_static("nonsense"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(cookies(&headers), [pair("a", "1"), pair("b", "x=y")]);
    }

    #[test]
    fn addresses() {
        let parse = |url| Target::parse(url).map(|target| (target.authority, target.prefix)).ok();
        let found = |authority: &str, prefix: &str| Some((authority.to_owned(), prefix.to_owned()));
        assert_eq!(parse("http://127.0.0.1:8080"), found("127.0.0.1:8080", ""));
        assert_eq!(parse("http://127.0.0.1:8080/"), found("127.0.0.1:8080", ""));
        assert_eq!(parse("http://shop.test/behind/proxy/"), found("shop.test:80", "/behind/proxy"));
        assert_eq!(parse("http://[::1]:9000"), found("[::1]:9000", ""));
        assert_eq!(parse("http://[::1]"), found("[::1]:80", ""));
        assert_eq!(parse("https://shop.test"), None);
        assert_eq!(parse("http:///x"), None);
    }
}
