//! What a caller needs to know to fill the step an order stands on: conditions, choices, add-ons, what is locked,
//! how it can be delivered, what conflicts.

use super::Lens;
use super::line::name;
use super::wire::money;
use domain::catalog::{Entry, Product, Variant};
use domain::channel::Step;
use domain::order::{Line, Order};
use domain::ticketing::{access, availability, conflicts, steps};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The helper of a step by its key; empty for steps that have none.
pub fn of(step: Step, order: &Order, lens: &Lens<'_>) -> Map<String, Value> {
    let (key, value) = match step {
        Step::OrderForm => ("order_form", order_form(order, lens)),
        Step::Customize => ("customizations", customizations(order, lens)),
        Step::AddOn => ("addons", addons(order, lens)),
        Step::Password => ("access", json!({ "passwords": passwords(order, lens) })),
        Step::Invite => ("access", json!({ "invites": invites(order, lens) })),
        Step::Membership => ("access", json!({ "memberships": memberships(order, lens) })),
        Step::Delivery => ("shipping_methods", shipping_methods(order, lens)),
        Step::Conflict => ("conflicts", conflicting(order, lens)),
        _ => return Map::new(),
    };
    Map::from_iter([(key.to_owned(), value)])
}

fn order_form(order: &Order, lens: &Lens<'_>) -> Value {
    let form = order.ticketing.order_form.and_then(|id| lens.catalog.ticketing.order_forms.get(&id));
    let Some(form) = form else { return Value::Null };
    let conditions: Vec<Value> = steps::conditions(order, lens.catalog)
        .map(|(condition, current)| {
            json!({
                "id": condition.id,
                "label": condition.label,
                "variant_ids": condition.variants,
                "min_quantity": condition.minimum,
                "max_quantity": condition.maximum,
                "current": current,
                "satisfied": steps::is_met(condition, current),
            })
        })
        .collect();
    json!({ "id": form.id, "name": form.name, "conditions": conditions })
}

/// A variant to choose.
fn option(product: &Product, variant: &Variant, order: &Order, lens: &Lens<'_>) -> Value {
    let price = variant.price_in(order.currency).map(|price| money(price, order.currency));
    json!({
        "variant_id": variant.id,
        "name": name(product, variant, lens.catalog),
        "price": price,
        "available": is_available(product, variant, lens),
    })
}

/// Whether one piece is to be had. Where nobody has looked at the stock, what the sale says counts.
fn is_available(product: &Product, variant: &Variant, lens: &Lens<'_>) -> bool {
    let known = variant.draws.iter().map(|draw| draw.pool).chain([variant.id]);
    let known = known.into_iter().any(|id| !lens.stock.of(id).is_empty());
    let free = if known { availability::free(lens.catalog, variant, lens.stock) } else { None };
    availability::of_variant(product, variant, 1, free, lens.now).can_be_ordered()
}

fn customizations(order: &Order, lens: &Lens<'_>) -> Value {
    let open = order.lines.iter().filter(|line| steps::is_unspecific(line, lens.catalog));
    let rows = open.filter_map(|line| {
        let (product, _) = lens.catalog.variant(line.variant)?;
        let options: Vec<Value> =
            steps::choices(product).map(|variant| option(product, variant, order, lens)).collect();
        Some(json!({ "line_item_id": line.id, "product_id": product.id, "options": options }))
    });
    rows.collect()
}

fn addons(order: &Order, lens: &Lens<'_>) -> Value {
    let of_line = |line: &Line| -> Vec<Value> {
        let offered = steps::addons(line, lens.catalog, lens.now);
        let row = |(addon, product): (&domain::catalog::AddOn, &Product)| {
            let variants: Vec<&Variant> = match product.variants.is_empty() {
                true => vec![&product.master],
                false => steps::choices(product).collect(),
            };
            let variants: Vec<Value> =
                variants.into_iter().map(|variant| option(product, variant, order, lens)).collect();
            json!({
                "line_item_id": line.id,
                "product_id": product.id,
                "name": product.name,
                "min": addon.min,
                "max": addon.max,
                "variants": variants,
            })
        };
        offered.map(row).collect()
    };
    order.lines.iter().flat_map(of_line).collect()
}

fn passwords(order: &Order, lens: &Lens<'_>) -> Vec<Value> {
    let events = order.ticketing.events();
    let rows = events.iter().filter_map(|id| lens.catalog.ticketing.events.get(id));
    rows.filter(|event| event.password.is_some())
        .map(|event| {
            json!({
                "event_id": event.id,
                "event_name": event.name,
                "satisfied": access::password_given(order, event),
            })
        })
        .collect()
}

fn invites(order: &Order, lens: &Lens<'_>) -> Vec<Value> {
    let events = order.ticketing.events();
    let rows = events.iter().filter_map(|id| lens.catalog.ticketing.events.get(id));
    rows.filter(|event| event.entry == Entry::InviteOnly)
        .map(|event| {
            let satisfied = access::is_invited(order, event, lens.catalog, lens.now);
            json!({ "event_id": event.id, "event_name": event.name, "satisfied": satisfied })
        })
        .collect()
}

fn memberships(order: &Order, lens: &Lens<'_>) -> Vec<Value> {
    let asked = order.lines.iter().filter(|line| !access::plans(line, lens.catalog).is_empty());
    asked
        .map(|line| {
            json!({
                "line_item_id": line.id,
                "plan_ids": access::plans(line, lens.catalog),
                "satisfied": access::is_member(order, line, lens.catalog, lens.now),
            })
        })
        .collect()
}

/// One choice serves all parcels, so a method is offered if every parcel can go by it; its cost is that of all.
fn shipping_methods(order: &Order, lens: &Lens<'_>) -> Value {
    let mut offered: BTreeMap<domain::ShippingMethodId, (usize, i64)> = BTreeMap::new();
    for rate in order.shipments.iter().flat_map(|shipment| &shipment.rates) {
        let entry = offered.entry(rate.method).or_default();
        *entry = (entry.0 + 1, entry.1.saturating_add(rate.cost.0));
    }
    let mut rows: Vec<(i64, Value)> = offered
        .into_iter()
        .filter(|(_, (count, _))| *count == order.shipments.len())
        .filter_map(|(id, (_, cost))| {
            let method = lens.catalog.shipping_methods.get(&id)?;
            let view = json!({
                "id": id,
                "name": method.name,
                "description": method.code,
                "cost": money(domain::money::Amount(cost), order.currency),
                "estimate": null,
            });
            Some((cost, view))
        })
        .collect();
    rows.sort_by_key(|(cost, _)| *cost);
    rows.into_iter().map(|(_, view)| view).collect()
}

fn conflicting(order: &Order, lens: &Lens<'_>) -> Value {
    let pairs = conflicts::all(order, lens.catalog).into_iter().map(|pair| {
        let reason = match pair.reason {
            conflicts::Reason::Overlap => "overlap",
            conflicts::Reason::Group => "group",
        };
        json!({ "event_ids": [pair.events.0, pair.events.1], "reason": reason })
    });
    pairs.collect()
}
