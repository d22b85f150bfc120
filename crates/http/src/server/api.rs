//! One API as the server sees it: a name, where it lives, its channel, its routes and its words for what went wrong
//! before a handler was reached.
//!
//! A new API is one folder and one line in `apis::ALL`.

use super::AppState;
use axum::Router;
use axum::response::Response;
use domain::channel::Channel;

/// An entry of the list of APIs.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations)] // only function pointers beside the names
pub struct Api {
    /// The channel's key, and the name in configuration.
    pub name: &'static str,
    /// Where it is mounted unless configuration says otherwise: `/solidus/api`.
    pub roots: &'static [&'static str],
    /// Its flow, policy and number format as a merchant gets them without configuring anything.
    pub channel: fn() -> Channel,
    /// Its routes, relative to the root.
    pub routes: fn() -> Router<AppState>,
    /// Its words for what no handler answers.
    pub snag: fn(Snag) -> Response,
    /// Its reference as an OpenAPI document.
    pub openapi: fn() -> serde_json::Value,
}

/// What can go wrong before a handler was reached, or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snag {
    /// No such path, or not with this method.
    NoSuchPath,
    /// The handler panicked. Whatever it was doing was either committed or not begun.
    Broken,
    /// No answer within the configured time.
    TooSlow,
}

/// Which API an answer is from; it goes along with the answer and is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredBy(pub &'static str);
