//! Where an order stands, in this protocol's words.
//!
//! | phase | status |
//! | --- | --- |
//! | placing, the buyer has to act | `awaiting_payment` |
//! | placing, a part of the money has come | `underpaid` |
//! | placing otherwise | `processing` |
//! | complete, money is due | `awaiting_payment` |
//! | complete, returned | `paid` |
//! | canceled, voided, given up | `failed` |
//! | anything before placing | not visible |

use domain::money::Amount;
use domain::order::{AttemptState, Order, OrderKind, Payment, PaymentState, Phase};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    AwaitingPayment,
    Underpaid,
    Processing,
    Paid,
    Failed,
}

impl Status {
    /// `None`: there is no such order in this API.
    pub fn of(order: &Order) -> Option<Status> {
        match order.phase {
            Phase::Placing => Some(of_payments(order)),
            Phase::Complete(_) if order.outstanding() > Amount::ZERO => Some(Status::AwaitingPayment),
            Phase::Complete(_) | Phase::Returned => Some(Status::Paid),
            Phase::Canceled | Phase::Voided => Some(Status::Failed),
            // A refused payment sends an order back; here nobody goes on with it.
            Phase::Checkout | Phase::Expired | Phase::Abandoned => order
                .payments
                .iter()
                .any(|payment| payment.state == PaymentState::Failed)
                .then_some(Status::Failed),
            Phase::Cart | Phase::Requested | Phase::Reserved => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Status::AwaitingPayment => "awaiting_payment",
            Status::Underpaid => "underpaid",
            Status::Processing => "processing",
            Status::Paid => "paid",
            Status::Failed => "failed",
        }
    }
}

fn of_payments(order: &Order) -> Status {
    let attempts = || order.payments.iter().filter_map(|payment| payment.attempt.as_ref());
    let any = |test: fn(&AttemptState) -> bool| attempts().any(|attempt| test(&attempt.state));
    if any(|state| matches!(state, AttemptState::Underpaid { .. })) {
        Status::Underpaid
    } else if any(|state| matches!(state, AttemptState::ActionRequired { .. })) {
        Status::AwaitingPayment
    } else {
        Status::Processing
    }
}

/// The state of one payment.
pub fn of_payment(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::ActionRequired => match payment.attempt.as_ref().map(|attempt| &attempt.state) {
            Some(AttemptState::Underpaid { .. }) => "underpaid",
            _ => "awaiting_payment",
        },
        PaymentState::Stored => "awaiting_payment",
        PaymentState::Processing | PaymentState::Authorized => "processing",
        PaymentState::Captured if payment.refunded() > Amount::ZERO => "refunded",
        PaymentState::Captured => "paid",
        PaymentState::Failed | PaymentState::Void | PaymentState::Replaced => "failed",
    }
}

/// `service` or `top_up`.
pub fn order_type(order: &Order) -> &'static str {
    match order.kind {
        OrderKind::Sale => "service",
        OrderKind::TopUp { .. } => "top_up",
    }
}

/// Where the buyer has to act, if they have to.
pub fn redirect_url(order: &Order) -> Option<&str> {
    let attempts = order.payments.iter().filter_map(|payment| payment.attempt.as_ref());
    attempts.into_iter().find_map(|attempt| match &attempt.state {
        AttemptState::ActionRequired { url } => Some(url.as_str()),
        AttemptState::Underpaid { url, .. } => url.as_deref(),
        AttemptState::Initiated | AttemptState::Unknown => None,
    })
}
