//! Addresses: what is given is laid over what the order has.

use super::super::refuse::Refused;
use crate::kit::{Map, Value};
use domain::address::{AddressFields, ReverseCharge};
use domain::catalog::{Country, Geography};
use domain::{CountryId, StateId};

/// An address as it will be; `None` if nothing is said.
///
/// # Errors
/// 404 for a `country_iso` that no country has.
pub fn address(
    given: &Value,
    before: Option<&AddressFields>,
    geography: &Geography,
) -> Result<Option<AddressFields>, Refused> {
    let Some(given) = given.map().filter(|map| !map.is_empty()) else { return Ok(None) };
    let mut fields = before.cloned().unwrap_or_default();
    texts(given, &mut fields);
    if !given.contains_key("name") {
        names(given, &mut fields);
    }
    let old_country = fields.country;
    if let Some(country) = country(given, geography)? {
        fields.country = country;
    }
    let state_given = state(given, &mut fields, geography);
    // A state of the former country is not kept by accident, but one that was said is checked.
    if fields.country != old_country && !state_given {
        fields.state = None;
    }
    Ok(Some(fields))
}

fn texts(given: &Map, fields: &mut AddressFields) {
    let said = |key: &str| given.get(key).map(|value| value.text().unwrap_or_default().to_owned());
    if let Some(name) = said("name") {
        fields.name = name;
        (fields.given, fields.family) = (None, None);
    }
    for (key, field) in
        [("address1", &mut fields.address1), ("city", &mut fields.city), ("zipcode", &mut fields.zipcode)]
    {
        if let Some(text) = said(key) {
            *field = text;
        }
    }
    for (key, field) in [
        ("address2", &mut fields.address2),
        ("phone", &mut fields.phone),
        ("alternative_phone", &mut fields.alternative_phone),
        ("company", &mut fields.company),
        ("email", &mut fields.email),
        ("vat_id", &mut fields.vat_id),
    ] {
        if let Some(text) = said(key) {
            *field = Some(text).filter(|text| !text.is_empty());
        }
    }
    match given.get("reverse_charge_status").and_then(Value::text) {
        Some("disabled") => fields.reverse_charge = ReverseCharge::Disabled,
        Some("enabled") => fields.reverse_charge = ReverseCharge::Enabled,
        Some("not_validated") => fields.reverse_charge = ReverseCharge::NotValidated,
        _ => {}
    }
}

/// Spree tells given and family name apart and needs both; with one of them missing there is no name, so that the
/// domain refuses it and the words for it can say which.
fn names(given: &Map, fields: &mut AddressFields) {
    let said = |keys: [&str; 2]| keys.into_iter().find_map(|key| given.get(key));
    let text = |value: &Value| value.text().unwrap_or_default().trim().to_owned();
    let (first, last) = (said(["firstname", "first_name"]), said(["lastname", "last_name"]));
    if first.is_none() && last.is_none() {
        return;
    }
    let (old_first, old_last) = fields.split_name();
    let (first, last) = (first.map_or(old_first, text), last.map_or(old_last, text));
    fields.name = if first.is_empty() || last.is_empty() { String::new() } else { format!("{first} {last}") };
    (fields.given, fields.family) = (Some(first), Some(last));
}

/// The country that is named, if one is: by id, by code, or as an object by any of its names.
fn country(given: &Map, geography: &Geography) -> Result<Option<Option<CountryId>>, Refused> {
    let iso = given.get("country_iso").and_then(Value::text).filter(|iso| !iso.trim().is_empty());
    if let Some(iso) = iso {
        let found = geography.by_code(&iso.trim().to_uppercase()).ok_or_else(Refused::not_found)?;
        return Ok(Some(Some(found.id)));
    }
    if let Some(named) = given.get("country").and_then(Value::map) {
        return Ok(Some(named_country(named, geography).map(|country| country.id)));
    }
    // An id of no country leaves the address without one, which is then refused as missing.
    let known = |id: &CountryId| geography.country(*id).is_some();
    Ok(given.get("country_id").map(|id| id.integer().map(CountryId).filter(known)))
}

fn named_country<'a>(named: &Map, geography: &'a Geography) -> Option<&'a Country> {
    let said =
        |key: &str| named.get(key).and_then(Value::text).map(str::trim).filter(|text| !text.is_empty());
    if let Some(iso) = said("iso") {
        return geography.by_code(&iso.to_uppercase());
    }
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    geography.countries().iter().find(|country| {
        said("iso3").is_some_and(|iso3| same(iso3, &country.alpha3))
            || said("name").or_else(|| said("iso_name")).is_some_and(|name| same(name, &country.name))
    })
}

/// The state that is named; says whether one was.
fn state(given: &Map, fields: &mut AddressFields, geography: &Geography) -> bool {
    let name = |value: Option<&Value>| {
        value.and_then(Value::text).map(str::to_owned).filter(|name| !name.trim().is_empty())
    };
    let mut said = false;
    if let Some(given_name) = given.get("state_name") {
        fields.state_name = name(Some(given_name));
        if fields.state_name.is_some() && !given.contains_key("state_id") {
            (fields.state, said) = (None, true);
        }
    }
    if let Some(id) = given.get("state_id") {
        fields.state = id.integer().map(StateId).filter(|id| geography.state(*id).is_some());
        said = true;
    } else if let Some(named) = given.get("state").and_then(Value::map) {
        fields.state = None;
        fields.state_name = name(named.get("abbr")).or_else(|| name(named.get("name")));
        said = true;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn read(json: &str, before: Option<&AddressFields>) -> Result<Option<AddressFields>, Refused> {
        let request = RawRequest {
            method: "POST",
            content_type: Some("application/json"),
            body: format!(r#"{{"a":{json}}}"#).into(),
            ..RawRequest::default()
        };
        let params = parse(request, &Limits::STANDARD).unwrap();
        address(params.get("a").unwrap(), before, &Geography::world())
    }

    #[test]
    fn what_is_given_is_laid_over_what_was() {
        let before = AddressFields {
            name: "Ada Lovelace".into(),
            family: Some("Lovelace".into()),
            city: "Seattle".into(),
            country: Some(CountryId(840)),
            state: Some(StateId(1)),
            ..AddressFields::default()
        };
        let after =
            read(r#"{"zipcode":10001,"address2":null,"unknown":"x"}"#, Some(&before)).unwrap().unwrap();
        assert_eq!(after, AddressFields { zipcode: "10001".into(), ..before.clone() });
        let renamed = read(r#"{"name":"Grace"}"#, Some(&before)).unwrap().unwrap();
        assert_eq!((renamed.name.as_str(), renamed.family), ("Grace", None));
        let moved = read(r#"{"country_iso":"fr"}"#, Some(&before)).unwrap().unwrap();
        assert_eq!((moved.country, moved.state), (Some(CountryId(250)), None));
        assert_eq!(read("{}", Some(&before)).unwrap(), None);
    }

    #[test]
    fn countries_have_many_names_and_unknown_ones_are_told_apart() {
        for json in [
            r#"{"country_id":"840"}"#,
            r#"{"country_iso":"US"}"#,
            r#"{"country":{"iso":"us"}}"#,
            r#"{"country":{"iso3":"USA"}}"#,
        ] {
            assert_eq!(read(json, None).unwrap().unwrap().country, Some(CountryId(840)), "{json}");
        }
        assert_eq!(read(r#"{"country_id":5}"#, None).unwrap().unwrap().country, None);
        assert_eq!(read(r#"{"country_iso":"XX"}"#, None), Err(Refused::not_found()));
    }
}
