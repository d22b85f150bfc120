//! The text of an agreement for one order: HTML of the merchant with places for what only the order knows.
//!
//! The merchant's HTML is taken as it is; whatever comes from an order is escaped. A place that nobody knows stays as
//! it was written, and the store file refuses it before that.

use crate::Time;
use crate::address::AddressFields;
use crate::catalog::{Agreement, Catalog};
use crate::money::{Amount, Currency, exponent};
use crate::order::Order;

/// Every place that a text may have.
pub const PLACES: &[&str] = &[
    "order.number",
    "order.lines",
    "order.total",
    "shipping",
    "ship_address",
    "bill_address",
    "buyer.name",
    "buyer.email",
    "date",
];

/// The agreement with the order's data in it.
pub fn render(agreement: &Agreement, order: &Order, catalog: &Catalog, now: Time) -> String {
    let mut html = String::with_capacity(agreement.body.len() * 2);
    for part in parts(&agreement.body) {
        match part {
            Part::Text(text) => html.push_str(text),
            Part::Place { name, whole } => match value(name, order, catalog, now) {
                Some(value) => html.push_str(&value),
                None => html.push_str(whole),
            },
        }
    }
    html
}

/// Places in a text that mean nothing.
pub fn unknown_places(body: &str) -> Vec<&str> {
    let unknown = |part| match part {
        Part::Place { name, whole } if !PLACES.contains(&name) => Some(whole),
        _ => None,
    };
    parts(body).into_iter().filter_map(unknown).collect()
}

enum Part<'a> {
    Text(&'a str),
    Place { name: &'a str, whole: &'a str },
}

fn parts(body: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        let end = start + length + 2;
        parts.push(Part::Text(&rest[..start]));
        parts.push(Part::Place { name: rest[start + 2..end - 2].trim(), whole: &rest[start..end] });
        rest = &rest[end..];
    }
    parts.push(Part::Text(rest));
    parts
}

fn value(name: &str, order: &Order, catalog: &Catalog, now: Time) -> Option<String> {
    let currency = order.currency;
    Some(match name {
        "order.number" => escaped(&order.number),
        "order.lines" => lines(order, catalog),
        "order.total" => money(order.total(), currency),
        "shipping" => shipping(order),
        "ship_address" => address(order.ship_address.as_ref().map(|address| &address.fields), catalog),
        "bill_address" => address(order.bill_address.as_ref().map(|address| &address.fields), catalog),
        "buyer.name" => {
            let address = order.bill_address.as_ref().or(order.ship_address.as_ref());
            escaped(address.map_or("", |address| &address.fields.name))
        }
        "buyer.email" => escaped(order.email.as_deref().unwrap_or_default()),
        "date" => date(now),
        _ => return None,
    })
}

fn lines(order: &Order, catalog: &Catalog) -> String {
    let row = |line: &crate::order::Line| {
        let name = catalog.variant(line.variant).map_or("", |(product, _)| &product.name);
        let amount = order.sheet.line(line.id).map_or(Amount::ZERO, |sheet| sheet.amount);
        format!("<li>{} × {} — {}</li>", line.quantity, escaped(name), money(amount, order.currency))
    };
    format!("<ul>{}</ul>", order.lines.iter().map(row).collect::<String>())
}

fn shipping(order: &Order) -> String {
    let Some(rate) = order.shipments.iter().find_map(|shipment| shipment.selected_rate()) else {
        return String::new();
    };
    format!("{}, {}", escaped(&rate.name), money(order.sheet.totals.ship_total, order.currency))
}

fn address(fields: Option<&AddressFields>, catalog: &Catalog) -> String {
    let Some(fields) = fields else { return String::new() };
    let country = fields.country.and_then(|id| catalog.settings.geography.country(id));
    let parts = [
        Some(fields.name.as_str()),
        Some(fields.address1.as_str()),
        fields.address2.as_deref(),
        Some(fields.city.as_str()),
        fields.state_name.as_deref(),
        Some(fields.zipcode.as_str()),
        country.map(|country| country.name.as_str()),
    ];
    let parts = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty());
    parts.map(escaped).collect::<Vec<_>>().join(", ")
}

/// With all the places of its currency: `199.90 TRY`.
fn money(amount: Amount, currency: Currency) -> String {
    let text = amount.decimal(currency);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let places = exponent(currency) as usize;
    let code = currency.code();
    if places == 0 { format!("{whole} {code}") } else { format!("{whole}.{fraction:0<places$} {code}") }
}

/// The day in UTC, `2026-11-21`: days since 1970 by the proleptic Gregorian calendar.
fn date(now: Time) -> String {
    let days = now.0.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years begin in March here, so that the odd day of a leap year is the last one.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", year_of_era + era * 400 + next)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        let day = 86_400_000;
        for (at, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (59 * day, "1970-03-01"),
            (11_016 * day, "2000-02-29"),
            (11_017 * day, "2000-03-01"),
            (20_778 * day, "2026-11-21"),
        ] {
            assert_eq!(date(Time(at)), text);
        }
    }

    #[test]
    fn money_has_all_its_places() {
        assert_eq!(money(Amount(19_990), Currency::TRY), "199.90 TRY");
        assert_eq!(money(Amount(5), Currency::TRY), "0.05 TRY");
        assert_eq!(money(Amount(80), Currency::JPY), "80 JPY");
    }

    #[test]
    fn what_nobody_knows_is_named() {
        let body = "<p>{{ order.total }} {{secret}} {{date}} {{";
        assert_eq!(unknown_places(body), ["{{secret}}"]);
        assert_eq!(escaped("<a href='x'>&"), "&lt;a href=&#x27;x&#x27;&gt;&amp;");
    }
}
