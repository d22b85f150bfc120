//! Orders: what may be said of one on creation, on update and at each step of checkout.

use super::super::Dialect;
use super::super::refuse::{About, Refused};
use super::{Payments, address, invalid, line_edit, metadata, nested, new_line, text};
use crate::kit::format::parse_timestamp;
use crate::kit::{Map, Value};
use domain::catalog::{Catalog, MethodKind};
use domain::command::{
    Import, ImportedPayment, ImportedShipment, LineChange, Merge, NewOrder, NewPayment, OrderEdit,
    ShipmentEdit,
};
use domain::money::{Amount, Currency};
use domain::order::{CardDetails, Order, PaymentState};
use domain::refusal::Rule;
use domain::{LineId, ShipmentId, ShippingRateId, StockLocationId, VariantId};

/// Everything an order may be begun with.
///
/// # Errors
/// Whatever cannot be said in the domain's types.
pub fn new_order(map: &Map, payments: &Payments<'_>) -> Result<NewOrder, Refused> {
    let mut edit = data(map, None, payments)?;
    edit.lines = lines(map, payments, Merge::WithSame)?;
    let payments = if payments.admin { Vec::new() } else { new_payments(map, payments)? };
    Ok(NewOrder { edit, payments, ..NewOrder::default() })
}

/// A change through the order itself.
///
/// # Errors
/// Whatever cannot be said in the domain's types.
pub fn order_edit(map: &Map, order: &Order, payments: &Payments<'_>) -> Result<OrderEdit, Refused> {
    let mut edit = data(map, Some(order), payments)?;
    edit.lines = match payments.dialect {
        Dialect::Solidus => lines(map, payments, Merge::Never)?,
        Dialect::Spree => {
            let is_known = |change: &LineChange| match change {
                LineChange::Set { line, .. } => order.line(*line).is_some(),
                LineChange::Add(_) => true,
            };
            lines(map, payments, Merge::WithSame)?.into_iter().filter(is_known).collect()
        }
    };
    if payments.admin {
        edit.number = map.get("number").and_then(Value::text).map(str::to_owned);
    }
    Ok(edit)
}

pub(super) fn data(map: &Map, order: Option<&Order>, payments: &Payments<'_>) -> Result<OrderEdit, Refused> {
    let geography = &payments.catalog.settings.geography;
    let bill = order.and_then(|order| order.bill_address.as_ref()).map(|address| &address.fields);
    let ship = order.and_then(|order| order.ship_address.as_ref()).map(|address| &address.fields);
    let given = |name, before| match nested(map, name) {
        Some(value) => address(value, before, geography),
        None => Ok(None),
    };
    let flag = |key: &str| map.get(key).and_then(Value::flag).unwrap_or(false);
    Ok(OrderEdit {
        email: text(map, "email"),
        bill_address: given("bill_address", bill)?,
        ship_address: given("ship_address", ship)?,
        ship_to_bill: flag("use_billing"),
        bill_to_ship: flag("use_shipping"),
        instructions: text(map, "special_instructions"),
        metadata: metadata(map, payments.admin),
        shipments: if order.is_some() { shipment_edits(map) } else { Vec::new() },
        ..OrderEdit::default()
    })
}

fn members<'a>(map: &'a Map, name: &str) -> Vec<&'a Map> {
    let listed = nested(map, name).and_then(Value::list).unwrap_or_default();
    listed.into_iter().filter_map(Value::map).collect()
}

fn lines(map: &Map, read: &Payments<'_>, merge: Merge) -> Result<Vec<LineChange>, Refused> {
    let Payments { catalog, currency, admin, about, .. } = *read;
    let change = |line: &Map| match line.get("id").filter(|id| !id.is_blank()) {
        Some(id) => {
            let line_id = id.integer().map(LineId).ok_or_else(Refused::not_found)?;
            let edit = line_edit(line, currency, admin, about)?;
            Ok(LineChange::Set { line: line_id, edit })
        }
        None => new_line(line, merge, catalog, currency, admin, about).map(LineChange::Add),
    };
    members(map, "line_items").into_iter().map(change).collect()
}

pub(super) fn new_payments(map: &Map, read: &Payments<'_>) -> Result<Vec<NewPayment>, Refused> {
    members(map, "payments").into_iter().map(|payment| read.read(payment)).collect()
}

pub(super) fn shipment_edits(map: &Map) -> Vec<(ShipmentId, ShipmentEdit)> {
    let id = |shipment: &Map, key: &str| shipment.get(key).and_then(Value::integer);
    members(map, "shipments")
        .into_iter()
        .filter_map(|shipment| {
            let edit = ShipmentEdit {
                tracking: text(shipment, "tracking"),
                location: id(shipment, "stock_location_id").map(StockLocationId),
                rate: id(shipment, "selected_shipping_rate_id").map(ShippingRateId),
                instructions: text(shipment, "special_instructions"),
                ..ShipmentEdit::default()
            };
            Some((ShipmentId(id(shipment, "id")?), edit))
        })
        .collect()
}

/// What staff state about an order that was placed elsewhere.
///
/// # Errors
/// 404 for methods, locations and variants that do not exist; 422 for amounts and times that are none.
pub fn import(map: &Map, read: &Payments<'_>) -> Result<Import, Refused> {
    let shipments = match nested(map, "shipments") {
        Some(_) => {
            let shipments =
                members(map, "shipments").into_iter().map(|shipment| imported_shipment(shipment, read));
            Some(shipments.collect::<Result<Vec<_>, _>>()?)
        }
        None => None,
    };
    let payments = members(map, "payments").into_iter().map(|payment| imported_payment(payment, read));
    Ok(Import {
        number: map
            .get("number")
            .and_then(Value::text)
            .filter(|number| !number.is_empty())
            .map(str::to_owned),
        created_at: time(map, "created_at", read.about)?,
        completed_at: time(map, "completed_at", read.about)?,
        shipments,
        payments: payments.collect::<Result<Vec<_>, _>>()?,
    })
}

fn time(map: &Map, key: &str, about: About) -> Result<Option<domain::Time>, Refused> {
    let Some(value) = map.get(key).filter(|value| !value.is_blank()) else { return Ok(None) };
    let parsed = value.text().and_then(parse_timestamp);
    parsed.map(Some).ok_or_else(|| invalid(about, key, Rule::Invalid))
}

fn amount(map: &Map, key: &str, currency: Currency, about: About) -> Result<Amount, Refused> {
    let Some(value) = map.get(key).filter(|value| !value.is_blank()) else { return Ok(Amount::ZERO) };
    super::lenient_amount(value, currency).ok_or_else(|| invalid(about, key, Rule::NotANumber))
}

fn imported_shipment(map: &Map, read: &Payments<'_>) -> Result<ImportedShipment, Refused> {
    let catalog = read.catalog;
    let named = |key: &str| map.get(key).and_then(Value::text);
    let location = catalog
        .stock_locations
        .values()
        .find(|location| Some(location.name.as_str()) == named("stock_location"));
    let method = catalog
        .shipping_methods
        .values()
        .find(|method| Some(method.name.as_str()) == named("shipping_method"));
    let units = members(map, "inventory_units").into_iter().map(|unit| unit_variant(unit, catalog));
    Ok(ImportedShipment {
        tracking: text(map, "tracking"),
        cost: amount(map, "cost", read.currency, read.about)?,
        location: location.ok_or_else(Refused::not_found)?.id,
        method: method.ok_or_else(Refused::not_found)?.id,
        units: counted(units.collect::<Result<Vec<_>, _>>()?),
        shipped_at: time(map, "shipped_at", read.about)?,
    })
}

fn unit_variant(unit: &Map, catalog: &Catalog) -> Result<VariantId, Refused> {
    let by_id = unit.get("variant_id").and_then(Value::integer).map(VariantId);
    let by_sku = || catalog.variant_by_sku(unit.get("sku")?.text()?);
    by_id.or_else(by_sku).ok_or_else(Refused::not_found)
}

/// One entry a piece, as runs.
fn counted(pieces: Vec<VariantId>) -> Vec<(VariantId, u32)> {
    let mut runs: Vec<(VariantId, u32)> = Vec::new();
    for variant in pieces {
        match runs.iter_mut().find(|(known, _)| *known == variant) {
            Some((_, count)) => *count += 1,
            None => runs.push((variant, 1)),
        }
    }
    runs
}

fn imported_payment(map: &Map, read: &Payments<'_>) -> Result<ImportedPayment, Refused> {
    let name = map.get("payment_method").and_then(Value::text).ok_or_else(Refused::not_found)?;
    let method = read.catalog.payment_methods.values().find(|method| method.name == name);
    let method = method.ok_or_else(Refused::not_found)?;
    let status = || map.get("status").filter(|_| read.dialect == Dialect::Spree);
    let state = match map.get("state").or_else(status).and_then(Value::text) {
        None | Some("completed") => PaymentState::Captured,
        Some("checkout") => PaymentState::Stored,
        Some("pending") => PaymentState::Authorized,
        Some("failed") => PaymentState::Failed,
        Some("void") => PaymentState::Void,
        Some("invalid") => PaymentState::Replaced,
        Some(_) => return Err(invalid(read.about, "payments.state", Rule::NotIncluded)),
    };
    let card = match (&method.kind, nested(map, "source").and_then(Value::map)) {
        (MethodKind::Card(_), Some(source)) => Some(imported_card(source)),
        _ => None,
    };
    Ok(ImportedPayment {
        method: method.id,
        amount: amount(map, "amount", read.currency, read.about)?,
        state,
        card,
        created_at: time(map, "created_at", read.about)?,
    })
}

/// A card that was charged elsewhere: what may be known of it, never its number.
fn imported_card(source: &Map) -> CardDetails {
    let said = |key: &str| source.get(key).and_then(Value::text).unwrap_or_default().trim().to_owned();
    let last4: String = said("last_digits").chars().filter(char::is_ascii_digit).take(4).collect();
    let profile = Some(said("gateway_customer_profile_id")).filter(|profile| !profile.is_empty());
    CardDetails {
        brand: said("cc_type"),
        last4,
        month: said("month").parse().unwrap_or_default(),
        year: said("year").parse().unwrap_or_default(),
        name: said("name"),
        token: profile.clone().unwrap_or_default(),
        profile,
    }
}
