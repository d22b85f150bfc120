//! The provider has the money: the order is placed, or refused so that the provider gives it back.
//!
//! Everything is compared first: the word, the agreement, the basket with what was paid for and with what it was when
//! the session began, the delivery, the sum, the stock. A refusal keeps nothing and leaves the session open. If all of
//! it had held and only the commit came too late (somebody took the last piece, a code was used up), the order is
//! placed without its stock, for staff to look at: money was taken for it, and nothing is oversold.

use super::session::take_addresses;
use super::{Word, customer, delivery, fault, keep, known};
use crate::card_number;
use crate::catalog::{AgreementsShown, MethodKind};
use crate::command::{Agreed, LostRace, Notification, Paid};
use crate::decide::checkout::set_email;
use crate::decide::draft::Draft;
use crate::decide::{cart, claims, holds, pay, place, promotions, stock};
use crate::event::EventKind;
use crate::money::Amount;
use crate::order::{
    BasketItem, Completion, External, PaymentState, Phase, ProviderSession, Receipt, Source, Stage, Supply,
};
use crate::refusal::{ProviderFault, ProviderRefusal, Refusal};
use crate::{PaymentMethodId, limits, provider};

/// How an order is placed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// With its stock.
    Whole,
    /// Without: it is owed.
    Owed,
}

pub(super) fn notify(draft: &mut Draft<'_>, notification: Notification) -> Result<(), Refusal> {
    if notification.lost_race == LostRace::No {
        return place_order(draft, &notification, Way::Whole);
    }
    // What was lost may be there again.
    if let Some(mut second) = draft.anew()
        && place_order(&mut second, &notification, Way::Whole).is_ok()
    {
        *draft = second;
        return Ok(());
    }
    place_order(draft, &notification, Way::Owed)
}

/// The order is placed: a replay of what placed it is answered as then.
pub(super) fn again(draft: &Draft<'_>, notification: &Notification) -> Result<(), Refusal> {
    let Some((session, receipt)) =
        draft.order.provider_session().and_then(|session| Some((session, session.receipt.as_ref()?)))
    else {
        return Err(Refusal::AlreadyComplete);
    };
    if !session.conversation.matches(&notification.conversation) {
        return Err(Refusal::AlreadyComplete);
    }
    let same = unwilling(notification).is_empty()
        && receipt.total_paid == notification.total_paid
        && receipt.external_user == notification.user.id
        && receipt.basket == sorted(&notification.basket);
    if same { Ok(()) } else { Err(Refusal::Provider(ProviderRefusal::PaidOtherwise)) }
}

fn sorted(basket: &[BasketItem]) -> Vec<BasketItem> {
    let mut basket = basket.to_vec();
    basket.sort();
    basket
}

fn place_order(draft: &mut Draft<'_>, said: &Notification, way: Way) -> Result<(), Refusal> {
    if draft.order.lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    let mut session = begun(draft, said)?;
    let mut faults = unwilling(said);
    faults.extend((said.interest < Amount::ZERO).then_some(ProviderFault::NegativeInterest));
    faults.extend(take_addresses(draft, &mut session, said.addresses.clone())?);
    if has_changed(draft, &session, &said.basket) {
        faults.push(ProviderFault::BasketChanged);
    }
    let packed = match way {
        Way::Whole => whole(draft),
        Way::Owed => owed(draft),
    };
    if packed.is_ok() && !delivery::choose(draft, said.method) {
        faults.push(ProviderFault::NoSuchDelivery);
    }
    if !faults.is_empty() {
        return Err(Refusal::Provider(ProviderRefusal::Faults(faults)));
    }
    packed?;
    if way == Way::Owed {
        // From here on discounts are what they were when the provider was told the sum.
        draft.order.completed_at = Some(draft.context.now);
    }
    draft.reprice()?;
    let expected = draft.order.total() + said.interest.bounded()?;
    let difference = said.total_paid - expected;
    if difference.0.unsigned_abs() > 1 {
        return Err(fault(ProviderFault::NotTheTotal { expected }));
    }
    if way == Way::Whole {
        stock::check_all(draft)?;
        place::check_variants(draft)?;
        place::check_requirements(draft)?;
        claims::check(draft)?;
    }
    receive(draft, session, said)?;
    finish(draft, way)?;
    let Some(provider) = draft.order.provider_session().map(|session| session.provider) else {
        return Ok(());
    };
    let linked_at = customer::attach(draft, provider, &said.user);
    let session = draft.order.provider.as_mut().and_then(|checkout| checkout.session.as_mut());
    if let Some(receipt) = session.and_then(|session| session.receipt.as_mut()) {
        receipt.linked_at = linked_at;
    }
    Ok(())
}

/// The session, if it may be paid for now. A stranger learns only what they said themselves.
fn begun(draft: &Draft<'_>, said: &Notification) -> Result<ProviderSession, Refusal> {
    let providers = &draft.context.catalog.checkout_providers;
    let row = draft.order.provider_session().and_then(|session| providers.get(&session.provider));
    let needed = match row.map(|row| row.agreements) {
        Some(AgreementsShown::ByProvider) => Stage::Addressed,
        Some(AgreementsShown::ByPages) | None => Stage::TermsShown,
    };
    known(draft, Word::Conversation(&said.conversation), needed).map_err(|refusal| match refusal {
        Refusal::Provider(ProviderRefusal::Faults(mut faults)) => {
            faults.extend(unwilling(said));
            Refusal::Provider(ProviderRefusal::Faults(faults))
        }
        other => other,
    })
}

fn unwilling(said: &Notification) -> Vec<ProviderFault> {
    let agreed = (said.agreed == Agreed::No).then_some(ProviderFault::NotAgreed);
    let paid = (said.paid == Paid::No).then_some(ProviderFault::NotPaid);
    agreed.into_iter().chain(paid).collect()
}

/// Both what was paid for and what the session began with must be what is in the basket now.
fn has_changed(draft: &Draft<'_>, session: &ProviderSession, paid_for: &[BasketItem]) -> bool {
    let now = sorted(&provider::basket(&draft.order, draft.context.catalog));
    let began: Vec<BasketItem> = session.basket.iter().map(|snapped| snapped.item.clone()).collect();
    now != sorted(paid_for) || now != sorted(&began)
}

fn whole(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    cart::reprice_contents(draft)?;
    // What was held from the cart may have run out: then it is held again, if it is still there.
    holds::sync(draft).map_err(|_| Refusal::InsufficientStock(Vec::new()))?;
    delivery::pack(draft)
}

fn owed(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !draft.order.ticketing.tickets.is_empty() {
        // A ticket that cannot admit is no order: the money goes back.
        return Err(Refusal::InsufficientStock(Vec::new()));
    }
    delivery::owe(draft)
}

/// Writes down what the provider said, and its money.
fn receive(draft: &mut Draft<'_>, mut session: ProviderSession, said: &Notification) -> Result<(), Refusal> {
    let now = draft.context.now;
    session.chosen = Some(said.method);
    session.accepted_at = Some(now);
    session.receipt = Some(Receipt {
        total_paid: said.total_paid,
        interest: said.interest,
        interest_rate: said.interest_rate,
        installments: said.installments,
        three_d: said.three_d,
        system: said.system.clone(),
        bins: said.bins.clone(),
        basket: sorted(&said.basket),
        external_user: said.user.id.clone(),
        linked_at: now,
        raw: kept(&said.raw),
    });
    let provider = session.provider;
    keep(draft, session, Stage::Paid)?;
    if draft.order.email.is_none() {
        set_email(draft, said.user.email.clone())?;
    }
    for payment in draft.order.payments.iter_mut().filter(|one| one.state == PaymentState::Stored) {
        payment.state = PaymentState::Replaced;
        payment.updated_at = now;
    }
    if draft.order.payments.len() >= limits::PAYMENTS {
        return Err(Refusal::TooMany(format!("payments (at most {})", limits::PAYMENTS)));
    }
    let method = method_of(draft, provider).ok_or_else(|| fault(ProviderFault::NoSuchProvider))?;
    let external = External { provider, system: said.system.clone(), bins: said.bins.clone() };
    // What is paid is the total: a difference of one minor unit is the provider's rounding, and the receipt has it.
    let amount = draft.order.total();
    if amount.is_positive() {
        let mut payment = pay::blank(draft.context, method, Source::External(Box::new(external)), amount);
        payment.state = PaymentState::Captured;
        payment.captured = amount;
        draft.note(EventKind::PaymentSettled, Some(payment.id.0), "taken by the provider");
        draft.order.payments.push(payment);
    }
    Ok(())
}

/// The method of the provider's row, or, should that be gone, any that stands for a provider's money.
fn method_of(draft: &Draft<'_>, provider: crate::ProviderId) -> Option<PaymentMethodId> {
    let catalog = draft.context.catalog;
    let named = catalog.checkout_providers.get(&provider).map(|row| row.method);
    let named = named.filter(|method| catalog.payment_methods.contains_key(method));
    let external = || catalog.payment_methods.values().find(|method| method.kind == MethodKind::External);
    named.or_else(|| external().map(|method| method.id))
}

/// The payment system's words without card numbers, as many as are kept.
fn kept(raw: &str) -> String {
    let mut masked = card_number::mask(raw);
    let mut end = masked.len().min(limits::RECEIPT_BYTES);
    while !masked.is_char_boundary(end) {
        end -= 1;
    }
    masked.truncate(end);
    masked
}

fn finish(draft: &mut Draft<'_>, way: Way) -> Result<(), Refusal> {
    if way == Way::Whole {
        promotions::claim(draft);
        claims::claim(draft);
        return place::finish(draft);
    }
    draft.order.supply = Supply::Owed;
    draft.order.phase = Phase::Complete(Completion::Review);
    draft.order.expires_at = None;
    let total = draft.order.total().decimal(draft.order.currency).to_string();
    draft.note(EventKind::OrderPlaced, None, total);
    draft.note(EventKind::OrderEdited, None, "placed without its stock, to be looked at");
    Ok(())
}
