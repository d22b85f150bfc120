//! Who orders. A phone number is read as people of its country write it, and kept as E.164.

use super::said;
use crate::kit::Map;
use crate::kit::phone::{self, WrongPhone};
use domain::command::GuestEdit;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::Order;

/// The attributes of a guest.
pub const GUEST: &[&str] = &["email", "first_name", "last_name", "phone_number", "phone_number_country"];

/// What is said about the buyer; `None` if nothing is.
///
/// # Errors
/// Everything that is wrong.
pub fn guest(given: &Map, order: Option<&Order>) -> Result<Option<GuestEdit>, Vec<Fault>> {
    if !GUEST.iter().any(|name| given.contains_key(*name)) {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let mut text = |name: &str| said(given, name, Spot::Order, &mut faults);
    let (email, first_name, last_name) = (text("email"), text("first_name"), text("last_name"));
    let (phone, country) = (text("phone_number"), text("phone_number_country"));
    let country = country.map(|code| code.trim().to_ascii_uppercase());
    let before = order.and_then(|order| order.ticketing.guest.phone_country.clone());
    let phone = phone.filter(|phone| !phone.trim().is_empty()).map_or(Ok(None), |phone| {
        let country = country.clone().filter(|code| !code.is_empty()).or(before);
        international(&phone, country.as_deref()).map(Some)
    });
    let phone = phone.unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let blank = given.get("phone_number").is_some_and(|value| value.is_blank() && value.text().is_some());
    let phone = if blank { Some(String::new()) } else { phone };
    if faults.is_empty() {
        Ok(Some(GuestEdit { email, first_name, last_name, phone, phone_country: country }))
    } else {
        Err(faults)
    }
}

/// A number as it is dialled from anywhere.
fn international(phone: &str, country: Option<&str>) -> Result<String, Fault> {
    let wrong = |attribute, flaw| Fault::new(Spot::Order, attribute, flaw);
    phone::international(phone, country).map_err(|error| match error {
        WrongPhone::Number => wrong("phone_number", Flaw::Invalid),
        WrongPhone::NoCountry => wrong("phone_number_country", Flaw::Blank),
        WrongPhone::UnknownCountry => wrong("phone_number_country", Flaw::Inclusion),
    })
}
