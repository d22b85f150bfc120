//! What has to be read before a decision: whose record, which promotions, which stock levels.

use crate::round::Work;
use domain::catalog::Catalog;
use domain::channel::ChannelKey;
use domain::command::{Cart, Command, Contents, LineChange, NewLine, StepData, Walk};
use domain::movement::ClaimKey;
use domain::order::Order;
use domain::ticketing::{access, availability};
use domain::{EventId, PromotionId, TicketId, Time, UserId, VariantId};
use std::collections::BTreeSet;

/// Whose record the decision needs: the one the order has, or is to get.
pub(crate) fn customer(order: Option<&Order>, command: &Command) -> Option<UserId> {
    let given = match command {
        Command::Create(new) => new.customer.or(new.edit.customer),
        Command::Purchase(purchase) => Some(purchase.cart.customer),
        Command::Edit(edit) => edit.customer,
        Command::Proceed(proceed) => proceed.edit.customer,
        _ => None,
    };
    given.or(order.and_then(|order| order.customer))
}

/// The promotions whose uses a decision may ask for: those on the order, the one of a code being applied, and
/// those that apply by themselves.
pub(crate) fn promotions(
    catalog: &Catalog,
    order: Option<&Order>,
    work: Option<&Work<'_>>,
) -> Vec<(PromotionId, Option<String>)> {
    let mut wanted: Vec<(PromotionId, Option<String>)> = Vec::new();
    let applied = order.map(|order| order.promotions.as_slice()).unwrap_or_default();
    wanted.extend(applied.iter().map(|applied| (applied.promotion, applied.code.clone())));
    if let Some(Work { command: Command::ApplyCode(code), actor, .. }) = work
        && let Some(promotion) = catalog.promotion_by_code(code, &actor.via)
    {
        wanted.push((promotion.id, Some(domain::catalog::normal_code(code))));
    }
    if let Some(Work { command: Command::Purchase(purchase), actor, .. }) = work {
        wanted.extend(promotion_of(catalog, purchase.cart.code.as_deref(), &actor.via));
    }
    add_automatic(catalog, &mut wanted);
    wanted
}

fn promotion_of(
    catalog: &Catalog,
    code: Option<&str>,
    via: &ChannelKey,
) -> Option<(PromotionId, Option<String>)> {
    let code = code?;
    let promotion = catalog.promotion_by_code(code, via)?;
    Some((promotion.id, Some(domain::catalog::normal_code(code))))
}

/// The promotions whose uses the price of a cart depends on.
pub(crate) fn cart_promotions(
    catalog: &Catalog,
    cart: &Cart,
    via: &ChannelKey,
) -> Vec<(PromotionId, Option<String>)> {
    let mut wanted = Vec::from_iter(promotion_of(catalog, cart.code.as_deref(), via));
    add_automatic(catalog, &mut wanted);
    wanted
}

/// The variants of a cart.
pub(crate) fn cart_variants(cart: &Cart) -> Vec<VariantId> {
    let Contents::Lines(lines) = &cart.contents else { return Vec::new() };
    let mut variants: Vec<VariantId> = lines.iter().map(|line| line.variant).collect();
    variants.sort_unstable();
    variants.dedup();
    variants
}

fn add_automatic(catalog: &Catalog, wanted: &mut Vec<(PromotionId, Option<String>)>) {
    let automatic = catalog.promotions.values().filter(|promotion| promotion.automatic);
    for promotion in automatic {
        if wanted.iter().all(|(id, _)| *id != promotion.id) {
            wanted.push((promotion.id, None));
        }
    }
}

/// The variants whose levels a decision may look at.
pub(crate) fn variants(catalog: &Catalog, order: Option<&Order>, command: &Command) -> Vec<VariantId> {
    let mut wanted: BTreeSet<VariantId> = BTreeSet::new();
    if let Some(order) = order {
        wanted.extend(order.lines.iter().map(|line| line.variant));
    }
    let mut add_lines = |changes: &[LineChange]| {
        wanted.extend(changes.iter().filter_map(|change| match change {
            LineChange::Add(NewLine { variant, .. }) => Some(*variant),
            LineChange::Set { .. } => None,
        }));
    };
    match command {
        Command::Create(new) => add_lines(&new.edit.lines),
        Command::Purchase(purchase) => wanted.extend(cart_variants(&purchase.cart)),
        Command::Edit(edit) => add_lines(&edit.lines),
        Command::Proceed(proceed) => add_lines(&proceed.edit.lines),
        Command::Walk(walk) => match walk.submit.as_ref().map(|(_, data)| data) {
            Some(StepData::Lines(changes)) => add_lines(changes),
            Some(StepData::Customize(choices)) => wanted.extend(choices.iter().map(|choice| choice.variant)),
            Some(StepData::AddOns(choices)) => wanted.extend(choices.iter().map(|choice| choice.variant)),
            _ => {}
        },
        Command::AddLine(new) => drop(wanted.insert(new.variant)),
        Command::CreateShipment { variant, .. } => wanted.extend(variant.map(|(variant, _)| variant)),
        Command::AddToShipment { variant, .. }
        | Command::RemoveFromShipment { variant, .. }
        | Command::Transfer { variant, .. } => drop(wanted.insert(*variant)),
        _ => {}
    }
    if let Command::Create(new) = command
        && let Some(import) = &new.import
    {
        let units = import.shipments.iter().flatten().flat_map(|shipment| &shipment.units);
        wanted.extend(units.map(|(variant, _)| *variant));
    }
    let mut wanted = availability::stock_of(catalog, wanted);
    // What lines have drawn, wherever their variants draw from today.
    let drawn = order.into_iter().flat_map(|order| &order.lines).flat_map(|line| &line.drawn);
    wanted.extend(drawn.map(|drawn| drawn.pool));
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// What an order counts against across orders, as it is and with what the command brings.
pub(crate) fn claims(
    catalog: &Catalog,
    order: Option<&Order>,
    command: &Command,
    now: Time,
) -> Vec<ClaimKey> {
    let Some(order) = order else { return Vec::new() };
    if catalog.ticketing.events.is_empty() && order.ticketing.is_empty() {
        return Vec::new();
    }
    let mut keys: BTreeSet<ClaimKey> =
        access::claims(order, catalog, now).into_iter().map(|(key, ..)| key).collect();
    if let Command::Walk(walk) = command {
        keys.extend(brought(catalog, order, walk));
    }
    keys.into_iter().collect()
}

fn brought(catalog: &Catalog, order: &Order, walk: &Walk) -> Vec<ClaimKey> {
    let rows = &catalog.ticketing;
    let event_of = |id: TicketId| order.ticketing.ticket(id).map(|ticket| ticket.event);
    let member = |(event, id): (EventId, &String)| ClaimKey::Member(event, id.trim().to_owned());
    let mut keys: Vec<ClaimKey> = match walk.submit.as_ref().map(|(_, data)| data) {
        Some(StepData::Invitations(given)) => {
            let found = given.iter().filter_map(|(event, code)| rows.invitation(*event, code));
            found.map(|row| ClaimKey::Invitation(row.id)).collect()
        }
        Some(StepData::Memberships(given)) => {
            let found = given.iter().filter_map(|(_, number)| rows.membership(number));
            found.map(|row| ClaimKey::Membership(row.id)).collect()
        }
        Some(StepData::MemberIds(given)) => {
            given.iter().filter_map(|(ticket, id)| Some(member((event_of(*ticket)?, id)))).collect()
        }
        Some(StepData::Attendees(edits)) => {
            let ids =
                edits.iter().filter_map(|edit| Some((event_of(edit.ticket)?, edit.member_id.as_ref()?)));
            ids.map(member).collect()
        }
        _ => Vec::new(),
    };
    let email = walk.guest.as_ref().and_then(|guest| guest.email.as_deref());
    if let Some(email) = domain::user::contact(email) {
        let products = order.lines.iter().filter_map(|line| catalog.variant(line.variant));
        let limited = products.filter(|(product, _)| product.sales.max_per_contact.is_some());
        keys.extend(limited.map(|(product, _)| ClaimKey::Contact(product.id, email.clone())));
    }
    keys
}
