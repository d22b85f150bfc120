//! The cart: adding, changing and removing lines, and what that does to an order that is past its cart.

use super::draft::{Draft, set_metadata};
use super::{checkout, holds, pieces, pools, stock, tickets, walk};
use crate::channel::{PriceChange, Restart};
use crate::command::{LineChange, LineEdit, Merge, NewLine};
use crate::decision::Focus;
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::money::Amount;
use crate::order::{Line, Phase};
use crate::refusal::{FieldError, Move, Refusal, Rule, Thing};
use crate::ticketing::availability;
use crate::{LineId, limits, price};
use serde_json::Map;

pub(super) fn add_line(draft: &mut Draft<'_>, new: NewLine) -> Result<(), Refusal> {
    change_lines(draft, vec![LineChange::Add(new)])?;
    contents_changed(draft)
}

pub(super) fn set_line(draft: &mut Draft<'_>, line: LineId, edit: LineEdit) -> Result<(), Refusal> {
    change_lines(draft, vec![LineChange::Set { line, edit }])?;
    contents_changed(draft)
}

pub(super) fn remove_line(draft: &mut Draft<'_>, line: LineId) -> Result<(), Refusal> {
    let gone = LineEdit { quantity: Some(0), ..LineEdit::default() };
    change_lines(draft, vec![LineChange::Set { line, edit: gone }])?;
    contents_changed(draft)
}

/// Removes lines, adjustments, shipments and promotions; the position does not change.
pub(super) fn empty(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.is_placed() {
        return Err(Refusal::NoSuchMove(Move::Empty));
    }
    holds::release_all(draft);
    draft.order.lines.clear();
    draft.order.shipments.clear();
    draft.order.promotions.clear();
    draft.note(EventKind::CartEmptied, None, "");
    tickets::sync(draft)?;
    walk::forget_steps(draft);
    holds::sync(draft)?;
    draft.reprice()
}

/// Applies line changes in order, without repricing or restarting.
pub(super) fn change_lines(draft: &mut Draft<'_>, changes: Vec<LineChange>) -> Result<(), Refusal> {
    for change in changes {
        match change {
            LineChange::Add(new) => add_one(draft, new)?,
            LineChange::Set { line, edit } => set_one(draft, line, edit)?,
        }
    }
    check_pieces(draft)?;
    check_most(draft)?;
    tickets::sync(draft)
}

/// No product in larger numbers than one order may have.
fn check_most(draft: &Draft<'_>) -> Result<(), Refusal> {
    let mut faults = availability::out_of_bounds(&draft.order, draft.context.catalog);
    faults.retain(|fault| matches!(fault.flaw, Flaw::AtMost { .. }));
    if faults.is_empty() || draft.order.is_placed() { Ok(()) } else { Err(Refusal::Faults(faults)) }
}

/// The pieces of all lines together stay within bounds.
pub(super) fn check_pieces(draft: &Draft<'_>) -> Result<(), Refusal> {
    if draft.order.total_quantity() > limits::PIECES {
        return Err(Refusal::TooMany(format!("pieces (at most {})", limits::PIECES)));
    }
    Ok(())
}

/// What follows a change of contents: automatic promotions, prices, and the restart by policy.
pub(super) fn contents_changed(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    super::promotions::apply_automatic(draft);
    if draft.order.is_placed() {
        return draft.reprice();
    }
    if draft.context.origin.policy.price_change == PriceChange::TakenOver {
        stock::take_over_prices(draft);
    }
    if draft.before().is_none_or(|before| before.lines != draft.order.lines) {
        walk::forget_steps(draft);
    }
    checkout::restart(draft)?;
    let stood = draft.order.at;
    let expired = draft.order.is_expired(draft.context.now);
    match holds::sync(draft) {
        Err(refusal) if expired && only_less(draft) => {
            // The way out of an expired cart that cannot be had any more: what was taken out stays out.
            holds::release_all(draft);
            draft.order.phase = Phase::Expired;
            draft.refusal = Some(refusal);
            Ok(())
        }
        Ok(()) if expired && draft.context.via.policy.restart == Restart::ToFirstOpen => {
            draft.order.at = stood;
            walk::take_up(draft)
        }
        Ok(()) => {
            if draft.context.via.policy.restart == Restart::ToFirstOpen {
                // Only now it is known what is held, and so where the order leads.
                walk::fall_back(draft);
            }
            Ok(())
        }
        refused => refused,
    }
}

/// Whether the cart has only lost pieces by this command.
fn only_less(draft: &Draft<'_>) -> bool {
    let Some(before) = draft.before() else { return false };
    let fewer = |line: &Line| before.line(line.id).is_some_and(|old| line.quantity <= old.quantity);
    before.lines != draft.order.lines && draft.order.lines.iter().all(fewer)
}

/// Prices of unfinished contents as they are today.
pub(super) fn reprice_contents(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    super::promotions::apply_automatic(draft);
    if draft.context.origin.policy.price_change == PriceChange::TakenOver {
        stock::take_over_prices(draft);
    }
    draft.reprice()
}

fn add_one(draft: &mut Draft<'_>, new: NewLine) -> Result<(), Refusal> {
    let context = draft.context;
    if new.quantity == 0 {
        return Err(invalid("quantity", Rule::AtLeast(1)));
    }
    let (product, variant) = context.catalog.variant(new.variant).ok_or(Refusal::NotFound(Thing::Variant))?;
    let sold = variant.deleted_at.is_none()
        && product.deleted_at.is_none()
        && product.channels.show(&context.via.key)
        && (context.actor.is_admin() || product.is_available(context.now));
    if !sold {
        return Err(Refusal::NotFound(Thing::Variant));
    }
    if !availability::window(product, variant, context.now).can_be_ordered() && !context.actor.is_admin() {
        let fault = Fault::new(Spot::Order, "variant_id", Flaw::NotAvailable);
        return Err(Refusal::Faults(vec![fault]));
    }
    let option = variant.price_option(&new.option, draft.order.currency).filter(|option| !option.inactive);
    let same =
        draft.order.lines.iter().position(|line| {
            line.variant == new.variant && line.option == new.option && line.parent.is_none()
        });
    if let (Some(position), Merge::WithSame) = (same, new.merge) {
        let line = &draft.order.lines[position];
        let edit = LineEdit {
            quantity: Some(line.quantity.saturating_add(new.quantity)),
            price: new.price,
            metadata: new.metadata,
        };
        return set_one(draft, line.id, edit);
    }
    if draft.order.lines.len() >= limits::LINES {
        return Err(Refusal::TooMany(format!("lines (at most {})", limits::LINES)));
    }
    check_quantity(new.quantity)?;
    let price = match (new.price, option) {
        (Some(price), _) => price,
        (None, Some(option)) => price::unit_price(option, new.quantity),
        (None, None) => return Err(invalid("price", Rule::NoPrice)),
    };
    check_price(price)?;
    let mut line = Line {
        id: LineId::fresh(context.ids),
        variant: new.variant,
        option: new.option,
        parent: None,
        quantity: new.quantity,
        price,
        reserved: Vec::new(),
        drawn: Vec::new(),
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
    };
    set_metadata(&mut line.customer_metadata, &mut line.admin_metadata, new.metadata)?;
    holds::check_on_add(draft, &line, 0)?;
    draft.focus = Some(Focus::Line(line.id));
    draft.note(
        EventKind::LineAdded,
        Some(line.id.0),
        format!("{} × variant {}", line.quantity, line.variant),
    );
    let (id, quantity) = (line.id, line.quantity);
    draft.order.lines.push(line);
    if draft.order.is_placed() {
        pieces::supply_line(draft, id, quantity)?;
        pools::follow(draft, id)?;
    }
    Ok(())
}

fn set_one(draft: &mut Draft<'_>, id: LineId, edit: LineEdit) -> Result<(), Refusal> {
    let catalog = draft.context.catalog;
    let currency = draft.order.currency;
    let old = draft.order.line(id).ok_or(Refusal::NotFound(Thing::Line))?.clone();
    let quantity = edit.quantity.unwrap_or(old.quantity);
    if quantity == 0 {
        return drop_line(draft, &old);
    }
    check_quantity(quantity)?;
    if let Some(price) = edit.price {
        check_price(price)?;
    }
    if quantity > old.quantity {
        holds::check_on_add(draft, &Line { quantity, ..old.clone() }, old.quantity)?;
    }
    let tiered = catalog
        .variant(old.variant)
        .and_then(|(_, variant)| variant.price_option(&old.option, currency))
        .filter(|option| !option.tiers.is_none())
        .map(|option| price::unit_price(option, quantity));
    let Some(line) = draft.order.line_mut(id) else { return Err(Refusal::NotFound(Thing::Line)) };
    line.quantity = quantity;
    line.price = edit.price.or(tiered).unwrap_or(line.price);
    set_metadata(&mut line.customer_metadata, &mut line.admin_metadata, edit.metadata)?;
    draft.focus = Some(Focus::Line(id));
    if quantity != old.quantity {
        draft.note(EventKind::LineChanged, Some(id.0), format!("{} → {quantity}", old.quantity));
    }
    if draft.order.is_placed() {
        match quantity.cmp(&old.quantity) {
            std::cmp::Ordering::Greater => pieces::supply_line(draft, id, quantity - old.quantity)?,
            std::cmp::Ordering::Less => pieces::withdraw_line(draft, id, old.quantity - quantity)?,
            std::cmp::Ordering::Equal => {}
        }
        pools::follow(draft, id)?;
    }
    Ok(())
}

fn drop_line(draft: &mut Draft<'_>, line: &Line) -> Result<(), Refusal> {
    let hangs_on_it = |other: &Line| other.parent == Some(line.id);
    for child in draft.order.lines.iter().filter(|other| hangs_on_it(other)).cloned().collect::<Vec<_>>() {
        drop_line(draft, &child)?;
    }
    if draft.order.is_placed() {
        pieces::withdraw_line(draft, line.id, line.quantity)?;
        pools::give_back(draft, line);
    } else {
        holds::release_line(draft, line);
    }
    draft.order.lines.retain(|other| other.id != line.id);
    draft.note(EventKind::LineRemoved, Some(line.id.0), format!("variant {}", line.variant));
    draft.focus = Some(Focus::Line(line.id));
    Ok(())
}

fn check_quantity(quantity: u32) -> Result<(), Refusal> {
    if quantity > limits::QUANTITY {
        return Err(invalid("quantity", Rule::AtMost(i64::from(limits::QUANTITY))));
    }
    Ok(())
}

fn check_price(price: Amount) -> Result<(), Refusal> {
    if price < Amount::ZERO {
        return Err(invalid("price", Rule::AtLeast(0)));
    }
    Ok(price.bounded().map(drop)?)
}

pub(super) fn invalid(field: &str, rule: Rule) -> Refusal {
    Refusal::Invalid(vec![FieldError::new(field, rule)])
}
