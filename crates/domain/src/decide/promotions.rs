//! Codes and automatic promotions on an order. Whether a promotion holds and what it is worth is `price`'s matter.

use super::draft::Draft;
use crate::catalog::{PromotionRule, normal_code};
use crate::decision::Context;
use crate::event::EventKind;
use crate::movement::{CouponChange, CouponMovement, Movement};
use crate::order::AppliedPromotion;
use crate::price::{self, AdjustmentSource};
use crate::refusal::{CodeRefusal, Refusal};
use crate::{PromotionId, limits};
use std::collections::BTreeSet;

pub(super) fn apply_code(draft: &mut Draft<'_>, code: &str) -> Result<(), Refusal> {
    let context = draft.context;
    let applied =
        price::apply_code(&draft.order, code, &context.via.key, context.catalog, context.buyer, context.now)
            .map_err(Refusal::Code)?;
    if draft.order.is_placed() {
        return Err(Refusal::Code(CodeRefusal::NoEffect));
    }
    if draft.order.promotions.len() >= limits::PROMOTIONS {
        return Err(Refusal::TooMany(format!("promotions (at most {})", limits::PROMOTIONS)));
    }
    draft.note(EventKind::CodeApplied, Some(applied.promotion.0), normal_code(code));
    draft.order.promotions.push(applied);
    draft.reprice()
}

pub(super) fn remove_code(draft: &mut Draft<'_>, code: &str) -> Result<(), Refusal> {
    let context = draft.context;
    if draft.order.is_placed() {
        // What it was sold at stays, and so does the use that is counted for it.
        return Err(Refusal::AlreadyComplete);
    }
    let promotion = context
        .catalog
        .promotion_by_code(code, &context.via.key)
        .ok_or(Refusal::Code(CodeRefusal::NotFound))?
        .id;
    let before = draft.order.promotions.len();
    draft.order.promotions.retain(|applied| applied.promotion != promotion);
    if draft.order.promotions.len() == before {
        return Err(Refusal::Code(CodeRefusal::NotPresent));
    }
    draft.note(EventKind::CodeRemoved, Some(promotion.0), normal_code(code));
    draft.reprice()
}

/// Replaces the automatic promotions by those that hold now. Placed orders keep theirs.
pub(super) fn apply_automatic(draft: &mut Draft<'_>) {
    if draft.order.is_placed() {
        return;
    }
    let context = draft.context;
    let automatic = price::automatic_promotions(
        &draft.order,
        context.catalog,
        context.buyer,
        context.now,
        &context.via.key,
    );
    draft.order.promotions.retain(|applied| applied.code.is_some());
    let automatic = automatic.into_iter().map(|promotion| AppliedPromotion { promotion, code: None });
    draft.order.promotions.extend(automatic);
}

/// The promotions that make an adjustment of the order as it is priced now: those that count, or all of them,
/// with those that others are better than.
fn adjusting(draft: &Draft<'_>, only_eligible: bool) -> Vec<AppliedPromotion> {
    let adjustments = draft.order.sheet.adjustments().filter(|a| a.eligible || !only_eligible);
    let ids: BTreeSet<PromotionId> = adjustments
        .filter_map(|adjustment| match adjustment.source {
            AdjustmentSource::Promotion { promotion, .. } => Some(promotion),
            _ => None,
        })
        .collect();
    draft.order.promotions.iter().filter(|applied| ids.contains(&applied.promotion)).cloned().collect()
}

/// Takes promotions off the order that make no adjustment any more.
pub(super) fn drop_without_effect(draft: &mut Draft<'_>) {
    draft.order.promotions = adjusting(draft, false);
}

/// Whether every promotion that a canceled order was sold with may be used once more.
pub(super) fn usable_again(draft: &Draft<'_>) -> bool {
    let Context { catalog, buyer, .. } = *draft.context;
    adjusting(draft, true).iter().all(|applied| {
        let Some(promotion) = catalog.promotions.get(&applied.promotion) else { return true };
        let once = promotion.rules.contains(&PromotionRule::OncePerUser);
        let used = buyer.own_uses.get(&promotion.id).is_some_and(|uses| *uses > 0);
        price::usage_left(promotion, applied.code.as_deref(), buyer) && !(once && used)
    })
}

/// Counts the order among the uses of each promotion it carries; the commit fails if one is used up.
pub(super) fn claim(draft: &mut Draft<'_>) {
    for applied in adjusting(draft, true) {
        let Some(promotion) = draft.context.catalog.promotions.get(&applied.promotion) else { continue };
        let once_per_user = promotion.rules.contains(&PromotionRule::OncePerUser);
        let change = CouponChange::Claim {
            limit: promotion.usage_limit,
            code_limit: promotion.per_code_limit,
            once_per_user,
        };
        draft.movement(Movement::Coupon(coupon(draft, &applied, change)));
    }
}

/// Gives the uses back.
pub(super) fn release_claims(draft: &mut Draft<'_>) {
    for applied in draft.order.promotions.clone() {
        draft.movement(Movement::Coupon(coupon(draft, &applied, CouponChange::Release)));
    }
}

fn coupon(draft: &Draft<'_>, applied: &AppliedPromotion, change: CouponChange) -> CouponMovement {
    CouponMovement {
        order: draft.order.id,
        promotion: applied.promotion,
        code: applied.code.clone(),
        user: draft.order.customer,
        change,
    }
}
