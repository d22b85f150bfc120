//! Who orders. A phone number is read as people of its country write it, and kept as E.164.

use super::said;
use crate::kit::Map;
use domain::command::GuestEdit;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::Order;
use phonenumber::Mode;

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
    let country = country.ok_or_else(|| wrong("phone_number_country", Flaw::Blank))?;
    let country = country.parse().map_err(|_| wrong("phone_number_country", Flaw::Inclusion))?;
    let number = phonenumber::parse(Some(country), phone);
    let number = number.map_err(|_| wrong("phone_number", Flaw::Invalid))?;
    Ok(number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_read_as_in_their_country() {
        for (phone, country, expected) in [
            ("12068423456", Some("US"), Ok("+12068423456")),
            ("(206) 842-3456", Some("US"), Ok("+12068423456")),
            ("020 7946 0018", Some("GB"), Ok("+442079460018")),
            ("+44 20 7946 0018", Some("US"), Ok("+442079460018")),
            ("2068423456", None, Err(("phone_number_country", "blank"))),
            ("2068423456", Some("XX"), Err(("phone_number_country", "inclusion"))),
            ("call me", Some("US"), Err(("phone_number", "invalid"))),
        ] {
            let read = international(phone, country);
            let read = read.as_deref().map_err(|fault| (fault.attribute.as_str(), fault.flaw.code()));
            assert_eq!(read, expected, "{phone}");
        }
    }
}
