//! Staff changes to stock items. What moves stock leaves a row in the ledger.

use super::shared::Effect;
use super::stock::{Row, note, release_overdue_at};
use super::writer::Tx;
use crate::rules::{STOCK_MAX, out_of_range};
use domain::catalog::StockLevel;
use domain::{IdKind, StockItemId, Time};
use engine::ports::{CommitError, Committed, StockItemChange};
use rusqlite::params;

pub(super) fn change(
    tx: &mut Tx<'_>,
    change: StockItemChange,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    match change {
        StockItemChange::Create(level) => create(tx, level, now, committed),
        StockItemChange::Adjust { item, delta } => adjust(tx, item, delta, now, committed),
        StockItemChange::Set { item, on_hand } => set(tx, item, on_hand, now, committed),
        StockItemChange::Resize { item, delta } => resize(tx, item, delta, now, committed),
        StockItemChange::Backorderable { item, backorderable } => {
            let row = tx.first(
                "UPDATE stock_items SET backorderable = ?2, floor = min(on_hand, 0) WHERE id = ?1
                 RETURNING id, variant, location, on_hand, held, backorderable",
                (item.0, backorderable),
                Row::read,
            )?;
            tx.effects.push(Effect::Level(row.ok_or(CommitError::NoStockItem)?.0));
            Ok(())
        }
        StockItemChange::Remove { item } => remove(tx, item, now),
    }
}

fn create(
    tx: &mut Tx<'_>,
    level: StockLevel,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    let level = StockLevel { held: 0, ..level };
    if level.on_hand < 0 && !level.backorderable {
        return Err(CommitError::StockBelowZero);
    }
    if !in_range(level.on_hand) {
        return Err(out_of_range());
    }
    let stored = tx.run(
        "INSERT INTO stock_items (id, variant, location, on_hand, held, backorderable, floor)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, 0) ON CONFLICT DO NOTHING",
        params![level.item.0, level.variant.0, level.location.0, level.on_hand, level.backorderable],
    )?;
    if stored == 0 {
        return Err(CommitError::Duplicate("stock item".to_owned()));
    }
    tx.lift(IdKind::StockItem, level.item.0)?;
    tx.effects.push(Effect::Level(level));
    if level.on_hand != 0 {
        committed.stock_movements.push(note(tx, &level, level.on_hand, None, now)?);
    }
    Ok(())
}

fn adjust(
    tx: &mut Tx<'_>,
    item: StockItemId,
    delta: i64,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    // Bounded before the addition, so that it cannot overflow into a float.
    if !in_range(delta) {
        return Err(out_of_range());
    }
    let row = tx.first(
        "UPDATE stock_items SET on_hand = on_hand + ?2
         WHERE id = ?1 AND (backorderable OR ?2 >= 0 OR on_hand + ?2 >= 0) AND abs(on_hand + ?2) <= ?3
         RETURNING id, variant, location, on_hand, held, backorderable",
        (item.0, delta, STOCK_MAX),
        Row::read,
    )?;
    let Some(Row(level)) = row else { return Err(why_not(tx, item, delta)?) };
    tx.effects.push(Effect::Level(level));
    committed.stock_movements.push(note(tx, &level, delta, None, now)?);
    Ok(())
}

fn resize(
    tx: &mut Tx<'_>,
    item: StockItemId,
    delta: i64,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    if !in_range(delta) {
        return Err(out_of_range());
    }
    let row = tx.first(
        "UPDATE stock_items SET on_hand = on_hand + ?2, floor = min(on_hand + ?2, 0)
         WHERE id = ?1 AND abs(on_hand + ?2) <= ?3
         RETURNING id, variant, location, on_hand, held, backorderable",
        (item.0, delta, STOCK_MAX),
        Row::read,
    )?;
    let Some(Row(level)) = row else {
        find(tx, item)?;
        return Err(out_of_range());
    };
    tx.effects.push(Effect::Level(level));
    if delta != 0 {
        committed.stock_movements.push(note(tx, &level, delta, None, now)?);
    }
    Ok(())
}

fn why_not(tx: &Tx<'_>, item: StockItemId, delta: i64) -> Result<CommitError, CommitError> {
    let found = find(tx, item)?;
    let below = found.on_hand + delta < 0 && !found.backorderable;
    Ok(if below { CommitError::StockBelowZero } else { out_of_range() })
}

fn set(
    tx: &mut Tx<'_>,
    item: StockItemId,
    on_hand: i64,
    now: Time,
    committed: &mut Committed,
) -> Result<(), CommitError> {
    let before = find(tx, item)?;
    if on_hand < 0 && !before.backorderable {
        return Err(CommitError::StockBelowZero);
    }
    if !in_range(on_hand) {
        return Err(out_of_range());
    }
    if on_hand == before.on_hand {
        return Ok(());
    }
    tx.run("UPDATE stock_items SET on_hand = ?2 WHERE id = ?1", (item.0, on_hand))?;
    let level = StockLevel { on_hand, ..before };
    tx.effects.push(Effect::Level(level));
    committed.stock_movements.push(note(tx, &level, on_hand - before.on_hand, None, now)?);
    Ok(())
}

fn remove(tx: &mut Tx<'_>, item: StockItemId, now: Time) -> Result<(), CommitError> {
    let level = find(tx, item)?;
    release_overdue_at(tx, (level.variant, level.location), now)?;
    if tx.run("DELETE FROM stock_items WHERE id = ?1 AND held = 0", [item.0])? == 0 {
        return Err(CommitError::StockHeld);
    }
    tx.effects.push(Effect::ItemRemoved(item));
    Ok(())
}

fn find(tx: &Tx<'_>, item: StockItemId) -> Result<StockLevel, CommitError> {
    let row = tx.first(
        "SELECT id, variant, location, on_hand, held, backorderable FROM stock_items WHERE id = ?1",
        [item.0],
        Row::read,
    )?;
    row.map(|Row(level)| level).ok_or(CommitError::NoStockItem)
}

fn in_range(pieces: i64) -> bool {
    (-STOCK_MAX..=STOCK_MAX).contains(&pieces)
}
