//! What this API says about coupon codes. Success and refusal have the same four keys.

use crate::apis::spree_family::Dialect;
use crate::kit::format::display;
use domain::money::{Amount, Currency};
use domain::refusal::{CodeRefusal, RuleFailure};
use serde_json::{Value, json};

pub const APPLIED: (&str, &str) =
    ("coupon_code_applied", "The coupon code was successfully applied to your order.");

/// What is said of a code that was taken off.
pub fn removed(dialect: Dialect) -> (&'static str, &'static str) {
    let sentence = "The coupon code was successfully removed from this order.";
    match dialect {
        Dialect::Solidus => ("coupon_code_removed", sentence),
        Dialect::Spree => ("adjustments_deleted", sentence),
    }
}

/// The body of a success.
pub fn accepted((code, sentence): (&str, &str)) -> Value {
    json!({ "success": sentence, "error": null, "successful": true, "status_code": code })
}

/// The body of a refusal. Amounts are written in the order's currency.
pub(super) fn declined(refusal: &CodeRefusal, currency: Currency, dialect: Dialect) -> Value {
    let (code, sentence) = match (refusal, dialect) {
        (CodeRefusal::Blank, Dialect::Solidus) => (None, None),
        // Spree has a code for what a promotion says of itself, and none for what one of its rules says.
        (CodeRefusal::Rule(failure), Dialect::Spree) if *failure != RuleFailure::Other => {
            (None, Some(rule(failure, currency).1))
        }
        (CodeRefusal::NotPresent, Dialect::Spree) => {
            let (code, sentence) = words(&CodeRefusal::NotFound, currency);
            (Some(code), Some(sentence))
        }
        (other, _) => {
            let (code, sentence) = words(other, currency);
            (Some(code), Some(sentence))
        }
    };
    json!({ "success": null, "error": sentence, "successful": false, "status_code": code })
}

/// The sentence of a refusal alone.
pub(super) fn sentence(refusal: &CodeRefusal, currency: Currency) -> String {
    words(refusal, currency).1
}

fn words(refusal: &CodeRefusal, currency: Currency) -> (&'static str, String) {
    let (code, sentence) = match refusal {
        CodeRefusal::Rule(failure) => return rule(failure, currency),
        CodeRefusal::Expired => ("coupon_code_expired", "The coupon code is expired"),
        CodeRefusal::MaxUsage => ("coupon_code_max_usage", "Coupon code usage limit exceeded"),
        CodeRefusal::AlreadyApplied => {
            ("coupon_code_already_applied", "The coupon code has already been applied to this order")
        }
        CodeRefusal::NotPresent => (
            "coupon_code_not_present",
            "The coupon code you are trying to remove is not present on this order.",
        ),
        CodeRefusal::NoEffect => {
            ("coupon_code_unknown_error", "This coupon code could not be applied to the cart at this time.")
        }
        CodeRefusal::NotFound | CodeRefusal::Blank => {
            ("coupon_code_not_found", "The coupon code you entered doesn't exist. Please try again.")
        }
    };
    (code, sentence.to_owned())
}

fn rule(failure: &RuleFailure, currency: Currency) -> (&'static str, String) {
    let money = |amount: &Amount| display(*amount, currency).to_string();
    let (code, sentence) = match failure {
        RuleFailure::TotalNotAbove(least) => {
            let sentence = format!(
                "This coupon code can't be applied to orders less than or equal to {}.",
                money(least)
            );
            return ("item_total_less_than_or_equal", sentence);
        }
        RuleFailure::TotalBelow(least) => {
            let sentence = format!("This coupon code can't be applied to orders less than {}.", money(least));
            return ("item_total_less_than", sentence);
        }
        RuleFailure::QuantityBelow(least) => {
            let items = if *least == 1 { "item" } else { "items" };
            let sentence = format!("You need to add a least {least} applicable {items} to your order.");
            return ("quantity_less_than_minimum", sentence);
        }
        RuleFailure::NoUser => ("no_user_specified", "You need to login before applying this coupon code."),
        RuleFailure::OncePerUser => {
            ("limit_once_per_user", "This coupon code can only be used once per user.")
        }
        RuleFailure::NotFirstOrder => {
            ("not_first_order", "This coupon code can only be applied to your first order.")
        }
        RuleFailure::NoApplicableProduct => (
            "no_applicable_products",
            "You need to add an applicable product before applying this coupon code.",
        ),
        RuleFailure::MissingProduct => (
            "missing_product",
            "This coupon code can't be applied because you don't have all of the necessary products in your cart.",
        ),
        RuleFailure::ExcludedProduct => (
            "has_excluded_product",
            "Your cart contains a product that prevents this coupon code from being applied.",
        ),
        RuleFailure::NoMatchingTaxon => (
            "no_matching_taxons",
            "You need to add a product from an applicable category before applying this coupon code.",
        ),
        RuleFailure::MissingTaxon => (
            "missing_taxon",
            "You need to add a product from all applicable categories before applying this coupon code.",
        ),
        RuleFailure::ExcludedTaxon => (
            "has_excluded_taxon",
            "Your cart contains a product from an excluded category that prevents this coupon code from being applied.",
        ),
        RuleFailure::Other => ("coupon_code_not_eligible", "This coupon code is not eligible for this order"),
    };
    (code, sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_code_says_nothing_at_all() {
        let body = declined(&CodeRefusal::Blank, Currency::USD, Dialect::Solidus);
        assert_eq!(body, json!({"success": null, "error": null, "successful": false, "status_code": null}));
    }

    #[test]
    fn amounts_and_counts_are_in_the_sentence() {
        for (failure, code, sentence) in [
            (
                RuleFailure::TotalBelow(Amount(10_000)),
                "item_total_less_than",
                "This coupon code can't be applied to orders less than $100.00.",
            ),
            (
                RuleFailure::TotalNotAbove(Amount(10_000)),
                "item_total_less_than_or_equal",
                "This coupon code can't be applied to orders less than or equal to $100.00.",
            ),
            (
                RuleFailure::QuantityBelow(1),
                "quantity_less_than_minimum",
                "You need to add a least 1 applicable item to your order.",
            ),
        ] {
            let body = declined(&CodeRefusal::Rule(failure), Currency::USD, Dialect::Solidus);
            assert_eq!((body["status_code"].as_str(), body["error"].as_str()), (Some(code), Some(sentence)));
        }
    }
}
