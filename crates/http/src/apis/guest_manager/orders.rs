//! Orders: begin, list, look, wait for, change, and the moves that are no checkout.

use super::answer::Show;
use super::call::{Answered, Call, StaffCall};
use super::list::{PAGE_SIZE, Part, list};
use super::read::{self, By, GUEST};
use super::refuse::{About, Flawed, Refused, respond};
use super::{search, views};
use crate::kit::{Map, Value};
use axum::response::Response;
use domain::catalog::StockView;
use domain::command::{Command, GuestEdit, Metadata, NewOrder, OrderEdit, TicketingEdit};
use domain::money::Currency;
use domain::order::{CheckoutMode, Order, Phase};
use domain::user::Buyer;
use domain::{CustomizationId, OrderFormId, OrderId};
use engine::ports::OrderKey;
use engine::{Replayed, Reply};
use serde_json::json;

/// Attributes of an order that a new one may have, beside its buyer.
const NEW: &[&str] = &[
    "currency",
    "guest_checkout",
    "line_items",
    "order_form_id",
    "checkout_customization_id",
    "metadata",
    "guest_token",
];
/// Attributes of an order that can be changed, beside its buyer.
const CHANGED: &[&str] = &["line_items", "metadata", "guest_token"];

pub async fn create(call: Call) -> Answered {
    let given = order_map(&call)?;
    read::only(given, &[NEW, GUEST])?;
    if given.get("guest_checkout").and_then(Value::flag) != Some(true) {
        return Err(Refused::guest_checkout_required());
    }
    let currency = currency(given)?;
    let mut edit = edit(given, None)?;
    let ticketing = edit.ticketing.get_or_insert_default();
    ticketing.mode = Some(CheckoutMode::Guest);
    ticketing.order_form = reference(given, "order_form_id")?.map(OrderFormId);
    ticketing.customization = reference(given, "checkout_customization_id")?.map(CustomizationId);
    let new = NewOrder { currency: Some(currency), edit, ..NewOrder::default() };
    let reply = call.create(Command::Create(Box::new(new))).await?;
    let moves = call.params.get("transition_order").and_then(Value::flag) == Some(true);
    if !moves || reply.status != 201 {
        return Ok(respond(reply));
    }
    begin_checkout(call, reply).await
}

/// The new order takes its first step. If it cannot, it is there all the same, and stands in its cart.
async fn begin_checkout(mut call: Call, created: Reply) -> Answered {
    let found = match created_id(&created) {
        Some(id) => call.find(&OrderKey::Id(id)).await?,
        None => None,
    };
    let Some(order) = found else { return Ok(respond(created)) };
    if order.phase == Phase::Cart {
        // The key belongs to the creation; the step is safe to repeat.
        call.once = None;
        let about = About::Checkout(super::state::CART.to_owned());
        let walk = Command::Walk(Box::default());
        call.command(&order, walk, about, Show::Order).await?;
    }
    let order = call.find(&OrderKey::Id(order.id)).await?.unwrap_or(order);
    let around = call.around(&order).await?;
    let mut reply = call.manner.reply(201, &views::order(&order, &around.lens()));
    reply.replayed = created.replayed;
    Ok(respond(reply))
}

/// The order that a reply tells of.
fn created_id(reply: &Reply) -> Option<OrderId> {
    let body: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
    debug_assert!(reply.replayed == Replayed::No || reply.status == 201);
    body["id"].as_i64().map(OrderId)
}

/// # Errors
/// 422 without a currency, or with one that there is not.
fn currency(given: &Map) -> Result<Currency, Refused> {
    let wrong = |code, message: &str| Refused::of_order(None, Flawed::new("currency", code, message));
    match given.get("currency").filter(|value| !value.is_blank()) {
        None => Err(wrong("blank", "can't be blank")),
        Some(code) => code
            .text()
            .and_then(|code| code.trim().to_ascii_uppercase().parse().ok())
            .ok_or_else(|| wrong("inclusion", "is not included in the list")),
    }
}

/// The id of something the order refers to.
fn reference(given: &Map, name: &str) -> Result<Option<i64>, Refused> {
    let Some(value) = given.get(name).filter(|value| !value.is_blank()) else { return Ok(None) };
    let wrong = || Flawed::new(name, "inclusion", "is not included in the list");
    value.integer().map(Some).ok_or_else(|| Refused::of_order(None, wrong()))
}

/// Buyer, contents and metadata.
fn edit(given: &Map, order: Option<&Order>) -> Result<OrderEdit, Refused> {
    let guest = read::guest(given, order).map_err(|faults| Refused::faults(order, &faults))?;
    let lines = match given.get("line_items").filter(|value| **value != Value::Null) {
        None => Vec::new(),
        Some(value) => read::changes(value, order, By::Adding)?,
    };
    let guest: Option<GuestEdit> = guest;
    let ticketing = guest.map(|guest| Box::new(TicketingEdit { guest, ..TicketingEdit::default() }));
    Ok(OrderEdit { lines, metadata: metadata(given, order)?, ticketing, ..OrderEdit::default() })
}

fn metadata(given: &Map, order: Option<&Order>) -> Result<Metadata, Refused> {
    let customer = match given.get("metadata") {
        None => None,
        Some(Value::Null) => Some(serde_json::Map::new()),
        Some(value) => match value.to_json() {
            serde_json::Value::Object(map) => Some(map),
            _ => {
                let flawed = Flawed::new("metadata", "invalid", "must be an object");
                return Err(Refused::of_order(order, flawed));
            }
        },
    };
    Ok(Metadata { customer, admin: None })
}

fn order_map(call: &Call) -> Result<&Map, Refused> {
    let given = call.params.get("order").and_then(Value::map).filter(|map| !map.is_empty());
    given.ok_or_else(|| Refused::parameter_missing("order"))
}

pub async fn update(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let given = order_map(&call)?;
    read::only(given, &[CHANGED, GUEST])?;
    let edit = edit(given, Some(&order))?;
    call.command(&order, Command::Edit(Box::new(edit)), About::Cart, Show::Order).await
}

pub async fn show(call: Call) -> Answered {
    let order = call.order().await?;
    call.show(&order, 200).await
}

/// While a payment is being processed there is nothing to see but that, and where the buyer has to go.
pub async fn poll(call: Call) -> Answered {
    let order = call.order().await?;
    if order.phase != Phase::Placing {
        return call.show(&order, 200).await;
    }
    let mut view = json!({ "state": super::state::PROCESSING });
    if let Some(action) = order.payments.iter().find_map(views::next_action) {
        view["next_action"] = json!(action);
    }
    Ok(respond(call.manner.reply(200, &view)))
}

/// Buyers give up what is not placed; taking back what is placed is staff's.
pub async fn cancel(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    if order.is_placed() && call.caller.is_admin() {
        return call.command_of_staff(&order, Command::Cancel, About::Move("cancel"), Show::Order).await;
    }
    call.command(&order, Command::GiveUp, About::Move("cancel"), Show::Order).await
}

pub async fn approve(StaffCall(call): StaffCall) -> Answered {
    by_staff(&call, Command::Offer, "approve").await
}

pub async fn deny(StaffCall(call): StaffCall) -> Answered {
    by_staff(&call, Command::Deny, "deny").await
}

pub async fn void(StaffCall(call): StaffCall) -> Answered {
    by_staff(&call, Command::Void, "void").await
}

async fn by_staff(call: &Call, command: Command, event: &'static str) -> Answered {
    let order = call.order().await?;
    call.command_of_staff(&order, command, About::Move(event), Show::Order).await
}

pub async fn index(call: Call) -> Answered {
    let part = Part::read(&call.params, PAGE_SIZE);
    let found = search::orders(&call, &part).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    let (stock, buyer) = (StockView::default(), Buyer::default());
    let places = call.app.engine.queue_places_of(&found.rows).await;
    let places = places.map_err(|error| Refused::trouble(&error))?;
    let lens = views::Lens {
        catalog: &call.catalog,
        // Lists tell nothing about what is left: that would be a look at the stock for each row.
        stock: &stock,
        channel: super::answer::via(&call.catalog),
        buyer: &buyer,
        now: call.app.engine.now(),
        places: &places,
        public_url: &call.manner.public_url,
    };
    rows.extend(found.rows.iter().map(|order| views::order(order, &lens)));
    let response: Response = list(&call, part, &rows, found.total)?;
    Ok(response)
}
