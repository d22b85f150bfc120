//! What has to be read before a decision: whose record, which promotions, which stock levels.

use crate::round::Work;
use domain::catalog::Catalog;
use domain::command::{Command, LineChange, NewLine};
use domain::order::Order;
use domain::{PromotionId, UserId, VariantId};
use std::collections::BTreeSet;

/// Whose record the decision needs: the one the order has, or is to get.
pub(crate) fn customer(order: Option<&Order>, command: &Command) -> Option<UserId> {
    let given = match command {
        Command::Create(new) => new.customer.or(new.edit.customer),
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
    let automatic = catalog.promotions.values().filter(|promotion| promotion.automatic);
    for promotion in automatic {
        if wanted.iter().all(|(id, _)| *id != promotion.id) {
            wanted.push((promotion.id, None));
        }
    }
    wanted
}

/// The variants whose levels a decision may look at.
pub(crate) fn variants(order: Option<&Order>, command: &Command) -> Vec<VariantId> {
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
        Command::Edit(edit) => add_lines(&edit.lines),
        Command::Proceed(proceed) => add_lines(&proceed.edit.lines),
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
    wanted.into_iter().collect()
}
