//! What people see of the stand-ins: one frame for all pages, without a script and without any other server.

use crate::Sim;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Nothing is loaded from anywhere; forms may go anywhere, because a browser is sent back to the shop.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// A page as it goes to a browser.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (status, headers, text).into_response()
        }
        Err(cause) => {
            tracing::error!(%cause, "a page of the simulator cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer in place of what was asked for.
pub struct Reply(pub Box<Response>);

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        *self.0
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    home: &'a str,
    title: &'a str,
    text: &'a str,
    next: Option<&'a str>,
}

/// A page that says one thing.
pub fn notice(sim: &Sim, status: StatusCode, title: &str, text: &str) -> Response {
    html(status, &Notice { home: &sim.link(""), title, text, next: None })
}

/// The same with a way on.
pub fn notice_with(sim: &Sim, title: &str, text: &str, next: &str) -> Response {
    html(StatusCode::OK, &Notice { home: &sim.link(""), title, text, next: Some(next) })
}

/// An error for a program.
pub fn refuse(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "detail": sentence }))).into_response()
}

/// Whether a shop shows the agreed key. A stand-in guards nothing of worth; it only has to notice a missing key.
pub fn is_authorised(key: &str, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    key.is_empty() || shown.and_then(|value| value.strip_prefix("Bearer ")) == Some(key)
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    home: String,
    tables: [(&'static str, Vec<Row>); 2],
}

struct Row {
    what: String,
    amount: String,
    state: String,
    link: String,
}

/// `GET /`: what this is, and what happened last.
pub async fn front(State(sim): State<Sim>) -> Response {
    let sessions = sim.sessions.lock();
    let rows = sessions.newest().take(20).map(|session| Row {
        what: format!("Basket {}", session.request.basket_id),
        amount: format!("{} {}", session.request.amount, session.request.currency),
        state: format!("{:?}", session.status).to_lowercase(),
        link: session.page.clone(),
    });
    let rows: Vec<Row> = rows.collect();
    drop(sessions);
    let payments = sim
        .payments
        .lock()
        .newest(20)
        .map(|payment| Row {
            what: format!("{} · {}", payment.platform, payment.order),
            amount: payment.money(),
            state: payment.status.word().to_owned(),
            link: payment.url.clone().unwrap_or_default(),
        })
        .collect();
    let tables = [("Provider sessions", rows), ("Platform payments", payments)];
    html(StatusCode::OK, &Front { home: sim.link(""), tables })
}
