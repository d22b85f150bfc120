//! Arithmetic as data: how each adjustment and each shipping cost came about.
//!
//! A calculator answers with a `Working`; what is charged is what its formula comes to, and what is explained is
//! the same value in words. The sums are carried out here and nowhere else, so an explanation cannot say anything
//! but what was charged. Nothing here is stored, and nobody pays for it who does not ask: `Notes` stay empty.

use super::AdjustmentSource;
use crate::money::{Amount, Rate};
use crate::{LineId, ShipmentId};

/// One piece of arithmetic on amounts in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formula {
    /// As the catalogue states it.
    Given(Amount),
    /// As stated, but no more than `most`.
    AtMost { given: Amount, most: Amount },
    /// `base × rate`, rounded half up.
    Share { rate: Rate, base: Amount },
    /// `base × rate ÷ (1 + all)`, rounded half up: what is inside a price already.
    IncludedShare { rate: Rate, base: Amount, all: Rate },
    /// `each × pieces`.
    Pieces { each: Amount, pieces: u64 },
    /// `first × firsts + additional × others`.
    FirstAndMore { first: Amount, firsts: u64, additional: Amount, others: u64 },
    /// `sum × weight ÷ weights`, rounded down: one part of a sum that is given out from the last line on, of what
    /// the lines after it left.
    Portion { sum: Amount, weight: Amount, weights: i128 },
}

/// Which of a calculator's numbers was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It has but one.
    Only,
    /// The highest tier that `by` reaches; without a threshold, what counts below all tiers.
    Tier { from: Option<Amount>, by: Amount },
    /// The first bucket that holds the package's weight, in grams.
    Weight { up_to: i64, grams: i64 },
    /// The first bucket that holds the value of the package's goods.
    Value { up_to: Amount, goods: Amount },
    /// `goods` against the amount from which the other price counts.
    Sack { minimal: Amount, goods: Amount },
    /// All there is.
    Whole,
}

/// What a calculator answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Working {
    pub formula: Formula,
    pub choice: Choice,
}

/// Why an adjustment has its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A promotion takes off what its calculator answers, at most what is `left` of the thing.
    Discount { working: Working, left: Amount },
    /// The sum of these; more than one only for an order-level rate over lines with different included rates.
    Tax { parts: Vec<Formula> },
    /// The sum of these: so much a piece, and a share of what it costs.
    Fee { parts: Vec<Formula> },
    /// Graduated tiers against the price of one piece: pieces in each tier and what one costs there. Never takes
    /// off more than `worth`, the line at its own price.
    Volume { unit: Amount, slices: Vec<(u32, Amount)>, worth: Amount },
    /// A promotion of a placed order stays as it was, at most what is `left` of the thing.
    Kept { amount: Amount, left: Amount },
    /// Entered by somebody or imported; there is nothing to compute.
    Stated(Amount),
}

/// What an adjustment adjusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    Line(LineId),
    Shipment(ShipmentId),
    Order,
}

/// Why one adjustment of a sheet is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub place: Place,
    pub source: AdjustmentSource,
    pub reason: Reason,
}

/// The notes of one calculation, if anybody wants them.
#[derive(Debug)]
pub(super) enum Notes {
    Unwanted,
    Taken(Vec<Note>),
}

impl Notes {
    pub fn take(&mut self, place: Place, source: &AdjustmentSource, reason: impl FnOnce() -> Reason) {
        if let Notes::Taken(notes) = self {
            notes.push(Note { place, source: source.clone(), reason: reason() });
        }
    }
}

impl Formula {
    /// The one place where it is worked out. Saturates far beyond what an order may hold.
    pub fn wide(self) -> i128 {
        let wide = |amount: Amount| i128::from(amount.0);
        let times = |amount: Amount, count: u64| wide(amount).saturating_mul(i128::from(count));
        match self {
            Formula::Given(amount) => wide(amount),
            Formula::AtMost { given, most } => wide(given.min(most)),
            Formula::Share { rate, base } => wide(rate.of(base)),
            Formula::IncludedShare { rate, base, all } => wide(rate.included_in(base, all)),
            Formula::Pieces { each, pieces } => times(each, pieces),
            Formula::FirstAndMore { first, firsts, additional, others } => {
                times(first, firsts).saturating_add(times(additional, others))
            }
            Formula::Portion { weights: ..=0, .. } => 0,
            Formula::Portion { sum, weight, weights } => wide(sum) * wide(weight) / weights,
        }
    }

    /// The same as an amount, saturated.
    pub fn amount(self) -> Amount {
        let wide = self.wide();
        Amount(i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl Working {
    /// A calculator with but one number.
    pub fn only(formula: Formula) -> Working {
        Working { formula, choice: Choice::Only }
    }

    pub fn nothing() -> Working {
        Working::only(Formula::Given(Amount::ZERO))
    }

    /// What it comes to as a discount: never below zero.
    pub fn discount(&self) -> Amount {
        self.formula.amount().max(Amount::ZERO)
    }
}

impl Reason {
    /// The adjustment's amount, signed.
    pub fn amount(&self) -> Amount {
        match self {
            Reason::Discount { working, left } => -working.discount().min(*left),
            Reason::Tax { parts } | Reason::Fee { parts } => parts.iter().map(|part| part.amount()).sum(),
            Reason::Volume { unit, slices, worth } => {
                let difference = volume(*unit, slices, *worth);
                Amount(i64::try_from(difference).unwrap_or(i64::MAX))
            }
            Reason::Kept { amount, left } => (*amount).max(-*left).min(Amount::ZERO),
            Reason::Stated(amount) => *amount,
        }
    }
}

/// What graduated tiers make of `unit × pieces`; takes off `worth` at most.
pub(super) fn volume(unit: Amount, slices: &[(u32, Amount)], worth: Amount) -> i128 {
    let slice =
        |(pieces, price): &(u32, Amount)| (i128::from(price.0) - i128::from(unit.0)) * i128::from(*pieces);
    let difference: i128 = slices.iter().map(slice).sum();
    difference.max(-i128::from(worth.0.max(0)))
}
