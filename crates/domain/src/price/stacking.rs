//! How promotions on the same thing combine. The same for lines, shipments and the order as a whole.
//!
//! ```text
//! ordinary  = the best BestPerItem discount, then the best of lanes Pre, Default, Post, each on what is left
//! exclusive = the best Exclusive discount on the full amount
//! counts    = the exclusive one alone if it takes off at least as much as all ordinary ones, else the ordinary
//! ```
//!
//! Best is the largest discount; of equal ones the higher promotion id, then the higher action id. What does
//! not count stays visible as ineligible. Nothing here depends on the order in which promotions were applied.

use super::working::{Reason, Working};
use super::{Adjustment, AdjustmentSource};
use crate::catalog::{Promotion, Stacking};
use crate::money::Amount;
use crate::{AdjustmentId, PromotionId};

/// What one promotion action would take off each of some things (lines, shipments, or the one order).
pub(super) struct Offer {
    pub promotion: PromotionId,
    pub action: i64,
    pub label: String,
    /// One for each thing.
    pub discounts: Vec<Working>,
}

/// An adjustment and why it has its amount.
pub(super) type Made = (Adjustment, Reason);

impl Offer {
    pub(super) fn new(promotion: &Promotion, action: i64, discounts: Vec<Working>) -> Offer {
        Offer { promotion: promotion.id, action, label: format!("Promotion ({})", promotion.name), discounts }
    }

    /// What this offer takes off thing `index` of which `left` is left.
    fn discount(&self, index: usize, left: Amount) -> Amount {
        self.discounts.get(index).map_or(Amount::ZERO, Working::discount).min(left)
    }

    fn made(&self, index: usize, left: Amount, eligible: bool) -> Made {
        let working = self.discounts.get(index).copied().unwrap_or_else(Working::nothing);
        let reason = Reason::Discount { working, left };
        let adjustment = Adjustment {
            id: AdjustmentId::default(),
            source: AdjustmentSource::Promotion { promotion: self.promotion, action: self.action },
            label: self.label.clone(),
            amount: reason.amount(),
            eligible,
            included: false,
        };
        (adjustment, reason)
    }
}

/// The adjustments of each thing. `caps` is the most that may be taken off each; `offers` computes what the
/// promotions of one stacking would take off, given what was taken off before.
pub(super) fn combine(caps: &[Amount], offers: impl Fn(Stacking, &[Amount]) -> Vec<Offer>) -> Vec<Vec<Made>> {
    let caps: Vec<Amount> = caps.iter().map(|cap| (*cap).max(Amount::ZERO)).collect();
    let mut taken = vec![Amount::ZERO; caps.len()];
    let mut adjustments: Vec<Vec<Made>> = vec![Vec::new(); caps.len()];
    for stacking in [Stacking::BestPerItem, Stacking::LanePre, Stacking::LaneDefault, Stacking::LanePost] {
        let offers = offers(stacking, &taken);
        for (index, made) in adjustments.iter_mut().enumerate() {
            let (best, candidates) = pick(&offers, index, caps[index] - taken[index]);
            taken[index] += best;
            made.extend(candidates);
        }
    }
    let exclusive = offers(Stacking::Exclusive, &vec![Amount::ZERO; caps.len()]);
    for (index, made) in adjustments.iter_mut().enumerate() {
        let (best, mut candidates) = pick(&exclusive, index, caps[index]);
        let loser = if best >= taken[index] { &mut *made } else { &mut candidates };
        if best.is_positive() {
            loser.iter_mut().for_each(|(adjustment, _)| adjustment.eligible = false);
        }
        made.extend(candidates);
    }
    adjustments
}

/// The best discount on one thing, and an adjustment for each offer that takes anything off; the best one is
/// eligible.
fn pick(offers: &[Offer], index: usize, left: Amount) -> (Amount, Vec<Made>) {
    let rank = |offer: &Offer| (offer.discount(index, left), offer.promotion, offer.action);
    let mut any: Vec<&Offer> =
        offers.iter().filter(|offer| offer.discount(index, left).is_positive()).collect();
    any.sort_by_key(|offer| (offer.promotion, offer.action));
    let best = any.iter().map(|offer| rank(offer)).max();
    let adjustments = any.iter().map(|offer| offer.made(index, left, Some(rank(offer)) == best));
    (best.map_or(Amount::ZERO, |(discount, ..)| discount), adjustments.collect())
}

#[cfg(test)]
mod tests {
    use super::super::working::Formula;
    use super::*;

    /// Combines `(stacking, promotion id, percent)` on one thing of 1000; expects `(promotion id, amount)` of
    /// the eligible adjustments and the number of ineligible ones.
    fn check(promotions: &[(Stacking, i64, i64)], eligible: &[(i64, i64)], ineligible: usize) {
        for reversed in [false, true] {
            let mut promotions = promotions.to_vec();
            if reversed {
                promotions.reverse();
            }
            let made = combine(&[Amount(1000)], |stacking, taken| {
                let of = promotions.iter().filter(|(own, ..)| *own == stacking);
                of.map(|(_, id, percent)| Offer {
                    promotion: PromotionId(*id),
                    action: 1,
                    label: String::new(),
                    discounts: vec![Working::only(Formula::Given(Amount(
                        (1000 - taken[0].0) * percent / 100,
                    )))],
                })
                .collect()
            });
            let id = |a: &Adjustment| match a.source {
                AdjustmentSource::Promotion { promotion, .. } => promotion.0,
                _ => panic!("not a promotion"),
            };
            let counted: Vec<(i64, i64)> =
                made[0].iter().filter(|(a, _)| a.eligible).map(|(a, _)| (id(a), a.amount.0)).collect();
            assert_eq!(counted, eligible, "reversed: {reversed}");
            assert_eq!(
                made[0].iter().filter(|(a, _)| !a.eligible).count(),
                ineligible,
                "reversed: {reversed}"
            );
        }
    }

    #[test]
    fn the_single_best_counts_and_the_others_stay_visible() {
        use Stacking::BestPerItem as Best;
        check(&[(Best, 1, 10), (Best, 2, 30), (Best, 3, 20)], &[(2, -300)], 2);
        check(&[(Best, 1, 10), (Best, 2, 10)], &[(2, -100)], 1);
        check(&[(Best, 1, 0)], &[], 0);
        check(&[(Best, 1, 300)], &[(1, -1000)], 0);
    }

    #[test]
    fn lanes_work_on_what_the_lane_before_left() {
        use Stacking::{LaneDefault, LanePost, LanePre};
        let all = [(LanePre, 1, 10), (LaneDefault, 2, 10), (LanePost, 3, 50), (LaneDefault, 4, 5)];
        check(&all, &[(1, -100), (2, -90), (3, -405)], 1);
        check(&[(LanePre, 1, 100), (LanePost, 2, 10)], &[(1, -1000)], 0);
    }

    #[test]
    fn best_per_item_stands_beside_lanes() {
        check(&[(Stacking::BestPerItem, 1, 10), (Stacking::LaneDefault, 2, 10)], &[(1, -100), (2, -90)], 0);
    }

    #[test]
    fn an_exclusive_discount_counts_alone_or_not_at_all() {
        use Stacking::{BestPerItem, Exclusive, LanePost, LanePre};
        check(&[(Exclusive, 9, 20), (LanePre, 1, 10), (LanePost, 2, 10)], &[(9, -200)], 2);
        check(&[(Exclusive, 9, 19), (LanePre, 1, 10), (LanePost, 2, 10)], &[(9, -190)], 2);
        check(&[(Exclusive, 9, 18), (LanePre, 1, 10), (LanePost, 2, 10)], &[(1, -100), (2, -90)], 1);
        check(&[(Exclusive, 9, 50), (Exclusive, 8, 50), (BestPerItem, 1, 10)], &[(9, -500)], 2);
        check(&[(Exclusive, 9, 0), (BestPerItem, 1, 10)], &[(1, -100)], 0);
    }
}
