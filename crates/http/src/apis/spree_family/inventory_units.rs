//! Single pieces of an order, for staff.

use super::answer::{Show, json_response};
use super::call::{Answered, Call};
use super::refuse::{About, Refused};
use super::views;
use domain::UnitId;
use domain::command::Command;
use domain::order::Order;
use engine::ports::OrderKey;
use std::sync::Arc;

pub async fn show(call: Call) -> Answered {
    let (order, unit) = piece(&call).await?;
    json_response(200, &views::inventory_unit(&order, unit).ok_or_else(Refused::not_found)?)
}

/// `fire` names an event; without one there is nothing to do.
pub async fn update(call: Call) -> Answered {
    let (order, unit) = piece(&call).await?;
    match call.params.text("fire").filter(|event| !event.is_empty()) {
        Some(event) => {
            let command = Command::FireUnit { unit, event: event.to_owned() };
            call.command(&order, command, About::Shipment, Show::Unit(unit)).await
        }
        None => json_response(200, &views::inventory_unit(&order, unit).ok_or_else(Refused::not_found)?),
    }
}

async fn piece(call: &Call) -> Result<(Arc<Order>, UnitId), Refused> {
    call.staff_only()?;
    let unit = call.integer("id").map(UnitId).ok_or_else(Refused::not_found)?;
    Ok((call.find(&OrderKey::Unit(unit)).await?, unit))
}
