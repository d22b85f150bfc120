//! Phone numbers as people of a country write them, kept as E.164.
//!
//! Guest Manager's rule for `phone_number` and `phone_number_country`, and that of the hosted pages.

use phonenumber::Mode;
use phonenumber::metadata::DATABASE;

/// What is wrong with a number or its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongPhone {
    Number,
    NoCountry,
    UnknownCountry,
}

/// A number as it is dialled from anywhere. `country` is ISO 3166-1 alpha-2.
///
/// # Errors
/// [`WrongPhone`].
pub fn international(phone: &str, country: Option<&str>) -> Result<String, WrongPhone> {
    let country = country.ok_or(WrongPhone::NoCountry)?;
    let country = country.parse().map_err(|_| WrongPhone::UnknownCountry)?;
    let number = phonenumber::parse(Some(country), phone).map_err(|_| WrongPhone::Number)?;
    Ok(number.format().mode(Mode::E164).to_string())
}

/// The country of a number that begins with a plus, as ISO 3166-1 alpha-2.
pub fn country_of(phone: &str) -> Option<String> {
    let number = phone.trim().starts_with('+').then(|| phonenumber::parse(None, phone).ok()).flatten()?;
    number.country().id().map(|id| id.as_ref().to_owned())
}

/// What stands before the numbers of a country: 49 for `DE`.
pub fn prefix_of(country: &str) -> Option<u16> {
    DATABASE.by_id(country).map(|country| country.country_code())
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
            ("2068423456", None, Err(WrongPhone::NoCountry)),
            ("2068423456", Some("XX"), Err(WrongPhone::UnknownCountry)),
            ("call me", Some("US"), Err(WrongPhone::Number)),
        ] {
            assert_eq!(international(phone, country).as_deref(), expected.as_deref(), "{phone}");
        }
    }

    #[test]
    fn a_number_with_a_plus_tells_its_country() {
        assert_eq!(country_of("+49 30 123456").as_deref(), Some("DE"));
        assert_eq!(country_of("030 123456"), None);
        assert_eq!((prefix_of("DE"), prefix_of("US"), prefix_of("ZZ")), (Some(49), Some(1), None));
    }
}
