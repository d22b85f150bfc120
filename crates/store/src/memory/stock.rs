//! Stock in memory: staff changes to items, and the stock movements of orders.

use super::state::{HoldKey, HoldRow, State};
use crate::levels::{Hold, Place};
use crate::rules::out_of_range;
use domain::catalog::StockLevel;
use domain::movement::{ClaimKey, Movement, StockChange, StockMovement, StockPart, Turn};
use domain::refusal::Shortage;
use domain::{IdKind, OrderId, StockItemId, StockMovementId, Time};
use engine::ports::{CommitError, Committed, StockItemChange, StockMovementRow};

pub(super) fn change_item(
    state: &mut State,
    change: StockItemChange,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    match change {
        StockItemChange::Create(level) => create(state, level, now, committed),
        StockItemChange::Adjust { item, delta } => {
            let level = find(state, item)?;
            let on_hand = level.on_hand.checked_add(delta).ok_or_else(out_of_range)?;
            if delta < 0 && on_hand < 0 && !level.backorderable {
                return Err(CommitError::StockBelowZero);
            }
            put_on_hand(state, level, on_hand)?;
            committed.stock_movements.push(note(state, &level, delta, None, now));
            Ok(())
        }
        StockItemChange::Set { item, on_hand } => {
            let level = find(state, item)?;
            if on_hand < 0 && !level.backorderable {
                return Err(CommitError::StockBelowZero);
            }
            put_on_hand(state, level, on_hand)?;
            if on_hand != level.on_hand {
                let moved = note(state, &level, on_hand - level.on_hand, None, now);
                committed.stock_movements.push(moved);
            }
            Ok(())
        }
        StockItemChange::Resize { item, delta } => {
            let level = find(state, item)?;
            let on_hand = level.on_hand.checked_add(delta).ok_or_else(out_of_range)?;
            put_on_hand(state, level, on_hand)?;
            state.floors.insert(item, on_hand.min(0));
            if delta != 0 {
                committed.stock_movements.push(note(state, &level, delta, None, now));
            }
            Ok(())
        }
        StockItemChange::Backorderable { item, backorderable } => {
            let level = find(state, item)?;
            state.floors.insert(item, level.on_hand.min(0));
            state.stock.put(StockLevel { backorderable, ..level });
            Ok(())
        }
        StockItemChange::Remove { item } => {
            let level = find(state, item)?;
            release_overdue(state, Some((level.variant, level.location)), now, u64::MAX);
            if find(state, item)?.held > 0 {
                return Err(CommitError::StockHeld);
            }
            state.floors.remove(&item);
            state.stock.remove(item);
            Ok(())
        }
    }
}

fn create(
    state: &mut State,
    level: StockLevel,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    let place = (level.variant, level.location);
    if state.stock.stored(place).is_some() || state.stock.place_of(level.item).is_some() {
        return Err(CommitError::Duplicate("stock item".to_owned()));
    }
    if level.on_hand < 0 && !level.backorderable {
        return Err(CommitError::StockBelowZero);
    }
    put_on_hand(state, StockLevel { held: 0, ..level }, level.on_hand)?;
    state.lift(IdKind::StockItem, level.item.0);
    if level.on_hand != 0 {
        committed.stock_movements.push(note(state, &level, level.on_hand, None, now));
    }
    Ok(())
}

fn find(state: &State, item: StockItemId) -> Result<StockLevel, CommitError> {
    state.stock.place_of(item).and_then(|place| state.stock.stored(place)).ok_or(CommitError::NoStockItem)
}

fn put_on_hand(state: &mut State, level: StockLevel, on_hand: i64) -> Result<(), CommitError> {
    if !(-crate::rules::STOCK_MAX..=crate::rules::STOCK_MAX).contains(&on_hand) {
        return Err(out_of_range());
    }
    state.stock.put(StockLevel { on_hand, ..level });
    Ok(())
}

/// Writes a row of the ledger.
fn note(
    state: &mut State,
    level: &StockLevel,
    quantity: i64,
    order: Option<OrderId>,
    at: Time,
) -> StockMovementId {
    let id = StockMovementId(state.movements.len() as i64 + 1);
    let StockLevel { item, variant, location, .. } = *level;
    state.movements.push_back(StockMovementRow { id, item, variant, location, quantity, order, at });
    id
}

/// Applies the stock movements in key order, what gives before what takes, and names everything that is short.
pub(super) fn apply(
    state: &mut State,
    movements: &[Movement],
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    let mut short = Vec::new();
    for movement in crate::rules::in_key_order(movements) {
        if let Err(available) = one(state, movement, now, committed) {
            short.push(Shortage {
                line: match movement.part {
                    StockPart::Line(line) => Some(line),
                    StockPart::Shipment(_) => None,
                },
                variant: movement.variant,
                requested: u64::from(crate::rules::units_of(movement.change)),
                available: u64::try_from(available).unwrap_or(0),
            });
        }
    }
    if short.is_empty() { Ok(()) } else { Err(CommitError::Short(short)) }
}

/// One movement. The error is how much there would have been.
fn one(state: &mut State, movement: &StockMovement, now: Time, committed: &mut Committed) -> Result<(), i64> {
    let place = (movement.variant, movement.location);
    let key = (place, movement.order, movement.part);
    match movement.change {
        StockChange::Hold { units, until } => demand(state, place, now, |state| {
            let units = i64::from(units);
            let before = held_by(state, key);
            let level = state.stock.stored(place).ok_or(0)?;
            let (more, free) = (units - before, level.available() - awaited(state, movement));
            if more > 0 && free < more && !level.backorderable {
                return Err(free + before);
            }
            unhold(state, key);
            state.stock.put(StockLevel { held: level.held + more, ..level });
            state.holds.insert(key, HoldRow::Held { units, until });
            state.stock.hold(Hold { place, order: movement.order, part: movement.part, until, units });
            Ok(())
        }),
        StockChange::Release => {
            let before = held_by(state, key);
            if before > 0 {
                unhold(state, key);
                give_back(state, place, before);
            }
            Ok(())
        }
        StockChange::TakeHeld { units } => {
            if matches!(state.holds.get(&key), Some(HoldRow::Taken { .. })) {
                return Ok(());
            }
            take(state, movement, units, now, committed)?;
            state.holds.insert(key, HoldRow::Taken { units: i64::from(units) });
            Ok(())
        }
        StockChange::Take { units } => take(state, movement, units, now, committed),
        StockChange::Return { units } => {
            give(state, movement, units, now, committed);
            Ok(())
        }
    }
}

/// Sells pieces, first of all the part's own held ones.
fn take(
    state: &mut State,
    movement: &StockMovement,
    units: u32,
    now: Time,
    committed: &mut Committed,
) -> Result<(), i64> {
    let place = (movement.variant, movement.location);
    let key = (place, movement.order, movement.part);
    let units = i64::from(units);
    let own = matches!(movement.change, StockChange::TakeHeld { .. });
    let level = demand(state, place, now, |state| {
        let level = state.stock.stored(place).ok_or(0)?;
        let held = if own { held_by(state, key) } else { 0 };
        let free = level.available() - awaited(state, movement) + held;
        let enough = level.on_hand >= units && (units <= held || free >= units);
        if !enough && !level.backorderable {
            return Err(level.on_hand.min(free));
        }
        if own {
            unhold(state, key);
        }
        let level = StockLevel { on_hand: level.on_hand - units, held: level.held - held, ..level };
        state.stock.put(level);
        Ok(level)
    })?;
    committed.stock_movements.push(note(state, &level, -units, Some(movement.order), now));
    Ok(())
}

fn give(state: &mut State, movement: &StockMovement, units: u32, now: Time, committed: &mut Committed) {
    let place = (movement.variant, movement.location);
    // What comes back to a place without a stock item makes one: pieces never vanish.
    let level = state.stock.stored(place).unwrap_or_else(|| StockLevel {
        item: StockItemId(state.draw(IdKind::StockItem, 1)),
        variant: movement.variant,
        location: movement.location,
        on_hand: 0,
        held: 0,
        backorderable: false,
    });
    let units = i64::from(units);
    state.stock.put(StockLevel { on_hand: level.on_hand + units, ..level });
    let key = (place, movement.order, movement.part);
    if let Some(HoldRow::Taken { units: taken }) = state.holds.get(&key).copied() {
        if taken <= units {
            state.holds.remove(&key);
        } else {
            state.holds.insert(key, HoldRow::Taken { units: taken - units });
        }
    }
    committed.stock_movements.push(note(state, &level, units, Some(movement.order), now));
}

/// Units that are not free for this movement: those the wait list waits for, unless it goes ahead.
fn awaited(state: &State, movement: &StockMovement) -> i64 {
    match movement.turn {
        Turn::Ahead => 0,
        Turn::Behind => super::claims::used(state, &ClaimKey::Wait(movement.variant)),
    }
}

/// Tries; if it falls short, gives overdue holds of the row back and tries once more.
fn demand<T>(
    state: &mut State,
    place: Place,
    now: Time,
    attempt: impl Fn(&mut State) -> Result<T, i64>,
) -> Result<T, i64> {
    match attempt(state) {
        Err(_) if release_overdue(state, Some(place), now, u64::MAX) > 0 => attempt(state),
        result => result,
    }
}

/// Gives overdue holds back, of one place or of all.
pub(super) fn release_overdue(state: &mut State, place: Option<Place>, now: Time, limit: u64) -> u64 {
    let overdue = state.holds.iter().filter_map(|(key, row)| match row {
        HoldRow::Held { units, until } if *until <= now && place.is_none_or(|at| at == key.0) => {
            Some((*key, *units))
        }
        _ => None,
    });
    let overdue: Vec<(HoldKey, i64)> = overdue.take(crate::levels::size(limit)).collect();
    for (key, units) in &overdue {
        unhold(state, *key);
        give_back(state, key.0, *units);
    }
    overdue.len() as u64
}

fn held_by(state: &State, key: HoldKey) -> i64 {
    match state.holds.get(&key) {
        Some(HoldRow::Held { units, .. }) => *units,
        _ => 0,
    }
}

/// Removes a running hold without touching the level.
fn unhold(state: &mut State, key: HoldKey) {
    if let Some(HoldRow::Held { units, until }) = state.holds.get(&key).copied() {
        state.holds.remove(&key);
        let (place, order, part) = key;
        state.stock.unhold(Hold { place, order, part, until, units });
    }
}

fn give_back(state: &mut State, place: Place, units: i64) {
    if let Some(level) = state.stock.stored(place) {
        state.stock.put(StockLevel { held: level.held - units, ..level });
    }
}
