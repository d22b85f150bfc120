//! Payments: adding them, changing them, and what staff may ask a gateway to do with them.
//!
//! Adding a payment replaces earlier ones that were not sent yet. Money at a gateway moves in two commits: the
//! attempt is written here, its outcome arrives as `Command::Settle`.

use super::cart::invalid;
use super::draft::{Draft, set_metadata};
use crate::catalog::{MethodKind, PaymentMethod};
use crate::channel::NumberFormat;
use crate::command::{Metadata, NewPayment, NewSource, PayAction};
use crate::decision::{Context, Focus};
use crate::eligibility;
use crate::event::EventKind;
use crate::money::Amount;
use crate::movement::{CreditChange, CreditMovement, Movement};
use crate::order::{Attempt, AttemptState, Card, GatewayAction, Payment, PaymentState, Refund, Source};
use crate::refusal::{Refusal, Rule, Thing};
use crate::user::SavedCard;
use crate::{AttemptId, CardId, CreditId, PaymentId, PaymentMethodId, limits};
use serde_json::Map;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn add(draft: &mut Draft<'_>, new: NewPayment) -> Result<(), Refusal> {
    let context = draft.context;
    let method = offered_method(context, new.method)?;
    if draft.order.payments.len() >= limits::PAYMENTS {
        return Err(Refusal::TooMany(format!("payments (at most {})", limits::PAYMENTS)));
    }
    let source = match (&method.kind, new.source) {
        (MethodKind::Manual, _) => Source::None,
        (MethodKind::Platform(_), NewSource::Saved(card)) => {
            Source::Card(Box::new(saved_card(draft, card, method.id)?))
        }
        (MethodKind::Platform(_), NewSource::Known(card)) => Source::Card(card),
        (MethodKind::Platform(_), NewSource::None | NewSource::Card(_)) => Source::Platform(Box::default()),
        (MethodKind::Card(_), NewSource::Card(details)) => {
            Source::Card(Box::new(Card { id: CardId::fresh(context.ids), details }))
        }
        (MethodKind::Card(_), NewSource::Known(card)) => Source::Card(card),
        (MethodKind::Card(_), NewSource::Saved(card)) => {
            Source::Card(Box::new(saved_card(draft, card, method.id)?))
        }
        (MethodKind::Card(_) | MethodKind::StoreCredit | MethodKind::External, _) => {
            return Err(invalid("source", Rule::Blank));
        }
    };
    if new.amount.is_some_and(|amount| amount < Amount::ZERO) {
        return Err(invalid("amount", Rule::AtLeast(0)));
    }
    for old in &mut draft.order.payments {
        if old.state == PaymentState::Stored && !old.is_store_credit() {
            old.state = PaymentState::Replaced;
            old.updated_at = context.now;
        }
    }
    let amount = new.amount.unwrap_or_else(|| still_to_pay(draft)).bounded()?;
    allowed(draft, method, amount)?;
    let mut payment = blank(context, method.id, source, amount);
    set_metadata(&mut payment.customer_metadata, &mut payment.admin_metadata, new.metadata)?;
    draft.focus = Some(Focus::Payment(payment.id));
    draft.note(EventKind::PaymentAdded, Some(payment.id.0), method.key.clone());
    draft.order.payments.push(payment);
    Ok(())
}

/// Whether the rules of payment let this order be paid with a method.
///
/// # Errors
/// `MethodNotAllowed` with everything that is against it.
pub(super) fn allowed(draft: &Draft<'_>, method: &PaymentMethod, amount: Amount) -> Result<(), Refusal> {
    let Context { catalog, buyer, now, .. } = *draft.context;
    let reasons = eligibility::objections_of_order(&draft.order, method, amount, buyer, catalog, now);
    if reasons.is_empty() { Ok(()) } else { Err(Refusal::MethodNotAllowed { method: method.id, reasons }) }
}

/// A stored payment with a fresh id and number.
pub(super) fn blank(
    context: &Context<'_>,
    method: PaymentMethodId,
    source: Source,
    amount: Amount,
) -> Payment {
    let numbers = NumberFormat { prefix: "P", alphabet: NumberFormat::UPPER_ALPHANUMERIC, length: 7 };
    Payment {
        id: PaymentId::fresh(context.ids),
        number: numbers.draw(context.entropy),
        method,
        source,
        amount,
        state: PaymentState::Stored,
        authorization: None,
        avs: None,
        captured: Amount::ZERO,
        refunds: Vec::new(),
        attempt: None,
        put_aside: None,
        message: None,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
        updated_at: context.now,
    }
}

pub(super) fn offered_method<'a>(
    context: &Context<'a>,
    id: PaymentMethodId,
) -> Result<&'a Arc<PaymentMethod>, Refusal> {
    let admin = context.actor.is_admin();
    let method = context.catalog.payment_methods.get(&id).filter(|method| {
        let offered = method.for_buyers || (admin && method.for_staff);
        method.active && offered && method.channels.show(&context.via.key)
    });
    method.ok_or(Refusal::NotFound(Thing::PaymentMethod))
}

fn saved_card(draft: &Draft<'_>, id: CardId, method: PaymentMethodId) -> Result<Card, Refusal> {
    saved(draft, id, method).map(|saved| saved.card.clone())
}

/// A card that the order's customer has saved for this method, or for another one of the same gateway.
pub(super) fn saved<'a>(
    draft: &Draft<'a>,
    id: CardId,
    method: PaymentMethodId,
) -> Result<&'a SavedCard, Refusal> {
    let user = draft.context.buyer.user.as_ref().filter(|user| Some(user.id) == draft.order.customer);
    let methods = &draft.context.catalog.payment_methods;
    let gateway = |id| methods.get(&id).map(|method| &method.kind);
    // A gateway's token means nothing to another gateway.
    let usable = |saved: &&SavedCard| saved.card.id == id && gateway(saved.method) == gateway(method);
    let card = user.and_then(|user| user.wallet.iter().find(usable));
    card.ok_or(Refusal::NotFound(Thing::SavedCard))
}

/// Total, less what live payments cover already, less the store credit that is there for the rest.
fn still_to_pay(draft: &Draft<'_>) -> Amount {
    let order = &draft.order;
    let sent = |payment: &&Payment| payment.state.is_live() && payment.state != PaymentState::Stored;
    let covered: Amount = order.payments.iter().filter(sent).map(Payment::covers).sum();
    let left = order.total() - covered;
    let is_stored_credit = |p: &&Payment| p.is_store_credit() && p.state == PaymentState::Stored;
    let credit = if order.counts_allocated_credit() {
        order.payments.iter().filter(is_stored_credit).map(|payment| payment.amount).sum()
    } else {
        order.applicable_credit(draft.context.buyer)
    };
    (left - credit).max(Amount::ZERO)
}

/// Offers the customer's default card when the payment step is entered: a payment of 0 that `add` or the
/// store-credit allocation gives its amount.
pub(super) fn offer_default_card(draft: &mut Draft<'_>) {
    let context = draft.context;
    let Some(user) = context.buyer.user.as_ref().filter(|user| Some(user.id) == draft.order.customer) else {
        return;
    };
    let Some(saved) = user.default_card() else { return };
    let has_card = draft.order.payments.iter().any(|payment| payment.card().is_some());
    if !has_card && offered_method(context, saved.method).is_ok() {
        let source = Source::Card(Box::new(saved.card.clone()));
        draft.order.payments.push(blank(context, saved.method, source, Amount::ZERO));
    }
    if draft.order.bill_address.is_none() {
        let from_card = saved
            .address
            .clone()
            .map(|fields| crate::address::Address { id: crate::AddressId::fresh(context.ids), fields });
        draft.order.bill_address = from_card.or_else(|| user.address(user.bill_default).cloned());
    }
}

/// Draws on the customer's store credit when the payment step is left: one payment per grant, by priority.
pub(super) fn allocate_store_credit(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let currency = draft.order.currency;
    let stored = |payment: &Payment| payment.is_store_credit() && payment.state == PaymentState::Stored;
    let available = context.buyer.available_credit(currency);
    if draft.order.customer.is_none() || (available.is_zero() && !draft.order.payments.iter().any(stored)) {
        return Ok(());
    }
    let before = draft.order.payments.clone();
    for payment in draft.order.payments.iter_mut().filter(|payment| stored(payment)) {
        payment.state = PaymentState::Replaced;
        payment.updated_at = context.now;
    }
    if draft.order.payments.len() + context.buyer.credits.len() > limits::PAYMENTS {
        // Going back and forth at the end of checkout must not fill the order up.
        draft.order.payments.retain(|p| !p.is_store_credit() || p.state != PaymentState::Replaced);
    }
    let pending: Amount =
        draft.order.payments.iter().filter(|p| p.state == PaymentState::Authorized).map(|p| p.amount).sum();
    let mut remaining = draft.order.outstanding() - pending;
    let method =
        context.catalog.payment_methods.values().find(|m| m.kind == MethodKind::StoreCredit && m.active);
    if let Some(method) = method {
        for credit in context.buyer.credits.iter().filter(|credit| credit.currency == currency) {
            let amount = credit.available.min(remaining);
            if amount.is_positive() && draft.order.payments.len() < limits::PAYMENTS {
                draft.order.payments.push(blank(context, method.id, Source::StoreCredit(credit.id), amount));
                remaining = remaining - amount;
            }
        }
    }
    let mut others: Vec<&mut Payment> = draft
        .order
        .payments
        .iter_mut()
        .filter(|payment| payment.state == PaymentState::Stored && !payment.is_store_credit())
        .collect();
    if !remaining.is_positive() {
        others.iter_mut().for_each(|payment| payment.state = PaymentState::Replaced);
    } else if let [only] = &mut others[..] {
        only.amount = remaining;
    }
    let funds = |payment: &&Payment| {
        matches!(payment.state, PaymentState::Stored | PaymentState::Authorized | PaymentState::Captured)
    };
    let funded: Amount = draft.order.payments.iter().filter(funds).map(|payment| payment.amount).sum();
    // More than the total was authorised before the cart shrank: nothing has to be funded.
    if funded == draft.order.total() || remaining < Amount::ZERO {
        return Ok(());
    }
    draft.order.payments = before;
    Err(Refusal::StoreCreditCannotFund)
}

/// Whether the credit that stored payments draw on is still there: it may have been spent elsewhere since.
pub(super) fn credit_is_there(draft: &Draft<'_>) -> bool {
    let mut left: BTreeMap<CreditId, Amount> =
        draft.context.buyer.credits.iter().map(|credit| (credit.id, credit.available)).collect();
    draft.order.payments.iter().filter(|payment| payment.state == PaymentState::Stored).all(|payment| {
        let Source::StoreCredit(credit) = payment.source else { return true };
        let left = left.entry(credit).or_default();
        *left = *left - payment.amount;
        *left >= Amount::ZERO
    })
}

/// Whether the credit of one stored payment is there, whatever other payments hope for.
fn credit_covers(draft: &Draft<'_>, id: PaymentId) -> bool {
    draft.order.payment(id).is_some_and(|payment| {
        let credits = &draft.context.buyer.credits;
        credits.iter().any(|c| payment.source == Source::StoreCredit(c.id) && c.available >= payment.amount)
    })
}

pub(super) fn edit(
    draft: &mut Draft<'_>,
    id: PaymentId,
    amount: Option<Amount>,
    metadata: Metadata,
) -> Result<(), Refusal> {
    let now = draft.context.now;
    let mut freed = Amount::ZERO;
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    if payment.state != PaymentState::Authorized {
        return Err(Refusal::PaymentNotUpdatable(payment.state));
    }
    if let Some(amount) = amount {
        if amount < Amount::ZERO {
            return Err(invalid("amount", Rule::AtLeast(0)));
        }
        let held = payment.amount;
        if payment.is_store_credit() && amount > held {
            return Err(invalid("amount", Rule::AtMost(held.0)));
        }
        payment.amount = amount.bounded()?;
        freed = held - payment.amount;
    }
    set_metadata(&mut payment.customer_metadata, &mut payment.admin_metadata, metadata)?;
    payment.updated_at = now;
    draft.focus = Some(Focus::Payment(id));
    draft.note(EventKind::PaymentChanged, Some(id.0), "");
    if freed.is_positive() {
        credit(draft, id, CreditChange::Release(freed));
    }
    Ok(())
}

/// Staff's request on one payment. What is done already answers without doing it again.
pub(super) fn act(draft: &mut Draft<'_>, id: PaymentId, action: PayAction) -> Result<(), Refusal> {
    let payment = draft.order.payment(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    let (state, amount, method) = (payment.state, payment.amount, payment.method);
    draft.focus = Some(Focus::Payment(id));
    let kind = draft.context.catalog.payment_methods.get(&method).map(|method| method.kind.clone());
    let authorized = is_authorized(draft, id);
    match (action, state) {
        (PayAction::Void, state) if !state.is_live() => return Ok(()),
        (_, state) if !state.is_live() => return Err(Refusal::PaymentMove(state)),
        (PayAction::Capture | PayAction::Void, _) if !amount.is_positive() => return Ok(()),
        (PayAction::Capture, PaymentState::Captured) => return Ok(()),
        // Asked again, a gateway would charge again.
        (PayAction::Authorize | PayAction::Purchase, PaymentState::Captured) => return Ok(()),
        (PayAction::Authorize, PaymentState::Authorized) if authorized => return Ok(()),
        (
            PayAction::Authorize | PayAction::Purchase,
            PaymentState::Processing | PaymentState::ActionRequired,
        ) => return Ok(()),
        _ => {}
    }
    match kind {
        Some(MethodKind::Card(_) | MethodKind::Platform(_)) => act_at_gateway(draft, id, action, state),
        Some(MethodKind::StoreCredit) => {
            if state == PaymentState::Stored && action != PayAction::Void && !credit_covers(draft, id) {
                return Err(Refusal::StoreCreditCannotFund);
            }
            act_on_credit(draft, id, action)
        }
        Some(MethodKind::Manual | MethodKind::External) | None => act_by_hand(draft, id, action),
    }
}

/// The gateway has authorised this payment and its word is known.
fn is_authorized(draft: &Draft<'_>, id: PaymentId) -> bool {
    draft
        .order
        .payment(id)
        .is_some_and(|payment| payment.state == PaymentState::Authorized && payment.authorization.is_some())
}

fn act_at_gateway(
    draft: &mut Draft<'_>,
    id: PaymentId,
    action: PayAction,
    state: PaymentState,
) -> Result<(), Refusal> {
    let gateway_action = match action {
        PayAction::Authorize => GatewayAction::Authorize,
        PayAction::Purchase if is_authorized(draft, id) => GatewayAction::Capture,
        PayAction::Purchase => GatewayAction::Purchase,
        PayAction::Capture => GatewayAction::Capture,
        PayAction::Void if state == PaymentState::Stored => {
            set_state(draft, id, PaymentState::Void);
            return Ok(());
        }
        PayAction::Void => GatewayAction::Void,
    };
    attempt(draft, id, gateway_action)
}

/// Writes an attempt: from here on the gateway may have been asked.
pub(super) fn attempt(draft: &mut Draft<'_>, id: PaymentId, action: GatewayAction) -> Result<(), Refusal> {
    let context = draft.context;
    let attempt_id = AttemptId::fresh(context.now, context.entropy);
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    let amount = if action == GatewayAction::Refund { payment.refundable() } else { payment.amount };
    if let (Source::Platform(sent), GatewayAction::Authorize | GatewayAction::Purchase) =
        (&mut payment.source, action)
    {
        sent.attempt = Some(attempt_id.clone());
    }
    payment.attempt = Some(Attempt {
        id: attempt_id,
        action,
        amount,
        state: AttemptState::Initiated,
        started_at: context.now,
    });
    if matches!(action, GatewayAction::Authorize | GatewayAction::Purchase) {
        payment.state = PaymentState::Processing;
    }
    payment.updated_at = context.now;
    draft.note(EventKind::PaymentAttempted, Some(id.0), format!("{action:?}"));
    Ok(())
}

/// Money that moves outside the system: only receiving and voiding mean something.
fn act_by_hand(draft: &mut Draft<'_>, id: PaymentId, action: PayAction) -> Result<(), Refusal> {
    match action {
        PayAction::Authorize | PayAction::Purchase => {}
        PayAction::Capture => set_state(draft, id, PaymentState::Captured),
        PayAction::Void => set_state(draft, id, PaymentState::Void),
    }
    Ok(())
}

pub(super) fn act_on_credit(draft: &mut Draft<'_>, id: PaymentId, action: PayAction) -> Result<(), Refusal> {
    let payment = draft.order.payment(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    let (state, amount) = (payment.state, payment.amount);
    match (action, state) {
        (PayAction::Authorize, PaymentState::Stored) => {
            credit(draft, id, CreditChange::Hold(amount));
            set_state(draft, id, PaymentState::Authorized);
        }
        (PayAction::Purchase | PayAction::Capture, PaymentState::Stored) => {
            credit(draft, id, CreditChange::Hold(amount));
            credit(draft, id, CreditChange::Capture(amount));
            set_state(draft, id, PaymentState::Captured);
        }
        (PayAction::Purchase | PayAction::Capture, PaymentState::Authorized) => {
            credit(draft, id, CreditChange::Capture(amount));
            set_state(draft, id, PaymentState::Captured);
        }
        (PayAction::Void, PaymentState::Stored) => set_state(draft, id, PaymentState::Void),
        (PayAction::Void, PaymentState::Authorized) => {
            credit(draft, id, CreditChange::Release(amount));
            set_state(draft, id, PaymentState::Void);
        }
        (PayAction::Void, PaymentState::Captured) => {
            credit(draft, id, CreditChange::Refund(payment_refundable(draft, id)));
            set_state(draft, id, PaymentState::Void);
        }
        _ => {}
    }
    Ok(())
}

fn payment_refundable(draft: &Draft<'_>, id: PaymentId) -> Amount {
    draft.order.payment(id).map_or(Amount::ZERO, Payment::refundable)
}

fn credit(draft: &mut Draft<'_>, id: PaymentId, change: CreditChange) {
    let order = draft.order.id;
    if let Some(Source::StoreCredit(credit)) = draft.order.payment(id).map(|payment| payment.source.clone()) {
        draft.movement(Movement::Credit(CreditMovement { order, payment: id, credit, change }));
    }
}

/// Lowers the amount of a payment that was not sent yet.
pub(super) fn lower(draft: &mut Draft<'_>, id: PaymentId, amount: Amount) {
    if let Some(payment) = draft.order.payment_mut(id) {
        payment.amount = amount;
        draft.note(EventKind::PaymentChanged, Some(id.0), "lowered to what is left to pay");
    }
}

pub(super) fn set_state(draft: &mut Draft<'_>, id: PaymentId, state: PaymentState) {
    let now = draft.context.now;
    if let Some(payment) = draft.order.payment_mut(id) {
        if state == PaymentState::Captured {
            payment.captured = payment.amount;
        }
        payment.state = state;
        payment.updated_at = now;
        draft.note(EventKind::PaymentChanged, Some(id.0), format!("{state:?}"));
    }
}

/// Gives money back: by the gateway for cards, at once for credit and money that moves by hand.
pub(super) fn refund(draft: &mut Draft<'_>, id: PaymentId, amount: Amount) -> Result<(), Refusal> {
    let context = draft.context;
    let payment = draft.order.payment(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    if payment.state != PaymentState::Captured {
        return Err(Refusal::PaymentMove(payment.state));
    }
    if !amount.is_positive() || amount > payment.refundable() {
        return Err(invalid("amount", Rule::AtMost(payment.refundable().0)));
    }
    draft.focus = Some(Focus::Payment(id));
    if payment.is_at_gateway() {
        attempt(draft, id, GatewayAction::Refund)?;
        if let Some(attempt) = draft.order.payment_mut(id).and_then(|payment| payment.attempt.as_mut()) {
            attempt.amount = amount;
        }
        return Ok(());
    }
    credit(draft, id, CreditChange::Refund(amount));
    let attempt = AttemptId::fresh(context.now, context.entropy);
    if let Some(payment) = draft.order.payment_mut(id) {
        payment.refunds.push(Refund { attempt, amount, at: context.now, reference: None });
        payment.updated_at = context.now;
    }
    draft.note(EventKind::PaymentChanged, Some(id.0), "refunded");
    Ok(())
}
