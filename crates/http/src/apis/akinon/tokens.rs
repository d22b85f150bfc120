//! The token of the shop's own pages, and a session to go with it.

use super::call::{Answered, Call};
use super::csrf;
use axum::http::header;
use serde_json::json;

/// `GET /csrf_token/`
pub async fn show(mut call: Call) -> Answered {
    call.begin().await?;
    let secret = csrf::kept_or_new(call.cookies.csrf.as_deref(), call.app.engine.entropy());
    let mut response = call.json(200, &json!({ "csrf_token": secret }));
    response.headers_mut().append(header::SET_COOKIE, csrf::cookie(&secret, &call.public_url));
    Ok(response)
}
