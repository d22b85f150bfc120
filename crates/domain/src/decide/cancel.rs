//! Canceling a placed order, resuming it, and giving up an unfinished one whose hold ran out.

use super::draft::Draft;
use super::{claims, holds, pay, promotions, provider, purchase, stock, tickets, waitlist};
use crate::PaymentId;
use crate::command::PayAction;
use crate::event::EventKind;
use crate::money::{Amount, Money};
use crate::order::{
    Completion, GatewayAction, OrderShipmentState, Payment, PaymentState, Phase, ShipmentState, Source,
    Supply, UnitState,
};
use crate::refusal::{Move, Refusal};

/// Goods go back to stock, payments that are authorised or captured are voided or refunded. What a checkout provider
/// took is out of reach: it stays received, so that it is owed, and staff are told.
pub(super) fn cancel(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let cancelable = matches!(draft.order.phase, Phase::Complete(_))
        && matches!(
            draft.order.shipment_state(),
            None | Some(
                OrderShipmentState::Backorder
                    | OrderShipmentState::All(ShipmentState::Pending | ShipmentState::Ready)
            )
        );
    // Backordered pieces hide that others have left; those come back by a return, not by a word.
    let none_left = draft
        .order
        .shipments
        .iter()
        .flat_map(|shipment| &shipment.runs)
        .all(|run| matches!(run.state, UnitState::OnHand | UnitState::Backordered));
    if !cancelable || !none_left {
        return Err(Refusal::NoSuchMove(Move::Cancel));
    }
    stock::return_all(draft);
    promotions::release_claims(draft);
    claims::release(draft);
    tickets::invalidate_all(draft);
    for shipment in &mut draft.order.shipments {
        shipment.state = ShipmentState::Canceled;
        shipment.runs.iter_mut().for_each(|run| run.state = UnitState::Canceled);
    }
    draft.order.phase = Phase::Canceled;
    draft.order.canceled_at = Some(draft.context.now);
    draft.order.canceler = draft.context.actor.user();
    draft.note(EventKind::OrderCanceled, None, "");
    give_money_back(draft)
}

fn give_money_back(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let live: Vec<_> = draft
        .order
        .payments
        .iter()
        .filter(|payment| matches!(payment.state, PaymentState::Authorized | PaymentState::Captured))
        .map(|payment| (payment.id, payment.source.clone()))
        .collect();
    for (id, source) in live {
        match source {
            Source::Card(_) | Source::Platform(_) => pay::attempt(draft, id, GatewayAction::Void)?,
            Source::StoreCredit(_) => pay::act_on_credit(draft, id, PayAction::Void)?,
            Source::External(_) => owe(draft, id),
            Source::None => pay::set_state(draft, id, PaymentState::Void),
        }
    }
    Ok(())
}

/// Notes that a payment's money has to be given back by hand.
pub(super) fn owe(draft: &mut Draft<'_>, id: PaymentId) {
    let owed = draft.order.payment(id).map_or(Amount::ZERO, Payment::refundable);
    if owed.is_positive() {
        let money = Money { amount: owed, currency: draft.order.currency };
        draft.note(EventKind::RefundOwed, Some(id.0), money.to_string());
    }
}

/// An order that was placed for review becomes an ordinary one; any other placed order stays as it is. Stock that it
/// is owed is taken now.
///
/// # Errors
/// `InsufficientStock`, if what it is owed is still not there.
pub(super) fn approve(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.phase == Phase::Complete(Completion::Review) {
        if draft.order.supply == Supply::Owed {
            stock::look_again(draft);
            stock::check_all(draft)?;
            stock::take_all(draft);
            draft.order.supply = Supply::Taken;
        }
        draft.order.phase = Phase::Complete(Completion::Normal);
        draft.note(EventKind::OrderEdited, None, "approved");
    }
    Ok(())
}

/// Brings a canceled order back: its goods are taken from stock again.
pub(super) fn resume(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.phase != Phase::Canceled {
        return Err(Refusal::NoSuchMove(Move::Resume));
    }
    if !promotions::usable_again(draft) {
        return Err(Refusal::PromotionsChanged);
    }
    draft.order.shipments.iter_mut().for_each(|shipment| shipment.state = ShipmentState::Pending);
    stock::look_again(draft);
    stock::check_all(draft)?;
    stock::take_all(draft);
    promotions::claim(draft);
    claims::check(draft)?;
    claims::claim(draft);
    tickets::revive(draft);
    draft.order.phase = Phase::Complete(Completion::Resumed);
    draft.order.canceled_at = None;
    draft.order.canceler = None;
    draft.note(EventKind::OrderResumed, None, "");
    Ok(())
}

/// Gives back what an unfinished order holds, once its time is over, and notices that a provider's session ran out. Asked
/// too early, it does nothing.
pub(super) fn expire(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    provider::lapse(draft);
    let due = draft.order.expires_at.is_some_and(|until| until <= draft.context.now);
    if !due || !draft.order.phase.is_unfinished() {
        return Ok(());
    }
    if draft.order.phase == Phase::Placing {
        return purchase::expire(draft);
    }
    holds::release_all(draft);
    draft.order.shipments.clear();
    draft.order.phase = Phase::Expired;
    draft.order.ticketing.abandon_at = waitlist::abandon_at(draft);
    draft.note(EventKind::OrderExpired, None, "");
    draft.reprice()
}
