//! Line items: those with an `id` are changed, those with a `variant_id` alone are added, or set if there is one of
//! that variant already.

use super::only;
use crate::apis::guest_manager::refuse::{Flawed, Refused, Validation};
use crate::kit::{Map, Value};
use domain::command::{LineChange, LineEdit, Merge, Metadata, NewLine};
use domain::order::Order;
use domain::{LineId, VariantId};
use serde_json::json;

/// What a variant without a line id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// More of it.
    Adding,
    /// So much of it.
    Setting,
}

/// Reads changes of the cart.
///
/// # Errors
/// 400 for attributes that cannot be set, 422 for numbers that are none.
pub fn changes(given: &Value, order: Option<&Order>, by: By) -> Result<Vec<LineChange>, Refused> {
    let wrong = |key: &str, flawed| refused(order, key, flawed);
    let Some(items) = given.list() else {
        return Err(Refused::of_order(order, Flawed::new("line_items", "invalid", "must be a list")));
    };
    let mut changes = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        let key = place.to_string();
        let Some(map) = item.map() else {
            return Err(wrong(&key, Flawed::new("base", "invalid", "A line item must be an object")));
        };
        only(map, &[&["id", "variant_id", "quantity"]])?;
        changes.push(change(map, &key, order, by)?);
    }
    Ok(changes)
}

fn change(map: &Map, key: &str, order: Option<&Order>, by: By) -> Result<LineChange, Refused> {
    let set = |line: LineId, quantity: Option<u32>| LineChange::Set {
        line,
        edit: LineEdit { quantity, ..LineEdit::default() },
    };
    if let Some(id) = map.get("id").filter(|id| !id.is_blank()) {
        let line = id.integer().map(LineId).filter(|id| order.is_some_and(|order| order.line(*id).is_some()));
        let Some(line) = line else {
            let key = id.text().unwrap_or(key);
            return Err(refused(order, key, Flawed::new("id", "not_found", "could not be found")));
        };
        let quantity =
            map.get("quantity").map(|value| quantity(value, order, &line.to_string())).transpose()?;
        return Ok(set(line, quantity));
    }
    let Some(variant) = map.get("variant_id").filter(|value| !value.is_blank()) else {
        return Err(refused(order, key, Flawed::new("variant_id", "blank", "can't be blank")));
    };
    let variant = variant
        .integer()
        .map(VariantId)
        .ok_or_else(|| refused(order, key, Flawed::new("variant_id", "not_found", "could not be found")))?;
    let count = map.get("quantity").map(|value| quantity(value, order, key)).transpose()?;
    let same = || order?.lines.iter().find(|line| line.variant == variant && line.parent.is_none());
    if let (By::Setting, Some(line)) = (by, same()) {
        return Ok(set(line.id, count));
    }
    Ok(LineChange::Add(plain(variant, count.unwrap_or(1))))
}

/// So many pieces of a variant at its plain price.
pub fn plain(variant: VariantId, quantity: u32) -> NewLine {
    NewLine {
        variant,
        option: String::new(),
        quantity,
        price: None,
        metadata: Metadata::default(),
        merge: Merge::WithSame,
    }
}

/// A whole number of pieces, not below zero.
///
/// # Errors
/// 422 at the line item with this key.
pub fn quantity(value: &Value, order: Option<&Order>, key: &str) -> Result<u32, Refused> {
    match value.integer() {
        None => Err(refused(order, key, Flawed::new("quantity", "invalid", "is not a whole number"))),
        Some(below) if below < 0 => Err(refused(order, key, not_below_zero())),
        // The domain's own bound is far lower.
        Some(count) => Ok(u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

/// What is said to a quantity below zero.
pub fn not_below_zero() -> Flawed {
    Flawed::new("quantity", "greater_than", "must be greater than -1").detail(json!({ "count": -1 }))
}

/// Something is wrong with one line item.
pub fn refused(order: Option<&Order>, key: &str, flawed: Flawed) -> Refused {
    let id =
        key.parse::<i64>().ok().filter(|id| order.is_some_and(|order| order.line(LineId(*id)).is_some()));
    let line = Validation::new("LineItem", id).with(flawed);
    Refused::invalid(&Validation::order(order).child("line_items", key, line))
}
