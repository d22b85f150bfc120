//! Coupon uses and store credit: counted and spent by conditional writes.

use super::shared::Effect;
use super::writer::{Tx, unavailable};
use crate::codec::encode;
use domain::money::Amount;
use domain::movement::{CouponChange, CouponMovement, CreditChange, CreditGrant, CreditMovement, Movement};
use domain::user::Credit;
use domain::{CreditId, IdKind, OrderId, Time, UserId};
use engine::ports::{CommitError, CreditAction};
use rusqlite::params;

pub(super) fn apply(tx: &mut Tx<'_>, movements: &[Movement], now: Time) -> Result<(), CommitError> {
    for movement in movements {
        match movement {
            Movement::Coupon(coupon) => move_coupon(tx, coupon)?,
            Movement::Credit(credit) => move_credit(tx, credit, now)?,
            Movement::Claim(claim) => super::claims::apply(tx, claim)?,
            Movement::Grant(given) => grant_of_order(tx, given, now)?,
            Movement::Stock(_) => {}
        }
    }
    Ok(())
}

fn move_coupon(tx: &mut Tx<'_>, movement: &CouponMovement) -> Result<(), CommitError> {
    tx.effects.push(Effect::Coupon(movement.promotion));
    match movement.change {
        CouponChange::Claim { limit, code_limit, once_per_user } => {
            let user = movement.user.map(|user| user.0);
            let used_up = || CommitError::UsedUp(movement.promotion);
            let code = movement.code.as_deref().unwrap_or_default();
            let claimed = tx.run(
                "INSERT INTO coupon_claims (promotion, order_id, code, user_id, use_limit, code_limit)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                params![movement.promotion.0, movement.order.0, code, user, limit, code_limit],
            )?;
            if claimed == 0 {
                return Ok(());
            }
            let uses_of_user = tx.first(
                "SELECT count(*) FROM coupon_claims WHERE promotion = ?1 AND user_id = ?2",
                (movement.promotion.0, user),
                |row| row.get::<_, i64>(0),
            )?;
            if once_per_user && uses_of_user.unwrap_or(0) > 1 {
                return Err(used_up());
            }
            count_use(tx, movement, "", limit)?;
            if !code.is_empty() {
                count_use(tx, movement, code, code_limit)?;
            }
            Ok(())
        }
        CouponChange::Release => {
            let code: Option<String> = tx.first(
                "DELETE FROM coupon_claims WHERE promotion = ?1 AND order_id = ?2 RETURNING code",
                (movement.promotion.0, movement.order.0),
                |row| row.get(0),
            )?;
            if let Some(code) = code {
                tx.run(
                    "UPDATE coupon_uses SET used = used - 1 WHERE promotion = ?1 AND code IN ('', ?2) AND used > 0",
                    (movement.promotion.0, code),
                )?;
            }
            Ok(())
        }
    }
}

/// One more use, unless the limit is reached.
fn count_use(
    tx: &Tx<'_>,
    movement: &CouponMovement,
    code: &str,
    limit: Option<u32>,
) -> Result<(), CommitError> {
    let counted = tx.run(
        "INSERT INTO coupon_uses (promotion, code, used) SELECT ?1, ?2, 1 WHERE ?3 IS NULL OR ?3 > 0
         ON CONFLICT (promotion, code) DO UPDATE SET used = used + 1 WHERE ?3 IS NULL OR used < ?3",
        (movement.promotion.0, code, limit),
    )?;
    if counted == 1 { Ok(()) } else { Err(CommitError::UsedUp(movement.promotion)) }
}

pub(super) fn grant(
    tx: &mut Tx<'_>,
    credit: &Credit,
    of: Option<OrderId>,
    now: Time,
) -> Result<(), CommitError> {
    let document = encode(credit).map_err(|error| unavailable(error.to_string()))?;
    let stored = tx.run(
        "INSERT INTO credits (id, user_id, currency, granted, used, held, doc) VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)
         ON CONFLICT DO NOTHING",
        params![credit.id.0, credit.user.0, credit.currency.code(), credit.available.0, document],
    )?;
    if stored == 0 {
        return Err(CommitError::Duplicate("credit".to_owned()));
    }
    tx.lift(IdKind::Credit, credit.id.0)?;
    tx.effects.push(Effect::Granted(credit.clone()));
    note(tx, credit.id.0, CreditAction::Grant, credit.available.0, of, now)
}

/// Money of an order becomes credit, once for each number.
fn grant_of_order(tx: &mut Tx<'_>, given: &CreditGrant, now: Time) -> Result<(), CommitError> {
    let new = tx.run(
        "INSERT INTO credit_grants (order_id, number, credit, amount) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (order_id, number) DO NOTHING",
        (given.order.0, given.number, given.credit.0, given.money.amount.0),
    )?;
    if new == 0 {
        return Ok(());
    }
    grant(tx, &crate::rules::credit_of(given, now), Some(given.order), now)
}

fn move_credit(tx: &mut Tx<'_>, movement: &CreditMovement, now: Time) -> Result<(), CommitError> {
    let wanted = crate::rules::credit_amount(movement.change);
    if !wanted.is_positive() {
        return Ok(());
    }
    let part = part(tx, movement)?;
    let (action, amount) = match movement.change {
        CreditChange::Hold(_) if part.held > 0 || part.captured > part.refunded => return Ok(()),
        CreditChange::Hold(Amount(amount)) => (CreditAction::Hold, amount),
        CreditChange::Capture(Amount(amount)) if part.held == 0 && part.captured >= amount => return Ok(()),
        CreditChange::Capture(Amount(amount)) => (CreditAction::Capture, amount),
        CreditChange::Release(_) if part.held == 0 => return Ok(()),
        CreditChange::Release(Amount(amount)) => (CreditAction::Release, amount.min(part.held)),
        CreditChange::Refund(Amount(amount)) => (CreditAction::Refund, amount),
    };
    let (held, captured, refunded) = match action {
        CreditAction::Grant | CreditAction::Hold => (amount, 0, 0),
        CreditAction::Capture => (-amount, amount, 0),
        CreditAction::Release => (-amount, 0, 0),
        CreditAction::Refund => (0, 0, amount),
    };
    let short = || CommitError::CreditShort(movement.credit);
    let changed = tx.run(
        "UPDATE credits SET held = held + ?2, used = used + ?3
         WHERE id = ?1 AND granted - used - held >= ?2 + ?3 AND held + ?2 >= 0 AND used + ?3 >= 0",
        (movement.credit.0, held, captured - refunded),
    )?;
    if changed == 0 {
        return Err(short());
    }
    tx.run(
        "INSERT INTO credit_parts (credit, order_id, payment, held, captured, refunded) VALUES (?1, ?2, ?3, 0, 0, 0)
         ON CONFLICT DO NOTHING",
        (movement.credit.0, movement.order.0, movement.payment.0),
    )?;
    let changed = tx.run(
        "UPDATE credit_parts SET held = held + ?4, captured = captured + ?5, refunded = refunded + ?6
         WHERE credit = ?1 AND order_id = ?2 AND payment = ?3
           AND held + ?4 >= 0 AND captured + ?5 >= refunded + ?6",
        (movement.credit.0, movement.order.0, movement.payment.0, held, captured, refunded),
    )?;
    if changed == 0 {
        return Err(short());
    }
    note(tx, movement.credit.0, action, amount, Some(movement.order), now)
}

#[derive(Default)]
struct Part {
    held: i64,
    captured: i64,
    refunded: i64,
}

fn part(tx: &Tx<'_>, movement: &CreditMovement) -> Result<Part, CommitError> {
    let part = tx.first(
        "SELECT held, captured, refunded FROM credit_parts WHERE credit = ?1 AND order_id = ?2 AND payment = ?3",
        (movement.credit.0, movement.order.0, movement.payment.0),
        |row| Ok(Part { held: row.get(0)?, captured: row.get(1)?, refunded: row.get(2)? }),
    )?;
    Ok(part.unwrap_or_default())
}

/// Writes a row of the ledger, with what is left afterwards.
fn note(
    tx: &mut Tx<'_>,
    credit: i64,
    action: CreditAction,
    amount: i64,
    order: Option<OrderId>,
    at: Time,
) -> Result<(), CommitError> {
    let left = tx.first(
        "INSERT INTO credit_ledger (credit, user_id, action, amount, currency, remaining, user_total, order_id, at)
         SELECT id, user_id, ?2, ?3, currency, granted - used - held,
             (SELECT sum(granted - used - held) FROM credits AS all_of_user
              WHERE all_of_user.user_id = credits.user_id AND all_of_user.currency = credits.currency), ?4, ?5
         FROM credits WHERE id = ?1 RETURNING user_id, remaining",
        (credit, action_number(action), amount, order.map(|order| order.0), at.0),
        |row| Ok((UserId(row.get(0)?), Amount(row.get(1)?))),
    )?;
    let credit = CreditId(credit);
    tx.effects.extend(left.map(|(user, available)| Effect::Credit { user, credit, available }));
    Ok(())
}

const ACTIONS: [CreditAction; 5] = [
    CreditAction::Grant,
    CreditAction::Hold,
    CreditAction::Capture,
    CreditAction::Release,
    CreditAction::Refund,
];

fn action_number(action: CreditAction) -> i64 {
    ACTIONS.iter().zip(0..).find(|(known, _)| **known == action).map_or(-1, |(_, number)| number)
}

pub(super) fn action_of(number: i64) -> Option<CreditAction> {
    ACTIONS.get(usize::try_from(number).ok()?).copied()
}
