//! Addresses: country and state by id or by ISO code, in any mixture. Codes are read without case.

use super::said;
use crate::kit::{Map, Value};
use domain::address::AddressFields;
use domain::catalog::Geography;
use domain::fault::{Fault, Flaw, Spot};
use domain::{CountryId, StateId};

/// The attributes of an address that can be set.
pub const ATTRIBUTES: &[&str] = &[
    "id",
    "first_name",
    "last_name",
    "name",
    "company",
    "phone",
    "address1",
    "address2",
    "city",
    "zipcode",
    "state_id",
    "state_code",
    "state_name",
    "country_id",
    "country_code",
    "country_name",
];

/// Reads an address as a whole; what is wrong is added to `faults`.
pub fn address(given: &Map, at: Spot, geography: &Geography, faults: &mut Vec<Fault>) -> AddressFields {
    let mut text = |name: &str| said(given, name, at, faults).map(|text| text.trim().to_owned());
    let mut fields = AddressFields {
        given: text("first_name"),
        family: text("last_name"),
        name: text("name").unwrap_or_default(),
        company: text("company").filter(|text| !text.is_empty()),
        phone: text("phone").filter(|text| !text.is_empty()),
        address1: text("address1").unwrap_or_default(),
        address2: text("address2").filter(|text| !text.is_empty()),
        city: text("city").unwrap_or_default(),
        zipcode: text("zipcode").unwrap_or_default(),
        state_name: text("state_name").filter(|text| !text.is_empty()),
        ..AddressFields::default()
    };
    let both = [&fields.given, &fields.family].into_iter().flatten().map(String::as_str);
    let full = both.collect::<Vec<_>>().join(" ").trim().to_owned();
    if !full.is_empty() {
        fields.name = full;
    } else {
        (fields.given, fields.family) = (None, None);
    }
    fields.country = country(given, at, geography, faults);
    let (state, fault) = state(given, fields.country, at, geography);
    fields.state = state;
    faults.extend(fault);
    fields
}

fn code(given: &Map, name: &str) -> Option<String> {
    let code = given.get(name)?.text()?.trim().to_ascii_uppercase();
    Some(code).filter(|code| !code.is_empty())
}

fn id<'a>(given: &'a Map, name: &str) -> Option<&'a Value> {
    given.get(name).filter(|value| !value.is_blank())
}

/// The country; one that does not exist is said so, one that is missing is left to the domain.
fn country(given: &Map, at: Spot, geography: &Geography, faults: &mut Vec<Fault>) -> Option<CountryId> {
    let by_id =
        id(given, "country_id").map(|value| value.integer().and_then(|id| geography.country(CountryId(id))));
    let by_code = code(given, "country_code").map(|code| geography.by_code(&code));
    let mut wrong = |attribute: &str, flaw| {
        faults.push(Fault::new(at, attribute, flaw));
        None
    };
    match (by_id, by_code) {
        (Some(None), _) => wrong("country_id", Flaw::Inclusion),
        (_, Some(None)) => wrong("country_code", Flaw::Inclusion),
        (Some(Some(one)), Some(Some(other))) if one.id != other.id => {
            wrong("country_code", Flaw::CountryMismatch)
        }
        (Some(found), _) | (None, Some(found)) => found.map(|country| country.id),
        (None, None) => None,
    }
}

fn state(
    given: &Map,
    country: Option<CountryId>,
    at: Spot,
    geography: &Geography,
) -> (Option<StateId>, Option<Fault>) {
    let wrong = |attribute: &str, flaw| (None, Some(Fault::new(at, attribute, flaw)));
    let by_id =
        id(given, "state_id").map(|value| value.integer().and_then(|id| geography.state(StateId(id))));
    let code = code(given, "state_code");
    let coded = |code: &str| {
        let mut same = geography.states().iter().filter(|state| state.code.eq_ignore_ascii_case(code));
        let here = same.clone().find(|state| Some(state.country) == country);
        here.ok_or(if same.next().is_some() { Flaw::CountryMismatch } else { Flaw::Inclusion })
    };
    match (by_id, code) {
        (Some(None), _) => wrong("state_id", Flaw::Inclusion),
        (Some(Some(state)), _) if country.is_some_and(|country| country != state.country) => {
            wrong("state_id", Flaw::CountryMismatch)
        }
        (Some(Some(state)), Some(code)) if !state.code.eq_ignore_ascii_case(&code) => {
            wrong("state_code", Flaw::CountryMismatch)
        }
        (Some(Some(state)), _) => (Some(state.id), None),
        // Without a country no code means anything; that the country is missing is said already.
        (None, Some(_)) if country.is_none() => (None, None),
        (None, Some(code)) => match coded(&code) {
            Ok(state) => (Some(state.id), None),
            Err(flaw) => wrong("state_code", flaw),
        },
        (None, None) => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn read(json: &str) -> Result<AddressFields, Vec<(String, &'static str)>> {
        let request = RawRequest {
            method: "POST",
            content_type: Some("application/json"),
            body: json.to_owned().into(),
            ..RawRequest::default()
        };
        let params = parse(request, &Limits::STANDARD).unwrap();
        let mut faults = Vec::new();
        let fields = address(params.root(), Spot::BillAddress, &Geography::world(), &mut faults);
        if faults.is_empty() {
            return Ok(fields);
        }
        Err(faults.into_iter().map(|fault| (fault.attribute, fault.flaw.code())).collect())
    }

    #[test]
    fn ids_and_codes_may_be_mixed_and_must_agree() {
        let perth = read(r#"{"country_code":"au","state_code":"wa","first_name":"Ada","last_name":"B"}"#);
        let perth = perth.unwrap();
        assert_eq!((perth.country, perth.name.as_str()), (Some(CountryId(36)), "Ada B"));
        let StateId(state) = perth.state.unwrap();
        let mixed = read(&format!(r#"{{"country_code":"AU","state_id":{state}}}"#)).unwrap();
        assert_eq!(mixed.state, Some(StateId(state)));
        for (json, attribute, code) in [
            (format!(r#"{{"country_code":"US","state_id":{state}}}"#), "state_id", "country_mismatch"),
            (r#"{"country_id":36,"country_code":"US"}"#.to_owned(), "country_code", "country_mismatch"),
            (r#"{"country_code":"AU","state_code":"TX"}"#.to_owned(), "state_code", "country_mismatch"),
            (r#"{"country_code":"AU","state_code":"??"}"#.to_owned(), "state_code", "inclusion"),
            (r#"{"country_code":"XX"}"#.to_owned(), "country_code", "inclusion"),
            (r#"{"country_id":99999}"#.to_owned(), "country_id", "inclusion"),
        ] {
            assert_eq!(read(&json), Err(vec![(attribute.to_owned(), code)]), "{json}");
        }
    }
}
