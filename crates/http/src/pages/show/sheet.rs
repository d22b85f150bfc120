//! The price sheet as people read it: each reason for the total has a name, and what is alike is one row.

use crate::pages::lang::Lang;
use crate::pages::money::Money;
use crate::pages::when;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Order, Payment, PaymentState, Source};
use domain::plan;
use domain::price::{Adjustment, AdjustmentSource};

pub struct Sheet {
    pub subtotal: Money,
    pub rows: Vec<SumRow>,
    /// More will come on top that nobody knows yet.
    pub later: bool,
    pub total: Money,
    pub currency: &'static str,
    /// Inside the total.
    pub included_tax: Option<Money>,
    pub paid: Option<Paid>,
    /// Placed, and money is still to come.
    pub due: Option<Money>,
}

pub struct SumRow {
    pub label: String,
    pub amount: Money,
    pub lowers: bool,
}

pub struct Paid {
    pub amount: Money,
    pub how: String,
}

pub fn sheet(order: &Order, catalog: &Catalog, zone: &str, lang: Lang) -> Sheet {
    let totals = &order.sheet.totals;
    let money = |amount| Money { amount, currency: order.currency, lang };
    let due = order.outstanding();
    let paid = order.payment_total();
    let included = totals.included_tax_total;
    let placed = order.is_placed() && order.canceled_at.is_none();
    Sheet {
        subtotal: money(totals.item_total),
        rows: rows(order, lang),
        later: order.phase.is_unfinished() && order.shipments.is_empty() && plan::ships(order, catalog),
        total: money(totals.total),
        currency: order.currency.code(),
        included_tax: Some(money(included)).filter(|_| included != Amount::ZERO),
        paid: (paid > Amount::ZERO).then(|| Paid { amount: money(paid), how: how(order, zone, lang) }),
        due: Some(money(due)).filter(|_| placed && due > Amount::ZERO),
    }
}

/// Reductions, fees, delivery, taxes: in this order, each label once.
fn rows(order: &Order, lang: Lang) -> Vec<SumRow> {
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
        add(rank(&adjustment.source), &label(adjustment, lang), adjustment.amount);
    }
    for shipment in &order.shipments {
        let Some(rate) = shipment.selected_rate() else { continue };
        add(2, &lang.fill("sheet.shipping_by", &[("name", &rate.name)]), shipment.cost);
    }
    rows.sort_by_key(|(rank, _, _)| *rank);
    let row = |(_, label, amount): (u8, String, Amount)| SumRow {
        label,
        lowers: amount < Amount::ZERO,
        amount: Money { amount, currency: order.currency, lang },
    };
    rows.into_iter().map(row).collect()
}

/// What a merchant calls it; taxes are called taxes, whatever their name is.
fn label(adjustment: &Adjustment, lang: Lang) -> String {
    let label = with_plain_rate(&adjustment.label, lang);
    match adjustment.source {
        AdjustmentSource::Tax(_) if !says_tax(&label) => lang.fill("sheet.tax", &[("name", &label)]),
        _ => label,
    }
}

/// Whether people see from a name that it is a tax.
fn says_tax(label: &str) -> bool {
    const NAMES: [&str; 17] = [
        "vat", "gst", "hst", "pst", "qst", "mwst", "ust", "tva", "iva", "btw", "kdv", "moms", "mva", "pdv",
        "impuesto", "impôt", "taxe",
    ];
    let lower = label.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| word.contains("tax") || word.contains("steuer") || NAMES.contains(&word))
}

/// `Sales tax 8.250%` as people write it: `Sales tax 8.25%`, in German `Sales tax 8,25 %`. Other labels stay.
fn with_plain_rate(label: &str, lang: Lang) -> String {
    let rate = label.rsplit_once(' ').and_then(|(name, rate)| Some((name, rate.strip_suffix('%')?)));
    let Some((name, rate)) = rate.filter(|(_, rate)| {
        !rate.is_empty() && rate.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit())
    }) else {
        return label.to_owned();
    };
    let rate = if rate.contains('.') { rate.trim_end_matches('0').trim_end_matches('.') } else { rate };
    match lang {
        Lang::En => format!("{name} {rate}%"),
        Lang::De => format!("{name} {}\u{a0}%", rate.replace('.', ",")),
    }
}

fn rank(source: &AdjustmentSource) -> u8 {
    match source {
        AdjustmentSource::VolumePrice | AdjustmentSource::Promotion { .. } => 0,
        AdjustmentSource::ServiceFee(_) => 1,
        AdjustmentSource::Tax(_) => 3,
        AdjustmentSource::Interest
        | AdjustmentSource::TopUp
        | AdjustmentSource::Manual
        | AdjustmentSource::Cancellation => 4,
    }
}

/// `Visa ending in 4242, Fri 20 Nov 2026`
fn how(order: &Order, zone: &str, lang: Lang) -> String {
    let captured = |payment: &&Payment| payment.state == PaymentState::Captured;
    let Some(payment) = order.payments.iter().rfind(captured) else { return String::new() };
    let day = when::date(lang, payment.updated_at, zone);
    match &payment.source {
        Source::Card(card) => {
            let brand = brand(&card.details.brand, lang);
            let digits = card.details.last4.as_str();
            let key = if digits.is_empty() { "sheet.card_plain" } else { "sheet.card_ending" };
            lang.fill(key, &[("brand", &brand), ("digits", digits), ("date", &day)])
        }
        Source::StoreCredit(_) => lang.fill("sheet.store_credit", &[("date", &day)]),
        Source::None | Source::External(_) | Source::Platform(_) => day,
    }
}

fn brand(brand: &str, lang: Lang) -> String {
    match brand {
        "" => lang.say("sheet.card").to_owned(),
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
    fn cards_have_names() {
        let names = ["visa", "diners_club", "master", "", "jcb"].map(|name| brand(name, Lang::En));
        assert_eq!(names, ["Visa", "Diners Club", "Mastercard", "Card", "JCB"]);
    }

    #[test]
    fn taxes_say_that_they_are_taxes() {
        let said = |name: &str, source| {
            let (eligible, included) = (true, false);
            let label = name.to_owned();
            let adjustment =
                Adjustment { id: Default::default(), source, label, amount: Amount(1), eligible, included };
            [super::label(&adjustment, Lang::En), super::label(&adjustment, Lang::De)]
        };
        let tax = AdjustmentSource::Tax(domain::TaxRateId(1));
        assert_eq!(
            said("North America 5.000%", tax.clone()),
            ["Tax · North America 5%", "Steuer · North America 5\u{a0}%"]
        );
        for known in ["Sales tax", "KDV", "MwSt.", "Umsatzsteuer", "VAT (reduced)", "TAXES"] {
            assert_eq!(said(known, tax.clone()), [known, known]);
        }
        assert_eq!(said("Vatican", tax), ["Tax · Vatican", "Steuer · Vatican"]);
        assert_eq!(said("Refund", AdjustmentSource::Manual), ["Refund", "Refund"]);
    }

    #[test]
    fn rates_are_written_as_people_write_them() {
        for (label, en, de) in [
            ("Sales tax 8.250%", "Sales tax 8.25%", "Sales tax 8,25\u{a0}%"),
            ("North America 5.000%", "North America 5%", "North America 5\u{a0}%"),
            ("Tax 20%", "Tax 20%", "Tax 20\u{a0}%"),
            ("Ten percent off", "Ten percent off", "Ten percent off"),
            ("Over 9,000%", "Over 9,000%", "Over 9,000%"),
        ] {
            assert_eq!(with_plain_rate(label, Lang::En), en);
            assert_eq!(with_plain_rate(label, Lang::De), de);
        }
    }
}
