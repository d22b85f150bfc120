//! What paying in parts costs, as the provider that took the money said: one adjustment of the order.
//!
//! It comes after discounts and taxes and is the base of neither. Once the provider has said it, it stays.

use super::working::{Notes, Place, Reason};
use super::{Adjustment, AdjustmentSource, PriceSheet};
use crate::AdjustmentId;
use crate::money::TooLarge;
use crate::order::Order;

pub(super) fn add(sheet: &mut PriceSheet, order: &Order, notes: &mut Notes) -> Result<(), TooLarge> {
    let interest = order.receipt().map(|receipt| receipt.interest).filter(|interest| interest.is_positive());
    let Some(amount) = interest else { return Ok(()) };
    let amount = amount.bounded()?;
    notes.take(Place::Order, &AdjustmentSource::Interest, || Reason::Stated(amount));
    sheet.order.push(Adjustment {
        id: AdjustmentId::default(),
        source: AdjustmentSource::Interest,
        label: String::from("Installment interest"),
        amount,
        eligible: true,
        included: false,
    });
    Ok(())
}
