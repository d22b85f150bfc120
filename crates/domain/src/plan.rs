//! The plan: which steps this order needs now, and what is still open at each.
//!
//! Computed from order, catalogue and flow at every look; never stored. *Sale* requirements belong to the goods
//! and bind every channel when the order is placed; *flow* requirements bind only the channel whose flow has
//! their step.

use crate::catalog::{Catalog, Geography};
use crate::channel::{BillAddress, Channel, Flow, FlowStep, Step, When};
use crate::order::{Order, Phase};
use crate::ticketing::{availability, steps};
use crate::{AnswerId, ConditionId, EventId, LineId, ProductId, ResponseId, TicketId, Time};
use serde::{Deserialize, Serialize};

/// The steps of one order under one channel's flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutPlan {
    pub steps: Vec<PlannedStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    pub step: Step,
    pub open: Vec<Requirement>,
}

/// Something that must be given before the order can be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    Items,
    Email,
    ShipAddress,
    BillAddress,
    /// Something ships and no rate is selected for it.
    ShippingRate,
    Payment,
    FirstName,
    LastName,
    /// A condition of the order's form is not met.
    OrderForm(ConditionId),
    /// The line is of a master variant: which one?
    SpecificVariant(LineId),
    /// Too few or too many of an add-on.
    AddOn(LineId, ProductId),
    AttendeeName(TicketId),
    AttendeeEmail(TicketId),
    Password(EventId),
    Invitation(EventId),
    MemberId(TicketId),
    Membership(LineId),
    Answer(ResponseId, AnswerId),
    Conflict(EventId, EventId),
    Confirmation,
}

/// Whom a requirement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// It belongs to the goods: every channel.
    Sale,
    /// The channel whose flow has its step.
    Flow,
}

impl Requirement {
    /// What would close it, in the domain's words.
    pub fn sentence(self) -> &'static str {
        match self {
            Requirement::Items => "Add at least one item.",
            Requirement::Email => "Give an e-mail address.",
            Requirement::ShipAddress => "Give a complete address to ship to.",
            Requirement::BillAddress => "Give a complete billing address.",
            Requirement::ShippingRate => "Choose a shipping rate for each shipment.",
            Requirement::Payment => "Add a payment.",
            Requirement::FirstName => "Give a first name.",
            Requirement::LastName => "Give a last name.",
            Requirement::OrderForm(_) => "Choose as many items as the order form asks for.",
            Requirement::SpecificVariant(_) => "Choose one of the item's variants.",
            Requirement::AddOn(..) => "Choose as many add-ons as the item asks for.",
            Requirement::AttendeeName(_) => "Give the name of each attendee.",
            Requirement::AttendeeEmail(_) => "Give the e-mail address of each attendee.",
            Requirement::Password(_) => "Give the event's password.",
            Requirement::Invitation(_) => "Give an invitation to the event.",
            Requirement::MemberId(_) => "Give a valid member ID for each ticket that asks for one.",
            Requirement::Membership(_) => "Give a membership that allows this item.",
            Requirement::Answer(..) => "Answer the required questions.",
            Requirement::Conflict(..) => "Two of the events cannot be attended together.",
            Requirement::Confirmation => "Confirm the order.",
        }
    }

    pub fn binding(self) -> Binding {
        match self {
            Requirement::FirstName
            | Requirement::LastName
            | Requirement::Email
            | Requirement::BillAddress
            | Requirement::Payment
            | Requirement::Confirmation => Binding::Flow,
            _ => Binding::Sale,
        }
    }

    /// The step it is asked for at, in flows of needed steps.
    pub fn step(self) -> Step {
        match self {
            Requirement::Items | Requirement::Email | Requirement::FirstName | Requirement::LastName => {
                Step::Cart
            }
            Requirement::OrderForm(_) => Step::OrderForm,
            Requirement::SpecificVariant(_) => Step::Customize,
            Requirement::AddOn(..) => Step::AddOn,
            Requirement::AttendeeName(_) | Requirement::AttendeeEmail(_) => Step::Attendees,
            Requirement::Password(_) => Step::Password,
            Requirement::Invitation(_) => Step::Invite,
            Requirement::MemberId(_) => Step::Member,
            Requirement::Membership(_) => Step::Membership,
            Requirement::ShipAddress | Requirement::BillAddress => Step::Address,
            Requirement::ShippingRate => Step::Delivery,
            Requirement::Answer(..) => Step::Form,
            Requirement::Conflict(..) => Step::Conflict,
            Requirement::Payment => Step::Payment,
            Requirement::Confirmation => Step::Confirm,
        }
    }
}

impl CheckoutPlan {
    pub fn first_open(&self) -> Option<Step> {
        self.steps.iter().find(|planned| !planned.open.is_empty()).map(|planned| planned.step)
    }
}

impl Flow {
    /// The steps that are part of this order's checkout, in order, as of its last change.
    pub fn steps_of(&self, order: &Order, catalog: &Catalog) -> Vec<Step> {
        self.steps_at(order, catalog, order.updated_at)
    }

    /// The steps that are part of this order's checkout now, in order. A needed step that the order has stood on
    /// stays listed until its contents change, so that progress does not shrink under the buyer.
    pub fn steps_at(&self, order: &Order, catalog: &Catalog, now: Time) -> Vec<Step> {
        let stood_on = |step: Step| {
            let stands = matches!(order.phase, Phase::Checkout | Phase::Expired | Phase::Abandoned);
            order.ticketing.stood_on.contains(&step) || (stands && order.at == step)
        };
        let listed = |FlowStep { step, when }: &FlowStep| match when {
            When::Always => true,
            When::Needed => stood_on(*step) || steps::needed(*step, order, catalog, now),
            When::SomethingToPay => order.total().is_positive(),
            When::SomethingShips => ships(order, catalog),
            When::PaidByCard => {
                order.payments.iter().any(|payment| payment.card().is_some() && payment.state.is_live())
            }
        };
        let stays = |at: &FlowStep| at.when == When::PaidByCard && order.stands_on(at.step);
        let applies = |at: &&FlowStep| listed(at) || stays(at);
        self.0.iter().filter(applies).map(|flow_step| flow_step.step).collect()
    }

    /// The step of this flow an order stands on: its own, or for a step this flow does not have, the last one
    /// before it, else the first.
    pub fn standing(&self, at: Step) -> Option<Step> {
        let has = |step: Step| self.0.iter().any(|flow_step| flow_step.step == step);
        if has(at) {
            return Some(at);
        }
        let mut before = self.0.iter().map(|flow_step| flow_step.step).filter(|step| rank(*step) <= rank(at));
        before.next_back().or_else(|| self.0.first().map(|flow_step| flow_step.step))
    }
}

/// The place of a step in the order in which checkouts ask for things.
pub fn rank(step: Step) -> usize {
    const ORDER: [Step; 18] = [
        Step::Cart,
        Step::Email,
        Step::Register,
        Step::OrderForm,
        Step::Customize,
        Step::AddOn,
        Step::Attendees,
        Step::Password,
        Step::Invite,
        Step::Member,
        Step::Membership,
        Step::Address,
        Step::Delivery,
        Step::Form,
        Step::Conflict,
        Step::Terms,
        Step::Payment,
        Step::Confirm,
    ];
    ORDER.iter().position(|known| *known == step).unwrap_or(0)
}

/// Whether any line of the order goes into a parcel.
pub fn ships(order: &Order, catalog: &Catalog) -> bool {
    order.lines.iter().any(|line| catalog.variant(line.variant).is_some_and(|(product, _)| product.ships()))
}

/// The plan of an order under a channel, as of its last change.
pub fn plan(order: &Order, catalog: &Catalog, channel: &Channel) -> CheckoutPlan {
    plan_at(order, catalog, channel, order.updated_at)
}

/// The plan of an order under a channel now.
pub fn plan_at(order: &Order, catalog: &Catalog, channel: &Channel, now: Time) -> CheckoutPlan {
    let flow = &channel.flow;
    let is_needed = |step| flow.0.contains(&FlowStep { step, when: When::Needed });
    let open = |step| match is_needed(step) {
        true => steps::open(step, order, catalog, now),
        false => open_at(step, order, catalog, channel),
    };
    let steps = flow.steps_at(order, catalog, now);
    CheckoutPlan { steps: steps.into_iter().map(|step| PlannedStep { step, open: open(step) }).collect() }
}

/// Where an unfinished order stands for a channel: the step of its last move, or an earlier step of the channel's
/// flow that something is open at (the catalogue may have changed since).
pub fn position(order: &Order, catalog: &Catalog, channel: &Channel, now: Time) -> Step {
    if !matches!(order.phase, Phase::Checkout | Phase::Placing) {
        return Step::Cart;
    }
    let at = channel.flow.standing(order.at).unwrap_or(Step::Cart);
    let plan = plan_at(order, catalog, channel, now);
    plan.first_open().filter(|open| rank(*open) < rank(at)).unwrap_or(at)
}

/// What the order comes to at the end of its steps.
pub use availability::{Ending, ending};

/// What the goods of an order still ask for, whichever channel they are bought in.
pub use steps::open_for_sale;

fn open_at(step: Step, order: &Order, catalog: &Catalog, channel: &Channel) -> Vec<Requirement> {
    let geography = &catalog.settings.geography;
    let mut open = Vec::new();
    let mut need = |requirement, missing: bool| {
        if missing {
            open.push(requirement);
        }
    };
    match step {
        Step::Address => {
            need(Requirement::Items, order.lines.is_empty());
            need(Requirement::Email, !has_email(order));
            need(Requirement::ShipAddress, ships(order, catalog) && !has_ship_address(order, geography));
        }
        Step::Delivery => {
            let unrated = order.shipments.iter().any(|shipment| shipment.selected_rate().is_none());
            let missing = ships(order, catalog) && (order.shipments.is_empty() || unrated);
            need(Requirement::ShippingRate, missing);
            let bill_needed = channel.policy.bill_address == BillAddress::Required;
            need(Requirement::BillAddress, bill_needed && !has_bill_address(order, geography));
        }
        Step::Payment => {
            let paid = order.payments.iter().any(|payment| payment.state.is_live());
            need(Requirement::Payment, order.total().is_positive() && !paid);
        }
        _ => {}
    }
    open
}

pub(crate) fn has_email(order: &Order) -> bool {
    order.email.as_ref().is_some_and(|email| !email.trim().is_empty())
}

pub(crate) fn has_ship_address(order: &Order, geography: &Geography) -> bool {
    order.ship_address.as_ref().is_some_and(|address| address.fields.is_postal(geography))
}

pub(crate) fn has_bill_address(order: &Order, geography: &Geography) -> bool {
    order.bill_address.as_ref().is_some_and(|address| address.fields.is_postal(geography))
}
