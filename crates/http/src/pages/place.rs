//! Where an order stands for its buyer, and which page that is.

use super::channel::{name_of, via};
use domain::Time;
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::order::{CheckoutMode, Order, Phase};
use domain::plan::{self, rank};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Cart,
    Step(Step),
    /// What it held is there for others.
    Expired,
    /// A payment is being made.
    Processing,
    /// Complete, on the wait list, reserved, cancelled, returned.
    Final,
}

impl Place {
    /// The clock is the truth: an order past its time has run out, whether that was written or not.
    pub fn of(order: &Order, catalog: &Catalog, now: Time) -> Place {
        match order.phase {
            _ if order.is_expired(now) => Place::Expired,
            Phase::Abandoned | Phase::Expired => Place::Expired,
            Phase::Cart => Place::Cart,
            Phase::Checkout => match plan::position(order, catalog, via(catalog), now) {
                Step::Cart => Place::Cart,
                // Orders of other channels come without; nobody is sold anything who cannot be reached.
                _ if order.lines.is_empty() => Place::Cart,
                _ if order.email.is_none() && order.ticketing.mode == CheckoutMode::Guest => Place::Cart,
                step => Place::Step(step),
            },
            Phase::Placing => Place::Processing,
            _ => Place::Final,
        }
    }

    /// The last part of its address; empty for the order itself.
    pub fn page(self) -> &'static str {
        match self {
            Place::Cart => "cart",
            Place::Step(step) => name_of(step),
            Place::Expired => "expired",
            Place::Processing => "processing",
            Place::Final => "",
        }
    }

    /// Whether the page of a step may be looked at from here: it is listed, and not ahead.
    pub fn reaches(self, step: Step, order: &Order, catalog: &Catalog, now: Time) -> bool {
        match self {
            Place::Cart => step == Step::Cart,
            Place::Step(here) => {
                let listed = via(catalog).flow.steps_at(order, catalog, now);
                step == Step::Cart || (rank(step) <= rank(here) && listed.contains(&step))
            }
            Place::Expired | Place::Processing | Place::Final => false,
        }
    }
}
