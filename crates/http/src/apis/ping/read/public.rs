//! The body of a quote or checkout with a customer's own keys: one product, named by code or by what it is.

use super::Fields;
use crate::apis::ping::refuse::{Detail, Refused};
use crate::kit::{Params, Value};

/// Longest text that names something.
const NAME_BYTES: usize = 200;

/// What is asked for, before anybody looked whether there is such a thing.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicQuote {
    pub product: WantedProduct,
    pub quantity: u32,
    /// Unit and count of the billing cycle; `None`: whatever the product offers first.
    pub cycle: Option<(String, u32)>,
    pub code: Option<String>,
    pub filter: Option<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WantedProduct {
    Code(String),
    Kind { product_type: String, country: Option<String>, protocol: Option<String> },
}

/// Reads what is wanted.
///
/// # Errors
/// 400 for what is missing or of a wrong type.
pub fn public_quote(params: &Params) -> Result<PublicQuote, Refused> {
    let mut fields = Fields::new(params);
    let code = name(&mut fields, "product_code");
    let product_type = name(&mut fields, "product_type");
    let country = name(&mut fields, "country_id");
    let protocol = name(&mut fields, "product_protocol");
    let product = match (code, product_type) {
        (Some(code), _) => Some(WantedProduct::Code(code)),
        (None, Some(product_type)) => Some(WantedProduct::Kind { product_type, country, protocol }),
        (None, None) => fields.refuse("product_code", "or product_type is required"),
    };
    let quantity = fields.integer("quantity").and_then(|quantity| u32::try_from(quantity).ok());
    let quantity = quantity.filter(|quantity| *quantity > 0);
    if quantity.is_none() {
        let message = "The quantity must be a whole number of 1 at least.";
        fields.wrong(Detail::new("quantity", "invalid_quantity", message));
    }
    let unit = name(&mut fields, "cycle_interval");
    let count = fields.integer("cycle_interval_count").map(u32::try_from);
    let count = match count {
        Some(Ok(count)) if count > 0 => count,
        None => 1,
        Some(_) => fields.refuse("cycle_interval_count", "must be 1 at least").unwrap_or(1),
    };
    let promotional_code = name(&mut fields, "promotional_code");
    let filter = match params.get("service_fulfillment_filter") {
        None | Some(Value::Null) => None,
        Some(filter @ Value::Map(_)) => Some(filter.clone()),
        Some(_) => fields.refuse("service_fulfillment_filter", "must be an object"),
    };
    let read = product.zip(quantity);
    fields.finish()?;
    let (product, quantity) = read.ok_or_else(|| Refused::invalid(Vec::new()))?;
    Ok(PublicQuote {
        product,
        quantity,
        cycle: unit.map(|unit| (unit, count)),
        code: promotional_code,
        filter,
    })
}

fn name(fields: &mut Fields<'_>, field: &str) -> Option<String> {
    let name = fields.text(field)?;
    if name.len() > NAME_BYTES {
        return fields.refuse(field, "is too long");
    }
    Some(name.to_owned())
}
