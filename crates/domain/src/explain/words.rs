//! Workings in sentences: `10 % of 39.99 = 4.00, rounded half up`.
//!
//! Amounts are decimals of the order's currency without its sign; what arithmetic comes to is what is stored. Words never add a figure that is not in the working.

use super::{Because, Explained, ShippingCost};
use crate::catalog::{Catalog, Promotion, PromotionActionKind, PromotionCalculator, ShippingCalculator};
use crate::money::{Amount, Currency, Money, Rate};
use crate::price::{Adjustment, AdjustmentSource, Choice, Formula, Reason, Silence, Working};
use crate::refusal::RuleFailure;

/// Why one adjustment is what it is.
pub fn of_adjustment(explained: &Explained, catalog: &Catalog, currency: Currency) -> String {
    let rule = rule(&explained.adjustment.source, catalog);
    let amount = plain(explained.adjustment.amount, currency);
    let done = match &explained.adjustment {
        Adjustment { source: AdjustmentSource::Promotion { .. }, .. } => "taken off by",
        Adjustment { source: AdjustmentSource::Tax(_), included: false, .. } => "added by",
        _ => "by",
    };
    let mut text = match &explained.because {
        Because::Current(Reason::Stated(_)) => format!("{amount} by {rule}."),
        Because::Current(found) => format!("{}; {done} {rule}.", reason(found, currency)),
        Because::Frozen(found) => {
            format!("{}; {done} {rule}. Fixed when the order was placed.", reason(found, currency))
        }
        Because::FrozenUnexplained => format!(
            "{amount} by {rule}; fixed when the order was placed. The rule would make something else today."
        ),
        Because::Outdated(Some(now)) => format!(
            "{amount} by {rule} as it was when the order was last changed. The rule makes {} now.",
            reason(now, currency)
        ),
        Because::Outdated(None) => format!(
            "{amount} by {rule} as it was when the order was last changed. The rule makes nothing now."
        ),
    };
    if explained.adjustment.included {
        text.push_str(" It is inside the price and not added to it.");
    }
    if !explained.adjustment.eligible {
        text.push_str(" It does not count: another promotion takes off more.");
    }
    text
}

/// The rule behind an adjustment, by name.
pub fn rule(source: &AdjustmentSource, catalog: &Catalog) -> String {
    match source {
        AdjustmentSource::Tax(id) => match catalog.tax_rates.get(id) {
            Some(rate) => format!("tax rate `{}`", rate.name),
            None => format!("tax rate {id}, which is gone"),
        },
        AdjustmentSource::Promotion { promotion, action } => match catalog.promotions.get(promotion) {
            Some(found) => format!("promotion `{}`{}", found.name, action_words(found, *action)),
            None => format!("promotion {promotion}, which is gone"),
        },
        AdjustmentSource::ServiceFee(id) => match catalog.ticketing.service_fees.get(id) {
            Some(fee) => format!("service fee `{}`", fee.name),
            None => format!("service fee {id}, which is gone"),
        },
        AdjustmentSource::VolumePrice => "the volume prices of the variant".to_owned(),
        AdjustmentSource::TopUp => "the credit that is bought".to_owned(),
        AdjustmentSource::Cancellation => "pieces taken off the placed order".to_owned(),
        AdjustmentSource::Interest => "the installments of the payment".to_owned(),
        AdjustmentSource::Manual => "hand".to_owned(),
    }
}

fn action_words(promotion: &Promotion, action: i64) -> String {
    let Some(action) = promotion.actions.iter().find(|known| known.id == action) else {
        return String::new();
    };
    let (calculator, on) = match &action.kind {
        PromotionActionKind::AdjustOrder(calculator) => (calculator, "the order"),
        PromotionActionKind::AdjustLines(calculator) => (calculator, "the line"),
        PromotionActionKind::AdjustGroups { calculator, .. } => (calculator, "full groups of the line"),
        PromotionActionKind::FreeShipping => return ", action free shipping".to_owned(),
    };
    format!(", action {} on {on}", calculator_name(calculator))
}

/// A promotion calculator's name.
pub fn calculator_name(calculator: &PromotionCalculator) -> &'static str {
    match calculator {
        PromotionCalculator::Flat(_) => "flat",
        PromotionCalculator::Percent(_) => "percent",
        PromotionCalculator::Flexible { .. } => "flexible",
        PromotionCalculator::TieredPercent { .. } => "tiered percent",
        PromotionCalculator::TieredFlat { .. } => "tiered flat",
        PromotionCalculator::Distributed(_) => "distributed",
        PromotionCalculator::DistributedPercent(_) => "distributed percent",
    }
}

/// A shipping calculator's name.
pub fn shipping_calculator_name(calculator: &ShippingCalculator) -> &'static str {
    match calculator {
        ShippingCalculator::Flat(_) => "flat",
        ShippingCalculator::PerItem(_) => "per item",
        ShippingCalculator::Percent(_) => "percent",
        ShippingCalculator::Flexible { .. } => "flexible",
        ShippingCalculator::PriceSack { .. } => "price sack",
        ShippingCalculator::ByWeight(_) => "by weight",
        ShippingCalculator::ByPrice(_) => "by price",
    }
}

/// A reason as arithmetic.
pub fn reason(reason: &Reason, currency: Currency) -> String {
    let decimal = |amount: Amount| plain(amount, currency);
    match reason {
        Reason::Discount { working: found, left } => {
            let capped = if found.discount() > *left {
                format!("; only {} was left to take off", decimal(*left))
            } else {
                String::new()
            };
            format!("{}{capped}", working(found, currency))
        }
        Reason::Tax { parts } | Reason::Fee { parts } => {
            let parts: Vec<String> = parts.iter().map(|part| formula(*part, currency)).collect();
            parts.join("; and ")
        }
        Reason::Volume { unit, slices, worth } => {
            let slice = |(pieces, price): &(u32, Amount)| format!("{pieces} × {}", decimal(*price));
            let slices: Vec<String> = slices.iter().map(slice).collect();
            format!(
                "{} instead of {} each on {}: {}",
                slices.join(" + "),
                decimal(*unit),
                decimal(*worth),
                decimal(reason.amount())
            )
        }
        Reason::Kept { amount, left } => format!("{}, at most {}", decimal(*amount), decimal(*left)),
        Reason::Stated(amount) => decimal(*amount),
    }
}

/// A calculator's answer as arithmetic, with what made it choose its numbers.
pub fn working(working: &Working, currency: Currency) -> String {
    let decimal = |amount: Amount| plain(amount, currency);
    let arithmetic = formula(working.formula, currency);
    match working.choice {
        Choice::Only => arithmetic,
        Choice::Tier { from: Some(from), by } => {
            format!("{arithmetic}, the tier from {} that {} reaches", decimal(from), decimal(by))
        }
        Choice::Tier { from: None, by } => format!("{arithmetic}, because {} reaches no tier", decimal(by)),
        Choice::Weight { up_to, grams } => format!("{arithmetic} for {grams} g, the price up to {up_to} g"),
        Choice::Value { up_to, goods } => {
            format!("{arithmetic} for goods of {}, the price up to {}", decimal(goods), decimal(up_to))
        }
        Choice::Sack { minimal, goods } if goods < minimal => {
            format!("{arithmetic}, because goods of {} are below {}", decimal(goods), decimal(minimal))
        }
        Choice::Sack { minimal, goods } => {
            format!("{arithmetic}, because goods of {} reach {}", decimal(goods), decimal(minimal))
        }
        Choice::Whole => format!("the whole cost of {arithmetic}"),
    }
}

/// One formula as arithmetic.
pub fn formula(formula: Formula, currency: Currency) -> String {
    let decimal = |amount: Amount| plain(amount, currency);
    let result = decimal(formula.amount());
    match formula {
        Formula::Given(_) => result,
        Formula::AtMost { given, most } => {
            format!("{}, at most {} = {result}", decimal(given), decimal(most))
        }
        Formula::Share { rate, base } => {
            format!("{} of {} = {result}, rounded half up", percent(rate), decimal(base))
        }
        Formula::IncludedShare { rate, base, all } => format!(
            "{} inside {}: {} × {} ÷ {} = {result}, rounded half up",
            percent(rate),
            decimal(base),
            decimal(base),
            percent(rate),
            percent(Rate(Rate::WHOLE.0.saturating_add(all.0)))
        ),
        Formula::Pieces { each, pieces } => format!("{pieces} × {} = {result}", decimal(each)),
        Formula::FirstAndMore { first, firsts, additional, others } => {
            format!("{firsts} × {} + {others} × {} = {result}", decimal(first), decimal(additional))
        }
        Formula::Portion { sum, weight, weights } => {
            let weights = Amount(i64::try_from(weights).unwrap_or(i64::MAX));
            format!("{} × {} ÷ {} = {result}, rounded down", decimal(sum), decimal(weight), decimal(weights))
        }
    }
}

/// All decimals of the currency, without its name: `4.00`.
pub(super) fn plain(amount: Amount, currency: Currency) -> String {
    let text = Money { amount, currency }.to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// `5 %`, `6.875 %`.
pub fn percent(rate: Rate) -> String {
    let text = rate.percent_text(4);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

/// Why a shipment costs what it does.
pub fn of_shipping(cost: &ShippingCost, catalog: &Catalog, currency: Currency) -> String {
    let stored = plain(cost.cost, currency);
    let Some(method) = cost.method.and_then(|id| catalog.shipping_methods.get(&id)) else {
        return format!("{stored}; no method of the catalogue is chosen.");
    };
    let by = format!("method `{}`, calculator {}", method.name, shipping_calculator_name(&method.calculator));
    match &cost.working {
        Some(found) if found.cost == cost.cost => format!("{} by {by}.", working(&found.working, currency)),
        Some(found) => format!(
            "{stored} by {by}, kept since the rate was made. New rates would cost {}.",
            working(&found.working, currency)
        ),
        None => {
            format!("{stored} by {by}, kept since the rate was made. It has no price for this package now.")
        }
    }
}

/// Why a promotion on the order makes no adjustment.
pub fn of_silence(silence: &Silence, currency: Currency) -> String {
    match silence {
        Silence::Gone => "The promotion is not in the catalogue any more.".to_owned(),
        Silence::NotInForce => "The promotion is not in force at this time.".to_owned(),
        Silence::UsedUp => "The promotion has been used as often as it may be.".to_owned(),
        Silence::Rule(failure) => of_failure(failure, currency),
    }
}

/// Which rule of a promotion does not hold.
pub fn of_failure(failure: &RuleFailure, currency: Currency) -> String {
    match failure {
        RuleFailure::TotalNotAbove(amount) => {
            format!("The goods must come to more than {}.", plain(*amount, currency))
        }
        RuleFailure::TotalBelow(amount) => {
            format!("The goods must come to {} at least.", plain(*amount, currency))
        }
        RuleFailure::NoUser => "The promotion is for customers with an account.".to_owned(),
        RuleFailure::OncePerUser => "The customer has used the promotion before.".to_owned(),
        RuleFailure::NotFirstOrder => "The promotion is for the first order only.".to_owned(),
        RuleFailure::NoApplicableProduct => "No product of the promotion is in the cart.".to_owned(),
        RuleFailure::MissingProduct => "A product that the promotion asks for is missing.".to_owned(),
        RuleFailure::ExcludedProduct => "A product that the promotion excludes is in the cart.".to_owned(),
        RuleFailure::NoMatchingTaxon => "No product of the promotion's categories is in the cart.".to_owned(),
        RuleFailure::MissingTaxon => "A category that the promotion asks for is missing.".to_owned(),
        RuleFailure::ExcludedTaxon => "A category that the promotion excludes is in the cart.".to_owned(),
        RuleFailure::QuantityBelow(pieces) => {
            format!("There must be {pieces} pieces of the promotion's products at least.")
        }
        RuleFailure::Other => "A rule of the promotion does not hold.".to_owned(),
    }
}
