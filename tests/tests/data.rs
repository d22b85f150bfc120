//! The reference tables in `data/` are whole and agree with each other.
//!
//! They are facts from elsewhere; these tests guard their shape (codes, periods, parts per million), never a rate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Row = BTreeMap<String, String>;

fn table(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data").join(name);
    let mut reader = csv::Reader::from_path(path).expect("the table can be read");
    reader.deserialize().collect::<Result<_, _>>().expect("every row has every cell")
}

fn column(rows: &[Row], name: &str) -> BTreeSet<String> {
    rows.iter().map(|r| r[name].clone()).collect()
}

#[test]
fn countries_are_those_of_the_standard() {
    let rows = table("countries.csv");
    assert_eq!(rows.len(), 249);
    for key in ["alpha2", "alpha3", "numeric", "name"] {
        assert_eq!(column(&rows, key).len(), 249, "{key} is unique");
    }
    for row in &rows {
        let upper = |s: &str| s.chars().all(|c| c.is_ascii_uppercase());
        assert!(row["alpha2"].len() == 2 && upper(&row["alpha2"]), "{row:?}");
        assert!(row["alpha3"].len() == 3 && upper(&row["alpha3"]), "{row:?}");
        assert!(row["numeric"].len() == 3 && row["numeric"].parse::<u16>().is_ok(), "{row:?}");
    }
}

#[test]
fn a_country_that_requires_a_state_has_states() {
    let states = table("states.csv");
    let mut requiring = table("countries.csv");
    requiring.retain(|r| r["states_required"] == "true");
    assert_eq!(column(&requiring, "alpha2"), column(&states, "country"));
    let codes: BTreeSet<_> = states.iter().map(|r| (&r["country"], &r["code"])).collect();
    let names: BTreeSet<_> = states.iter().map(|r| (&r["country"], &r["name"])).collect();
    assert_eq!((codes.len(), names.len()), (states.len(), states.len()), "no state stands twice");
    assert!(states.iter().any(|r| r["country"] == "US" && r["code"] == "WA" && r["name"] == "Washington"));
}

#[test]
fn tax_periods_follow_one_another() {
    let eu = table("tax/eu-vat.csv");
    let us = table("tax/us-states.csv");
    assert_eq!((column(&eu, "country").len(), column(&us, "state").len()), (28, 51));
    let countries = column(&table("countries.csv"), "alpha2");
    assert!(column(&eu, "country").is_subset(&countries));

    let mut periods: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for row in eu.iter().chain(&us) {
        let place = row.get("country").or(row.get("state")).unwrap().clone();
        let category = row.get("category").cloned().unwrap_or_else(|| "US state".into());
        assert!(row["rate_ppm"].parse::<u32>().unwrap() < 300_000, "{row:?}");
        periods.entry((place, category)).or_default().push((row["from"].clone(), row["to"].clone()));
    }
    for ((place, category), mut spans) in periods {
        spans.sort();
        for (from, to) in &spans {
            assert!(to.is_empty() || from < to, "{place} {category}: {from} to {to}");
        }
        for pair in spans.windows(2) {
            let ended = !pair[0].1.is_empty() && pair[0].1 <= pair[1].0;
            assert!(ended, "{place} {category}: {pair:?} overlap");
        }
    }
}

#[test]
fn sample_products_have_variants_worth_importing() {
    let rows = table("sample-products.csv");
    assert_eq!(column(&rows, "Handle").len(), 24);
    assert_eq!(column(&rows, "Variant SKU").len(), rows.len(), "a SKU names one variant");
    let shirt: BTreeSet<_> = rows
        .iter()
        .filter(|r| r["Handle"] == "wrapping-day-shirt")
        .map(|r| (&r["Option1 Value"], &r["Option2 Value"]))
        .collect();
    assert_eq!(shirt.len(), 9, "three sizes in three colours");
    let first = rows.iter().find(|r| r["Handle"] == "wrapping-day-shirt").unwrap();
    assert_eq!((first["Option1 Name"].as_str(), first["Option2 Name"].as_str()), ("Size", "Color"));
}
