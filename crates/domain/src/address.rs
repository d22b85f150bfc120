//! Addresses, and what makes one valid for delivery and tax.

use crate::catalog::Geography;
use crate::refusal::{FieldError, Rule};
use crate::{AddressId, CountryId, StateId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One postal address. A changed address gets a new id; identical data keep theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Address {
    pub id: AddressId,
    #[serde(flatten)]
    pub fields: AddressFields,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AddressFields {
    /// The full name, always stored; `given` and `family` beside it when the buyer told them apart.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    pub address1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    pub city: String,
    pub zipcode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    #[serde(skip_serializing_if = "ReverseCharge::is_default")]
    pub reverse_charge: ReverseCharge,
    /// What a protocol knows of an address that the domain does not use (tax numbers, location codes).
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// Countries without postal codes, by the Universal Postal Union's list.
const WITHOUT_CODES: [&str; 24] = [
    "AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BS", "BZ", "CM", "FJ", "GH", "HK", "JM", "KI", "ML", "MO",
    "QA", "RW", "SC", "TO", "UG", "VU", "ZW",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ReverseCharge {
    #[default]
    Disabled,
    Enabled,
    NotValidated,
}

impl ReverseCharge {
    fn is_default(&self) -> bool {
        *self == ReverseCharge::Disabled
    }
}

impl AddressFields {
    /// The given and family name: told apart by the buyer, else the last word is the family name.
    pub fn split_name(&self) -> (String, String) {
        match (&self.given, &self.family) {
            (None, None) => match self.name.trim().rsplit_once(' ') {
                Some((given, family)) => (given.trim().to_owned(), family.to_owned()),
                None => (self.name.trim().to_owned(), String::new()),
            },
            (given, family) => (given.clone().unwrap_or_default(), family.clone().unwrap_or_default()),
        }
    }

    /// Turns a `state_name` that names exactly one state of a country that needs states into that state.
    pub fn resolve_state(&mut self, geography: &Geography) {
        let Some(country) = self.country.and_then(|id| geography.country(id)) else { return };
        let (None, Some(name), true) = (self.state, &self.state_name, country.states_required) else {
            return;
        };
        let states = geography.states_of(country.id);
        let named = |s: &&crate::catalog::State| {
            s.name.eq_ignore_ascii_case(name) || s.code.eq_ignore_ascii_case(name)
        };
        let mut matching = states.into_iter().filter(named);
        if let (Some(state), None) = (matching.next(), matching.next()) {
            self.state = Some(state.id);
            self.state_name = None;
        }
    }

    /// What is wrong with this address, by field: required parts, and a state where its country needs one.
    pub fn errors(&self, geography: &Geography) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.name.trim().is_empty() {
            errors.extend(self.missing_names().map(|field| FieldError::new(field, Rule::Blank)));
        }
        let required = [
            ("address1", Some(&self.address1)),
            ("city", Some(&self.city)),
            ("zipcode", Some(&self.zipcode)),
            ("phone", self.phone.as_ref()),
        ];
        for (field, value) in required {
            if value.is_none_or(|value| value.trim().is_empty()) {
                errors.push(FieldError::new(field, Rule::Blank));
            }
        }
        let country = self.country.and_then(|id| geography.country(id));
        if country.is_none() {
            errors.push(FieldError::new("country", Rule::MustExist));
        }
        if country.is_none_or(|country| country.states_required) {
            let named = self.state_name.as_ref().is_some_and(|name| !name.trim().is_empty());
            match self.state.and_then(|id| geography.state(id)) {
                Some(state) if Some(state.country) != self.country => {
                    errors.push(FieldError::new("state", Rule::DoesNotMatchCountry));
                }
                None if !named => errors.push(FieldError::new("state", Rule::Blank)),
                _ => {}
            }
        }
        errors.extend(self.too_long());
        errors
    }

    /// Which part of the name is missing, if the buyer told its parts apart.
    fn missing_names(&self) -> impl Iterator<Item = &'static str> {
        let blank = |part: &Option<String>| part.as_ref().is_none_or(|part| part.trim().is_empty());
        let (given, family) = (blank(&self.given), blank(&self.family));
        let apart = self.given.is_some() || self.family.is_some();
        let neither = !apart || !(given || family);
        let parts = [("name", neither), ("given", apart && given), ("family", apart && family)];
        parts.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field)
    }

    fn too_long(&self) -> Vec<FieldError> {
        let texts = [
            ("name", Some(&self.name)),
            ("address1", Some(&self.address1)),
            ("address2", self.address2.as_ref()),
            ("city", Some(&self.city)),
            ("zipcode", Some(&self.zipcode)),
            ("phone", self.phone.as_ref()),
            ("alternative_phone", self.alternative_phone.as_ref()),
            ("company", self.company.as_ref()),
            ("state_name", self.state_name.as_ref()),
            ("email", self.email.as_ref()),
            ("vat_id", self.vat_id.as_ref()),
        ];
        texts
            .into_iter()
            .filter(|(_, text)| text.is_some_and(|text| text.chars().count() > crate::limits::TEXT))
            .map(|(field, _)| FieldError::new(field, Rule::TooLong { maximum: crate::limits::TEXT }))
            .collect()
    }

    /// What is wrong for delivery and tax: street, city, country, and state and postal code where the country has
    /// them. What a channel asks beyond that is its own matter.
    pub fn postal_errors(&self, geography: &Geography) -> Vec<FieldError> {
        let country = self.country.and_then(|id| geography.country(id));
        let has_codes = country.is_some_and(|country| !WITHOUT_CODES.contains(&country.alpha2.as_str()));
        let asked = |error: &FieldError| match error.field.as_str() {
            "name" | "phone" => error.rule != Rule::Blank,
            "zipcode" => has_codes || error.rule != Rule::Blank,
            "state" => country.is_some(),
            _ => true,
        };
        self.errors(geography).into_iter().filter(asked).collect()
    }

    pub fn is_postal(&self, geography: &Geography) -> bool {
        self.postal_errors(geography).is_empty()
    }

    pub fn is_valid(&self, geography: &Geography) -> bool {
        self.errors(geography).is_empty()
    }
}
