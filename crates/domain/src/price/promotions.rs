//! Promotions on an order: which ones count now, what they take off, and whether a code may be applied.
//!
//! Only promotions on the order are looked at. One that is over, used up, or whose rules no longer hold makes
//! no adjustment, but stays on the order and counts again when its rules do. Discounts never make a line, a
//! shipment or the order cost less than nothing.

use super::calculators::{self, Basis};
use super::rules::{first_failure, is_actionable};
use super::stacking::{Made, Offer, combine};
use super::working::{Choice, Formula, Notes, Place, Working};
use super::{Adjustment, AdjustmentSource, LineSheet, PriceSheet, bought, price};
use crate::catalog::{
    Catalog, Promotion, PromotionAction, PromotionActionKind, PromotionCalculator, Stacking, normal_code,
};
use crate::channel::ChannelKey;
use crate::money::{Amount, allocate};
use crate::order::{AppliedPromotion, Order};
use crate::refusal::{CodeRefusal, RuleFailure};
use crate::user::Buyer;
use crate::{PromotionId, Time};

/// Begun, not over, and with something to do.
pub fn is_active(promotion: &Promotion, now: Time) -> bool {
    promotion.period.contains(now) && !promotion.actions.is_empty()
}

/// Whether the promotion, and the code it came by, may be used once more. The buyer's counts are of other
/// orders than the one at hand.
pub fn usage_left(promotion: &Promotion, code: Option<&str>, buyer: &Buyer) -> bool {
    let below =
        |uses: Option<&u32>, limit: Option<u32>| limit.is_none_or(|limit| uses.copied().unwrap_or(0) < limit);
    below(buyer.all_uses.get(&promotion.id), promotion.usage_limit)
        && code.is_none_or(|code| below(buyer.code_uses.get(code), promotion.per_code_limit))
}

/// Promotions without a code that the order may have now, by id. The caller puts them on the order.
pub fn automatic_promotions(
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
    channel: &ChannelKey,
) -> Vec<PromotionId> {
    let automatic = catalog.promotions.values().filter(|p| p.automatic && p.codes.is_empty());
    automatic
        .filter(|promotion| promotion.channels.show(channel) && is_active(promotion, now))
        .filter(|promotion| usage_left(promotion, None, buyer))
        .filter(|promotion| first_failure(promotion, order, catalog, buyer).is_none())
        .map(|promotion| promotion.id)
        .collect()
}

/// What applying a code would put on the order, or why it may not be. The order of checks is part of the
/// Solidus API: found, in force, uses left, not applied yet, rules, effect. A promotion of nothing but free
/// shipping needs no effect yet: it takes hold when shipments exist.
pub fn apply_code(
    order: &Order,
    code: &str,
    channel: &ChannelKey,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
) -> Result<AppliedPromotion, CodeRefusal> {
    let code = normal_code(code);
    if code.is_empty() {
        return Err(CodeRefusal::Blank);
    }
    let promotion = catalog.promotion_by_code(&code, channel).ok_or(CodeRefusal::NotFound)?;
    if promotion.actions.is_empty() {
        return Err(CodeRefusal::NotFound);
    }
    if !is_active(promotion, now) {
        return Err(CodeRefusal::Expired);
    }
    if !usage_left(promotion, Some(&code), buyer) {
        return Err(CodeRefusal::MaxUsage);
    }
    if order.promotions.iter().any(|applied| applied.promotion == promotion.id) {
        return Err(CodeRefusal::AlreadyApplied);
    }
    if let Some(failure) = first_failure(promotion, order, catalog, buyer) {
        return Err(CodeRefusal::Rule(failure));
    }
    let applied = AppliedPromotion { promotion: promotion.id, code: Some(code) };
    let only_shipping =
        promotion.actions.iter().all(|action| action.kind == PromotionActionKind::FreeShipping);
    if !only_shipping && !has_effect(order, &applied, catalog, buyer, now) {
        return Err(CodeRefusal::NoEffect);
    }
    Ok(applied)
}

fn has_effect(
    order: &Order,
    applied: &AppliedPromotion,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
) -> bool {
    let mut order = order.clone();
    order.promotions.push(applied.clone());
    let is_its = |source: &AdjustmentSource| matches!(source, AdjustmentSource::Promotion { promotion, .. } if *promotion == applied.promotion);
    price(&order, catalog, buyer, now).is_ok_and(|sheet| sheet.adjustments().any(|a| is_its(&a.source)))
}

/// Why a promotion on an order makes no adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// It is not in the catalogue any more.
    Gone,
    NotInForce,
    UsedUp,
    Rule(RuleFailure),
}

/// The promotion behind an entry of the order, if it counts now.
///
/// # Errors
/// Why it does not.
pub fn standing<'a>(
    applied: &AppliedPromotion,
    order: &Order,
    catalog: &'a Catalog,
    buyer: &Buyer,
    now: Time,
) -> Result<&'a Promotion, Silence> {
    let promotion = catalog.promotions.get(&applied.promotion).ok_or(Silence::Gone)?;
    if !is_active(promotion, now) {
        return Err(Silence::NotInForce);
    }
    if !usage_left(promotion, applied.code.as_deref(), buyer) {
        return Err(Silence::UsedUp);
    }
    match first_failure(promotion, order, catalog, buyer) {
        Some(failure) => Err(Silence::Rule(failure)),
        None => Ok(promotion),
    }
}

/// The promotions on the order that count now, by id, each once.
fn counting<'a>(order: &Order, catalog: &'a Catalog, buyer: &Buyer, now: Time) -> Vec<&'a Promotion> {
    let on_order =
        order.promotions.iter().filter_map(|applied| standing(applied, order, catalog, buyer, now).ok());
    let mut promotions: Vec<&Promotion> = on_order.collect();
    promotions.sort_by_key(|promotion| promotion.id);
    promotions.dedup_by_key(|promotion| promotion.id);
    promotions
}

/// Adds the adjustments of all promotions that count.
pub(super) fn discount(
    sheet: &mut PriceSheet,
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
    now: Time,
    notes: &mut Notes,
) {
    let promotions = counting(order, catalog, buyer, now);
    if promotions.is_empty() {
        return;
    }
    let goods = Goods::of(sheet, order, &promotions, catalog);
    let caps: Vec<Amount> = sheet.lines.iter().map(LineSheet::total_before_tax).collect();
    let made = combine(&caps, |stacking, taken| {
        offers(&promotions, stacking, |promotion, action| goods.line_discounts(promotion, action, taken))
    });
    for (line, made) in sheet.lines.iter_mut().zip(made) {
        line.adjustments.extend(noted(made, Place::Line(line.line), notes));
    }

    let costs: Vec<Amount> = sheet.shipments.iter().map(|shipment| shipment.total_before_tax()).collect();
    let made = combine(&costs, |stacking, taken| {
        let whole = |(cost, taken): (&Amount, &Amount)| Working {
            formula: Formula::Given(*cost - *taken),
            choice: Choice::Whole,
        };
        let left = || costs.iter().zip(taken).map(whole).collect();
        offers(&promotions, stacking, |_, action| {
            (action.kind == PromotionActionKind::FreeShipping).then(left).unwrap_or_default()
        })
    });
    for (shipment, made) in sheet.shipments.iter_mut().zip(made) {
        shipment.adjustments.extend(noted(made, Place::Shipment(shipment.shipment), notes));
    }

    let made = combine(&[sheet.total_before_tax() + bought(order)], |stacking, taken| {
        offers(&promotions, stacking, |_, action| goods.order_discount(action, taken))
    });
    for made in made {
        sheet.order.extend(noted(made, Place::Order, notes));
    }
}

/// The adjustments; why they have their amounts goes into the notes.
fn noted(made: Vec<Made>, place: Place, notes: &mut Notes) -> impl Iterator<Item = Adjustment> {
    made.into_iter().map(move |(adjustment, reason)| {
        notes.take(place, &adjustment.source, || reason);
        adjustment
    })
}

/// One offer for each action of the promotions with this stacking that `discounts` gives any amounts for.
fn offers(
    promotions: &[&Promotion],
    stacking: Stacking,
    discounts: impl Fn(&Promotion, &PromotionAction) -> Vec<Working>,
) -> Vec<Offer> {
    let of = promotions.iter().filter(|promotion| promotion.stacking == stacking);
    of.flat_map(|promotion| promotion.actions.iter().map(move |action| (*promotion, action)))
        .map(|(promotion, action)| Offer::new(promotion, action.id, discounts(promotion, action)))
        .filter(|offer| !offer.discounts.is_empty())
        .collect()
}

/// What calculators look at: the order's goods before discounts.
struct Goods<'a> {
    order: &'a Order,
    /// Each line at its own price, graduated tiers taken into account.
    amounts: Vec<Amount>,
    /// Their sum, and the credit that is bought.
    total: Amount,
    /// Positions of the lines by id: the order in which remainders are given out.
    by_id: Vec<usize>,
    /// The lines that each promotion's line actions touch.
    touched: Vec<(PromotionId, Vec<bool>)>,
}

impl<'a> Goods<'a> {
    fn of(sheet: &PriceSheet, order: &'a Order, promotions: &[&Promotion], catalog: &Catalog) -> Goods<'a> {
        let volume = |line: &LineSheet| -> Amount {
            let volume = line.adjustments.iter().filter(|a| a.source == AdjustmentSource::VolumePrice);
            volume.map(|a| a.amount).sum()
        };
        let amounts: Vec<Amount> = sheet.lines.iter().map(|line| line.amount + volume(line)).collect();
        let touched = promotions.iter().map(|promotion| {
            let lines = order.lines.iter().map(|line| is_actionable(promotion, line, catalog));
            (promotion.id, lines.collect())
        });
        let total = amounts.iter().copied().sum::<Amount>() + bought(order);
        Goods { order, total, by_id: positions_by_id(sheet), touched: touched.collect(), amounts }
    }

    fn basis(&self, amount: Amount, quantity: u64) -> Basis {
        Basis {
            amount: amount.max(Amount::ZERO),
            quantity,
            goods_total: self.total,
            currency: self.order.currency,
        }
    }

    /// What a line action takes off each line, of which `taken` is gone already; empty for other actions.
    fn line_discounts(
        &self,
        promotion: &Promotion,
        action: &PromotionAction,
        taken: &[Amount],
    ) -> Vec<Working> {
        let (calculator, group) = match &action.kind {
            PromotionActionKind::AdjustLines(calculator) => (calculator, None),
            PromotionActionKind::AdjustGroups { size, calculator } => (calculator, Some(u64::from(*size))),
            PromotionActionKind::AdjustOrder(_) | PromotionActionKind::FreeShipping => return Vec::new(),
        };
        let touched =
            self.touched.iter().find(|(id, _)| *id == promotion.id).map_or(&[][..], |(_, lines)| lines);
        let lines = self.order.lines.iter().zip(&self.amounts).zip(taken).zip(touched);
        let bases = lines.map(|(((line, amount), taken), touched)| {
            let quantity = u64::from(line.quantity);
            let pieces = match group {
                None => quantity,
                Some(size) => quantity.checked_div(size).map_or(0, |groups| groups * size),
            };
            (self.basis(*amount - *taken, quantity), if *touched { pieces } else { 0 })
        });
        let bases: Vec<(Basis, u64)> = bases.collect();
        if let PromotionCalculator::Distributed(_) | PromotionCalculator::DistributedPercent(_) = calculator {
            return self.distributed(calculator, &bases);
        }
        let one = |(basis, pieces): &(Basis, u64)| match group {
            _ if *pieces == 0 => Working::nothing(),
            None => calculators::discount(calculator, *basis),
            Some(_) => calculators::discount_of_pieces(calculator, *basis, *pieces),
        };
        bases.iter().map(one).collect()
    }

    fn distributed(&self, calculator: &PromotionCalculator, bases: &[(Basis, u64)]) -> Vec<Working> {
        // A fixed sum is compared with all goods; a share is of the goods it touches, less what is gone.
        let touched = bases.iter().filter(|(_, pieces)| *pieces > 0).map(|(basis, _)| basis.amount).sum();
        let whole = match calculator {
            PromotionCalculator::DistributedPercent(_) => touched,
            _ => self.total,
        };
        let sum = calculators::discount(calculator, self.basis(whole, 0)).discount();
        let weight = |position: &usize| match bases[*position] {
            (basis, 1..) => basis.amount,
            _ => Amount::ZERO,
        };
        let weights: Vec<Amount> = self.by_id.iter().map(weight).collect();
        let mut discounts = vec![Working::nothing(); bases.len()];
        for (position, part) in self.by_id.iter().zip(calculators::distribute(sum, &weights)) {
            discounts[*position] = Working::only(part);
        }
        discounts
    }

    /// What an order action takes off the order; empty for other actions.
    fn order_discount(&self, action: &PromotionAction, taken: &[Amount]) -> Vec<Working> {
        let PromotionActionKind::AdjustOrder(calculator) = &action.kind else { return Vec::new() };
        let taken: Amount = taken.iter().copied().sum();
        vec![calculators::discount(calculator, self.basis(self.total - taken, self.order.total_quantity()))]
    }
}

fn positions_by_id(sheet: &PriceSheet) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..sheet.lines.len()).collect();
    positions.sort_by_key(|position| sheet.lines[*position].line);
    positions
}

/// Splits the order-level discounts that count over the lines, in proportion to what is left of each; what
/// exceeds the goods falls on shipping and has no share. Returns the part that lowers each line's tax base.
pub(super) fn share_order_discounts(sheet: &mut PriceSheet, catalog: &Catalog) -> Vec<Amount> {
    let by_id = positions_by_id(sheet);
    let mut left: Vec<Amount> =
        by_id.iter().map(|position| sheet.lines[*position].total_before_tax().max(Amount::ZERO)).collect();
    let mut untaxed = vec![Amount::ZERO; sheet.lines.len()];
    for adjustment in sheet.order.iter().filter(|adjustment| adjustment.counts()) {
        let AdjustmentSource::Promotion { promotion, .. } = adjustment.source else { continue };
        let before_tax = catalog.promotions.get(&promotion).is_some_and(|promotion| promotion.before_tax);
        let on_goods = (-adjustment.amount).max(Amount::ZERO).min(left.iter().copied().sum());
        for (turn, part) in allocate(on_goods, &left).into_iter().enumerate() {
            let position = by_id[turn];
            left[turn] = left[turn] - part;
            sheet.lines[position].order_share += -part;
            if before_tax {
                untaxed[position] += -part;
            }
        }
    }
    untaxed
}
