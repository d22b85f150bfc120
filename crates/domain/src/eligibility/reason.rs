//! Why a method is not allowed: as data, as a code for programs, and as a sentence for buyers.

use crate::catalog::{CountryCode, Geography};
use crate::money::{Amount, Currency, Money};
use serde::{Deserialize, Serialize};

/// `of` is how people call the platform or method the rule belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    NoPaymentRequired,
    FeatureDisabled { of: String },
    PlatformUnavailable { of: String },
    CustomerBlocked,
    CustomerUnverified { of: String },
    RiskTooHigh { of: String },
    RegionSanctioned { country: CountryCode },
    RegionUnknown { of: String },
    RegionNotSupported { of: String, country: CountryCode },
    ProductTypeNotSupported { of: String, product_type: String },
    NotAvailableForTopUp { of: String },
    RecurringNotSupported { of: String },
    CurrencyNotSupported { of: String, currency: Currency },
    BelowMinimum { of: String, minimum: Money, amount: Amount },
    AboveMaximum { of: String, maximum: Money, amount: Amount },
    InsufficientCredit { balance: Amount, needed: Money },
    CardExpired { month: u8, year: u16 },
}

impl Reason {
    /// Stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NoPaymentRequired => "no_payment_required",
            Reason::FeatureDisabled { .. } => "feature_disabled",
            Reason::PlatformUnavailable { .. } => "platform_unavailable",
            Reason::CustomerBlocked => "customer_blocked",
            Reason::CustomerUnverified { .. } => "customer_unverified",
            Reason::RiskTooHigh { .. } => "risk_too_high",
            Reason::RegionSanctioned { .. } => "region_sanctioned",
            Reason::RegionUnknown { .. } => "region_unknown",
            Reason::RegionNotSupported { .. } => "region_not_supported",
            Reason::ProductTypeNotSupported { .. } => "product_type_not_supported",
            Reason::NotAvailableForTopUp { .. } => "not_available_for_top_up",
            Reason::RecurringNotSupported { .. } => "recurring_not_supported",
            Reason::CurrencyNotSupported { .. } => "currency_not_supported",
            Reason::BelowMinimum { .. } => "below_minimum",
            Reason::AboveMaximum { .. } => "above_maximum",
            Reason::InsufficientCredit { .. } => "insufficient_credit",
            Reason::CardExpired { .. } => "card_expired",
        }
    }

    /// The place of its rule in the order of evaluation.
    pub fn place(&self) -> u8 {
        match self {
            Reason::NoPaymentRequired => 0,
            Reason::FeatureDisabled { .. } | Reason::PlatformUnavailable { .. } => 1,
            Reason::CustomerBlocked | Reason::CustomerUnverified { .. } | Reason::RiskTooHigh { .. } => 2,
            Reason::RegionSanctioned { .. } => 3,
            Reason::RegionUnknown { .. } | Reason::RegionNotSupported { .. } => 4,
            Reason::ProductTypeNotSupported { .. }
            | Reason::NotAvailableForTopUp { .. }
            | Reason::RecurringNotSupported { .. } => 5,
            Reason::CurrencyNotSupported { .. } => 6,
            Reason::BelowMinimum { .. } | Reason::AboveMaximum { .. } | Reason::InsufficientCredit { .. } => {
                7
            }
            Reason::CardExpired { .. } => 8,
        }
    }

    /// What a buyer is told.
    pub fn sentence(&self, geography: &Geography) -> String {
        let name = |country: &CountryCode| {
            let known = geography.by_code(country.as_str());
            known.map_or_else(|| country.to_string(), |country| country.name.clone())
        };
        match self {
            Reason::NoPaymentRequired => "Nothing has to be paid.".to_owned(),
            Reason::FeatureDisabled { of } => format!("{of} is not offered at the moment."),
            Reason::PlatformUnavailable { of } => format!("{of} is not available at the moment."),
            Reason::CustomerBlocked => "This account may not make payments.".to_owned(),
            Reason::CustomerUnverified { of } => {
                format!("Verify your e-mail address to pay with {of}.")
            }
            Reason::RiskTooHigh { of } => format!("{of} is not available for this account."),
            Reason::RegionSanctioned { country } => {
                format!("Payments from {} are not accepted.", name(country))
            }
            Reason::RegionUnknown { of } => format!("{of} needs to know the country you are in."),
            Reason::RegionNotSupported { of, country } => {
                format!("{of} is not available in {}.", name(country))
            }
            Reason::ProductTypeNotSupported { of, product_type } => {
                format!("{of} cannot be used for {product_type} services.")
            }
            Reason::NotAvailableForTopUp { of } => format!("{of} cannot be used to buy credit."),
            Reason::RecurringNotSupported { of } => format!("{of} cannot be used for what renews."),
            Reason::CurrencyNotSupported { of, currency } => {
                format!("{of} cannot be used in {}.", currency.code())
            }
            Reason::BelowMinimum { of, minimum, .. } => {
                format!("The minimum order for {of} is {}.", shown(*minimum))
            }
            Reason::AboveMaximum { of, maximum, .. } => {
                format!("The maximum order for {of} is {}.", shown(*maximum))
            }
            Reason::InsufficientCredit { balance, needed } => {
                let has = Money { amount: *balance, ..*needed };
                format!("Your credit of {} does not cover {}.", shown(has), shown(*needed))
            }
            Reason::CardExpired { month, year } => format!("This card expired in {month:02}/{year}."),
        }
    }
}

/// `$10.00`
fn shown(money: Money) -> String {
    let text = money.to_string();
    let figure = text.split(' ').next().unwrap_or_default();
    let (sign, figure) = figure.strip_prefix('-').map_or(("", figure), |figure| ("-", figure));
    format!("{sign}{}{figure}", money.currency.symbol())
}
