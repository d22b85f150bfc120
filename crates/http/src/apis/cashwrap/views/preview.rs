//! What commands would come to.

use super::order::{OrderView, phase};
use super::parts::EventView;
use super::{Lens, event, name, order};
use crate::apis::cashwrap::problem::Problem;
use crate::apis::cashwrap::refusal::problem;
use domain::order::Order;
use engine::{Preview, Previewed, Question};
use serde::Serialize;
use utoipa::ToSchema;

/// The answer to a preview. Nothing of it was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewView {
    number: String,
    /// The version of the order that was looked at.
    version: u64,
    via: String,
    /// One for each command, each on what the one before it left.
    outcomes: Vec<OutcomeView>,
    /// The order as all of it would leave it. What is new has an id below zero.
    order: OrderView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Problem>,
    phase: String,
    step: String,
    totals: TotalsView,
    /// What would be written into the order's history.
    events: Vec<EventView>,
    /// What would be asked of a gateway; the order would wait for the answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gateway: Vec<GatewayQuestion>,
}

/// What would become of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All of it would be done.
    Done,
    /// Part of it would be kept and then something refused.
    Partly,
    /// Nothing of it would be kept.
    Refused,
    /// It would be accepted and change nothing.
    Unchanged,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GatewayQuestion {
    payment: i64,
    method: i64,
    /// `authorize`, `purchase`, `capture`, `void`, `refund`.
    action: String,
    amount: i64,
}

/// All totals in minor units.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotalsView {
    items: i64,
    shipping: i64,
    promotions: i64,
    /// Everything that counts and is not inside prices.
    adjustments: i64,
    included_tax: i64,
    additional_tax: i64,
    total: i64,
}

pub fn totals(order: &Order) -> TotalsView {
    let totals = &order.sheet.totals;
    TotalsView {
        items: totals.item_total.0,
        shipping: totals.ship_total.0,
        promotions: totals.promo_total.0,
        adjustments: totals.adjustment_total.0,
        included_tax: totals.included_tax_total.0,
        additional_tax: totals.additional_tax_total.0,
        total: totals.total.0,
    }
}

/// A preview as a caller may see it.
pub fn preview(preview: &Preview, via: &str, lens: &Lens<'_>) -> PreviewView {
    let mut before = &*preview.before;
    let mut outcomes = Vec::with_capacity(preview.outcomes.len());
    for previewed in &preview.outcomes {
        outcomes.push(outcome(before, previewed, lens));
        before = &previewed.order;
    }
    PreviewView {
        number: preview.before.number.clone(),
        version: preview.before.version,
        via: via.to_owned(),
        outcomes,
        order: order(before, lens),
    }
}

fn outcome(before: &Order, previewed: &Previewed, lens: &Lens<'_>) -> OutcomeView {
    let after = &*previewed.order;
    let changes = !previewed.events.is_empty() || !previewed.movements.is_empty() || before != after;
    OutcomeView {
        outcome: match (&previewed.refusal, changes) {
            (None, true) => Outcome::Done,
            (None, false) => Outcome::Unchanged,
            (Some(_), true) => Outcome::Partly,
            (Some(_), false) => Outcome::Refused,
        },
        refusal: previewed.refusal.as_ref().map(|refusal| problem(refusal, after.currency)),
        phase: phase(after.phase),
        step: name(&after.at),
        totals: totals(after),
        events: previewed.events.iter().map(|own| event(own, lens)).collect(),
        gateway: previewed.questions.iter().map(question).collect(),
    }
}

fn question(question: &Question) -> GatewayQuestion {
    GatewayQuestion {
        payment: question.payment.0,
        method: question.method.0,
        action: name(&question.action),
        amount: question.money.amount.0,
    }
}
