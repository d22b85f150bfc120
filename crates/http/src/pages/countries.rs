//! How addresses are written where: which fields, in which order, and what they are called. Hints for a form only; what
//! an address must have is the domain's.

use super::lang::Lang;
use domain::address::AddressFields;
use domain::catalog::{Country, Geography};
use std::collections::HashMap;
use std::sync::OnceLock;

/// One country's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// One letter a field: A street, D district, C city, S region, Z postal code.
    pub order: &'static str,
    pub required: &'static str,
    pub code_example: &'static str,
    code_word: &'static str,
    region_word: &'static str,
}

impl Format {
    pub fn of(alpha2: &str) -> Format {
        static TABLE: OnceLock<HashMap<&'static str, Format>> = OnceLock::new();
        const PLAIN: Format = Format {
            order: "AC",
            required: "AC",
            code_example: "",
            code_word: "postal",
            region_word: "province",
        };
        let table = TABLE.get_or_init(|| {
            let lines = include_str!("../../../../data/addresses/formats.csv").lines().skip(1);
            let row = |line: &'static str| {
                let fields: Vec<&'static str> = line.split(',').collect();
                let [country, order, required, code_example, code_word, region_word, _] = fields[..] else {
                    return None;
                };
                Some((country, Format { order, required, code_example, code_word, region_word }))
            };
            lines.filter_map(row).collect()
        });
        table.get(alpha2).copied().unwrap_or(PLAIN)
    }

    pub fn code_label(&self, lang: Lang) -> &'static str {
        lang.say(if self.code_word == "zip" { "address.code_zip" } else { "address.code_postal" })
    }

    pub fn region_label(&self, lang: Lang) -> &'static str {
        lang.say(match self.region_word {
            "state" => "address.state",
            "county" => "address.county",
            "prefecture" => "address.prefecture",
            "area" => "address.area",
            "department" => "address.department",
            "district" => "address.district_region",
            "do_si" => "address.do_si",
            "island" => "address.island",
            "parish" => "address.parish",
            _ => "address.province",
        })
    }
}

/// What the domain asks of an address in this country, by the domain's names of fields.
pub fn required(country: &Country, geography: &Geography) -> Vec<String> {
    let empty = AddressFields { country: Some(country.id), ..AddressFields::default() };
    empty.postal_errors(geography).into_iter().map(|error| error.field).collect()
}

/// A country's name.
pub fn name(country: &Country, lang: Lang) -> &str {
    static GERMAN: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let german = GERMAN.get_or_init(|| {
        let lines = include_str!("../../../../data/addresses/countries-de.csv").lines().skip(1);
        lines.filter_map(|line| line.split_once(',')).collect()
    });
    match lang {
        Lang::En => &country.name,
        Lang::De => german.get(country.alpha2.as_str()).copied().unwrap_or(&country.name),
    }
}

/// A name as it is sorted by people: umlauts beside their letters.
pub fn sort_key(name: &str) -> String {
    let plain = |letter: char| match letter {
        'Ä' | 'Å' | 'ä' | 'å' => 'a',
        'Ö' | 'ö' | 'ô' => 'o',
        'Ü' | 'ü' => 'u',
        'é' => 'e',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_format_and_a_german_name() {
        let world = Geography::world();
        for country in world.countries() {
            let format = Format::of(&country.alpha2);
            assert!(format.order.contains('A'), "{}", country.alpha2);
            assert!(!name(country, Lang::De).is_empty());
        }
        let named = |code, lang| name(world.by_code(code).expect("a country"), lang);
        assert_eq!((named("DE", Lang::En), named("DE", Lang::De)), ("Germany", "Deutschland"));
        assert_eq!(Format::of("US").code_label(Lang::En), "ZIP code");
        assert_eq!(Format::of("JP").region_label(Lang::De), "Präfektur");
        assert_eq!(Format::of("DE").order, "AZC");
        assert!(sort_key("Österreich") < sort_key("Paraguay"));
    }

    #[test]
    fn what_is_required_is_what_the_domain_asks() {
        let world = Geography::world();
        let asked = |code| required(world.by_code(code).expect("a country"), &world);
        assert_eq!(asked("US"), ["address1", "city", "zipcode", "state"]);
        assert_eq!(asked("DE"), ["address1", "city", "zipcode"]);
        assert_eq!(asked("HK"), ["address1", "city"]);
    }
}
