//! The states of this API: words for the domain's phases and steps. Nothing else in this folder names one.
//!
//! What an order is now is a matter of the clock: one whose time is over is expired, whether or not a sweep has
//! written so.

use domain::Time;
use domain::catalog::Catalog;
use domain::channel::{Channel, Step};
use domain::order::{Order, Phase};
use domain::plan::{self, Ending};

pub const CART: &str = "cart";
pub const PROCESSING: &str = "processing";
pub const COMPLETE: &str = "complete";
pub const EXPIRED: &str = "expired";

const STEPS: &[(Step, &str)] = &[
    (Step::Cart, CART),
    (Step::Email, "email"),
    (Step::Register, "register"),
    (Step::OrderForm, "order_form"),
    (Step::Customize, "customize"),
    (Step::AddOn, "addon"),
    (Step::Attendees, "tickets"),
    (Step::Password, "password"),
    (Step::Invite, "invite"),
    (Step::Member, "member"),
    (Step::Membership, "membership"),
    (Step::Address, "address"),
    (Step::Delivery, "delivery"),
    (Step::Form, "form"),
    (Step::Conflict, "conflict"),
    (Step::Payment, "payment"),
    (Step::Confirm, "confirm"),
];

/// The word for a step. Agreements belong to other channels and have none.
pub fn name_of(step: Step) -> &'static str {
    STEPS.iter().find(|(known, _)| *known == step).map_or(CART, |(_, name)| name)
}

pub fn step_of(name: &str) -> Option<Step> {
    STEPS.iter().find(|(_, known)| *known == name).map(|(step, _)| *step)
}

/// What an order is now.
pub fn state_of(order: &Order, catalog: &Catalog, channel: &Channel, now: Time) -> &'static str {
    match order.phase {
        _ if order.is_expired(now) => EXPIRED,
        Phase::Cart => CART,
        Phase::Checkout => name_of(plan::position(order, catalog, channel, now)),
        Phase::Placing => PROCESSING,
        Phase::Complete(_) | Phase::Returned => COMPLETE,
        Phase::Requested => "requested",
        Phase::Reserved => "reserved",
        Phase::Expired => EXPIRED,
        Phase::Canceled => "canceled",
        Phase::Voided => "voided",
        Phase::Abandoned => "abandoned",
    }
}

/// The step whose data a request brings that does not say so.
pub fn standing(order: &Order, catalog: &Catalog, channel: &Channel, now: Time) -> Step {
    match order.phase {
        Phase::Expired | Phase::Abandoned => order.at,
        _ => plan::position(order, catalog, channel, now),
    }
}

/// The last entry of an order's steps.
pub fn final_of(order: &Order, catalog: &Catalog, now: Time) -> &'static str {
    match order.phase {
        Phase::Requested => "requested",
        Phase::Reserved => "reserved",
        Phase::Placing | Phase::Complete(_) | Phase::Returned => COMPLETE,
        _ => match plan::ending(order, catalog, now) {
            Ending::Complete => COMPLETE,
            Ending::Requested => "requested",
            Ending::Reserved => "reserved",
        },
    }
}

/// The steps of an order, the final one last.
pub fn steps_of(order: &Order, catalog: &Catalog, channel: &Channel, now: Time) -> Vec<&'static str> {
    let steps = channel.flow.steps_at(order, catalog, now).into_iter().map(name_of);
    steps.chain([final_of(order, catalog, now)]).collect()
}

/// The names under which orders in a state are stored, for searching.
pub fn stored(name: &str) -> Vec<&'static str> {
    match name {
        "addon" => vec!["add_on"],
        "tickets" => vec!["attendees"],
        PROCESSING => vec!["placing"],
        COMPLETE => vec!["complete", "review", "resumed", "awaiting_return", "returned"],
        EXPIRED => vec![EXPIRED],
        "requested" => vec!["requested"],
        "reserved" => vec!["reserved"],
        "canceled" => vec!["canceled"],
        "voided" => vec!["voided"],
        "abandoned" => vec!["abandoned"],
        other => step_of(other).map(name_of).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::guest_manager::channel::channel;

    #[test]
    fn every_step_of_the_channel_has_a_name_of_its_own() {
        for at in channel().flow.0 {
            assert_eq!(step_of(name_of(at.step)), Some(at.step));
        }
        assert_eq!(step_of("complete"), None);
        assert_eq!(step_of("notastate"), None);
    }
}
