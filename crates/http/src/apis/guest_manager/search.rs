//! Filters of lists, as conditions on what the store keeps an index of. Nothing is looked for in documents.

use super::call::Call;
use super::channel::NAME;
use super::list::{Part, filter, sorting};
use super::refuse::Refused;
use super::state;
use super::views::ticket_status;
use crate::kit::Value;
use crate::kit::format::parse_timestamp;
use domain::channel::ChannelKey;
use domain::order::{Order, TicketStatus};
use domain::{EventId, OrderId, TicketId, Time};
use engine::ports::{
    Direction, OrderColumn, OrderFilter, OrderQuery, Page, Scalar, Test, TicketColumn, TicketQuery,
};
use std::sync::Arc;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The orders of a part of the list, and how many there are.
pub async fn orders(call: &Call, part: &Part) -> Result<Page<Arc<Order>>, Refused> {
    let mut query = query(call);
    query.events = numbers(call, &["event_ids", "event_id"], EventId);
    (query.offset, query.limit) = (part.offset(), part.size());
    call.app.engine.orders(&query).await.map_err(|error| Refused::trouble(&error))
}

/// The tickets of a part of the list, and how many there are: those of placed orders, unless pending ones are asked
/// for.
pub async fn tickets(call: &Call, part: &Part) -> Result<Page<(Arc<Order>, TicketId)>, Refused> {
    let texts = |name: &str| {
        let texts: Vec<String> = filter(&call.params, name).into_iter().map(str::to_owned).collect();
        Some(texts).filter(|texts| !texts.is_empty())
    };
    let statuses = filter(&call.params, "status");
    let known = statuses
        .iter()
        .filter_map(|name| TICKET_STATUSES.into_iter().find(|one| ticket_status(*one) == *name));
    let emails = texts("email");
    let query = TicketQuery {
        origin: Some(ChannelKey::new(NAME)).filter(|_| !call.caller.is_admin()),
        orders: numbers(call, &["order_id", "order_ids"], OrderId),
        events: numbers(call, &["event_id", "event_ids"], EventId),
        statuses: Some(known.collect()).filter(|_| !statuses.is_empty()),
        emails: emails
            .map(|emails| emails.iter().filter_map(|email| domain::user::contact(Some(email))).collect()),
        numbers: texts("number"),
        barcodes: texts("barcode_id"),
        sort: ticket_sorting(call),
        offset: part.offset(),
        limit: part.size(),
    };
    call.app.engine.tickets(&query).await.map_err(|error| Refused::trouble(&error))
}

/// `sort[event_id]=asc`, for what tickets have an index of.
fn ticket_sorting(call: &Call) -> Option<(TicketColumn, Direction)> {
    const COLUMNS: [(&str, TicketColumn); 7] = [
        ("id", TicketColumn::Id),
        ("order_id", TicketColumn::Order),
        ("event_id", TicketColumn::Event),
        ("number", TicketColumn::Number),
        ("barcode_id", TicketColumn::Barcode),
        ("status", TicketColumn::Status),
        ("email", TicketColumn::Email),
    ];
    let (name, falls) = sorting(&call.params, &COLUMNS.map(|(name, _)| name))?;
    let (_, column) = COLUMNS.into_iter().find(|(known, _)| *known == name)?;
    Some((column, if falls { Direction::Descending } else { Direction::Ascending }))
}

const TICKET_STATUSES: [TicketStatus; 6] = [
    TicketStatus::Pending,
    TicketStatus::Valid,
    TicketStatus::Redeemed,
    TicketStatus::Out,
    TicketStatus::Invalidated,
    TicketStatus::Transferred,
];

/// The ids that a filter names, under any of its names; `None` without one. What is no id names nothing.
fn numbers<Id>(call: &Call, names: &[&str], id: fn(i64) -> Id) -> Option<Vec<Id>> {
    let texts: Vec<&str> = names.iter().flat_map(|name| filter(&call.params, name)).collect();
    let ids = texts.iter().filter_map(|text| text.trim().parse().ok().map(id)).collect();
    Some(ids).filter(|_| !texts.is_empty())
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
        // People write their addresses in any case.
        let texts = emails.into_iter().map(|email| email.trim().to_owned());
        add(OrderColumn::Email, Test::Resembles(texts.collect()));
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
