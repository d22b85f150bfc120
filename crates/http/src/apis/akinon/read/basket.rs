//! What a change of the basket says.

use crate::apis::akinon::check::{Errors, Form, Need};
use crate::apis::akinon::tongue::Say;
use crate::kit::{Params, Value};
use domain::VariantId;
use domain::command::Metadata;
use serde_json::{Map, json};

/// So many pieces of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub variant: VariantId,
    pub quantity: u32,
    pub metadata: Metadata,
}

/// Reads `product`, `quantity` (1 if it is not said, at least `least`) and `attributes`.
///
/// # Errors
/// All fields that are wrong.
pub fn wanted(body: &Params, least: i64) -> Result<Wanted, Errors> {
    let mut form = Form::new(body.root());
    let product = form.integer("product", Need::Required);
    let most = i64::from(domain::limits::QUANTITY);
    let quantity = form.integer_in("quantity", Need::Optional, least, most).unwrap_or(1);
    let attributes = match body.get("attributes") {
        None | Some(Value::Null) => None,
        Some(Value::Map(map)) if map.is_empty() => None,
        Some(Value::Map(_)) => body.get("attributes").map(Value::to_json),
        Some(other) => {
            let kind = crate::apis::akinon::check::kind(other);
            form.wrong("attributes", Say::NotObject(kind));
            None
        }
    };
    form.finish()?;
    let customer =
        attributes.map(|attributes| Map::from_iter([("attributes".to_owned(), json!(attributes))]));
    Ok(Wanted {
        // Without a product there was an error.
        variant: VariantId(product.unwrap_or_default()),
        quantity: u32::try_from(quantity).unwrap_or_default(),
        metadata: Metadata { customer, admin: None },
    })
}

/// What a voucher code is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voucher {
    Apply(String),
    Remove,
}

/// Reads `voucher_code` or `remove_voucher_code`.
///
/// # Errors
/// `voucher_code`, if neither is said.
pub fn voucher(body: &Params) -> Result<Voucher, Errors> {
    if body.get("remove_voucher_code").and_then(Value::flag) == Some(true) {
        return Ok(Voucher::Remove);
    }
    let mut form = Form::new(body.root());
    let code = form.text("voucher_code", Need::Required, domain::limits::TEXT);
    form.finish()?;
    Ok(Voucher::Apply(code.unwrap_or_default()))
}
