//! Webhooks: signed in the manner of Standard Webhooks, told again when nobody took them.

use super::payment::{Payment, Status};
use crate::Sim;
use crate::caller::{Call, Signed, json};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// Waits before an event is told again; after the last it is dropped.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Something that happened to a payment, as it stood then.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Counts the events of one payment from 1: whoever sees a lower one later knows that it is old.
    pub sequence: u32,
    pub created_at: String,
    pub data: Payment,
}

impl Event {
    /// The event of a payment that has just become what it is.
    pub fn of(payment: &mut Payment, now: jiff::Timestamp) -> Event {
        payment.sequence += 1;
        Event {
            id: format!("evt_{}", uuid::Uuid::new_v4().simple()),
            kind: match payment.status {
                Status::Paid => "payment.paid",
                Status::Underpaid => "payment.underpaid",
                Status::Declined => "payment.failed",
                Status::Expired => "payment.expired",
                Status::Open | Status::Canceled | Status::Refunded | Status::Voided => "payment.canceled",
            },
            sequence: payment.sequence,
            created_at: format!("{now:.3}"),
            data: payment.clone(),
        }
    }

    fn body(&self) -> Box<RawValue> {
        json(self)
    }
}

/// Tells it once.
pub async fn tell(sim: &Sim, event: &Event) -> Call {
    let signed = Signed::With(&sim.options.webhook_secret);
    sim.caller.post_as(event.kind, &event.data.webhook_url, event.body(), signed, &event.id).await
}

/// Tells it, and again later if nobody took it. The first call is awaited, so that a shop knows before the browser is
/// back.
pub async fn tell_until_taken(sim: &Sim, event: Event) -> Call {
    let call = tell(sim, &event).await;
    if !is_taken(&call) {
        let sim = sim.clone();
        tokio::spawn(async move {
            for wait in AGAIN {
                tokio::time::sleep(wait).await;
                if is_taken(&tell(&sim, &event).await) {
                    return;
                }
            }
            tracing::warn!(event = event.id, "nobody took a webhook of the simulator");
        });
    }
    call
}

fn is_taken(call: &Call) -> bool {
    call.status.is_some_and(|status| (200..300).contains(&status))
}
