//! Which record an open requirement is about, for APIs that show errors beside the records they are in.

use super::steps;
use crate::catalog::Catalog;
use crate::fault::{Fault, Flaw, Spot};
use crate::order::Order;
use crate::plan::Requirement;

/// An open requirement as a fault of a record of the order.
pub fn of(requirement: Requirement, order: &Order, catalog: &Catalog) -> Fault {
    let order_lacks = |attribute: &str| Fault::new(Spot::Order, attribute, Flaw::Blank);
    match requirement {
        Requirement::Items => Fault::new(Spot::Order, "base", Flaw::Empty),
        Requirement::Email => order_lacks("email"),
        Requirement::FirstName => order_lacks("first_name"),
        Requirement::LastName => order_lacks("last_name"),
        Requirement::BillAddress => order_lacks("bill_address"),
        Requirement::ShipAddress => order_lacks("ship_address"),
        Requirement::ShippingRate => order_lacks("shipping_method_id"),
        Requirement::Payment => order_lacks("payments"),
        Requirement::Confirmation => order_lacks("confirm"),
        Requirement::OrderForm(id) => {
            let found = steps::conditions(order, catalog).find(|(condition, _)| condition.id == id);
            let flaw = found.map_or(Flaw::Invalid, |(condition, current)| {
                let minimum = u64::from(condition.minimum);
                match condition.maximum.map(u64::from).filter(|most| current > *most) {
                    Some(maximum) => Flaw::AtMost { maximum, current, condition: Some(id) },
                    None => Flaw::AtLeast { minimum, current, condition: Some(id) },
                }
            });
            Fault::new(Spot::Order, "line_items", flaw)
        }
        Requirement::SpecificVariant(line) => Fault::new(Spot::Line(line), "variant_id", Flaw::Blank),
        Requirement::AddOn(line, product) => {
            let found = order.line(line).zip(catalog.products.get(&product)).and_then(|(line, _)| {
                let (owner, _) = catalog.variant(line.variant)?;
                let addon = owner.sales.addons.iter().find(|addon| addon.product == product)?;
                let (current, pieces) =
                    (steps::added(order, line.id, addon, catalog), u64::from(line.quantity));
                let most = addon.max.map(|most| u64::from(most) * pieces).filter(|most| current > *most);
                Some(match most {
                    Some(maximum) => Flaw::AtMost { maximum, current, condition: None },
                    None => {
                        Flaw::AtLeast { minimum: u64::from(addon.min) * pieces, current, condition: None }
                    }
                })
            });
            Fault::new(Spot::Line(line), "addons", found.unwrap_or(Flaw::Invalid))
        }
        Requirement::AttendeeName(ticket) => Fault::new(Spot::Ticket(ticket), "name", Flaw::Blank),
        Requirement::AttendeeEmail(ticket) => Fault::new(Spot::Ticket(ticket), "email", Flaw::Blank),
        Requirement::MemberId(ticket) => {
            let given = order.ticketing.ticket(ticket).and_then(|ticket| ticket.member_id.as_ref());
            let flaw = if given.is_some() { Flaw::Invalid } else { Flaw::Blank };
            Fault::new(Spot::Ticket(ticket), "member_id", flaw)
        }
        Requirement::Password(event) => {
            Fault::new(nth(order, event, Spot::Password), "password", Flaw::Blank)
        }
        Requirement::Invitation(event) => {
            Fault::new(nth(order, event, Spot::Invitation), "code", Flaw::Blank)
        }
        Requirement::Membership(line) => Fault::new(Spot::Line(line), "membership", Flaw::Blank),
        Requirement::Answer(response, answer) => {
            Fault::new(Spot::Answer(response, answer), "value", Flaw::Blank)
        }
        Requirement::Conflict(one, other) => Fault::new(Spot::Order, "conflicts", Flaw::Conflict(one, other)),
    }
}

/// The place of an event among those of the order.
fn nth(order: &Order, event: crate::EventId, spot: fn(usize) -> Spot) -> Spot {
    spot(order.ticketing.events().iter().position(|id| *id == event).unwrap_or(0))
}

/// All that is open at a step, as faults.
pub fn at(step: crate::channel::Step, order: &Order, catalog: &Catalog, now: crate::Time) -> Vec<Fault> {
    let open = steps::open(step, order, catalog, now);
    open.into_iter().map(|requirement| of(requirement, order, catalog)).collect()
}
