//! Errors by field: messages without the field's name, under dotted keys, several to a field.

use super::About;
use crate::apis::spree_family::Dialect;
use domain::refusal::{CardField, FieldError, Rule};
use indexmap::IndexMap;
use serde::Serialize;

/// The key under which everything about a new card is told.
const CARD: &str = "Credit Card";

/// Field names with their messages, in the order they were found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Fields(IndexMap<String, Vec<String>>);

impl Fields {
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Fields {
        let mut fields = Fields::default();
        fields.add(field, message);
        fields
    }

    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let messages = self.0.entry(field.into()).or_default();
        let message = message.into();
        if !messages.contains(&message) {
            messages.push(message);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The domain's field errors under this API's keys.
pub fn field_errors(errors: &[FieldError], about: About, dialect: Dialect) -> Fields {
    let mut fields = Fields::default();
    for error in errors {
        let (key, message) = keyed(error, about, dialect);
        fields.add(key, message);
    }
    fields
}

fn keyed(error: &FieldError, about: About, dialect: Dialect) -> (String, String) {
    let message = message(&error.rule, dialect);
    if matches!(error.rule, Rule::CardIncomplete(_) | Rule::TestCardOnly) {
        return (payment_key(CARD, about), message);
    }
    if let Some(field) = error.field.strip_prefix("shipments.") {
        // A rate or shipment that is not this order's: told of the order as a whole.
        return ("base".to_owned(), format!("Shipments {} {message}", field.replace('_', " ")));
    }
    match (error.field.as_str(), about) {
        (field @ ("amount" | "source" | "payment_method"), _) => (payment_key(field, about), message),
        ("base", About::Return) => ("base".to_owned(), "has no shipped units".to_owned()),
        (field, About::Address) => (named(bare(field), dialect), message),
        (field, _) => (named(field, dialect), message),
    }
}

/// Solidus has one name for a person, Spree two.
fn named(field: &str, dialect: Dialect) -> String {
    let (parent, last) = field.rsplit_once('.').map_or(("", field), |(parent, last)| (parent, last));
    let last = match (last, dialect) {
        ("given" | "family", Dialect::Solidus) => "name",
        ("given", Dialect::Spree) => "firstname",
        ("family", Dialect::Spree) => "lastname",
        ("name", Dialect::Spree) if parent.ends_with("_address") => "firstname",
        (last, _) => last,
    };
    if parent.is_empty() { last.to_owned() } else { format!("{parent}.{last}") }
}

/// Payments inside an order have its prefix, a payment on its own has none.
fn payment_key(field: &str, about: About) -> String {
    match about {
        About::Order | About::Checkout => format!("payments.{field}"),
        _ => field.to_owned(),
    }
}

fn bare(field: &str) -> &str {
    let within = |parent| field.strip_prefix(parent);
    within("bill_address.").or_else(|| within("ship_address.")).unwrap_or(field)
}

fn message(rule: &Rule, dialect: Dialect) -> String {
    match rule {
        Rule::MustExist if dialect == Dialect::Spree => "can't be blank".to_owned(),
        Rule::DoesNotMatchCountry if dialect == Dialect::Spree => "is invalid".to_owned(),
        Rule::Blank => "can't be blank".to_owned(),
        Rule::MustExist => "must exist".to_owned(),
        Rule::Invalid => "is invalid".to_owned(),
        Rule::NotANumber | Rule::NoPrice => "is not a number".to_owned(),
        Rule::NotAnInteger => "must be an integer".to_owned(),
        Rule::Taken => "has already been taken".to_owned(),
        Rule::TooLong { maximum } => format!("is too long (maximum is {maximum} characters)"),
        Rule::AtLeast(least) => format!("must be greater than or equal to {least}"),
        Rule::AtMost(most) => format!("must be less than or equal to {most}"),
        Rule::DoesNotMatchCountry => "does not match the country".to_owned(),
        Rule::DoesNotMatch => "doesn't match".to_owned(),
        Rule::NotIncluded => "is not included in the list".to_owned(),
        Rule::NotAvailable => "is not available".to_owned(),
        Rule::TestCardOnly => "Card Number must be a test number".to_owned(),
        Rule::CardIncomplete(CardField::Number) if dialect == Dialect::Spree => {
            "Number can't be blank".to_owned()
        }
        Rule::CardIncomplete(field) => card_message(*field).to_owned(),
    }
}

/// Messages about a card name the field, because they share one key.
fn card_message(field: CardField) -> &'static str {
    match field {
        CardField::Number => "Card Number can't be blank",
        CardField::Month => "Month is not a number",
        CardField::Year => "Year is not a number",
        CardField::SecurityCode => "Verification Value can't be blank",
        CardField::Name => "Name can't be blank",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(about: About, errors: &[(&str, Rule)], expected: serde_json::Value) {
        let errors: Vec<FieldError> =
            errors.iter().map(|(field, rule)| FieldError::new(*field, rule.clone())).collect();
        assert_eq!(serde_json::to_value(field_errors(&errors, about, Dialect::Solidus)).unwrap(), expected);
    }

    #[test]
    fn addresses_keep_their_prefix_but_on_their_own_endpoint() {
        let errors = [("ship_address.city", Rule::Blank), ("ship_address.country", Rule::MustExist)];
        check(
            About::Checkout,
            &errors,
            json!({"ship_address.city": ["can't be blank"], "ship_address.country": ["must exist"]}),
        );
        check(About::Address, &errors, json!({"city": ["can't be blank"], "country": ["must exist"]}));
    }

    #[test]
    fn a_card_is_one_key_with_a_prefix_inside_an_order() {
        let errors = [
            ("number", Rule::CardIncomplete(CardField::Number)),
            ("month", Rule::CardIncomplete(CardField::Month)),
        ];
        let messages = json!(["Card Number can't be blank", "Month is not a number"]);
        check(About::Payment, &errors, json!({"Credit Card": messages}));
        check(About::Checkout, &errors, json!({"payments.Credit Card": messages}));
        check(About::Payment, &[("source", Rule::Blank)], json!({"source": ["can't be blank"]}));
        check(About::Checkout, &[("source", Rule::Blank)], json!({"payments.source": ["can't be blank"]}));
    }

    #[test]
    fn foreign_rates_are_told_of_the_order() {
        check(
            About::Checkout,
            &[("shipments.selected_shipping_rate_id", Rule::MustExist)],
            json!({"base": ["Shipments selected shipping rate id must exist"]}),
        );
    }
}
