//! The domain's refusals and the engine's troubles in this API's words, each in one table.

use super::{Fields, Refused, coupon, field_errors};
use crate::apis::solidus::state;
use axum::http::StatusCode;
use domain::OrderId;
use domain::money::Currency;
use domain::order::{Order, Phase};
use domain::refusal::{Move, Refusal};
use engine::Trouble;

/// What a request was about: the same refusal is told differently on different endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// `/orders`.
    Order,
    /// `/checkouts`.
    Checkout,
    Line,
    Address,
    /// A payment being made or changed.
    Payment,
    /// A payment being sent an event, by its name.
    PaymentEvent(&'static str),
    Shipment,
    Transfer,
    Return,
}

/// What the words depend on beside the refusal.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub about: About,
    pub admin: bool,
    /// 0 for an order that does not exist yet.
    pub order: OrderId,
    pub phase: Phase,
    pub currency: Currency,
}

impl Words {
    pub fn of(order: &Order, about: About, admin: bool) -> Words {
        Words { about, admin, order: order.id, phase: order.phase, currency: order.currency }
    }
}

/// A refusal of the domain.
pub fn refused(refusal: &Refusal, words: &Words) -> Refused {
    let base = |sentence: &str| Refused::no_transition("order", Fields::one("base", sentence));
    match refusal {
        Refusal::NoLines => {
            base("There are no items for this order. Please add an item to the order to continue.")
        }
        Refusal::ShipAddressRequired => base("Valid shipping address required"),
        Refusal::BillAddressRequired => base("Valid billing address required"),
        Refusal::EmailRequired => Refused::no_transition("order", Fields::one("email", "can't be blank")),
        Refusal::InsufficientStock(_) => Refused::insufficient_stock(),
        Refusal::NoShippingRates => base("We are unable to calculate shipping rates for the selected items."),
        Refusal::NoPayment => base("No payment found"),
        Refusal::StoreCreditCannotFund => base("Unable to pay for order using store credits"),
        Refusal::PaymentsDoNotCover => base("Payments do not cover the order total"),
        Refusal::Declined(message) => declined(message, words.about),
        Refusal::PromotionsChanged => base(
            "One or more of the promotions on your order have become ineligible and were removed. \
             Please check the new order amounts and try again.",
        ),
        Refusal::VariantsGone(_) => {
            base("Some line items in this order have products that are no longer available.")
        }
        Refusal::NoSuchMove(Move::Empty) => {
            Refused::invalid_base("The order is complete and cannot be emptied.")
        }
        Refusal::NoSuchMove(Move::Cancel) if words.about == About::Return => {
            cannot("return_authorization", "cancel")
        }
        Refusal::NoSuchMove(_) if words.about == About::Return => {
            Refused::invalid_base("has no shipped units")
        }
        Refusal::NoSuchMove(to) => cannot("order", event(*to)),
        Refusal::TotalMismatch { .. } => Refused::total_mismatch(),
        Refusal::Invalid(errors) => Refused::invalid(field_errors(errors, words.about)),
        Refusal::Missing(name) => Refused::missing_param(name),
        Refusal::NotFound(_) => Refused::not_found(),
        Refusal::Code(code) => {
            Refused::json(StatusCode::UNPROCESSABLE_ENTITY, coupon::declined(code, words.currency))
        }
        Refusal::PaymentNotUpdatable(found) => Refused::payment_not_updatable(state::payment_state(*found)),
        Refusal::PaymentMove(_) => match words.about {
            About::PaymentEvent(event) => cannot("payment", event),
            _ => Refused::no_transition("payment", Fields::one("state", "is invalid")),
        },
        Refusal::ShipmentNotReady => Refused::cannot_ready(),
        Refusal::ShipmentMove(event) => cannot("shipment", event),
        Refusal::ShipmentShipped => Refused::invalid_base("Cannot remove items from a shipped shipment"),
        Refusal::UnitMove(event) => Refused::unit_cannot(event),
        Refusal::MethodNotOffered => Refused::method_not_offered(),
        Refusal::LocationLacksStock => match words.about {
            About::Transfer => Refused::transfer_failed(),
            _ => Refused::insufficient_stock(),
        },
        Refusal::Placing => Refused::placing(words.order),
        Refusal::NotModifiable => base(match words.phase {
            Phase::Reserved => "This order is reserved until sales open.",
            _ => "This order is on the wait list.",
        }),
        Refusal::AlreadyComplete if words.admin => {
            Refused::no_transition("order", Fields::one("state", "is complete"))
        }
        Refusal::AlreadyComplete | Refusal::AccountRequired => Refused::not_permitted(),
        Refusal::TooMany(what) => Refused::invalid_base(format!("There are too many {what}.")),
        Refusal::TooLarge => Refused::invalid_base("The amount is too large."),
    }
}

/// A gateway's own words: a payment's error on the payment's endpoints, the order's while it is being placed.
fn declined(message: &str, about: About) -> Refused {
    match about {
        About::Payment | About::PaymentEvent(_) => Refused::invalid_base(message),
        _ => Refused::no_transition("order", Fields::one("base", message)),
    }
}

fn cannot(model: &str, event: &str) -> Refused {
    Refused::no_transition(model, Fields::one("state", format!("cannot transition via \"{event}\"")))
}

fn event(to: Move) -> &'static str {
    match to {
        Move::Next => "next",
        Move::Complete => "complete",
        Move::Cancel => "cancel",
        Move::Resume => "resume",
        Move::Empty => "empty",
        Move::GoTo => "state",
        Move::AuthorizeReturn => "authorize_return",
        Move::Return => "return",
    }
}

/// The engine has no answer. `order` is the one the request named; 0 if it named none.
pub fn trouble(trouble: &Trouble, order: OrderId) -> Refused {
    match trouble {
        Trouble::Busy { order: busy } => Refused::locked(busy.unwrap_or(order)),
        Trouble::VersionMismatch { .. } => Refused::locked(order),
        Trouble::Overdue { order } => Refused::placing(*order),
        Trouble::NotFound => Refused::not_found(),
        Trouble::OnceMismatch => Refused::once_mismatch(),
        Trouble::OnceInProgress => Refused::once_in_progress(),
        Trouble::Unavailable(reason) => {
            tracing::warn!(reason, "the store is unavailable");
            Refused::unavailable()
        }
        Trouble::Internal(reason) => {
            tracing::error!(reason, "a request failed inside");
            Refused::broken()
        }
    }
}
