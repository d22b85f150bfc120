//! Steps that open something or change what is in the cart: specific variants, add-ons, passwords, invitations,
//! memberships.

use super::draft::Draft;
use super::walk;
use crate::command::{AddOnChoice, LineEdit, VariantChoice};
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::order::Line;
use crate::refusal::Refusal;
use crate::ticketing::access;
use crate::ticketing::availability::{self, Standing};
use crate::ticketing::steps;
use crate::{EventId, LineId, limits, price};
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};

fn refuse(faults: Vec<Fault>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Faults(faults)) }
}

/// Master variants become specific ones; one line may be split into several.
pub(super) fn customize(draft: &mut Draft<'_>, choices: &[VariantChoice]) -> Result<(), Refusal> {
    let context = draft.context;
    let mut faults = Vec::new();
    let mut chosen: BTreeMap<LineId, Vec<(crate::VariantId, u32)>> = BTreeMap::new();
    for choice in choices {
        let spot = Spot::Line(choice.line);
        let Some(line) = draft.order.line(choice.line) else {
            faults.push(Fault::new(spot, "id", Flaw::NotFound));
            continue;
        };
        let product = context.catalog.variant(line.variant).map(|(product, _)| product);
        let fits = product.is_some_and(|product| {
            steps::choices(product).any(|variant| {
                variant.id == choice.variant
                    && availability::window(product, variant, context.now).can_be_ordered()
                    && variant.price_option(&line.option, draft.order.currency).is_some()
            })
        });
        if !fits {
            faults.push(Fault::new(spot, "variant_id", Flaw::Inclusion));
        }
        let quantity = choice.quantity.unwrap_or(line.quantity);
        chosen.entry(choice.line).or_default().push((choice.variant, quantity));
    }
    for (id, parts) in &chosen {
        let sum: u64 = parts.iter().map(|(_, quantity)| u64::from(*quantity)).sum();
        let zero = parts.iter().any(|(_, quantity)| *quantity == 0);
        let whole = draft.order.line(*id).map_or(0, |line| u64::from(line.quantity));
        if sum != whole || zero {
            faults.push(Fault::new(Spot::Line(*id), "quantity", Flaw::Invalid));
        }
    }
    refuse(faults)?;
    for (id, parts) in chosen {
        split(draft, id, &parts)?;
    }
    walk::contents_changed(draft)
}

/// The first part keeps the line's id; the others become lines of their own.
fn split(draft: &mut Draft<'_>, id: LineId, parts: &[(crate::VariantId, u32)]) -> Result<(), Refusal> {
    let Some(master) = draft.order.line(id).cloned() else { return Ok(()) };
    super::holds::release_line(draft, &master);
    for (position, (variant, quantity)) in parts.iter().enumerate() {
        let catalog = draft.context.catalog;
        let option = catalog
            .variant(*variant)
            .and_then(|(_, found)| found.price_option(&master.option, draft.order.currency))
            .ok_or_else(|| {
                Refusal::Faults(vec![Fault::new(Spot::Line(id), "variant_id", Flaw::Inclusion)])
            })?;
        let part = Line {
            id: if position == 0 { id } else { LineId::fresh(draft.context.ids) },
            variant: *variant,
            quantity: *quantity,
            price: price::unit_price(option, *quantity),
            reserved: Vec::new(),
            drawn: Vec::new(),
            ..master.clone()
        };
        draft.note(EventKind::LineChanged, Some(part.id.0), format!("{quantity} × variant {variant}"));
        if let Some(line) = draft.order.line_mut(part.id) {
            *line = part;
        } else if draft.order.lines.len() < limits::LINES {
            draft.order.lines.push(part);
        } else {
            return Err(Refusal::TooMany(format!("lines (at most {})", limits::LINES)));
        }
    }
    Ok(())
}

/// Replaces the add-ons chosen before.
pub(super) fn add_ons(draft: &mut Draft<'_>, choices: &[AddOnChoice]) -> Result<(), Refusal> {
    let context = draft.context;
    let mut faults = Vec::new();
    for (place, choice) in choices.iter().enumerate() {
        let wrong = |attribute: &str, flaw| Fault::new(Spot::AddOn(place), attribute, flaw);
        let Some(line) = draft.order.line(choice.line).filter(|line| line.parent.is_none()) else {
            faults.push(wrong("line_item_id", Flaw::NotFound));
            continue;
        };
        let found = context.catalog.variant(choice.variant);
        let offered = found.is_some_and(|(product, _)| {
            steps::addons(line, context.catalog, context.now).any(|(addon, _)| addon.product == product.id)
        });
        let Some((product, variant)) = found.filter(|_| offered) else {
            faults.push(wrong("variant_id", Flaw::Inclusion));
            continue;
        };
        match availability::window(product, variant, context.now) {
            Standing::Selling | Standing::Request | Standing::Reserve | Standing::SoldOut => {}
            Standing::Paused | Standing::NotYet | Standing::Closed => {
                faults.push(wrong("variant_id", Flaw::NotAvailable));
            }
        }
        if variant.price_in(draft.order.currency).is_none() {
            faults.push(wrong("variant_id", Flaw::CurrencyMismatch));
        }
        if choice.quantity > limits::QUANTITY {
            let maximum = u64::from(limits::QUANTITY);
            let current = u64::from(choice.quantity);
            faults.push(wrong("quantity", Flaw::AtMost { maximum, current, condition: None }));
        }
    }
    refuse(faults)?;
    let mut wanted: BTreeMap<(LineId, crate::VariantId), u32> = BTreeMap::new();
    for choice in choices.iter().filter(|choice| choice.quantity > 0) {
        let sum = wanted.entry((choice.line, choice.variant)).or_default();
        *sum = sum.saturating_add(choice.quantity).min(limits::QUANTITY);
    }
    let children: Vec<Line> =
        draft.order.lines.iter().filter(|line| line.parent.is_some()).cloned().collect();
    for child in children {
        let key = (child.parent.unwrap_or_default(), child.variant);
        let quantity = wanted.remove(&key).unwrap_or(0);
        let edit = LineEdit { quantity: Some(quantity), ..LineEdit::default() };
        super::cart::change_lines(draft, vec![crate::command::LineChange::Set { line: child.id, edit }])?;
    }
    for ((parent, variant), quantity) in wanted {
        add_child(draft, parent, variant, quantity)?;
    }
    walk::contents_changed(draft)
}

fn add_child(
    draft: &mut Draft<'_>,
    parent: LineId,
    variant: crate::VariantId,
    quantity: u32,
) -> Result<(), Refusal> {
    let price = draft
        .context
        .catalog
        .variant(variant)
        .and_then(|(_, found)| found.price_option("", draft.order.currency))
        .map_or(crate::money::Amount::ZERO, |option| price::unit_price(option, quantity));
    if draft.order.lines.len() >= limits::LINES {
        return Err(Refusal::TooMany(format!("lines (at most {})", limits::LINES)));
    }
    let line = Line {
        id: LineId::fresh(draft.context.ids),
        variant,
        option: String::new(),
        parent: Some(parent),
        quantity,
        price,
        reserved: Vec::new(),
        drawn: Vec::new(),
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
    };
    draft.note(EventKind::LineAdded, Some(line.id.0), format!("{quantity} × variant {variant}"));
    draft.order.lines.push(line);
    super::cart::check_pieces(draft)
}

/// Passwords, each for its event and one for whatever is still locked. Wrong ones are counted; the count is kept
/// though nothing else of a failed request is.
pub(super) fn passwords(
    draft: &mut Draft<'_>,
    each: &[(EventId, String)],
    any: Option<&str>,
) -> Result<(), Refusal> {
    let context = draft.context;
    let rows = &context.catalog.ticketing.events;
    let since = context.now.plus_minutes(-limits::PASSWORD_MINUTES);
    let tries = &mut draft.order.ticketing.access.wrong_tries;
    tries.retain(|at| *at > since);
    if tries.len() >= limits::PASSWORD_TRIES {
        return Err(Refusal::TooManyTries);
    }
    let events = draft.order.ticketing.events();
    let (mut faults, mut opened, mut wrong) = (Vec::new(), Vec::new(), 0);
    for (place, (id, password)) in each.iter().enumerate() {
        match rows.get(id).filter(|event| events.contains(&event.id)) {
            None => faults.push(Fault::new(Spot::Password(place), "event_id", Flaw::NotFound)),
            Some(event) if event.opens_with(password) => opened.extend(event.seal().map(|seal| (*id, seal))),
            Some(event) if event.password.is_none() => {}
            Some(_) => {
                wrong += 1;
                faults.push(Fault::new(Spot::Password(place), "password", Flaw::Invalid));
            }
        }
    }
    if let Some(password) = any {
        let locked = events.iter().filter_map(|id| rows.get(id)).filter(|event| {
            !access::password_given(&draft.order, event) && !opened.iter().any(|(id, _)| *id == event.id)
        });
        let locked: Vec<_> = locked.collect();
        let found = locked.iter().filter(|event| event.opens_with(password));
        let found: Vec<_> = found.filter_map(|event| event.seal().map(|seal| (event.id, seal))).collect();
        if found.is_empty() && !locked.is_empty() {
            wrong += 1;
            faults.push(Fault::new(Spot::Password(0), "password", Flaw::Invalid));
        }
        opened.extend(found);
    }
    if !faults.is_empty() {
        let tries = std::iter::repeat_n(context.now, wrong);
        draft.keep_only(|order| order.ticketing.access.wrong_tries.extend(tries));
        return Err(Refusal::Faults(faults));
    }
    let access = &mut draft.order.ticketing.access;
    for (event, seal) in opened {
        access.passwords.retain(|(known, _)| *known != event);
        access.passwords.push((event, seal));
    }
    draft.note(EventKind::OrderEdited, None, "password");
    Ok(())
}

pub(super) fn invitations(draft: &mut Draft<'_>, given: &[(EventId, String)]) -> Result<(), Refusal> {
    let context = draft.context;
    let rows = &context.catalog.ticketing;
    let events: BTreeSet<EventId> = draft.order.ticketing.events();
    let (mut faults, mut found) = (Vec::new(), Vec::new());
    for (place, (event, code)) in given.iter().enumerate() {
        let mut wrong = |flaw| faults.push(Fault::new(Spot::Invitation(place), "code", flaw));
        let Some(row) = rows.invitation(*event, code).filter(|_| events.contains(event)) else {
            wrong(Flaw::NotFound);
            continue;
        };
        let email = draft.order.email.as_deref();
        if row.email.is_some() && !crate::catalog::same_email(row.email.as_deref(), email) {
            wrong(Flaw::NotFound);
            continue;
        }
        let used = context.buyer.claims.get(&crate::movement::ClaimKey::Invitation(row.id)).copied();
        let current = u64::from(access::tickets_for(&draft.order, *event)) + u64::from(used.unwrap_or(0));
        let most = row.max_tickets.map(u64::from).filter(|most| current > *most);
        if !row.is_open(context.now) {
            wrong(Flaw::Expired);
        } else if let Some(maximum) = most {
            wrong(Flaw::AtMost { maximum, current, condition: None });
        } else {
            found.push((*event, row.id));
        }
    }
    refuse(faults)?;
    let invitations = &mut draft.order.ticketing.access.invitations;
    for (event, id) in found {
        invitations.retain(|(known, _)| *known != event);
        invitations.push((event, id));
    }
    draft.note(EventKind::OrderEdited, None, "invitation");
    Ok(())
}

pub(super) fn memberships(draft: &mut Draft<'_>, given: &[(LineId, String)]) -> Result<(), Refusal> {
    let context = draft.context;
    let (mut faults, mut found) = (Vec::new(), Vec::new());
    for (place, (id, number)) in given.iter().enumerate() {
        let mut wrong =
            |attribute: &str, flaw| faults.push(Fault::new(Spot::Membership(place), attribute, flaw));
        let Some(line) = draft.order.line(*id) else {
            wrong("line_item_id", Flaw::NotFound);
            continue;
        };
        let Some(row) = context.catalog.ticketing.membership(number) else {
            wrong("number", Flaw::NotFound);
            continue;
        };
        let used = context.buyer.claims.get(&crate::movement::ClaimKey::Membership(row.id)).copied();
        let current = u64::from(line.quantity) + u64::from(used.unwrap_or(0));
        let most = row.max_uses.map(u64::from).filter(|most| current > *most);
        if !access::opens(&draft.order, line, row, context.catalog, context.now) {
            wrong("number", Flaw::Invalid);
        } else if let Some(maximum) = most {
            wrong("number", Flaw::AtMost { maximum, current, condition: None });
        } else {
            found.push((*id, row.id));
        }
    }
    refuse(faults)?;
    let memberships = &mut draft.order.ticketing.access.memberships;
    for (line, id) in found {
        memberships.retain(|(known, _)| *known != line);
        memberships.push((line, id));
    }
    draft.note(EventKind::OrderEdited, None, "membership");
    Ok(())
}
