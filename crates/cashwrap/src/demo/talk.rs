//! One conversation with one API: each call and its answer on the screen, and an end at the first answer that is not
//! the expected one.

use super::client::{Answer, Client};
use super::screen::Screen;
use anyhow::ensure;
use hyper::Method;
use serde_json::Value;

pub struct Talk {
    pub client: Client,
    pub screen: Screen,
}

impl Talk {
    /// Calls, prints, and answers with the body.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: u16,
    ) -> anyhow::Result<Value> {
        Ok(self.answer(method, path, body, expected).await?.body)
    }

    /// The same, with what stands in its headers.
    pub async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: u16,
    ) -> anyhow::Result<Answer> {
        let answer = self.client.call(&method, path, body.as_ref()).await?;
        let status = answer.status.as_u16();
        self.screen.call(method.as_str(), path, status, &says(&answer.body));
        ensure!(
            status == expected,
            "{method} {path} answered {status} instead of {expected}: {}",
            answer.body
        );
        Ok(answer)
    }

    /// The same call for a terminal.
    pub fn curl(&self, method: &str, path: &str, body: Option<&Value>) {
        let Client { address, root, .. } = &self.client;
        let headers: String =
            self.client.headers().iter().map(|(name, value)| format!(" -H '{name}: {value}'")).collect();
        let body = body.map(|body| format!(" --json '{body}'")).unwrap_or_default();
        self.screen.note(&format!("curl -X {method}{headers}{body} http://{address}{root}{path}"));
    }
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// An answer in one line.
fn says(body: &Value) -> String {
    if let Some(error) = body["error"].as_str().or_else(|| body["success"].as_str()) {
        return error.to_owned();
    }
    if let (Some(number), Some(state)) = (body["number"].as_str(), body["state"].as_str()) {
        let formatted = body.pointer("/total/formatted").and_then(Value::as_str).unwrap_or_default();
        return format!("{number} {state} {}{formatted}", text(body, "display_total")).trim_end().to_owned();
    }
    if let Some(name) = body.pointer("/variant/name").and_then(Value::as_str) {
        return format!("{} × {name} {}", body["quantity"], text(body, "display_amount"));
    }
    if let Some(rates) = body["shipping_rates"].as_array() {
        return format!("{} rates", rates.len());
    }
    match body["state"].as_str() {
        Some(state) => format!("{state} {}", text(body, "display_amount")),
        None => String::new(),
    }
}
