//! Filters of lists, as conditions on index columns. What no column knows (the events of an order, tickets) is
//! looked for among the newest orders, so many and no more.

use super::call::Call;
use super::channel::NAME;
use super::list::{Part, filter, sorting};
use super::refuse::Refused;
use super::state;
use crate::kit::Value;
use crate::kit::format::parse_timestamp;
use domain::Time;
use domain::order::Order;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Page, Scalar, Test};
use std::sync::Arc;

/// Most orders that are looked through for what no column knows.
const LOOKED_THROUGH: u64 = 5_000;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The orders of a part of the list, and how many there are.
pub async fn orders(call: &Call, part: &Part) -> Result<Page<Arc<Order>>, Refused> {
    let events = filter(&call.params, "event_ids");
    let mut query = query(call);
    if events.is_empty() {
        (query.offset, query.limit) = (part.offset(), part.size());
        return found(call, &query).await;
    }
    query.limit = LOOKED_THROUGH;
    let all = found(call, &query).await?;
    let is_wanted = |order: &&Arc<Order>| {
        let tickets = &order.ticketing.tickets;
        tickets.iter().any(|ticket| events.contains(&ticket.event.to_string().as_str()))
    };
    let rows: Vec<Arc<Order>> = all.rows.iter().filter(is_wanted).cloned().collect();
    Ok(Page { total: rows.len() as u64, rows: part.of(&rows).to_vec() })
}

/// Orders that have tickets worth showing: those that are placed, the newest first.
pub async fn with_tickets(call: &Call) -> Result<Vec<Arc<Order>>, Refused> {
    let mut filters = seen(call);
    filters.push(OrderFilter { columns: vec![OrderColumn::CompletedAt], test: Test::IsNotNull });
    let sort = vec![(OrderColumn::Id, Direction::Descending)];
    let query = OrderQuery { filters, sort, limit: LOOKED_THROUGH, ..OrderQuery::default() };
    Ok(found(call, &query).await?.rows)
}

async fn found(call: &Call, query: &OrderQuery) -> Result<Page<Arc<Order>>, Refused> {
    call.app.engine.orders(query).await.map_err(|error| Refused::trouble(&error))
}

/// Keys see the orders begun here, staff all.
fn seen(call: &Call) -> Vec<OrderFilter> {
    let here = Test::Equals(Scalar::Text(NAME.to_owned()));
    let here = OrderFilter { columns: vec![OrderColumn::Origin], test: here };
    if call.caller.is_admin() { Vec::new() } else { vec![here] }
}

fn query(call: &Call) -> OrderQuery {
    let params = &call.params;
    let mut filters = seen(call);
    let mut add = |column, test| filters.push(OrderFilter { columns: vec![column], test });
    let states = filter(params, "state");
    if !states.is_empty() {
        let stored = states.into_iter().flat_map(state::stored);
        add(OrderColumn::State, Test::In(stored.map(|name| Scalar::Text(name.to_owned())).collect()));
    }
    let emails = filter(params, "email");
    if !emails.is_empty() {
        let texts = emails.into_iter().map(|email| Scalar::Text(email.to_owned()));
        add(OrderColumn::Email, Test::In(texts.collect()));
    }
    for test in created_at(call) {
        add(OrderColumn::CreatedAt, test);
    }
    if let Some(word) = filter(params, "search").first() {
        filters.push(OrderFilter {
            columns: vec![OrderColumn::Number, OrderColumn::Email],
            test: Test::Contains((*word).to_owned()),
        });
    }
    let columns = ["id", "created_at", "updated_at", "completed_at", "number", "email", "total"];
    let (name, falls) = sorting(params, &columns).unwrap_or(("id", true));
    let column = match name {
        "created_at" => OrderColumn::CreatedAt,
        "updated_at" => OrderColumn::UpdatedAt,
        "completed_at" => OrderColumn::CompletedAt,
        "number" => OrderColumn::Number,
        "email" => OrderColumn::Email,
        "total" => OrderColumn::Total,
        _ => OrderColumn::Id,
    };
    let way = if falls { Direction::Descending } else { Direction::Ascending };
    OrderQuery { filters, sort: vec![(column, way), (OrderColumn::Id, way)], ..OrderQuery::default() }
}

/// `filter[created_at][gte]=…`, also `gt`, `lt`, `lte`, `from`, `to`; or a day, or a moment.
fn created_at(call: &Call) -> Vec<Test> {
    let Some(given) = call.params.path(&["filter", "created_at"]).or_else(|| call.params.get("created_at"))
    else {
        return Vec::new();
    };
    let time = |value: &Value| value.text().and_then(parse_timestamp);
    let scalar = |time: Time| Scalar::Integer(time.0);
    if let Some(map) = given.map() {
        let bounds = map.iter().filter_map(|(name, value)| {
            let at = scalar(time(value)?);
            Some(match name.as_str() {
                "gt" => Test::Above(at),
                "gte" | "from" => Test::AtLeast(at),
                "lt" => Test::Below(at),
                "lte" | "to" => Test::AtMost(at),
                _ => return None,
            })
        });
        return bounds.collect();
    }
    let Some(at) = time(given) else { return Vec::new() };
    let is_day = given.text().is_some_and(|text| text.trim().len() == "2026-01-05".len());
    if is_day {
        vec![Test::AtLeast(scalar(at)), Test::Below(scalar(Time(at.0.saturating_add(DAY))))]
    } else {
        vec![Test::Equals(scalar(at))]
    }
}
