//! Placing: from the last step to a complete order, without ever charging for what cannot be delivered.
//!
//! Checks, in order: holds are where the goods are packed → stock → promotions unchanged → variants still sold →
//! pieces packed → parcels have an address and a method → a payment. Then stock is held and coupon uses are
//! claimed in the same commit that writes the first gateway attempt; when every payment is settled, stock is
//! taken and the order is complete. Without a gateway all of it is one commit.

use super::checkout::{self, at_last_step};
use super::draft::Draft;
use super::{claims, holds, packages, pay, promotions, purchase, stock, tickets, waitlist};
use crate::catalog::MethodKind;
use crate::channel::{Capture, Cover, Step, UseStoreCredit};
use crate::command::PayAction;
use crate::decision::Context;
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::money::Amount;
use crate::order::{Card, GatewayAction, SaveCard, Source};
use crate::order::{Completion, Payment, PaymentState, Phase, Shipment};
use crate::plan;
use crate::price::Audience;
use crate::refusal::{Move, Refusal};
use crate::ticketing::availability::{self, Ending};
use crate::user::SavedCard;
use crate::{CardId, LineId, PaymentId, limits};
use std::collections::BTreeMap;

/// Places the order, from the last step of the asking channel's flow.
pub(super) fn begin(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !at_last_step(&draft.order, draft) {
        return Err(Refusal::NoSuchMove(Move::Complete));
    }
    let via = draft.context.via;
    if via.flow.standing(draft.order.at) == Some(Step::Payment)
        && via.policy.store_credit == UseStoreCredit::WhenLeavingPayment
    {
        pay::allocate_store_credit(draft)?;
    }
    if draft.order.lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    // What was held from the cart may have run out: then it is held again, if it is still there.
    holds::sync(draft).map_err(|_| Refusal::InsufficientStock(Vec::new()))?;
    if !holds::are_where_packed(draft) {
        checkout::restart(draft)?;
        return Err(Refusal::InsufficientStock(Vec::new()));
    }
    stock::check_all(draft)?;
    check_promotions(draft)?;
    check_variants(draft)?;
    check_requirements(draft)?;
    check_pieces(draft)?;
    check_delivery(draft)?;
    check_payments(draft)?;
    claims::check(draft)?;
    promotions::claim(draft);
    claims::claim(draft);
    settle_payments(draft)
}

/// Promotions are evaluated again; if the order's discounts change, the buyer has to look at it first.
fn check_promotions(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let before = draft.order.sheet.totals.promo_total;
    promotions::apply_automatic(draft);
    draft.reprice()?;
    if draft.order.sheet.totals.promo_total == before {
        return Ok(());
    }
    promotions::drop_without_effect(draft);
    checkout::restart(draft)?;
    Err(Refusal::PromotionsChanged)
}

pub(super) fn check_variants(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let catalog = draft.context.catalog;
    let is_sold = |line: &&crate::order::Line| {
        catalog
            .variant(line.variant)
            .is_some_and(|(product, variant)| product.deleted_at.is_none() && variant.deleted_at.is_none())
    };
    let gone: Vec<LineId> =
        draft.order.lines.iter().filter(|line| !is_sold(line)).map(|line| line.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    checkout::restart(draft)?;
    Err(Refusal::VariantsGone(gone))
}

/// What the goods ask for was given, and all of it may be sold now. Nothing of it belongs to one channel.
pub(super) fn check_requirements(draft: &Draft<'_>) -> Result<(), Refusal> {
    let Context { catalog, now, .. } = *draft.context;
    let mut blocked = availability::blocked(&draft.order, catalog, now);
    blocked.extend(availability::out_of_bounds(&draft.order, catalog));
    if !blocked.is_empty() {
        return Err(Refusal::CheckoutNotAllowed(blocked));
    }
    if availability::ending(&draft.order, catalog, now) != Ending::Complete {
        let fault = Fault::new(Spot::Order, "base", Flaw::NotAvailable);
        return Err(Refusal::CheckoutNotAllowed(vec![fault]));
    }
    let open = plan::open_for_sale(&draft.order, catalog, now);
    if open.is_empty() { Ok(()) } else { Err(Refusal::RequirementsOpen(open)) }
}

/// Every piece of a line that ships is in a shipment, and no piece of anything else is: a shipment that came in
/// from elsewhere may have kept pieces of a line that is gone.
pub(super) fn check_pieces(draft: &Draft<'_>) -> Result<(), Refusal> {
    let catalog = draft.context.catalog;
    let mut packed: BTreeMap<LineId, u64> = BTreeMap::new();
    for run in draft.order.shipments.iter().flat_map(|shipment| &shipment.runs) {
        *packed.entry(run.line).or_default() += u64::from(run.count);
    }
    let mut is_packed = |line: &crate::order::Line| {
        let ships = catalog.variant(line.variant).is_some_and(|(product, _)| product.ships());
        let count = packed.remove(&line.id);
        if ships { count == Some(u64::from(line.quantity)) } else { count.is_none() }
    };
    let all = draft.order.lines.iter().all(&mut is_packed);
    if all && packed.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(Vec::new())) }
}

/// Parcels have an address, and the methods chosen for them still go there. What a method costs was fixed when
/// it was chosen.
fn check_delivery(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let Context { catalog, origin, .. } = *draft.context;
    let order = &draft.order;
    if !plan::ships(order, catalog) {
        return Ok(());
    }
    if !plan::has_ship_address(order, &catalog.settings.geography) {
        return Err(Refusal::ShipAddressRequired);
    }
    let goes = |shipment: &Shipment| {
        let offered = packages::offered(order, shipment, Audience::Staff, catalog, &origin.key);
        let chosen = shipment.selected_rate().map(|rate| rate.method);
        offered.iter().any(|(method, ..)| Some(*method) == chosen)
    };
    if order.shipments.iter().filter(|shipment| !shipment.runs.is_empty()).all(goes) {
        return Ok(());
    }
    checkout::restart(draft)?;
    Err(Refusal::NoShippingRates)
}

fn check_payments(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !pay::credit_is_there(draft) {
        checkout::back_to_payment(draft)?;
        return Err(Refusal::StoreCreditCannotFund);
    }
    let order = &draft.order;
    let live: Vec<&Payment> = order.payments.iter().filter(|payment| payment.state.is_live()).collect();
    if order.total().is_positive() && live.is_empty() {
        return Err(Refusal::NoPayment);
    }
    for payment in live.iter().filter(|payment| payment.state == PaymentState::Stored) {
        if let Some(method) = draft.context.catalog.payment_methods.get(&payment.method) {
            pay::allowed(draft, method, payment.amount)?;
        }
    }
    let covered: Amount = live.iter().map(|payment| payment.covers()).sum();
    if draft.context.origin.policy.cover == Cover::Required && covered < order.total() {
        return Err(Refusal::PaymentsDoNotCover);
    }
    Ok(())
}

/// Settles stored payments until the total is covered: store credit first, so that it cannot be spent elsewhere
/// while a gateway thinks, then the others in order of creation. Stops at the first that a gateway has to be
/// asked about, with the order in `Placing`; called again when that one is settled.
pub(super) fn settle_payments(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let total = draft.order.total();
    let authorized = draft.order.payments.iter().filter(|payment| payment.state == PaymentState::Authorized);
    let mut covered = draft.order.payment_total() + authorized.map(|payment| payment.amount).sum();
    let (credits, others): (Vec<&Payment>, Vec<&Payment>) =
        draft.order.payments.iter().partition(|payment| payment.is_store_credit());
    let pending: Vec<PaymentId> = credits.into_iter().chain(others).map(|payment| payment.id).collect();
    for id in pending {
        let Some(payment) = draft.order.payment(id) else { continue };
        let (state, mut amount, method) = (payment.state, payment.amount, payment.method);
        if state != PaymentState::Stored || covered >= total {
            continue;
        }
        if amount > total - covered && payment.source != Source::None {
            // A discount came after the payment: nobody is charged more than the order costs.
            amount = total - covered;
            pay::lower(draft, id, amount);
        }
        let method = draft.context.catalog.payment_methods.get(&method);
        let capture = method.and_then(|method| method.capture).unwrap_or(draft.context.origin.policy.capture);
        match method.map(|method| &method.kind) {
            Some(MethodKind::Card(_) | MethodKind::Platform(_)) => return ask_gateway(draft, id, capture),
            Some(MethodKind::StoreCredit) => {
                let action =
                    if capture == Capture::AtOnce { PayAction::Purchase } else { PayAction::Authorize };
                pay::act_on_credit(draft, id, action)?;
            }
            Some(MethodKind::Manual | MethodKind::External) | None => {}
        }
        covered += amount;
    }
    finish(draft)
}

fn ask_gateway(draft: &mut Draft<'_>, id: PaymentId, capture: Capture) -> Result<(), Refusal> {
    let ran_out = draft.order.expires_at.is_some_and(|until| until <= draft.context.now);
    let begins = draft.order.phase != Phase::Placing;
    if begins || ran_out {
        let frozen = waitlist::freeze(draft);
        let until = frozen.unwrap_or_else(|| stock::placing_until(draft));
        stock::hold_all(draft, until, ran_out || frozen.is_some());
        draft.order.expires_at = Some(until);
    }
    if begins {
        draft.order.phase = Phase::Placing;
        draft.note(EventKind::PlacingBegun, None, "");
    }
    let action = if capture == Capture::AtOnce { GatewayAction::Purchase } else { GatewayAction::Authorize };
    pay::attempt(draft, id, action)
}

/// Completes the order: stock is taken now.
pub(super) fn finish(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    stock::take_all(draft);
    let now = draft.context.now;
    draft.order.phase = Phase::Complete(Completion::Normal);
    draft.order.completed_at = Some(now);
    draft.order.expires_at = None;
    draft.order.ticketing.frozen_until = None;
    if draft.order.receipt().is_none() {
        // Whatever a provider has been told of it, this order is not paid for there any more.
        draft.order.provider = None;
    }
    purchase::complete(draft)?;
    tickets::issue(draft);
    draft.note(EventKind::OrderPlaced, None, draft.order.total().decimal(draft.order.currency).to_string());
    remember_card(draft);
    Ok(())
}

/// A card that can be used again goes into its owner's wallet, as the default.
fn remember_card(draft: &mut Draft<'_>) {
    let reusable = draft.order.payments.iter().rev().find_map(|payment| {
        if let Some(sent) = payment.sent().filter(|sent| sent.save == SaveCard::Yes) {
            let details = sent.paid_with.clone().filter(|details| details.profile.is_some())?;
            let card = Card { id: CardId::fresh(draft.context.ids), details };
            let method = payment.method;
            return Some(SavedCard { card, method, key: None, is_default: true, address: None });
        }
        let card = payment.card().filter(|card| card.details.profile.is_some() && payment.state.is_live())?;
        let (card, method) = (card.clone(), payment.method);
        Some(SavedCard { card, method, key: None, is_default: true, address: None })
    });
    let Some(mut saved) = reusable else { return };
    saved.address = draft.order.bill_address.as_ref().map(|address| address.fields.clone());
    let wallet = draft.context.buyer.user.as_ref().map_or(&[][..], |user| &user.wallet);
    let known = wallet.iter().find(|old| old.is_same_card(&saved));
    if known.is_some_and(|known| known.is_default) {
        return;
    }
    // A card typed in again is the card that is there already, with its id and profile.
    let saved = known.map(|known| SavedCard { is_default: true, ..known.clone() }).unwrap_or(saved);
    if let Some(user) = draft.user_mut() {
        user.wallet.retain(|old| !old.is_same_card(&saved));
        user.wallet.iter_mut().for_each(|old| old.is_default = false);
        let surplus = (user.wallet.len() + 1).saturating_sub(limits::WALLET);
        user.wallet.drain(..surplus);
        user.wallet.push(saved);
    }
}
