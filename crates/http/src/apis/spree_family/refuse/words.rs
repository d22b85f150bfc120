//! The domain's refusals and the engine's troubles in this API's words, each in one table.

use super::{Fields, Refused, coupon, field_errors};
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::auth::Caller;
use crate::apis::spree_family::{state, views};
use axum::http::StatusCode;
use domain::catalog::Catalog;
use domain::money::Currency;
use domain::order::{Order, PaymentState, Phase};
use domain::plan::Requirement;
use domain::refusal::{CodeRefusal, FieldError, Move, Refusal, Rule};
use domain::{OrderId, VariantId};
use engine::Trouble;

/// The variant that there is not enough of, where Spree names it.
fn short_of(errors: &[FieldError], words: &Words) -> Option<VariantId> {
    let is_short = matches!(errors, [FieldError { rule: Rule::NotAvailable, .. }]);
    words.variant.filter(|_| is_short && words.dialect == Dialect::Spree)
}

/// What a request was about: the same refusal is told differently on different endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// `/orders`.
    Order,
    /// `/checkouts`.
    Checkout,
    /// A coupon code being taken off.
    CodeRemoval,
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
    pub dialect: Dialect,
    pub about: About,
    pub admin: bool,
    /// What was to be put into the cart, or to be changed in it.
    pub variant: Option<VariantId>,
    /// 0 for an order that does not exist yet.
    pub order: OrderId,
    pub phase: Phase,
    pub currency: Currency,
}

impl Words {
    pub fn of(order: &Order, about: About, caller: &Caller) -> Words {
        let (dialect, admin) = (caller.dialect, caller.is_admin());
        let (phase, currency) = (order.phase, order.currency);
        Words { dialect, about, admin, variant: None, order: order.id, phase, currency }
    }
}

/// A refusal of the domain.
pub fn refused(refusal: &Refusal, words: &Words, catalog: &Catalog) -> Refused {
    let base = |sentence: &str| Refused::no_transition("order", Fields::one("base", sentence));
    match refusal {
        Refusal::NoLines => {
            base("There are no items for this order. Please add an item to the order to continue.")
        }
        Refusal::ShipAddressRequired if words.dialect == Dialect::Spree => base(NO_RATES),
        Refusal::ShipAddressRequired => base("Valid shipping address required"),
        Refusal::BillAddressRequired => base("Valid billing address required"),
        Refusal::EmailRequired => Refused::no_transition("order", Fields::one("email", "can't be blank")),
        Refusal::InsufficientStock(_) if words.dialect == Dialect::Spree => Refused::item_unavailable(),
        Refusal::InsufficientStock(_) => Refused::insufficient_stock(),
        Refusal::NoShippingRates => base(NO_RATES),
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
        Refusal::NoSuchMove(to) => no_such_move(*to, words.about),
        Refusal::TotalMismatch { .. } => Refused::total_mismatch(),
        Refusal::Invalid(errors) if short_of(errors, words).is_some() => {
            let name = short_of(errors, words).and_then(|variant| views::descriptive_name(variant, catalog));
            let sentence = format!("selected of \"{}\" is not available.", name.unwrap_or_default());
            Refused::invalid(Fields::one("quantity", sentence))
        }
        Refusal::Invalid(errors) => Refused::invalid(field_errors(errors, words.about, words.dialect)),
        Refusal::Missing(name) => Refused::missing_param(words.dialect, name),
        Refusal::NotFound(_) => Refused::not_found(),
        Refusal::Code(code) => code_refused(code, words),
        Refusal::PaymentNotUpdatable(found) => Refused::payment_not_updatable(state::payment_state(*found)),
        Refusal::PaymentMove(found) => payment_move(*found, words),
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
        Refusal::RequirementsOpen(open) => still_open(open),
        // Refusals of steps and records that no request of these APIs is about.
        Refusal::Faults(_)
        | Refusal::StepOpen { .. }
        | Refusal::CheckoutNotAllowed(_)
        | Refusal::NoSuchStep { .. }
        | Refusal::TooManyTries
        | Refusal::NotGuestCheckout
        | Refusal::Provider(_)
        | Refusal::MixedServiceTypes(_)
        | Refusal::MixedIntervals
        | Refusal::UseTopUp
        | Refusal::TopUpOutOfRange { .. }
        | Refusal::PriceChanged { .. }
        | Refusal::CodeInvalid(_)
        | Refusal::CheckedInAlready(_) => base("This order goes on where it was begun."),
        Refusal::MethodNotAllowed { .. } => base("This payment method may not be used for this order."),
    }
}

fn payment_move(found: PaymentState, words: &Words) -> Refused {
    match (words.dialect, words.about) {
        (Dialect::Spree, _) => {
            let state = state::payment_state(found);
            Refused::invalid_base(format!("This payment cannot do this because it is {state}."))
        }
        (_, About::PaymentEvent(event)) => cannot("payment", event),
        _ => Refused::no_transition("payment", Fields::one("state", "is invalid")),
    }
}

const NO_RATES: &str = "We are unable to calculate shipping rates for the selected items.";

/// In checkout, Spree tells no more of a code than a sentence; and a code that is not there to be removed is 404.
fn code_refused(code: &CodeRefusal, words: &Words) -> Refused {
    let missing = matches!(code, CodeRefusal::NotPresent) || words.about == About::CodeRemoval;
    let status = match words.dialect {
        Dialect::Spree if words.about == About::Checkout => {
            let sentence = coupon::sentence(code, words.currency);
            return Refused::sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence);
        }
        Dialect::Spree if missing => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Refused::json(status, coupon::declined(code, words.currency, words.dialect))
}

/// Everything the goods need beside what these APIs ask, one sentence each.
fn still_open(open: &[Requirement]) -> Refused {
    let mut fields = Fields::default();
    open.iter().for_each(|requirement| fields.add("base", requirement.sentence()));
    Refused::no_transition("order", fields)
}

fn no_such_move(to: Move, about: About) -> Refused {
    match (to, about) {
        (Move::Empty, _) => Refused::invalid_base("The order is complete and cannot be emptied."),
        (Move::Cancel, About::Return) => cannot("return_authorization", "cancel"),
        (_, About::Return) => Refused::invalid_base("has no shipped units"),
        (to, _) => cannot("order", event(to)),
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
        Move::Extend => "extend",
        Move::Offer => "offer",
        Move::Deny => "deny",
        Move::Void => "void",
        Move::CheckIn => "check_in",
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
