//! Walking through the steps an order needs: one step, back to one, straight to one, to the end.
//!
//! Before every walk, in this order: what ran out is held again → there are lines → every line may be ordered →
//! prices are those of today. A walk that fails changes nothing, with one exception: if the total has changed
//! after a payment was given, or while the order had run out at the payment or later, the new total is kept and
//! the order stands at the payment: nobody pays a total they have not seen.

use super::draft::Draft;
use super::{cart, checkout, holds, packages, place, pools, promotions, stock, submit, tickets, waitlist};
use crate::channel::{PriceChange, Step, When};
use crate::command::{StepData, Walk, WalkTo};
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::money::Amount;
use crate::order::{Phase, SignIn};
use crate::plan::{self, rank};
use crate::refusal::{Refusal, Shortage};
use crate::ticketing::availability::{self, Ending};
use crate::ticketing::{self, faults, steps};

pub(super) fn walk(draft: &mut Draft<'_>, walk: Walk) -> Result<(), Refusal> {
    let Walk { expected_total, guest, submit, to } = walk;
    let stood = draft.order.at;
    waitlist::revive(draft)?;
    may_check_out(draft)?;
    let late = rank(stood) >= rank(Step::Payment);
    if take_over_today(draft)? || (late && draft.repriced.is_some()) {
        draft.refusal = Some(Refusal::TotalMismatch { actual: draft.order.total() });
        return Ok(());
    }
    if expected_total.is_some_and(|expected| expected != draft.order.total()) {
        return Err(Refusal::TotalMismatch { actual: draft.order.total() });
    }
    if let Some(guest) = guest {
        submit::guest(draft, guest)?;
    }
    match (submit, to) {
        (Some((step, data)), _) => submitted(draft, step, data),
        (None, WalkTo::Next) => leave(draft, here(draft), Asked::Move),
        (None, WalkTo::Step(step)) => go_to(draft, step),
        (None, WalkTo::End) => go_to_end(draft),
    }
}

/// Whether data were sent, or only a move: the same faults, in other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Data,
    Move,
}

/// Lines, all of which may be ordered, by somebody who may check out as they want to.
fn may_check_out(draft: &Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let order = &draft.order;
    let choices = ticketing::customization(order, context.catalog);
    let guest = order.ticketing.mode == crate::order::CheckoutMode::Guest;
    if guest && choices.is_some_and(|choices| !choices.guest_checkout) {
        let fault = Fault::new(Spot::Order, "guest_checkout", Flaw::NotEnabled);
        return Err(Refusal::CheckoutNotAllowed(vec![fault]));
    }
    if order.lines.is_empty() {
        return Err(Refusal::CheckoutNotAllowed(vec![Fault::new(Spot::Order, "base", Flaw::Empty)]));
    }
    let mut blocked = availability::blocked(order, context.catalog, context.now);
    blocked.extend(availability::out_of_bounds(order, context.catalog));
    if blocked.is_empty() { Ok(()) } else { Err(Refusal::CheckoutNotAllowed(blocked)) }
}

/// Today's prices and promotions. True if that changed the total of an order that has its payment already: then
/// it stands at the payment again.
fn take_over_today(draft: &mut Draft<'_>) -> Result<bool, Refusal> {
    let before = draft.order.total();
    promotions::apply_automatic(draft);
    if draft.context.origin.policy.price_change == PriceChange::TakenOver {
        stock::take_over_prices(draft);
    }
    draft.reprice()?;
    let paid = draft.order.payments.iter().any(|payment| payment.state.is_live());
    let late = draft.order.phase == Phase::Checkout && rank(draft.order.at) >= rank(Step::Payment);
    if draft.order.total() == before || !paid || !late {
        return Ok(false);
    }
    draft.order.at = Step::Payment;
    draft.order.ticketing.confirmed = false;
    draft.note(EventKind::StepChanged, None, "the total has changed");
    fall_back(draft);
    Ok(true)
}

/// Where the order stands for the asking channel: its step, or an earlier one that something is open at.
fn here(draft: &Draft<'_>) -> Step {
    let context = draft.context;
    plan::position(&draft.order, context.catalog, context.via, context.now)
}

fn listed(draft: &Draft<'_>) -> Vec<Step> {
    draft.context.via.flow.steps_at(&draft.order, draft.context.catalog, draft.context.now)
}

fn open_at(draft: &Draft<'_>, step: Step) -> Vec<Fault> {
    faults::at(step, &draft.order, draft.context.catalog, draft.context.now)
}

/// Data for the step the order stands on, or for one before it, and the step after that.
fn submitted(draft: &mut Draft<'_>, step: Step, data: StepData) -> Result<(), Refusal> {
    let here = here(draft);
    let known = step == Step::Cart || listed(draft).contains(&step);
    if !known || rank(step) > rank(here) || (step == Step::Cart && here != Step::Cart) {
        return Err(Refusal::NoSuchStep { missing: Vec::new() });
    }
    if step != here {
        stand_on(draft, step);
    }
    submit::apply(draft, step, data)?;
    let waits = draft.order.ticketing.sign_in.as_ref().is_some_and(SignIn::awaits_code);
    if step == Step::Email && waits {
        // A code is on its way: the buyer stays here until it is typed.
        return Ok(());
    }
    leave(draft, step, Asked::Data)
}

/// From a step to the next one, if nothing is open at it.
fn leave(draft: &mut Draft<'_>, step: Step, asked: Asked) -> Result<(), Refusal> {
    if step == Step::Confirm {
        draft.order.ticketing.confirmed = true;
    }
    let open = open_at(draft, step);
    if !open.is_empty() {
        return Err(match asked {
            Asked::Move if step != Step::Cart => Refusal::StepOpen { step, faults: open },
            _ => Refusal::Faults(open),
        });
    }
    if step == Step::Address {
        propose_shipments(draft)?;
    }
    let after = |next: &Step| rank(*next) > rank(step);
    let is_open = |draft: &Draft<'_>, next: Step| match next {
        Step::Email | Step::Register => !open_at(draft, next).is_empty(),
        _ => true,
    };
    match listed(draft).into_iter().filter(after).find(|next| is_open(draft, *next)) {
        Some(next) => enter(draft, next),
        None => end(draft),
    }
}

/// Stands on a step: it stays listed until the contents change.
fn stand_on(draft: &mut Draft<'_>, step: Step) {
    let from = if draft.order.phase == Phase::Cart { Step::Cart } else { draft.order.at };
    draft.order.phase = if step == Step::Cart { Phase::Cart } else { Phase::Checkout };
    draft.order.at = step;
    if step != Step::Cart && !draft.order.ticketing.stood_on.contains(&step) {
        draft.order.ticketing.stood_on.push(step);
    }
    if from != step {
        draft.note(EventKind::StepChanged, None, format!("{from:?} → {step:?}"));
    }
}

fn enter(draft: &mut Draft<'_>, step: Step) -> Result<(), Refusal> {
    stand_on(draft, step);
    let catalog = draft.context.catalog;
    let has_address = plan::has_ship_address(&draft.order, &catalog.settings.geography);
    if step == Step::Delivery && draft.order.shipments.is_empty() && has_address {
        propose_shipments(draft)?;
    }
    draft.reprice()
}

/// Parcels for what ships, with rates to choose from and none chosen: the buyer does that.
fn propose_shipments(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !plan::ships(&draft.order, draft.context.catalog) {
        draft.order.shipments.clear();
        return draft.reprice();
    }
    if !draft.order.shipments.is_empty() {
        return Ok(());
    }
    packages::propose(draft, packages::Unrated::Kept)?;
    for shipment in &mut draft.order.shipments {
        shipment.rates.iter_mut().for_each(|rate| rate.selected = false);
        shipment.cost = Amount::ZERO;
    }
    draft.reprice()
}

/// Straight to a step: back to any that is listed, forwards over satisfied ones only.
fn go_to(draft: &mut Draft<'_>, step: Step) -> Result<(), Refusal> {
    if step == Step::Cart {
        stand_on(draft, Step::Cart);
        return Ok(());
    }
    let listed = listed(draft);
    if !listed.contains(&step) {
        return Err(Refusal::NoSuchStep { missing: Vec::new() });
    }
    if draft.order.phase == Phase::Cart {
        let open = open_at(draft, Step::Cart);
        if !open.is_empty() {
            return Err(Refusal::Faults(open));
        }
    }
    let missing: Vec<Step> = listed
        .into_iter()
        .filter(|before| rank(*before) < rank(step) && rank(step) > rank(here(draft)))
        .filter(|before| !open_at(draft, *before).is_empty())
        .collect();
    if missing.is_empty() { enter(draft, step) } else { Err(Refusal::NoSuchStep { missing }) }
}

fn go_to_end(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.phase == Phase::Cart {
        let open = open_at(draft, Step::Cart);
        if !open.is_empty() {
            return Err(Refusal::Faults(open));
        }
    }
    end(draft)
}

/// The end: a complete order, or a place on the wait list, or a reservation.
pub(super) fn end(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let listed = listed(draft);
    let missing: Vec<Step> =
        listed.iter().copied().filter(|step| !open_at(draft, *step).is_empty()).collect();
    if !missing.is_empty() {
        return Err(Refusal::NoSuchStep { missing });
    }
    draft.order.phase = Phase::Checkout;
    if let Some(last) = listed.last() {
        draft.order.at = *last;
    }
    match availability::ending(&draft.order, context.catalog, context.now) {
        Ending::Requested => waitlist::request(draft),
        Ending::Reserved => waitlist::reserve(draft),
        Ending::Complete => place::begin(draft).map_err(|refusal| match refusal {
            Refusal::RequirementsOpen(open) => {
                let mut missing: Vec<Step> = open.into_iter().map(plan::Requirement::step).collect();
                missing.dedup();
                Refusal::NoSuchStep { missing }
            }
            Refusal::InsufficientStock(_) => gone(shortages(draft)),
            other => other,
        }),
    }
}

/// Shortages as the faults of lines that stop a checkout.
pub(super) fn gone(shortages: Vec<Shortage>) -> Refusal {
    let fault = |short: Shortage| {
        let spot = short.line.map_or(Spot::Order, Spot::Line);
        let flaw = Flaw::SoldOut { requested: short.requested, available: short.available };
        Fault::new(spot, "quantity", flaw)
    };
    let mut all = vec![Fault::new(Spot::Order, "base", Flaw::SoldOut { requested: 0, available: 0 })];
    all.extend(shortages.into_iter().map(fault));
    Refusal::CheckoutNotAllowed(all)
}

/// Every line that cannot be had as it is, by its own stock or by its pools.
pub(super) fn shortages(draft: &Draft<'_>) -> Vec<Shortage> {
    let mut all = holds::shortages(draft);
    for short in pools::shortages(draft) {
        match all.iter_mut().find(|known| known.line == short.line) {
            Some(known) => known.available = known.available.min(short.available),
            None => all.push(short),
        }
    }
    all.sort_by_key(|short| short.line);
    all
}

/// New contents in the middle of checkout: tickets, prices, holds and steps are made anew. What was entered stays.
pub(super) fn contents_changed(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    tickets::sync(draft)?;
    draft.order.shipments.clear();
    forget_steps(draft);
    cart::reprice_contents(draft)?;
    holds::sync(draft)
}

/// Steps are listed by need again; a confirmation was of other contents.
pub(super) fn forget_steps(draft: &mut Draft<'_>) {
    draft.order.ticketing.stood_on.clear();
    draft.order.ticketing.confirmed = false;
}

/// An order whose step is gone, or has something open before it, falls back to the first step with something
/// open; with nothing open, to the last one it still has.
pub(super) fn fall_back(draft: &mut Draft<'_>) {
    let context = draft.context;
    if draft.order.phase != Phase::Checkout {
        return;
    }
    let from = draft.order.at;
    let needs = |step: &Step| {
        let flow = &context.via.flow.0;
        let always = flow.iter().any(|known| known.step == *step && known.when != When::Needed);
        let stood = draft.order.ticketing.stood_on.contains(step);
        always || stood || steps::needed(*step, &draft.order, context.catalog, context.now)
    };
    let steps: Vec<Step> = listed(draft).into_iter().filter(needs).collect();
    let plan = plan::plan_at(&draft.order, context.catalog, context.via, context.now);
    let first_open = plan
        .steps
        .iter()
        .find(|planned| steps.contains(&planned.step) && !planned.open.is_empty())
        .map(|planned| planned.step);
    let earlier = first_open.filter(|open| rank(*open) < rank(from));
    let to = match earlier {
        Some(open) => Some(open),
        None if steps.contains(&from) => return,
        None => first_open.or_else(|| steps.last().copied()),
    };
    match to {
        Some(step) => stand_on(draft, step),
        None => stand_on(draft, Step::Cart),
    }
}

/// Where an order that was expired goes on: where it stood, or at the first step that something is open at.
pub(super) fn take_up(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.at == Step::Cart {
        draft.order.phase = Phase::Cart;
        return Ok(());
    }
    draft.order.phase = Phase::Checkout;
    checkout::restart(draft)
}
