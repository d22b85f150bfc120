//! Service fees: on each piece a fixed sum, and a share of what it costs after discounts.
//!
//! A fee is one adjustment of its line, rounded once. It is taken after discounts and taxes: it is neither
//! discounted nor taxed. A free line has no share to pay, but pays the fixed sum. A placed line of unchanged
//! amount keeps the fees it was sold with.

use super::carried::Before;
use super::units::narrow;
use super::working::{Formula, Notes, Place, Reason};
use super::{Adjustment, AdjustmentSource, LineSheet, PriceSheet};
use crate::AdjustmentId;
use crate::catalog::{Catalog, FeeScope, ServiceFee};
use crate::money::{Amount, TooLarge};
use crate::order::{Line, Order};

pub(super) fn add(
    sheet: &mut PriceSheet,
    order: &Order,
    catalog: &Catalog,
    before: &Before<'_>,
    notes: &mut Notes,
) -> Result<(), TooLarge> {
    for (line, own) in order.lines.iter().zip(&mut sheet.lines) {
        if order.is_placed() && before.amount_of(line.id) == Some(own.amount) {
            let sold = before.fees_of(line.id);
            for fee in &sold {
                notes.take(Place::Line(line.id), &fee.source, || Reason::Stated(fee.amount));
            }
            own.adjustments.extend(sold);
            continue;
        }
        for fee in catalog.ticketing.service_fees.values().filter(|fee| is_taken(fee, line, order, catalog)) {
            let parts = parts(fee, line, own);
            let wide: i128 = parts.iter().map(|part| part.wide()).sum();
            let amount = narrow(wide)?;
            if amount.is_zero() {
                continue;
            }
            let source = AdjustmentSource::ServiceFee(fee.id);
            notes.take(Place::Line(line.id), &source, || Reason::Fee { parts });
            own.adjustments.push(Adjustment {
                id: AdjustmentId::default(),
                source,
                label: fee.name.clone(),
                amount,
                eligible: true,
                included: false,
            });
        }
    }
    Ok(())
}

fn is_taken(fee: &ServiceFee, line: &Line, order: &Order, catalog: &Catalog) -> bool {
    let product = catalog.variant(line.variant).map(|(product, _)| product.id);
    let in_scope = match &fee.scope {
        FeeScope::Everything => true,
        FeeScope::Products(ids) => product.is_some_and(|product| ids.contains(&product)),
        FeeScope::Variants(ids) => ids.contains(&line.variant),
    };
    fee.active && in_scope && fee.flat.is_none_or(|flat| flat.currency == order.currency)
}

fn parts(fee: &ServiceFee, line: &Line, sheet: &LineSheet) -> Vec<Formula> {
    let each = fee.flat.map_or(Amount::ZERO, |flat| flat.amount);
    let base = sheet.total_before_tax().max(Amount::ZERO);
    let fixed = Formula::Pieces { each, pieces: u64::from(line.quantity) };
    let share = Formula::Share { rate: fee.percent, base };
    vec![fixed, share]
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::ServiceFeeId;
    use crate::money::{Currency, Money, Rate};

    #[test]
    fn one_dollar_and_three_percent() {
        let fee = ServiceFee {
            id: ServiceFeeId(1),
            name: "Fee".into(),
            flat: Some(Money::new(100, Currency::USD)),
            percent: Rate::percent(3),
            scope: FeeScope::Everything,
            active: true,
        };
        let line = |quantity| Line { quantity, ..samples::line(1, 1, 1, 0) };
        let sheet = |amount| LineSheet {
            line: crate::LineId(1),
            amount: Amount(amount),
            adjustments: Vec::new(),
            order_share: Amount::ZERO,
        };
        let fee_on = |amount, quantity| -> i64 {
            parts(&fee, &line(quantity), &sheet(amount)).iter().map(|part| part.amount().0).sum()
        };
        for (amount, quantity, expected) in
            [(1500, 1, 145), (1200, 1, 136), (0, 1, 100), (3000, 2, 290), (1650, 1, 150)]
        {
            assert_eq!(fee_on(amount, quantity), expected, "{amount} {quantity}");
        }
    }
}
