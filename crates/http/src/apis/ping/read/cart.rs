//! The cart of a request: either lines or a top-up, never both, and what is to happen to its price.

use super::Fields;
use crate::apis::ping::refuse::{Detail, Refused};
use crate::kit::{Params, Value};
use domain::money::Amount;

/// Most lines of one cart.
const LINES: usize = 50;
/// Longest code that is looked up; no merchant makes longer ones.
const CODE_BYTES: usize = 100;
/// Longest `price_id` that is looked up.
const PRICE_BYTES: usize = 200;

/// What is to be priced.
#[derive(Debug, Clone, PartialEq)]
pub struct Cart {
    pub content: Content,
    /// As the customer typed it, without blanks around it.
    pub code: Option<String>,
    pub credit: Credit,
    pub validation: Validation,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Lines(Vec<WantedLine>),
    TopUp(Amount),
}

#[derive(Debug, Clone, PartialEq)]
pub struct WantedLine {
    pub price_id: String,
    /// At least 1.
    pub quantity: u32,
    /// An object that is kept and shown as it came.
    pub filter: Option<Value>,
}

/// Whether the customer's credit is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credit {
    Applied,
    Kept,
}

/// Whether payment methods are judged too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validation {
    None,
    PaymentPlatform,
}

/// Reads the cart of a quote or a checkout.
///
/// # Errors
/// 400 for what is no cart; 422 for one in another currency.
pub fn cart(params: &Params) -> Result<Cart, Refused> {
    let mut fields = Fields::new(params);
    let is_top_up = fields.flag("is_top_up").unwrap_or(false);
    let amount = fields.integer("top_up_amount");
    let credit = fields.flag("apply_customer_credit").unwrap_or(true);
    let validate = fields.flag("validate_payment_platform").unwrap_or(false);
    let code = fields.text("promotional_code").map(str::to_owned);
    let currency = fields.text("currency");
    let lines = lines(params, &mut fields);
    fields.finish()?;
    if currency.is_some_and(|currency| !currency.eq_ignore_ascii_case("usd")) {
        return Err(Refused::currency_not_supported());
    }
    let content = match (is_top_up, amount, lines) {
        (true, Some(amount), lines) if lines.is_empty() => Content::TopUp(Amount(amount)),
        (false, _, lines) if !lines.is_empty() => Content::Lines(lines),
        _ => return Err(Refused::lines_or_top_up()),
    };
    Ok(Cart {
        content,
        // What is longer than any code is a code that there is not.
        code: code.map(|code| if code.len() > CODE_BYTES { "?".to_owned() } else { code }),
        credit: if credit { Credit::Applied } else { Credit::Kept },
        validation: if validate { Validation::PaymentPlatform } else { Validation::None },
    })
}

fn lines(params: &Params, fields: &mut Fields<'_>) -> Vec<WantedLine> {
    let items = match params.get("line_items") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::List(items)) => items,
        Some(_) => {
            fields.refuse::<()>("line_items", "must be a list");
            return Vec::new();
        }
    };
    if items.len() > LINES {
        let message = format!("A cart has {LINES} line items at most.");
        fields.wrong(Detail::new("line_items", "too_many_line_items", message));
        return Vec::new();
    }
    items.iter().enumerate().filter_map(|(at, item)| line(at, item, fields)).collect()
}

fn line(at: usize, item: &Value, fields: &mut Fields<'_>) -> Option<WantedLine> {
    if item.map().is_none() {
        return fields.refuse(&format!("line_items.{at}"), "must be an object");
    }
    let price_id = match item.get("price_id") {
        Some(Value::Text(text)) if !text.is_empty() && text.len() <= PRICE_BYTES => Some(text.clone()),
        _ => fields.refuse(&format!("line_items.{at}.price_id"), "must be the id of a price"),
    };
    let quantity = item.get("quantity").filter(|value| matches!(value, Value::Number(_)));
    let quantity = quantity.and_then(Value::integer).and_then(|quantity| u32::try_from(quantity).ok());
    let quantity = quantity.filter(|quantity| *quantity > 0);
    if quantity.is_none() {
        let message = "The quantity must be a whole number of 1 at least.";
        fields.wrong(Detail::new(format!("line_items.{at}.quantity"), "invalid_quantity", message));
    }
    let filter = match item.get("service_fulfillment_filter") {
        None | Some(Value::Null) => None,
        Some(filter @ Value::Map(_)) => Some(filter.clone()),
        Some(_) => fields.refuse(&format!("line_items.{at}.service_fulfillment_filter"), "must be an object"),
    };
    Some(WantedLine { price_id: price_id?, quantity: quantity?, filter })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};
    use serde_json::json;

    fn read(body: serde_json::Value) -> Result<Cart, Refused> {
        let content_type = Some("application/json");
        let body = body.to_string().into_bytes().into();
        let request = RawRequest { method: "POST", content_type, body, ..RawRequest::default() };
        cart(&parse(request, &Limits::STANDARD).unwrap())
    }

    #[test]
    fn a_cart_is_lines_or_a_top_up() {
        let line = json!({"price_id": "p", "quantity": 2});
        let read_lines = read(json!({"line_items": [line], "is_top_up": false, "top_up_amount": 0})).unwrap();
        let wanted = WantedLine { price_id: "p".to_owned(), quantity: 2, filter: None };
        assert_eq!(read_lines.content, Content::Lines(vec![wanted]));
        assert_eq!((read_lines.credit, read_lines.validation), (Credit::Applied, Validation::None));
        let top_up = read(json!({"line_items": [], "is_top_up": true, "top_up_amount": 2500})).unwrap();
        assert_eq!(top_up.content, Content::TopUp(Amount(2500)));
        for neither_or_both in [
            json!({}),
            json!({"line_items": []}),
            json!({"line_items": null}),
            json!({"is_top_up": true}),
            json!({"top_up_amount": 2500}),
            json!({"is_top_up": true, "top_up_amount": 2500, "line_items": [line]}),
            json!({"is_top_up": true, "line_items": [line]}),
        ] {
            assert_eq!(read(neither_or_both.clone()), Err(Refused::lines_or_top_up()), "{neither_or_both}");
        }
    }

    #[test]
    fn a_code_is_trimmed_and_an_endless_one_is_none_that_there_is() {
        let with = |code: &str| {
            let line = json!({"price_id": "p", "quantity": 1});
            read(json!({"line_items": [line], "promotional_code": code})).unwrap().code
        };
        assert_eq!(with(" HALFOFF "), Some("HALFOFF".to_owned()));
        assert_eq!(with("  "), None);
        assert_eq!(with(&"x".repeat(101)), Some("?".to_owned()));
    }
}
