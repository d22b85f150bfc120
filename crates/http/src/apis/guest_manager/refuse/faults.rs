//! Faults of the domain as wrong attributes, each at the record it is in.

use super::validation::{Flawed, Validation};
use crate::apis::guest_manager::views::money;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::Order;
use serde_json::json;

impl Validation {
    /// What is wrong with an order and its records.
    pub fn of_faults(order: Option<&Order>, faults: &[Fault]) -> Validation {
        let mut tree = Validation::order(order);
        for fault in faults {
            record(&mut tree, fault).add(flawed(fault, order));
        }
        tree
    }
}

/// The record of the tree that a fault is in. New records go by their place in the request.
fn record<'t>(tree: &'t mut Validation, fault: &Fault) -> &'t mut Validation {
    let by_id = |model: &'static str, id: i64| move || Validation::new(model, Some(id));
    let new = |model: &'static str| move || Validation::new(model, None);
    let first = || "0".to_owned();
    match fault.at {
        // A variant that cannot be added belongs to the line that would be.
        Spot::Order if fault.attribute == "variant_id" => tree.at("line_items", first(), new("LineItem")),
        Spot::Order => tree,
        Spot::Line(id) => tree.at("line_items", id.to_string(), by_id("LineItem", id.0)),
        Spot::Ticket(id) => tree.at("tickets", id.to_string(), by_id("Ticket", id.0)),
        Spot::Response(id) => tree.at("form_responses", id.to_string(), by_id("FormResponse", id.0)),
        Spot::Answer(response, answer) => {
            let response = tree.at("form_responses", response.to_string(), by_id("FormResponse", response.0));
            response.at("answers", answer.to_string(), by_id("Answer", answer.0))
        }
        Spot::BillAddress => tree.at("bill_address", first(), new("Address")),
        Spot::ShipAddress => tree.at("ship_address", first(), new("Address")),
        Spot::AddOn(place) => tree.at("addons", place.to_string(), new("AddOn")),
        Spot::Payment(place) => tree.at("payments", place.to_string(), new("Payment")),
        Spot::Password(place) => tree.at("event_passwords", place.to_string(), new("EventPassword")),
        Spot::Invitation(place) => tree.at("invites", place.to_string(), new("Invite")),
        Spot::MemberId(place) => tree.at("members", place.to_string(), new("Member")),
        Spot::Membership(place) => tree.at("memberships", place.to_string(), new("Membership")),
    }
}

fn flawed(fault: &Fault, order: Option<&Order>) -> Flawed {
    let new = |message: &str| Flawed::new(&fault.attribute, fault.flaw.code(), message);
    let of_base = fault.attribute == "base";
    match &fault.flaw {
        Flaw::Blank => new("can't be blank"),
        Flaw::Unconfirmed(_) => new("must be confirmed"),
        Flaw::Invalid => new("is invalid"),
        Flaw::NotFound => new("could not be found"),
        Flaw::Taken => new("has already been taken"),
        Flaw::Inclusion => new("is not included in the list"),
        Flaw::TooLong { maximum } => {
            new(&format!("is too long (maximum is {maximum} characters)")).detail(json!({ "count": maximum }))
        }
        Flaw::Expired => new("has expired"),
        Flaw::NotEnabled => new("is not enabled"),
        Flaw::NotAvailable if of_base => new("Something in the order is not available."),
        Flaw::NotAvailable => new("is not available"),
        Flaw::SoldOut { .. } if of_base => new("Something in the order is sold out."),
        Flaw::SoldOut { requested, available } => {
            new("is sold out").detail(json!({ "requested": requested, "available": available }))
        }
        Flaw::InvalidInventory if of_base => new("The order does not match the inventory."),
        Flaw::InvalidInventory => new("does not match the inventory"),
        Flaw::AtMost { maximum, current, condition } => new(&format!("must be at most {maximum}"))
            .detail(json!({ "condition_id": condition, "max": maximum, "current": current })),
        Flaw::AtLeast { minimum, current, condition } => new(&format!("must be at least {minimum}"))
            .detail(json!({ "condition_id": condition, "min": minimum, "current": current })),
        Flaw::GreaterThan(bound) => {
            new(&format!("must be greater than {bound}")).detail(json!({ "count": bound }))
        }
        Flaw::CountryMismatch => new("does not belong to the country"),
        Flaw::CurrencyMismatch => new("is not offered in the order's currency"),
        Flaw::Mismatch { actual } => {
            let actual = order.map(|order| money(*actual, order.currency));
            new("is not what was expected").detail(json!({ "actual": actual }))
        }
        Flaw::Empty => new("The order has no line items."),
        Flaw::Unmodifiable => new("The order can no longer be modified."),
        Flaw::InvalidTransition => new("cannot do this now"),
        Flaw::Conflict(one, other) => {
            new("cannot be attended together").detail(json!({ "event_ids": [one, other] }))
        }
    }
}
