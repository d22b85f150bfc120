//! What a card number says by itself: whether it is one, and whose.
//!
//! A card number is 13 to 19 digits that pass Luhn and begin like an issuer's numbers of that length. All three
//! together keep order numbers and barcodes out. Nothing here keeps or prints the number.

/// Leading digits from `first` to `last` (both of the same length), with the lengths of such numbers.
struct Issuer {
    brand: &'static str,
    first: &'static str,
    last: &'static str,
    lengths: &'static [usize],
}

const fn issuer(
    brand: &'static str,
    first: &'static str,
    last: &'static str,
    lengths: &'static [usize],
) -> Issuer {
    Issuer { brand, first, last, lengths }
}

const FROM_13: &[usize] = &[13, 14, 15, 16, 17, 18, 19];
const FROM_14: &[usize] = &[14, 15, 16, 17, 18, 19];
const FROM_16: &[usize] = &[16, 17, 18, 19];

/// Public ranges, the more particular ones first.
const ISSUERS: &[Issuer] = &[
    issuer("visa", "4", "4", &[13, 16, 19]),
    issuer("master", "51", "55", &[16]),
    issuer("master", "2221", "2720", &[16]),
    issuer("american_express", "34", "34", &[15]),
    issuer("american_express", "37", "37", &[15]),
    issuer("discover", "6011", "6011", FROM_16),
    issuer("discover", "644", "659", FROM_16),
    issuer("discover", "622126", "622925", FROM_16),
    issuer("diners_club", "300", "305", FROM_14),
    issuer("diners_club", "36", "36", FROM_14),
    issuer("diners_club", "38", "39", FROM_14),
    issuer("jcb", "3528", "3589", FROM_16),
    issuer("union_pay", "62", "62", FROM_16),
    issuer("mir", "2200", "2204", FROM_16),
    issuer("maestro", "50", "50", FROM_13),
    issuer("maestro", "56", "69", FROM_13),
];

/// The brand of a number of ASCII digits; empty if no issuer has such numbers.
pub(super) fn brand(digits: &str) -> &'static str {
    let found = ISSUERS.iter().find(|issuer| {
        issuer.lengths.contains(&digits.len())
            && digits
                .get(..issuer.first.len())
                .is_some_and(|start| (issuer.first..=issuer.last).contains(&start))
    });
    found.map_or("", |issuer| issuer.brand)
}

/// Whether ASCII digits make up a card number.
pub(super) fn is_card_number(digits: &str) -> bool {
    !brand(digits).is_empty() && luhn(digits)
}

/// ISO/IEC 7812-1, annex B: every second digit from the right counts twice.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit.wrapping_sub(b'0'))) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_told_by_prefix_and_length() {
        for (number, expected) in [
            ("4111111111111111", "visa"),
            ("4222222222222", "visa"),
            ("5500000000000004", "master"),
            ("2223000010309703", "master"),
            ("378282246310005", "american_express"),
            ("6011000990139424", "discover"),
            ("30569309025904", "diners_club"),
            ("3530111333300000", "jcb"),
            ("41111111111111", ""),
            ("1", ""),
            ("", ""),
        ] {
            assert_eq!(brand(number), expected, "{number}");
        }
    }

    #[test]
    fn a_card_number_needs_prefix_length_and_check_digit() {
        assert!(is_card_number("4242424242424242"));
        assert!(!is_card_number("4242424242424241"), "check digit");
        assert!(!is_card_number("424242424242424"), "length");
        assert!(!is_card_number("9999999999999995"), "no issuer");
    }
}
