//! Why a price is not just price times quantity: taxes, fees, promotions, and what delivery costs.

use super::wire::{MoneyView, money};
use domain::money::Amount;
use domain::order::Order;
use domain::price::{Adjustment, AdjustmentSource};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct AdjustmentView<'a> {
    id: i64,
    label: &'a str,
    order_id: i64,
    adjustable_id: i64,
    adjustable_type: &'static str,
    source_id: Option<i64>,
    source_type: Option<&'static str>,
    included: bool,
    mandatory: bool,
    eligible: bool,
    groupable: bool,
    finalized: bool,
    amount: MoneyView,
}

/// What an adjustment changes the price of.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Order,
    Line(i64),
}

/// All adjustments of an order: of its lines, of its delivery, of itself.
pub fn all(order: &Order) -> Vec<AdjustmentView<'_>> {
    let sheet = &order.sheet;
    let lines = sheet.lines.iter().flat_map(|line| {
        line.adjustments.iter().map(move |adjustment| view(adjustment, order, Of::Line(line.line.0)))
    });
    let delivery = sheet.shipments.iter().flat_map(|shipment| &shipment.adjustments);
    let rest = delivery.chain(&sheet.order).map(|adjustment| view(adjustment, order, Of::Order));
    lines.chain(rest).chain(rates(order)).collect()
}

/// The adjustments of one line.
pub fn of_line(order: &Order, line: domain::LineId) -> Vec<AdjustmentView<'_>> {
    let sheet = order.sheet.line(line);
    let adjustments = sheet.map(|sheet| sheet.adjustments.as_slice()).unwrap_or_default();
    adjustments.iter().map(|adjustment| view(adjustment, order, Of::Line(line.0))).collect()
}

/// What delivery costs is an adjustment here, and no total of its own as in other channels.
fn rates(order: &Order) -> impl Iterator<Item = AdjustmentView<'_>> {
    order.shipments.iter().filter_map(|shipment| {
        let rate = shipment.selected_rate()?;
        let source = (Some(rate.id.0), Some("ShippingRate"));
        Some(built(rate.id.0, &rate.name, order, Of::Order, source, shipment.cost))
    })
}

fn view<'a>(adjustment: &'a Adjustment, order: &Order, of: Of) -> AdjustmentView<'a> {
    let source = match adjustment.source {
        AdjustmentSource::Tax(rate) => (Some(rate.0), Some("TaxRate")),
        AdjustmentSource::Promotion { action, .. } => (Some(action), Some("PromotionAction")),
        AdjustmentSource::ServiceFee(fee) => (Some(fee.0), Some("ServiceFeeRate")),
        AdjustmentSource::VolumePrice
        | AdjustmentSource::Interest
        | AdjustmentSource::TopUp
        | AdjustmentSource::Cancellation
        | AdjustmentSource::Manual => (None, None),
    };
    let view = built(adjustment.id.0, &adjustment.label, order, of, source, adjustment.amount);
    AdjustmentView {
        included: adjustment.included,
        eligible: adjustment.eligible,
        mandatory: !adjustment.source.is_promotion(),
        ..view
    }
}

fn built<'a>(
    id: i64,
    label: &'a str,
    order: &Order,
    of: Of,
    source: (Option<i64>, Option<&'static str>),
    amount: Amount,
) -> AdjustmentView<'a> {
    let (adjustable_id, adjustable_type) = match of {
        Of::Order => (order.id.0, "Order"),
        Of::Line(id) => (id, "LineItem"),
    };
    AdjustmentView {
        id,
        label,
        order_id: order.id.0,
        adjustable_id,
        adjustable_type,
        source_id: source.0,
        source_type: source.1,
        included: false,
        mandatory: true,
        eligible: true,
        groupable: true,
        finalized: order.is_placed(),
        amount: money(amount, order.currency),
    }
}
