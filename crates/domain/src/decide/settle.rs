//! Settling: what a gateway's answer does. Return page, webhook, poller and worker all end here.
//!
//! An outcome counts only for the attempt that is open on the payment: a late or repeated one changes nothing.
//! If money was authorised and the goods are gone meanwhile (the hold ran out), the money is given back at once.

use super::checkout::back_to_payment;
use super::draft::Draft;
use super::{cancel, claims, holds, late, pay, place, promotions, purchase, stock, waitlist};
use crate::channel::OnDecline;
use crate::command::{Outcome, PayAction};
use crate::decision::Focus;
use crate::event::EventKind;
use crate::order::{
    Attempt, AttemptState, GatewayAction, GrantReason, Payment, PaymentState, Phase, Refund, Source,
};
use crate::refusal::{Refusal, Thing};
use crate::{AttemptId, PaymentId};

pub(super) fn settle(
    draft: &mut Draft<'_>,
    id: PaymentId,
    attempt: &AttemptId,
    outcome: Outcome,
) -> Result<(), Refusal> {
    draft.focus = Some(Focus::Payment(id));
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    if payment.put_aside.as_ref().is_some_and(|aside| aside.id == *attempt) {
        return late::settled(draft, id, outcome);
    }
    let open = payment.attempt.clone().filter(|open| open.id == *attempt);
    let is_its = payment.sent().is_some_and(|sent| sent.attempt.as_ref() == Some(attempt));
    let asked = payment.amount;
    let outcome = match outcome {
        // A platform tells sums, also of an attempt that is over for us.
        Outcome::Received { amount, reference, card } if is_its => {
            return purchase::received(draft, id, attempt, amount, reference, card);
        }
        Outcome::Approved { reference, .. } if is_its => {
            return purchase::received(draft, id, attempt, asked, reference, None);
        }
        // All others take exactly what they were asked for.
        Outcome::Received { amount, .. } if amount < asked => return Ok(()),
        Outcome::Received { reference, card, .. } => {
            Outcome::Approved { reference, avs: None, profile: card.and_then(|card| card.profile) }
        }
        other => other,
    };
    let Some(open) = open else { return Ok(()) };
    match outcome {
        Outcome::Unknown => {
            // A buyer who has to act still has to: the address where is not forgotten.
            if let Some(open) = payment.attempt.as_mut().filter(|o| o.state == AttemptState::Initiated) {
                open.state = AttemptState::Unknown;
            }
            Ok(())
        }
        Outcome::ActionRequired { url } => {
            match payment.attempt.as_mut().map(|open| &mut open.state) {
                Some(AttemptState::Underpaid { url: at, .. }) => *at = Some(url),
                Some(state) => *state = AttemptState::ActionRequired { url },
                None => {}
            }
            if matches!(open.action, GatewayAction::Authorize | GatewayAction::Purchase) {
                payment.state = PaymentState::ActionRequired;
            }
            Ok(())
        }
        Outcome::Received { .. } => Ok(()),
        Outcome::GivenUp => late::put_aside(draft, id, &open),
        Outcome::Approved { reference, avs, profile } => approved(draft, id, &open, reference, avs, profile),
        Outcome::Declined { message } => declined(draft, id, &open, message),
    }
}

fn approved(
    draft: &mut Draft<'_>,
    id: PaymentId,
    attempt: &Attempt,
    reference: Option<String>,
    avs: Option<String>,
    profile: Option<String>,
) -> Result<(), Refusal> {
    let now = draft.context.now;
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    payment.attempt = None;
    payment.message = None;
    payment.updated_at = now;
    if matches!(attempt.action, GatewayAction::Authorize | GatewayAction::Purchase) {
        payment.authorization = reference.clone();
        payment.avs = avs;
        if let Source::Card(card) = &mut payment.source {
            // It paid once; what may be used again is the profile.
            card.details.token.clear();
            card.details.profile = card.details.profile.take().or(profile);
        }
    }
    match attempt.action {
        GatewayAction::Authorize => payment.state = PaymentState::Authorized,
        GatewayAction::Purchase | GatewayAction::Capture => {
            payment.state = PaymentState::Captured;
            payment.captured = attempt.amount;
        }
        GatewayAction::Void => payment.state = PaymentState::Void,
        GatewayAction::Refund => {
            payment.refunds.push(Refund {
                attempt: attempt.id.clone(),
                amount: attempt.amount,
                at: now,
                reference,
            });
        }
    }
    draft.note(EventKind::PaymentSettled, Some(id.0), format!("{:?} approved", attempt.action));
    match draft.order.phase {
        Phase::Placing => go_on(draft),
        Phase::Canceled if purchase::ends_for_good(draft) && !draft.order.is_placed() => {
            purchase::too_late(draft, "paid when the order was over")
        }
        _ => Ok(()),
    }
}

/// Goes on with placing, as far as payments are settled.
pub(super) fn go_on(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    go_on_placing(draft, place::settle_payments)
}

/// Goes on with placing, unless the goods are gone (the hold ran out, or staff took away what it was of): then
/// everything is undone.
fn go_on_placing(
    draft: &mut Draft<'_>,
    go_on: fn(&mut Draft<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let overdue = draft.order.expires_at.is_none_or(|until| until <= draft.context.now);
    let ends = purchase::ends_for_good(draft);
    if ends && purchase::is_overdue(&draft.order, draft.context.now) {
        return purchase::too_late(draft, "paid when its time was over");
    }
    let covered = if overdue && !ends { stock::check_all(draft) } else { stock::check_held(draft) };
    if let Err(shortage) = covered {
        if ends {
            return purchase::too_late(draft, "stock was gone when the gateway answered");
        }
        promotions::release_claims(draft);
        claims::release(draft);
        stock::release_placing(draft);
        holds::release_all(draft);
        draft.note(EventKind::PlacingFailed, None, "stock was gone when the gateway answered");
        draft.refusal = Some(shortage);
        back_to_payment(draft)?;
        waitlist::thaw(draft);
        return undo_payments(draft);
    }
    go_on(draft)
}

/// All tenders are held together and let go together: what was set aside or taken for a placing that failed is
/// given back. Money that moves by hand is left to hands.
fn undo_payments(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let settled = draft.order.payments.iter().filter_map(|payment| match payment.state {
        PaymentState::Authorized => Some((payment.id, payment.source.clone(), GatewayAction::Void)),
        PaymentState::Captured if payment.refundable().is_positive() => {
            Some((payment.id, payment.source.clone(), GatewayAction::Refund))
        }
        _ => None,
    });
    for (id, source, action) in settled.collect::<Vec<_>>() {
        match source {
            Source::Card(_) | Source::Platform(_) => pay::attempt(draft, id, action)?,
            Source::StoreCredit(_) => pay::act_on_credit(draft, id, PayAction::Void)?,
            Source::None | Source::External(_) => {}
        }
    }
    Ok(())
}

pub(super) fn declined(
    draft: &mut Draft<'_>,
    id: PaymentId,
    attempt: &Attempt,
    message: String,
) -> Result<(), Refusal> {
    let now = draft.context.now;
    let canceled = draft.order.phase == Phase::Canceled;
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    payment.attempt = None;
    payment.message = Some(message.clone());
    payment.updated_at = now;
    match attempt.action {
        GatewayAction::Authorize | GatewayAction::Purchase | GatewayAction::Capture => {
            payment.state = PaymentState::Failed;
            if let Source::Card(card) = &mut payment.source {
                card.details.token.clear();
            }
        }
        GatewayAction::Void | GatewayAction::Refund => {}
    }
    draft.note(EventKind::PaymentSettled, Some(id.0), format!("{:?} declined", attempt.action));
    if attempt.action == GatewayAction::Void && canceled && payment_refundable(draft, id) {
        // A sale that cannot be voided is refunded in full.
        return pay::attempt(draft, id, GatewayAction::Refund);
    }
    if attempt.action == GatewayAction::Refund
        && !matches!(draft.order.phase, Phase::Complete(_) | Phase::Returned)
    {
        cancel::owe(draft, id);
    }
    if draft.order.phase == Phase::Placing {
        return match draft.context.origin.policy.on_decline {
            decline @ (OnDecline::BackToPayment | OnDecline::Stay) => {
                promotions::release_claims(draft);
                claims::release(draft);
                stock::release_placing(draft);
                draft.order.expires_at = cart_hold_end(draft);
                draft.note(EventKind::PlacingFailed, None, "the payment was refused");
                match decline {
                    OnDecline::Stay => draft.order.phase = Phase::Checkout,
                    _ => back_to_payment(draft)?,
                }
                waitlist::thaw(draft);
                draft.refusal = Some(Refusal::Declined(message));
                undo_payments(draft)
            }
            OnDecline::PlaceAnyway => go_on_placing(draft, place::finish),
            OnDecline::Cancel => {
                draft.refusal = Some(Refusal::Declined(message));
                purchase::end(draft, "the payment was refused", GrantReason::Underpaid)
            }
        };
    }
    draft.refusal = Some(Refusal::Declined(message));
    Ok(())
}

fn payment_refundable(draft: &Draft<'_>, id: PaymentId) -> bool {
    draft.order.payment(id).map(Payment::refundable).is_some_and(crate::money::Amount::is_positive)
}

/// What is held from the cart stays held until its time, and so does an order of a channel whose orders all have
/// one; holds for placing are gone.
fn cart_hold_end(draft: &Draft<'_>) -> Option<crate::Time> {
    let timed = matches!(draft.context.origin.policy.hold, crate::channel::Hold::FromCart { .. });
    let holds = draft.order.lines.iter().any(|line| !line.reserved.is_empty() || !line.drawn.is_empty());
    draft.order.expires_at.filter(|_| timed || holds)
}
