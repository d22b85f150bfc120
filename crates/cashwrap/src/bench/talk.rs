//! One request of a journey: sent, and judged by whether the answer is what the step hopes for.
//!
//! Whatever goes wrong is a `Stop` that names the step, so that errors are counted by where and why they happened.

use bytes::Bytes;
use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Answer, Caller, Conn};
use super::load::Stop;
use super::walk::refusal;

/// Sends a request; an answer other than 2xx ends the journey.
pub async fn ask(
    conn: &mut Conn,
    step: &str,
    (method, path): (Method, &str),
    caller: Caller<'_>,
    body: impl Into<Bytes>,
) -> Result<Answer, Stop> {
    let answer = conn.call(method, path, caller, body).await;
    let answer = answer.map_err(|cause| Stop::Unanswered(format!("{step}: no answer: {cause:#}")))?;
    if answer.is_success() {
        return Ok(answer);
    }
    Err(Stop::Answered(format!("{step}: {} {}", answer.status, words(&answer.body))))
}

/// Reads an answer as far as it is needed.
pub fn read<'a, T: Deserialize<'a>>(step: &str, answer: &'a Answer) -> Result<T, Stop> {
    serde_json::from_slice(&answer.body).map_err(|cause| odd(step, &cause.to_string()))
}

/// An answer of 2xx that does not say what it must.
pub fn odd(step: &str, words: &str) -> Stop {
    Stop::Answered(format!("{step}: odd answer: {words}"))
}

/// A refusal's code where it has one, else its words.
fn words(body: &[u8]) -> String {
    let code = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|value| value["code"].as_str().map(str::to_owned));
    code.unwrap_or_else(|| refusal(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_more_than_a_sentence() {
        assert_eq!(words(br#"{"error":"Bad","message":"No.","code":"price_changed"}"#), "price_changed");
        assert_eq!(words(br#"{"basket":["Basket is empty."]}"#), r#"{"basket":["Basket is empty."]}"#);
        assert_eq!(words(b"gone"), "gone");
    }
}
