//! Lists of tickets, from the index alone: rows say which tickets, documents are read for one page of them.
//!
//! The index follows the order in every commit. What was written before the index had its marks gets them when the
//! database is opened, once.

use super::open::OpenError;
use super::query::values_of;
use super::read::lost;
use super::shared::Shared;
use crate::tickets::{status_name, wants_pending};
use domain::order::{Order, TicketStatus};
use domain::{OrderId, TicketId};
use engine::ports::{Direction, Page, StoreError, TicketColumn, TicketQuery};
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};
use std::sync::Arc;

/// Orders that get their marks in one transaction.
const FILLED_AT_ONCE: i64 = 500;

pub(super) fn page(
    connection: &Connection,
    shared: &Shared,
    query: &TicketQuery,
) -> Result<Page<(Arc<Order>, TicketId)>, StoreError> {
    let mut values = Vec::new();
    let condition = condition(query, &mut values);
    let from = "FROM orders JOIN order_tickets AS ticket ON ticket.order_id = orders.id";
    let mut count =
        connection.prepare_cached(&format!("SELECT count(*) {from} WHERE {condition}")).map_err(lost)?;
    let total: i64 = count.query_row(params_from_iter(&values), |row| row.get(0)).map_err(lost)?;
    let sql = format!(
        "SELECT orders.id, version, ticket.id {from} WHERE {condition}
         ORDER BY {}orders.id DESC, ticket.id LIMIT ? OFFSET ?",
        sorted_by(query)
    );
    values.extend([query.limit, query.offset].map(|count| Value::Integer(super::commit::integer(count))));
    let mut statement = connection.prepare_cached(&sql).map_err(lost)?;
    let found = statement
        .query_map(params_from_iter(&values), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(lost)?;
    let found: Vec<(i64, i64, i64)> = found.collect::<Result<_, _>>().map_err(lost)?;
    let mut rows: Vec<(Arc<Order>, TicketId)> = Vec::with_capacity(found.len());
    for (id, version, ticket) in found {
        let last = rows.last().filter(|(order, _)| order.id == OrderId(id)).map(|(order, _)| order.clone());
        let order = match last {
            Some(order) => Some(order),
            None => super::query::order_of(connection, shared, id, version)?,
        };
        rows.extend(order.map(|order| (order, TicketId(ticket))));
    }
    Ok(Page { rows, total: u64::try_from(total).unwrap_or(0) })
}

/// The column that was asked for, before the order in general.
fn sorted_by(query: &TicketQuery) -> String {
    let Some((column, direction)) = query.sort else { return String::new() };
    let name = match column {
        TicketColumn::Id => "ticket.id",
        TicketColumn::Order => "orders.id",
        TicketColumn::Event => "ticket.event",
        TicketColumn::Number => "ticket.number",
        TicketColumn::Barcode => "ticket.barcode",
        TicketColumn::Status => "ticket.status",
        TicketColumn::Email => "ticket.email",
    };
    match direction {
        Direction::Ascending => format!("{name} ASC, "),
        Direction::Descending => format!("{name} DESC, "),
    }
}

fn condition(query: &TicketQuery, values: &mut Vec<Value>) -> String {
    let placed = "orders.completed_at IS NOT NULL";
    let mut conditions = vec![match wants_pending(query) {
        true => format!("({placed} OR ticket.status = 'pending')"),
        false => placed.to_owned(),
    }];
    if let Some(origin) = &query.origin {
        values.push(Value::Text(origin.0.to_string()));
        conditions.push("orders.origin = ?".to_owned());
    }
    let mut is_one_of = |column: &str, wanted: Option<Vec<Value>>| {
        let Some(wanted) = wanted else { return };
        conditions.push(format!("{column} IN ({})", values_of(wanted, values)));
    };
    let integers = |ids: Vec<i64>| ids.into_iter().map(Value::Integer).collect();
    let texts = |texts: &Vec<String>| texts.iter().cloned().map(Value::Text).collect();
    let ids = |wanted: &Option<Vec<OrderId>>| wanted.as_ref().map(|ids| ids.iter().map(|id| id.0).collect());
    is_one_of("ticket.order_id", ids(&query.orders).map(integers));
    let events = query.events.as_ref().map(|ids| ids.iter().map(|id| id.0).collect());
    is_one_of("ticket.event", events.map(integers));
    let name = |status: &TicketStatus| Value::Text(status_name(*status).to_owned());
    is_one_of("ticket.status", query.statuses.as_ref().map(|statuses| statuses.iter().map(name).collect()));
    is_one_of("ticket.email", query.emails.as_ref().map(texts));
    is_one_of("ticket.number", query.numbers.as_ref().map(texts));
    is_one_of("ticket.barcode", query.barcodes.as_ref().map(texts));
    conditions.join(" AND ")
}

/// Gives marks to the rows that have none yet.
pub(super) fn fill(connection: &mut Connection) -> Result<(), OpenError> {
    loop {
        let filling = connection.transaction()?;
        let orders: Vec<i64> = filling
            .prepare("SELECT DISTINCT order_id FROM order_tickets WHERE status IS NULL LIMIT ?1")?
            .query_map([FILLED_AT_ONCE], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if orders.is_empty() {
            return Ok(());
        }
        for order in orders {
            fill_order(&filling, order)?;
        }
        filling.commit()?;
    }
}

fn fill_order(filling: &Transaction<'_>, id: i64) -> Result<(), OpenError> {
    let order = super::load::load_order(filling, id).unwrap_or_else(|error| {
        // The audit names it. The others are not to wait for it.
        tracing::error!(order = id, %error, "tickets of an order that cannot be read are listed as pending");
        None
    });
    let tickets = order.iter().flat_map(|(order, _)| &order.ticketing.tickets);
    for ticket in tickets {
        let email = domain::user::contact(ticket.email.as_deref());
        filling.execute(
            "UPDATE order_tickets SET status = ?3, email = ?4 WHERE id = ?1 AND order_id = ?2",
            params![ticket.id.0, id, status_name(ticket.status), email],
        )?;
    }
    filling.execute(
        "UPDATE order_tickets SET status = 'pending' WHERE order_id = ?1 AND status IS NULL",
        [id],
    )?;
    Ok(())
}
