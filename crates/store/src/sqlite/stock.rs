//! Stock movements of orders. Each is one conditional update: no read before it decides anything.
//!
//! A demand that falls short first gives overdue holds of its row back and tries once more, so stock is never
//! kept from a buyer by a sweep that has not run.

use super::shared::Effect;
use super::writer::{Tx, failed};
use crate::levels::{Hold, Place};
use crate::rules::{in_key_order, units_of};
use domain::catalog::StockLevel;
use domain::movement::{ClaimKey, Movement, StockChange, StockMovement, StockPart, Turn};
use domain::refusal::Shortage;
use domain::{
    IdKind, LineId, OrderId, ShipmentId, StockItemId, StockLocationId, StockMovementId, Time, VariantId,
};
use engine::ports::{CommitError, Committed};
use rusqlite::params;

/// A stock item as every statement here returns it.
pub(super) struct Row(pub StockLevel);

impl Row {
    pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
        Ok(Row(StockLevel {
            item: StockItemId(row.get(0)?),
            variant: VariantId(row.get(1)?),
            location: StockLocationId(row.get(2)?),
            on_hand: row.get(3)?,
            held: row.get(4)?,
            backorderable: row.get(5)?,
        }))
    }
}

/// A part of an order as its row has it.
pub(super) fn part_key(part: StockPart) -> (i64, i64) {
    match part {
        StockPart::Line(line) => (0, line.0),
        StockPart::Shipment(shipment) => (1, shipment.0),
    }
}

pub(super) fn part_of(kind: i64, id: i64) -> StockPart {
    if kind == 0 { StockPart::Line(LineId(id)) } else { StockPart::Shipment(ShipmentId(id)) }
}

enum Kept {
    Held { units: i64, until: Time },
    Taken { units: i64 },
}

/// Applies the stock movements in key order and names everything that is short.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    movements: &[Movement],
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    let mut short = Vec::new();
    for movement in in_key_order(movements) {
        let done = match movement.change {
            StockChange::Hold { units, until } => hold(tx, movement, units, until, now)?,
            StockChange::Release => release(tx, movement)?,
            StockChange::TakeHeld { units } => take_held(tx, movement, units, now, committed)?,
            StockChange::Take { units } => take(tx, movement, units, now, committed)?,
            StockChange::Return { units } => give(tx, movement, units, now, committed)?,
        };
        if !done {
            short.push(shortage(tx, movement)?);
        }
    }
    if short.is_empty() { Ok(()) } else { Err(CommitError::Short(short)) }
}

/// Sets a part's hold to so many pieces; one that it has already is part of them.
fn hold(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    units: u32,
    until: Time,
    now: Time,
) -> Result<bool, CommitError> {
    let units = i64::from(units);
    demand(tx, movement, now, |tx| {
        let before = running(tx, movement)?;
        let more = units - before.map_or(0, |hold| hold.units);
        let row = tx.first(
            "UPDATE stock_items SET held = held + ?3
             WHERE variant = ?1 AND location = ?2 AND (?3 <= 0 OR backorderable OR (on_hand - held >= ?3
               AND on_hand - held - coalesce((SELECT used FROM claim_uses WHERE key = ?4), 0) >= ?3))
             RETURNING id, variant, location, on_hand, held, backorderable",
            (movement.variant.0, movement.location.0, more, waiting_key(movement)),
            Row::read,
        )?;
        let Some(Row(level)) = row else { return Ok(false) };
        tx.effects.push(Effect::Level(level));
        tx.effects.extend(before.map(Effect::Unheld));
        keep(tx, movement, units, until, 0)?;
        tx.effects.push(Effect::Held(Hold { units, until, ..hold_of(movement) }));
        Ok(true)
    })
}

fn release(tx: &mut Tx<'_>, movement: &StockMovement) -> Result<bool, CommitError> {
    if let Some(hold) = running(tx, movement)? {
        give_back(tx, hold)?;
    }
    Ok(true)
}

fn take_held(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    units: u32,
    now: Time,
    committed: &mut Committed,
) -> Result<bool, CommitError> {
    if let Some(Kept::Taken { .. }) = kept(tx, movement)? {
        return Ok(true);
    }
    let done = demand(tx, movement, now, |tx| {
        let hold = running(tx, movement)?;
        let held = hold.map_or(0, |hold| hold.units);
        let done = sell(tx, movement, i64::from(units), held, now, committed)?;
        if done {
            tx.effects.extend(hold.map(Effect::Unheld));
        }
        Ok(done)
    })?;
    if done {
        keep(tx, movement, i64::from(units), now, 1)?;
    }
    Ok(done)
}

fn take(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    units: u32,
    now: Time,
    committed: &mut Committed,
) -> Result<bool, CommitError> {
    demand(tx, movement, now, |tx| sell(tx, movement, i64::from(units), 0, now, committed))
}

/// `held` pieces of the part's own hold go first; on hand never falls below zero without backorders.
fn sell(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    units: i64,
    held: i64,
    now: Time,
    committed: &mut Committed,
) -> Result<bool, CommitError> {
    let row = tx.first(
        "UPDATE stock_items SET on_hand = on_hand - ?3, held = held - ?4
         WHERE variant = ?1 AND location = ?2
           AND (backorderable OR (on_hand >= ?3 AND (?3 <= ?4 OR (on_hand - held + ?4 >= ?3
             AND on_hand - held + ?4 - coalesce((SELECT used FROM claim_uses WHERE key = ?5), 0) >= ?3))))
         RETURNING id, variant, location, on_hand, held, backorderable",
        (movement.variant.0, movement.location.0, units, held, waiting_key(movement)),
        Row::read,
    )?;
    let Some(Row(level)) = row else { return Ok(false) };
    tx.effects.push(Effect::Level(level));
    committed.stock_movements.push(note(tx, &level, -units, Some(movement.order), now)?);
    Ok(true)
}

fn give(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    units: u32,
    now: Time,
    committed: &mut Committed,
) -> Result<bool, CommitError> {
    let units = i64::from(units);
    let row = tx.first(
        "UPDATE stock_items SET on_hand = on_hand + ?3 WHERE variant = ?1 AND location = ?2
         RETURNING id, variant, location, on_hand, held, backorderable",
        (movement.variant.0, movement.location.0, units),
        Row::read,
    )?;
    let level = match row {
        Some(Row(level)) => level,
        None => item_for(tx, movement, units)?,
    };
    tx.effects.push(Effect::Level(level));
    committed.stock_movements.push(note(tx, &level, units, Some(movement.order), now)?);
    if let Some(Kept::Taken { units: taken }) = kept(tx, movement)? {
        if taken > units {
            keep(tx, movement, taken - units, now, 1)?;
        } else {
            forget(tx, movement)?;
        }
    }
    Ok(true)
}

/// What comes back to a place without a stock item makes one: pieces never vanish.
fn item_for(tx: &Tx<'_>, movement: &StockMovement, on_hand: i64) -> Result<StockLevel, CommitError> {
    let item = StockItemId(tx.draw(IdKind::StockItem, 1)?);
    let StockMovement { variant, location, .. } = *movement;
    tx.run(
        "INSERT INTO stock_items (id, variant, location, on_hand, held, backorderable, floor)
         VALUES (?1, ?2, ?3, ?4, 0, 0, 0)",
        (item.0, variant.0, location.0, on_hand),
    )?;
    Ok(StockLevel { item, variant, location, on_hand, held: 0, backorderable: false })
}

/// Tries; if it falls short, gives overdue holds of the row back and tries once more.
fn demand(
    tx: &mut Tx<'_>,
    movement: &StockMovement,
    now: Time,
    mut attempt: impl FnMut(&mut Tx<'_>) -> Result<bool, CommitError>,
) -> Result<bool, CommitError> {
    if attempt(tx)? {
        return Ok(true);
    }
    let released = release_overdue_at(tx, (movement.variant, movement.location), now)?;
    Ok(released > 0 && attempt(tx)?)
}

/// Gives overdue holds of one place back.
pub(super) fn release_overdue_at(tx: &mut Tx<'_>, place: Place, now: Time) -> Result<usize, CommitError> {
    let overdue = {
        let mut statement = tx
            .connection
            .prepare_cached(
                "SELECT variant, location, order_id, part_kind, part_id, expires_at, units FROM stock_holds
                 WHERE taken = 0 AND variant = ?1 AND location = ?2 AND expires_at <= ?3",
            )
            .map_err(failed)?;
        let rows = statement.query_map((place.0.0, place.1.0, now.0), read_hold);
        rows.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?
    };
    for hold in &overdue {
        give_back(tx, *hold)?;
    }
    Ok(overdue.len())
}

/// Gives overdue holds back, whosever they are; at most `limit`.
pub(super) fn release_overdue(tx: &mut Tx<'_>, now: Time, limit: u64) -> Result<u64, CommitError> {
    let overdue = {
        let mut statement = tx
            .connection
            .prepare_cached(
                "SELECT variant, location, order_id, part_kind, part_id, expires_at, units FROM stock_holds
                 WHERE taken = 0 AND expires_at <= ?1 LIMIT ?2",
            )
            .map_err(failed)?;
        let rows = statement.query_map((now.0, super::commit::integer(limit)), read_hold);
        rows.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?
    };
    for hold in &overdue {
        give_back(tx, *hold)?;
    }
    Ok(overdue.len() as u64)
}

pub(super) fn read_hold(row: &rusqlite::Row<'_>) -> rusqlite::Result<Hold> {
    Ok(Hold {
        place: (VariantId(row.get(0)?), StockLocationId(row.get(1)?)),
        order: OrderId(row.get(2)?),
        part: part_of(row.get(3)?, row.get(4)?),
        until: Time(row.get(5)?),
        units: row.get(6)?,
    })
}

fn give_back(tx: &mut Tx<'_>, hold: Hold) -> Result<(), CommitError> {
    let (kind, part) = part_key(hold.part);
    let (variant, location) = hold.place;
    tx.run(
        "DELETE FROM stock_holds WHERE order_id = ?1 AND part_kind = ?2 AND part_id = ?3 AND variant = ?4 AND location = ?5",
        (hold.order.0, kind, part, variant.0, location.0),
    )?;
    let row = tx.first(
        "UPDATE stock_items SET held = held - ?3 WHERE variant = ?1 AND location = ?2
         RETURNING id, variant, location, on_hand, held, backorderable",
        (variant.0, location.0, hold.units),
        Row::read,
    )?;
    tx.effects.push(Effect::Unheld(hold));
    tx.effects.extend(row.map(|Row(level)| Effect::Level(level)));
    Ok(())
}

fn hold_of(movement: &StockMovement) -> Hold {
    let place = (movement.variant, movement.location);
    Hold { place, order: movement.order, part: movement.part, until: Time(0), units: 0 }
}

/// Whose units are not free for this movement: those that the wait list waits for, unless it goes ahead.
fn waiting_key(movement: &StockMovement) -> Option<String> {
    (movement.turn == Turn::Behind).then(|| ClaimKey::Wait(movement.variant).name())
}

fn kept(tx: &Tx<'_>, movement: &StockMovement) -> Result<Option<Kept>, CommitError> {
    let (kind, part) = part_key(movement.part);
    tx.first(
        "SELECT taken, units, expires_at FROM stock_holds
         WHERE order_id = ?1 AND part_kind = ?2 AND part_id = ?3 AND variant = ?4 AND location = ?5",
        (movement.order.0, kind, part, movement.variant.0, movement.location.0),
        |row| {
            let units = row.get(1)?;
            let taken: bool = row.get(0)?;
            Ok(if taken { Kept::Taken { units } } else { Kept::Held { units, until: Time(row.get(2)?) } })
        },
    )
}

fn running(tx: &Tx<'_>, movement: &StockMovement) -> Result<Option<Hold>, CommitError> {
    Ok(match kept(tx, movement)? {
        Some(Kept::Held { units, until }) => Some(Hold { units, until, ..hold_of(movement) }),
        Some(Kept::Taken { .. }) | None => None,
    })
}

fn keep(
    tx: &Tx<'_>,
    movement: &StockMovement,
    units: i64,
    until: Time,
    taken: i64,
) -> Result<(), CommitError> {
    let (kind, part) = part_key(movement.part);
    let StockMovement { order, variant, location, .. } = movement;
    tx.run(
        "INSERT OR REPLACE INTO stock_holds (order_id, part_kind, part_id, variant, location, units, expires_at, taken)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![order.0, kind, part, variant.0, location.0, units, until.0, taken],
    )
    .map(drop)
}

fn forget(tx: &Tx<'_>, movement: &StockMovement) -> Result<(), CommitError> {
    let (kind, part) = part_key(movement.part);
    tx.run(
        "DELETE FROM stock_holds WHERE order_id = ?1 AND part_kind = ?2 AND part_id = ?3 AND variant = ?4 AND location = ?5",
        (movement.order.0, kind, part, movement.variant.0, movement.location.0),
    )
    .map(drop)
}

/// Writes a row of the ledger.
pub(super) fn note(
    tx: &Tx<'_>,
    level: &StockLevel,
    quantity: i64,
    order: Option<OrderId>,
    at: Time,
) -> Result<StockMovementId, CommitError> {
    let order = order.map(|order| order.0);
    tx.run(
        "INSERT INTO stock_movements (item, variant, location, quantity, order_id, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![level.item.0, level.variant.0, level.location.0, quantity, order, at.0],
    )?;
    Ok(StockMovementId(tx.connection.last_insert_rowid()))
}

fn shortage(tx: &Tx<'_>, movement: &StockMovement) -> Result<Shortage, CommitError> {
    let level = tx.first(
        "SELECT id, variant, location, on_hand, held, backorderable FROM stock_items WHERE variant = ?1 AND location = ?2",
        (movement.variant.0, movement.location.0),
        Row::read,
    )?;
    let takes_held = !matches!(movement.change, StockChange::Take { .. });
    let own = if takes_held { running(tx, movement)?.map_or(0, |hold| hold.units) } else { 0 };
    let awaited: Option<i64> = match waiting_key(movement) {
        Some(key) => tx.first("SELECT used FROM claim_uses WHERE key = ?1", [key], |row| row.get(0))?,
        None => None,
    };
    let awaited = awaited.unwrap_or(0);
    let available = match (level, movement.change) {
        (None, _) => 0,
        (Some(Row(level)), StockChange::Hold { .. }) => level.available() - awaited + own,
        (Some(Row(level)), _) => level.on_hand.min(level.available() - awaited + own),
    };
    Ok(Shortage {
        line: match movement.part {
            StockPart::Line(line) => Some(line),
            StockPart::Shipment(_) => None,
        },
        variant: movement.variant,
        requested: u64::from(units_of(movement.change)),
        available: u64::try_from(available).unwrap_or(0),
    })
}
