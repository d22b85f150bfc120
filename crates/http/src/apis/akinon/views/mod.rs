//! What this API shows, as pure functions of an order and what is known beside it.
//!
//! Money is a text with as many decimal places as the currency has, times are RFC 3339 in UTC, and what is one of a few is a
//! value with a label. The protocol's names for what the domain calls otherwise stand here and in `read`.

mod account;
mod basket;
mod completed;
mod context;
mod pre_order;

pub use account::account;
pub use basket::{basket, no_basket, unavailable, voucher as applied_code};
pub use completed::completed;
pub use context::{context, provider};
pub use pre_order::pre_order;

use crate::kit::format;
use domain::Time;
use domain::catalog::{Catalog, Product, StockView, Variant};
use domain::channel::Channel;
use domain::money::{Amount, Currency, exponent};
use serde_json::{Value, json};

/// What is looked at beside an order.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    pub catalog: &'a Catalog,
    pub stock: &'a StockView,
    pub channel: &'a Channel,
    pub now: Time,
}

/// `199.90`: all of the currency's decimal places.
pub fn money(amount: Amount, currency: Currency) -> String {
    let places = exponent(currency) as usize;
    let minor = amount.0.unsigned_abs().to_string();
    let sign = if amount.0 < 0 { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{minor}");
    }
    let minor = format!("{minor:0>width$}", width = places + 1);
    let (whole, fraction) = minor.split_at(minor.len() - places);
    format!("{sign}{whole}.{fraction}")
}

/// `2026-01-05T10:11:12.000Z`.
pub fn time(time: Time) -> String {
    serde_json::to_value(format::timestamp(time))
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// One of a few.
pub fn choice(value: &str, label: &str) -> Value {
    json!({ "value": value, "label": label })
}

/// A currency as this API writes it.
pub fn currency(currency: Currency) -> Value {
    choice(&currency.code().to_lowercase(), currency.code())
}

/// An address of a picture, if it is one.
pub fn picture(product: &Product, variant: &Variant) -> Option<String> {
    let images = variant.images.iter().chain(&product.master.images);
    images
        .map(|image| image.url.clone())
        .find(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// A name as part of an address: small letters, digits and dashes.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_all_decimal_places() {
        for (minor, currency, text) in [
            (19_990, Currency::TRY, "199.90"),
            (5, Currency::TRY, "0.05"),
            (-5, Currency::TRY, "-0.05"),
            (0, Currency::TRY, "0.00"),
            (7, Currency::JPY, "7"),
            (-1_234, Currency::BHD, "-1.234"),
        ] {
            assert_eq!(money(Amount(minor), currency), text);
        }
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("  Hızlı Kargo (1-2 gün) "), "hızlı-kargo-1-2-gün");
        assert_eq!(slug("--"), "");
    }
}
