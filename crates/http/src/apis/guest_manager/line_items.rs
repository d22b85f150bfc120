//! Line items: more, fewer, so many, none. Every answer is the order.

use super::answer::Show;
use super::call::{Answered, Call};
use super::read;
use super::refuse::{About, Flawed, Refused, Validation, respond};
use crate::kit::Value;
use domain::command::{Command, LineEdit};
use domain::order::{Line, Order};
use domain::{LineId, VariantId};
use engine::Trouble;
use serde_json::json;

/// How often fewer pieces are counted anew because the order moved meanwhile. Of many who ask at the same time one
/// gets through in each round.
const ROUNDS: usize = 50;

pub async fn add(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let (variant, count) = asked(&call, &order)?;
    let command = Command::AddLine(read::plain(variant, count));
    call.command(&order, command, About::Cart, Show::Order).await
}

/// How many are left is counted from what was looked at, so the command is for that version; if the order moved
/// meanwhile, it is looked at again.
pub async fn remove(call: Call) -> Answered {
    for _ in 0..ROUNDS {
        let order = call.order_to_change().await?;
        let (variant, count) = asked(&call, &order)?;
        let line = order.lines.iter().find(|line| line.variant == variant && line.parent.is_none());
        let line = line.ok_or_else(|| fewer_than_none(None))?;
        let left = line.quantity.checked_sub(count).ok_or_else(|| fewer_than_none(Some(line)))?;
        let edit = LineEdit { quantity: Some(left), ..LineEdit::default() };
        let command = Command::SetLine { line: line.id, edit };
        match call.command_on_version(&order, command, About::Cart).await {
            Err(Trouble::VersionMismatch { .. }) if call.version.is_none() => {}
            Err(error) => return Err(Refused::trouble(&error)),
            Ok(reply) => return Ok(respond(reply)),
        }
    }
    Err(Refused::unavailable())
}

/// More were to be taken out than there are.
fn fewer_than_none(line: Option<&Line>) -> Refused {
    let detail = json!({ "count": -1, "quantity": line.map_or(0, |line| line.quantity) });
    let flawed = Flawed::new("quantity", "greater_than", "must be greater than -1").detail(detail);
    let record = Validation::new("LineItem", line.map(|line| line.id.0)).with(flawed);
    Refused::invalid(&record)
}

pub async fn update(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let line = line(&call, &order)?.id;
    let given = call.params.get("line_item").ok_or_else(|| Refused::parameter_missing("line_item"))?;
    let map = given.map().ok_or_else(|| Refused::parameter_missing("line_item"))?;
    read::only(map, &[&["id", "quantity"]])?;
    let quantity = map.get("quantity").ok_or_else(|| Refused::parameter_missing("quantity"))?;
    let quantity = read::quantity(quantity, Some(&order), &line.to_string())?;
    let edit = LineEdit { quantity: Some(quantity), ..LineEdit::default() };
    call.command(&order, Command::SetLine { line, edit }, About::Cart, Show::Order).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let line = line(&call, &order)?.id;
    call.command(&order, Command::RemoveLine(line), About::Cart, Show::Order).await
}

fn line<'a>(call: &Call, order: &'a Order) -> Result<&'a Line, Refused> {
    let name = call.path("record");
    let id = Value::from(name).integer().map(LineId);
    id.and_then(|id| order.line(id)).ok_or_else(|| Refused::not_found("LineItem", name))
}

/// A variant and how many of it; at the top, or within `line_item`.
fn asked(call: &Call, order: &Order) -> Result<(VariantId, u32), Refused> {
    let find = |name: &str| call.params.get(name).or_else(|| call.params.path(&["line_item", name]));
    let variant = find("variant_id").filter(|value| !value.is_blank());
    let variant = variant.ok_or_else(|| Refused::parameter_missing("variant_id"))?;
    let count = find("quantity").map_or(Ok(1), |value| read::quantity(value, Some(order), "0"))?;
    // What is no number is a variant that there is not.
    Ok((VariantId(variant.integer().unwrap_or_default()), count))
}
