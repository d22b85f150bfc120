//! The price sheet: lines, shipments and order adjustments with source and label, and totals that are their sum.
//!
//! ```text
//! line.amount        = price × quantity
//! line.total         = amount + eligible adjustments that are not included tax
//! order.total        = item_total + ship_total + adjustment_total
//! adjustment_total   = eligible, not included adjustments of lines, shipments and the order
//! ```

use crate::money::Amount;
use crate::{AdjustmentId, LineId, PromotionId, ServiceFeeId, ShipmentId, TaxRateId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PriceSheet {
    #[serde(default)]
    pub lines: Vec<LineSheet>,
    #[serde(default)]
    pub shipments: Vec<ShipmentSheet>,
    /// Adjustments of the order as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Adjustment>,
    pub totals: Totals,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSheet {
    pub line: LineId,
    pub amount: Amount,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// This line's part of the order-level discounts (≤ 0), for refunds and reports. Not in any total here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order_share: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentSheet {
    pub shipment: ShipmentId,
    pub amount: Amount,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

/// One reason why a price is not just the sum of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Stays the same while the same source adjusts the same thing; 0 until one is assigned.
    #[serde(default)]
    pub id: AdjustmentId,
    pub source: AdjustmentSource,
    pub label: String,
    pub amount: Amount,
    /// Only eligible adjustments count.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub eligible: bool,
    /// Already inside the price: shown, never added.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub included: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentSource {
    Tax(TaxRateId),
    /// `action` is the promotion action's id.
    Promotion {
        promotion: PromotionId,
        action: i64,
    },
    /// A fee on each piece; neither discounted nor taxed.
    ServiceFee(ServiceFeeId),
    /// What graduated tiers make of the first tier's price.
    VolumePrice,
    /// What a provider's buyer pays for paying in parts; neither discounted nor taxed.
    Interest,
    /// The credit that is bought.
    TopUp,
    /// Pieces taken off a placed order.
    Cancellation,
    /// Entered by staff or imported.
    Manual,
}

impl AdjustmentSource {
    pub fn is_tax(&self) -> bool {
        matches!(self, AdjustmentSource::Tax(_))
    }

    pub fn is_fee(&self) -> bool {
        matches!(self, AdjustmentSource::ServiceFee(_))
    }

    /// Comes after discounts and taxes, and is the base of neither.
    pub fn is_after_tax(&self) -> bool {
        matches!(self, AdjustmentSource::ServiceFee(_) | AdjustmentSource::Interest | AdjustmentSource::TopUp)
    }

    pub fn is_promotion(&self) -> bool {
        matches!(self, AdjustmentSource::Promotion { .. })
    }
}

/// All totals of an order. Every one is the sum of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Totals {
    pub item_total: Amount,
    pub ship_total: Amount,
    /// Eligible promotion adjustments, ≤ 0.
    pub promo_total: Amount,
    /// Eligible adjustments that are not inside prices.
    pub adjustment_total: Amount,
    pub included_tax_total: Amount,
    pub additional_tax_total: Amount,
    pub total: Amount,
}

/// Sums over the adjustments of one thing.
impl Adjustment {
    /// Counts towards totals: eligible and not inside the price.
    pub fn counts(&self) -> bool {
        self.eligible && !self.included
    }
}

/// Sum of the adjustments that count.
pub(crate) fn counted(adjustments: &[Adjustment]) -> Amount {
    adjustments.iter().filter(|a| a.counts()).map(|a| a.amount).sum()
}

/// Sum of the eligible adjustments that are neither taxes nor fees.
pub(crate) fn before_tax(adjustments: &[Adjustment]) -> Amount {
    adjustments
        .iter()
        .filter(|a| a.eligible && !a.source.is_tax() && !a.source.is_after_tax())
        .map(|a| a.amount)
        .sum()
}

impl LineSheet {
    /// Amount with all eligible adjustments that are not taxes: the tax base.
    pub fn total_before_tax(&self) -> Amount {
        self.amount + before_tax(&self.adjustments)
    }

    pub fn adjustment_total(&self) -> Amount {
        counted(&self.adjustments)
    }

    pub fn total(&self) -> Amount {
        self.amount + self.adjustment_total()
    }
}

impl ShipmentSheet {
    pub fn total_before_tax(&self) -> Amount {
        self.amount + before_tax(&self.adjustments)
    }

    pub fn adjustment_total(&self) -> Amount {
        counted(&self.adjustments)
    }

    pub fn total(&self) -> Amount {
        self.amount + self.adjustment_total()
    }
}

impl PriceSheet {
    pub fn line(&self, id: LineId) -> Option<&LineSheet> {
        self.lines.iter().find(|sheet| sheet.line == id)
    }

    pub fn shipment(&self, id: ShipmentId) -> Option<&ShipmentSheet> {
        self.shipments.iter().find(|sheet| sheet.shipment == id)
    }

    /// Every adjustment of the sheet: lines, shipments, order.
    pub fn adjustments(&self) -> impl Iterator<Item = &Adjustment> {
        let lines = self.lines.iter().flat_map(|sheet| &sheet.adjustments);
        let shipments = self.shipments.iter().flat_map(|sheet| &sheet.adjustments);
        lines.chain(shipments).chain(&self.order)
    }

    /// Every adjustment, to be changed in place.
    pub fn adjustments_mut(&mut self) -> impl Iterator<Item = &mut Adjustment> {
        let lines = self.lines.iter_mut().flat_map(|sheet| &mut sheet.adjustments);
        let shipments = self.shipments.iter_mut().flat_map(|sheet| &mut sheet.adjustments);
        lines.chain(shipments).chain(&mut self.order)
    }

    /// The totals that these parts add up to.
    pub fn sum(&self) -> Totals {
        let of = |pick: &dyn Fn(&Adjustment) -> bool| -> Amount {
            self.adjustments().filter(|a| a.eligible && pick(a)).map(|a| a.amount).sum()
        };
        let item_total: Amount = self.lines.iter().map(|sheet| sheet.amount).sum();
        let ship_total: Amount = self.shipments.iter().map(|sheet| sheet.amount).sum();
        let adjustment_total = of(&|a| !a.included);
        Totals {
            item_total,
            ship_total,
            promo_total: of(&|a| a.source.is_promotion()),
            adjustment_total,
            included_tax_total: of(&|a| a.source.is_tax() && a.included),
            additional_tax_total: of(&|a| a.source.is_tax() && !a.included),
            total: item_total + ship_total + adjustment_total,
        }
    }
}

fn is_zero(amount: &Amount) -> bool {
    amount.is_zero()
}
