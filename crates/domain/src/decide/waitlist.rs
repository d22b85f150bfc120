//! The life of an order beside the straight way: on the wait list, reserved, expired and taken up again, given up.
//!
//! | from | command | to |
//! | --- | --- | --- |
//! | last step | walk | requested (holds nothing), reserved (holds without a timer) |
//! | requested | offer: all lines or nothing | checkout with `offer_hours`, or complete if nothing is open |
//! | requested | deny | canceled |
//! | offered, and run out | reclaim | checkout, if nobody waits for what it held; else on the wait list again |
//! | reserved | open sale, from `can_checkout_at` on | checkout with `offer_hours` |
//! | cart, checkout | its time is over | expired |
//! | expired, abandoned | reclaim: all lines or nothing | where it stood |
//! | unfinished | give up | canceled |

use super::draft::Draft;
use super::{cancel, claims, holds, pools, queue, tickets, walk};
use crate::catalog::Customization;
use crate::channel::Step;
use crate::event::EventKind;
use crate::order::{PaymentState, Phase};
use crate::plan;
use crate::refusal::{Move, Refusal};
use crate::ticketing::{self, availability};
use crate::{Time, limits};

fn choices(draft: &Draft<'_>) -> Customization {
    ticketing::customization(&draft.order, draft.context.catalog)
        .map(|row| Customization::clone(row))
        .unwrap_or_default()
}

fn hours(hours: u32) -> i64 {
    i64::from(hours) * 60
}

/// Onto the wait list: everything held goes back.
pub(super) fn request(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    claims::check(draft)?;
    queue::join(draft);
    holds::release_all(draft);
    void_stored_payments(draft);
    draft.order.phase = Phase::Requested;
    draft.order.ticketing.requested_at = Some(draft.context.now);
    draft.note(EventKind::OrderRequested, None, "");
    Ok(())
}

/// Reserved until its sale begins: what is held stays held as long as it may be bought then.
pub(super) fn reserve(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    claims::check(draft)?;
    let context = draft.context;
    holds::sync(draft)?;
    let from = availability::on_sale_from(&draft.order, context.catalog, context.now).unwrap_or(context.now);
    let until = from.plus_minutes(hours(choices(draft).offer_hours));
    holds::hold_again(draft, until);
    void_stored_payments(draft);
    draft.order.phase = Phase::Reserved;
    draft.order.expires_at = None;
    draft.order.ticketing.can_checkout_at = Some(from);
    draft.note(EventKind::OrderReserved, None, "");
    Ok(())
}

/// Nothing can be paid on the wait list.
fn void_stored_payments(draft: &mut Draft<'_>) {
    let now = draft.context.now;
    for payment in draft.order.payments.iter_mut().filter(|p| p.state == PaymentState::Stored) {
        payment.state = PaymentState::Void;
        payment.updated_at = now;
    }
}

/// The sale has begun: the order may be checked out for as long as an offer stands.
pub(super) fn open_sale(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let now = draft.context.now;
    let from = draft.order.ticketing.can_checkout_at.filter(|from| *from <= now);
    let (Phase::Reserved, Some(from)) = (draft.order.phase, from) else { return Ok(()) };
    draft.order.expires_at = Some(from.plus_minutes(hours(choices(draft).offer_hours)));
    draft.note(EventKind::OrderOffered, None, "the sale has begun");
    stand_at_first_open(draft)
}

fn stand_at_first_open(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.order.phase = Phase::Checkout;
    walk::forget_steps(draft);
    draft.reprice()?;
    let context = draft.context;
    let plan = plan::plan_at(&draft.order, context.catalog, context.origin, context.now);
    match plan.first_open().or_else(|| plan.steps.last().map(|planned| planned.step)) {
        Some(step) => {
            draft.order.at = step;
            draft.order.ticketing.stood_on.push(step);
        }
        // Nothing is asked for at all: a cart that only has to be sent off.
        None => (draft.order.phase, draft.order.at) = (Phase::Cart, Step::Cart),
    }
    Ok(())
}

/// Offers stock to an order on the wait list. What is free and has nothing open is complete at once.
pub(super) fn offer(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.phase != Phase::Requested {
        return Err(Refusal::NoSuchMove(Move::Offer));
    }
    let now = draft.context.now;
    draft.order.expires_at = Some(now.plus_minutes(hours(choices(draft).offer_hours)));
    draft.order.phase = Phase::Checkout;
    holds::sync(draft)?;
    if !draft.order.ticketing.waiting.is_empty() {
        return Err(Refusal::InsufficientStock(walk::shortages(draft)));
    }
    queue::leave(draft);
    draft.order.ticketing.offered_at = Some(now);
    draft.order.ticketing.approver = draft.context.actor.user();
    draft.note(EventKind::OrderOffered, None, "");
    stand_at_first_open(draft)?;
    let context = draft.context;
    let plan = plan::plan_at(&draft.order, context.catalog, context.origin, context.now);
    // What is left to be paid is open; what is not on sale yet is reserved.
    if plan.first_open().is_none() { walk::end(draft) } else { Ok(()) }
}

/// Off the wait list.
pub(super) fn deny(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.phase != Phase::Requested {
        return Err(Refusal::NoSuchMove(Move::Deny));
    }
    over(draft, Phase::Canceled)
}

/// Gives an order up that was never placed.
pub(super) fn give_up(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    match draft.order.phase {
        Phase::Canceled => Ok(()),
        Phase::Cart
        | Phase::Checkout
        | Phase::Expired
        | Phase::Abandoned
        | Phase::Requested
        | Phase::Reserved => over(draft, Phase::Canceled),
        _ => Err(Refusal::NoSuchMove(Move::Cancel)),
    }
}

fn over(draft: &mut Draft<'_>, phase: Phase) -> Result<(), Refusal> {
    queue::leave(draft);
    holds::release_all(draft);
    void_stored_payments(draft);
    tickets::invalidate_all(draft);
    draft.order.phase = phase;
    draft.order.canceled_at = Some(draft.context.now);
    draft.order.canceler = draft.context.actor.user();
    let kind = if phase == Phase::Voided { EventKind::OrderVoided } else { EventKind::OrderCanceled };
    draft.note(kind, None, "");
    Ok(())
}

/// Staff: takes an order back for good, placed or not.
pub(super) fn void(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !draft.order.is_placed() {
        return match draft.order.phase {
            Phase::Canceled => Err(Refusal::NoSuchMove(Move::Void)),
            _ => over(draft, Phase::Voided),
        };
    }
    cancel::cancel(draft).map_err(|_| Refusal::NoSuchMove(Move::Void))?;
    draft.order.phase = Phase::Voided;
    draft.note(EventKind::OrderVoided, None, "");
    Ok(())
}

/// Nobody came back.
pub(super) fn abandon(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let due = draft.order.ticketing.abandon_at.is_some_and(|at| at <= draft.context.now);
    if draft.order.phase == Phase::Expired && due {
        draft.order.phase = Phase::Abandoned;
        draft.order.ticketing.abandon_at = None;
        draft.note(EventKind::OrderAbandoned, None, "");
    }
    Ok(())
}

/// When an order that expires now is given up for good.
pub(super) fn abandon_at(draft: &Draft<'_>) -> Option<Time> {
    let choices = ticketing::customization(&draft.order, draft.context.catalog)?;
    Some(draft.context.now.plus_minutes(hours(choices.abandon_after_hours?)))
}

/// One more stretch of the hold, as often as the checkout's choices allow.
pub(super) fn prolong(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let now = draft.context.now;
    let choices = choices(draft);
    let Some(until) = draft.order.expires_at.filter(|until| *until > now) else {
        return Err(Refusal::NoSuchMove(Move::Extend));
    };
    let open = matches!(draft.order.phase, Phase::Cart | Phase::Checkout);
    if !open || draft.order.ticketing.extensions >= choices.max_extensions {
        return Err(Refusal::NoSuchMove(Move::Extend));
    }
    let until = until.plus_minutes(i64::from(choices.hold_minutes));
    draft.order.ticketing.extensions += 1;
    draft.order.expires_at = Some(until);
    holds::hold_again(draft, until);
    draft.note(EventKind::HoldProlonged, None, "");
    Ok(())
}

/// Asked for by name: an order that has not expired has nothing to take up.
pub(super) fn reclaim(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let expired = draft.order.is_expired(draft.context.now) || draft.order.phase == Phase::Abandoned;
    if !expired {
        return Err(Refusal::NoSuchMove(Move::Resume));
    }
    revive(draft)
}

/// Before anything else is done with an order that ran out: all it held is held again, or nothing is done. A
/// reservation whose time has come is opened.
///
/// # Errors
/// `CheckoutNotAllowed` with every line that is gone or off sale.
pub(super) fn revive(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    if draft.order.phase == Phase::Reserved {
        open_sale(draft)?;
    }
    if !draft.order.is_expired(context.now) && draft.order.phase != Phase::Abandoned {
        return Ok(());
    }
    let blocked: Vec<_> = availability::blocked(&draft.order, context.catalog, context.now)
        .into_iter()
        .filter(|fault| !matches!(fault.flaw, crate::fault::Flaw::SoldOut { .. }))
        .collect();
    if !blocked.is_empty() {
        return Err(Refusal::CheckoutNotAllowed(blocked));
    }
    let stood = draft.order.at;
    holds::sync(draft).map_err(|_| walk::gone(walk::shortages(draft)))?;
    draft.order.ticketing.abandon_at = None;
    draft.order.phase = if stood == Step::Cart { Phase::Cart } else { Phase::Checkout };
    draft.note(EventKind::OrderResumed, None, "");
    let before = draft.order.total();
    super::cart::reprice_contents(draft)?;
    walk::take_up(draft)?;
    if draft.order.total() != before {
        draft.repriced = Some(before);
        draft.order.ticketing.confirmed = false;
        if plan::rank(draft.order.at) > plan::rank(Step::Payment) {
            draft.order.at = Step::Payment;
            walk::fall_back(draft);
        }
    }
    Ok(())
}

/// The hold is frozen while a payment is being made. It outlasts what a gateway is given, so that a payment that comes
/// to nothing leaves the buyer where they were, with the goods.
pub(super) fn freeze(draft: &mut Draft<'_>) -> Option<Time> {
    let timed = matches!(draft.context.origin.policy.hold, crate::channel::Hold::FromCart { .. });
    if !timed && !pools::any(draft) {
        return None;
    }
    if draft.order.phase != Phase::Placing {
        draft.order.ticketing.frozen_until = draft.order.expires_at;
    }
    Some(draft.context.now.plus_minutes(limits::PLACING_HOLD_MINUTES))
}

/// The payment failed: the hold ends when it would have, but not before the buyer could try once more. A hold that
/// did not outlast the gateway is over, and so is the order's time.
pub(super) fn thaw(draft: &mut Draft<'_>) {
    let Some(before) = draft.order.ticketing.frozen_until.take() else { return };
    let now = draft.context.now;
    if draft.order.expires_at.is_none_or(|until| until <= now) {
        holds::release_all(draft);
        draft.order.phase = Phase::Expired;
        draft.order.ticketing.abandon_at = abandon_at(draft);
        draft.note(EventKind::OrderExpired, None, "");
        return;
    }
    let until = before.max(now.plus_minutes(limits::RETRY_MINUTES));
    draft.order.expires_at = Some(until);
    holds::hold_again(draft, until);
}
