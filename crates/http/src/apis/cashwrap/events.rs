//! `GET …/events`: what happened to an order, who did it, when, and through which channel.

use super::call::{Answered, Call, json};
use super::problem::{FieldProblem, Problem};
use super::views::{self, EventView, Lens};
use crate::kit::Value;
use serde::Serialize;
use utoipa::ToSchema;

/// Events on one page unless the caller says otherwise, and at most.
const USUAL: u64 = 50;
const MOST: u64 = 500;

/// A page of an order's history, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsView {
    number: String,
    /// Number of events in all.
    count: u64,
    events: Vec<EventView>,
    /// What to send as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<u64>,
}

/// Lists an order's history.
#[utoipa::path(
    get,
    path = "/orders/{number}/events",
    tag = "Orders",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("after" = Option<u64>, Query, description = "Only events with a higher sequence"),
        ("limit" = Option<u64>, Query, description = "Events on one page: 1 to 500, usually 50"),
        ("order_token" = Option<String>, Query, description = "The order's token, if no header holds it"),
    ),
    responses(
        (status = 200, body = EventsView, description = "A page of events"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn index(call: Call) -> Answered {
    let after = number(&call, "after", 0, u64::MAX)?.unwrap_or(0);
    let limit = number(&call, "limit", 1, MOST)?.unwrap_or(USUAL);
    let all = call.app.engine.events(call.order.id).await.map_err(|error| Problem::trouble(&error))?;
    let lens = Lens { catalog: &call.catalog, caller: &call.caller };
    let mut later = all.iter().filter(|event| event.sequence > after).peekable();
    let mut events = Vec::new();
    let mut last = after;
    while let Some(event) = later.next_if(|_| (events.len() as u64) < limit) {
        last = event.sequence;
        events.push(views::event(event, &lens));
    }
    json(&EventsView {
        number: call.order.number.clone(),
        count: all.len() as u64,
        events,
        next_after: later.peek().map(|_| last),
    })
}

fn number(call: &Call, name: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
    let Some(given) = call.asked.get(name) else { return Ok(None) };
    let number = given.integer().and_then(|number| u64::try_from(number).ok());
    match (number.filter(|number| (least..=most).contains(number)), given) {
        (Some(number), _) => Ok(Some(number)),
        (None, Value::Null) => Ok(None),
        (None, _) => {
            let detail = format!(
                "This must be a whole number of {least} at least{}.",
                match most {
                    u64::MAX => String::new(),
                    most => format!(" and {most} at most"),
                }
            );
            Err(Problem::invalid(vec![FieldProblem::new(name, "invalid", detail)]))
        }
    }
}
