//! Who may pay with what: rules of platforms and methods, as one row that can be replaced while the shop is open.
//!
//! Rules name platforms and methods by their keys. What no rule names is allowed, but for what its kind asks by
//! itself (credit needs a balance). How rules are judged stands in `eligibility`.

use super::CountryCode;
use crate::PaymentRulesId;
use crate::money::{Amount, Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRules {
    /// There is one row.
    pub id: PaymentRulesId,
    /// Goes up when the merchant changes them; shown with every answer that they decided.
    #[serde(default)]
    pub version: u64,
    /// Buyers in these countries pay with nothing.
    #[serde(default)]
    pub sanctioned: BTreeSet<CountryCode>,
    /// By the platform's key: `stripe`, `bitpay`.
    #[serde(default)]
    pub platforms: BTreeMap<String, RuleSet>,
    /// By the method's key: `bitpay:btc`.
    #[serde(default)]
    pub methods: BTreeMap<String, RuleSet>,
    /// Smallest and largest credit that may be bought at once, in minor units of the order's currency.
    #[serde(default = "top_ups")]
    pub top_ups: (Amount, Amount),
}

impl PaymentRules {
    /// The id of the one row.
    pub const ONLY: PaymentRulesId = PaymentRulesId(1);
}

fn top_ups() -> (Amount, Amount) {
    (Amount(500), Amount(1_000_000))
}

impl Default for PaymentRules {
    /// No rules: everything that is offered is allowed.
    fn default() -> PaymentRules {
        PaymentRules {
            id: PaymentRules::ONLY,
            version: 0,
            sanctioned: BTreeSet::new(),
            platforms: BTreeMap::new(),
            methods: BTreeMap::new(),
            top_ups: top_ups(),
        }
    }
}

/// The rules of one platform or one method. Empty lists and `None` restrict nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RuleSet {
    /// How people call it; the key with a capital letter if nothing is said.
    pub label: Option<String>,
    /// Switched off by the merchant.
    pub off: bool,
    pub deny_countries: BTreeSet<CountryCode>,
    /// If any is listed, only these.
    pub allow_countries: BTreeSet<CountryCode>,
    /// A buyer whose country is not known is refused.
    pub require_known_region: bool,
    /// Inclusive; counts only for amounts in its currency.
    pub min: Option<Money>,
    /// Inclusive; counts only for amounts in its currency.
    pub max: Option<Money>,
    /// If any is listed, only these.
    pub currencies: Vec<Currency>,
    /// Highest risk score that is let in.
    pub risk_max: Option<u8>,
    /// Most chargebacks that are let in.
    pub chargebacks_max: Option<u32>,
    /// The buyer must have shown that the e-mail address is theirs.
    pub verified_email: bool,
    /// Kinds of services that cannot be paid with it.
    pub deny_product_types: BTreeSet<String>,
    /// Credit cannot be bought with it.
    pub no_top_ups: bool,
    /// What renews cannot be paid with it.
    pub no_recurring: bool,
}
