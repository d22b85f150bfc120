//! Line items of an order, under `/orders` and `/checkouts` alike.

use super::answer::{Show, json_response};
use super::call::{Answered, Call};
use super::read;
use super::refuse::{About, Refused};
use domain::LineId;
use domain::command::{Command, Merge};
use serde_json::json;

const ATTRIBUTES: &[&str] =
    &["variant_id", "quantity", "options", "price", "sku", "customer_metadata", "admin_metadata"];

pub async fn new(call: Call) -> Answered {
    call.order_to_show().await?;
    let mut attributes = vec!["quantity", "price", "variant_id", "customer_metadata"];
    if call.admin() {
        attributes.push("admin_metadata");
    }
    json_response(
        200,
        &json!({ "attributes": attributes, "required_attributes": ["variant_id", "quantity"] }),
    )
}

pub async fn create(mut call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let given = call.resource("line_item", ATTRIBUTES).ok_or_else(|| call.missing_param("line_item"))?;
    let admin = call.admin();
    let line = read::new_line(&given, Merge::WithSame, &call.catalog, order.currency, admin, About::Line)?;
    call.command(&order, Command::AddLine(line), About::Line, Show::NewLine).await
}

pub async fn update(mut call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let line = call.integer("id").map(LineId).filter(|id| order.line(*id).is_some());
    let line = line.ok_or_else(Refused::not_found)?;
    let given = call.resource("line_item", ATTRIBUTES).ok_or_else(|| call.missing_param("line_item"))?;
    let edit = read::line_edit(&given, order.currency, call.admin(), About::Line)?;
    call.command(&order, Command::SetLine { line, edit }, About::Line, Show::Line).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let line = call.integer("id").map(LineId).filter(|id| order.line(*id).is_some());
    let line = line.ok_or_else(Refused::not_found)?;
    call.command(&order, Command::RemoveLine(line), About::Line, Show::Nothing).await
}
