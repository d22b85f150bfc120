//! Positions and states in this API's words, one table each, and the way back for `state=`.
//!
//! An order begun anywhere has a state here; several positions of the domain may share one.

use super::Dialect;
use domain::channel::Step;
use domain::order::{
    Completion, Order, OrderPaymentState, OrderShipmentState, PaymentState, Phase, ReturnState,
    ShipmentState, UnitState,
};

/// The order's `state`.
///
/// | phase | state |
/// | --- | --- |
/// | cart, expired, abandoned | `cart` |
/// | checkout | by step: `address`, `delivery`, `payment`, `confirm` |
/// | placing, requested, reserved | `confirm` |
/// | complete | `complete`, `resumed`, `awaiting_return` |
/// | returned | `returned` |
/// | canceled, voided | `canceled` |
pub fn state_of(order: &Order) -> &'static str {
    match order.phase {
        Phase::Cart | Phase::Expired | Phase::Abandoned => "cart",
        Phase::Checkout => name_of(order.at),
        Phase::Placing | Phase::Requested | Phase::Reserved => "confirm",
        Phase::Complete(Completion::Normal | Completion::Review) => "complete",
        Phase::Complete(Completion::Resumed) => "resumed",
        Phase::Complete(Completion::AwaitingReturn) => "awaiting_return",
        Phase::Returned => "returned",
        Phase::Canceled | Phase::Voided => "canceled",
    }
}

/// The order's `state` in a dialect. While a gateway works, Spree leaves an order on the step it came from.
pub fn state_in(order: &Order, dialect: Dialect) -> &'static str {
    match (order.phase, dialect) {
        (Phase::Placing, Dialect::Spree) => name_of(order.at),
        _ => state_of(order),
    }
}

/// The state in which an order on this step is shown: steps this API does not have count to the one before the
/// point where they are asked.
pub fn name_of(step: Step) -> &'static str {
    match step {
        Step::Cart => "cart",
        Step::Email
        | Step::Register
        | Step::OrderForm
        | Step::Customize
        | Step::AddOn
        | Step::Attendees
        | Step::Password
        | Step::Invite
        | Step::Member
        | Step::Membership
        | Step::Address => "address",
        Step::Delivery | Step::Form | Step::Conflict | Step::Terms => "delivery",
        Step::Payment => "payment",
        Step::Confirm => "confirm",
    }
}

/// The step a caller names in `state=`. `shipping` is what the guide calls `delivery`; it is read, never written.
pub fn step_of(name: &str) -> Option<Step> {
    match name {
        "cart" => Some(Step::Cart),
        "address" => Some(Step::Address),
        "delivery" | "shipping" => Some(Step::Delivery),
        "payment" => Some(Step::Payment),
        "confirm" => Some(Step::Confirm),
        _ => None,
    }
}

/// A payment's `state`.
pub fn payment_state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Stored => "checkout",
        PaymentState::Processing | PaymentState::ActionRequired => "processing",
        PaymentState::Authorized => "pending",
        PaymentState::Captured => "completed",
        PaymentState::Failed => "failed",
        PaymentState::Void => "void",
        PaymentState::Replaced => "invalid",
    }
}

/// The order's `payment_state`.
pub fn order_payment_state(state: OrderPaymentState) -> &'static str {
    match state {
        OrderPaymentState::Void => "void",
        OrderPaymentState::Failed => "failed",
        OrderPaymentState::BalanceDue => "balance_due",
        OrderPaymentState::CreditOwed => "credit_owed",
        OrderPaymentState::Paid => "paid",
    }
}

/// The order's `shipment_state`.
pub fn order_shipment_state(state: OrderShipmentState) -> &'static str {
    match state {
        OrderShipmentState::Backorder => "backorder",
        OrderShipmentState::Partial => "partial",
        OrderShipmentState::All(state) => shipment_state(state),
    }
}

/// A shipment's `state`.
pub fn shipment_state(state: ShipmentState) -> &'static str {
    match state {
        ShipmentState::Pending => "pending",
        ShipmentState::Ready => "ready",
        ShipmentState::Shipped => "shipped",
        ShipmentState::Canceled => "canceled",
    }
}

/// An inventory unit's `state`.
pub fn unit_state(state: UnitState) -> &'static str {
    match state {
        UnitState::OnHand => "on_hand",
        UnitState::Backordered => "backordered",
        UnitState::Shipped => "shipped",
        UnitState::Returned => "returned",
        UnitState::Canceled => "canceled",
    }
}

/// A return authorization's `state`.
pub fn return_state(state: ReturnState) -> &'static str {
    match state {
        ReturnState::Authorized => "authorized",
        ReturnState::Canceled => "canceled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_steps_are_inverse_and_shipping_is_delivery() {
        for name in ["cart", "address", "delivery", "payment", "confirm"] {
            assert_eq!(step_of(name).map(name_of), Some(name));
        }
        assert_eq!(step_of("shipping"), Some(Step::Delivery));
        for name in ["complete", "canceled", "resumed", "Cart", ""] {
            assert_eq!(step_of(name), None, "{name}");
        }
    }
}
