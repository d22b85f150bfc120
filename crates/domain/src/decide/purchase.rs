//! A purchase: cart, code, credit and payment as one command, and what becomes of it.
//!
//! An order that credit covers is placed in the commit that begins it. Any other is given to a gateway, with goods
//! and credit held for as long as the buyer has; then it is complete or canceled, never a cart again. Whatever money
//! comes in is paid for exactly once: it completes the order, or it becomes credit of the customer. That holds for
//! too much, too little, too late and too often, because what a platform tells is the sum it has, not a difference.

use super::draft::Draft;
use super::{claims, create, pay, place, promotions, stock};
use crate::catalog::{MethodKind, PaymentMethod};
use crate::channel::{OnDecline, Step};
use crate::command::{Contents, PayAction, Purchase, UseCredit, Vouched};
use crate::decision::{Context, Decision, Focus};
use crate::eligibility::{self, Facts, Goods, Reason};
use crate::event::EventKind;
use crate::money::{Amount, Money};
use crate::movement::{CreditGrant, Movement};
use crate::order::{
    CardDetails, GatewayAction, GrantReason, Granted, Order, OrderKind, Payment, PaymentState, Phase, Sent,
    Source,
};
use crate::purchase::{credit_method, credit_parts, fill, set_prices, spendable};
use crate::refusal::{Refusal, Thing};
use crate::{AttemptId, CreditId, PaymentId, Time};

/// Longest time that goods are held for a purchase, in minutes: two days.
const LONGEST_HOLD_MINUTES: u32 = 48 * 60;

pub(super) fn purchase(purchase: Purchase, context: &Context<'_>) -> Result<Decision, Refusal> {
    let cart = &purchase.cart;
    let user = context.buyer.user.as_ref().filter(|user| user.id == cart.customer && !user.is_contact);
    let user = user.ok_or(Refusal::AccountRequired)?;
    let mut order = create::fresh(Some(cart.customer), cart.currency, context);
    order.email = Some(user.email.clone());
    fill(&mut order, cart, context)?;
    let code = set_prices(&mut order, cart, context)?;
    if let Some(Err(reason)) = code {
        return Err(Refusal::CodeInvalid(reason));
    }
    crate::price::assign_ids(&mut order.sheet, context.ids);
    let mut draft = Draft::new(order, context);
    draft.note(EventKind::OrderCreated, None, "");
    stock::check_all(&draft)?;
    place::check_requirements(&draft)?;
    claims::check(&draft)?;
    let method = pay::offered_method(context, purchase.method)?;
    let mut parts = credit_parts(&draft.order, cart.credit, context);
    let credit: Amount = parts.iter().map(|(_, amount)| *amount).sum();
    let payable = draft.order.total() - credit;
    if purchase.expected_payable.is_some_and(|expected| expected != payable) {
        return Err(Refusal::PriceChanged { payable });
    }
    check_method(&draft, &purchase, method, payable)?;
    let by_credit = method.kind == MethodKind::StoreCredit;
    if by_credit {
        parts = credit_parts(&draft.order, UseCredit::Yes, context);
    }
    for (credit, amount) in parts {
        // `credit_parts` found the method already.
        let Some(method) = credit_method(context) else { break };
        add(&mut draft, method, Source::StoreCredit(credit), amount);
    }
    draft.order.at = Step::Confirm;
    promotions::claim(&mut draft);
    claims::claim(&mut draft);
    if by_credit || payable.is_zero() {
        pay_with_credit(&mut draft, PayAction::Purchase)?;
        place::finish(&mut draft)?;
        return Ok(draft.finish());
    }
    let source = source(&draft, &purchase, method)?;
    let asks_gateway = source != Source::None;
    let id = add(&mut draft, method, source, payable);
    if asks_gateway {
        begin(&mut draft, id, purchase.hold_minutes)?;
    } else {
        pay_with_credit(&mut draft, PayAction::Purchase)?;
        place::finish(&mut draft)?;
    }
    draft.focus = Some(Focus::Payment(id));
    Ok(draft.finish())
}

/// What the rules say of the method now. A buyer who shows our own word for it is not judged twice, but for what may
/// have changed since: the account and its balance.
fn check_method(
    draft: &Draft<'_>,
    purchase: &Purchase,
    method: &PaymentMethod,
    payable: Amount,
) -> Result<(), Refusal> {
    let context = draft.context;
    let order = &draft.order;
    let goods = Goods::of(order, context.catalog);
    let facts = Facts {
        rules: &context.catalog.payment_rules,
        flags: context.buyer.user.as_ref().map(|user| user.flags).unwrap_or_default(),
        country: purchase.country,
        currency: order.currency,
        payable,
        total: order.total(),
        credit: spendable(context, order.currency),
        buys: eligibility::buys(order),
        goods: &goods,
        down: &purchase.down,
        now: context.now,
    };
    let mut reasons = match purchase.card {
        Some(card) => eligibility::judge_card(pay::saved(draft, card, method.id)?, method, &facts),
        None => eligibility::judge(method, &facts),
    };
    if purchase.vouched == Vouched::Yes && method.kind != MethodKind::StoreCredit {
        reasons.retain(|reason| {
            matches!(reason, Reason::CustomerBlocked | Reason::NoPaymentRequired | Reason::CardExpired { .. })
        });
    }
    // A promise to pay later buys no credit.
    if matches!(purchase.cart.contents, Contents::TopUp(_)) && method.kind == MethodKind::Manual {
        reasons.push(Reason::NotAvailableForTopUp { of: method.name.clone() });
    }
    if reasons.is_empty() { Ok(()) } else { Err(Refusal::MethodNotAllowed { method: method.id, reasons }) }
}

fn source(draft: &Draft<'_>, purchase: &Purchase, method: &PaymentMethod) -> Result<Source, Refusal> {
    Ok(match (&method.kind, purchase.card) {
        (MethodKind::Platform(_) | MethodKind::Card(_), Some(card)) => {
            Source::Card(Box::new(pay::saved(draft, card, method.id)?.card.clone()))
        }
        (MethodKind::Platform(_), None) => Source::Platform(Box::new(Sent {
            success_url: purchase.success_url.clone(),
            cancel_url: purchase.cancel_url.clone(),
            save: purchase.save,
            ..Sent::default()
        })),
        (MethodKind::Manual, None) => Source::None,
        _ => return Err(Refusal::NotFound(Thing::PaymentMethod)),
    })
}

fn add(draft: &mut Draft<'_>, method: &PaymentMethod, source: Source, amount: Amount) -> PaymentId {
    let payment = pay::blank(draft.context, method.id, source, amount);
    let id = payment.id;
    draft.note(EventKind::PaymentAdded, Some(id.0), method.key.clone());
    draft.order.payments.push(payment);
    id
}

fn pay_with_credit(draft: &mut Draft<'_>, action: PayAction) -> Result<(), Refusal> {
    let wanted = |payment: &&Payment| {
        let state = payment.state;
        payment.is_store_credit() && matches!(state, PaymentState::Stored | PaymentState::Authorized)
    };
    let ids: Vec<PaymentId> = draft.order.payments.iter().filter(wanted).map(|payment| payment.id).collect();
    ids.into_iter().try_for_each(|id| pay::act_on_credit(draft, id, action))
}

/// Holds goods and credit and writes the attempt.
fn begin(draft: &mut Draft<'_>, id: PaymentId, minutes: u32) -> Result<(), Refusal> {
    let minutes = minutes.clamp(1, LONGEST_HOLD_MINUTES);
    let until = draft.context.now.plus_minutes(i64::from(minutes));
    stock::hold_all(draft, until, false);
    draft.order.expires_at = Some(until);
    draft.order.phase = Phase::Placing;
    draft.note(EventKind::PlacingBegun, None, "");
    pay_with_credit(draft, PayAction::Authorize)?;
    pay::attempt(draft, id, GatewayAction::Purchase)
}

/// Whether an order that is not paid (in time) is over for good, and money for it becomes credit.
pub(super) fn ends_for_good(draft: &Draft<'_>) -> bool {
    draft.context.origin.policy.on_decline == OnDecline::Cancel
}

/// What a platform has in all for an attempt. Told twice, or late, it changes nothing that is not new.
pub(super) fn received(
    draft: &mut Draft<'_>,
    id: PaymentId,
    attempt: &AttemptId,
    amount: Amount,
    reference: Option<String>,
    card: Option<Box<CardDetails>>,
) -> Result<(), Refusal> {
    let now = draft.context.now;
    let payment = draft.order.payment_mut(id).ok_or(Refusal::NotFound(Thing::Payment))?;
    let asked = payment.amount;
    let open = payment.attempt.as_ref().is_some_and(|open| open.id == *attempt);
    let Source::Platform(sent) = &mut payment.source else { return Ok(()) };
    if sent.attempt.as_ref() != Some(attempt) || !amount.is_positive() {
        return Ok(());
    }
    let amount = amount.bounded()?;
    if amount <= sent.received {
        return Ok(());
    }
    sent.received = amount;
    sent.paid_with = card.map(|card| *card).or(sent.paid_with.take());
    payment.authorization = reference.or(payment.authorization.take());
    payment.updated_at = now;
    draft.note(EventKind::PaymentSettled, Some(id.0), format!("received {}", amount.0));
    if !open || draft.order.phase != Phase::Placing {
        if amount >= asked {
            close(draft, id, PaymentState::Void);
        }
        return account(draft, id, GrantReason::Late);
    }
    if amount < asked {
        underpaid(draft, id, amount);
        return Ok(());
    }
    close(draft, id, PaymentState::Captured);
    super::settle::go_on(draft)?;
    account(draft, id, GrantReason::Surplus)
}

/// The attempt is over. What was captured for the order stays so.
fn close(draft: &mut Draft<'_>, id: PaymentId, state: PaymentState) {
    let Some(payment) = draft.order.payment_mut(id) else { return };
    if payment.state == PaymentState::Captured {
        return;
    }
    (payment.attempt, payment.message) = (None, None);
    payment.state = state;
    if state == PaymentState::Captured {
        payment.captured = payment.amount;
    }
}

fn underpaid(draft: &mut Draft<'_>, id: PaymentId, received: Amount) {
    use crate::order::AttemptState::{ActionRequired, Underpaid};
    let Some(payment) = draft.order.payment_mut(id) else { return };
    if let Some(open) = &mut payment.attempt {
        let url = match &open.state {
            ActionRequired { url } => Some(url.clone()),
            Underpaid { url, .. } => url.clone(),
            _ => None,
        };
        open.state = Underpaid { received, url };
        payment.state = PaymentState::ActionRequired;
    }
}

/// The order cannot be had any more: all that was held and claimed for it is given back, and money that has come for
/// it becomes credit. An attempt that is open stays so: the platform may still tell of money.
pub(super) fn end(draft: &mut Draft<'_>, why: &str, reason: GrantReason) -> Result<(), Refusal> {
    promotions::release_claims(draft);
    claims::release(draft);
    stock::release_placing(draft);
    pay_with_credit(draft, PayAction::Void)?;
    draft.order.expires_at = None;
    draft.order.phase = Phase::Canceled;
    draft.order.canceled_at = Some(draft.context.now);
    draft.note(EventKind::PlacingFailed, None, why);
    draft.note(EventKind::OrderCanceled, None, "");
    let ids: Vec<PaymentId> = draft.order.payments.iter().map(|payment| payment.id).collect();
    ids.into_iter().try_for_each(|id| account(draft, id, reason))
}

/// A payment is settled, and the order is over or its goods are gone: the money becomes credit.
pub(super) fn too_late(draft: &mut Draft<'_>, why: &str) -> Result<(), Refusal> {
    for payment in draft.order.payments.iter_mut().filter(|payment| payment.is_at_gateway()) {
        if payment.state == PaymentState::Captured {
            payment.state = PaymentState::Void;
        }
    }
    if draft.order.phase == Phase::Placing {
        return end(draft, why, GrantReason::Late);
    }
    let ids: Vec<PaymentId> = draft.order.payments.iter().map(|payment| payment.id).collect();
    ids.into_iter().try_for_each(|id| account(draft, id, GrantReason::Late))
}

/// Turns money that has come and that the order does not need into credit, each unit once.
fn account(draft: &mut Draft<'_>, id: PaymentId, reason: GrantReason) -> Result<(), Refusal> {
    let Some(payment) = draft.order.payment(id) else { return Ok(()) };
    let has = match &payment.source {
        Source::Platform(sent) => sent.received,
        Source::Card(_) => payment.captured,
        _ => return Ok(()),
    };
    let kept = if payment.state == PaymentState::Captured { payment.captured } else { Amount::ZERO };
    let of_it = |granted: &&Granted| granted.payment == id && granted.reason != GrantReason::TopUp;
    let granted: Amount = draft.order.grants.iter().filter(of_it).map(|granted| granted.amount).sum();
    let reason = if kept.is_positive() { GrantReason::Surplus } else { reason };
    grant(draft, id, has - kept - granted, reason);
    Ok(())
}

fn grant(draft: &mut Draft<'_>, payment: PaymentId, amount: Amount, reason: GrantReason) {
    let context = draft.context;
    let Some(user) = draft.order.customer.filter(|_| amount.is_positive()) else { return };
    let (order, at) = (draft.order.id, context.now);
    let credit = CreditId::fresh(context.ids);
    draft.order.grants.push(Granted { credit, payment, amount, reason, at });
    let number = u32::try_from(draft.order.grants.len()).unwrap_or(u32::MAX);
    let money = Money { amount, currency: draft.order.currency };
    draft.movement(Movement::Grant(CreditGrant { order, number, credit, user, money, reason }));
    draft.note(EventKind::CreditGranted, Some(credit.0), money.to_string());
}

/// When a purchase is complete: credit that was set aside is spent, and credit that was bought is there.
pub(super) fn complete(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if ends_for_good(draft) {
        pay_with_credit(draft, PayAction::Capture)?;
    }
    if let OrderKind::TopUp { amount } = draft.order.kind
        && draft.order.grants.iter().all(|granted| granted.reason != GrantReason::TopUp)
    {
        let paid = draft.order.payments.iter().find(|payment| payment.state == PaymentState::Captured);
        if let Some(payment) = paid.map(|payment| payment.id) {
            grant(draft, payment, amount, GrantReason::TopUp);
        }
    }
    Ok(())
}

/// The buyer did not pay in time.
pub(super) fn expire(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.note(EventKind::OrderExpired, None, "");
    end(draft, "nobody paid in time", GrantReason::Underpaid)
}

/// Whether nothing but time decides any more: the money would come too late.
pub(super) fn is_overdue(order: &Order, now: Time) -> bool {
    order.kind == OrderKind::Sale && order.expires_at.is_none_or(|until| until <= now)
}
