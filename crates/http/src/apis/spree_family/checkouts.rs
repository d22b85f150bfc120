//! Checkout: one step, all steps, the last step, and data for a step followed by one step.

use super::Dialect;
use super::answer::Show;
use super::call::{Answered, Call};
use super::known_card;
use super::orders::hand_over;
use super::read;
use super::refuse::{About, Fields, Refused, respond, trouble};
use super::state::{name_of, state_of, step_of};
use crate::kit::Value;
use domain::channel::Step;
use domain::command::{Command, Go, Proceed, ShipmentEdit};
use domain::money::Amount;
use domain::order::Order;
use engine::{Reply, Trouble};
use std::sync::Arc;

/// How often data for a step are read anew because the order moved on meanwhile.
const ROUNDS: usize = 3;

pub async fn next(call: Call) -> Answered {
    proceed(call, Go::Next).await
}

pub async fn advance(call: Call) -> Answered {
    proceed(call, Go::Advance).await
}

pub async fn complete(call: Call) -> Answered {
    proceed(call, Go::Complete).await
}

async fn proceed(call: Call, go: Go) -> Answered {
    let order = call.order_to_change().await?;
    let expected_total = if go == Go::Advance { None } else { expected_total(&call, &order)? };
    let back_to = back_to(&call)?;
    let command = Command::Proceed(Box::new(Proceed { back_to, expected_total, ..Proceed::only(go) }));
    let show = match (go, call.dialect) {
        (Go::Advance, Dialect::Spree) => Show::OrderAsFarAsItCame,
        _ => Show::Order,
    };
    call.command(&order, command, About::Checkout, show).await
}

/// Which attributes are read depends on the state, so the command is for the version that was looked at; if the
/// order moved meanwhile, it is looked at again.
pub async fn update(call: Call) -> Answered {
    let mut order = call.order_to_change().await?;
    for _ in 1..ROUNDS {
        match update_version(&call, &order).await? {
            Err(Trouble::VersionMismatch { .. }) => order = call.order_to_change().await?,
            Err(other) => return Err(trouble(&other, order.id)),
            Ok(reply) => return Ok(respond(reply)),
        }
    }
    let last = update_version(&call, &order).await?;
    last.map(respond).map_err(|error| trouble(&error, order.id))
}

async fn update_version(call: &Call, order: &Arc<Order>) -> Result<Result<Reply, Trouble>, Refused> {
    let back_to = back_to(call)?;
    let state = back_to.map_or_else(|| state_of(order), name_of);
    let given = call.params.get("order").and_then(Value::map).filter(|map| !map.is_empty());
    let needs_data = call.dialect == Dialect::Solidus && matches!(state, "delivery" | "payment");
    if given.is_none() && needs_data {
        return Err(call.missing_param("order"));
    }
    let mut given = given.cloned().unwrap_or_default();
    if call.dialect == Dialect::Spree {
        read::place_sources(&mut given, call.params.get("payment_source"));
    }
    let reader = call.payments(order.currency, About::Checkout);
    let (mut edit, mut payments) = read::checkout_edit(&given, state, order, &reader)?;
    if call.dialect == Dialect::Spree {
        payments.extend(known_card::given(call, &given, order).await?);
    }
    let code = given.get("coupon_code").and_then(Value::text).filter(|_| call.dialect == Dialect::Spree);
    let code = code.filter(|code| !code.trim().is_empty()).map(str::to_owned);
    hand_over(call, &given, &mut edit).await?;
    let rates = read::permitted_rates(&mut edit);
    edit.shipments.retain(|(_, edit)| *edit != ShipmentEdit::default());
    // Only staff get here with an order that is complete.
    let go = if order.is_placed() { Go::Nowhere } else { Go::Next };
    let proceed = Proceed { back_to, expected_total: None, edit, payments, rates, code, go };
    let command = Command::Proceed(Box::new(proceed));
    Ok(call.command_on_version(order, command, About::Checkout).await)
}

/// `state=`: a step to go back to first.
fn back_to(call: &Call) -> Result<Option<Step>, Refused> {
    let Some(name) = call.params.text("state").filter(|name| !name.is_empty()) else { return Ok(None) };
    let message = "cannot transition via \"state\"";
    step_of(name).map(Some).ok_or_else(|| Refused::no_transition("order", Fields::one("state", message)))
}

/// A total that is no amount cannot be the order's.
fn expected_total(call: &Call, order: &Order) -> Result<Option<Amount>, Refused> {
    let Some(value) = call.params.get("expected_total").filter(|value| !value.is_blank()) else {
        return Ok(None);
    };
    let exact = value
        .decimal_text()
        .filter(|text| is_exact(text, order))
        .and_then(|text| Amount::parse(text, order.currency));
    exact.map(Some).ok_or_else(Refused::total_mismatch)
}

/// Compared as numbers: `19.9900` is `19.99`, but `19.994` is not.
fn is_exact(text: &str, order: &Order) -> bool {
    let places = domain::money::exponent(order.currency) as usize;
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.bytes().skip(places).all(|digit| digit == b'0')
}
