//! Payments by token. What looks like a card is refused without being named; a security code is documented for this
//! API, taken, and dropped unread.

use super::only;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::{Map, Value};
use domain::PaymentMethodId;
use domain::catalog::{Catalog, MethodKind};
use domain::command::{Metadata, NewPayment, NewSource};
use domain::fault::{Fault, Flaw, Spot};
use domain::money::{Amount, Currency};
use domain::order::CardDetails;

/// Names under which a card's number might be sent.
const CARD_FIELDS: [&str; 4] = ["number", "card_number", "cardnumber", "pan"];
/// Longest token and name that are kept, in characters.
const TEXT: usize = 255;

/// Reads all payments of a submission.
///
/// # Errors
/// 400 for attributes that cannot be set, 422 for card data, and 422 naming all that is wrong.
pub fn payments(
    given: &Value,
    catalog: &Catalog,
    currency: Currency,
) -> Result<Result<Vec<NewPayment>, Vec<Fault>>, Refused> {
    let Some(items) = given.list_or_one() else {
        return Ok(Err(vec![Fault::new(Spot::Order, "payments", Flaw::Invalid)]));
    };
    let (mut read, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for (place, item) in items.into_iter().enumerate() {
        let Some(map) = item.map() else {
            faults.push(Fault::new(Spot::Payment(place), "base", Flaw::Invalid));
            continue;
        };
        only(map, &[&["payment_method_id", "amount", "source"]])?;
        if let Some(source) = map.get("source").and_then(Value::map) {
            refuse_card(source, place)?;
        }
        match payment(map, place, catalog, currency) {
            Ok(payment) => read.push(payment),
            Err(found) => faults.extend(found),
        }
    }
    Ok(if faults.is_empty() { Ok(read) } else { Err(faults) })
}

/// A field for a card's number, whatever is in it, or any text that might be one.
fn refuse_card(source: &Map, place: usize) -> Result<(), Refused> {
    let found = source.iter().find(|(name, value)| {
        let name = name.to_ascii_lowercase();
        CARD_FIELDS.contains(&name.as_str()) || value.text().is_some_and(might_be_a_card)
    });
    match found {
        Some((name, _)) if might_be_a_card(name) => {
            Err(Refused::card_data(&format!("order.payments.{place}.source")))
        }
        Some((name, _)) => Err(Refused::card_data(&format!("order.payments.{place}.source.{name}"))),
        None => Ok(()),
    }
}

/// 12 to 19 digits with the check digit of a card.
fn might_be_a_card(text: &str) -> bool {
    let digits: Vec<u32> =
        text.chars().filter(|c| !matches!(c, ' ' | '-')).filter_map(|c| c.to_digit(10)).collect();
    let only_digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    if !only_digits || !(12..=19).contains(&digits.len()) {
        return false;
    }
    let doubled = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

fn payment(map: &Map, place: usize, catalog: &Catalog, currency: Currency) -> Result<NewPayment, Vec<Fault>> {
    let mut faults = Vec::new();
    let fault = |attribute: &str, flaw| Fault::new(Spot::Payment(place), attribute, flaw);
    let method = map.get("payment_method_id").filter(|id| !id.is_blank());
    let method = match method.map(|id| id.integer().map(PaymentMethodId)) {
        None => Err(Flaw::Blank),
        Some(id) => id.and_then(|id| catalog.payment_methods.get(&id)).ok_or(Flaw::Inclusion),
    };
    let method = method.map_err(|flaw| vec![fault("payment_method_id", flaw)])?;
    let amount = map.get("amount").filter(|value| !value.is_blank()).map(|value| {
        // Also as we show it ourselves.
        let text = value.get("decimal").unwrap_or(value).decimal_text();
        text.and_then(|text| exactly(text, currency))
    });
    if amount == Some(None) {
        faults.push(fault("amount", Flaw::Invalid));
    }
    let source = match method.kind {
        MethodKind::Manual | MethodKind::StoreCredit | MethodKind::External | MethodKind::Platform(_) => {
            NewSource::None
        }
        MethodKind::Card(_) => match map.get("source").map(|source| card(source, place)) {
            Some(Ok(details)) => NewSource::Card(details),
            Some(Err(found)) => {
                faults.extend(found);
                NewSource::None
            }
            None => {
                faults.push(fault("source", Flaw::Blank));
                NewSource::None
            }
        },
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(NewPayment { method: method.id, amount: amount.flatten(), source, metadata: Metadata::default() })
}

/// An amount without a rest: `19.90` and `19.900`, but not `19.905`.
pub fn exactly(text: &str, currency: Currency) -> Option<Amount> {
    let places = domain::money::exponent(currency) as usize;
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let exact = fraction.bytes().skip(places).all(|digit| digit == b'0');
    Amount::parse(text, currency).filter(|_| exact)
}

/// What a provider's page made of a card.
fn card(source: &Value, place: usize) -> Result<CardDetails, Vec<Fault>> {
    let fault = |attribute: &str, flaw| Fault::new(Spot::Payment(place), attribute, flaw);
    let Some(source) = source.map() else { return Err(vec![fault("source", Flaw::Invalid)]) };
    let text = |name: &str| source.get(name).and_then(Value::text).map(str::trim).unwrap_or_default();
    let mut faults = Vec::new();
    let (token, name, last4) = (text("token"), text("cardholder_name"), text("last_four"));
    if token.is_empty() {
        faults.push(fault("token", Flaw::Blank));
    }
    for (attribute, text) in [("token", token), ("cardholder_name", name), ("brand", text("brand"))] {
        if text.chars().count() > TEXT {
            faults.push(fault(attribute, Flaw::TooLong { maximum: TEXT }));
        }
    }
    let four_digits = last4.len() == 4 && last4.bytes().all(|byte| byte.is_ascii_digit());
    if !last4.is_empty() && !four_digits {
        faults.push(fault("last_four", Flaw::Invalid));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(CardDetails {
        brand: text("brand").to_ascii_lowercase(),
        last4: last4.to_owned(),
        name: name.to_owned(),
        token: token.to_owned(),
        ..CardDetails::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_a_card_is_known_by_its_check_digit() {
        for (text, card) in [
            ("4111111111111111", true),
            ("4111 1111 1111 1111", true),
            ("000000000000", true),
            ("4111111111111112", false),
            ("tok_4111111111111111", false),
            ("4242", false),
            ("", false),
        ] {
            assert_eq!(might_be_a_card(text), card, "{text}");
        }
    }

    #[test]
    fn amounts_have_no_rest() {
        for (text, cents) in
            [("19.9", Some(1990)), ("19.900", Some(1990)), ("19.905", None), ("5", Some(500))]
        {
            assert_eq!(exactly(text, Currency::USD).map(|amount| amount.0), cents, "{text}");
        }
    }
}
