//! Payments: which method, how much, and from what source. The card number is turned into a token here and
//! forgotten; the security code is looked at only to see that it is there.

use super::super::Dialect;
use super::super::refuse::{About, Refused, field_errors};
use super::{metadata, nested};
use crate::kit::{Map, Params, Value};
use crate::server::AppState;
use domain::catalog::{Catalog, MethodKind, PaymentMethod};
use domain::channel::ChannelKey;
use domain::command::{NewPayment, NewSource};
use domain::money::{Amount, Currency};
use domain::order::CardDetails;
use domain::refusal::{CardField, FieldError, Rule};
use domain::{CardId, PaymentMethodId};
use engine::ports::TokenError;
use std::sync::Arc;

/// The kind under which the built-in gateway for trying things out is registered. Only its methods take a number.
const TEST_GATEWAY: &str = "test";

/// Reads payments for one request.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct Payments<'a> {
    pub dialect: Dialect,
    pub app: &'a AppState,
    pub catalog: &'a Catalog,
    pub via: &'a ChannelKey,
    pub currency: Currency,
    pub admin: bool,
    pub about: About,
}

impl Payments<'_> {
    /// A payment to add.
    ///
    /// # Errors
    /// 404 for a method that is not offered, 422 for what is missing or wrong.
    pub fn read(&self, map: &Map) -> Result<NewPayment, Refused> {
        let Some(given) = map.get("payment_method_id").filter(|id| !id.is_blank()) else {
            return Err(self.invalid(vec![FieldError::new("payment_method", Rule::Blank)]));
        };
        let method = given.integer().map(PaymentMethodId).and_then(|id| self.offered(id));
        let method = method.ok_or_else(Refused::not_found)?;
        let source = match method.kind {
            MethodKind::Card(_) => self.source(map, method)?,
            MethodKind::Manual | MethodKind::StoreCredit | MethodKind::External | MethodKind::Platform(_) => {
                NewSource::None
            }
        };
        Ok(NewPayment {
            method: method.id,
            amount: self.amount(map)?,
            source,
            metadata: metadata(map, self.admin),
        })
    }

    fn offered(&self, id: PaymentMethodId) -> Option<&Arc<PaymentMethod>> {
        let method = self.catalog.payment_methods.get(&id)?;
        let offered = method.for_buyers || (self.admin && method.for_staff);
        (method.active && offered && method.channels.show(self.via)).then_some(method)
    }

    fn amount(&self, map: &Map) -> Result<Option<Amount>, Refused> {
        let Some(value) = map.get("amount").filter(|value| !value.is_blank()) else { return Ok(None) };
        let amount = lenient_amount(value, self.currency);
        amount.map(Some).ok_or_else(|| self.invalid(vec![FieldError::new("amount", Rule::NotANumber)]))
    }

    fn source(&self, map: &Map, method: &PaymentMethod) -> Result<NewSource, Refused> {
        let Some(given) = nested(map, "source").and_then(Value::map).filter(|map| !map.is_empty()) else {
            return Err(self.invalid(vec![FieldError::new("source", Rule::Blank)]));
        };
        if let Some(saved) = given.get("wallet_payment_source_id").filter(|id| !id.is_blank()) {
            return saved.integer().map(|id| NewSource::Saved(CardId(id))).ok_or_else(Refused::not_found);
        }
        self.card(given, method).map(NewSource::Card)
    }

    fn card(&self, given: &Map, method: &PaymentMethod) -> Result<CardDetails, Refused> {
        let mut wrong = Vec::new();
        let mut need = |field: CardField, found: bool| {
            if !found {
                wrong.push(FieldError::new("card", Rule::CardIncomplete(field)));
            }
        };
        let profile = self.profile(given, method);
        let (month, year) = expiry(given);
        let name = holder(given);
        let number = given.get("number").and_then(Value::text).filter(|number| !number.trim().is_empty());
        if profile.is_none() {
            need(CardField::Number, number.is_some());
        }
        need(CardField::Month, month.is_some());
        need(CardField::Year, year.is_some());
        if profile.is_none() {
            need(
                CardField::SecurityCode,
                given.get("verification_value").is_some_and(|code| !code.is_blank()),
            );
            need(CardField::Name, !name.is_empty());
        }
        let (Some(month), Some(year), true) = (month, year, wrong.is_empty()) else {
            return Err(self.invalid(wrong));
        };
        let claimed = brand(given.get("cc_type").and_then(Value::text).unwrap_or_default());
        let details = CardDetails { month, year, name, ..CardDetails::default() };
        if let Some(profile) = profile {
            let digits = given.get("last_digits").and_then(Value::text).unwrap_or_default();
            let last4 = last_four(digits);
            return Ok(CardDetails {
                brand: claimed,
                last4,
                token: profile.clone(),
                profile: Some(profile),
                ..details
            });
        }
        let gateway = self.app.engine.gateway_of(method.id).ok_or_else(Refused::unavailable)?;
        let token = gateway.tokenise(number.unwrap_or_default()).map_err(|TokenError::RealCard| {
            self.invalid(vec![FieldError::new("card", Rule::TestCardOnly)])
        })?;
        let brand = if claimed.is_empty() { token.brand } else { claimed };
        Ok(CardDetails { brand, last4: token.last4, token: token.token, ..details })
    }

    /// A profile the gateway made earlier. With a real gateway only staff may name one: it is somebody's card.
    fn profile(&self, given: &Map, method: &PaymentMethod) -> Option<String> {
        if !(self.admin || is_test(method)) {
            return None;
        }
        ["gateway_customer_profile_id", "gateway_payment_profile_id"]
            .into_iter()
            .find_map(|key| given.get(key)?.text().map(str::to_owned).filter(|id| !id.trim().is_empty()))
    }

    fn invalid(&self, errors: Vec<FieldError>) -> Refused {
        Refused::invalid(field_errors(&errors, self.about, self.dialect))
    }
}

/// An amount as people write it: symbols, separators and spaces are taken out (`$1,000.50`).
pub fn lenient_amount(value: &Value, currency: Currency) -> Option<Amount> {
    let text = value.text()?;
    if let Value::Number(_) = value {
        return Amount::parse(value.decimal_text()?, currency);
    }
    if text.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let bare: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
    Amount::parse(&bare, currency)
}

fn expiry(given: &Map) -> (Option<u8>, Option<u16>) {
    let whole = |key: &str| given.get(key).and_then(|value| value.text()?.trim().parse::<u16>().ok());
    let month = |number: u16| u8::try_from(number).ok().filter(|month| (1..=12).contains(month));
    let year =
        |number: u16| Some(if number < 100 { 2000 + number } else { number }).filter(|year| *year < 10_000);
    if let Some((first, second)) =
        given.get("expiry").and_then(Value::text).and_then(|text| text.split_once('/'))
    {
        let part = |text: &str| text.trim().parse::<u16>().ok();
        return (part(first).and_then(month), part(second).and_then(year));
    }
    (whole("month").and_then(month), whole("year").and_then(year))
}

fn holder(given: &Map) -> String {
    let said = |key: &str| given.get(key).and_then(Value::text).map(str::trim).unwrap_or_default();
    match said("name") {
        "" => format!("{} {}", said("first_name"), said("last_name")).trim().to_owned(),
        name => name.to_owned(),
    }
}

fn brand(claimed: &str) -> String {
    match claimed.trim().to_lowercase().as_str() {
        "mastercard" | "maestro" => "master".to_owned(),
        "amex" => "american_express".to_owned(),
        "dinersclub" => "diners_club".to_owned(),
        other => other.chars().take(32).collect(),
    }
}

fn last_four(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

fn is_test(method: &PaymentMethod) -> bool {
    matches!(&method.kind, MethodKind::Card(gateway) if gateway.0 == TEST_GATEWAY)
}

/// Where in this request a card number and a security code may be: in the source of a payment by the test gateway.
/// A payment by no known method counts as well, because it is answered 404 with nothing of it read.
pub fn card_paths(params: &Params, catalog: &Catalog) -> Vec<String> {
    let mut paths = Vec::new();
    let root = params.root();
    own(&mut paths, "", root, catalog);
    if let Some(payment) = root.get("payment").and_then(Value::map) {
        own(&mut paths, "payment.", payment, catalog);
    }
    let order = root.get("order").and_then(Value::map);
    for (prefix, holder) in [("", Some(root)), ("order.", order)] {
        beside(&mut paths, prefix, holder.and_then(|holder| holder.get("payment_source")), catalog);
    }
    let mut look = |at: String, payment: &Map| own(&mut paths, &at, payment, catalog);
    for (prefix, holder) in [("", Some(root)), ("order.", order)] {
        let Some(holder) = holder else { continue };
        for name in ["payments_attributes", "payments"] {
            let members: Vec<(String, &Value)> = match holder.get(name) {
                Some(Value::List(items)) => {
                    items.iter().enumerate().map(|(position, item)| (position.to_string(), item)).collect()
                }
                Some(Value::Map(one)) if one.contains_key("payment_method_id") => {
                    look(format!("{prefix}{name}."), one);
                    Vec::new()
                }
                Some(Value::Map(items)) => items.iter().map(|(key, item)| (key.clone(), item)).collect(),
                _ => Vec::new(),
            };
            for (position, item) in members {
                if let Some(payment) = item.map() {
                    look(format!("{prefix}{name}.{position}."), payment);
                }
            }
        }
    }
    paths
}

fn takes_numbers(id: Option<i64>, catalog: &Catalog) -> bool {
    let method = |id| catalog.payment_methods.get(&PaymentMethodId(id));
    id.is_some_and(|id| method(id).is_none_or(|method| is_test(method) || !method.active))
}

/// The source that a payment has inside.
fn own(paths: &mut Vec<String>, at: &str, payment: &Map, catalog: &Catalog) {
    if takes_numbers(payment.get("payment_method_id").and_then(Value::integer), catalog) {
        for source in ["source_attributes", "source"] {
            paths.push(format!("{at}{source}.number"));
            paths.push(format!("{at}{source}.verification_value"));
        }
    }
}

/// The sources that stand beside the payments, by the method's id. The code that confirms a saved card is at home
/// here as well; like every other it is dropped unread.
fn beside(paths: &mut Vec<String>, prefix: &str, sources: Option<&Value>, catalog: &Catalog) {
    paths.push(format!("{prefix}cvc_confirm"));
    for id in sources.and_then(Value::map).into_iter().flat_map(Map::keys) {
        if takes_numbers(id.parse().ok(), catalog) {
            paths.push(format!("{prefix}payment_source.{id}.number"));
            paths.push(format!("{prefix}payment_source.{id}.verification_value"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, cents) in [
            ("$1,000.50", Some(100_050)),
            ("10", Some(1000)),
            (" 5.00 ", Some(500)),
            ("-3", Some(-300)),
            ("ten", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(lenient_amount(&Value::from(text), Currency::USD).map(|a| a.0), cents, "{text}");
        }
        assert_eq!(lenient_amount(&Value::Number("1e3".into()), Currency::USD), None);
    }

    #[test]
    fn expiry_comes_in_two_spellings() {
        let map = |pairs: &[(&str, &str)]| -> Map {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect()
        };
        assert_eq!(expiry(&map(&[("expiry", "12 / 30")])), (Some(12), Some(2030)));
        assert_eq!(expiry(&map(&[("month", "1"), ("year", "2031")])), (Some(1), Some(2031)));
        assert_eq!(expiry(&map(&[("month", "13"), ("year", "abc")])), (None, None));
        assert_eq!(expiry(&map(&[])), (None, None));
    }

    #[test]
    fn brands_have_the_names_this_api_uses() {
        assert_eq!(brand("mastercard"), "master");
        assert_eq!(brand("AMEX"), "american_express");
        assert_eq!(brand("visa"), "visa");
        assert_eq!(last_four("**** 1234"), "1234");
        assert_eq!(last_four("7"), "7");
    }
}
