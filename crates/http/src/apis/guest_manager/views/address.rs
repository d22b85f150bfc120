//! An address of an order.

use domain::address::Address;
use domain::catalog::Geography;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct AddressView<'a> {
    id: i64,
    first_name: String,
    last_name: String,
    company: Option<&'a str>,
    phone: Option<&'a str>,
    address1: &'a str,
    address2: Option<&'a str>,
    city: &'a str,
    zipcode: &'a str,
    state_id: Option<i64>,
    state_name: Option<&'a str>,
    state_code: Option<&'a str>,
    country_id: Option<i64>,
    country_name: Option<&'a str>,
    country_code: Option<&'a str>,
}

pub fn address<'a>(address: &'a Address, geography: &'a Geography) -> AddressView<'a> {
    let fields = &address.fields;
    let country = fields.country.and_then(|id| geography.country(id));
    let state = fields.state.and_then(|id| geography.state(id));
    let (first_name, last_name) = fields.split_name();
    AddressView {
        id: address.id.0,
        first_name,
        last_name,
        company: fields.company.as_deref(),
        phone: fields.phone.as_deref(),
        address1: &fields.address1,
        address2: fields.address2.as_deref(),
        city: &fields.city,
        zipcode: &fields.zipcode,
        state_id: state.map(|state| state.id.0),
        state_name: state.map(|state| state.name.as_str()).or(fields.state_name.as_deref()),
        state_code: state.map(|state| state.code.as_str()),
        country_id: country.map(|country| country.id.0),
        country_name: country.map(|country| country.name.as_str()),
        country_code: country.map(|country| country.alpha2.as_str()),
    }
}
