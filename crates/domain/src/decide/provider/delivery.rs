//! Parcels of a provider checkout: one way of delivery for all of them.
//!
//! Parcels that still hold the goods are kept, so that what was quoted is what is charged.

use crate::ShippingMethodId;
use crate::decide::draft::Draft;
use crate::decide::{holds, packages, place, shipments, stock};
use crate::order::UnitState;
use crate::plan;
use crate::refusal::Refusal;

/// Packs the goods if they are not packed, and offers rates anew. Where nothing goes, nothing is offered.
///
/// # Errors
/// `InsufficientStock`, with the old parcels kept.
pub(super) fn pack(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if !plan::ships(&draft.order, draft.context.catalog) {
        draft.order.shipments.clear();
        return Ok(());
    }
    if is_packed(draft) && holds::are_where_packed(draft) && stock::check_all(draft).is_ok() {
        shipments::refresh_all_rates(draft);
        return Ok(());
    }
    packages::propose(draft, packages::Unrated::Kept)
}

fn is_packed(draft: &Draft<'_>) -> bool {
    place::check_pieces(draft).is_ok()
}

/// The same with no stock behind it: every piece is owed, and nothing is held.
///
/// # Errors
/// `InsufficientStock`, if there is nowhere to send anything from.
pub(super) fn owe(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    holds::release_all(draft);
    if !plan::ships(&draft.order, draft.context.catalog) {
        draft.order.shipments.clear();
        return Ok(());
    }
    if !is_packed(draft) {
        return packages::propose_owed(draft);
    }
    for run in draft.order.shipments.iter_mut().flat_map(|shipment| &mut shipment.runs) {
        run.state = UnitState::Backordered;
    }
    shipments::refresh_all_rates(draft);
    Ok(())
}

/// Chooses one method for all parcels; false if one of them is not carried by it. An order without parcels is
/// content with anything.
pub(super) fn choose(draft: &mut Draft<'_>, method: ShippingMethodId) -> bool {
    let mut all = true;
    for shipment in &mut draft.order.shipments {
        let rate = shipment.rates.iter().find(|rate| rate.method == method).map(|rate| rate.id);
        all &= rate.is_some_and(|rate| shipment.select(rate));
    }
    all
}
