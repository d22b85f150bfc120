//! Checkout: the walk over the steps of a flow, with the guards and side effects of each.
//!
//! | move | guards, in order | side effects |
//! | --- | --- | --- |
//! | from the cart | lines | default addresses filled in |
//! | from address | ship address; stock; a rate for every package; e-mail | addresses remembered; shipments rebuilt |
//! | from delivery | bill address, if the policy asks for it | |
//! | into payment | | the customer's default card offered |
//! | from payment | store credit can fund what it has to | credit allocated |
//! | placing | see `place` | |
//!
//! The guards of address are the *sale* requirements of goods that ship: they hold again when placing.

use super::address::{self, Use};
use super::cart::{self, invalid};
use super::draft::{Draft, set_metadata};
use super::{holds, keep, packages, pay, place, promotions, shipments, stock};
use crate::channel::{
    BillAddress, DefaultCard, NextAtEnd, PriceChange, Restart, Step, StockOnAdd, UseStoreCredit,
};
use crate::command::{Go, OrderEdit, Proceed};
use crate::event::EventKind;
use crate::order::{Order, Phase, ShipmentState};
use crate::plan::{self, rank};
use crate::refusal::{FieldError, Move, Refusal, Rule};
use crate::{ShipmentId, ShippingRateId, limits};

/// Changes data and contents through the order itself; an unfinished order restarts by policy.
pub(super) fn edit(draft: &mut Draft<'_>, mut edit: OrderEdit) -> Result<(), Refusal> {
    let lines = std::mem::take(&mut edit.lines);
    apply_data(draft, edit)?;
    cart::change_lines(draft, lines)?;
    cart::contents_changed(draft)?;
    draft.focus = None;
    Ok(())
}

pub(super) fn proceed(draft: &mut Draft<'_>, proceed: Proceed) -> Result<(), Refusal> {
    let Proceed { back_to, expected_total, edit, payments, rates, code, go } = proceed;
    if draft.context.via.policy.stock_on_add == StockOnAdd::CheckedThroughout && !draft.order.is_placed() {
        stock::check_lines(draft)?;
    }
    if let Some(expected) = expected_total
        && expected != draft.order.total()
    {
        return Err(Refusal::TotalMismatch { actual: draft.order.total() });
    }
    if let Some(step) = back_to {
        go_to(draft, step)?;
    }
    // Prices the buyer has not changed are left alone, so that placing can tell whether they still hold.
    let changes_prices = edit != OrderEdit::default() || !rates.is_empty();
    apply_data(draft, edit)?;
    for (shipment, rate) in rates {
        select_rate(draft, shipment, rate)?;
    }
    if changes_prices && !draft.order.is_placed() {
        draft.reprice()?;
    }
    for payment in payments {
        pay::add(draft, payment)?;
    }
    draft.focus = None;
    if let Some(code) = code
        && let Err(refusal) = promotions::apply_code(draft, &code)
    {
        // What else was said is kept, but the order does not move on without the discount.
        draft.refusal = Some(refusal);
        return Ok(());
    }
    if go.is_move() {
        let outcome = match go {
            Go::Next => next(draft),
            Go::Advance => advance(draft),
            Go::Complete => place::begin(draft),
            Go::Nowhere => Ok(()),
        };
        keep(draft, outcome);
    }
    Ok(())
}

/// Applies everything of an edit but its lines.
pub(super) fn apply_data(draft: &mut Draft<'_>, edit: OrderEdit) -> Result<(), Refusal> {
    if let Some(customer) = edit.customer {
        draft.order.customer = Some(customer);
        draft.order.email = edit.customer_email.or(draft.order.email.take());
        draft.note(EventKind::OrderEdited, Some(customer.0), "customer");
    } else if let Some(email) = edit.email {
        set_email(draft, email)?;
    }
    if edit.session.is_some() {
        draft.order.session = edit.session;
    }
    if let Some(number) = edit.number {
        draft.order.number = valid_number(number)?;
    }
    if let Some(instructions) = edit.instructions {
        if instructions.chars().count() > limits::LONG_TEXT {
            return Err(invalid("special_instructions", Rule::TooLong { maximum: limits::LONG_TEXT }));
        }
        draft.order.instructions = Some(instructions);
    }
    let order = &mut draft.order;
    set_metadata(&mut order.customer_metadata, &mut order.admin_metadata, edit.metadata)?;
    set_addresses(draft, [(Use::Bill, edit.bill_address), (Use::Ship, edit.ship_address)])?;
    if edit.ship_to_bill {
        address::copy(draft, Use::Bill);
    }
    if edit.bill_to_ship {
        address::copy(draft, Use::Ship);
    }
    for (shipment, edit) in edit.shipments {
        shipments::edit(draft, shipment, edit)?;
    }
    if let Some(ticketing) = edit.ticketing {
        super::submit::ticketing(draft, *ticketing)?;
    }
    Ok(())
}

/// Both addresses are checked before one refusal names everything that is wrong with either.
fn set_addresses(
    draft: &mut Draft<'_>,
    given: [(Use, Option<crate::address::AddressFields>); 2],
) -> Result<(), Refusal> {
    let mut errors: Vec<FieldError> = Vec::new();
    for (used, fields) in given {
        let Some(fields) = fields else { continue };
        match address::set(draft, used, fields) {
            Err(Refusal::Invalid(found)) => errors.extend(found),
            other => other?,
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}

pub(super) fn set_email(draft: &mut Draft<'_>, email: String) -> Result<(), Refusal> {
    let email = email.trim().to_owned();
    if !email.is_empty() && !is_email(&email) {
        return Err(invalid("email", Rule::Invalid));
    }
    let email = Some(email).filter(|email| !email.is_empty());
    if draft.order.email != email {
        draft.order.email = email;
        draft.note(EventKind::OrderEdited, None, "email");
    }
    Ok(())
}

/// One `@`, a local part that neither begins nor ends with a dot, a domain of at least two labels, no spaces.
pub(super) fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else { return false };
    email.chars().count() <= limits::EMAIL
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && !domain.contains('@')
        && !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// An order number that staff may set: up to 32 letters, digits, `-` and `_`.
pub(super) fn valid_number(number: String) -> Result<String, Refusal> {
    let fits = (1..=32).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits { Ok(number) } else { Err(invalid("number", Rule::Invalid)) }
}

fn select_rate(draft: &mut Draft<'_>, shipment: ShipmentId, rate: ShippingRateId) -> Result<(), Refusal> {
    let found = draft.order.shipment_mut(shipment).ok_or_else(|| invalid("shipments.id", Rule::MustExist))?;
    if !found.select(rate) {
        return Err(invalid("shipments.selected_shipping_rate_id", Rule::MustExist));
    }
    draft.note(EventKind::RateSelected, Some(shipment.0), format!("rate {rate}"));
    Ok(())
}

/// Sets the position back to an earlier (or the same) step.
fn go_to(draft: &mut Draft<'_>, step: Step) -> Result<(), Refusal> {
    let flow = &draft.context.via.flow;
    let refused = Err(Refusal::NoSuchMove(Move::GoTo));
    let here = match draft.order.phase {
        Phase::Cart | Phase::Expired | Phase::Abandoned => Step::Cart,
        Phase::Checkout => flow.standing(draft.order.at).unwrap_or(Step::Cart),
        _ => return refused,
    };
    let known = step == Step::Cart || flow.0.iter().any(|flow_step| flow_step.step == step);
    if !known || rank(step) > rank(here) {
        return refused;
    }
    if step != here {
        draft.note(EventKind::StepChanged, None, format!("{here:?} → {step:?}"));
    }
    draft.order.phase = if step == Step::Cart { Phase::Cart } else { Phase::Checkout };
    draft.order.at = step;
    Ok(())
}

/// One step further.
pub(super) fn next(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    match draft.order.phase {
        Phase::Cart | Phase::Expired | Phase::Abandoned => leave_cart(draft),
        Phase::Checkout => {
            holds::sync(draft)?;
            leave_step(draft)
        }
        _ => Err(Refusal::NoSuchMove(Move::Next)),
    }
}

/// As many steps as possible. Stops without complaint where it cannot go on, except for missing stock.
fn advance(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    while !at_last_step(&draft.order, draft) {
        match next(draft) {
            Ok(()) => {}
            Err(refusal @ Refusal::InsufficientStock(_)) => return Err(refusal),
            Err(_) => return Ok(()),
        }
    }
    if draft.context.via.policy.next_at_end == NextAtEnd::Places {
        // Not being able to place the order is no complaint either: it stands as far along as it can.
        let _stays = place::begin(draft);
    }
    Ok(())
}

pub(super) fn at_last_step(order: &Order, draft: &Draft<'_>) -> bool {
    let flow = &draft.context.via.flow;
    let here = flow.standing(order.at).map(rank);
    let later = flow
        .steps_at(order, draft.context.catalog, draft.context.now)
        .into_iter()
        .any(|step| Some(rank(step)) > here);
    order.phase == Phase::Checkout && !later
}

fn leave_cart(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    address::fill_from_book(draft);
    let first = draft
        .context
        .via
        .flow
        .steps_at(&draft.order, draft.context.catalog, draft.context.now)
        .first()
        .copied();
    holds::sync(draft)?;
    draft.order.phase = Phase::Checkout;
    enter(draft, Step::Cart, first.unwrap_or(Step::Cart))
}

fn leave_step(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let flow = &draft.context.via.flow;
    let here = flow.standing(draft.order.at).ok_or(Refusal::NoSuchMove(Move::Next))?;
    if at_last_step(&draft.order, draft) {
        return match draft.context.via.policy.next_at_end {
            NextAtEnd::Refused => Err(Refusal::NoSuchMove(Move::Next)),
            NextAtEnd::Lenient => Ok(()),
            NextAtEnd::Places => place::begin(draft),
        };
    }
    match here {
        Step::Address => leave_address(draft)?,
        Step::Delivery => leave_delivery(draft)?,
        _ => {}
    }
    let steps = flow.steps_at(&draft.order, draft.context.catalog, draft.context.now);
    let next = steps.into_iter().find(|step| rank(*step) > rank(here));
    let next = next.ok_or(Refusal::NoSuchMove(Move::Next))?;
    if next == Step::Confirm && draft.context.via.policy.store_credit == UseStoreCredit::WhenLeavingPayment {
        pay::allocate_store_credit(draft)?;
    }
    enter(draft, here, next)
}

fn enter(draft: &mut Draft<'_>, from: Step, to: Step) -> Result<(), Refusal> {
    draft.order.at = to;
    draft.note(EventKind::StepChanged, None, format!("{from:?} → {to:?}"));
    if to == Step::Payment && draft.context.via.policy.default_card == DefaultCard::Offered {
        pay::offer_default_card(draft);
    }
    draft.reprice()
}

/// Back to the payment step after a refusal, with the side effects of entering it.
pub(super) fn back_to_payment(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.order.phase = Phase::Checkout;
    enter(draft, Step::Confirm, Step::Payment)
}

fn leave_address(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    if context.origin.policy.remember_addresses {
        address::remember(draft);
    }
    let geography = &context.catalog.settings.geography;
    if context.origin.policy.price_change != PriceChange::Kept {
        stock::take_over_prices(draft);
    }
    if plan::ships(&draft.order, context.catalog) {
        if !plan::has_ship_address(&draft.order, geography) {
            return Err(Refusal::ShipAddressRequired);
        }
        packages::propose(draft, packages::Unrated::Refused)?;
    } else {
        draft.order.shipments.clear();
    }
    stock::check_all(draft)?;
    draft.reprice()?;
    if !plan::has_email(&draft.order) {
        return Err(Refusal::EmailRequired);
    }
    Ok(())
}

fn leave_delivery(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let context = draft.context;
    let geography = &context.catalog.settings.geography;
    if context.origin.policy.bill_address == BillAddress::Required
        && !plan::has_bill_address(&draft.order, geography)
    {
        return Err(Refusal::BillAddressRequired);
    }
    Ok(())
}

/// What a changed cart does to an unfinished order whose shipments have not left: shipments go, and the order
/// returns to where its channel's policy says.
pub(super) fn restart(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let pending = draft.order.shipments.iter().all(|shipment| shipment.state == ShipmentState::Pending);
    if !pending {
        return draft.reprice();
    }
    draft.order.shipments.clear();
    draft.reprice()?;
    if draft.order.phase != Phase::Checkout {
        return Ok(());
    }
    match draft.context.via.policy.restart {
        Restart::ToFirstStep => {
            draft.order.phase = Phase::Cart;
            draft.order.at = Step::Cart;
            if !draft.order.lines.is_empty() {
                leave_cart(draft)?;
            }
        }
        Restart::ToFirstOpen => {
            super::walk::fall_back(draft);
        }
        Restart::Stay => {}
    }
    Ok(())
}
