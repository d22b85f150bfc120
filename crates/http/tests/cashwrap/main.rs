//! Cashwrap's own API over real HTTP, by feature. Orders are begun through the Solidus API, in the shop of its tests.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of other APIs
#[path = "../solidus/support/mod.rs"]
mod support;

mod access;
mod bad_input;
mod events;
mod explain;
mod mails;
mod orders;
mod preview;
mod previews_change_nothing;

use serde_json::{Value, json};
use support::{Caller, Reply};

/// Where this API lives.
pub(crate) const ROOT: &str = "/cashwrap/v1";

/// The body of a refusal, after a look at its shape.
#[track_caller]
pub(crate) fn problem(reply: &Reply, status: u16, kind: &str) -> Value {
    let body = reply.json(status);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{body}");
    assert_eq!(body["type"], format!("urn:cashwrap:problem:{kind}"), "{body}");
    assert_eq!(body["status"], status);
    assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
    body
}

/// Previews commands in turn.
pub(crate) async fn preview(caller: &Caller, number: &str, commands: Value) -> Reply {
    caller.at(ROOT).post(&format!("/orders/{number}/preview"), json!({ "commands": commands })).await
}
