//! The price sheet as people read it: each reason for the total has a name, and what is alike is one row.

use crate::kit::format::display;
use crate::pages::when;
use domain::money::{Amount, Currency};
use domain::order::{Order, Payment, PaymentState, Source};
use domain::price::{Adjustment, AdjustmentSource};
use std::fmt;

/// An amount for people, with a real minus sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub amount: Amount,
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = display(self.amount, self.currency).to_string();
        match text.strip_prefix('-') {
            Some(rest) => write!(f, "−{rest}"),
            None => f.write_str(&text),
        }
    }
}

pub(super) struct Sheet {
    pub subtotal: Money,
    pub rows: Vec<SumRow>,
    pub total: Money,
    pub currency: &'static str,
    /// Inside the total.
    pub included_tax: Option<Money>,
    pub paid: Option<Paid>,
    /// Placed, and money is still to come.
    pub due: Option<Money>,
}

pub(super) struct SumRow {
    pub label: String,
    pub amount: Money,
    pub lowers: bool,
}

pub(super) struct Paid {
    pub amount: Money,
    pub how: String,
}

pub(super) fn sheet(order: &Order, zone: &str) -> Sheet {
    let totals = &order.sheet.totals;
    let money = |amount| Money { amount, currency: order.currency };
    let due = order.outstanding();
    let paid = order.payment_total();
    let included = totals.included_tax_total;
    let placed = order.is_placed() && order.canceled_at.is_none();
    Sheet {
        subtotal: money(totals.item_total),
        rows: rows(order),
        total: money(totals.total),
        currency: order.currency.code(),
        included_tax: Some(money(included)).filter(|_| included != Amount::ZERO),
        paid: (paid > Amount::ZERO).then(|| Paid { amount: money(paid), how: how(order, zone) }),
        due: Some(money(due)).filter(|_| placed && due > Amount::ZERO),
    }
}

/// Reductions, fees, delivery, taxes: in this order, each label once.
fn rows(order: &Order) -> Vec<SumRow> {
    let sheet = &order.sheet;
    let of_lines = sheet.lines.iter().flat_map(|line| &line.adjustments);
    let of_shipments = sheet.shipments.iter().flat_map(|shipment| &shipment.adjustments);
    let all: Vec<&Adjustment> =
        of_lines.chain(of_shipments).chain(&sheet.order).filter(|adjustment| adjustment.counts()).collect();
    let mut rows: Vec<(u8, String, Amount)> = Vec::new();
    let mut add = |rank, label: &str, amount| match rows
        .iter_mut()
        .find(|(known, name, _)| *known == rank && name == label)
    {
        Some((_, _, sum)) => *sum += amount,
        None => rows.push((rank, label.to_owned(), amount)),
    };
    for adjustment in all {
        add(rank(&adjustment.source), &adjustment.label, adjustment.amount);
    }
    for shipment in &order.shipments {
        let rate = shipment.selected_rate().map(|rate| format!("Shipping · {}", rate.name));
        add(2, rate.as_deref().unwrap_or("Shipping"), shipment.cost);
    }
    rows.sort_by_key(|(rank, _, _)| *rank);
    let row = |(_, label, amount): (u8, String, Amount)| SumRow {
        label,
        lowers: amount < Amount::ZERO,
        amount: Money { amount, currency: order.currency },
    };
    rows.into_iter().map(row).collect()
}

fn rank(source: &AdjustmentSource) -> u8 {
    match source {
        AdjustmentSource::VolumePrice | AdjustmentSource::Promotion { .. } => 0,
        AdjustmentSource::ServiceFee(_) => 1,
        AdjustmentSource::Tax(_) => 3,
        AdjustmentSource::Manual | AdjustmentSource::Cancellation => 4,
    }
}

/// `Visa ending in 4242, Fri 20 Nov 2026`
fn how(order: &Order, zone: &str) -> String {
    let captured = |payment: &&Payment| payment.state == PaymentState::Captured;
    let Some(payment) = order.payments.iter().rfind(captured) else { return String::new() };
    let day = when::date(payment.updated_at, zone);
    match &payment.source {
        Source::Card(card) => {
            let brand = brand(&card.details.brand);
            match card.details.last4.as_str() {
                "" => format!("{brand}, {day}"),
                last => format!("{brand} ending in {last}, {day}"),
            }
        }
        Source::StoreCredit(_) => format!("Store credit, {day}"),
        Source::None => day,
    }
}

fn brand(brand: &str) -> String {
    match brand {
        "" => "Card".to_owned(),
        "master" | "mastercard" => "Mastercard".to_owned(),
        "american_express" => "American Express".to_owned(),
        "jcb" => "JCB".to_owned(),
        other => {
            let words = other.split('_').map(|word| {
                let mut letters = word.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            });
            words.collect::<Vec<String>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_have_names_and_reductions_a_minus() {
        let names = ["visa", "diners_club", "master", "", "jcb"].map(brand);
        assert_eq!(names, ["Visa", "Diners Club", "Mastercard", "Card", "JCB"]);
        let money = Money { amount: Amount(-1_640), currency: Currency::USD };
        assert_eq!(money.to_string(), "−$16.40");
    }
}
