//! A purchase: cart, code, credit and payment in one command, placed or given to a payment platform at once.
//!
//! The cart of a purchase is the same value that a quote is asked for, so that what was quoted is what is charged.

use super::Metadata;
use crate::catalog::CountryCode;
use crate::money::{Amount, Currency};
use crate::order::SaveCard;
use crate::{CardId, PaymentMethodId, UserId, VariantId};
use std::collections::BTreeSet;

/// What is to be bought, by whom, and what comes off its price.
#[derive(Debug, Clone, PartialEq)]
pub struct Cart {
    pub customer: UserId,
    pub currency: Currency,
    pub contents: Contents,
    pub code: Option<String>,
    /// Whether the customer's credit pays first. Credit never pays for credit.
    pub credit: UseCredit,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    Lines(Vec<CartLine>),
    /// Credit for this much.
    TopUp(Amount),
}

/// Lines of the same variant and option are one line.
#[derive(Debug, Clone, PartialEq)]
pub struct CartLine {
    pub variant: VariantId,
    /// Key of the price option; empty for the plain price.
    pub option: String,
    pub quantity: u32,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseCredit {
    Yes,
    No,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    pub cart: Cart,
    pub method: PaymentMethodId,
    /// A saved card of the customer, instead of whatever the platform asks for.
    pub card: Option<CardId>,
    pub save: SaveCard,
    /// What the customer agreed to pay beside credit. Checked before anything happens.
    pub expected_payable: Option<Amount>,
    /// Where the buyer is, as far as their network address tells.
    pub country: Option<CountryCode>,
    /// Where the platform sends the buyer afterwards.
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub vouched: Vouched,
    /// How long goods and credit are held for a buyer who has to act, in minutes.
    pub hold_minutes: u32,
    /// Platforms that do not answer at the moment.
    pub down: BTreeSet<String>,
}

/// Whether the method was judged already, for this very cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouched {
    No,
    /// A token of ours says so and is still true: of the rules only who may buy at all, and what credit there is, are
    /// looked at again.
    Yes,
}
