//! States derived from an order's payments and shipments, as truth tables.
//!
//! Payment state, from completion on (first row that fits):
//!
//! | condition | state |
//! | --- | --- |
//! | canceled and nothing received | void |
//! | payments exist, none live, something outstanding | failed |
//! | outstanding > 0 | balance due |
//! | outstanding < 0 | credit owed |
//! | else | paid |
//!
//! Shipment state: none without shipments; backorder if any piece is; partial if shipments differ; else the
//! state they share.

use super::{Order, Phase, ShipmentState, UnitState};
use crate::money::Amount;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderPaymentState {
    Void,
    Failed,
    BalanceDue,
    CreditOwed,
    Paid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderShipmentState {
    Backorder,
    Partial,
    All(ShipmentState),
}

impl Order {
    /// `None` before completion.
    pub fn payment_state(&self) -> Option<OrderPaymentState> {
        self.completed_at?;
        let outstanding = self.outstanding();
        let any_live = self.payments.iter().any(|payment| payment.state.is_live());
        Some(if self.phase == Phase::Canceled && self.payment_total().is_zero() {
            OrderPaymentState::Void
        } else if !self.payments.is_empty() && !any_live && !outstanding.is_zero() {
            OrderPaymentState::Failed
        } else if outstanding > Amount::ZERO {
            OrderPaymentState::BalanceDue
        } else if outstanding < Amount::ZERO {
            OrderPaymentState::CreditOwed
        } else {
            OrderPaymentState::Paid
        })
    }

    /// `None` before completion and without shipments.
    pub fn shipment_state(&self) -> Option<OrderShipmentState> {
        self.completed_at?;
        let first = self.shipments.first()?;
        if self.shipments.iter().any(|shipment| shipment.count(UnitState::Backordered) > 0) {
            Some(OrderShipmentState::Backorder)
        } else if self.shipments.iter().any(|shipment| shipment.state != first.state) {
            Some(OrderShipmentState::Partial)
        } else {
            Some(OrderShipmentState::All(first.state))
        }
    }
}
