//! Returns: the permission to send shipped pieces back, and what came back. Buyers may ask; staff do the rest.

use super::Dialect;
use super::answer::{Show, json_response};
use super::call::{Answered, Call};
use super::orders::Paged;
use super::read;
use super::refuse::{About, Refused};
use super::views;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::Page;
use crate::kit::{Map, Value};
use domain::command::Command;
use domain::order::{CustomerReturn, Order, ReturnAuthorization};
use domain::refusal::Rule;
use domain::{ReturnId, StockLocationId, UnitId};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

const ATTRIBUTES: &[&str] =
    &["stock_location_id", "memo", "return_items", "customer_metadata", "admin_metadata"];

pub async fn index(call: Call) -> Answered {
    #[derive(Serialize)]
    struct List<'a> {
        return_authorizations: Vec<views::ReturnAuthorizationView<'a>>,
        #[serde(flatten)]
        paged: Paged,
    }
    let order = for_staff(&call).await?;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    let shown = page.slice(&order.returns).iter();
    let return_authorizations =
        shown.map(|authorization| views::return_authorization(authorization, &order, &lens)).collect();
    json_response(200, &List { return_authorizations, paged: page.info(order.returns.len() as u64).into() })
}

pub async fn new(call: Call) -> Answered {
    const SHARED: [&str; 7] = ["id", "number", "state", "order_id", "memo", "created_at", "updated_at"];
    let (attributes, required): (Vec<&str>, Vec<&str>) = match call.dialect {
        Dialect::Solidus => {
            call.order_to_show().await?;
            (SHARED.into_iter().chain(["customer_metadata"]).collect(), vec!["stock_location"])
        }
        Dialect::Spree => {
            for_staff(&call).await?;
            (SHARED.to_vec(), vec!["order", "stock_location"])
        }
    };
    json_response(200, &json!({ "attributes": attributes, "required_attributes": required }))
}

pub async fn show(call: Call) -> Answered {
    let order = for_staff(&call).await?;
    let authorization = authorization(&call, &order)?;
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    json_response(200, &views::return_authorization(authorization, &order, &lens))
}

pub async fn create(mut call: Call) -> Answered {
    let order = match call.dialect {
        Dialect::Solidus => call.order_to_show().await?,
        Dialect::Spree => for_staff(&call).await?,
    };
    let given = call.resource("return_authorization", ATTRIBUTES);
    let given = given.ok_or_else(|| call.missing_param("return_authorization"))?;
    let command = Command::AuthorizeReturn {
        location: location(&given)?,
        memo: read::text(&given, "memo").filter(|memo| !memo.is_empty()),
        units: units(&given),
        metadata: read::metadata(&given, call.admin()),
    };
    call.command(&order, command, About::Return, Show::NewReturn).await
}

pub async fn update(mut call: Call) -> Answered {
    let order = for_staff_to_change(&call).await?;
    let id = authorization(&call, &order)?.id;
    let given = call.resource("return_authorization", ATTRIBUTES).unwrap_or_default();
    let (memo, metadata) = (read::text(&given, "memo"), read::metadata(&given, true));
    call.command(&order, Command::EditReturn { id, memo, metadata }, About::Return, Show::Return).await
}

pub async fn cancel(call: Call) -> Answered {
    let order = for_staff_to_change(&call).await?;
    let id = authorization(&call, &order)?.id;
    call.command(&order, Command::CancelReturn(id), About::Return, Show::Return).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = for_staff_to_change(&call).await?;
    let id = authorization(&call, &order)?.id;
    call.command(&order, Command::RemoveReturn(id), About::Return, Show::Nothing).await
}

pub async fn received(call: Call) -> Answered {
    #[derive(Serialize)]
    struct List<'a> {
        customer_returns: Vec<views::CustomerReturnView<'a>>,
        #[serde(flatten)]
        paged: Paged,
    }
    let order = for_staff(&call).await?;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    let all = &order.customer_returns;
    let customer_returns = page.slice(all).iter().map(|one| views::customer_return(one, &lens)).collect();
    json_response(200, &List { customer_returns, paged: page.info(all.len() as u64).into() })
}

pub async fn show_received(call: Call) -> Answered {
    let order = for_staff(&call).await?;
    let id = call.integer("id").map(ReturnId);
    let found: Option<&CustomerReturn> = order.customer_returns.iter().find(|one| Some(one.id) == id);
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    json_response(200, &views::customer_return(found.ok_or_else(Refused::not_found)?, &lens))
}

pub async fn receive(mut call: Call) -> Answered {
    let order = for_staff(&call).await?;
    let given = call.resource("customer_return", ATTRIBUTES);
    let given = given.ok_or_else(|| call.missing_param("customer_return"))?;
    let command = Command::ReceiveReturn {
        location: location(&given)?,
        units: units(&given),
        metadata: read::metadata(&given, true),
    };
    call.command(&order, command, About::Return, Show::NewCustomerReturn).await
}

async fn for_staff(call: &Call) -> Result<Arc<Order>, Refused> {
    call.staff_only()?;
    call.order().await
}

/// The order whose permission in the path is to be changed. In Spree its owner hears that there is none.
async fn for_staff_to_change(call: &Call) -> Result<Arc<Order>, Refused> {
    if call.admin() {
        return call.order().await;
    }
    match call.dialect {
        Dialect::Solidus => Err(Refused::not_permitted()),
        Dialect::Spree => {
            call.order_to_show().await?;
            Err(Refused::not_found())
        }
    }
}

fn authorization<'a>(call: &Call, order: &'a Order) -> Result<&'a ReturnAuthorization, Refused> {
    let id = call.integer("id").map(ReturnId);
    order.returns.iter().find(|one| Some(one.id) == id).ok_or_else(Refused::not_found)
}

fn location(given: &Map) -> Result<StockLocationId, Refused> {
    let id = given.get("stock_location_id").and_then(Value::integer).map(StockLocationId);
    id.ok_or_else(|| read::invalid(About::Return, "stock_location", Rule::MustExist))
}

/// The pieces named by `return_items[].inventory_unit_id`.
fn units(given: &Map) -> Vec<UnitId> {
    let items = read::nested(given, "return_items").and_then(Value::list).unwrap_or_default();
    items.into_iter().filter_map(|item| item.get("inventory_unit_id")?.integer().map(UnitId)).collect()
}
