//! `GET /orders/{number}`: one order whole.

use super::call::{Answered, Call, json};
use super::problem::Problem;
use super::views::{self, Lens, OrderView};

/// Shows an order in the domain's own words, whichever API began it.
#[utoipa::path(
    get,
    path = "/orders/{number}",
    tag = "Orders",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("order_token" = Option<String>, Query, description = "The order's token, if no header holds it"),
    ),
    responses(
        (status = 200, body = OrderView, description = "The order"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(call: Call) -> Answered {
    json(&views::order(&call.order, &Lens { catalog: &call.catalog, caller: &call.caller }))
}
