//! Checkout: a step with its data, a move without, and the ways an order's time goes on.

use super::answer::{Show, via};
use super::call::{Answered, Call};
use super::read;
use super::refuse::{About, Refused};
use super::state::{final_of, name_of, standing, step_of};
use crate::kit::{Map, Value};
use domain::channel::Step;
use domain::command::{Command, Walk, WalkTo};
use domain::order::Order;

/// Keys of a body that are no data of an order.
const BESIDE: &[&str] =
    &["guest_token", "expected_total", "state", "order_key", "fields", "include", "format"];

pub async fn update(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let given = given(&call)?;
    let asked = given.get("state").or_else(|| call.params.get("state")).filter(|value| !value.is_blank());
    let current = standing(&order, &call.catalog, via(&call.catalog), call.app.engine.now());
    let state = asked.map_or_else(|| name_of(current), |state| state.text().unwrap_or_default()).to_owned();
    // What is no step is one that no order has: the domain says so, after all that comes before.
    let step = step_of(&state).unwrap_or(Step::Terms);
    match walk(&call, step, &given, &order) {
        Ok(walk) => {
            let about = About::Checkout(state);
            call.command(&order, Command::Walk(Box::new(walk)), about, Show::Order).await
        }
        Err(refused) => call.refuse_step(&order, &state, refused).await,
    }
}

fn walk(call: &Call, step: Step, given: &Map, order: &Order) -> Result<Walk, Refused> {
    if step == Step::Terms {
        return Ok(Walk { submit: Some((step, domain::command::StepData::Nothing)), ..Walk::default() });
    }
    let expected = given.get("expected_total").or_else(|| call.params.get("expected_total"));
    let guest = read::guest(given, Some(order)).map_err(|faults| Refused::faults(Some(order), &faults));
    let data = read::step(step, given, order, &call.catalog)?;
    Ok(Walk {
        expected_total: read::expected_total(expected, order)?,
        guest: guest?,
        submit: Some((step, data)),
        to: WalkTo::Next,
    })
}

/// What is said of the order. Nothing at all may be said; but not something in the wrong place.
fn given(call: &Call) -> Result<Map, Refused> {
    match call.params.get("order") {
        Some(Value::Map(map)) => Ok(map.clone()),
        Some(value) if !value.is_blank() => Err(Refused::parameter_missing("order")),
        _ if call.params.keys().any(|key| !BESIDE.contains(&key)) => Err(Refused::parameter_missing("order")),
        _ => Ok(Map::new()),
    }
}

pub async fn next(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let asked = call.params.path(&["order", "state"]).or_else(|| call.params.get("state"));
    let asked = asked.filter(|value| !value.is_blank());
    let expected = call.params.path(&["order", "expected_total"]);
    let expected = expected.or_else(|| call.params.get("expected_total"));
    let expected_total = read::expected_total(expected, &order)?;
    let state = match asked {
        Some(state) => state.text().unwrap_or_default().to_owned(),
        None => final_of(&order, &call.catalog, call.app.engine.now()).to_owned(),
    };
    let to = match asked {
        None => WalkTo::Next,
        Some(_) if state == final_of(&order, &call.catalog, call.app.engine.now()) => WalkTo::End,
        Some(_) => WalkTo::Step(step_of(&state).unwrap_or(Step::Terms)),
    };
    let walk = Walk { expected_total, to, ..Walk::default() };
    call.command(&order, Command::Walk(Box::new(walk)), About::Checkout(state), Show::Order).await
}

pub async fn resume(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    call.command(&order, Command::Reclaim, About::Resume, Show::Order).await
}

pub async fn extend(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    call.command(&order, Command::Prolong, About::Extend, Show::Order).await
}
