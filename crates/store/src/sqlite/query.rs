//! Order lists as SQL over the index columns. Every value is a bound parameter; the text is made of constants.
//!
//! Means exactly what `Columns::pass` means; the conformance suite holds both to it.

use super::read::lost;
use super::shared::Shared;
use crate::columns::{fitted, is_text};
use domain::order::Order;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Page, Scalar, StoreError, Test};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::sync::Arc;

pub(super) fn orders(
    connection: &Connection,
    shared: &Shared,
    query: &OrderQuery,
) -> Result<Page<Arc<Order>>, StoreError> {
    let mut values = Vec::new();
    let condition = condition(query, &mut values);
    let mut count =
        connection.prepare_cached(&format!("SELECT count(*) FROM orders WHERE {condition}")).map_err(lost)?;
    let total: i64 = count.query_row(params_from_iter(&values), |row| row.get(0)).map_err(lost)?;
    let order = order_by(query);
    let sql = format!("SELECT id, version FROM orders WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?");
    values.push(Value::Integer(super::commit::integer(query.limit)));
    values.push(Value::Integer(super::commit::integer(query.offset)));
    let mut page = connection.prepare_cached(&sql).map_err(lost)?;
    let found =
        page.query_map(params_from_iter(&values), |row| Ok((row.get(0)?, row.get(1)?))).map_err(lost)?;
    let found: Vec<(i64, i64)> = found.collect::<Result<_, _>>().map_err(lost)?;
    let mut rows = Vec::with_capacity(found.len());
    for (id, version) in found {
        let order = order_of(connection, shared, id, version)?;
        rows.extend(order);
    }
    Ok(Page { rows, total: u64::try_from(total).unwrap_or(0) })
}

/// An order as a row names it.
pub(super) fn order_of(
    connection: &Connection,
    shared: &Shared,
    id: i64,
    version: i64,
) -> Result<Option<Arc<Order>>, StoreError> {
    match shared.orders.get_version(id, u64::try_from(version).unwrap_or(0)) {
        Some(order) => Ok(Some(order)),
        None => Ok(super::load::load_order(connection, id)?.map(|(order, _)| order)),
    }
}

/// Marks for values, which are bound in their order.
pub(super) fn values_of(wanted: Vec<Value>, values: &mut Vec<Value>) -> String {
    let marks = vec!["?"; wanted.len()].join(", ");
    values.extend(wanted);
    marks
}

fn condition(query: &OrderQuery, values: &mut Vec<Value>) -> String {
    let filters: Vec<String> = query.filters.iter().map(|filter| any_column(filter, values)).collect();
    let filtered = if filters.is_empty() {
        "1".to_owned()
    } else {
        filters.join(if query.any { " OR " } else { " AND " })
    };
    let mut condition = format!("({filtered})");
    if let Some(customer) = query.customer {
        values.push(Value::Integer(customer.0));
        condition.push_str(" AND customer = ?");
    }
    if let Some(events) = &query.events {
        let marks = values_of(events.iter().map(|event| Value::Integer(event.0)).collect(), values);
        condition
            .push_str(&format!(" AND id IN (SELECT order_id FROM order_tickets WHERE event IN ({marks}))"));
    }
    condition
}

fn any_column(filter: &OrderFilter, values: &mut Vec<Value>) -> String {
    if filter.columns.is_empty() {
        return "0".to_owned();
    }
    let columns: Vec<String> =
        filter.columns.iter().map(|column| test(*column, &filter.test, values)).collect();
    format!("({})", columns.join(" OR "))
}

fn test(column: OrderColumn, test: &Test, values: &mut Vec<Value>) -> String {
    let name = name(column);
    let text = if is_text(column) { name.to_owned() } else { format!("CAST({name} AS TEXT)") };
    let mut compare = |operator: &str, scalar: &Scalar| match fitted(column, scalar) {
        Some(scalar) => {
            values.push(value(scalar));
            format!("{name} {operator} ?")
        }
        // No value of this column equals it, or comes before or after it.
        None if operator == "<>" => format!("{name} IS NOT NULL"),
        None => "0".to_owned(),
    };
    match test {
        Test::Equals(scalar) => compare("=", scalar),
        Test::NotEquals(scalar) => compare("<>", scalar),
        Test::Below(scalar) => compare("<", scalar),
        Test::AtMost(scalar) => compare("<=", scalar),
        Test::Above(scalar) => compare(">", scalar),
        Test::AtLeast(scalar) => compare(">=", scalar),
        Test::In(scalars) => {
            let fitting: Vec<Value> =
                scalars.iter().filter_map(|scalar| fitted(column, scalar)).map(value).collect();
            let marks = vec!["?"; fitting.len()].join(", ");
            values.extend(fitting);
            format!("{name} IN ({marks})")
        }
        Test::Contains(part) => {
            values.push(Value::Text(part.to_ascii_lowercase()));
            format!("instr(lower({text}), ?) > 0")
        }
        Test::Resembles(texts) => {
            let marks = vec!["?"; texts.len()].join(", ");
            values.extend(texts.iter().map(|text| Value::Text(text.to_ascii_lowercase())));
            format!("lower({text}) IN ({marks})")
        }
        Test::StartsWith(part) => {
            values.extend([Value::Text(part.clone()), Value::Text(part.clone())]);
            format!("substr({text}, 1, length(?)) = ?")
        }
        Test::EndsWith(part) => {
            values.extend([Value::Text(part.clone()), Value::Text(part.clone()), Value::Text(part.clone())]);
            format!("(length({text}) >= length(?) AND substr({text}, length({text}) - length(?) + 1) = ?)")
        }
        Test::IsNull => format!("{name} IS NULL"),
        Test::IsNotNull => format!("{name} IS NOT NULL"),
    }
}

fn order_by(query: &OrderQuery) -> String {
    let sorted = query.sort.iter().map(|(column, direction)| {
        let direction = match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        format!("{} {direction}", name(*column))
    });
    sorted.chain(["id ASC".to_owned()]).collect::<Vec<_>>().join(", ")
}

fn value(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => Value::Text(text),
        Scalar::Integer(number) => Value::Integer(number),
    }
}

fn name(column: OrderColumn) -> &'static str {
    match column {
        OrderColumn::Id => "id",
        OrderColumn::Number => "number",
        OrderColumn::Email => "email",
        OrderColumn::State => "state",
        OrderColumn::PaymentState => "payment_state",
        OrderColumn::ShipmentState => "shipment_state",
        OrderColumn::Total => "total",
        OrderColumn::Customer => "customer",
        OrderColumn::CreatedAt => "created_at",
        OrderColumn::UpdatedAt => "updated_at",
        OrderColumn::CompletedAt => "completed_at",
        OrderColumn::Origin => "origin",
        OrderColumn::Session => "session",
    }
}
