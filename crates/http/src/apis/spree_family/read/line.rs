//! Lines: which variant, how many, and for staff at what price.

use super::super::refuse::{About, Refused};
use super::{invalid, metadata};
use crate::kit::{Map, Value};
use domain::VariantId;
use domain::catalog::Catalog;
use domain::command::{LineEdit, Merge, NewLine};
use domain::limits;
use domain::money::{Amount, Currency};
use domain::refusal::Rule;

/// A line to add.
///
/// # Errors
/// 404 without a variant, 422 for a quantity or price that is none.
pub fn new_line(
    map: &Map,
    merge: Merge,
    catalog: &Catalog,
    currency: Currency,
    admin: bool,
    about: About,
) -> Result<NewLine, Refused> {
    let by_id = map.get("variant_id").and_then(Value::integer).map(VariantId);
    let by_sku = || {
        let sku = admin.then(|| map.get("sku")).flatten()?.text()?;
        catalog.variant_by_sku(sku)
    };
    let variant = by_id.or_else(by_sku).ok_or_else(Refused::not_found)?;
    Ok(NewLine {
        variant,
        option: String::new(),
        quantity: quantity(map, about, Words::AreNone)?.unwrap_or(1),
        price: price(map, currency, admin, about)?,
        metadata: metadata(map, admin),
        merge,
    })
}

/// A change to a line.
///
/// # Errors
/// 422 for a quantity or price that is none.
pub fn line_edit(map: &Map, currency: Currency, admin: bool, about: About) -> Result<LineEdit, Refused> {
    Ok(LineEdit {
        quantity: quantity(map, about, Words::AreRefused)?,
        price: price(map, currency, admin, about)?,
        metadata: metadata(map, admin),
    })
}

/// What words (`many`) are where a number belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// 0, as the protocol has it. Nothing comes of adding nothing.
    AreNone,
    /// Refused: as 0 they would take a line away that somebody wants.
    AreRefused,
}

/// Numbers that are no whole number, or out of range, are refused rather than bent.
fn quantity(map: &Map, about: About, words: Words) -> Result<Option<u32>, Refused> {
    let Some(value) = map.get("quantity").filter(|value| !value.is_blank()) else { return Ok(None) };
    let most = i64::from(limits::QUANTITY);
    match value.integer() {
        Some(number) if number < 0 => Err(invalid(about, "quantity", Rule::AtLeast(0))),
        Some(number) if number > most => Err(invalid(about, "quantity", Rule::AtMost(most))),
        Some(number) => Ok(u32::try_from(number).ok()),
        None if words == Words::AreNone && !looks_like_a_number(value) => Ok(Some(0)),
        None => Err(invalid(about, "quantity", Rule::NotAnInteger)),
    }
}

fn looks_like_a_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Text(text) => {
            text.trim().trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}

fn price(map: &Map, currency: Currency, admin: bool, about: About) -> Result<Option<Amount>, Refused> {
    let Some(value) = map.get("price").filter(|value| admin && !value.is_blank()) else { return Ok(None) };
    let parsed = value.decimal_text().and_then(|text| Amount::parse(text, currency));
    parsed.map(Some).ok_or_else(|| invalid(about, "price", Rule::NotANumber))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_counted_zero_or_refused() {
        let read = |value: Value| {
            let map = Map::from_iter([("quantity".to_owned(), value)]);
            quantity(&map, About::Line, Words::AreNone)
        };
        let number = |text: &str| Value::Number(text.to_owned());
        for (value, expected) in [
            (number("5"), Ok(Some(5))),
            (Value::from("5"), Ok(Some(5))),
            (Value::from("many"), Ok(Some(0))),
            (Value::Null, Ok(None)),
            (Value::from(""), Ok(None)),
            (number("1000000"), Ok(Some(1_000_000))),
        ] {
            assert_eq!(read(value.clone()), expected, "{value:?}");
        }
        for bad in [
            number("-1"),
            number("1.5"),
            number("1e3"),
            number("1000001"),
            Value::from("99999999999999999999"),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad:?}");
        }
        let words = Map::from_iter([("quantity".to_owned(), Value::from("many"))]);
        assert!(quantity(&words, About::Line, Words::AreRefused).is_err());
    }
}
