//! Claims: units counted across orders by conditional writes, and the names tickets are found by.

use super::read::lost;
use super::writer::Tx;
use domain::OrderId;
use domain::movement::{ClaimChange, ClaimKey, ClaimMovement};
use engine::ports::{CommitError, OrderPut, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

pub(super) fn apply(tx: &Tx<'_>, movement: &ClaimMovement) -> Result<(), CommitError> {
    let key = movement.key.name();
    match movement.change {
        ClaimChange::Claim { units, limit } => {
            let claimed = tx.run(
                "INSERT INTO claims (key, order_id, units, use_limit) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                params![key, movement.order.0, units, limit],
            )?;
            if claimed == 0 {
                return Ok(());
            }
            let counted = tx.run(
                "INSERT INTO claim_uses (key, used) SELECT ?1, ?2 WHERE ?3 IS NULL OR ?2 <= ?3
                 ON CONFLICT (key) DO UPDATE SET used = used + ?2 WHERE ?3 IS NULL OR used + ?2 <= ?3",
                (&key, units, limit),
            )?;
            if counted == 1 { Ok(()) } else { Err(CommitError::Claimed(movement.key.clone())) }
        }
        ClaimChange::Release => {
            let units: Option<i64> = tx.first(
                "DELETE FROM claims WHERE key = ?1 AND order_id = ?2 RETURNING units",
                (&key, movement.order.0),
                |row| row.get(0),
            )?;
            if let Some(units) = units {
                tx.run("UPDATE claim_uses SET used = max(0, used - ?2) WHERE key = ?1", (&key, units))?;
            }
            Ok(())
        }
    }
}

/// Units that other orders have claimed.
pub(super) fn of_others(
    connection: &Connection,
    keys: &[ClaimKey],
    except: OrderId,
) -> Result<BTreeMap<ClaimKey, u32>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT used - coalesce((SELECT units FROM claims WHERE claims.key = ?1 AND order_id = ?2), 0)
             FROM claim_uses WHERE claim_uses.key = ?1",
        )
        .map_err(lost)?;
    let mut found = BTreeMap::new();
    for key in keys {
        let used: Option<i64> =
            statement.query_row((key.name(), except.0), |row| row.get(0)).optional().map_err(lost)?;
        if let Some(used) = used.filter(|used| *used > 0) {
            found.insert(key.clone(), u32::try_from(used).unwrap_or(u32::MAX));
        }
    }
    Ok(found)
}

/// Writes the names of new tickets and the marks of changed ones, and forgets those of tickets that are gone.
pub(super) fn name_tickets(tx: &Tx<'_>, put: &OrderPut) -> Result<(), CommitError> {
    for id in &put.gone_tickets {
        tx.run("DELETE FROM order_tickets WHERE id = ?1 AND order_id = ?2", (id.0, put.order.id.0))?;
    }
    for ticket in &put.new_tickets {
        let stored = tx.run(
            "INSERT INTO order_tickets (id, number, event, barcode, order_id, status)
             VALUES (?1, ?2, ?3, ?4, ?5, 'pending') ON CONFLICT DO NOTHING",
            params![ticket.id.0, ticket.number, ticket.event.0, ticket.barcode, put.order.id.0],
        )?;
        if stored == 0 {
            return Err(CommitError::NumberTaken);
        }
    }
    for mark in &put.changed_tickets {
        tx.run(
            "UPDATE order_tickets SET status = ?3, email = ?4 WHERE id = ?1 AND order_id = ?2",
            params![mark.id.0, put.order.id.0, crate::tickets::status_name(mark.status), mark.email],
        )?;
    }
    Ok(())
}
