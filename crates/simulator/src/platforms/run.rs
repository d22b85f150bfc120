//! Scenarios: what becomes of a payment, without a browser, and what webhooks do on their way.

use super::browser::{Press, apply};
use super::notify::{Event, tell};
use super::payment::Payment;
use super::{malformed, unknown};
use crate::Sim;
use crate::caller::Call;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

/// How often a parallel event is told at once.
const PARALLEL: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Scenario {
    Pay,
    Decline,
    /// Confirmed by the buyer's bank.
    Challenge,
    Underpay,
    Overpay,
    Expire,
    Cancel,
    /// Paid, and the same event told three times.
    Duplicate,
    /// Too little, then the rest; the later event arrives first.
    Reordered,
    /// Expired, and paid all the same.
    Late,
    /// Paid, and the event told ten times at once.
    Parallel,
}

#[derive(Debug, Deserialize)]
pub struct RunRequest {
    scenario: Scenario,
}

#[derive(Debug, Serialize)]
struct Transcript {
    scenario: Scenario,
    payment: Payment,
    deliveries: Vec<Call>,
}

/// `POST /sim/payments/{payment id, attempt or order}/run`. Nothing stops a scenario on a payment that is over: that a
/// shop copes with it is what one wants to see.
pub async fn run(
    State(sim): State<Sim>,
    Path(name): Path<String>,
    asked: Result<Json<RunRequest>, JsonRejection>,
) -> Response {
    let scenario = match asked {
        Ok(Json(asked)) => asked.scenario,
        Err(wrong) => return malformed(&wrong),
    };
    let (payment, events) = {
        let mut payments = sim.payments.lock();
        let Some(payment) = payments.named(&name) else { return unknown() };
        let events = happen(payment, scenario, sim.options.clock.now());
        (payment.clone(), events)
    };
    let mut deliveries = Vec::new();
    match (scenario, events.as_slice()) {
        (Scenario::Parallel, [event]) => deliveries = at_once(&sim, event).await,
        _ => {
            for event in &events {
                deliveries.push(tell(&sim, event).await);
            }
        }
    }
    Json(Transcript { scenario, payment, deliveries }).into_response()
}

/// What happens to the payment, and the events in the order of their arrival.
fn happen(payment: &mut Payment, scenario: Scenario, now: jiff::Timestamp) -> Vec<Event> {
    let mut after = |press: Press| {
        apply(payment, press);
        Event::of(payment, now)
    };
    match scenario {
        Scenario::Pay | Scenario::Parallel => vec![after(Press::Pay)],
        Scenario::Challenge => vec![after(Press::Confirm)],
        Scenario::Decline => vec![after(Press::Decline)],
        Scenario::Underpay => vec![after(Press::Underpay)],
        Scenario::Overpay => vec![after(Press::Overpay)],
        Scenario::Expire => vec![after(Press::Expire)],
        Scenario::Cancel => vec![after(Press::Cancel)],
        Scenario::Duplicate => vec![after(Press::Pay); 3],
        Scenario::Reordered => {
            let mut events = vec![after(Press::Underpay), after(Press::Pay)];
            events.reverse();
            events
        }
        Scenario::Late => vec![after(Press::Expire), after(Press::Pay)],
    }
}

async fn at_once(sim: &Sim, event: &Event) -> Vec<Call> {
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..PARALLEL {
        let (sim, event) = (sim.clone(), event.clone());
        calls.spawn(async move { tell(&sim, &event).await });
    }
    calls.join_all().await
}
