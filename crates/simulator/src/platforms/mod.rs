//! Payment platforms in the manner of Stripe, BitPay and CoinPayments: redirect pages, saved cards, refunds, webhooks.
//!
//! Every operation is idempotent by the shop's attempt id: sent twice, it is done once and answered the same. One
//! protocol serves all platforms; the name in the path is what buyers read on the page.

mod browser;
mod notify;
mod payment;
mod run;

pub use payment::{Payment, Payments};

use crate::Sim;
use crate::page::{self, refuse};
use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use payment::{Create, Follow, FollowUp, Status};
use serde::Deserialize;

pub(crate) fn routes() -> Router<Sim> {
    Router::new()
        .route("/platforms/{platform}/payments", post(create))
        .route("/platforms/{platform}/attempts/{attempt}", get(find))
        .route("/platforms/{platform}/attempts/{attempt}/cancel", post(cancel))
        .route("/platforms/{platform}/refunds", post(refund))
        .route("/platforms/{platform}/voids", post(void))
        .route("/platforms/{platform}/pay/{id}", get(browser::show).post(browser::press))
        .route("/sim/payments", get(list))
        .route("/sim/payments/{name}/run", post(run::run))
}

/// A shop that showed the agreed key.
struct Shop;

impl FromRequestParts<Sim> for Shop {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, sim: &Sim) -> Result<Shop, Response> {
        if page::is_authorised(&sim.options.platform_key, &parts.headers) {
            Ok(Shop)
        } else {
            Err(refuse(StatusCode::UNAUTHORIZED, "The key is wrong."))
        }
    }
}

type Asked<T> = Result<Json<T>, JsonRejection>;

fn malformed(wrong: &JsonRejection) -> Response {
    refuse(StatusCode::BAD_REQUEST, &wrong.body_text())
}

fn unknown() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is no such payment.")
}

/// `POST /platforms/{platform}/payments`: 201, or 200 for an attempt that is known.
async fn create(
    State(sim): State<Sim>,
    Path(platform): Path<String>,
    _: Shop,
    asked: Asked<Create>,
) -> Response {
    let create = match asked {
        Ok(Json(create)) => create,
        Err(wrong) => return malformed(&wrong),
    };
    if let Err(sentence) = create.check() {
        return refuse(StatusCode::BAD_REQUEST, sentence);
    }
    let mut payments = sim.payments.lock();
    if let Some(known) = payments.attempt(&platform, &create.attempt) {
        return if known.is_for(&create) {
            (StatusCode::OK, Json(known)).into_response()
        } else {
            refuse(StatusCode::CONFLICT, "This attempt was made with other figures.")
        };
    }
    let payment =
        payments.create(&platform, create, |id| sim.link(&format!("/platforms/{platform}/pay/{id}")));
    let answer = (StatusCode::CREATED, Json(&payment)).into_response();
    payments.put(payment);
    answer
}

/// `GET /platforms/{platform}/attempts/{attempt}`: what became of a payment, refund or void.
async fn find(
    State(sim): State<Sim>,
    Path((platform, attempt)): Path<(String, String)>,
    _: Shop,
) -> Response {
    let mut payments = sim.payments.lock();
    payments.attempt(&platform, &attempt).map_or_else(unknown, |found| Json(found).into_response())
}

/// `POST …/cancel`: a payment that waits for money ends; one that is over answers what it came to.
async fn cancel(
    State(sim): State<Sim>,
    Path((platform, attempt)): Path<(String, String)>,
    _: Shop,
) -> Response {
    let mut payments = sim.payments.lock();
    let Some(payment) = payments.attempt(&platform, &attempt) else { return unknown() };
    if matches!(payment.status, Status::Open | Status::Underpaid) {
        payment.status = Status::Canceled;
    }
    Json(payment).into_response()
}

/// `POST /platforms/{platform}/refunds`.
async fn refund(state: State<Sim>, path: Path<String>, shop: Shop, asked: Asked<FollowUp>) -> Response {
    follow(state, path, shop, asked, Follow::Refund).await
}

/// `POST /platforms/{platform}/voids`.
async fn void(state: State<Sim>, path: Path<String>, shop: Shop, asked: Asked<FollowUp>) -> Response {
    follow(state, path, shop, asked, Follow::Void).await
}

async fn follow(
    State(sim): State<Sim>,
    Path(platform): Path<String>,
    _: Shop,
    asked: Asked<FollowUp>,
    follow: Follow,
) -> Response {
    let asked = match asked {
        Ok(Json(asked)) => asked,
        Err(wrong) => return malformed(&wrong),
    };
    let mut payments = sim.payments.lock();
    match payments.follow(&platform, &asked, follow) {
        Some(done) => Json(done).into_response(),
        None => unknown(),
    }
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    order: Option<String>,
    attempt: Option<String>,
}

/// `GET /sim/payments?order=&attempt=`: newest first.
async fn list(State(sim): State<Sim>, Query(query): Query<ListQuery>) -> Response {
    let is_asked = |payment: &&Payment| {
        query.order.as_ref().is_none_or(|order| *order == payment.order)
            && query.attempt.as_ref().is_none_or(|attempt| *attempt == payment.attempt)
    };
    let payments = sim.payments.lock();
    let found: Vec<&Payment> = payments.newest(usize::MAX).filter(is_asked).take(100).collect();
    Json(found).into_response()
}
