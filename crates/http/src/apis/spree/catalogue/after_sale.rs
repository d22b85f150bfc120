//! Lists of what orders lead to, across orders or of one: shipments, what came back, what was paid back for it.
//!
//! Nothing is kept for these lists, they are read off the orders. What this shop does not have (tags, and
//! reimbursements as records of their own) is an empty list, not a path that is missing.

use crate::apis::spree_family::answer::json_response;
use crate::apis::spree_family::call::{Answered, Call as OrderCall};
use crate::apis::spree_family::catalogue::base::{Answer, Call};
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views;
use crate::kit::filter_value::FieldValue;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::Page;
use domain::catalog::StockView;
use domain::order::CustomerReturn;
use engine::ports::{OrderColumn, OrderFilter, OrderQuery, Test};
use serde_json::json;

/// Placed orders that are looked through for what came back; older ones count no more.
const ORDERS: u64 = 10_000;
/// Orders read at once.
const BATCH: u64 = 200;

const RETURN_COLUMNS: &[&str] = &["id", "number", "stock_location_id", "created_at", "updated_at"];

pub async fn tags(call: Call) -> Answer {
    nothing(&call, "tags")
}

/// Money goes back by payments here, which their orders show.
pub async fn reimbursements(call: Call) -> Answer {
    nothing(&call, "reimbursements")
}

fn nothing(call: &Call, key: &'static str) -> Answer {
    call.staff_only()?;
    Ok(call.list(key, call.page().info(0), std::iter::empty::<()>()))
}

/// What came back, the last first.
pub async fn customer_returns(call: Call) -> Answer {
    call.staff_only()?;
    let mut returned = returned(&call).await?;
    returned.sort_by_key(|one| std::cmp::Reverse(one.id));
    let none = StockView::default();
    let lens = call.lens(&none);
    call.search("customer_returns", returned.iter(), RETURN_COLUMNS, column, |one| {
        views::customer_return(one, &lens)
    })
}

async fn returned(call: &Call) -> Result<Vec<CustomerReturn>, Refused> {
    let mut found = Vec::new();
    for offset in (0..ORDERS).step_by(BATCH as usize) {
        let placed = OrderFilter { columns: vec![OrderColumn::CompletedAt], test: Test::IsNotNull };
        let sort = vec![(OrderColumn::CompletedAt, engine::ports::Direction::Descending)];
        let query = OrderQuery { filters: vec![placed], sort, offset, limit: BATCH, ..OrderQuery::default() };
        let page = call.app.engine.orders(&query).await.map_err(|error| call.trouble(&error))?;
        found.extend(page.rows.iter().flat_map(|order| order.customer_returns.iter().cloned()));
        if offset + BATCH >= page.total {
            break;
        }
    }
    Ok(found)
}

fn column<'a>(row: &'a CustomerReturn, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "number" => row.number.as_str().into(),
        "stock_location_id" => FieldValue::Int(row.location.0),
        "created_at" => FieldValue::Time(row.created_at.0),
        _ => FieldValue::Time(row.updated_at.0),
    })
}

/// The shipments of an order, for client libraries that look for them below it.
pub async fn shipments(call: OrderCall) -> Answered {
    let order = call.order_to_show().await?;
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let info = page.info(order.shipments.len() as u64);
    let shown = page.slice(&order.shipments).iter();
    let shipments: Vec<_> = shown.map(|shipment| views::shipment_small(shipment, &order, &lens)).collect();
    let body = json!({
        "count": info.count, "total_count": info.total_count, "current_page": info.current_page,
        "pages": info.pages, "per_page": info.per_page, "shipments": shipments,
    });
    json_response(200, &body)
}

/// One of them.
pub async fn shipment(call: OrderCall) -> Answered {
    let order = call.order_to_show().await?;
    let number = call.params.text("shipment_number").unwrap_or_default();
    let shipment = order.shipments.iter().find(|shipment| shipment.number == number);
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    json_response(200, &views::shipment_show(shipment.ok_or_else(Refused::not_found)?, &order, &lens))
}
