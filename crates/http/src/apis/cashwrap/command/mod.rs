//! Commands as JSON, and what they mean.
//!
//! `input` is the form, one struct a command, with unknown fields refused by name; `translate` turns it into the
//! domain's command; `walk` is both for tickets and steps. Here stands who may send what: staff everything, a buyer what a buyer of any channel may.

mod input;
mod translate;
mod walk;

pub use input::{CommandInput, PreviewRequest};
pub use translate::translate;

use super::problem::{FieldProblem, Problem};
use crate::kit::Params;

/// Commands in one preview. Each is a whole decision on a whole order.
pub const COMMANDS: usize = 20;

/// Reads a request's body.
///
/// # Errors
/// 422 naming the first field that is unknown, missing or of the wrong kind.
pub fn read(body: &Params) -> Result<PreviewRequest, Problem> {
    let read = serde_path_to_error::deserialize::<_, PreviewRequest>(body.to_json());
    read.map_err(|error| {
        let at = error.path().to_string().replace('[', ".").replace(']', "");
        Problem::invalid(vec![wrong(&at, &error.inner().to_string())])
    })
}

/// serde's words without the value it may quote: names of fields and kinds only.
fn wrong(at: &str, words: &str) -> FieldProblem {
    let at = if at == "." { "" } else { at };
    let expected = words.split_once("expected ").map(|(_, expected)| expected);
    if words.starts_with("unknown field") || words.starts_with("unknown variant") {
        let detail = format!("This is not known here; expected {}.", expected.unwrap_or("nothing"));
        return FieldProblem::new(at, "unknown", detail);
    }
    if let Some(name) = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let field = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        return FieldProblem::new(field, "missing", "This must be given.");
    }
    let detail = expected.map_or_else(|| "This is not valid.".to_owned(), |kind| format!("Expected {kind}."));
    FieldProblem::new(at, "invalid", detail)
}

/// The commands of a request, each with the path it was given at.
///
/// # Errors
/// 422 unless there is `command` or `commands`, one of them, and not too much of it.
pub fn listed(request: PreviewRequest) -> Result<Vec<(String, CommandInput)>, Problem> {
    let refuse = |field: &str, rule: &str, detail: String| {
        Err(Problem::invalid(vec![FieldProblem::new(field, rule, detail)]))
    };
    match (request.command, request.commands) {
        (Some(command), None) => Ok(vec![("command".to_owned(), command)]),
        (None, Some(commands)) if commands.is_empty() => {
            refuse("commands", "blank", "Give one command at least.".to_owned())
        }
        (None, Some(commands)) if commands.len() > COMMANDS => {
            refuse("commands", "too_many", format!("At most {COMMANDS} commands are looked at together."))
        }
        (None, Some(commands)) => {
            let at = |(position, command)| (format!("commands.{position}"), command);
            Ok(commands.into_iter().enumerate().map(at).collect())
        }
        (Some(_), Some(_)) => {
            refuse("command", "invalid", "Give `command` or `commands`, not both.".to_owned())
        }
        (None, None) => refuse("command", "missing", "Give `command` or `commands`.".to_owned()),
    }
}

impl CommandInput {
    /// Paths of what only staff may say, relative to the command; empty if anyone may send it.
    pub fn for_staff(&self) -> Vec<&'static str> {
        let said = |path: &'static str, is_said: bool| is_said.then_some(path);
        let whole = |name: &'static str| vec![name];
        match self {
            CommandInput::Edit(edit) => {
                said("edit.admin_metadata", edit.admin_metadata.is_some()).into_iter().collect()
            }
            CommandInput::AddLine(line) => said("add_line.price", line.price.is_some()).into_iter().collect(),
            CommandInput::SetLine(line) => said("set_line.price", line.price.is_some()).into_iter().collect(),
            CommandInput::Proceed(proceed) => {
                let edit = proceed.edit.as_ref().is_some_and(|edit| edit.admin_metadata.is_some());
                said("proceed.edit.admin_metadata", edit).into_iter().collect()
            }
            CommandInput::RemoveLine(_)
            | CommandInput::Empty
            | CommandInput::ApplyCode(_)
            | CommandInput::RemoveCode(_)
            | CommandInput::SetAddress(_)
            | CommandInput::SelectRate(_)
            | CommandInput::AddPayment(_)
            | CommandInput::Cancel
            | CommandInput::AuthorizeReturn(_)
            | CommandInput::Walk(_)
            | CommandInput::Reclaim
            | CommandInput::Prolong
            | CommandInput::GiveUp => Vec::new(),
            CommandInput::EditPayment(_) => whole("edit_payment"),
            CommandInput::Pay(_) => whole("pay"),
            CommandInput::Refund(_) => whole("refund"),
            CommandInput::Approve => whole("approve"),
            CommandInput::Resume => whole("resume"),
            CommandInput::CreateShipment(_) => whole("create_shipment"),
            CommandInput::EditShipment(_) => whole("edit_shipment"),
            CommandInput::ReadyShipment(_) => whole("ready_shipment"),
            CommandInput::Ship(_) => whole("ship"),
            CommandInput::AddToShipment(_) => whole("add_to_shipment"),
            CommandInput::RemoveFromShipment(_) => whole("remove_from_shipment"),
            CommandInput::Transfer(_) => whole("transfer"),
            CommandInput::FireUnit(_) => whole("fire_unit"),
            CommandInput::EditReturn(_) => whole("edit_return"),
            CommandInput::CancelReturn(_) => whole("cancel_return"),
            CommandInput::RemoveReturn(_) => whole("remove_return"),
            CommandInput::ReceiveReturn(_) => whole("receive_return"),
            CommandInput::Offer => whole("offer"),
            CommandInput::Deny => whole("deny"),
            CommandInput::Void => whole("void"),
            CommandInput::CheckIn(_) => whole("check_in"),
            CommandInput::CheckOut(_) => whole("check_out"),
            CommandInput::EditTicket(_) => whole("edit_ticket"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_fields_and_kinds_and_never_a_value() {
        let unknown =
            wrong("commands.0.add_line.cost", "unknown field `cost`, expected `variant` or `price`");
        assert_eq!((unknown.field.as_str(), unknown.rule.as_str()), ("commands.0.add_line.cost", "unknown"));
        assert!(unknown.detail.contains("`variant`"));
        let missing = wrong("command.add_line", "missing field `variant`");
        assert_eq!((missing.field.as_str(), missing.rule.as_str()), ("command.add_line.variant", "missing"));
        let invalid = wrong("via", "invalid type: string \"secret\", expected u32");
        assert_eq!((invalid.rule.as_str(), invalid.detail.as_str()), ("invalid", "Expected u32."));
        assert_eq!(wrong(".", "missing field `a`").field, "a");
    }
}
