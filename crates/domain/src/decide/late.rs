//! A payment of which nobody knows what became, while others want what is held for it.
//!
//! The gateway was asked to end the attempt and could not say whether it did. The order goes on without it: back to its
//! payment step, from where it may expire. The attempt is put aside and never taken for failed. If its money comes after
//! all, the order is placed with it in the commit that notices, should everything still be there; else the money goes back
//! in that same commit. So there are never both: goods for others and money that is kept.

use super::draft::Draft;
use super::{pay, settle, waitlist, walk};
use crate::PaymentId;
use crate::command::Outcome;
use crate::event::EventKind;
use crate::order::{Attempt, GatewayAction, PaymentState, Phase, Source};
use crate::refusal::Refusal;

/// What the buyer is told.
const MESSAGE: &str =
    "There was no answer in time. If it was paid all the same, the order is placed or the money goes back.";

/// Goes on without an attempt, if the order's goods are held from its cart on. Others hold nothing that anybody waits for,
/// and wait themselves; what a platform took is accounted for by its sums.
pub(super) fn put_aside(draft: &mut Draft<'_>, id: PaymentId, open: &Attempt) -> Result<(), Refusal> {
    let is_charge = matches!(open.action, GatewayAction::Authorize | GatewayAction::Purchase);
    let frozen = draft.order.phase == Phase::Placing && draft.order.ticketing.frozen_until.is_some();
    let payment = draft.order.payment_mut(id);
    let Some(payment) = payment.filter(|payment| matches!(payment.source, Source::Card(_))) else {
        return Ok(());
    };
    if !is_charge || !frozen {
        return Ok(());
    }
    payment.put_aside = Some(open.clone());
    draft.note(EventKind::PaymentChanged, Some(id.0), "put aside: its gateway cannot say what became of it");
    settle::declined(draft, id, open, MESSAGE.to_owned())
}

/// What became of an attempt that was put aside.
pub(super) fn settled(draft: &mut Draft<'_>, id: PaymentId, outcome: Outcome) -> Result<(), Refusal> {
    match outcome {
        Outcome::Approved { reference, .. } | Outcome::Received { reference, .. } => {
            has_come(draft, id, reference)
        }
        Outcome::Declined { .. } => {
            if let Some(payment) = draft.order.payment_mut(id) {
                payment.put_aside = None;
            }
            draft.note(EventKind::PaymentSettled, Some(id.0), "it was never made");
            Ok(())
        }
        Outcome::ActionRequired { .. } | Outcome::Unknown | Outcome::GivenUp => Ok(()),
    }
}

fn has_come(draft: &mut Draft<'_>, id: PaymentId, reference: Option<String>) -> Result<(), Refusal> {
    if let Some(placed) = placed_with(draft, id, reference.clone()) {
        *draft = placed;
        return Ok(());
    }
    let Some(action) = take(draft, id, reference) else { return Ok(()) };
    draft.note(EventKind::PaymentSettled, Some(id.0), "it came too late and goes back");
    let back = if action == GatewayAction::Authorize { GatewayAction::Void } else { GatewayAction::Refund };
    pay::attempt(draft, id, back)
}

/// The order as this money completes it; `None` if it does not any more.
fn placed_with<'a>(draft: &Draft<'a>, id: PaymentId, reference: Option<String>) -> Option<Draft<'a>> {
    let is_open =
        matches!(draft.order.phase, Phase::Cart | Phase::Checkout | Phase::Expired | Phase::Abandoned);
    if !is_open || draft.order.awaits_gateway() {
        return None;
    }
    let mut again = draft.anew()?;
    let total = again.order.total();
    take(&mut again, id, reference)?;
    again.note(EventKind::PaymentSettled, Some(id.0), "it came late, and the order is placed with it");
    waitlist::revive(&mut again).ok()?;
    let now = again.context.now;
    for other in again.order.payments.iter_mut().filter(|one| one.state == PaymentState::Stored) {
        (other.state, other.updated_at) = (PaymentState::Replaced, now);
    }
    // It was confirmed for this total before it was paid.
    again.order.ticketing.confirmed = true;
    let exact = again.order.payment(id)?.amount == total && again.order.total() == total;
    if !exact {
        return None;
    }
    walk::end(&mut again).ok()?;
    (again.order.is_placed() && again.refusal.is_none()).then_some(again)
}

/// The money is there: says by what.
fn take(draft: &mut Draft<'_>, id: PaymentId, reference: Option<String>) -> Option<GatewayAction> {
    let now = draft.context.now;
    let payment = draft.order.payment_mut(id)?;
    let Attempt { action, amount, .. } = payment.put_aside.take()?;
    (payment.message, payment.authorization, payment.updated_at) = (None, reference, now);
    payment.state = match action {
        GatewayAction::Authorize => PaymentState::Authorized,
        _ => PaymentState::Captured,
    };
    if payment.state == PaymentState::Captured {
        payment.captured = amount;
    }
    Some(action)
}
