//! Coupon uses and store credit in memory.

use super::state::{Claim, CreditRow, State};
use domain::money::{Amount, Money};
use domain::movement::{CouponChange, CouponMovement, CreditChange, CreditGrant, CreditMovement, Movement};
use domain::user::Credit;
use domain::{IdKind, OrderId, PromotionId, Time};
use engine::ports::{CommitError, CreditAction, CreditEvent};

pub(super) fn apply(state: &mut State, movements: &[Movement], now: Time) -> Result<(), CommitError> {
    for movement in movements {
        match movement {
            Movement::Coupon(coupon) => move_coupon(state, coupon)?,
            Movement::Credit(credit) => move_credit(state, credit, now)?,
            Movement::Claim(claim) => super::claims::apply(state, claim)?,
            Movement::Grant(given) => grant_of_order(state, given, now)?,
            Movement::Stock(_) => {}
        }
    }
    Ok(())
}

fn move_coupon(state: &mut State, movement: &CouponMovement) -> Result<(), CommitError> {
    let key = (movement.promotion, movement.order);
    match movement.change {
        CouponChange::Claim { limit, code_limit, once_per_user } => {
            if state.claims.contains_key(&key) {
                return Ok(());
            }
            let used_up = || CommitError::UsedUp(movement.promotion);
            let code = movement.code.clone().unwrap_or_default();
            if once_per_user && movement.user.is_some() && used_by(state, movement) > 0 {
                return Err(used_up());
            }
            count(state, movement.promotion, "", limit).ok_or_else(used_up)?;
            if !code.is_empty() {
                count(state, movement.promotion, &code, code_limit).ok_or_else(used_up)?;
            }
            state.claims.insert(key, Claim { code, user: movement.user, limits: [limit, code_limit] });
        }
        CouponChange::Release => {
            if let Some(claim) = state.claims.remove(&key) {
                let codes =
                    if claim.code.is_empty() { vec![String::new()] } else { vec![String::new(), claim.code] };
                for code in codes {
                    let uses = state.uses.entry((movement.promotion, code)).or_insert(0);
                    *uses = uses.saturating_sub(1);
                }
            }
        }
    }
    Ok(())
}

fn used_by(state: &State, movement: &CouponMovement) -> usize {
    let of_promotion = (movement.promotion, OrderId(i64::MIN))..=(movement.promotion, OrderId(i64::MAX));
    state.claims.range(of_promotion).filter(|(_, claim)| claim.user == movement.user).count()
}

/// One more use, unless the limit is reached.
fn count(state: &mut State, promotion: PromotionId, code: &str, limit: Option<u32>) -> Option<()> {
    let uses = state.uses.entry((promotion, code.to_owned())).or_insert(0);
    if limit.is_some_and(|limit| *uses >= limit) {
        return None;
    }
    *uses += 1;
    Some(())
}

/// Money of an order becomes credit, once for each number.
fn grant_of_order(state: &mut State, given: &CreditGrant, now: Time) -> Result<(), CommitError> {
    let key = (given.order, given.number);
    if state.grants.contains_key(&key) {
        return Ok(());
    }
    state.grants.insert(key, (given.credit, given.money.amount));
    grant(state, crate::rules::credit_of(given, now), Some(given.order), now)
}

pub(super) fn grant(
    state: &mut State,
    credit: Credit,
    of: Option<OrderId>,
    now: Time,
) -> Result<(), CommitError> {
    if state.credits.contains_key(&credit.id) {
        return Err(CommitError::Duplicate("credit".to_owned()));
    }
    let granted = credit.available;
    state.lift(IdKind::Credit, credit.id.0);
    state
        .credits
        .insert(credit.id, CreditRow { credit: credit.clone(), granted: granted.0, used: 0, held: 0 });
    note(state, &credit, CreditAction::Grant, granted, of, now);
    Ok(())
}

fn move_credit(state: &mut State, movement: &CreditMovement, now: Time) -> Result<(), CommitError> {
    let short = || CommitError::CreditShort(movement.credit);
    let key = (movement.credit, movement.order, movement.payment);
    if !crate::rules::credit_amount(movement.change).is_positive() {
        return Ok(());
    }
    let mut row = state.credits.get(&movement.credit).cloned().ok_or_else(short)?;
    let mut part = state.credit_parts.get(&key).copied().unwrap_or_default();
    let (action, amount) = match movement.change {
        CreditChange::Hold(amount) => {
            if part.held > 0 || part.captured > part.refunded {
                return Ok(());
            }
            if row.credit.available < amount {
                return Err(short());
            }
            part.held += amount.0;
            row.held += amount.0;
            (CreditAction::Hold, amount)
        }
        CreditChange::Capture(amount) => {
            if part.held < amount.0 {
                return if part.held == 0 && part.captured >= amount.0 { Ok(()) } else { Err(short()) };
            }
            part.held -= amount.0;
            part.captured += amount.0;
            row.held -= amount.0;
            row.used += amount.0;
            (CreditAction::Capture, amount)
        }
        CreditChange::Release(amount) => {
            let amount = amount.0.min(part.held);
            if amount <= 0 {
                return Ok(());
            }
            part.held -= amount;
            row.held -= amount;
            (CreditAction::Release, Amount(amount))
        }
        CreditChange::Refund(amount) => {
            if part.captured - part.refunded < amount.0 {
                return Err(short());
            }
            part.refunded += amount.0;
            row.used -= amount.0;
            (CreditAction::Refund, amount)
        }
    };
    row.credit.available = Amount(row.granted - row.used - row.held);
    let credit = row.credit.clone();
    state.credits.insert(movement.credit, row);
    state.credit_parts.insert(key, part);
    note(state, &credit, action, amount, Some(movement.order), now);
    Ok(())
}

/// Writes a row of the ledger; `credit` is as it is afterwards.
fn note(
    state: &mut State,
    credit: &Credit,
    action: CreditAction,
    amount: Amount,
    order: Option<OrderId>,
    at: Time,
) {
    let of_user = state.credits.values().map(|row| &row.credit);
    let user_total = of_user
        .filter(|other| other.user == credit.user && other.currency == credit.currency)
        .map(|other| other.available)
        .sum();
    let amount = Money { amount, currency: credit.currency };
    let remaining = credit.available;
    let event = CreditEvent { credit: credit.id, action, amount, remaining, user_total, order, at };
    state.ledger.push_back((credit.user, event));
}

/// Uses of a promotion or one of its codes, not counting one order's.
pub(super) fn uses_without(state: &State, promotion: PromotionId, code: &str, except: OrderId) -> u32 {
    let used = state.uses.get(&(promotion, code.to_owned())).copied().unwrap_or(0);
    let own =
        state.claims.get(&(promotion, except)).is_some_and(|claim| code.is_empty() || claim.code == code);
    used - u32::from(own)
}
