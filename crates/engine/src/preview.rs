//! Previews: what commands on an order would come to, one after the other, without keeping anything.
//!
//! The same decisions as `execute`, on the same data. Nothing is locked, held, claimed or stored, no id of the
//! store is used, no gateway is asked: a command that places an order is shown up to the question to the gateway.
//! What is new in a preview has ids below zero, so that nothing new is ever taken for something that exists.

use crate::after::calls;
use crate::ask::{Target, Trouble};
use crate::engine::Engine;
use crate::ids::ScratchIds;
use crate::ports::{Freshness, OrderKey};
use crate::round::{Call, Work, decide_with};
use domain::catalog::Catalog;
use domain::command::Command;
use domain::decision::{Decision, Focus};
use domain::event::Event;
use domain::money::Money;
use domain::movement::Movement;
use domain::order::{GatewayAction, Order};
use domain::refusal::Refusal;
use domain::user::{Actor, Buyer, User};
use domain::{OrderId, PaymentId, PaymentMethodId, Time};
use std::sync::Arc;

/// What a list of commands would come to.
#[derive(Debug)]
pub struct Preview {
    /// The order as it is kept.
    pub before: Arc<Order>,
    /// One for each command, each on the order that the one before it left.
    pub outcomes: Vec<Previewed>,
    pub catalog: Arc<Catalog>,
    pub now: Time,
}

/// What one command would come to.
#[derive(Debug)]
pub struct Previewed {
    /// The order afterwards; as it was before if nothing would be kept.
    pub order: Arc<Order>,
    pub buyer: Buyer,
    pub events: Vec<Event>,
    pub movements: Vec<Movement>,
    pub focus: Option<Focus>,
    /// What a gateway would be asked; the order waits for its answer.
    pub questions: Vec<Question>,
    /// Set with changes beside it if part of the command would be kept.
    pub refusal: Option<Refusal>,
}

/// A question to a gateway that a preview does not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub payment: PaymentId,
    pub method: PaymentMethodId,
    pub action: GatewayAction,
    pub money: Money,
}

impl Engine {
    /// Decides commands in turn and keeps none of them. Stock is what it is now for every command: what an earlier
    /// command of the list would take is not missing for a later one.
    ///
    /// # Errors
    /// `Trouble`; refusals are part of the answer.
    pub async fn preview(
        &self,
        order: OrderId,
        commands: Vec<Command>,
        actor: &Actor,
    ) -> Result<Preview, Trouble> {
        let ids = ScratchIds::below_zero();
        let (catalog, now) = (self.catalog(), self.now());
        let found = self.shared.store.order(&OrderKey::Id(order), Freshness::Cached).await?;
        let before = found.ok_or(Trouble::NotFound)?;
        let mut order = Arc::clone(&before);
        let mut changed: Option<Arc<User>> = None;
        let mut outcomes = Vec::with_capacity(commands.len());
        for command in commands {
            let target = Target::Order(order.id);
            let work = Work { target, command, actor, expected_version: None, pen: None };
            let mut view = self.look_around(&work, Some(Arc::clone(&order)), Arc::clone(&catalog)).await?;
            view.now = now;
            // A record that an earlier command of the list changed counts, not the stored one.
            if let Some(changed) = changed.as_ref().filter(|user| view.buyer.user_id() == Some(user.id)) {
                view.buyer.user = Some(Arc::clone(changed));
            }
            let decided = decide_with(&work, &view, &ids, &*self.shared.entropy)?;
            let outcome = outcome(&order, view.buyer, decided);
            order = Arc::clone(&outcome.order);
            changed = outcome.buyer.user.clone().or(changed);
            outcomes.push(outcome);
        }
        Ok(Preview { before, outcomes, catalog, now })
    }
}

fn outcome(before: &Arc<Order>, mut buyer: Buyer, decided: Result<Decision, Refusal>) -> Previewed {
    match decided {
        Ok(Decision { order, events, movements, user, refusal, focus, .. }) => {
            if let Some(user) = user {
                buyer.user = Some(Arc::new(user));
            }
            let questions = calls(Some(before), &order).iter().map(question).collect();
            Previewed { order: Arc::new(order), buyer, events, movements, focus, questions, refusal }
        }
        Err(refusal) => Previewed {
            order: Arc::clone(before),
            buyer,
            events: Vec::new(),
            movements: Vec::new(),
            focus: None,
            questions: Vec::new(),
            refusal: Some(refusal),
        },
    }
}

fn question(call: &Call) -> Question {
    let Call { payment, method, request } = call;
    Question { payment: *payment, method: *method, action: request.action, money: request.money }
}
