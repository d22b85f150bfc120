//! Calls to a shop, with a record of each: what was sent, what came back.
//!
//! Redirects are recorded, never followed. Answers are kept up to a bound.

use crate::clock::Clock;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, LOCATION};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Once;
use std::time::{Duration, Instant};

/// Most bytes of an answer that are kept in a record: an agreement is some ten kilobytes.
const ANSWER_KEPT: usize = 256 * 1024;

/// One call and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// What it was for, in words.
    pub step: String,
    pub method: &'static str,
    pub url: String,
    pub body: Option<Box<RawValue>>,
    /// Whether it carried a signature.
    pub signed: bool,
    /// `None`: no answer.
    pub status: Option<u16>,
    /// The body as JSON, or as text if it is none.
    pub answer: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The answer came, and was thrown away as if it had not.
    pub lost: bool,
    pub took_ms: u64,
}

impl Call {
    pub fn is_ok(&self) -> bool {
        self.status == Some(200) && !self.lost
    }

    /// Nobody knows what became of it: no answer, or one that says so.
    pub fn is_unanswered(&self) -> bool {
        self.lost || self.status.is_none_or(|status| status >= 500)
    }
}

/// How a call proves who sends it.
#[derive(Debug, Clone, Copy)]
pub enum Signed<'a> {
    No,
    With(&'a str),
    /// Signed with another secret than agreed.
    Wrongly,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Caller {
    client: reqwest::Client,
    clock: Clock,
}

impl Caller {
    pub fn new(answer: Duration, clock: Clock) -> Result<Caller, String> {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // Somebody who chose a provider before is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder()
            .timeout(answer)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("cashwrap-simulator")
            .build()
            .map_err(|cause| cause.to_string())?;
        Ok(Caller { client, clock })
    }

    /// Posts JSON text.
    pub async fn post(&self, step: &str, url: &str, body: Box<RawValue>, signed: Signed<'_>) -> Call {
        let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
        self.post_as(step, url, body, signed, &id).await
    }

    /// The same as the message `id`.
    pub async fn post_as(
        &self,
        step: &str,
        url: &str,
        body: Box<RawValue>,
        signed: Signed<'_>,
        id: &str,
    ) -> Call {
        let headers = signature(id, body.get(), signed, self.clock.now().as_second());
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("accept", "application/json")
            .headers(headers)
            .body(body.get().to_owned());
        let is_signed = !matches!(signed, Signed::No);
        let call = Call { signed: is_signed, body: Some(body), ..empty(step, "POST", url) };
        finish(call, request).await
    }

    /// Goes where a browser would be sent.
    pub async fn visit(&self, step: &str, url: &str, cookie: Option<&str>) -> Call {
        let mut request = self.client.get(url).header("accept", "text/html,application/json");
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        finish(empty(step, "GET", url), request).await
    }
}

fn empty(step: &str, method: &'static str, url: &str) -> Call {
    Call {
        step: step.to_owned(),
        method,
        url: url.to_owned(),
        body: None,
        signed: false,
        status: None,
        answer: Value::Null,
        location: None,
        error: None,
        lost: false,
        took_ms: 0,
    }
}

async fn finish(mut call: Call, request: reqwest::RequestBuilder) -> Call {
    let begun = Instant::now();
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            call.location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
            match response.bytes().await {
                Ok(bytes) => {
                    call.status = Some(status);
                    call.answer = answer(&bytes);
                }
                Err(cause) => call.error = Some(cause.to_string()),
            }
        }
        Err(cause) => call.error = Some(cause.to_string()),
    }
    call.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    call
}

fn answer(bytes: &[u8]) -> Value {
    let kept = &bytes[..bytes.len().min(ANSWER_KEPT)];
    if kept.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(kept).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(kept).into_owned()))
}

/// Standard Webhooks headers over a body.
fn signature(id: &str, body: &str, signed: Signed<'_>, now: i64) -> HeaderMap {
    let secret = match signed {
        Signed::No => return HeaderMap::new(),
        Signed::With(secret) => secret_bytes(secret),
        Signed::Wrongly => b"not the agreed secret".to_vec(),
    };
    let signature = standardwebhooks::Webhook::from_bytes(secret)
        .and_then(|webhook| webhook.sign(id, now, body.as_bytes()))
        .unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.to_string()),
        ("webhook-signature", signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// `whsec_` begins base64; any other secret is taken as it is written.
fn secret_bytes(secret: &str) -> Vec<u8> {
    use base64::Engine as _;
    secret
        .strip_prefix("whsec_")
        .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec())
}

/// A body as JSON text. Our own types always have one.
pub fn json<T: Serialize>(value: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_of_standard_webhooks() {
        // From the specification's reference libraries.
        let secret = secret_bytes("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let signed = standardwebhooks::Webhook::from_bytes(secret)
            .unwrap()
            .sign(
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                br#"{"email":"test@example.com","username":"test_user"}"#,
            )
            .unwrap();
        assert_eq!(signed, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        assert_eq!(secret_bytes("plain words"), b"plain words");
    }

    #[test]
    fn only_signed_calls_carry_headers() {
        assert!(signature("m", "{}", Signed::No, 1).is_empty());
        let good = signature("m", "{}", Signed::With("s"), 1);
        let bad = signature("m", "{}", Signed::Wrongly, 1);
        assert_ne!(good["webhook-signature"], bad["webhook-signature"]);
        assert_eq!(good["webhook-id"], "m");
    }
}
