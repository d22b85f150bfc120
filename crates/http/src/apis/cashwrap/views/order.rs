//! The order whole, in the domain's own words.

use super::parts::{
    AddressView, AdjustmentView, LineView, PaymentView, ReturnView, ShipmentView, address, adjustments,
    authorization, line, payment, received, shipment,
};
use super::preview::{TotalsView, totals};
use super::{Lens, name, time};
use crate::kit::format::SecretText;
use domain::money::exponent;
use domain::order::{Completion, Order, OrderPaymentState, OrderShipmentState, Phase};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An order. Amounts are whole minor units of `currency`, which has `exponent` decimals.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    id: i64,
    number: String,
    /// Goes up by one with each change.
    version: u64,
    kind: String,
    /// The channel that began it.
    origin: String,
    currency: String,
    exponent: u32,
    /// `cart`, `checkout`, `placing`, `complete`, `requested`, `reserved`, `expired`, `canceled`, `voided`,
    /// `abandoned`, `returned`.
    phase: String,
    /// Of a complete order: `normal`, `review`, `resumed`, `awaiting_return`.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion: Option<String>,
    /// The step of the last move.
    step: String,
    customer: Option<i64>,
    email: Option<String>,
    /// The order's secret: to its account and to whoever showed it. Staff have no use for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    lines: Vec<LineView>,
    shipments: Vec<ShipmentView>,
    payments: Vec<PaymentView>,
    bill_address: Option<AddressView>,
    ship_address: Option<AddressView>,
    promotions: Vec<AppliedView>,
    /// Adjustments of the order as a whole.
    adjustments: Vec<AdjustmentView>,
    totals: TotalsView,
    /// Money received, less what was given back.
    payment_total: i64,
    outstanding: i64,
    payment_state: Option<&'static str>,
    shipment_state: Option<String>,
    return_authorizations: Vec<ReturnView>,
    customer_returns: Vec<ReturnView>,
    instructions: Option<String>,
    customer_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Map<String, Value>>,
    /// Number of lines in the order's history.
    events: u64,
    created_at: String,
    updated_at: String,
    completed_at: Option<String>,
    canceled_at: Option<String>,
    /// The account that canceled; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    canceler: Option<i64>,
    /// When what is held for an unfinished order is given up.
    expires_at: Option<String>,
}

/// A promotion on the order; `explain` tells whether it counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedView {
    promotion: i64,
    name: Option<String>,
    code: Option<String>,
}

/// The order as a caller may see it.
pub fn order(order: &Order, lens: &Lens<'_>) -> OrderView {
    let catalog = lens.catalog;
    let promotions = order.promotions.iter().map(|applied| AppliedView {
        promotion: applied.promotion.0,
        name: catalog.promotions.get(&applied.promotion).map(|promotion| promotion.name.clone()),
        code: applied.code.clone(),
    });
    OrderView {
        id: order.id.0,
        number: order.number.clone(),
        version: order.version,
        kind: name(&order.kind),
        origin: order.origin.0.to_string(),
        currency: order.currency.code().to_owned(),
        exponent: exponent(order.currency),
        phase: phase(order.phase),
        completion: completion(order.phase),
        step: name(&order.at),
        customer: order.customer.map(|id| id.0),
        email: order.email.clone(),
        token: lens.is_buyer(order).then(|| SecretText(order.secret).to_string()),
        lines: order.lines.iter().map(|own| line(own, order, lens)).collect(),
        shipments: order.shipments.iter().map(|own| shipment(own, order)).collect(),
        payments: order.payments.iter().map(|own| payment(own, order, lens)).collect(),
        bill_address: order.bill_address.as_ref().map(|own| address(own, catalog)),
        ship_address: order.ship_address.as_ref().map(|own| address(own, catalog)),
        promotions: promotions.collect(),
        adjustments: adjustments(&order.sheet.order),
        totals: totals(order),
        payment_total: order.payment_total().0,
        outstanding: order.outstanding().0,
        payment_state: order.payment_state().map(payment_state),
        shipment_state: order.shipment_state().map(shipment_state),
        return_authorizations: order.returns.iter().map(authorization).collect(),
        customer_returns: order.customer_returns.iter().map(received).collect(),
        instructions: order.instructions.clone(),
        customer_metadata: order.customer_metadata.clone(),
        admin_metadata: lens.is_staff().then(|| order.admin_metadata.clone()),
        events: order.event_count,
        created_at: time(order.created_at),
        updated_at: time(order.updated_at),
        completed_at: order.completed_at.map(time),
        canceled_at: order.canceled_at.map(time),
        canceler: order.canceler.filter(|_| lens.is_staff()).map(|id| id.0),
        expires_at: order.expires_at.map(time),
    }
}

/// The phase without what goes with it.
pub fn phase(phase: Phase) -> String {
    name(&phase)
}

fn completion(phase: Phase) -> Option<String> {
    let Phase::Complete(completion) = phase else { return None };
    let name = match completion {
        Completion::Normal => "normal",
        Completion::Review => "review",
        Completion::Resumed => "resumed",
        Completion::AwaitingReturn => "awaiting_return",
    };
    Some(name.to_owned())
}

fn payment_state(state: OrderPaymentState) -> &'static str {
    match state {
        OrderPaymentState::Void => "void",
        OrderPaymentState::Failed => "failed",
        OrderPaymentState::BalanceDue => "balance_due",
        OrderPaymentState::CreditOwed => "credit_owed",
        OrderPaymentState::Paid => "paid",
    }
}

fn shipment_state(state: OrderShipmentState) -> String {
    match state {
        OrderShipmentState::Backorder => "backorder".to_owned(),
        OrderShipmentState::Partial => "partial".to_owned(),
        OrderShipmentState::All(state) => name(&state),
    }
}
