//! Orders as rows: a document, the columns that lists are made from, and the names an order is found by.
//!
//! Most changes of an order leave alone what an index is made of. They are written by a statement that names none of
//! those columns, so no index is touched.

use super::commit::integer;
use super::shared::Shared;
use super::writer::Tx;
use crate::columns::Columns;
use domain::order::Order;
use engine::ports::{CommitError, OrderPut};
use rusqlite::params;

/// How the row of an order has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Insert,
    /// Everything.
    Whole,
    /// What no index is made of; the rest is as it was.
    Unindexed,
}

impl Write {
    /// What the change needs. Only if memory has the very version that is replaced is it known what stays.
    pub fn of(put: &OrderPut, columns: &Columns, shared: &Shared) -> Write {
        if put.expected == 0 {
            return Write::Insert;
        }
        match shared.orders.get_version(put.order.id.0, put.expected) {
            Some(before) if is_found_alike(&before, columns) => Write::Unindexed,
            _ => Write::Whole,
        }
    }
}

/// Whether all columns that stand in an index have the values they had.
fn is_found_alike(before: &Order, columns: &Columns) -> bool {
    let before = Columns::of(before);
    let found_by = |of: &Columns| (of.completed_at, of.canceled, of.customer, of.created_at);
    found_by(&before) == found_by(columns)
        && before.number == columns.number
        && before.email == columns.email
        && before.origin == columns.origin
        && before.session == columns.session
}

pub(super) fn put(
    tx: &Tx<'_>,
    put: &OrderPut,
    columns: &Columns,
    document: &[u8],
    how: Write,
) -> Result<(), CommitError> {
    if put.order.version != put.expected.saturating_add(1) {
        return Err(CommitError::OrderConflict);
    }
    let stored = match how {
        Write::Insert => whole(tx, INSERT, put, columns, document)?,
        Write::Whole => whole(tx, UPDATE, put, columns, document)?,
        Write::Unindexed => tx.run(
            "UPDATE orders SET version = ?2, state = ?3, payment_state = ?4, shipment_state = ?5, total = ?6,
                 updated_at = ?7, doc = ?8
             WHERE id = ?1 AND version = ?9",
            params![
                columns.id.0,
                integer(put.order.version),
                columns.state,
                columns.payment_state,
                columns.shipment_state,
                columns.total,
                columns.updated_at,
                document,
                integer(put.expected),
            ],
        )?,
    };
    if stored == 0 {
        return Err(why_not_stored(tx, put)?);
    }
    super::claims::name_tickets(tx, put)?;
    name_shipments(tx, put)
}

const INSERT: &str =
    "INSERT INTO orders (id, number, version, email, state, payment_state, shipment_state, total, customer,
         created_at, updated_at, completed_at, canceled, origin, doc, session)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?17 WHERE ?16 = 0
     ON CONFLICT DO NOTHING";

const UPDATE: &str =
    "UPDATE OR IGNORE orders SET number = ?2, version = ?3, email = ?4, state = ?5, payment_state = ?6,
         shipment_state = ?7, total = ?8, customer = ?9, created_at = ?10, updated_at = ?11, completed_at = ?12,
         canceled = ?13, origin = ?14, doc = ?15, session = ?17
     WHERE id = ?1 AND version = ?16";

fn whole(
    tx: &Tx<'_>,
    sql: &str,
    put: &OrderPut,
    columns: &Columns,
    document: &[u8],
) -> Result<usize, CommitError> {
    tx.run(
        sql,
        params![
            columns.id.0,
            columns.number,
            integer(put.order.version),
            columns.email,
            columns.state,
            columns.payment_state,
            columns.shipment_state,
            columns.total,
            columns.customer,
            columns.created_at,
            columns.updated_at,
            columns.completed_at,
            columns.canceled,
            columns.origin,
            document,
            integer(put.expected),
            columns.session,
        ],
    )
}

fn name_shipments(tx: &Tx<'_>, put: &OrderPut) -> Result<(), CommitError> {
    let id = put.order.id.0;
    for (number, firsts) in &put.new_shipments {
        tx.run("INSERT OR REPLACE INTO order_shipments (number, order_id) VALUES (?1, ?2)", (number, id))?;
        for first in firsts {
            tx.run("INSERT OR REPLACE INTO order_units (first, order_id) VALUES (?1, ?2)", (first, id))?;
        }
    }
    Ok(())
}

fn why_not_stored(tx: &Tx<'_>, put: &OrderPut) -> Result<CommitError, CommitError> {
    let version = tx.first("SELECT version FROM orders WHERE id = ?1", [put.order.id.0], |row| row.get(0))?;
    let current = version.unwrap_or(0) == integer(put.expected);
    Ok(if current { CommitError::NumberTaken } else { CommitError::OrderConflict })
}
