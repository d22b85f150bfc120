//! `POST …/preview`: what commands would come to. The engine decides them and keeps nothing.

use super::call::{Answered, Call, json};
use super::command::{CommandInput, PreviewRequest, listed, read, translate};
use super::problem::{FieldProblem, Problem};
use super::views::{self, Lens, PreviewView};
use domain::command::Command;

/// Previews one command or several in turn.
///
/// The answer is 200 also where the commands would be refused; the refusal stands in its outcome.
#[utoipa::path(
    post,
    path = "/orders/{number}/preview",
    tag = "Orders",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("order_token" = Option<String>, Query, description = "The order's token, if no header holds it"),
    ),
    request_body = PreviewRequest,
    responses(
        (status = 200, body = PreviewView, description = "What would happen. Nothing was done."),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn run(call: Call) -> Answered {
    let request = read(&call.body)?;
    let via = call.via(request.via.as_deref())?;
    let commands = commands(&call, listed(request)?)?;
    let found = call.app.engine.preview(call.order.id, commands, &call.actor(via)).await;
    let found = found.map_err(|error| Problem::trouble(&error))?;
    let lens = Lens { catalog: &found.catalog, caller: &call.caller };
    json(&views::preview(&found, &via.key.0, &lens))
}

/// The domain's commands, if the caller may send all of them.
fn commands(call: &Call, inputs: Vec<(String, CommandInput)>) -> Result<Vec<Command>, Problem> {
    if !call.caller.is_admin() {
        let forbidden = inputs.iter().flat_map(|(at, input)| {
            input.for_staff().into_iter().map(move |path| {
                FieldProblem::new(format!("{at}.{path}"), "staff_only", "Only staff may say this.")
            })
        });
        let forbidden: Vec<FieldProblem> = forbidden.collect();
        if !forbidden.is_empty() {
            return Err(Problem::staff_only(forbidden));
        }
    }
    let mut commands = Vec::with_capacity(inputs.len());
    let mut wrong = Vec::new();
    for (at, input) in inputs {
        match translate(input, &call.catalog) {
            Ok(command) => commands.push(command),
            Err(error) => wrong.push(FieldProblem { field: format!("{at}.{}", error.field), ..error }),
        }
    }
    if wrong.is_empty() { Ok(commands) } else { Err(Problem::invalid(wrong)) }
}
