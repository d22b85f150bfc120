//! Prices are exact for every exponent; weights round half up.

use super::super::{Options, ReadError, limits, read, values};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_price_written_out_reads_back(minor in 0..=limits::PRICE_MINOR, exponent in 0_u8..=4) {
        let unit = 10_i64.pow(u32::from(exponent));
        let written = match exponent {
            0 => minor.to_string(),
            _ => format!("{}.{:0width$}", minor / unit, minor % unit, width = usize::from(exponent)),
        };
        prop_assert_eq!(values::price(&written, exponent), Ok(minor));
    }
}

#[test]
fn fewer_decimals_than_the_currency_has_are_filled_up() {
    assert_eq!(values::price("12", 2), Ok(1200));
    assert_eq!(values::price("12.5", 3), Ok(12_500));
    assert_eq!(values::price("0.85", 2), Ok(85));
    assert_eq!(values::price("007", 0), Ok(7));
}

#[test]
fn an_absurd_exponent_is_an_error_and_no_panic() {
    let mut all =
        read("Handle,Title,Variant Price\na,A,1\n".as_bytes(), Options { currency_exponent: u8::MAX });
    assert!(matches!(all.next(), Some(Err(ReadError::Faulty(_)))));
}

#[test]
fn the_currency_decides_on_decimals() {
    let yen = Options { currency_exponent: 0 };
    let mut all = read("Handle,Title,Variant Price\na,A,500\nb,B,500.00\n".as_bytes(), yen);
    assert!(matches!(all.next(), Some(Ok(product)) if product.variants[0].price_minor == 500));
    assert!(matches!(all.next(), Some(Err(ReadError::Faulty(_)))));
}

#[test]
fn weights_round_half_up() {
    let check = |text, grams| assert_eq!(values::grams(text), Ok(grams), "{text}");
    check("0.4999", 0);
    check("0.5", 1);
    check("453.59237", 454);
    check("200.0", 200);
    for bad in ["-1", "1e3", ".5", "5.", "1.x", "99999999999", "9223372036854775807.9"] {
        assert!(values::grams(bad).is_err(), "{bad}");
    }
}
