//! Shipments: rates for buyers, everything else for staff. A shipment is named by its number; its order is found
//! by it.

use super::Dialect;
use super::answer::{Show, json_response};
use super::call::{Answered, Call, ShipmentCall};
use super::orders::Paged;
use super::read;
use super::refuse::{About, Refused, respond, trouble};
use super::views;
use crate::kit::filter::Predicate;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::Page;
use crate::kit::{Map, Value};
use domain::command::{Command, RateChoice, ShipmentEdit, TransferTo};
use domain::order::{Order, Shipment, ShippingRate};
use domain::price::Audience;
use domain::{
    OrderId, ShipmentId, ShippingMethodId, ShippingRateId, StockLocationId, VariantId, offered_rates,
};
use engine::Reply;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderKey, OrderQuery, Test};
use serde::Serialize;
use std::sync::Arc;

const ATTRIBUTES: &[&str] = &[
    "tracking",
    "stock_location_id",
    "selected_shipping_rate_id",
    "special_instructions",
    "customer_metadata",
    "admin_metadata",
];

/// Orders looked through for a buyer's list of shipments.
const ORDERS: u64 = 500;

pub async fn estimated_rates(ShipmentCall(call): ShipmentCall) -> Answered {
    #[derive(Serialize)]
    struct Rates<'a> {
        shipping_rates: Vec<views::EstimatedRate<'a>>,
    }
    let (order, id) = to_change(&call).await?;
    let shipment = order.shipment(id).ok_or_else(Refused::not_found)?;
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    let audience = if call.admin() { Audience::Staff } else { Audience::Buyers };
    let rates: Vec<ShippingRate> =
        offered_rates(&order, shipment, audience, &call.catalog, &lens.channel.key)
            .into_iter()
            .map(|(method, name, cost)| ShippingRate {
                id: ShippingRateId(0),
                method,
                name,
                cost,
                selected: false,
            })
            .collect();
    let shipping_rates = rates.iter().map(|rate| views::estimated_rate(rate, &order, &lens)).collect();
    json_response(200, &Rates { shipping_rates })
}

pub async fn select_shipping_method(ShipmentCall(call): ShipmentCall) -> Answered {
    let (order, shipment) = to_change(&call).await?;
    let method = call.required("shipping_method_id")?.integer().map(ShippingMethodId);
    let method = method.filter(|id| call.catalog.shipping_methods.contains_key(id));
    let choice = RateChoice::Method(method.ok_or_else(Refused::not_found)?);
    let command = Command::SelectRate { shipment, choice };
    call.command(&order, command, About::Shipment, Show::ShipmentOf(shipment)).await
}

pub async fn mine(call: Call) -> Answered {
    #[derive(Serialize)]
    struct List {
        shipments: Vec<Box<serde_json::value::RawValue>>,
        #[serde(flatten)]
        paged: Paged,
    }
    let user = call.caller.user().ok_or_else(Refused::not_permitted)?.id;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let query = OrderQuery {
        filters: completed(&call).into_iter().collect(),
        sort: vec![(OrderColumn::CreatedAt, Direction::Descending)],
        customer: Some(user),
        limit: ORDERS,
        ..OrderQuery::default()
    };
    let orders = call.app.engine.orders(&query).await.map_err(|error| trouble(&error, OrderId(0)))?;
    let all: Vec<(&Arc<Order>, &Shipment)> = orders
        .rows
        .iter()
        .flat_map(|order| order.shipments.iter().map(move |shipment| (order, shipment)))
        .collect();
    let mut shipments = Vec::new();
    for (order, shipment) in page.slice(&all) {
        let around = call.around(order).await?;
        let view = views::shipment_big(shipment, order, &around.lens(&call.caller, order));
        shipments.push(serde_json::value::to_raw_value(&view).map_err(|_| Refused::broken())?);
    }
    json_response(200, &List { shipments, paged: page.info(all.len() as u64).into() })
}

/// `q[order_completed_at_not_null]=1` and its opposite.
fn completed(call: &Call) -> Option<OrderFilter> {
    let q = call.params.get("q").and_then(Value::map)?;
    let (predicate, wanted) = q.iter().find_map(|(key, value)| {
        let (name, predicate) = Predicate::split(key)?;
        (name == "order_completed_at").then_some((predicate, value.flag()?))
    })?;
    let test = match (predicate, wanted) {
        (Predicate::NotNull, true) | (Predicate::Null, false) => Test::IsNotNull,
        (Predicate::Null, true) | (Predicate::NotNull, false) => Test::IsNull,
        _ => return None,
    };
    Some(OrderFilter { columns: vec![OrderColumn::CompletedAt], test })
}

pub async fn create(mut call: Call) -> Answered {
    call.staff_only()?;
    if call.dialect == Dialect::Spree {
        call.required("variant_id")?;
    }
    let given = call.resource("shipment", &["order_id"]).unwrap_or_default();
    let number = given.get("order_id").or_else(|| call.params.get("order_id")).and_then(Value::text);
    let number = number.ok_or_else(Refused::not_found)?.to_owned();
    let order = call.find(&OrderKey::Number(number)).await?;
    let location = call.required("stock_location_id")?.integer().map(StockLocationId);
    let location = location.ok_or_else(Refused::not_found)?;
    let variant = match call.params.get("variant_id").filter(|id| !id.is_blank()) {
        Some(_) => Some((variant(&call)?, pieces(&call).unwrap_or(1))),
        None => None,
    };
    let command = Command::CreateShipment { location, variant };
    call.command(&order, command, About::Shipment, Show::Shipment).await
}

pub async fn update(mut call: Call) -> Answered {
    let (order, shipment) = for_staff(&call).await?;
    let given = call.resource("shipment", ATTRIBUTES).unwrap_or_default();
    let edit = Box::new(shipment_edit(&given));
    let command = Command::EditShipment { shipment, edit };
    call.command(&order, command, About::Shipment, Show::ShipmentOf(shipment)).await
}

/// What Spree takes in with an action: a tracking number that is at hand when the parcel leaves. It is kept even if
/// the action is refused.
async fn with_data(call: &mut Call, order: &Order, shipment: ShipmentId) -> Result<Option<Reply>, Refused> {
    if call.dialect == Dialect::Solidus {
        return Ok(None);
    }
    let edit = shipment_edit(&call.resource("shipment", ATTRIBUTES).unwrap_or_default());
    if edit == ShipmentEdit::default() {
        return Ok(None);
    }
    let command = Command::EditShipment { shipment, edit: Box::new(edit) };
    call.beforehand(order, command, About::Shipment).await
}

fn shipment_edit(given: &Map) -> ShipmentEdit {
    let id = |key: &str| given.get(key).and_then(Value::integer);
    ShipmentEdit {
        tracking: read::text(given, "tracking"),
        location: id("stock_location_id").map(StockLocationId),
        rate: id("selected_shipping_rate_id").map(ShippingRateId),
        instructions: read::text(given, "special_instructions"),
        metadata: read::metadata(given, true),
    }
}

pub async fn ready(mut call: Call) -> Answered {
    let (order, shipment) = for_staff(&call).await?;
    if let Some(refusal) = with_data(&mut call, &order, shipment).await? {
        return Ok(respond(refusal));
    }
    call.command(&order, Command::ReadyShipment(shipment), About::Shipment, Show::ShipmentOf(shipment)).await
}

pub async fn ship(mut call: Call) -> Answered {
    let (order, shipment) = for_staff(&call).await?;
    if let Some(refusal) = with_data(&mut call, &order, shipment).await? {
        return Ok(respond(refusal));
    }
    call.command(&order, Command::Ship(shipment), About::Shipment, Show::ShipmentOf(shipment)).await
}

pub async fn add(call: Call) -> Answered {
    let (order, shipment) = for_staff(&call).await?;
    let (variant, quantity) = (variant(&call)?, pieces(&call)?);
    let command = Command::AddToShipment { shipment, variant, quantity };
    call.command(&order, command, About::Shipment, Show::ShipmentOf(shipment)).await
}

pub async fn remove(call: Call) -> Answered {
    let (order, shipment) = for_staff(&call).await?;
    let variant = variant(&call)?;
    let quantity = match call.dialect {
        Dialect::Spree if call.params.get("quantity").is_none_or(Value::is_blank) => {
            all_of(&order, shipment, variant)
        }
        _ => pieces(&call)?,
    };
    let left = order.shipment(shipment).is_some_and(|shipment| {
        shipment.runs.iter().any(|run| run.variant != variant)
            || shipment.runs.iter().map(|run| u64::from(run.count)).sum::<u64>() > u64::from(quantity)
    });
    let command = Command::RemoveFromShipment { shipment, variant, quantity };
    if left {
        return call.command(&order, command, About::Shipment, Show::ShipmentOf(shipment)).await;
    }
    // The last piece takes the shipment with it; it is shown once more, empty.
    let response = call.command(&order, command, About::Shipment, Show::Nothing).await?;
    if response.status() != axum::http::StatusCode::NO_CONTENT {
        return Ok(response);
    }
    let mut before = Order::clone(&order);
    if let Some(shipment) = before.shipment_mut(shipment) {
        shipment.runs.clear();
    }
    let around = call.around(&before).await?;
    let shown = before.shipment(shipment).ok_or_else(Refused::not_found)?;
    json_response(200, &views::shipment_show(shown, &before, &around.lens(&call.caller, &before)))
}

pub async fn transfer_to_location(call: Call) -> Answered {
    let (order, from) = original(&call).await?;
    let location = call.integer("stock_location_id").map(StockLocationId);
    let location = location.filter(|id| call.catalog.stock_locations.contains_key(id));
    let to = TransferTo::Location(location.ok_or_else(Refused::not_found)?);
    transfer(&call, &order, from, to).await
}

pub async fn transfer_to_shipment(call: Call) -> Answered {
    let (order, from) = original(&call).await?;
    let number = call.params.text("target_shipment_number").ok_or_else(Refused::not_found)?;
    let target = numbered(&order, number).ok_or_else(Refused::not_found)?;
    transfer(&call, &order, from, TransferTo::Shipment(target)).await
}

async fn transfer(call: &Call, order: &Order, from: ShipmentId, to: TransferTo) -> Answered {
    if call.dialect == Dialect::Spree {
        sensible_transfer(call, from, &to)?;
    }
    let (variant, quantity) = (variant(call)?, pieces(call)?);
    let command = Command::Transfer { from, variant, quantity, to };
    call.command(order, command, About::Transfer, Show::Transferred).await
}

/// What Spree looks at before it moves anything. The misspelling is its own.
fn sensible_transfer(call: &Call, from: ShipmentId, to: &TransferTo) -> Result<(), Refused> {
    let negative = call.integer("quantity").is_some_and(|quantity| quantity < 0);
    let itself = *to == TransferTo::Shipment(from);
    let wrong: Vec<&str> = [
        negative.then_some("quantity is negative"),
        itself.then_some("target shipment is the same as original shipment"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let wrong = wrong.join(", \n");
    Err(Refused::exception(format!("Following errors occured while attempting this action: \n{wrong}")))
}

/// The shipment in the path, for staff.
async fn for_staff(call: &Call) -> Result<(Arc<Order>, ShipmentId), Refused> {
    call.staff_of_record()?;
    by_number(call, "shipment_number").await
}

/// The shipment in the path, for whoever may change its order.
async fn to_change(call: &Call) -> Result<(Arc<Order>, ShipmentId), Refused> {
    let (order, shipment) = by_number(call, "shipment_number").await?;
    if call.caller.may_update(&order) { Ok((order, shipment)) } else { Err(Refused::not_permitted()) }
}

async fn original(call: &Call) -> Result<(Arc<Order>, ShipmentId), Refused> {
    call.staff_only()?;
    by_number(call, "original_shipment_number").await
}

async fn by_number(call: &Call, name: &str) -> Result<(Arc<Order>, ShipmentId), Refused> {
    let number = call.params.text(name).ok_or_else(Refused::not_found)?;
    let order = call.find(&OrderKey::Shipment(number.to_owned())).await?;
    let shipment = numbered(&order, number).ok_or_else(Refused::not_found)?;
    Ok((order, shipment))
}

fn numbered(order: &Order, number: &str) -> Option<ShipmentId> {
    order.shipments.iter().find(|shipment| shipment.number == number).map(|shipment| shipment.id)
}

fn all_of(order: &Order, shipment: ShipmentId, variant: VariantId) -> u32 {
    let runs = order.shipment(shipment).into_iter().flat_map(|shipment| &shipment.runs);
    let count = runs.filter(|run| run.variant == variant).map(|run| u64::from(run.count)).sum::<u64>();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn variant(call: &Call) -> Result<VariantId, Refused> {
    let id = call.integer("variant_id").map(VariantId);
    id.filter(|id| call.catalog.variant(*id).is_some()).ok_or_else(Refused::not_found)
}

fn pieces(call: &Call) -> Result<u32, Refused> {
    let Some(value) = call.params.get("quantity").filter(|value| !value.is_blank()) else { return Ok(1) };
    let number = value.integer().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| read::invalid(About::Shipment, "quantity", domain::refusal::Rule::NotAnInteger))
}
