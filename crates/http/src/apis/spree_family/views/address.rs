//! Addresses, countries and states.

use super::super::Dialect;
use domain::address::{Address, AddressFields, ReverseCharge};
use domain::catalog::{Country, Geography, State};
use domain::{AddressId, CountryId, StateId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct AddressView<'a> {
    /// `null` for an address that belongs to a card only.
    id: Option<AddressId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(flatten)]
    names: Option<Names>,
    address1: &'a str,
    address2: Option<&'a str>,
    city: &'a str,
    zipcode: &'a str,
    phone: Option<&'a str>,
    company: Option<&'a str>,
    alternative_phone: Option<&'a str>,
    country_id: Option<CountryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_iso: Option<Option<&'a str>>,
    state_id: Option<StateId>,
    state_name: Option<&'a str>,
    state_text: Option<&'a str>,
    #[serde(flatten)]
    business: Option<Business<'a>>,
    country: Option<CountryView<'a>>,
    state: Option<StateView<'a>>,
}

/// Spree's names of a person.
#[derive(Debug, Serialize)]
struct Names {
    firstname: String,
    lastname: String,
    full_name: String,
}

/// What Solidus adds for businesses.
#[derive(Debug, Serialize)]
struct Business<'a> {
    email: Option<&'a str>,
    vat_id: Option<&'a str>,
    reverse_charge_status: &'static str,
}

#[derive(Debug, Serialize)]
pub struct CountryView<'a> {
    id: CountryId,
    iso_name: String,
    iso: &'a str,
    iso3: &'a str,
    name: &'a str,
    numcode: i64,
}

/// A country with its states, by name.
#[derive(Debug, Serialize)]
pub struct CountryShow<'a> {
    #[serde(flatten)]
    country: CountryView<'a>,
    states: Vec<StateView<'a>>,
}

#[derive(Debug, Serialize)]
pub struct StateView<'a> {
    id: StateId,
    name: &'a str,
    abbr: &'a str,
    country_id: CountryId,
}

pub fn address<'a>(address: &'a Address, geography: &'a Geography, dialect: Dialect) -> AddressView<'a> {
    AddressView { id: Some(address.id), ..address_fields(&address.fields, geography, dialect) }
}

/// An address that has no id of its own: a saved card's.
pub fn address_fields<'a>(
    fields: &'a AddressFields,
    geography: &'a Geography,
    dialect: Dialect,
) -> AddressView<'a> {
    let (solidus, spree) = (dialect == Dialect::Solidus, dialect == Dialect::Spree);
    let home = fields.country.and_then(|id| geography.country(id));
    let region = fields.state.and_then(|id| geography.state(id));
    AddressView {
        id: None,
        name: solidus.then_some(&*fields.name),
        names: spree.then(|| names(fields)),
        address1: &fields.address1,
        address2: fields.address2.as_deref(),
        city: &fields.city,
        zipcode: &fields.zipcode,
        phone: fields.phone.as_deref(),
        company: fields.company.as_deref(),
        alternative_phone: fields.alternative_phone.as_deref(),
        country_id: fields.country,
        country_iso: solidus.then(|| home.map(|country| country.alpha2.as_str())),
        state_id: fields.state,
        state_name: fields.state_name.as_deref(),
        state_text: region.map(abbreviation).or(fields.state_name.as_deref()),
        business: solidus.then(|| business(fields)),
        country: home.map(country),
        state: region.map(state),
    }
}

fn names(fields: &AddressFields) -> Names {
    let (firstname, lastname) = fields.split_name();
    Names { full_name: fields.name.clone(), firstname, lastname }
}

fn business(fields: &AddressFields) -> Business<'_> {
    Business {
        email: fields.email.as_deref(),
        vat_id: fields.vat_id.as_deref(),
        reverse_charge_status: match fields.reverse_charge {
            ReverseCharge::Disabled => "disabled",
            ReverseCharge::Enabled => "enabled",
            ReverseCharge::NotValidated => "not_validated",
        },
    }
}

fn abbreviation(state: &State) -> &str {
    if state.code.is_empty() { &state.name } else { &state.code }
}

pub fn country(country: &Country) -> CountryView<'_> {
    CountryView {
        id: country.id,
        iso_name: country.name.to_uppercase(),
        iso: &country.alpha2,
        iso3: &country.alpha3,
        name: &country.name,
        numcode: country.id.0,
    }
}

pub fn country_show<'a>(of: &'a Country, geography: &'a Geography) -> CountryShow<'a> {
    CountryShow { country: country(of), states: geography.states_of(of.id).into_iter().map(state).collect() }
}

pub fn state(state: &State) -> StateView<'_> {
    StateView { id: state.id, name: &state.name, abbr: &state.code, country_id: state.country }
}
