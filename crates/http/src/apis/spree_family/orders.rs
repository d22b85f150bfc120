//! Orders: begin, list, look, change, empty, cancel.

use super::Dialect;
use super::answer::{Show, Surroundings, json_response};
use super::call::{Answered, Call, GuestCall};
use super::read;
use super::refuse::{About, Refused, respond, trouble};
use super::views;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::{Page, PageInfo};
use crate::kit::{Map, Value};
use domain::command::{Command, OrderEdit};
use domain::order::Order;
use domain::user::{Buyer, User};
use domain::{OrderId, UserId};
use engine::Reply;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Test, UserKey};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Attributes that an unwrapped body may name.
const ATTRIBUTES: &[&str] = &[
    "email",
    "line_items",
    "bill_address",
    "ship_address",
    "use_billing",
    "use_shipping",
    "special_instructions",
    "shipments",
    "payments",
    "customer_metadata",
    "admin_metadata",
    "number",
    "user_id",
    "created_at",
    "completed_at",
];

/// The channels whose orders a shopper of this API goes on with.
const CONTINUED: [&str; 3] = ["solidus", "spree", "pages"];

/// A page of something, under the name this API gives it.
#[derive(Serialize)]
pub(super) struct Paged {
    count: u64,
    total_count: u64,
    current_page: u64,
    pages: u64,
    per_page: u32,
}

impl From<PageInfo> for Paged {
    fn from(info: PageInfo) -> Paged {
        let PageInfo { count, total_count, current_page, pages, per_page } = info;
        Paged { count, total_count, current_page, pages, per_page }
    }
}

pub async fn create(GuestCall(mut call): GuestCall) -> Answered {
    let order = call.resource("order", ATTRIBUTES).unwrap_or_default();
    let currency = call.catalog.settings.currency;
    let read = call.payments(currency, About::Order);
    let mut new = read::new_order(&order, &read)?;
    new.customer = call.caller.user().map(|user| user.id);
    if call.admin() {
        new.import = Some(read::import(&order, &read)?);
        if let Some(user) = named_user(&call, &order).await? {
            new.customer = Some(user.id);
        }
    }
    call.create(Command::Create(Box::new(new)), currency).await
}

pub async fn index(call: Call) -> Answered {
    call.staff_only()?;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let mut query = read::order_query(&call.params, &page, None, call.catalog.settings.currency);
    by_shipment(&call, &mut query).await?;
    let found = call.app.engine.orders(&query).await.map_err(|error| trouble(&error, OrderId(0)))?;
    let mut around = around_none(&call);
    let mut buyers = Buyers::default();
    let mut orders = Vec::with_capacity(found.rows.len());
    for order in &found.rows {
        around.buyer = buyers.of(&call, order).await?;
        let lens = around.lens(&call.caller, order);
        let view = serde_json::value::to_raw_value(&views::order_small(order, &lens));
        orders.push(view.map_err(|_| Refused::broken())?);
    }
    json_response(200, &List { orders, paged: page.info(found.total).into() })
}

#[derive(Serialize)]
struct List {
    orders: Vec<Box<serde_json::value::RawValue>>,
    #[serde(flatten)]
    paged: Paged,
}

pub async fn mine(call: Call) -> Answered {
    let user = call.caller.user().ok_or_else(Refused::not_permitted)?.id;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let mut query = read::order_query(&call.params, &page, Some(user), call.catalog.settings.currency);
    // Completed ones first, the latest first; what is missing sorts as the smallest.
    query.sort = vec![
        (OrderColumn::CompletedAt, Direction::Descending),
        (OrderColumn::CreatedAt, Direction::Descending),
    ];
    let found = call.app.engine.orders(&query).await.map_err(|error| trouble(&error, OrderId(0)))?;
    let mut orders = Vec::with_capacity(found.rows.len());
    for order in &found.rows {
        let around = call.around(order).await?;
        let view =
            serde_json::value::to_raw_value(&views::order_big(order, &around.lens(&call.caller, order)));
        orders.push(view.map_err(|_| Refused::broken())?);
    }
    json_response(200, &List { orders, paged: page.info(found.total).into() })
}

pub async fn current(call: Call) -> Answered {
    let user = call.caller.user().ok_or_else(Refused::not_permitted)?.id;
    let begun_here = CONTINUED.iter().map(|name| Scalar::Text((*name).to_owned())).collect();
    let mut filters = vec![OrderFilter { columns: vec![OrderColumn::Origin], test: Test::In(begun_here) }];
    if call.dialect == Dialect::Spree {
        // Solidus looks at the latest order of all, Spree at the latest one that is not complete.
        filters.push(OrderFilter { columns: vec![OrderColumn::CompletedAt], test: Test::IsNull });
    }
    let query = OrderQuery {
        filters,
        sort: vec![(OrderColumn::CreatedAt, Direction::Descending), (OrderColumn::Id, Direction::Descending)],
        customer: Some(user),
        limit: 1,
        ..OrderQuery::default()
    };
    let found = call.app.engine.orders(&query).await.map_err(|error| trouble(&error, OrderId(0)))?;
    match found.rows.first().filter(|order| order.phase.is_unfinished()) {
        Some(order) => big(&call, order).await,
        None => Ok(respond(Reply::new(204, "", Vec::new()))),
    }
}

pub async fn show(call: Call) -> Answered {
    let order = call.order_to_show().await?;
    big(&call, &order).await
}

pub async fn update(mut call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let given = call.resource("order", ATTRIBUTES).unwrap_or_default();
    let mut edit = read::order_edit(&given, &order, &call.payments(order.currency, About::Order))?;
    hand_over(&call, &given, &mut edit).await?;
    call.command(&order, Command::Edit(Box::new(edit)), About::Order, Show::Order).await
}

pub async fn empty(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let show = match call.dialect {
        Dialect::Solidus => Show::Order,
        Dialect::Spree => Show::Nothing,
    };
    call.command(&order, Command::Empty, About::Order, show).await
}

pub async fn cancel(call: Call) -> Answered {
    let order = match call.dialect {
        Dialect::Solidus => call.order_to_change().await?,
        Dialect::Spree => for_staff(&call).await?,
    };
    call.command(&order, Command::Cancel, About::Order, Show::Order).await
}

pub async fn approve(call: Call) -> Answered {
    let order = for_staff(&call).await?;
    call.command(&order, Command::Approve, About::Order, Show::Order).await
}

/// The order in the path, which staff alone may do this to.
async fn for_staff(call: &Call) -> Result<Arc<Order>, Refused> {
    let order = call.order().await?;
    call.staff_only()?;
    Ok(order)
}

/// The big view of an order.
pub(super) async fn big(call: &Call, order: &Order) -> Answered {
    let around = call.around(order).await?;
    json_response(200, &views::order_big(order, &around.lens(&call.caller, order)))
}

/// Staff gives an order to an account, and its e-mail address with it.
pub(super) async fn hand_over(call: &Call, given: &Map, edit: &mut OrderEdit) -> Result<(), Refused> {
    if let Some(user) = named_user(call, given).await? {
        edit.customer = Some(user.id);
        edit.customer_email = Some(user.email.clone());
    }
    Ok(())
}

/// The account that staff name by `user_id`.
async fn named_user(call: &Call, given: &Map) -> Result<Option<Arc<User>>, Refused> {
    let Some(id) = given.get("user_id").filter(|id| call.admin() && !id.is_blank()) else { return Ok(None) };
    let id = id.integer().map(UserId).ok_or_else(Refused::not_found)?;
    let found = call.app.engine.user(&UserKey::Id(id)).await.map_err(|error| trouble(&error, OrderId(0)))?;
    found.map(Some).ok_or_else(Refused::not_found)
}

/// A search by the number of a shipment is a search by the order that has it.
async fn by_shipment(call: &Call, query: &mut OrderQuery) -> Result<(), Refused> {
    let Some(number) = call.params.path(&["q", "shipments_number_eq"]).and_then(Value::text) else {
        return Ok(());
    };
    let key = engine::ports::OrderKey::Shipment(number.to_owned());
    let order = call.app.engine.order(&key).await.map_err(|error| trouble(&error, OrderId(0)))?;
    let ids = order.map(|order| Scalar::Integer(order.id.0)).into_iter().collect();
    query.filters.push(OrderFilter { columns: vec![OrderColumn::Id], test: Test::In(ids) });
    Ok(())
}

fn around_none(call: &Call) -> Surroundings {
    let catalog = Arc::clone(&call.catalog);
    Surroundings { catalog, stock: Default::default(), buyer: Buyer::default(), now: call.app.engine.now() }
}

/// Buyers of a list of orders, each read once.
#[derive(Default)]
struct Buyers(HashMap<Option<UserId>, Buyer>);

impl Buyers {
    async fn of(&mut self, call: &Call, order: &Order) -> Result<Buyer, Refused> {
        if let Some(known) = self.0.get(&order.customer) {
            return Ok(known.clone());
        }
        let buyer = match order.customer {
            Some(_) => call.app.engine.buyer_of(order).await.map_err(|error| trouble(&error, order.id))?,
            None => Buyer::default(),
        };
        self.0.insert(order.customer, buyer.clone());
        Ok(buyer)
    }
}
