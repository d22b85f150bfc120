//! Commands sent for a buyer, and what came of them as a value: the engine's answers are bytes, so a refusal travels as
//! JSON and is read back here.

use super::visit::Visit;
use domain::command::Command;
use domain::refusal::Refusal;
use domain::user::{Actor, Who};
use engine::{Ask, Reply, Target, Trouble};
use std::sync::Arc;

/// What came of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Done,
    Refused(Refusal),
    /// The payment's outcome is not known yet.
    Waiting,
    /// Somebody else changes this order right now, or the store is away.
    Busy,
    /// A fault of ours.
    Broken,
}

impl Visit {
    /// Sends a command and reads the order anew.
    pub async fn ask(&mut self, command: Command) -> Outcome {
        let actor = Actor { who: Who::Guest, via: self.via() };
        let ask = Ask::new(Target::Order(self.order.id), command, actor, |answer| match answer.result {
            Ok(_) => Reply::new(204, "", Vec::new()),
            // Refusals are plain data: they can always be written.
            Err(refusal) => {
                Reply::new(422, "application/json", serde_json::to_vec(refusal).unwrap_or_default())
            }
        });
        self.before = Some(Arc::clone(&self.order));
        let outcome = match self.pages.app.engine.execute(ask).await {
            Ok(reply) if reply.status == 204 => Outcome::Done,
            Ok(reply) => serde_json::from_slice(&reply.body).map_or(Outcome::Broken, Outcome::Refused),
            Err(Trouble::Overdue { .. }) => Outcome::Waiting,
            Err(Trouble::Busy { .. } | Trouble::Unavailable(_)) => Outcome::Busy,
            Err(trouble) => {
                tracing::error!(%trouble, order = %self.order.number, "a page's command broke");
                Outcome::Broken
            }
        };
        self.refresh().await;
        outcome
    }
}
