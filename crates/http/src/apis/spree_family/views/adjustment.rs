//! Adjustments: taxes, discounts and what else makes a price more or less than price × quantity.

use super::super::Dialect;
use super::Lens;
use crate::kit::format::{Decimal, Display, Timestamp, decimal, display, timestamp};
use domain::order::Order;
use domain::price::{Adjustment, AdjustmentSource};
use domain::{AdjustmentId, LineId, OrderId, ShipmentId};
use serde::Serialize;

/// What an adjustment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjusted {
    Line(LineId),
    Shipment(ShipmentId),
    Order(OrderId),
}

#[derive(Debug, Serialize)]
pub struct AdjustmentView<'a> {
    id: AdjustmentId,
    source_type: Option<&'static str>,
    source_id: Option<i64>,
    adjustable_type: &'static str,
    adjustable_id: i64,
    #[serde(flatten)]
    spree: Option<SpreeKeys>,
    amount: Decimal,
    label: &'a str,
    /// Placed orders are not recalculated any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    finalized: Option<bool>,
    created_at: Timestamp,
    updated_at: Timestamp,
    display_amount: Display,
    /// Codes have no ids here.
    #[serde(skip_serializing_if = "Option::is_none")]
    promotion_code_id: Option<Option<i64>>,
    eligible: bool,
}

/// What Spree says beside: an originator has not been kept since version 2.2.
#[derive(Debug, Serialize)]
struct SpreeKeys {
    originator_type: Option<&'static str>,
    originator_id: Option<i64>,
    mandatory: bool,
    /// Placed orders are not recalculated any more.
    locked: bool,
}

pub fn adjustment<'a>(
    adjustment: &'a Adjustment,
    of: Adjusted,
    order: &Order,
    dialect: Dialect,
) -> AdjustmentView<'a> {
    let locked = order.is_placed();
    let (solidus, spree) = (dialect == Dialect::Solidus, dialect == Dialect::Spree);
    let (source_type, source_id) = match adjustment.source {
        AdjustmentSource::Tax(rate) => (Some("Spree::TaxRate"), Some(rate.0)),
        AdjustmentSource::Promotion { action, .. } => (Some("Spree::PromotionAction"), Some(action)),
        AdjustmentSource::Cancellation => (Some("Spree::UnitCancel"), None),
        AdjustmentSource::VolumePrice
        | AdjustmentSource::ServiceFee(_)
        | AdjustmentSource::Interest
        | AdjustmentSource::TopUp
        | AdjustmentSource::Manual => (None, None),
    };
    let (adjustable_type, adjustable_id) = match of {
        Adjusted::Line(id) => ("Spree::LineItem", id.0),
        Adjusted::Shipment(id) => ("Spree::Shipment", id.0),
        Adjusted::Order(id) => ("Spree::Order", id.0),
    };
    AdjustmentView {
        id: adjustment.id,
        source_type,
        source_id,
        adjustable_type,
        adjustable_id,
        amount: decimal(adjustment.amount, order.currency),
        label: &adjustment.label,
        spree: spree.then_some(SpreeKeys {
            originator_type: None,
            originator_id: None,
            mandatory: false,
            locked,
        }),
        finalized: solidus.then_some(locked),
        created_at: timestamp(order.created_at),
        updated_at: timestamp(order.updated_at),
        display_amount: display(adjustment.amount, order.currency),
        promotion_code_id: solidus.then_some(None),
        eligible: adjustment.eligible,
    }
}

/// All adjustments of one thing.
pub(super) fn adjustments<'a>(
    all: &'a [Adjustment],
    of: Adjusted,
    order: &Order,
    lens: &Lens<'_>,
) -> Vec<AdjustmentView<'a>> {
    all.iter().map(|one| adjustment(one, of, order, lens.dialect)).collect()
}
