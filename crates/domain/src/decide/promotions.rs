//! Codes and automatic promotions on an order. Whether a promotion holds and what it is worth is `price`'s matter.

use super::draft::Draft;
use crate::catalog::normal_code;
use crate::event::EventKind;
use crate::movement::{CouponChange, CouponMovement, Movement};
use crate::order::AppliedPromotion;
use crate::price::{self, AdjustmentSource};
use crate::refusal::{CodeRefusal, Refusal};
use crate::{PromotionId, limits};

pub(super) fn apply_code(draft: &mut Draft<'_>, code: &str) -> Result<(), Refusal> {
    let context = draft.context;
    let applied =
        price::apply_code(&draft.order, code, &context.via.key, context.catalog, context.buyer, context.now)
            .map_err(Refusal::Code)?;
    if draft.order.promotions.len() >= limits::PROMOTIONS {
        return Err(Refusal::TooMany(format!("promotions (at most {})", limits::PROMOTIONS)));
    }
    draft.note(EventKind::CodeApplied, Some(applied.promotion.0), normal_code(code));
    draft.order.promotions.push(applied);
    draft.reprice()
}

pub(super) fn remove_code(draft: &mut Draft<'_>, code: &str) -> Result<(), Refusal> {
    let context = draft.context;
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

/// The applied promotions that change something on the order as it is priced now.
pub(super) fn effective(draft: &Draft<'_>) -> Vec<AppliedPromotion> {
    let has_effect = |promotion: PromotionId| {
        draft.order.sheet.adjustments().any(|adjustment| {
            adjustment.eligible
                && matches!(adjustment.source, AdjustmentSource::Promotion { promotion: id, .. } if id == promotion)
        })
    };
    draft.order.promotions.iter().filter(|applied| has_effect(applied.promotion)).cloned().collect()
}

/// Counts the order among the uses of each promotion it carries; the commit fails if one is used up.
pub(super) fn claim(draft: &mut Draft<'_>) {
    for applied in effective(draft) {
        let Some(promotion) = draft.context.catalog.promotions.get(&applied.promotion) else { continue };
        let once_per_user = promotion.rules.contains(&crate::catalog::PromotionRule::OncePerUser);
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
