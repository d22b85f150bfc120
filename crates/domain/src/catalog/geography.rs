//! Countries, states and zones. Country ids are ISO 3166-1 numeric codes; the tables come from `data/`.

use crate::{CountryId, StateId, ZoneId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    pub id: CountryId,
    pub alpha2: String,
    pub alpha3: String,
    pub name: String,
    /// An address here needs a state.
    pub states_required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub id: StateId,
    pub country: CountryId,
    /// Without the country: `WA`.
    pub code: String,
    pub name: String,
}

/// A country by its ISO 3166-1 alpha-2 code, as addresses on networks are mapped to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Two letters, in either case.
    pub fn parse(text: &str) -> Option<CountryCode> {
        match text.as_bytes() {
            [one, two] if one.is_ascii_alphabetic() && two.is_ascii_alphabetic() => {
                Some(CountryCode([one.to_ascii_uppercase(), two.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        // Only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for CountryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CountryCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<CountryCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        CountryCode::parse(&text).ok_or_else(|| serde::de::Error::custom("not a country code"))
    }
}

/// All countries and states, with indexes. Built once from the two tables.
#[derive(Debug, Default)]
pub struct Geography {
    countries: Vec<Country>,
    states: Vec<State>,
    by_alpha2: HashMap<String, usize>,
    by_id: HashMap<CountryId, usize>,
}

impl Geography {
    /// The world as ISO 3166 lists it, with the states of the countries that need them.
    pub fn world() -> Geography {
        Geography::from_tables(
            include_str!("../../../../data/countries.csv"),
            include_str!("../../../../data/states.csv"),
        )
    }

    /// `countries`: alpha2,alpha3,numeric,name,states_required. `states`: country,code,name. First line is the
    /// header; a field that holds a comma is in double quotes. Lines that do not fit are left out.
    pub fn from_tables(countries: &str, states: &str) -> Geography {
        let mut geography = Geography::default();
        for line in countries.lines().skip(1) {
            let fields = csv_fields(line);
            if let [alpha2, alpha3, numeric, name, required] = &fields[..]
                && let Ok(numeric) = numeric.parse()
            {
                geography.countries.push(Country {
                    id: CountryId(numeric),
                    alpha2: alpha2.clone(),
                    alpha3: alpha3.clone(),
                    name: name.clone(),
                    states_required: required == "true",
                });
            }
        }
        geography.countries.sort_by(|a, b| a.name.cmp(&b.name));
        for (position, country) in geography.countries.iter().enumerate() {
            geography.by_alpha2.insert(country.alpha2.clone(), position);
            geography.by_id.insert(country.id, position);
        }
        for (position, line) in states.lines().skip(1).enumerate() {
            let fields = csv_fields(line);
            if let [country, code, name] = &fields[..]
                && let Some(country) = geography.by_code(country).map(|country| country.id)
            {
                let id = StateId(position as i64 + 1);
                geography.states.push(State { id, country, code: code.clone(), name: name.clone() });
            }
        }
        geography
    }

    /// By name.
    pub fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// In the table's order.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    pub fn country(&self, id: CountryId) -> Option<&Country> {
        self.by_id.get(&id).map(|&position| &self.countries[position])
    }

    /// By ISO 3166-1 alpha-2 code, upper case.
    pub fn by_code(&self, alpha2: &str) -> Option<&Country> {
        self.by_alpha2.get(alpha2).map(|&position| &self.countries[position])
    }

    pub fn state(&self, id: StateId) -> Option<&State> {
        usize::try_from(id.0 - 1).ok().and_then(|position| self.states.get(position)).filter(|s| s.id == id)
    }

    /// By name.
    pub fn states_of(&self, country: CountryId) -> Vec<&State> {
        let mut states: Vec<&State> = self.states.iter().filter(|state| state.country == country).collect();
        states.sort_by(|a, b| a.name.cmp(&b.name));
        states
    }
}

fn csv_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.trim_end_matches('\r').chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => {
                if let Some(field) = fields.last_mut() {
                    field.push(other);
                }
            }
        }
    }
    fields
}

/// A named set of countries and states; taxes and shipping methods apply by zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub id: ZoneId,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub members: Vec<ZoneMember>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneMember {
    /// Shown by APIs; drawn from the counter of zone members.
    pub id: i64,
    pub place: ZonePlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZonePlace {
    Country(CountryId),
    State(StateId),
}

impl Zone {
    pub fn contains(&self, country: Option<CountryId>, state: Option<StateId>) -> bool {
        self.members.iter().any(|member| match member.place {
            ZonePlace::Country(id) => Some(id) == country,
            ZonePlace::State(id) => Some(id) == state,
        })
    }
}
