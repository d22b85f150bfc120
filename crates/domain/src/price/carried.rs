//! What a new sheet takes over from the one before it.
//!
//! Always: manual and cancellation adjustments of things that still exist, and the ids of adjustments with the
//! same source on the same thing. Of a placed order also: its promotions (frozen, capped when the thing they
//! adjust has shrunk) and the volume price of lines that did not change.

use super::units::{narrow, volume_difference, volume_reason};
use super::working::{Notes, Place, Reason};
use super::{Adjustment, AdjustmentSource, LineSheet, PriceSheet, ShipmentSheet};
use crate::catalog::Catalog;
use crate::money::{Amount, TooLarge};
use crate::order::{Line, Order};
use crate::{AdjustmentId, LineId, ShipmentId};
use std::collections::BTreeMap;

/// The sheet before, by thing.
pub(super) struct Before<'a> {
    lines: BTreeMap<LineId, &'a LineSheet>,
    shipments: BTreeMap<ShipmentId, &'a ShipmentSheet>,
    order: &'a [Adjustment],
}

impl<'a> Before<'a> {
    pub(super) fn of(sheet: &'a PriceSheet) -> Before<'a> {
        Before {
            lines: sheet.lines.iter().map(|line| (line.line, line)).collect(),
            shipments: sheet.shipments.iter().map(|shipment| (shipment.shipment, shipment)).collect(),
            order: &sheet.order,
        }
    }

    fn line(&self, id: LineId) -> &'a [Adjustment] {
        self.lines.get(&id).map_or(&[], |sheet| &sheet.adjustments)
    }

    fn shipment(&self, id: ShipmentId) -> &'a [Adjustment] {
        self.shipments.get(&id).map_or(&[], |sheet| &sheet.adjustments)
    }

    /// The line at its own price, as it was.
    pub(super) fn amount_of(&self, id: LineId) -> Option<Amount> {
        self.lines.get(&id).map(|sheet| sheet.amount)
    }

    /// The service fees a line had.
    pub(super) fn fees_of(&self, id: LineId) -> Vec<Adjustment> {
        self.line(id).iter().filter(|a| a.source.is_fee()).cloned().collect()
    }

    pub(super) fn manual_of_line(&self, id: LineId) -> Result<Vec<Adjustment>, TooLarge> {
        manual(self.line(id))
    }

    pub(super) fn manual_of_shipment(&self, id: ShipmentId) -> Result<Vec<Adjustment>, TooLarge> {
        manual(self.shipment(id))
    }

    pub(super) fn manual_of_order(&self) -> Result<Vec<Adjustment>, TooLarge> {
        manual(self.order)
    }

    /// The "Volume price" adjustment of a line, if graduated tiers make one. A placed line of unchanged amount
    /// keeps what it was sold at, whatever the catalogue says today.
    pub(super) fn volume_price(
        &self,
        order: &Order,
        line: &Line,
        amount: Amount,
        catalog: &Catalog,
        notes: &mut Notes,
    ) -> Result<Vec<Adjustment>, TooLarge> {
        let place = Place::Line(line.id);
        if order.is_placed() && self.lines.get(&line.id).is_some_and(|sheet| sheet.amount == amount) {
            let sold = self.line(line.id).iter().filter(|a| a.source == AdjustmentSource::VolumePrice);
            let sold: Vec<Adjustment> = sold.cloned().collect();
            for volume in &sold {
                notes.take(place, &volume.source, || Reason::Stated(volume.amount));
            }
            return Ok(sold);
        }
        let difference = narrow(volume_difference(line, amount, catalog, order.currency))?;
        if difference.is_zero() {
            return Ok(Vec::new());
        }
        notes.take(place, &AdjustmentSource::VolumePrice, || {
            volume_reason(line, amount, catalog, order.currency)
        });
        Ok(vec![Adjustment {
            id: AdjustmentId::default(),
            source: AdjustmentSource::VolumePrice,
            label: String::from("Volume price"),
            amount: difference,
            eligible: true,
            included: false,
        }])
    }

    /// Puts the promotions of a placed order back on the new sheet.
    pub(super) fn keep_promotions(&self, sheet: &mut PriceSheet, bought: Amount, notes: &mut Notes) {
        for line in &mut sheet.lines {
            let left = line.total_before_tax();
            let kept = capped(self.line(line.line), left, Place::Line(line.line), notes);
            line.adjustments.extend(kept);
        }
        for shipment in &mut sheet.shipments {
            let left = shipment.total_before_tax();
            let place = Place::Shipment(shipment.shipment);
            shipment.adjustments.extend(capped(self.shipment(shipment.shipment), left, place, notes));
        }
        let left = sheet.total_before_tax() + bought;
        sheet.order.extend(capped(self.order, left, Place::Order, notes));
    }

    /// Names adjustments as they were named before.
    pub(super) fn keep_ids(&self, sheet: &mut PriceSheet) {
        for line in &mut sheet.lines {
            same_ids(&mut line.adjustments, self.line(line.line));
        }
        for shipment in &mut sheet.shipments {
            same_ids(&mut shipment.adjustments, self.shipment(shipment.shipment));
        }
        same_ids(&mut sheet.order, self.order);
    }
}

/// Adjustments that no rule can compute. Their sum is checked here, because bases are made of it.
fn manual(before: &[Adjustment]) -> Result<Vec<Adjustment>, TooLarge> {
    let is_manual =
        |a: &&Adjustment| matches!(a.source, AdjustmentSource::Manual | AdjustmentSource::Cancellation);
    let kept: Vec<Adjustment> = before.iter().filter(is_manual).cloned().collect();
    narrow(kept.iter().map(|a| i128::from(a.amount.0).abs()).sum())?;
    Ok(kept)
}

fn capped(before: &[Adjustment], left: Amount, place: Place, notes: &mut Notes) -> Vec<Adjustment> {
    let mut left = left.max(Amount::ZERO);
    let mut kept: Vec<Adjustment> = before.iter().filter(|a| a.source.is_promotion()).cloned().collect();
    for adjustment in &mut kept {
        if !adjustment.counts() {
            notes.take(place, &adjustment.source, || Reason::Stated(adjustment.amount));
            continue;
        }
        let reason = Reason::Kept { amount: adjustment.amount, left };
        adjustment.amount = reason.amount();
        left += adjustment.amount;
        notes.take(place, &adjustment.source, || reason);
    }
    kept
}

fn same_ids(adjustments: &mut [Adjustment], before: &[Adjustment]) {
    for adjustment in adjustments.iter_mut().filter(|a| a.id == AdjustmentId::default()) {
        if let Some(same) = before.iter().find(|old| old.source == adjustment.source) {
            adjustment.id = same.id;
        }
    }
}

impl PriceSheet {
    /// Goods, shipping and everything else but taxes.
    pub(super) fn total_before_tax(&self) -> Amount {
        let lines: Amount = self.lines.iter().map(LineSheet::total_before_tax).sum();
        let shipments: Amount = self.shipments.iter().map(ShipmentSheet::total_before_tax).sum();
        lines + shipments + super::sheet::before_tax(&self.order)
    }
}
