//! The body of a checkout: a cart, and how it is paid.

use super::Fields;
use super::cart::{Cart, cart};
use crate::apis::ping::refuse::{Detail, Refused};
use crate::kit::Params;
use domain::money::Amount;

/// Longest address a buyer is sent back to.
const URL_BYTES: usize = 2_048;
/// Longest name of a method or a card.
const NAME_BYTES: usize = 200;
/// Between the platform and the name of a saved card.
const SAVED: &str = ":saved_card:";

/// What is to be bought, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    pub cart: Cart,
    pub paid_by: PaidBy,
    pub save_card: bool,
    pub expected_total: Option<Amount>,
    pub validation_token: Option<String>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
}

/// How a checkout names its payment.
#[derive(Debug, Clone, PartialEq)]
pub enum PaidBy {
    /// `stripe:card`
    Method(String),
    /// `stripe:saved_card:card_1`
    Card { platform: String, card: String },
    /// `stripe:card`, and the card apart.
    CardOf { method: String, card: String },
}

/// Reads a checkout.
///
/// # Errors
/// 400 for fields that are missing or of a wrong type, and whatever is wrong with the cart.
pub fn checkout(params: &Params) -> Result<Checkout, Refused> {
    let cart = cart(params)?;
    let mut fields = Fields::new(params);
    let method = name(&mut fields, "payment_method_id");
    if method.is_none() {
        let message = "Send the payment_method_id of an allowed payment method.";
        fields.wrong(Detail::new("payment_method_id", "payment_method_required", message));
    }
    let saved_card = name(&mut fields, "saved_card_id");
    let save_card = fields.flag("save_card").unwrap_or(false);
    let expected_total = fields.integer("expected_total").map(Amount);
    let validation_token = fields.text("payment_validation_token").map(str::to_owned);
    let success_url = url(&mut fields, "success_url");
    let cancel_url = url(&mut fields, "cancel_url");
    fields.finish()?;
    // A saved card comes by itself, as the cart route shows it, or beside the method it pays by.
    let paid_by = match (method.unwrap_or_default(), saved_card) {
        (method, Some(card)) if !method.contains(SAVED) => PaidBy::CardOf { method, card },
        (method, _) => match method.split_once(SAVED) {
            Some((platform, card)) => PaidBy::Card { platform: platform.to_owned(), card: card.to_owned() },
            None => PaidBy::Method(method),
        },
    };
    Ok(Checkout { cart, paid_by, save_card, expected_total, validation_token, success_url, cancel_url })
}

fn name(fields: &mut Fields<'_>, field: &str) -> Option<String> {
    let name = fields.text(field)?;
    if name.len() > NAME_BYTES {
        return fields.refuse(field, "is too long");
    }
    Some(name.to_owned())
}

/// An address that a browser may be sent to: `https`, or `http` for a machine that is being developed on.
fn url(fields: &mut Fields<'_>, field: &str) -> Option<String> {
    let url = fields.text(field)?;
    if is_url(url) {
        return Some(url.to_owned());
    }
    let message = format!("{field} must be an absolute https address.");
    fields.wrong(Detail::new(field, "invalid_url", message));
    None
}

fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = url.len() <= URL_BYTES && url.bytes().all(|byte| byte.is_ascii_graphic());
    // Nobody's name stands before an @, and nothing in it ends a header or a tag.
    plain && !host.is_empty() && !host.contains(['@', '\\']) && !url.contains(['<', '>', '"', '`', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buyer_is_sent_to_whole_addresses_only() {
        for (url, fine) in [
            ("https://shop.example/thanks?order=1", true),
            ("http://127.0.0.1:8080/done", true),
            ("https://shop.example", true),
            ("//shop.example/x", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///x", false),
            ("https://shop.example@evil.example/", false),
            ("https://evil.example\\@shop.example/", false),
            ("https://shop.example/\r\nSet-Cookie: a=b", false),
            ("https://shop.example/<script>", false),
            ("/thanks", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_url(url), fine, "{url}");
        }
        assert!(!is_url(&format!("https://a/{}", "x".repeat(URL_BYTES))));
    }
}
