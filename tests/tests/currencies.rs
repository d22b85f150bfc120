//! The table of currencies that the domain uses, measured against ISO 4217.
//!
//! A wrong number of minor units charges a hundred times too much or too little, so every code is compared, not a sample.

use iso_currency::Currency;

struct Row<'a> {
    code: &'a str,
    numeric: u16,
    /// `None`: the code has no minor unit (metals, testing, none).
    minor_units: Option<u16>,
}

fn rows() -> Vec<Row<'static>> {
    let table = include_str!("../fixtures/iso4217.csv");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("code,numeric,minor_units"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let [code, numeric, minor] = cells[..] else { panic!("three cells: {line}") };
            Row { code, numeric: numeric.parse().expect("a number"), minor_units: minor.parse().ok() }
        })
        .collect()
}

#[test]
fn the_fixture_is_whole() {
    let rows = rows();
    assert_eq!(rows.len(), 178);
    let with = |units| rows.iter().filter(|r| r.minor_units == units).count();
    assert_eq!([with(Some(0)), with(Some(2)), with(Some(3)), with(Some(4)), with(None)], [17, 139, 7, 2, 13]);
}

#[test]
fn every_code_has_the_number_and_minor_units_of_the_standard() {
    let mut wrong = Vec::new();
    for Row { code, numeric, minor_units } in rows() {
        match Currency::from_code(code) {
            None => wrong.push(format!("{code}: not known")),
            Some(currency) => {
                let (number, exponent) = (currency.numeric(), currency.exponent());
                if number != numeric {
                    wrong.push(format!("{code}: number {number}, the standard says {numeric}"));
                }
                if exponent != minor_units {
                    wrong
                        .push(format!("{code}: minor units {exponent:?}, the standard says {minor_units:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
