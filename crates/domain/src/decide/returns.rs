//! Returns: permission to send shipped pieces back, and receiving them. Received pieces go back to stock; an
//! order all of whose pieces came back is returned. Money is given back by refunds, not here.

use super::draft::{Draft, set_metadata};
use crate::channel::NumberFormat;
use crate::command::Metadata;
use crate::decision::Focus;
use crate::event::EventKind;
use crate::money::Amount;
use crate::movement::{StockChange, StockPart};
use crate::order::{CustomerReturn, Phase, ReturnAuthorization, ReturnItem, ReturnState, UnitRun, UnitState};
use crate::refusal::{FieldError, Move, Refusal, Rule, Thing};
use crate::{LineId, ReturnId, StockLocationId, UnitId, limits};
use serde_json::Map;
use std::collections::BTreeSet;

pub(super) fn authorize(
    draft: &mut Draft<'_>,
    location: StockLocationId,
    memo: Option<String>,
    units: &[UnitId],
    metadata: Metadata,
) -> Result<(), Refusal> {
    let context = draft.context;
    if !draft.order.is_placed() {
        return Err(Refusal::NoSuchMove(Move::AuthorizeReturn));
    }
    known_location(draft, location)?;
    check_count(draft)?;
    let any_shipped = draft.order.shipments.iter().any(|s| s.count(UnitState::Shipped) > 0);
    if !any_shipped {
        let error = FieldError::new("base", Rule::Blank);
        return Err(Refusal::Invalid(vec![error]));
    }
    check_memo(memo.as_deref())?;
    let mut authorization = ReturnAuthorization {
        id: ReturnId::fresh(context.ids),
        number: NumberFormat { prefix: "RA", alphabet: NumberFormat::DIGITS, length: 9 }
            .draw(context.entropy),
        state: ReturnState::Authorized,
        location,
        memo,
        items: items(draft, units)?,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
        updated_at: context.now,
    };
    set_metadata(&mut authorization.customer_metadata, &mut authorization.admin_metadata, metadata)?;
    draft.focus = Some(Focus::Return(authorization.id));
    draft.note(EventKind::ReturnAuthorized, Some(authorization.id.0), authorization.number.clone());
    draft.order.returns.push(authorization);
    Ok(())
}

pub(super) fn edit(
    draft: &mut Draft<'_>,
    id: ReturnId,
    memo: Option<String>,
    metadata: Metadata,
) -> Result<(), Refusal> {
    check_memo(memo.as_deref())?;
    let now = draft.context.now;
    let found = find(draft, id)?;
    if memo.is_some() {
        found.memo = memo;
    }
    set_metadata(&mut found.customer_metadata, &mut found.admin_metadata, metadata)?;
    found.updated_at = now;
    draft.focus = Some(Focus::Return(id));
    draft.note(EventKind::ReturnAuthorized, Some(id.0), "edited");
    Ok(())
}

pub(super) fn cancel(draft: &mut Draft<'_>, id: ReturnId) -> Result<(), Refusal> {
    let now = draft.context.now;
    let found = find(draft, id)?;
    if found.state != ReturnState::Authorized || found.items.iter().any(|item| item.received) {
        return Err(Refusal::NoSuchMove(Move::Cancel));
    }
    found.state = ReturnState::Canceled;
    found.updated_at = now;
    draft.focus = Some(Focus::Return(id));
    draft.note(EventKind::ReturnCanceled, Some(id.0), "");
    Ok(())
}

pub(super) fn remove(draft: &mut Draft<'_>, id: ReturnId) -> Result<(), Refusal> {
    if find(draft, id)?.items.iter().any(|item| item.received) {
        return Err(Refusal::NoSuchMove(Move::Cancel));
    }
    draft.order.returns.retain(|authorization| authorization.id != id);
    draft.note(EventKind::ReturnCanceled, Some(id.0), "removed");
    Ok(())
}

/// Takes shipped pieces back into a location's stock.
pub(super) fn receive(
    draft: &mut Draft<'_>,
    location: StockLocationId,
    units: &[UnitId],
    metadata: Metadata,
) -> Result<(), Refusal> {
    let context = draft.context;
    if !draft.order.is_placed() {
        return Err(Refusal::NoSuchMove(Move::Return));
    }
    known_location(draft, location)?;
    check_count(draft)?;
    if units.is_empty() {
        return Err(Refusal::Invalid(vec![FieldError::new("return_items", Rule::Blank)]));
    }
    let mut items = items(draft, units)?;
    for item in &mut items {
        item.received = true;
        mark_returned(draft, item.unit, location);
        for authorization in &mut draft.order.returns {
            for authorized in authorization.items.iter_mut().filter(|known| known.unit == item.unit) {
                authorized.received = true;
            }
        }
    }
    let mut received = CustomerReturn {
        id: ReturnId::fresh(context.ids),
        number: NumberFormat { prefix: "CR", alphabet: NumberFormat::DIGITS, length: 9 }
            .draw(context.entropy),
        location,
        items,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
        updated_at: context.now,
    };
    set_metadata(&mut received.customer_metadata, &mut received.admin_metadata, metadata)?;
    let all_back =
        draft.order.shipments.iter().flat_map(|s| &s.runs).all(|run| run.state == UnitState::Returned);
    if all_back {
        draft.order.phase = Phase::Returned;
    }
    draft.focus = Some(Focus::Return(received.id));
    draft.note(EventKind::GoodsReturned, Some(received.id.0), received.number.clone());
    draft.order.customer_returns.push(received);
    Ok(())
}

fn mark_returned(draft: &mut Draft<'_>, unit: UnitId, location: StockLocationId) {
    let holds = |run: &UnitRun| (run.first.0..run.first.0 + i64::from(run.count)).contains(&unit.0);
    let Some((shipment, variant)) = draft.order.shipments.iter().find_map(|shipment| {
        shipment.runs.iter().find(|run| holds(run)).map(|run| (shipment.id, run.variant))
    }) else {
        return;
    };
    if super::pieces::fire(draft, unit, "return").is_ok()
        && super::packages::tracked(draft.context.catalog, variant)
    {
        draft.stock(StockPart::Shipment(shipment), variant, location, StockChange::Return { units: 1 });
    }
}

/// Items for pieces that are shipped and not returned, each worth its share of the line's total.
fn items(draft: &Draft<'_>, units: &[UnitId]) -> Result<Vec<ReturnItem>, Refusal> {
    let distinct: BTreeSet<UnitId> = units.iter().copied().collect();
    distinct
        .into_iter()
        .map(|unit| {
            let runs = draft.order.shipments.iter().flat_map(|shipment| &shipment.runs);
            let run = runs
                .filter(|run| run.state == UnitState::Shipped)
                .find(|run| (run.first.0..run.first.0 + i64::from(run.count)).contains(&unit.0))
                .ok_or(Refusal::NotFound(Thing::Unit))?;
            let amount = share(draft, run.line, unit);
            Ok(ReturnItem { unit, line: run.line, amount, received: false })
        })
        .collect()
}

/// A piece's share of its line's total, with the line's part of order-level discounts: exact over all pieces.
fn share(draft: &Draft<'_>, line: LineId, unit: UnitId) -> Amount {
    let Some(sheet) = draft.order.sheet.line(line) else { return Amount::ZERO };
    let runs =
        draft.order.shipments.iter().flat_map(|shipment| &shipment.runs).filter(|run| run.line == line);
    let (mut position, mut pieces) = (0, 0);
    for run in runs {
        if (run.first.0..run.first.0 + i64::from(run.count)).contains(&unit.0) {
            position = pieces + unit.0 - run.first.0;
        }
        pieces += i64::from(run.count);
    }
    // As `money::allocate` would split it over so many equal weights, without splitting a million of them.
    let (total, pieces) = (sheet.total() + sheet.order_share, pieces.max(1));
    let left_over = (total.0 % pieces).abs();
    Amount(total.0 / pieces + if position < left_over { total.0.signum() } else { 0 })
}

fn find<'d>(draft: &'d mut Draft<'_>, id: ReturnId) -> Result<&'d mut ReturnAuthorization, Refusal> {
    draft.order.returns.iter_mut().find(|known| known.id == id).ok_or(Refusal::NotFound(Thing::Return))
}

fn known_location(draft: &Draft<'_>, location: StockLocationId) -> Result<(), Refusal> {
    let known = draft.context.catalog.stock_locations.contains_key(&location);
    if known { Ok(()) } else { Err(Refusal::NotFound(Thing::StockLocation)) }
}

fn check_count(draft: &Draft<'_>) -> Result<(), Refusal> {
    if draft.order.returns.len() + draft.order.customer_returns.len() >= limits::RETURNS {
        return Err(Refusal::TooMany(format!("returns (at most {})", limits::RETURNS)));
    }
    Ok(())
}

fn check_memo(memo: Option<&str>) -> Result<(), Refusal> {
    let long = memo.is_some_and(|memo| memo.chars().count() > limits::LONG_TEXT);
    if long {
        let rule = Rule::TooLong { maximum: limits::LONG_TEXT };
        return Err(Refusal::Invalid(vec![FieldError::new("memo", rule)]));
    }
    Ok(())
}
