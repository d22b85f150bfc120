//! `GET …/explain`: why the total is what it is, and what is still missing.

use super::call::{Answered, Call, json};
use super::problem::Problem;
use super::refusal;
use super::views::{self, ExplainView, Lens};
use domain::refusal::Refusal;

/// Explains every adjustment, every shipping cost and every open requirement.
///
/// The figures come from the calculation that made the prices, run again on the order as it stands.
#[utoipa::path(
    get,
    path = "/orders/{number}/explain",
    tag = "Orders",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("via" = Option<String>, Query, description = "The channel whose steps are asked for; absent: the one that began the order"),
        ("order_token" = Option<String>, Query, description = "The order's token, if no header holds it"),
    ),
    responses(
        (status = 200, body = ExplainView, description = "The explanation"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(call: Call) -> Answered {
    let via = call.via(call.asked.text("via"))?;
    let engine = &call.app.engine;
    let buyer = engine.buyer_of(&call.order).await.map_err(|error| Problem::trouble(&error))?;
    let found = domain::explain::explain(&call.order, &call.catalog, &buyer, engine.now());
    let found = found.map_err(|error| refusal::problem(&Refusal::from(error), call.order.currency))?;
    let lens = Lens { catalog: &call.catalog, caller: &call.caller };
    json(&views::explain(&call.order, &found, via, &lens))
}
