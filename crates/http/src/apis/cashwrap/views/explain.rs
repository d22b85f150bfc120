//! Why the total is what it is, and what is still missing: the domain's explanation as figures and sentences.

use super::parts::{AdjustmentView, adjustment};
use super::preview::{TotalsView, totals};
use super::{Lens, about, name};
use domain::catalog::Catalog;
use domain::channel::{Channel, Step};
use domain::explain::{Because, Explained, Explanation, ShippingCost, Standing, owed, words};
use domain::money::{Currency, exponent};
use domain::order::Order;
use domain::plan::{Binding, Requirement, plan};
use domain::price::{Choice, Formula, Place, Reason};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// An order's figures with their reasons. Amounts are whole minor units, in sentences decimals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainView {
    number: String,
    version: u64,
    currency: String,
    exponent: u32,
    totals: TotalsView,
    /// The total as the next change of the order would make it; differs when rules changed since the last one.
    total_now: i64,
    adjustments: Vec<ExplainedView>,
    shipping: Vec<ShippingView>,
    promotions: Vec<PromotionView>,
    /// What is to go back to the buyer.
    credit_owed: i64,
    /// Of which payments, and who has to do something for it.
    credit_owed_says: Vec<String>,
    plan: PlanView,
}

/// One adjustment and the arithmetic that made it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedView {
    #[serde(flatten)]
    adjustment: AdjustmentView,
    on: PlaceView,
    /// `current`: the rules make it of the order as it stands. `frozen`: fixed when the order was placed.
    /// `outdated`: the rules were changed since the order was; the figures are those of the rules.
    standing: &'static str,
    /// The arithmetic; its results add up to the amount. Empty for what was entered by hand.
    working: Vec<WorkingView>,
    /// The most that was left to take off, if that bounds the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<i64>,
    says: String,
}

/// What is adjusted.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// `line`, `shipment`, `order`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
}

/// One piece of arithmetic.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkingView {
    /// `given`, `at_most`, `share`, `included_share`, `pieces`, `first_and_more`, `portion`, `volume`.
    formula: &'static str,
    /// The figures that go in, by name. Rates are parts per million.
    figures: Value,
    result: i64,
}

/// What a shipment costs and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippingView {
    shipment: i64,
    method: Option<i64>,
    calculator: Option<&'static str>,
    /// As stored.
    cost: i64,
    /// What the calculator looks at; absent if the method has no price for the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<PackageView>,
    working: Option<WorkingView>,
    says: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PackageView {
    pieces: u64,
    grams: i64,
    /// Value of the goods at line prices.
    goods: i64,
}

/// A promotion on the order.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromotionView {
    promotion: i64,
    code: Option<String>,
    /// Its rules hold; whether it takes anything off is told by the adjustments.
    counts: bool,
    /// Why it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

/// The way to a placed order under one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    via: String,
    /// The step the order stands on, in that channel.
    standing: Option<String>,
    /// The first step with something open.
    first_open: Option<String>,
    steps: Vec<StepView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    step: String,
    open: Vec<RequirementView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RequirementView {
    requirement: String,
    /// Ids of what it is about: a line, a ticket, an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<Value>,
    /// `sale`: it belongs to the goods and binds every channel. `flow`: it binds the channels that ask for it.
    binding: &'static str,
    says: &'static str,
    /// A command that would close it, as `preview` takes it; what stands in `…` is the caller's. Absent for what
    /// only the channel that asks for it can be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<Value>,
}

/// The explanation as a caller sees it.
pub fn explain(order: &Order, found: &Explanation, via: &Channel, lens: &Lens<'_>) -> ExplainView {
    let (catalog, currency) = (lens.catalog, order.currency);
    ExplainView {
        number: order.number.clone(),
        version: order.version,
        currency: currency.code().to_owned(),
        exponent: exponent(currency),
        totals: totals(order),
        total_now: found.total_now.0,
        adjustments: found.adjustments.iter().map(|own| explained(own, catalog, currency)).collect(),
        shipping: found.shipping.iter().map(|own| shipping(own, catalog, currency)).collect(),
        promotions: found.promotions.iter().map(|own| promotion(own, currency)).collect(),
        credit_owed: order.credit_owed().0,
        credit_owed_says: owed::sentences(order, catalog),
        plan: planned(order, via, catalog),
    }
}

fn explained(own: &Explained, catalog: &Catalog, currency: Currency) -> ExplainedView {
    let (standing, reason) = match &own.because {
        Because::Current(reason) => ("current", Some(reason)),
        Because::Frozen(reason) => ("frozen", Some(reason)),
        Because::FrozenUnexplained => ("frozen", None),
        Because::Outdated(reason) => ("outdated", reason.as_ref()),
    };
    let (working, at_most) = reason.map(arithmetic).unwrap_or_default();
    ExplainedView {
        adjustment: adjustment(&own.adjustment),
        on: match own.place {
            Place::Line(id) => PlaceView { kind: "line", id: Some(id.0) },
            Place::Shipment(id) => PlaceView { kind: "shipment", id: Some(id.0) },
            Place::Order => PlaceView { kind: "order", id: None },
        },
        standing,
        working,
        at_most,
        says: words::of_adjustment(own, catalog, currency),
    }
}

fn arithmetic(reason: &Reason) -> (Vec<WorkingView>, Option<i64>) {
    match reason {
        Reason::Discount { working, left } => {
            let bound = (working.discount() > *left).then_some(left.0);
            (vec![figures(working.formula, working.choice)], bound)
        }
        Reason::Tax { parts } | Reason::Fee { parts } => {
            (parts.iter().map(|part| figures(*part, Choice::Only)).collect(), None)
        }
        Reason::Volume { unit, slices, worth } => {
            let slices: Vec<Value> =
                slices.iter().map(|(pieces, price)| json!({ "pieces": pieces, "price": price.0 })).collect();
            let figures = json!({ "unit": unit.0, "slices": slices, "worth": worth.0 });
            (vec![WorkingView { formula: "volume", figures, result: reason.amount().0 }], None)
        }
        Reason::Kept { .. } | Reason::Stated(_) => (Vec::new(), None),
    }
}

fn figures(formula: Formula, choice: Choice) -> WorkingView {
    let (name, mut figures) = match formula {
        Formula::Given(amount) => ("given", json!({ "amount": amount.0 })),
        Formula::AtMost { given, most } => ("at_most", json!({ "amount": given.0, "most": most.0 })),
        Formula::Share { rate, base } => {
            ("share", json!({ "rate": rate.0, "base": base.0, "rounding": "half_up" }))
        }
        Formula::IncludedShare { rate, base, all } => {
            let figures =
                json!({ "rate": rate.0, "base": base.0, "all_included": all.0, "rounding": "half_up" });
            ("included_share", figures)
        }
        Formula::Pieces { each, pieces } => ("pieces", json!({ "each": each.0, "pieces": pieces })),
        Formula::FirstAndMore { first, firsts, additional, others } => {
            let figures = json!({
                "first": first.0, "firsts": firsts, "additional": additional.0, "others": others,
            });
            ("first_and_more", figures)
        }
        Formula::Portion { sum, weight, weights } => {
            // Lines' amounts add up to far less than 64 bits hold.
            let weights = i64::try_from(weights).unwrap_or(i64::MAX);
            ("portion", json!({ "sum": sum.0, "weight": weight.0, "weights": weights, "rounding": "down" }))
        }
    };
    if let (Some(chosen), Some(figures)) = (chosen(choice), figures.as_object_mut()) {
        figures.insert("chosen".to_owned(), chosen);
    }
    WorkingView { formula: name, figures, result: formula.amount().0 }
}

/// What made the calculator choose its numbers.
fn chosen(choice: Choice) -> Option<Value> {
    match choice {
        Choice::Only => None,
        Choice::Whole => Some(json!({ "by": "whole" })),
        Choice::Tier { from, by } => {
            Some(json!({ "by": "tier", "from": from.map(|from| from.0), "reached_by": by.0 }))
        }
        Choice::Weight { up_to, grams } => Some(json!({ "by": "weight", "up_to": up_to, "grams": grams })),
        Choice::Value { up_to, goods } => Some(json!({ "by": "value", "up_to": up_to.0, "goods": goods.0 })),
        Choice::Sack { minimal, goods } => {
            Some(json!({ "by": "sack", "minimal": minimal.0, "goods": goods.0 }))
        }
    }
}

fn shipping(own: &ShippingCost, catalog: &Catalog, currency: Currency) -> ShippingView {
    let method = own.method.and_then(|id| catalog.shipping_methods.get(&id));
    let working = own.working.as_ref();
    ShippingView {
        shipment: own.shipment.0,
        method: own.method.map(|id| id.0),
        calculator: method.map(|method| words::shipping_calculator_name(&method.calculator)),
        cost: own.cost.0,
        package: working.map(|found| PackageView {
            pieces: found.pieces,
            grams: found.grams,
            goods: found.goods.0,
        }),
        working: working.map(|found| figures(found.working.formula, found.working.choice)),
        says: words::of_shipping(own, catalog, currency),
    }
}

fn promotion(own: &Standing, currency: Currency) -> PromotionView {
    PromotionView {
        promotion: own.applied.promotion.0,
        code: own.applied.code.clone(),
        counts: own.silence.is_none(),
        says: own.silence.as_ref().map(|silence| words::of_silence(silence, currency)),
    }
}

fn planned(order: &Order, via: &Channel, catalog: &Catalog) -> PlanView {
    let step_name = |step: Step| name(&step);
    let plan = plan(order, catalog, via);
    // A placed order has nothing before it; a plan would only tell what it would need if it were a cart.
    let steps = if order.is_placed() { &[][..] } else { &plan.steps[..] };
    PlanView {
        via: via.key.0.to_string(),
        standing: via.flow.standing(order.at).map(step_name),
        first_open: plan.first_open().filter(|_| !order.is_placed()).map(step_name),
        steps: steps
            .iter()
            .map(|planned| StepView {
                step: step_name(planned.step),
                open: planned.open.iter().map(|open| requirement(*open, order)).collect(),
            })
            .collect(),
    }
}

fn requirement(requirement: Requirement, order: &Order) -> RequirementView {
    let address = json!({
        "name": "…", "address1": "…", "city": "…", "zipcode": "…", "country": "…", "state": "…", "phone": "…",
    });
    let closed_by = match requirement {
        Requirement::Items => Some(json!({ "add_line": { "variant": "…", "quantity": 1 } })),
        Requirement::Email => Some(json!({ "edit": { "email": "…" } })),
        Requirement::ShipAddress => Some(json!({ "edit": { "ship_address": address } })),
        Requirement::BillAddress => Some(json!({ "edit": { "bill_address": address } })),
        Requirement::ShippingRate => Some(rate_command(order)),
        Requirement::Payment => Some(json!({ "add_payment": { "method": "…" } })),
        Requirement::Confirmation => Some(json!({ "proceed": { "go": "complete" } })),
        // Records of tickets, events and forms are given in the API that knows them.
        _ => None,
    };
    RequirementView {
        requirement: name(&requirement),
        about: about(&requirement),
        binding: match requirement.binding() {
            Binding::Sale => "sale",
            Binding::Flow => "flow",
        },
        says: requirement.sentence(),
        closed_by,
    }
}

/// The first shipment without a rate; packages that are not made yet come with the next step.
fn rate_command(order: &Order) -> Value {
    match order.shipments.iter().find(|shipment| shipment.selected_rate().is_none()) {
        Some(shipment) => json!({ "select_rate": { "shipment": shipment.id, "rate": "…" } }),
        None => json!({ "proceed": { "go": "next" } }),
    }
}
