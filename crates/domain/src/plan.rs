//! The plan: which steps this order needs now, and what is still open at each.
//!
//! Computed from order, catalogue and flow at every look; never stored. *Sale* requirements belong to the goods
//! and bind every channel when the order is placed; *flow* requirements bind only the channel whose flow has
//! their step.

use crate::catalog::{Catalog, Geography};
use crate::channel::{BillAddress, Channel, Flow, Step, When};
use crate::order::Order;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requirement {
    Items,
    Email,
    ShipAddress,
    BillAddress,
    /// Something ships and no rate is selected for it.
    ShippingRate,
    Payment,
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
        }
    }
}

impl CheckoutPlan {
    pub fn first_open(&self) -> Option<Step> {
        self.steps.iter().find(|planned| !planned.open.is_empty()).map(|planned| planned.step)
    }
}

impl Flow {
    /// The steps that are part of this order's checkout, in order. The step an order stands on stays listed
    /// even if its condition no longer holds.
    pub fn steps_of(&self, order: &Order, catalog: &Catalog) -> Vec<Step> {
        let listed = |when: When| match when {
            When::Always => true,
            When::SomethingToPay => order.total().is_positive(),
            When::SomethingShips => ships(order, catalog),
        };
        self.0.iter().filter(|flow_step| listed(flow_step.when)).map(|flow_step| flow_step.step).collect()
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

/// The plan of an order under a channel.
pub fn plan(order: &Order, catalog: &Catalog, channel: &Channel) -> CheckoutPlan {
    let steps = channel.flow.steps_of(order, catalog);
    let steps = steps
        .into_iter()
        .map(|step| PlannedStep { step, open: open_at(step, order, catalog, channel) })
        .collect();
    CheckoutPlan { steps }
}

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
    order.ship_address.as_ref().is_some_and(|address| address.fields.is_valid(geography))
}

pub(crate) fn has_bill_address(order: &Order, geography: &Geography) -> bool {
    order.bill_address.as_ref().is_some_and(|address| address.fields.is_valid(geography))
}
