//! Checkout: which attributes count. Solidus reads those of the state the order is in, Spree the same in every state.

use super::super::Dialect;
use super::super::refuse::Refused;
use super::order::{data, new_payments, shipment_edits};
use super::{Payments, nested, text};
use crate::kit::{Map, Value};
use domain::command::{Metadata, NewPayment, OrderEdit};
use domain::order::Order;
use domain::{ShipmentId, ShippingRateId};

/// What checkout takes in the given state: the data, and payments to add.
///
/// # Errors
/// Whatever cannot be said in the domain's types.
pub fn checkout_edit(
    map: &Map,
    state: &str,
    order: &Order,
    payments: &Payments<'_>,
) -> Result<(OrderEdit, Vec<NewPayment>), Refused> {
    let (edit, mut payments) = match payments.dialect {
        Dialect::Solidus => by_state(map, state, order, payments)?,
        Dialect::Spree => in_any_state(map, order, payments)?,
    };
    // The first one pays what is to be paid, whatever the caller says.
    if let Some(first) = payments.first_mut() {
        first.amount = None;
    }
    Ok((edit, payments))
}

fn by_state(
    map: &Map,
    state: &str,
    order: &Order,
    payments: &Payments<'_>,
) -> Result<(OrderEdit, Vec<NewPayment>), Refused> {
    match state {
        "cart" | "address" => {
            let edit = data(map, Some(order), payments)?;
            let (instructions, metadata, shipments) = (None, Metadata::default(), Vec::new());
            Ok((OrderEdit { instructions, metadata, shipments, ..edit }, Vec::new()))
        }
        "delivery" => {
            let shipments = shipment_edits(map);
            let instructions = text(map, "special_instructions");
            Ok((OrderEdit { instructions, shipments, ..OrderEdit::default() }, Vec::new()))
        }
        "payment" => Ok((OrderEdit::default(), new_payments(map, payments)?)),
        _ => Ok((OrderEdit::default(), Vec::new())),
    }
}

/// An attribute that is `null` counts as not said.
fn in_any_state(
    map: &Map,
    order: &Order,
    payments: &Payments<'_>,
) -> Result<(OrderEdit, Vec<NewPayment>), Refused> {
    let said: Map = map
        .iter()
        .filter(|(_, value)| **value != Value::Null)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let edit = OrderEdit { metadata: Metadata::default(), ..data(&said, Some(order), payments)? };
    let given = nested(&said, "payments").and_then(Value::list_or_one).unwrap_or_default();
    let first = given.into_iter().filter_map(Value::map).take(1);
    let payments: Result<Vec<NewPayment>, Refused> = first.map(|payment| payments.read(payment)).collect();
    Ok((edit, payments?))
}

/// The rates that checkout is asked to select, taken out of the shipments' other changes.
pub fn permitted_rates(edit: &mut OrderEdit) -> Vec<(ShipmentId, ShippingRateId)> {
    edit.shipments.iter_mut().filter_map(|(shipment, edit)| Some((*shipment, edit.rate.take()?))).collect()
}

/// Spree's other way of giving a payment its source: beside the payments, in a map by the method's id. It is put
/// where the payment itself would have it.
pub fn place_sources(order: &mut Map, beside: Option<&Value>) {
    let within = order.get("payment_source").cloned();
    let Some(sources) = beside.cloned().or(within) else { return };
    for name in ["payments_attributes", "payments"] {
        match order.get_mut(name) {
            Some(Value::List(payments)) => {
                payments.iter_mut().for_each(|payment| place_source(payment, &sources))
            }
            Some(one @ Value::Map(_)) if one.get("payment_method_id").is_some() => {
                place_source(one, &sources)
            }
            Some(Value::Map(payments)) => {
                payments.values_mut().for_each(|payment| place_source(payment, &sources));
            }
            _ => {}
        }
    }
}

fn place_source(payment: &mut Value, sources: &Value) {
    let Value::Map(payment) = payment else { return };
    if nested(payment, "source").is_some_and(|source| !source.is_blank()) {
        return;
    }
    let source = payment.get("payment_method_id").and_then(Value::text).and_then(|id| sources.get(id));
    if let Some(source) = source.cloned() {
        payment.insert("source_attributes".to_owned(), source);
    }
}
