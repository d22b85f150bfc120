//! Whether a code may be put on a cart, in the words of shops that tell it with the price.
//!
//! The checks are those of `apply_code`; only the answer is finer, and whether the code takes anything off is left
//! to the caller, who prices the cart anyway.

use super::promotions::usage_left;
use super::rules::first_failure;
use crate::Time;
use crate::catalog::{Catalog, Promotion, PromotionRule, normal_code};
use crate::channel::ChannelKey;
use crate::order::{AppliedPromotion, Order, OrderKind};
use crate::refusal::{CodeReason, RuleFailure};
use crate::user::Buyer;

/// The entry a code would put on the order.
///
/// # Errors
/// The first reason why it may not.
pub fn admits(
    order: &Order,
    code: &str,
    channel: &ChannelKey,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
) -> Result<AppliedPromotion, CodeReason> {
    let code = normal_code(code);
    let promotion = catalog.promotion_by_code(&code, channel).ok_or(CodeReason::NotFound)?;
    if promotion.actions.is_empty() {
        return Err(CodeReason::Inactive);
    }
    if promotion.period.from.is_some_and(|from| now < from) {
        return Err(CodeReason::NotStarted);
    }
    if promotion.period.until.is_some_and(|until| until <= now) {
        return Err(CodeReason::Expired);
    }
    if order.kind != OrderKind::Sale && !promotion.top_ups {
        return Err(CodeReason::NotApplicableToTopUp);
    }
    if !usage_left(promotion, Some(&code), buyer) {
        return Err(CodeReason::RedemptionLimitReached);
    }
    match first_failure(promotion, order, catalog, buyer) {
        Some(failure) => Err(reason(&failure, promotion)),
        None => Ok(AppliedPromotion { promotion: promotion.id, code: Some(code) }),
    }
}

fn reason(failure: &RuleFailure, promotion: &Promotion) -> CodeReason {
    let names_buyers = |rule: &PromotionRule| {
        matches!(rule, PromotionRule::Users(_) | PromotionRule::Roles(_) | PromotionRule::NthOrder(_))
    };
    match failure {
        RuleFailure::TotalNotAbove(_) | RuleFailure::TotalBelow(_) | RuleFailure::QuantityBelow(_) => {
            CodeReason::MinimumNotMet
        }
        RuleFailure::NoUser => CodeReason::CustomerNotEligible,
        RuleFailure::OncePerUser => CodeReason::AlreadyRedeemed,
        RuleFailure::NotFirstOrder => CodeReason::FirstOrderOnly,
        RuleFailure::NoApplicableProduct
        | RuleFailure::MissingProduct
        | RuleFailure::ExcludedProduct
        | RuleFailure::NoMatchingTaxon
        | RuleFailure::MissingTaxon
        | RuleFailure::ExcludedTaxon => CodeReason::NotApplicableToProducts,
        RuleFailure::Other if promotion.rules.iter().any(names_buyers) => CodeReason::CustomerNotEligible,
        RuleFailure::Other => CodeReason::NotApplicableToProducts,
    }
}
